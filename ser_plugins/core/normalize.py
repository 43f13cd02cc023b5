"""Shifts and scales features by statistics of the training part, of each clip, or not at all."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from .config import check_mode
from .lengths import mask_frames, real_frames

FLOOR = 1e-5  # of a deviation, and of its ratio to a mean above 1: what varies less is not scaled


class Normalize(nn.Module):
    """Zero mean and unit variance for each feature.

    Statistics are buffers, so that they travel with the weights. (SpeechBrain's global
    `InputNormalization` has an empty state_dict.)

    Args:
        mode: `global` for statistics fitted once on training clips, `clip` for each clip's own
            (cepstral mean and variance normalisation), `none` for none.
        n_features: size of a frame.

    Shape:
        - feats: `[B, N, F]`; lengths: `[B]`, relative
        - output: `[B, N, F]`, padding zero
    """

    mean: Tensor
    std: Tensor

    def __init__(self, mode: str, n_features: int):
        super().__init__()
        check_mode(mode)
        self.mode = mode
        self.register_buffer("mean", torch.zeros(n_features))
        self.register_buffer("std", torch.ones(n_features))

    def fit(self, batches: Iterable[tuple[Tensor, Tensor]]) -> None:
        """Fit the global statistics in one pass over (feats, lengths); other modes skip it."""
        if self.mode != "global":
            return
        count, total = 0, torch.zeros_like(self.mean, dtype=torch.float64)
        squares = torch.zeros_like(total)
        for feats, lengths in batches:
            frames = real_frames(lengths, feats.shape[1])
            feats = mask_frames(feats, frames).double()
            count += int(frames.sum())
            total += feats.sum((0, 1))
            squares += (feats**2).sum((0, 1))
        mean = total / count
        variance = (squares / count - mean**2).clamp(min=0)
        self.mean.copy_(mean)
        self.std.copy_(_safe(variance.sqrt()))

    def forward(self, feats: Tensor, lengths: Tensor) -> Tensor:
        """Return the normalised frames."""
        frames = real_frames(lengths, feats.shape[1])
        if self.mode == "none":
            return mask_frames(feats, frames)
        mean, std = self.mean, self.std
        if self.mode == "clip":
            mean, std = _clip_statistics(feats, frames)
        return mask_frames((feats - mean) / std, frames)


def _clip_statistics(feats: Tensor, frames: Tensor) -> tuple[Tensor, Tensor]:
    count = frames[:, None, None]
    mean = mask_frames(feats, frames).sum(1, keepdim=True) / count
    squares = mask_frames((feats - mean) ** 2, frames).sum(1, keepdim=True) / count
    # What is constant varies by the rounding of its mean.
    return mean, _safe(squares.sqrt(), mean.abs().clamp(min=1))


def _safe(std: Tensor, scale: Tensor | float = 1.0) -> Tensor:
    return torch.where(std < FLOOR * scale, torch.ones_like(std), std)
