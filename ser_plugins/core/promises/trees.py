"""Reads a golden tree: the names of a corpus's files, what each is, and what lies inside.

A line holds the path under the corpus root, a tab, `label speaker sex text` as read (or `-` for
what is passed over), and, where it is unusual, a tab and what lies inside: `text: …` for a text,
in which `\\n`, `\\t` and `\\\\` stand for a line's end, a tab and a backslash; anything else is for
the reader of the tree to make. Lines that begin with `#` are comments.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from ..errors import InputError

ESCAPES = {"\\n": "\n", "\\t": "\t", "\\\\": "\\"}
PASSED_OVER, TEXT = "-", "text: "


class Line(NamedTuple):
    """One file of a golden tree.

    Args:
        path: under the corpus root.
        what: what it is read as; `-` for what is passed over.
        inside: what lies inside, where that is unusual.
    """

    path: str
    what: str
    inside: str = ""


def read(tree: Path) -> list[Line]:
    """Return the files of a golden tree.

    Raises:
        InputError: for one that cannot be read, a line that is none, or a path out of the root.
    """
    try:
        lines = tree.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{tree} cannot be read as a tree of names: {error}") from None
    numbered = [(n, line) for n, line in enumerate(lines, 1) if line and line[0] != "#"]
    return [_line(f"{tree}, line {n}", line) for n, line in numbered]


def _line(where: str, text: str) -> Line:
    fields = text.split("\t")
    if not 2 <= len(fields) <= 3:
        expected = "a path, what it is (or -) and, if need be, what lies inside, with tabs between"
        raise InputError(f"{where}: {len(fields)} fields; expected {expected}")
    path = Path(fields[0])
    if path.is_absolute() or ".." in path.parts or not path.name:
        raise InputError(f"{where}: {fields[0]!r} is no path under the corpus root")
    return Line(*fields)


def wanted(lines: Sequence[Line]) -> dict[str, str]:
    """Return what each file that is not passed over is read as, by path."""
    return {line.path: line.what for line in lines if line.what != PASSED_OVER}


def lay_out(lines: Iterator[Line] | Sequence[Line], root: Path) -> None:
    """Write the files of a tree: texts as they are given, anything else empty."""
    for line in lines:
        path = root / line.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_text(line.inside), encoding="utf-8", newline="")


def _text(inside: str) -> str:
    if not inside.startswith(TEXT):
        return ""
    return re.sub(r"\\[nt\\]", lambda match: ESCAPES[match[0]], inside.removeprefix(TEXT))
