"""Random gain."""

from torch import Generator, Tensor

from ser_plugins import hookimpl

from ._ranges import Range


class Gain:
    """Multiplies each waveform by a gain drawn uniformly in decibels.

    Args:
        low_db: smallest gain.
        high_db: largest gain; not below `low_db`.
    """

    domain = "wave"

    def __init__(self, low_db: float = -12.0, high_db: float = 6.0):
        self.db = Range("db", low_db, high_db)

    def __call__(self, wavs: Tensor, lengths: Tensor, generators: list[Generator]):
        """Return the louder or softer waveforms `[B, T]`, and their lengths."""
        gain = 10 ** (self.db.draw(generators) / 20)
        return wavs * gain.to(wavs)[:, None], lengths


@hookimpl
def ser_augmentations():
    """Register gain."""
    return {"gain": Gain}
