"""Random tempo: slower or faster speech at the same pitch."""

from torch import Generator, Tensor

from ser_plugins import hookimpl

from ._clips import each_clip
from ._ranges import Range
from ._vocoder import stretch


class TimeStretch:
    """Plays each clip at a tempo drawn uniformly, by a phase vocoder; pitch and formants stay.

    Args:
        low_factor: slowest tempo, as a part of the clip's own; from 0.5.
        high_factor: fastest tempo; not below `low_factor`, up to 2. Above 1 a clip gets shorter.
        sample_rate: in Hz.
    """

    domain = "wave"

    def __init__(
        self, low_factor: float = 0.8, high_factor: float = 1.25, sample_rate: int = 16000
    ):
        self.factor = Range("factor", low_factor, high_factor, 0.5, 2.0)
        self.sample_rate = sample_rate

    def __call__(self, wavs: Tensor, lengths: Tensor, generators: list[Generator]):
        """Return the slower and faster waveforms `[B, T']`, and their lengths."""
        return each_clip(self.change, wavs, lengths, self.factor.draw(generators).tolist())

    def change(self, wav: Tensor, factor: float) -> Tensor:
        """Return one clip at another tempo."""
        return stretch(wav, factor, self.sample_rate)


@hookimpl
def ser_augmentations():
    """Register time stretching."""
    return {"time_stretch": TimeStretch}
