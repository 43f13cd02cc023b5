"""Random circular shift in time."""

import torch
from torch import Generator, Tensor

from ser_plugins import hookimpl

from ._clips import each_clip
from ._ranges import Range


class TimeShift:
    """Moves each clip earlier or later; what leaves it at one end comes in at the other.

    Args:
        max_shift: farthest shift either way, in seconds, above 0; 5000 samples at 16 kHz are
            0.3125 s.
        sample_rate: in Hz.
    """

    domain = "wave"

    def __init__(self, max_shift: float = 0.3125, sample_rate: int = 16000):
        farthest = round(max_shift * sample_rate)
        if farthest < 1:
            raise ValueError(f"max_shift must be at least one sample (got {max_shift} s)")
        self.shift = Range("shift", -farthest, farthest)

    def __call__(self, wavs: Tensor, lengths: Tensor, generators: list[Generator]):
        """Return the rotated waveforms `[B, T]`, and their lengths."""
        shifts = self.shift.draw(generators).round().int().tolist()
        return each_clip(torch.roll, wavs, lengths, shifts)


@hookimpl
def ser_augmentations():
    """Register the circular shift."""
    return {"time_shift": TimeShift}
