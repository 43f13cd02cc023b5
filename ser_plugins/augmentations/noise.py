"""Noise, white or from files, at a random signal-to-noise ratio or a random part of the peak."""

from pathlib import Path

import torch
from torch import Generator, Tensor

from ser_plugins import hookimpl, mask_frames, real_frames

from ._noise_files import NoiseFiles
from ._ranges import Range


class Noise:
    """Adds Gaussian noise, or stretches of files, at a level drawn uniformly.

    The ratio is that of the mean powers of the clip and of the noise; a silent clip stays silent.

    Args:
        low_db: smallest signal-to-noise ratio.
        high_db: largest ratio; not below `low_db`.
        max_peak: instead of a ratio, the largest RMS of the noise as a part of the clip's
            peak, in (0, 1]; the RMS is drawn between 0 and that.
        folder: of noise, searched with what lies under it for .wav and .flac; each clip gets
            a random stretch of a random file, over and over where it is too short. White without.
        sample_rate: in Hz.
    """

    domain = "wave"

    def __init__(
        self,
        low_db: float = 10.0,
        high_db: float = 30.0,
        max_peak: float | None = None,
        folder: str | None = None,
        sample_rate: int = 16000,
    ):
        if max_peak is not None and not 0 < max_peak <= 1:
            raise ValueError(f"max_peak must be above 0 and at most 1 (got {max_peak})")
        self.db = Range("db", low_db, high_db)
        self.peak = None if max_peak is None else Range("peak", 0, max_peak)
        self.draw = white
        self.folders = () if folder is None else (folder,)
        if folder is not None:
            self.draw = NoiseFiles(Path(folder).expanduser(), sample_rate).draw

    def __call__(self, wavs: Tensor, lengths: Tensor, generators: list[Generator]):
        """Return the noisy waveforms `[B, T]`, and their lengths."""
        samples = real_frames(lengths, wavs.shape[1])
        drawn = (self.peak or self.db).draw(generators).to(wavs)
        # Drawn sample by sample of the clip, so that padding changes nothing.
        noise = torch.zeros(wavs.shape)
        for row, n, generator in zip(noise, samples.tolist(), generators, strict=True):
            row[:n] = self.draw(n, generator)
        noise = noise.to(wavs)
        wavs = mask_frames(wavs, samples)
        power = (wavs**2).sum(1) * 10 ** (-drawn / 10)
        if self.peak:
            power = samples.to(wavs) * (drawn * wavs.abs().amax(1)) ** 2
        scale = (power / (noise**2).sum(1).clamp(min=1e-12)).sqrt()
        return wavs + scale[:, None] * noise, lengths


def white(n: int, generator: Generator) -> Tensor:
    """Return `n` samples of white noise."""
    return torch.randn(n, generator=generator)


@hookimpl
def ser_augmentations():
    """Register noise."""
    return {"noise": Noise}
