"""From blocks of sound to decisions: while somebody speaks, and when they pause."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import soxr

from ..audio import Wav
from ..inference import EmotionClassifier
from ..prediction import Prediction
from ..recordings import hear
from .condition import Condition
from .speech import RATE, Segmenter, Stretch

WEIGHT = 0.5  # of what is new in a running decision


class Decision(NamedTuple):
    """What is heard in a stretch of speech.

    Args:
        prediction: of the whole stretch once it has ended; before, its scores are the mean of
            what is heard in the stretch so far and of the last running decision.
        ended: whether the stretch has ended.
    """

    prediction: Prediction
    ended: bool


class Memory:
    """The samples of a stream from some place on, found by their position."""

    def __init__(self) -> None:
        self.blocks: deque[Wav] = deque()
        self.first = self.last = 0  # position of the first sample, and after the last

    def add(self, block: Wav) -> None:
        """Keep the next samples `[L]`."""
        self.blocks.append(block)
        self.last += len(block)

    def cut(self, first: int, last: int) -> Wav:
        """Return the samples between two positions."""
        return np.concatenate([*self.blocks, np.zeros(0, np.float32)])[
            first - self.first : last - self.first
        ]

    def forget(self, before: int) -> None:
        """Drop the blocks that end before a position."""
        while self.blocks and self.first + len(self.blocks[0]) <= before:
            self.first += len(self.blocks.popleft())


class Listener:
    """Hears a stream and decides.

    Speech is looked for at 16 kHz, resampled in one stream; a stretch of it is cut from the
    samples as they came, and heard as a file that holds them.

    Args:
        classifier: the trained system.
        rate: of the samples, in Hz.
        segmenter: what cuts speech out.
        name: what is heard, for its predictions.
    """

    def __init__(
        self, classifier: EmotionClassifier, rate: int, segmenter: Segmenter, name: str = "array"
    ):
        self.classifier, self.rate, self.segmenter, self.name = classifier, rate, segmenter, name
        self.stream = None if rate == RATE else soxr.ResampleStream(rate, RATE, 1, dtype="float32")
        self.memory, self.condition = Memory(), Condition(rate)
        self.running: Mapping[str, float] = {}

    @property
    def seconds(self) -> float:
        """Return how much of the stream was heard."""
        return self.memory.last / self.rate

    def feed(self, block: Wav, in_haste: bool = False) -> Iterator[Decision]:
        """Yield what is decided when the next samples `[L]` are heard.

        Args:
            block: samples as they came.
            in_haste: whether sound is waiting, so that only ended stretches are heard.
        """
        self.memory.add(block)
        heard = self.stream.resample_chunk(block) if self.stream else block
        for stretch in self.segmenter.feed(heard):
            if stretch.ended or not in_haste:
                yield self._decide(stretch)
        self.condition.add(block, self.segmenter.speaking)
        self.memory.forget(round(self.segmenter.needed * self.rate))

    def finish(self) -> Iterator[Decision]:
        """Yield what is decided of the speech that the end of the stream cuts off."""
        if self.stream:
            yield from map(
                self._decide,
                self.segmenter.feed(self.stream.resample_chunk(np.zeros(0, np.float32), last=True)),
            )
        yield from map(self._decide, self.segmenter.finish())

    def _decide(self, stretch: Stretch) -> Decision:
        first, last = round(stretch.start * self.rate), round(stretch.stop * self.rate)
        sound = hear(self.memory.cut(first, last), self.rate, self.classifier.sample_rate)
        sound = sound._replace(source=self.name, start=stretch.start)
        (found,) = self.classifier.hear([sound])
        if stretch.ended:
            self.running = {}
            return Decision(found, ended=True)
        if self.running:
            scores = {
                k: WEIGHT * v + (1 - WEIGHT) * self.running[k] for k, v in found.scores.items()
            }
            found = replace(found, scores=scores, label=self.classifier.choose(scores))
        self.running = found.scores
        return Decision(found, ended=False)
