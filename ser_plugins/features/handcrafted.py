"""Zero-crossing rate, RMS energy and MFCCs, frame by frame.

The vector that much work on acted corpora feeds to small networks, with librosa's definitions of
the three: its `zero_crossing_rate`, `rms` and `mfcc`, centred.
"""

import torch
from torch import Tensor, nn

from ser_plugins import hookimpl, make_features, mask_frames, real_frames

TINY = 1e-10  # magnitudes up to here count as zero, which is positive


class Handcrafted(nn.Module):
    """Rate and energy of centred frames, and their cepstral coefficients.

    The rate is the part of a frame's samples whose sign is not that of the sample before, in
    [0, 1]: a tone of f Hz has 2 f / `sample_rate`. Beyond the ends of the clip it hears the first
    and the last sample; the energy, and the coefficients, hear silence.

    Args:
        sample_rate: in Hz.
        n_mfcc: cepstral coefficients, from the 0th; at most `n_mels`.
        n_mels: mel bands.
        window: length of a frame, in samples; even.
        hop: step between frames, in samples.

    Shape:
        - wavs: `[B, T]`; lengths: `[B]`, relative
        - output: `[B, 1 + T // hop, 2 + n_mfcc]` and its relative lengths

    >>> Handcrafted()(torch.zeros(1, 16000), torch.ones(1))[0].shape
    torch.Size([1, 32, 42])
    """

    exportable = True

    def __init__(
        self,
        sample_rate: int = 16000,
        n_mfcc: int = 40,
        n_mels: int = 128,
        window: int = 2048,
        hop: int = 512,
    ):
        super().__init__()
        if window < 2 or window % 2:
            raise ValueError(f"window must be an even number of samples, not {window}")
        cepstrum = {"n_mfcc": n_mfcc, "n_mels": n_mels, "n_fft": window, "win_length": window}
        self.mfcc = make_features("mfcc", sample_rate, hop=hop, **cepstrum)
        self.window, self.hop = window, hop
        self.names = ["zero_crossing_rate", "rms", *self.mfcc.names]
        self.n_features = len(self.names)

    def forward(self, wavs: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Return the frames; padding is zeros."""
        samples = real_frames(lengths, wavs.shape[1])
        cepstra, relative = self.mfcc(wavs, lengths)
        feats = torch.cat([self.rate(wavs, samples), self.energy(wavs, samples), cepstra], 2)
        return mask_frames(feats, 1 + samples // self.hop), relative

    def rate(self, wavs: Tensor, samples: Tensor) -> Tensor:
        """Return the zero-crossing rates `[B, N, 1]`."""
        half = self.window // 2
        steps = torch.arange(-half, wavs.shape[1] + half, device=wavs.device)
        nearest = torch.minimum(steps.clamp(min=0)[None], samples.to(wavs.device)[:, None] - 1)
        negative = wavs.gather(1, nearest) < -TINY
        crossings = negative[:, 1:] != negative[:, :-1]
        framed = crossings.unfold(1, self.window - 1, self.hop)  # a frame's first has none before
        return framed.sum(2, keepdim=True) / self.window

    def energy(self, wavs: Tensor, samples: Tensor) -> Tensor:
        """Return the root mean squares `[B, N, 1]`."""
        padded = nn.functional.pad(mask_frames(wavs, samples), [self.window // 2] * 2)
        return padded.square().unfold(1, self.window, self.hop).mean(2, keepdim=True).sqrt()


@hookimpl
def ser_features():
    """Register the three."""
    return {"handcrafted": Handcrafted}
