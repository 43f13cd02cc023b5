"""Reads a file of predictions again, block by block; mends its end, and refuses another's."""

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from ..errors import OptionError
from .forms import ENCODING, AnyForm, Row

TORN = 2**16  # bytes: a row is shorter, so that more are not the rest of one


class Block(NamedTuple):
    """The rows of one hearing of a file, which follow each other.

    Args:
        path: of the file.
        failed: whether the last tells of an error.
        stop: where the last window ends, in seconds.
        begin: of its bytes.
        end: of its bytes.
    """

    path: str
    failed: bool
    stop: float
    begin: int
    end: int


class AnswerBlocks:
    """The blocks of a file in their order; a torn row at its end is cut off.

    Args:
        path: of the file.
        form: of its rows.

    Raises:
        OptionError: while iterating, for a file of another model, other settings or something
            else, which is left as it is.
    """

    def __init__(self, path: Path, form: AnyForm):
        self.path, self.form = path, form
        self.heading = form.heading().encode(**ENCODING)

    def __iter__(self) -> Iterator[Block]:
        block, last = None, len(self.heading)
        for row in self._rows():
            again = not self.form.by_window or row.start == 0
            if block and (again or block.failed or block.path != row.path):
                yield block
                block = None
            begin = block.begin if block else last
            stop = block.stop if block and row.failed else row.stop
            block, last = Block(row.path, row.failed, stop, begin, row.end), row.end
        if block:
            yield block

    def _rows(self) -> Iterator[Row]:
        """Yield the rows; what is torn after the last is cut off."""
        end = len(self.heading)
        with self.path.open("rb") as file:
            head = file.read(end)
            if not self.heading.startswith(head):
                raise self._foreign(f"it begins with {_shown(head + file.readline())}")
            if head == self.heading:
                for row in self._read(file):
                    end = row.end
                    yield row
            file.seek(end)
            rest = file.read(TORN + 1) if head == self.heading else b""
        if last := self._unended(rest):
            with self.path.open("ab") as file:
                file.write(b"\n")
            yield last._replace(end=end + len(rest) + 1)
        elif len(rest) > TORN or not self.form.may_be_torn(rest):
            raise self._foreign(f"no row of it is {_shown(rest)}")
        elif rest or head != self.heading:
            os.truncate(self.path, end if rest else 0)

    def _unended(self, rest: bytes) -> Row | None:
        """Return the row that lacks its newline alone, as an editor leaves it."""
        try:
            rows = list(self.form.read(io.BytesIO(rest + b"\n")))
        except (KeyError, TypeError, ValueError, AttributeError):
            return None
        return rows[0] if rows and rows[0].model == self.form.model else None

    def _read(self, file: BinaryIO) -> Iterator[Row]:
        try:
            for row in self.form.read(file):
                if row.model != self.form.model:
                    raise OptionError(
                        f"{self.path} was written by {row.model}, and this is {self.form.model}: "
                        "name another --output, or move that file away"
                    )
                yield row
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            if isinstance(error, OptionError):
                raise
            raise self._foreign(f"a row cannot be read: {error}") from None

    def _foreign(self, why: str) -> OptionError:
        kind = "windows" if self.form.by_window else "files"
        return OptionError(
            f"{self.path} holds something else than predictions of {kind} by this model: {why}. "
            "Name another --output"
        )


def _shown(text: bytes) -> str:
    return repr(text.decode(errors="replace").strip()[:60])
