"""The 88 functionals of eGeMAPSv02, one vector a clip, computed by openSMILE.

Eyben F et al. (2016), IEEE Trans. Affective Computing 7(2), 190-202. openSMILE, by audEERING, is
free for research and personal use only: what is made with it must not be sold without a licence
of theirs. It computes on the CPU, wherever the model is.
"""

import torch
from torch import Tensor, nn

from ser_plugins import hookimpl, need, real_frames

LEAST = 0.06  # seconds, below which openSMILE has no frame; a shorter clip gets silence behind it


class Egemaps(nn.Module):
    """Means, deviations, percentiles and slopes of pitch, loudness, formants and voice quality.

    Args:
        sample_rate: in Hz.

    Shape:
        - wavs: `[B, T]`; lengths: `[B]`, relative
        - output: `[B, 1, 88]` and ones

    Raises:
        ValueError: without openSMILE.

    >>> Egemaps()(torch.zeros(1, 16000), torch.ones(1))[0].shape
    torch.Size([1, 1, 88])
    """

    def __init__(self, sample_rate: int = 16000):
        super().__init__()
        need("opensmile", "egemaps", "egemaps, free for research only,")
        import opensmile

        level = opensmile.FeatureLevel.Functionals
        self.smile = opensmile.Smile(opensmile.FeatureSet.eGeMAPSv02, level)
        self.sample_rate, self.hop = sample_rate, 0
        self.names = list(self.smile.feature_names)
        self.n_features = len(self.names)

    @torch.no_grad()
    def forward(self, wavs: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Return one vector a clip."""
        rows = zip(wavs.cpu(), real_frames(lengths, wavs.shape[1]).tolist(), strict=True)
        feats = torch.stack([self.functionals(wav[:samples]) for wav, samples in rows])
        return feats[:, None].to(wavs), torch.ones_like(lengths)

    def functionals(self, wav: Tensor) -> Tensor:
        """Return the vector of one clip `[L]`."""
        missing = max(0, round(LEAST * self.sample_rate) - len(wav))
        wav = nn.functional.pad(wav, (0, missing))
        return torch.from_numpy(self.smile(wav.numpy(), self.sample_rate).reshape(-1))


@hookimpl
def ser_features():
    """Register eGeMAPS."""
    return {"egemaps": Egemaps}
