"""Random rooms: the sound followed by a tail that dies away exponentially.

The tail is Gaussian white noise under a decay of 60 dB in RT60, exp(-3 ln(10) t / RT60): Ratnam R
et al. (2003), Journal of the Acoustical Society of America 114, 2877-2892, after Polack.
"""

import math

import torch
from torch import Generator, Tensor

from ser_plugins import hookimpl

from ._clips import each_clip
from ._ranges import Range


class Reverb:
    """Places each clip in a room drawn at random; the direct sound stays where and as it is.

    Args:
        low_rt60: shortest time in which the tail falls by 60 dB, in seconds; from 0.01.
        high_rt60: longest time; not below `low_rt60`, up to 10.
        low_drr: smallest ratio of the energies of the direct sound and of the tail, in dB.
        high_drr: largest ratio; not below `low_drr`.
        sample_rate: in Hz.
    """

    domain = "wave"

    def __init__(
        self,
        low_rt60: float = 0.2,
        high_rt60: float = 0.6,
        low_drr: float = 0.0,
        high_drr: float = 15.0,
        sample_rate: int = 16000,
    ):
        self.rt60 = Range("rt60", low_rt60, high_rt60, 0.01, 10.0)
        self.drr = Range("drr", low_drr, high_drr)
        self.sample_rate = sample_rate
        from scipy.signal import fftconvolve  # half a second to load: only where it is needed

        self.convolve = fftconvolve

    def __call__(self, wavs: Tensor, lengths: Tensor, generators: list[Generator]):
        """Return the reverberant waveforms `[B, T]`, cut where the clips end, and lengths."""
        rt60, drr = self.rt60.draw(generators).tolist(), self.drr.draw(generators).tolist()
        return each_clip(self.change, wavs, lengths, rt60, drr, generators)

    def change(self, wav: Tensor, rt60: float, drr: float, generator: Generator) -> Tensor:
        """Return one clip in a room."""
        response = self.response(rt60, drr, generator)[: len(wav)]
        return torch.from_numpy(self.convolve(wav.numpy(), response.numpy())[: len(wav)])

    def response(self, rt60: float, drr: float, generator: Generator) -> Tensor:
        """Return how a room answers an impulse, down to -60 dB."""
        n = math.ceil(rt60 * self.sample_rate)
        tail = torch.randn(n, generator=generator)
        tail *= torch.exp(-3 * math.log(10) / n * torch.arange(1, n + 1))
        tail *= 10 ** (-drr / 20) / tail.norm()
        return torch.cat([torch.ones(1), tail])


@hookimpl
def ser_augmentations():
    """Register reverberation."""
    return {"reverb": Reverb}
