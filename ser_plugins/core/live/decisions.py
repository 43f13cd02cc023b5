"""Decisions as people and programs read them: a line, JSON, and a log in CSV."""

import csv
import json
import logging
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from ..errors import OptionError
from ..prediction import Prediction
from ..words import percent
from .condition import ADVICE, LISTENING, SPEECH, Condition

log = logging.getLogger(__name__)

FACTS = ("time", "start", "stop", "label", "score", "note", "error", "model", "overruns")
DIGITS = 7  # of a score, as predictions of files have
BAR = 24  # characters
EIGHTHS = " ▏▎▍▌▋▊▉"


def now() -> str:
    """Return the wall-clock time to the millisecond, with its zone."""
    return datetime.now().astimezone().isoformat(timespec="milliseconds")


def bar(part: float, width: int = BAR) -> str:
    """Draw a part of a width, to an eighth of a character.

    >>> bar(0.5, 4), bar(2.0, 2), bar(0.1875, 2)
    ('██', '██', '▍')
    """
    eighths = round(8 * width * min(max(part, 0.0), 1.0))
    return "█" * (eighths // 8) + EIGHTHS[eighths % 8].strip()


def parts(prediction: Prediction) -> dict[str, str]:
    """Return what a line says of a decision, in its order."""
    stretch = f"{prediction.start:7.1f} to {prediction.stop:6.1f} s  "
    if prediction.error:
        return {"stretch": stretch, "error": prediction.error}
    return {
        "stretch": stretch,
        "label": f"{prediction.label:12} ",
        "score": f"{percent(prediction.score):>5}",
        "note": f"  {prediction.note}" if prediction.note else "",
    }


def line(prediction: Prediction) -> str:
    """Return a decision in one line."""
    return "".join(parts(prediction).values())


def table(prediction: Prediction) -> str:
    """Return a decision with all its scores, the highest first."""
    width = max(map(len, prediction.scores))
    ordered = sorted(prediction.scores.items(), key=lambda item: -item[1])
    rows = [f"{name:{width}}  {percent(x):>5}  {bar(x)}".rstrip() for name, x in ordered]
    said = f"{prediction.label}, {prediction.seconds:.1f} s"
    return "\n".join([f"{said}, {prediction.note}" if prediction.note else said, *rows])


def facts(prediction: Prediction, model: str, overruns: int) -> dict[str, Any]:
    """Return what is told of a decision beside its scores, by the names of `FACTS`."""
    failed = bool(prediction.error)
    return {
        "time": now(),
        "start": round(prediction.start, 3),
        "stop": round(prediction.stop, 3),
        "label": prediction.label,
        "score": None if failed else round(prediction.score, DIGITS),
        "note": prediction.note,
        "error": prediction.error,
        "model": model,
        "overruns": overruns,
    }


def as_json(prediction: Prediction, model: str, overruns: int) -> str:
    """Return a decision as one line of JSON: `FACTS`, and `scores` by emotion."""
    scores = {label: round(score, DIGITS) for label, score in prediction.scores.items()}
    return json.dumps({**facts(prediction, model, overruns), "scores": scores}, ensure_ascii=False)


class DecisionLog:
    """A CSV file to which decisions are added, each with its wall-clock time.

    Args:
        path: of the file; what is in it stays.
        labels: the emotions, whose scores are its last columns.
        model: what decides; each row says it.

    Raises:
        OptionError: if it cannot be written, or is the log of a system with other emotions.
    """

    def __init__(self, path: Path, labels: Sequence[str], model: str):
        self.path, self.labels, self.model = path, labels, model
        heading = [*FACTS, *labels]
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            there = path.read_text(encoding="utf-8") if path.exists() else ""
            if not there:
                self._write(heading)
        except (OSError, UnicodeDecodeError) as error:
            raise OptionError(f"--log {path} cannot be written: {error}") from None
        if there and next(csv.reader([there.splitlines()[0]])) != heading:
            raise OptionError(
                f"--log {path} has other columns than {', '.join(heading)}; name another file"
            )

    def add(self, prediction: Prediction, overruns: int) -> None:
        """Add a decision; it is on the disk when this returns."""
        found = prediction.scores
        scores = [round(found[label], DIGITS) if found else "" for label in self.labels]
        self._write([*facts(prediction, self.model, overruns).values(), *scores])

    def _write(self, cells: Sequence[Any]) -> None:
        with self.path.open("a", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerow(cells)


class Display(Protocol):
    """What shows sound and decisions."""

    def hear(self, condition: Condition, overruns: int) -> None:
        """Show the sound of now."""

    def decide(self, prediction: Prediction, ended: bool) -> None:
        """Show a decision."""


class Lines:
    """A line for each decision, as text or JSON; what is wrong with the sound is logged.

    Args:
        title: what is listened to, logged when the first sound has come.
        model: what decides, where programs read it, as JSON; None for lines that people read.
    """

    def __init__(self, title: str, model: str | None = None):
        self.title, self.model, self.word, self.overruns = title, model, LISTENING, 0

    def hear(self, condition: Condition, overruns: int) -> None:
        """Say once that there is sound, and what keeps speech from being heard."""
        if self.title:
            log.info("%s", self.title)
            self.title = ""
        word = condition.word
        if word != self.word and word not in (LISTENING, SPEECH):
            log.warning("%s: %s", word, ADVICE[word])
        if overruns > self.overruns:
            log.warning("overruns: %d; sound was lost", overruns)
        self.word, self.overruns = word, overruns

    def decide(self, prediction: Prediction, ended: bool) -> None:
        """Print a decision that is final."""
        if not ended:
            return
        model, overruns = self.model, self.overruns
        write(line(prediction) if model is None else as_json(prediction, model, overruns))


def write(text: str) -> None:
    """Print a result at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
