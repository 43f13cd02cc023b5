"""Masks over time and frequency.

SpecAugment, Park et al. (2019), Interspeech, 2613-2617, without its time warping.
"""

import torch
from torch import Generator, Tensor

from ser_plugins import hookimpl, real_frames


class SpecMask:
    """Zeroes random stretches of frames and of features; after normalisation zero is the mean.

    Args:
        n_time: time masks a clip.
        max_time: longest time mask as a part of the clip, in [0, 1].
        n_freq: frequency masks a clip.
        max_freq: widest frequency mask as a part of the features, in [0, 1].
    """

    domain = "feats"

    def __init__(
        self, n_time: int = 2, max_time: float = 0.15, n_freq: int = 2, max_freq: float = 0.15
    ):
        if not (0 <= max_time <= 1 and 0 <= max_freq <= 1):
            raise ValueError(f"masks are parts in [0, 1] (got {max_time} and {max_freq})")
        self.n_time, self.max_time = n_time, max_time
        self.n_freq, self.max_freq = n_freq, max_freq

    def __call__(self, feats: Tensor, lengths: Tensor, generators: list[Generator]):
        """Return the masked frames `[B, N, F]`, and their lengths."""
        n = 2 * (self.n_time + self.n_freq)
        drawn = torch.stack([torch.rand(n, generator=g) for g in generators]).to(feats.device)
        time, freq = drawn.split([2 * self.n_time, 2 * self.n_freq], 1)
        frames = real_frames(lengths, feats.shape[1])[:, None]
        bands = torch.full_like(frames, feats.shape[2])
        hidden = stretches(time, frames, self.max_time, feats.shape[1])[:, :, None]
        hidden = hidden | stretches(freq, bands, self.max_freq, feats.shape[2])[:, None]
        return feats.masked_fill(hidden, 0.0), lengths


def stretches(drawn: Tensor, sizes: Tensor, widest: float, n: int) -> Tensor:
    """Turn numbers in [0, 1) into stretches.

    Args:
        drawn: `[B, 2 * masks]`, the widths, then the starts.
        sizes: `[B, 1]`, how many entries of a row are real.
        widest: the largest width, as a part of `sizes`.
        n: entries of a row.

    Returns:
        `[B, n]`, true where an entry is masked.
    """
    width, start = drawn.chunk(2, 1)
    width = (width * (widest * sizes + 1)).floor()
    start = (start * (sizes - width + 1)).floor()
    at = torch.arange(n, device=drawn.device)[None, None]
    return ((at >= start[..., None]) & (at < (start + width)[..., None])).any(1)


@hookimpl
def ser_augmentations():
    """Register SpecAugment's masks."""
    return {"spec_mask": SpecMask}
