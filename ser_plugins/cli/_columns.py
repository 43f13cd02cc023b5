"""Fits words and documentation into the width of a terminal."""

import re
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator

LEAST, MOST = 40, 120
NO_BREAK = "\N{NO-BREAK SPACE}"
ITEM = re.compile(r"\s*([-*] |[\w*]+: )")
OTHER = re.compile(r"\s*(>>>|\|)")  # no prose


def say(text: str = "") -> None:
    """Print a line at once, so that a reader who has gone ends the command, without an error."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def width() -> int:
    """Return how many columns there are, at most 120; 80 where there is no terminal."""
    return max(LEAST, min(MOST, shutil.get_terminal_size().columns))


def hang(head: str, text: str, indent: int) -> str:
    """Return a text of several lines that stands beside a head.

    >>> print(hang("  gain", "Multiplies.", 8))
      gain  Multiplies.
    """
    start = f"{head:<{indent - 1}} "
    room = max(width(), indent + 20)
    filled = textwrap.fill(
        text, room, initial_indent=start, subsequent_indent=" " * indent,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    return filled.replace(NO_BREAK, " ") or head


def unbroken(pieces: Iterable[str]) -> str:
    """Return pieces with commas between them; `hang` breaks no line inside one that is short."""
    short = LEAST // 2
    return ", ".join(p.replace(" ", NO_BREAK) if len(p) <= short else p for p in pieces)


def fit(text: str) -> str:
    """Return a documentation with the lines that are too long wrapped anew, the others as written.

    A paragraph, and an item of a list, is wrapped as a whole; what is no prose is left alone.
    """
    if max(map(len, text.splitlines()), default=0) <= width():
        return text
    return "\n".join(_wrap(piece) for piece in _pieces(text.splitlines()))


def _pieces(lines: Iterable[str]) -> Iterator[list[str]]:
    """Yield the lines that belong together: a paragraph, an item, or one that stands alone."""
    piece: list[str] = []
    for line in lines:
        if piece and not _goes_on(piece, line):
            yield piece
            piece = []
        piece.append(line)
    yield piece


def _goes_on(piece: list[str], line: str) -> bool:
    first, last = piece[0], piece[-1]
    begins = ITEM.match(line) or OTHER.match(line)
    if not line.strip() or not last.strip() or last.endswith(":") or OTHER.match(first):
        return False
    return _indent(line) > _indent(first) or (_indent(line) == _indent(last) and not begins)


def _wrap(piece: list[str]) -> str:
    if not piece[0].strip() or OTHER.match(piece[0]):
        return "\n".join(piece)
    start = " " * _indent(piece[0])
    hanging = start + "    " if ITEM.match(piece[0]) else start
    rest = " " * _indent(piece[1]) if len(piece) > 1 else hanging
    words = " ".join(line.strip() for line in piece)
    return textwrap.fill(
        words, width(), initial_indent=start, subsequent_indent=rest,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
