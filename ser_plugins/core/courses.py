"""What was heard in a long recording, window by window, kept small enough to be drawn."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from .audio import Wav
from .prediction import Prediction
from .recordings import Recording

EXTREMES = 2000  # columns of the waveform
FINEST = 100  # columns of the waveform a second


class Envelope:
    """The extremes of a recording, a hundred pairs a second: 6 MB in two hours.

    Args:
        sample_rate: in Hz.
    """

    def __init__(self, sample_rate: int):
        self.sample_rate, self.few = sample_rate, sample_rate // FINEST
        self.heard = 0
        self.rest = np.zeros(0, np.float32)
        self.low: list[Wav] = []
        self.high: list[Wav] = []

    def add(self, window: Recording) -> None:
        """Hear what of a window has not been heard before."""
        known = self.heard - round(window.start * self.sample_rate)
        self.heard += len(window.wav) - known
        wav = np.concatenate([self.rest, window.wav[known:]])
        whole = len(wav) // self.few * self.few
        columns = wav[:whole].reshape(-1, self.few)
        self.low.append(columns.min(1))
        self.high.append(columns.max(1))
        self.rest = wav[whole:]

    def columns(self) -> tuple[Wav, Wav, Wav]:
        """Return times in seconds and extremes, as few as can be seen."""
        low, high = np.concatenate(self.low), np.concatenate(self.high)
        few = -(-len(low) // EXTREMES)
        starts = np.arange(0, len(low), few)
        step = few * self.few / self.sample_rate
        times = (np.arange(len(starts)) + 0.5) * step
        return times, np.minimum.reduceat(low, starts), np.maximum.reduceat(high, starts)


@dataclass
class Course:
    """What was heard in a recording, window by window.

    Args:
        labels: the emotions, in their order.
        envelope: of its waveform.
    """

    labels: Sequence[str]
    envelope: Envelope
    middles: list[float] = field(default_factory=list)
    scores: list[Wav] = field(default_factory=list)
    decisions: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, answer: Prediction) -> None:
        """Remember one window."""
        self.middles.append((answer.start + answer.stop) / 2)
        self.scores.append(np.array([answer.scores[label] for label in self.labels], np.float32))
        self.decisions.append(answer.label)
        self.notes.append(answer.note)
        self.seconds = answer.stop
