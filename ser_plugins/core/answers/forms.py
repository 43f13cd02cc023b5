"""How predictions are written as CSV or JSON lines, and read again row by row."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..errors import InputError
from ..prediction import Prediction

ENCODING = {"encoding": "utf-8", "errors": "surrogateescape"}  # names of files are bytes
WHOLE = (("path", "label", "score"), ("seconds", "note", "error", "model"))
WINDOWS = (("path", "start", "stop", "label", "score"), ("note", "error", "model"))


class Row(NamedTuple):
    """What a written row says of itself.

    Args:
        path: as it was given.
        model: what predicted it, with its settings.
        failed: whether it tells of an error.
        start: of its window in seconds, or of what could not be heard; 0 of a whole file.
        stop: of its window.
    """

    path: str
    model: str
    failed: bool
    start: float
    stop: float


class FormError(InputError):
    """A file that holds something else than the rows that were expected."""


@dataclass(frozen=True)
class Form:
    """What the rows of a file are made of.

    Args:
        labels: the emotions, in their order.
        model: what predicts, with its settings; each row says it.
        by_window: whether there is a row a window, with its start and stop, or one a file.
    """

    labels: Sequence[str]
    model: str
    by_window: bool = False

    @property
    def columns(self) -> list[str]:
        """Return the names of the columns."""
        before, after = WINDOWS if self.by_window else WHOLE
        return [*before, *self.labels, *after]

    def facts(self, answer: Prediction) -> dict[str, Any]:
        """Return what is said of a recording beside the score of each emotion."""
        failed = bool(answer.error)
        return {
            "path": answer.source,
            "start": round(answer.start, 6),
            "stop": None if failed else round(answer.stop, 6),
            "label": answer.label,
            "score": None if failed else answer.score,
            "seconds": None if failed else round(answer.seconds, 6),
            "note": answer.note,
            "error": reason(answer),
            "model": self.model,
        }

    def row(self, cells: Mapping[str, Any]) -> Row:
        """Return what a row says of itself.

        Raises:
            KeyError, TypeError, ValueError: for what is no row of this form.
        """
        texts = [cells[name] for name in ("path", "model", "error")]
        if not all(isinstance(text, str) for text in texts):
            raise TypeError
        times = [float(cells[name] or 0) if self.by_window else 0.0 for name in ("start", "stop")]
        return Row(texts[0], texts[1], bool(texts[2]), times[0], times[1])


class CsvForm(Form):
    """A heading, then a row of cells; scores have seven digits."""

    def heading(self) -> str:
        """Return the first line."""
        return _csv_line(self.columns)

    def line(self, answer: Prediction) -> str:
        """Return a row."""
        facts = self.facts(answer)
        if facts["score"] is not None:
            facts["score"] = f"{facts['score']:.7f}"
        scores = [f"{answer.scores[x]:.7f}" if answer.scores else "" for x in self.labels]
        before, after = WINDOWS if self.by_window else WHOLE
        return _csv_line([*map(facts.get, before), *scores, *map(facts.get, after)])

    def read(self, lines: Sequence[str]) -> Iterator[tuple[Row, int]]:
        """Yield the rows of lines, each with the number of lines up to its end.

        Raises:
            csv.Error, TypeError, ValueError: where there is no row.
        """
        table = csv.reader(lines, strict=True)
        for cells in table:
            yield self._row(cells), table.line_num

    def may_be_torn(self, rest: str) -> bool:
        """Tell whether the end of a file may be the beginning of a row, which holds no other."""
        ends = rest.endswith("\n") and rest.count('"') % 2 == 0  # else in the midst of a name
        return not ends and f"{self.model}\n" not in rest

    def _row(self, cells: Sequence[str]) -> Row:
        before, after = WINDOWS if self.by_window else WHOLE
        if len(cells) != len(self.columns):
            raise FormError(f"a row of {len(cells)} cells, not {len(self.columns)}")
        pairs = zip((*before, *after), (*cells[: len(before)], *cells[-len(after) :]), strict=True)
        return self.row(dict(pairs))


class JsonForm(Form):
    """One object a line; scores have seven digits and stand in `scores`, by emotion."""

    def heading(self) -> str:
        """Return nothing: a line needs none."""
        return ""

    def line(self, answer: Prediction) -> str:
        """Return an object and a newline."""
        facts = self.facts(answer)
        if facts["score"] is not None:
            facts["score"] = round(facts["score"], 7)
        scores = {label: round(score, 7) for label, score in answer.scores.items()}
        before, after = WINDOWS if self.by_window else WHOLE
        row = {name: facts[name] for name in before} | {"scores": scores}
        return json.dumps(row | {name: facts[name] for name in after}) + "\n"

    def read(self, lines: Sequence[str]) -> Iterator[tuple[Row, int]]:
        """Yield the rows of lines, each with the number of lines up to its end.

        Raises:
            KeyError, TypeError, ValueError: where there is no row.
        """
        for number, line in enumerate(lines, 1):
            cells = json.loads(line)
            if set(cells["scores"]) - set(self.labels):
                raise FormError(f"other emotions: {', '.join(cells['scores'])}")
            yield self.row(cells), number

    def may_be_torn(self, rest: str) -> bool:
        """Tell whether the end of a file may be the beginning of a row."""
        start = '{"path": "'
        try:
            json.loads(rest)
        except ValueError:
            return not rest.endswith("\n") and rest[: len(start)] == start[: len(rest)]
        return False


FORMS: dict[str, type[CsvForm] | type[JsonForm]] = {"csv": CsvForm, "jsonl": JsonForm}
AnyForm = CsvForm | JsonForm


def _csv_line(cells: Sequence[Any]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)  # a name may hold either
    return text.getvalue().removesuffix("\r\n") + "\n"


def reason(answer: Prediction) -> str:
    """Return what is wrong with a recording, without its name."""
    return answer.error.removeprefix(answer.source).lstrip(": ")
