"""Pitch, harmonicity, jitter, shimmer, glottal noise and the shape of the spectrum.

The measures of SpeechBrain's `VocalFeatures`, but for its pitch, which of several periods that
fit alike may take the longest (100 Hz for a steady tone of 200) and is told for silence as well.
"""

import math

import torch
from speechbrain.processing import vocal_features as vocal
from torch import Tensor, nn

from ser_plugins import hookimpl, real_frames

from ._pitch import find_periods

VOICED = 0.45  # autocorrelation of a voice, at least: Boersma's, see _pitch
VOICE = ("voiced", "f0_hz", "jitter_db", "shimmer_db", "hnr_db")
SHAPE = ("centroid", "spread", "skew", "kurtosis", "entropy", "flatness", "crest", "flux")


class Prosody(nn.Module):
    """Fourteen measures of each frame.

    Whether there is a voice, 1 or 0; its pitch in Hz, jitter and shimmer, 0 where there is none (so
    its mean pitch is the mean of `f0_hz` over that of `voiced`); in dB, -10 lg of what a voice that
    repeats itself exactly would lack: the more, the purer, up to 30; and the shape of the
    spectrum, whose frequencies are parts of half the sample rate.

    Args:
        sample_rate: in Hz.
        f0_min: lowest pitch looked for, in Hz; four periods of it must fit into 50 ms.
        f0_max: highest, in Hz; below a quarter of the sample rate.
        hop: step between frames of 50 ms, in samples; with `gne` also whole at 10 kHz.
        gne: whether to measure the glottal-to-noise excitation, which takes most of the time.

    Shape:
        - wavs: `[B, T]`; lengths: `[B]`, relative
        - output: `[B, 1 + T // hop, 14]`, 13 without `gne`, and its relative lengths

    >>> Prosody()(torch.zeros(1, 16000), torch.ones(1))[0].shape
    torch.Size([1, 101, 14])
    """

    def __init__(
        self,
        sample_rate: int = 16000,
        f0_min: float = 80.0,
        f0_max: float = 500.0,
        hop: int = 160,
        gne: bool = True,
    ):
        super().__init__()
        if not 80 <= f0_min < f0_max < sample_rate / 4:
            raise ValueError(f"expected 80 <= f0_min < f0_max < {sample_rate / 4:g} Hz")
        whole = sample_rate // math.gcd(sample_rate, 10_000)
        if gne and hop % whole:
            what = f"gne is measured at 10 kHz, where a hop of {hop} ends between two samples"
            raise ValueError(f"{what}: take a multiple of {whole}, or gne: false")
        self.rate, self.hop, self.gne, self.window = sample_rate, hop, gne, sample_rate // 20
        self.periods = int(sample_rate / f0_max), int(sample_rate / f0_min)
        self.names = [*VOICE, *["gne_db"] * gne, *SHAPE]
        self.n_features = len(self.names)

    @torch.no_grad()
    def forward(self, wavs: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Return the frames; padding is zeros."""
        samples = real_frames(lengths, wavs.shape[1])
        feats = wavs.new_zeros(len(wavs), 1 + wavs.shape[1] // self.hop, self.n_features)
        # One by one: a peak or an ill-conditioned filter may turn on the last bit of a sum.
        for row, wav, n in zip(feats, wavs, samples.tolist(), strict=True):
            row[: 1 + n // self.hop] = self.measure(wav[:n])
        return feats, (1 + samples // self.hop) / feats.shape[1]

    def measure(self, wav: Tensor) -> Tensor:
        """Return the frames `[N, F]` of one clip `[L]`."""
        left = self.window // 2
        padded = nn.functional.pad(wav, (left, self.window - left))[None]
        frames = padded.unfold(1, self.window, self.hop)
        periods, whole, harmonicity = find_periods(frames, *self.periods)
        jitter, shimmer = vocal.compute_periodic_features(frames, whole)
        pitch = self.rate / periods
        voice = torch.stack([torch.ones_like(pitch), pitch, decibels(jitter), decibels(shimmer)], 2)
        purity = [1 - harmonicity]
        if self.gne:
            step = (10_000 * self.hop // self.rate + 0.5) / 10_000  # rounded down inside
            gne = vocal.compute_gne(padded, self.rate, frame_len=0.05, hop_len=step)
            purity.append(1 - gne[:, : frames.shape[1]])
        hann = torch.hann_window(self.window, device=wav.device)
        shape = vocal.compute_spectral_features(torch.fft.rfft(frames * hann).abs())
        voice = voice * (harmonicity > VOICED)[..., None]
        return torch.cat([voice, decibels(torch.stack(purity, 2)), shape], 2)[0]


def decibels(x: Tensor) -> Tensor:
    """Return -10 lg x, at most 30."""
    return -10 * x.clamp(min=1e-3).log10()


@hookimpl
def ser_features():
    """Register prosody."""
    return {"prosody": Prosody}
