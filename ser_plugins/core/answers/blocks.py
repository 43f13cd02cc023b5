"""Reads a file of predictions again, without a row that is torn at its end; refuses another's."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ..errors import OptionError
from .forms import ENCODING, AnyForm, Row

TORN = 2**16  # letters: a row is shorter, so that more are not the rest of one
ERRORS = (AttributeError, KeyError, TypeError, ValueError, csv.Error)  # of what is no row


class Block(NamedTuple):
    """The rows of one hearing of a file, which follow each other.

    Args:
        path: of the file, as it was given.
        failed: whether the last tells of an error.
        stop: where the last window ends, in seconds.
        texts: the rows as they were written.
    """

    path: str
    failed: bool
    stop: float
    texts: list[str]


def read_blocks(path: Path, form: AnyForm) -> Iterator[Block]:
    """Yield the blocks of a file in their order.

    Raises:
        OptionError: for a file of another model, other settings or something else.
    """
    block = None
    for row, text in _rows(path, form):
        again = not form.by_window or row.start == 0
        if block and (again or block.failed or block.path != row.path):
            yield block
            block = None
        stop = block.stop if block and row.failed else row.stop
        block = Block(row.path, row.failed, stop, block.texts if block else [])
        block.texts.append(text)
    if block:
        yield block


def _rows(path: Path, form: AnyForm) -> Iterator[tuple[Row, str]]:
    """Yield the rows and their texts, each with its newline, which an editor may have left out."""
    text, heading = path.read_bytes().decode(**ENCODING), form.heading()
    if not text.startswith(heading[: len(text)]):
        raise _foreign(path, form, f"it begins with {_shown(text)}")
    lines = io.StringIO(text[len(heading) :], newline="\n").readlines()
    known, rows = 0, form.read(lines)
    while known < len(lines):
        try:
            row, last = next(rows)
        except ERRORS as error:
            rest = "".join(lines[known:])
            if len(rest) <= TORN and form.may_be_torn(rest):
                return
            raise _foreign(path, form, f"no row of it is {_shown(rest)}: {error}") from None
        if row.model != form.model:
            if not lines[last - 1].endswith("\n") and form.model.startswith(row.model):
                return  # torn in its last cell
            raise OptionError(
                f"{path} was written by {row.model}, and this is {form.model}: name another "
                "--output, or move that file away"
            )
        yield row, "".join(lines[known:last]).rstrip("\n") + "\n"
        known = last


def _foreign(path: Path, form: AnyForm, why: str) -> OptionError:
    kind = "windows" if form.by_window else "files"
    return OptionError(
        f"{path} holds something else than predictions of {kind} by this model: {why}. Name "
        "another --output"
    )


def _shown(text: str) -> str:
    return repr(text.partition("\n")[0].strip()[:60])
