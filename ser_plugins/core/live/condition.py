"""What is to be said of a sound while it is heard: its level, and whether it can be judged."""

import math

import numpy as np

from ..audio import Wav
from ..recordings import QUIET, TOO_QUIET, WAS_CLIPPED, level, note_of

PATIENCE = 5.0  # seconds without speech, after which that is said
SHORT = 0.1  # seconds of which the level is shown
LISTENING, SPEECH, NO_SPEECH = "listening", "speech", "no speech"
CLIPPING = "clipping"  # now, as against the note of a recording
LOWER = "turn the microphone down, or move away from it"
ADVICE = {
    LISTENING: "speak when you like",
    SPEECH: "",
    NO_SPEECH: "there is sound, but no speech in it",
    TOO_QUIET: "is the microphone muted, or too far away?",
    CLIPPING: LOWER,
    WAS_CLIPPED: LOWER,
}


class Condition:
    """The last second of a sound.

    Args:
        rate: of its samples, in Hz.

    >>> condition = Condition(16000)
    >>> condition.add(np.zeros(16000, np.float32), speaking=False)
    >>> condition.word, condition.level
    ('listening', -inf)
    """

    def __init__(self, rate: int):
        self.rate = rate
        self.last = np.zeros(0, np.float32)
        self.speaking, self.seconds = False, 0.0
        self.without = 0.0  # seconds since there was speech
        self.loudest = -math.inf  # level of a block since then, in dBFS

    def add(self, block: Wav, speaking: bool) -> None:
        """Hear the next samples `[L]`, of which the detector says whether they are speech."""
        self.last = np.concatenate([self.last, block])[-self.rate :]
        self.speaking = speaking
        self.seconds += len(block) / self.rate
        self.without = 0.0 if speaking else self.without + len(block) / self.rate
        self.loudest = -math.inf if speaking else max(self.loudest, level(block))

    @property
    def level(self) -> float:
        """Return the root mean square of the last tenth of a second in dBFS."""
        return level(self.last[-round(SHORT * self.rate) :])

    @property
    def peak(self) -> float:
        """Return the largest magnitude of the last second in dBFS."""
        peak = float(np.abs(self.last).max(initial=0.0))
        return 20 * math.log10(peak) if peak else -math.inf

    @property
    def word(self) -> str:
        """Return what is to be said of it now: a key of `ADVICE`."""
        if note_of(self.last) == WAS_CLIPPED:
            return CLIPPING
        if self.speaking:
            return SPEECH
        if self.without < PATIENCE:
            return LISTENING
        return NO_SPEECH if self.loudest > QUIET else TOO_QUIET
