"""The twin of a trained system that can be traced, from recordings to probabilities."""

import copy

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchaudio.transforms import Spectrogram

from ..bundle import Bundle
from ..errors import OptionError
from ..front_end import FRAME, MARGIN, RMS, FrontEnd
from ..lengths import mask_frames, real_frames


class TracedSystem(nn.Module):
    """From recordings to probabilities, as `Bundle.probabilities`.

    Args:
        bundle: whose parts are exportable; it stays as it is.

    Shape:
        - wavs: `[B, T]`, as they were recorded; lengths: `[B]`, relative
        - output: `[B, C]`, probabilities
    """

    def __init__(self, bundle: Bundle):
        super().__init__()
        self.front_end = TracedFrontEnd(bundle.front_end)
        self.classifier = traceable(bundle.classifier)
        self.temperature: float = bundle.config["temperature"]

    def forward(self, wavs: Tensor, lengths: Tensor) -> Tensor:
        """Return the probabilities."""
        logits = self.classifier(*self.front_end(wavs, lengths))
        return (logits / self.temperature).softmax(1)


class TracedFrontEnd(nn.Module):
    """`FrontEnd` for a batch, in operations whose trace holds for every batch and length.

    Args:
        front_end: what it does; its level is not `loudness`, a filter that steps by sample.

    Shape:
        - wavs: `[B, T]`; lengths: `[B]`, relative
        - output: `[B, T']`, T' the longest that is left, padding zero; and its relative lengths
    """

    def __init__(self, front_end: FrontEnd):
        super().__init__()
        self.level, self.trim_db = front_end.level, front_end.trim_db
        self.size = round(FRAME * front_end.sample_rate)

    def forward(self, wavs: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Return the trimmed and levelled clips."""
        samples = real_frames(lengths, wavs.shape[1])
        wavs = mask_frames(wavs, samples)
        if self.trim_db is not None:
            first, last = self.bounds(wavs, samples, self.trim_db)
            samples = last - first
            steps = torch.arange(wavs.shape[1], device=wavs.device)[: samples.max()]
            at = (steps[None] + first[:, None]).clamp(max=wavs.shape[1] - 1)
            wavs = mask_frames(wavs.gather(1, at), samples)
        return wavs * self.gain(wavs, samples), samples / wavs.shape[1]

    def bounds(self, wavs: Tensor, samples: Tensor, decibels: float) -> tuple[Tensor, Tensor]:
        """Return the first sample that is kept and the last + 1, `[B]` each."""
        padded = F.pad(wavs, (0, self.size))  # one frame at least, were it of padding
        framed = padded[:, : padded.shape[1] // self.size * self.size]
        power = framed.reshape(wavs.shape[0], -1, self.size).square().sum(2)
        whole = (samples // self.size)[:, None]  # what is behind the last whole frame is unheard
        steps = torch.arange(power.shape[1], device=wavs.device)[None]
        real = steps < whole
        threshold = (power * real).amax(1, keepdim=True) * 10 ** (-decibels / 10)
        loud = real & (power >= threshold)
        # Without a whole frame both are 0, and with the margin all of the clip is kept.
        first = torch.where(loud, steps, whole).amin(1)
        last = torch.where(loud, steps, 0).amax(1)
        end = torch.minimum(samples, (last + 1 + MARGIN) * self.size)
        return ((first - MARGIN) * self.size).clamp(min=0), end

    def gain(self, wavs: Tensor, samples: Tensor) -> Tensor:
        """Return what each clip is multiplied by, `[B, 1]`."""
        if self.level == "none":
            return torch.ones_like(wavs[:, :1])
        if self.level == "peak":
            now = wavs.abs().amax(1, keepdim=True)
        else:
            now = (wavs.square().sum(1) / samples).sqrt()[:, None] / RMS
        return torch.where(now > 0, 1 / now, torch.ones_like(now))


class TracedSpectrogram(nn.Module):
    """What torchaudio's `Spectrogram` computes, as a convolution with cosines and sines.

    An FFT of changing length cannot be traced.

    Args:
        original: the module.

    Raises:
        OptionError: for options that this has not.

    Shape:
        - wavs: `[..., T]`
        - output: `[..., 1 + n_fft // 2, N]`
    """

    waves: Tensor

    def __init__(self, original: Spectrogram):
        super().__init__()
        plain = original.power and original.onesided and original.center
        if not plain or original.normalized or original.pad:
            raise OptionError(
                "a Spectrogram can be exported where it has a power and is onesided, centred, not "
                "normalized and not padded"
            )
        self.hop, self.power, self.mode = original.hop_length, original.power, original.pad_mode
        self.size, width = original.n_fft, len(original.window)
        self.left = (self.size - width) // 2  # the window lies in the middle; it alone is heard
        self.right = self.size - width - self.left
        times = torch.arange(self.left, self.left + width, dtype=torch.float64)
        rates = torch.arange(self.size // 2 + 1, dtype=torch.float64)
        angles = 2 * torch.pi / self.size * (rates[:, None] * times % self.size)
        waves = torch.cat([angles.cos(), angles.sin()]) * original.window.double()
        self.register_buffer("waves", waves.float()[:, None])

    def forward(self, wavs: Tensor) -> Tensor:
        """Return the spectrogram."""
        rows = wavs.reshape(-1, 1, wavs.shape[-1])
        rows = F.pad(rows, (self.size // 2, self.size // 2), mode=self.mode)
        rows = rows[..., self.left : rows.shape[-1] - self.right]
        real, imaginary = F.conv1d(rows, self.waves, stride=self.hop).chunk(2, 1)
        found = real.square() + imaginary.square()
        if self.power != 2:
            found = found ** (self.power / 2)
        return found.reshape(*wavs.shape[:-1], *found.shape[1:])


def traceable(module: nn.Module) -> nn.Module:
    """Return a copy in eval mode, on the CPU, whose spectrograms can be traced."""
    twin = copy.deepcopy(module).cpu().eval()
    for parent in list(twin.modules()):
        for name, child in parent.named_children():
            if isinstance(child, Spectrogram):
                setattr(parent, name, TracedSpectrogram(child))
    return twin
