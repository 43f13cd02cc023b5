"""Stretches sound in time and leaves its pitch, by a phase vocoder.

Flanagan JL, Golden RM (1966), Bell System Technical Journal 45, 1493-1509.
"""

import math

import torch
from torch import Tensor
from torchaudio.functional import phase_vocoder

SECONDS = 0.064  # of a window: as short as still tells the partials of a deep voice apart


def stretch(wav: Tensor, factor: float, sample_rate: int) -> Tensor:
    """Return a waveform played `factor` times as fast, `[round(L / factor)]`.

    Args:
        wav: `[L]`, float32.
        factor: above 1 for faster and shorter.
        sample_rate: in Hz.
    """
    n_fft = 2 ** round(math.log2(SECONDS * sample_rate))
    hop = n_fft // 4
    window = torch.hann_window(n_fft)
    spectrum = torch.stft(wav, n_fft, hop, window=window, pad_mode="constant", return_complex=True)
    # How many whole turns a bin makes between frames changes nothing, as the hop stays.
    advance = torch.zeros(n_fft // 2 + 1, 1)
    spectrum = phase_vocoder(spectrum, factor, advance)
    size = max(1, round(len(wav) / factor))
    return torch.istft(spectrum, n_fft, hop, window=window, length=size)
