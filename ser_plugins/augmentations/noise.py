"""White noise at a random signal-to-noise ratio."""

import torch
from torch import Generator, Tensor

from ser_plugins import hookimpl, mask_frames, real_frames


class Noise:
    """Adds Gaussian noise at a ratio drawn uniformly in decibels.

    The ratio is that of the mean powers of the clip and of the noise; a silent clip stays silent.

    Args:
        low_db: smallest signal-to-noise ratio.
        high_db: largest ratio; not below `low_db`.
    """

    domain = "wave"

    def __init__(self, low_db: float = 10.0, high_db: float = 30.0):
        if low_db > high_db:
            raise ValueError(f"low_db must not exceed high_db (got {low_db} and {high_db})")
        self.low_db, self.high_db = low_db, high_db

    def __call__(self, wavs: Tensor, lengths: Tensor, generators: list[Generator]):
        """Return the noisy waveforms `[B, T]`, and their lengths."""
        samples = real_frames(lengths, wavs.shape[1])
        db = torch.cat([torch.rand(1, generator=g) for g in generators])
        db = self.low_db + (self.high_db - self.low_db) * db
        # Drawn sample by sample of the clip, so that padding changes nothing.
        noise = torch.zeros(wavs.shape)
        for row, n, generator in zip(noise, samples.tolist(), generators, strict=True):
            row[:n] = torch.randn(n, generator=generator)
        noise = noise.to(wavs)
        wavs = mask_frames(wavs, samples)
        power = (wavs**2).sum(1) / (noise**2).sum(1).clamp(min=1e-12)
        scale = (power * (10 ** (-db / 10)).to(wavs)).sqrt()
        return wavs + scale[:, None] * noise, lengths


@hookimpl
def ser_augmentations():
    """Register noise."""
    return {"noise": Noise}
