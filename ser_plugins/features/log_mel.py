"""Log mel spectrogram, in decibels.

Stevens SS, Volkmann J, Newman EB (1937), JASA 8, 185-190, in Slaney's form. Scale and norm are
those of librosa, so that figures compare.
"""

from torch import Tensor, nn
from torchaudio.transforms import AmplitudeToDB, MelSpectrogram

from ser_plugins import Deltas, hookimpl, mask_frames, real_frames

from ._power import PowerSpectrogram


class LogMel(nn.Module):
    """Mel bands of the power of centred frames, in dB re 1.

    Args:
        sample_rate: in Hz.
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
        - output: `[B, 1 + T // hop, (1 + deltas) n_mels]` and its relative lengths

    >>> import torch
    >>> LogMel(n_mels=80)(torch.zeros(1, 16000), torch.ones(1))[0].shape
    torch.Size([1, 101, 80])
    """

    exportable = True

    def __init__(
        self,
        sample_rate: int = 16000,
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
        self.names = self.deltas.names(f"log_mel_{i}" for i in range(n_mels))
        self.n_features = len(self.names)
        self.mel = MelSpectrogram(
            sample_rate, n_fft, win_length, hop, f_min, f_max, n_mels=n_mels,
            norm="slaney", mel_scale="slaney",
        )  # fmt: skip
        self.mel.spectrogram = PowerSpectrogram(n_fft, win_length, hop, pad_mode="constant")
        self.decibels = AmplitudeToDB("power", top_db)

    def forward(self, wavs: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Return the frames; padding is zeros."""
        samples = real_frames(lengths, wavs.shape[1])
        power = self.mel(mask_frames(wavs, samples)[:, None])  # [B, 1, F, N]
        feats = self.decibels(power)[:, 0].transpose(1, 2)  # the channel axis: top_db per clip
        frames = 1 + samples // self.hop
        return self.deltas(feats, frames), frames / feats.shape[1]


@hookimpl
def ser_features():
    """Register log mel."""
    return {"log_mel": LogMel}
