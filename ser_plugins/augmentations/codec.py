"""Telephone: a narrow band, coded in eight bits a sample.

ITU-T Recommendation G.711 (1988): 8 kHz, mu-law; here the smooth law (mu = 255) in place of the
segments by which G.711 approaches it. The band of telephony is 300 to 3400 Hz.
"""

import soxr
import torch
from torch import Generator, Tensor
from torch.nn import functional as F
from torchaudio.functional import mu_law_decoding, mu_law_encoding

from ser_plugins import hookimpl

from ._clips import each_clip
from ._ranges import Range

RATE = 8000
BAND = (300, 3400)
TAPS = 201
LEVELS = 256


class Codec:
    """Sends each clip over a telephone line that it enters at a peak level drawn uniformly.

    The clip comes back as loud as it was; the quieter it was on the line, the coarser it is.

    Args:
        low_db: lowest peak, in dB below full scale; from -60.
        high_db: highest peak; not below `low_db`, up to 0.
        sample_rate: in Hz.
    """

    domain = "wave"

    def __init__(self, low_db: float = -30.0, high_db: float = 0.0, sample_rate: int = 16000):
        self.db = Range("db", low_db, high_db, -60, 0)
        self.sample_rate = sample_rate
        from scipy.signal import fftconvolve, firwin  # half a second to load: only here

        self.convolve = fftconvolve
        self.band = firwin(TAPS, BAND, pass_zero=False, fs=RATE).astype("float32")

    def __call__(self, wavs: Tensor, lengths: Tensor, generators: list[Generator]):
        """Return the waveforms as they were heard at the other end, and their lengths."""
        return each_clip(self.change, wavs, lengths, self.db.draw(generators).tolist())

    def change(self, wav: Tensor, db: float) -> Tensor:
        """Return one clip as it was heard."""
        narrow = soxr.resample(wav.numpy(), self.sample_rate, RATE)
        # One sample more, as a clip of one sample may have none at 8 kHz.
        narrow = F.pad(torch.from_numpy(narrow), (0, 1)).numpy()
        narrow = torch.from_numpy(self.convolve(narrow, self.band, "same"))
        full_scale = (narrow.abs().amax() / 10 ** (db / 20)).clamp(min=1e-12)
        coded = mu_law_encoding(narrow / full_scale, LEVELS)
        heard = full_scale * mu_law_decoding(coded, LEVELS)
        wide = torch.from_numpy(soxr.resample(heard.numpy(), RATE, self.sample_rate))
        return F.pad(wide, (0, len(wav) - len(wide)))


@hookimpl
def ser_augmentations():
    """Register the telephone."""
    return {"codec": Codec}
