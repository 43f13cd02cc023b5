"""Random gain."""

import torch
from torch import Generator, Tensor

from ser_plugins import hookimpl


class Gain:
    """Multiplies each waveform by a gain drawn uniformly in decibels.

    Args:
        low_db: smallest gain.
        high_db: largest gain; not below `low_db`.
    """

    domain = "wave"

    def __init__(self, low_db: float = -12.0, high_db: float = 6.0):
        if low_db > high_db:
            raise ValueError(f"low_db must not exceed high_db (got {low_db} and {high_db})")
        self.low_db, self.high_db = low_db, high_db

    def __call__(self, wavs: Tensor, lengths: Tensor, generators: list[Generator]):
        """Return the louder or softer waveforms `[B, T]`, and their lengths."""
        drawn = torch.cat([torch.rand(1, generator=g) for g in generators])
        db = self.low_db + (self.high_db - self.low_db) * drawn
        return wavs * (10 ** (db / 20)).to(wavs)[:, None], lengths


@hookimpl
def ser_augmentations():
    """Register gain."""
    return {"gain": Gain}
