"""Random speed: pitch, formants and tempo change together, as on a tape.

Ko T, Peddinti V, Povey D, Khudanpur S (2015), Interspeech, 3586-3589.
"""

import soxr
import torch
from torch import Generator, Tensor

from ser_plugins import hookimpl

from ._clips import each_clip


class Speed:
    """Plays each clip at one of several speeds, each as likely.

    Args:
        percent: the speeds in per cent; whole numbers, 50 to 200.
    """

    domain = "wave"

    def __init__(self, percent: tuple[int, ...] = (90, 100, 110)):
        if not percent or not all(isinstance(p, int) and 50 <= p <= 200 for p in percent):
            raise ValueError(f"percent must hold whole numbers from 50 to 200 (got {percent})")
        self.percent = list(percent)

    def __call__(self, wavs: Tensor, lengths: Tensor, generators: list[Generator]):
        """Return the faster and slower waveforms `[B, T']`, and their lengths."""
        return each_clip(resample, wavs, lengths, [self.draw(g) for g in generators])

    def draw(self, generator: Generator) -> int:
        """Return one of the speeds."""
        return self.percent[int(torch.randint(len(self.percent), (1,), generator=generator))]


def resample(wav: Tensor, percent: int) -> Tensor:
    """Return a clip `[L]` played at a speed in per cent."""
    return torch.from_numpy(soxr.resample(wav.numpy(), percent, 100))


@hookimpl
def ser_augmentations():
    """Register speed."""
    return {"speed": Speed}
