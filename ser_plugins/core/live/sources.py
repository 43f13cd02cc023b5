"""Where sound comes from block by block: a microphone, or a file that is played in its place."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import numpy as np
import soundfile

from ..audio import Wav, locate, opened
from ..errors import OptionError
from ..windows import blocks
from ..writing import whole


class Source(Protocol):
    """A stream of mono samples; a context that is open while it is heard."""

    name: str
    rate: int  # Hz
    overruns: int  # how often samples were lost

    @property
    def behind(self) -> float:
        """Return the seconds that have come and were not taken."""

    def __enter__(self) -> "Source":
        """Open it."""

    def __exit__(self, *_: object) -> None:
        """Close it."""

    def blocks(self) -> Iterator[Wav]:
        """Yield `[L]` float32 with full scale 1, in real time where it is a microphone."""


class Playback:
    """A sound file as a stream, as fast as it is heard.

    Args:
        path: any format that libsndfile reads.

    Raises:
        CorpusError: for a file that cannot be read.
    """

    overruns = 0
    behind = 0.0

    def __init__(self, path: Path):
        with opened(locate(path)) as file:
            self.rate = file.samplerate
        self.path, self.name = path, path.name

    def __enter__(self) -> "Playback":
        return self

    def __exit__(self, *_: object) -> None:
        """Do nothing: what is read is closed at its end."""

    def blocks(self) -> Iterator[Wav]:
        """Yield the samples second by second, channels averaged."""
        return (wav for wav, _ in blocks(self.path, self.rate))


def record(sound: Iterator[Wav], rate: int, seconds: float) -> Iterator[Wav]:
    """Yield blocks that last so long in all.

    Args:
        sound: blocks `[L]`.
        rate: of the samples, in Hz.
        seconds: the duration; a stream that ends earlier is shorter.
    """
    missing = round(seconds * rate)
    for block in sound:
        yield block[:missing]
        missing -= len(block)
        if missing <= 0:
            return


def without_start(wav: Wav) -> Wav:
    """Leave out the zeros that a device gives before it wakes up, unless there is nothing else.

    For microphones alone: those that a file begins with are its own, and trimming counts its
    frames from the first sample.

    >>> without_start(np.float32([0, 0, 0.5, 0])).tolist()
    [0.5, 0.0]
    """
    heard = np.flatnonzero(wav)
    return wav[heard[0] :] if len(heard) else wav


def save(path: Path, wav: Wav, rate: int) -> None:
    """Write what was recorded as a WAV file of floats, whole or not at all.

    Raises:
        OptionError: if it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole(path) as unfinished:
            soundfile.write(unfinished, wav, rate, "FLOAT", format="WAV")
    except (OSError, soundfile.LibsndfileError) as error:
        raise OptionError(f"{path} cannot be written: {error}") from None
