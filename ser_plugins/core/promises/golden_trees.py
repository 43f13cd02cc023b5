r"""Reads a golden tree, the names of a corpus's files and what each is, and holds a corpus to it.

A line holds the path under the corpus root, a tab, `label speaker sex text` as read (or `-` for
what is passed over), and, where it is unusual, a tab and what lies inside: `text: …` for a text,
in which `\n`, `\t` and `\\` stand for a line's end, a tab and a backslash; anything else is for
the reader of the tree to make. Lines that begin with `#` are comments.
"""

import re
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from ..errors import InputError
from ..types import Corpus
from .kit import UntriedError, expect, promise

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
    _check(fields[0])
    return Line(*fields)


def _check(path: str) -> None:
    parts = PurePosixPath(path)
    if parts.is_absolute() or ".." in parts.parts or not parts.name:
        raise InputError(f"{path!r} is no path under the root of a corpus")


def lay_out(lines: Iterable[Line], root: Path) -> None:
    """Write the files of a tree: texts as they are given, anything else empty.

    Raises:
        InputError: for a path that leads out of the root.
    """
    for line in lines:
        _check(line.path)
        path = root / line.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_text(line.inside), encoding="utf-8", newline="")


def _text(inside: str) -> str:
    if not inside.startswith(TEXT):
        return ""
    return re.sub(r"\\[nt\\]", lambda match: ESCAPES[match[0]], inside.removeprefix(TEXT))


@promise("trees")
def files_are_read_as_the_tree_says(make: Callable[..., Corpus], tree: Path | None) -> None:
    """Each file of a golden tree becomes what its line says, or is passed over where it says so."""
    if tree is None:
        raise UntriedError("needs a golden tree (--tree): names, and what each is read as")
    lines = read(tree)
    with tempfile.TemporaryDirectory() as root:
        lay_out(lines, Path(root))
        found = {
            u.path.as_posix(): f"{u.label} {u.speaker} {u.sex} {u.text}"
            for u in make().read(Path(root))
        }
    said = {line.path: line.what for line in lines if line.what != PASSED_OVER}
    for path in (*said, *found):
        one, other = (of.get(path, f"{PASSED_OVER} (passed over)") for of in (found, said))
        expect(one == other, f"{path} is read as {one!r}; the tree says {other!r}")
