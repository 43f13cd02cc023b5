"""Words and tables in Markdown."""

from collections.abc import Iterable, Sequence
from typing import Any


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a table; what a cell holds must not end it."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(value: Any) -> str:
    return str(value).replace("|", "\\|")


def join(words: Iterable[str]) -> str:
    """Return words as a list in a sentence.

    >>> join(["a", "b", "c"])
    'a, b and c'
    """
    *most, last = [*words] or [""]
    return f"{', '.join(most)} and {last}" if most else last
