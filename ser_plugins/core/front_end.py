"""Trims silence and sets the level of a clip, the same from training to microphone."""

from dataclasses import dataclass

import numpy as np

from .audio import Wav
from .errors import OptionError
from .loudness import LOWEST_RATE, integrated_loudness

FRAME = 0.010  # seconds
MARGIN = 8  # frames kept before the first loud one and after the last
RMS = 0.1  # level of `rms`: -20 dB re full scale
LUFS = -23.0  # level of `loudness`
LEVELS = ("none", "peak", "rms", "loudness")


@dataclass(frozen=True)
class FrontEnd:
    """What is done to the samples of a clip before anything else.

    Args:
        sample_rate: in Hz.
        trim_db: frames of 10 ms at both ends that are quieter than the loudest one by more
            than this are cut, but for a margin of 80 ms; None keeps all.
        level: `peak` scales to a largest magnitude of 1, `rms` to a root mean square of 0.1
            (-20 dBFS), `loudness` to an integrated loudness of -23 LUFS (EBU R 128), `none`
            leaves the level. Digital silence stays silence, and what has no loudness, as a
            hum of 1 Hz, stays as it is.

    >>> wav = np.concatenate([np.zeros(16000), np.full(1600, 0.5)]).astype(np.float32)
    >>> cut = FrontEnd(16000, trim_db=35, level="peak")(wav)
    >>> len(cut), float(cut.max())
    (2880, 1.0)
    """

    sample_rate: int
    trim_db: float | None
    level: str

    def __post_init__(self) -> None:
        if self.level not in LEVELS:
            raise OptionError(f"level must be one of {', '.join(LEVELS)}, not {self.level!r}")
        if self.level == "loudness" and self.sample_rate < LOWEST_RATE:
            raise OptionError(
                f"level loudness needs a sample_rate of {LOWEST_RATE} Hz or more, not "
                f"{self.sample_rate}; take peak or rms"
            )
        if self.trim_db is not None and not self.trim_db > 0:
            raise OptionError(f"trim_db must be above 0 dB, or null, not {self.trim_db!r}")

    def __call__(self, wav: Wav) -> Wav:
        """Return the trimmed and levelled clip, `[L]` to `[L']`, at least one sample."""
        return self.apply(wav, *self.measure(wav))

    def measure(self, wav: Wav) -> tuple[int, int, float]:
        """Return first sample, last sample + 1, and gain, so that they are found but once."""
        first, last = self._bounds(wav)
        return first, last, self._gain(wav[first:last])

    def apply(self, wav: Wav, first: int, last: int, gain: float) -> Wav:
        """Return the clip that `measure` described."""
        return wav[first:last] * np.float32(gain)

    def _bounds(self, wav: Wav) -> tuple[int, int]:
        size = round(FRAME * self.sample_rate)
        if self.trim_db is None or len(wav) < size:
            return 0, len(wav)
        whole = wav[: len(wav) // size * size].reshape(-1, size)
        power = np.einsum("ij,ij->i", whole, whole)
        loud = np.flatnonzero(power >= power.max() * 10 ** (-self.trim_db / 10))
        last = (loud[-1] + 1 + MARGIN) * size
        return max(0, (loud[0] - MARGIN) * size), min(len(wav), last)

    def _gain(self, wav: Wav) -> float:
        if self.level == "none":
            return 1.0
        if self.level == "loudness":
            return self._gain_to_loudness(wav)
        now = np.abs(wav).max() if self.level == "peak" else np.sqrt(np.mean(wav**2)) / RMS
        return float(1 / now) if now > 0 else 1.0

    def _gain_to_loudness(self, wav: Wav) -> float:
        power = np.mean(np.square(wav, dtype=np.float64))
        if not power:
            return 1.0
        # Measured about where it is going to be, so that the gate of -70 LUFS is met there:
        # the same whatever the recording was.
        near = 10 ** (LUFS / 20) / np.sqrt(power)
        found = integrated_loudness(near * wav, self.sample_rate)
        return float(near * 10 ** ((LUFS - found) / 20)) if np.isfinite(found) else 1.0
