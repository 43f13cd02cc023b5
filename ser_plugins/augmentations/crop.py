"""Random crop of frames."""

import torch
from torch import Generator, Tensor
from torch.nn.utils.rnn import pad_sequence

from ser_plugins import hookimpl, real_frames


class Crop:
    """Keeps one stretch of each clip, any as likely; a clip that is shorter stays whole.

    Args:
        frames: the longest that a clip may be; at least 1.
    """

    domain = "feats"

    def __init__(self, frames: int = 64):
        if isinstance(frames, bool) or not isinstance(frames, int) or frames < 1:
            raise ValueError(f"frames must be a whole number from 1 up (got {frames!r})")
        self.frames = frames

    def __call__(self, feats: Tensor, lengths: Tensor, generators: list[Generator]):
        """Return the stretches `[B, N', F]`, and their lengths."""
        sizes = real_frames(lengths, feats.shape[1]).tolist()
        starts = [
            int(torch.randint(max(n - self.frames, 0) + 1, (1,), generator=generator))
            for n, generator in zip(sizes, generators, strict=True)
        ]
        kept = [
            row[start : min(start + self.frames, n)]
            for row, start, n in zip(feats, starts, sizes, strict=True)
        ]
        sizes = torch.tensor([len(row) for row in kept]).to(lengths)
        return pad_sequence(kept, batch_first=True), sizes / sizes.max()


@hookimpl
def ser_augmentations():
    """Register the crop."""
    return {"crop": Crop}
