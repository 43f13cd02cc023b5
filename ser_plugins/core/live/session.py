"""Listens to a source until it ends or Ctrl-C, or for some seconds; shows, and keeps a log."""

import importlib.util
import logging
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import numpy as np

from ..command import drop_output
from ..inference import EmotionClassifier
from ..systems import name_of
from .condition import ADVICE, Condition
from .decisions import DecisionLog, Display, Lines, as_json, table, write
from .listener import Decision, Listener
from .microphone import Microphone
from .sources import Source, record, save, without_start
from .speech import Segmenter

log = logging.getLogger("ser_plugins.listen")

HASTE = 0.5  # seconds that wait, above which running decisions are left out


class Session:
    """What hears, and how decisions are told.

    Args:
        classifier: a trained system.
        in_json: whether programs read standard output.
        path: of a CSV file to which decisions are added.

    Raises:
        OptionError: if that cannot be written, or is the log of a system with other emotions.
    """

    def __init__(self, classifier: EmotionClassifier, in_json: bool, path: Path | None = None):
        self.classifier, self.in_json = classifier, in_json
        self.model = name_of(classifier.system)
        self.log = DecisionLog(path, classifier.labels, self.model) if path else None

    def once(self, source: Source, seconds: float, place: Path | None = None) -> None:
        """Record so many seconds, and say what is heard in them as in their file.

        Args:
            source: of the sound.
            seconds: to record.
            place: of a WAV file to keep them in.
        """
        condition, blocks = Condition(source.rate), []
        with source, self._display((), f"recording {seconds:g} s from {about(source)}") as display:
            for block in record(source.blocks(), source.rate, seconds):
                blocks.append(block)
                condition.add(block, speaking=False)
                display.hear(condition, source.overruns)
        wav = np.concatenate(blocks)
        if isinstance(source, Microphone):
            wav = without_start(wav)
        if place:
            save(place, wav, source.rate)
            log.info("written: %s", place)
        found = self.classifier.predict(wav, source.rate)
        if found.note in ADVICE:
            log.warning("%s: %s", found.note, ADVICE[found.note])
        write(as_json(found, self.model, source.overruns) if self.in_json else table(found))
        if self.log:
            self.log.add(found, source.overruns)

    def listen(self, source: Source, segmenter: Segmenter) -> None:
        """Decide until the end of the source, or Ctrl-C."""
        listener = Listener(self.classifier, source.rate, segmenter, source.name)
        title = f"listening to {about(source)}"
        counts: Counter[str] = Counter()
        try:
            with source, self._display(self.classifier.labels, title) as display:
                for prediction, ended in decide(listener, source, display):
                    display.decide(prediction, ended)
                    if ended:
                        counts[prediction.label or "error"] += 1
                    if ended and self.log:
                        self.log.add(prediction, source.overruns)
        except KeyboardInterrupt:
            log.info("")  # the line of ^C ends
        except BrokenPipeError:
            drop_output()
        found = ", ".join(f"{count} {label}" for label, count in counts.most_common()) or 0
        log.info("%.0f s, decisions: %s; overruns: %d", listener.seconds, found, source.overruns)

    def _display(self, labels: Sequence[str], title: str) -> AbstractContextManager[Display]:
        """Return the live view in a terminal that can show it; else lines."""
        if not self.in_json and sys.stdout.isatty() and importlib.util.find_spec("rich"):
            from .meters import Meters

            return Meters(labels, title)
        return nullcontext(Lines(title, self.model if self.in_json else None))


def warm(classifier: EmotionClassifier) -> None:
    """Hear a second of nothing: the first is slow."""
    rate = classifier.sample_rate
    classifier.predict(np.zeros(rate, np.float32), rate)


def decide(listener: Listener, source: Source, display: Display) -> Iterator[Decision]:
    """Yield what is decided of a source, and show its sound."""
    for block in source.blocks():
        yield from listener.feed(block, in_haste=source.behind > HASTE)
        display.hear(listener.condition, source.overruns)
    yield from listener.finish()


def about(source: Source) -> str:
    """Return what is heard, and at which rate."""
    return f"{source.name}, {source.rate} Hz"
