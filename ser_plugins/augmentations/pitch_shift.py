"""Random pitch: a higher or deeper voice at the same tempo."""

import soxr
import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from ser_plugins import hookimpl

from ._clips import each_clip
from ._ranges import Range
from ._vocoder import stretch


class PitchShift:
    """Moves pitch and formants by an interval drawn uniformly; a clip keeps its length.

    A clip is stretched by a phase vocoder, and resampled to the length it had. Pitch is a cue to
    emotion: keep to small intervals.

    Args:
        low_semitones: lowest interval, from -12.
        high_semitones: highest interval; not below `low_semitones`, up to 12.
        sample_rate: in Hz.
    """

    domain = "wave"

    def __init__(
        self, low_semitones: float = -2.0, high_semitones: float = 2.0, sample_rate: int = 16000
    ):
        self.semitones = Range("semitones", low_semitones, high_semitones, -12, 12)
        self.sample_rate = sample_rate

    def __call__(self, wavs: Tensor, lengths: Tensor, generators: list[Generator]):
        """Return the higher and deeper waveforms `[B, T]`, and their lengths."""
        return each_clip(self.change, wavs, lengths, self.semitones.draw(generators).tolist())

    def change(self, wav: Tensor, semitones: float) -> Tensor:
        """Return one clip at another pitch."""
        ratio = 2 ** (semitones / 12)
        long = stretch(wav, 1 / ratio, self.sample_rate)
        changed = torch.from_numpy(soxr.resample(long.numpy(), ratio, 1.0))
        return F.pad(changed, (0, len(wav) - len(changed)))


@hookimpl
def ser_augmentations():
    """Register pitch shifting."""
    return {"pitch_shift": PitchShift}
