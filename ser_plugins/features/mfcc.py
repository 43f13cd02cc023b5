"""Mel-frequency cepstral coefficients.

Davis S, Mermelstein P (1980), IEEE Trans. ASSP 28(4), 357-366. Scales and norms are those of
librosa (Slaney's mel scale and area norm, orthonormal DCT-II), so that figures compare.
"""

from torch import Tensor, nn
from torchaudio.transforms import MFCC

from ser_plugins import Deltas, hookimpl, mask_frames, real_frames

from ._power import PowerSpectrogram


class Mfcc(nn.Module):
    """Cepstral coefficients of centred frames.

    Args:
        sample_rate: in Hz.
        n_mfcc: coefficients kept, from the 0th; at most `n_mels`.
        n_mels: mel bands.
        n_fft: size of the transform, in samples.
        win_length: length of the Hann window, in samples; at most `n_fft`.
        hop: step between frames, in samples.
        f_min: lower edge of the lowest band, in Hz.
        f_max: upper edge of the highest band, in Hz; None for half the sample rate.
        top_db: dynamic range kept below the loudest band of each clip, in dB.
        deltas: 1 appends the first derivative of each over time, 2 the second as well; 0 none.

    Shape:
        - wavs: `[B, T]`; lengths: `[B]`, relative
        - output: `[B, 1 + T // hop, (1 + deltas) n_mfcc]` and its relative lengths

    >>> import torch
    >>> Mfcc()(torch.zeros(1, 16000), torch.ones(1))[0].shape
    torch.Size([1, 101, 40])
    """

    exportable = True

    def __init__(
        self,
        sample_rate: int = 16000,
        n_mfcc: int = 40,
        n_mels: int = 64,
        n_fft: int = 512,
        win_length: int = 400,
        hop: int = 160,
        f_min: float = 0.0,
        f_max: float | None = None,
        top_db: float = 80.0,
        deltas: int = 0,
    ):
        super().__init__()
        self.hop, self.deltas = hop, Deltas(deltas)
        self.names = self.deltas.names(f"mfcc_{i}" for i in range(n_mfcc))
        self.n_features = len(self.names)
        mel = {
            "n_fft": n_fft, "win_length": win_length, "hop_length": hop, "n_mels": n_mels,
            "f_min": f_min, "f_max": f_max, "norm": "slaney", "mel_scale": "slaney",
        }  # fmt: skip
        self.mfcc = MFCC(sample_rate, n_mfcc, melkwargs=mel)
        self.mfcc.MelSpectrogram.spectrogram = PowerSpectrogram(
            n_fft, win_length, hop, pad_mode="constant"
        )
        self.mfcc.amplitude_to_DB.top_db = top_db

    def forward(self, wavs: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Return the frames; padding is zeros."""
        samples = real_frames(lengths, wavs.shape[1])
        # A channel axis, or torchaudio takes the top_db floor from the loudest clip of the batch.
        feats = self.mfcc(mask_frames(wavs, samples)[:, None])[:, 0].transpose(1, 2)
        frames = 1 + samples // self.hop
        return self.deltas(feats, frames), frames / feats.shape[1]


@hookimpl
def ser_features():
    """Register MFCC."""
    return {"mfcc": Mfcc}
