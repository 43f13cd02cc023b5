"""The table of predictions that a person reads in a terminal."""

import shutil
import unicodedata
from collections.abc import Sequence

from ..prediction import UNSURE, Prediction
from .forms import reason

GAP = "  "
LEAST_PATH = 20  # letters of a path below which the emotions lose their columns
SCORE, SECONDS, TIME, NOTE = 5, 7, 9, 9  # widths of columns


class TableForm:
    """Lines of equal width: a column for each emotion or, where there is no room, the next best.

    Args:
        labels: the emotions, in their order.
        by_window: whether there is a line a window, under the path of their file.
        longest: letters of the longest path.
        width: letters of a line; None for those of the terminal.
    """

    def __init__(
        self, labels: Sequence[str], by_window: bool, longest: int, width: int | None = None
    ):
        self.labels, self.by_window = labels, by_window
        self.width = width or shutil.get_terminal_size((120, 24)).columns
        self.label = max(map(width_of, (*labels, UNSURE)))
        self.scores = [max(4, width_of(label)) for label in labels]
        full, short = sum(self.scores) + len(labels) - 1, self.label + 5
        self.is_full = self._room(full) >= (-len(GAP) if by_window else min(longest, LEAST_PATH))
        room = self._room(full if self.is_full else short)
        self.path = max(4, min(room, longest))
        self.last = ""  # the file whose windows are shown

    def _room(self, scores: int) -> int:
        """Return how many letters are left for the path beside scores so wide."""
        times = (TIME, TIME) if self.by_window else (SECONDS,)
        widths = [self.label, SCORE, scores, *times, NOTE]
        return self.width - sum(widths) - len(GAP) * len(widths)

    def heading(self) -> str:
        """Return the names of the columns."""
        if self.is_full:
            pairs = zip(self.labels, self.scores, strict=True)
            scores = " ".join(_right(label, width) for label, width in pairs)
        else:
            scores = _left("next", self.label + 5)
        cells = [_left("label", self.label), "score", scores]
        if self.by_window:
            return self._join([_right("start", TIME), _right("stop", TIME), *cells, "note"])
        return self._join([_left("path", self.path), *cells, "seconds", "note"])

    def line(self, answer: Prediction) -> str:
        """Return a line, before the first of a file that is heard by windows its path."""
        path = plain(answer.source)
        head = ""
        if self.by_window and answer.source != self.last:
            head, self.last = shorten(path, self.width) + "\n", answer.source
        first = [] if self.by_window else [_left(shorten(path, self.path), self.path)]
        if answer.error:
            room = self.width - sum(map(width_of, first)) - len(GAP) * len(first)
            return head + self._join([*first, cut(f"failed: {plain(reason(answer))}", room)])
        if self.by_window:
            first = [_right(clock(time), TIME) for time in (answer.start, answer.stop)]
        after = [] if self.by_window else [f"{answer.seconds:7.1f}"]
        return head + self._join([*first, *self._scores(answer), *after, answer.note])

    def _scores(self, answer: Prediction) -> list[str]:
        order = sorted(answer.scores, key=answer.scores.__getitem__, reverse=True)
        best = f"{answer.scores[order[0]]:5.2f}"
        if self.is_full:
            pairs = zip(self.labels, self.scores, strict=True)
            scores = " ".join(f"{answer.scores[x]:.2f}".rjust(width) for x, width in pairs)
        else:
            # Where the best is not said, as it is unsure, it is the next that a reader wants.
            other = order[0] if answer.label == UNSURE else order[1]
            scores = _left(f"{other} {answer.scores[other]:.2f}", self.label + 5)
        return [_left(answer.label, self.label), best, scores]

    def _join(self, cells: Sequence[str]) -> str:
        return GAP.join(cells).rstrip() + "\n"


def shorten(text: str, width: int) -> str:
    """Return a path that is no wider, its middle left out; the name is kept where it fits.

    >>> shorten("recordings/of/a/long/name.wav", 20)
    'reco…a/long/name.wav'
    """
    if width_of(text) <= width:
        return text
    beside = width - width_of(text.rpartition("/")[2]) - 2  # the ellipsis and a slash
    head = text[: min((width - 1) // 4, beside if beside >= 0 else width)] + "…"
    tail = ""
    for letter in reversed(text):
        if width_of(head) + width_of(tail) + width_of(letter) > width:
            break
        tail = letter + tail
    return head + tail


def cut(text: str, width: int) -> str:
    """Return a text that is no wider, an ellipsis in place of its end.

    >>> cut("there is no such file", 12)
    'there is no…'
    """
    if width_of(text) <= width:
        return text
    while text and width_of(text) >= width:
        text = text[:-1]
    return text + "…"


def plain(text: str) -> str:
    """Return a text that moves no cursor: what cannot be printed is a question mark."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def clock(seconds: float) -> str:
    """Return seconds as a clock shows them.

    >>> clock(5.0), clock(3723.5)
    ('0:05.0', '1:02:03.5')
    """
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    shown = f"{minutes:02}" if hours else str(minutes)
    return f"{f'{hours}:' if hours else ''}{shown}:{rest / 10:04.1f}"


def width_of(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide - sum(unicodedata.combining(letter) > 0 for letter in text)


def _left(text: str, width: int) -> str:
    return text + " " * (width - width_of(text))


def _right(text: str, width: int) -> str:
    return " " * (width - width_of(text)) + text
