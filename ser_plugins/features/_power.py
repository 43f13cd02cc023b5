"""The power spectrogram that mel bands are summed from."""

import torch
from torch import Tensor
from torchaudio.functional import spectrogram
from torchaudio.transforms import Spectrogram


class PowerSpectrogram(Spectrogram):
    """torchaudio's with a power of 2, in half the time.

    Real and imaginary parts are squared and added; torchaudio takes the root of that, which costs
    as much as the transform, and squares it again.

    Shape:
        - waveform: `[..., T]`
        - output: `[..., 1 + n_fft // 2, N]`
    """

    def forward(self, waveform: Tensor) -> Tensor:
        """Return the power of each frequency in each frame."""
        complex_numbers = spectrogram(
            waveform, self.pad, self.window, self.n_fft, self.hop_length, self.win_length, None,
            self.normalized, self.center, self.pad_mode, self.onesided,
        )  # fmt: skip
        parts = torch.view_as_real(complex_numbers)
        return parts[..., 0].square() + parts[..., 1].square()
