"""Random speed: pitch, formants and tempo change together, as on a tape.

Ko T, Peddinti V, Povey D, Khudanpur S (2015), Interspeech, 3586-3589.
"""

import soxr
import torch
from torch import Generator, Tensor
from torch.nn.utils.rnn import pad_sequence

from ser_plugins import hookimpl, real_frames


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
        samples = real_frames(lengths, wavs.shape[1]).tolist()
        changed = [
            torch.from_numpy(soxr.resample(wav[:n].numpy(), self.draw(generator), 100))
            for wav, n, generator in zip(wavs.cpu(), samples, generators, strict=True)
        ]
        sizes = torch.tensor([len(wav) for wav in changed]).to(lengths)
        return pad_sequence(changed, batch_first=True).to(wavs), sizes / sizes.max()

    def draw(self, generator: Generator) -> int:
        """Return one of the speeds."""
        return self.percent[int(torch.randint(len(self.percent), (1,), generator=generator))]


@hookimpl
def ser_augmentations():
    """Register speed."""
    return {"speed": Speed}
