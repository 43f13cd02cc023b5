"""Writes tables of words and numbers as CSV or Parquet, piece by piece, whole or not at all."""

import csv
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np

from .audio import Wav
from .errors import OptionError
from .extras import need
from .writing import check_file, whole

GROUP = 2**16  # rows of a Parquet file that are held in memory and written together


class CsvTable:
    """A table with a heading, numbers as short as they can be told apart.

    Args:
        path: the file.
        words: names of the first columns, which hold text.
        numbers: names of the others, which hold float32.
    """

    def __init__(self, path: Path, words: Sequence[str], numbers: Sequence[str]):
        self.file = path.open("w", encoding="utf-8", newline="")
        self.writer = csv.writer(self.file, lineterminator="\n")
        self.writer.writerow([*words, *numbers])

    def add(self, facts: Sequence[str], numbers: Wav) -> None:
        """Add a row for each of `numbers` `[n, C]`; all have the same words."""
        self.writer.writerows([*facts, *row] for row in numbers.astype(np.float32))

    def close(self) -> None:
        """Write what is left."""
        self.file.close()


class ParquetTable:
    """A table of typed columns, as `CsvTable`."""

    def __init__(self, path: Path, words: Sequence[str], numbers: Sequence[str]):
        import pyarrow
        from pyarrow import parquet

        columns = [(name, pyarrow.string()) for name in words]
        columns += [(name, pyarrow.float32()) for name in numbers]
        self.schema = pyarrow.schema(columns)
        self.writer = parquet.ParquetWriter(path, self.schema)
        self.facts: list[Sequence[str]] = []
        self.numbers: list[Wav] = []

    def add(self, facts: Sequence[str], numbers: Wav) -> None:
        """Add a row for each of `numbers` `[n, C]`; all have the same words."""
        self.facts += [facts] * len(numbers)
        self.numbers.append(numbers.astype(np.float32))
        if len(self.facts) >= GROUP:
            self._flush()

    def close(self) -> None:
        """Write what is left."""
        if self.facts:
            self._flush()
        self.writer.close()

    def _flush(self) -> None:
        import pyarrow

        columns = [*zip(*self.facts, strict=True), *np.concatenate(self.numbers).T]
        arrays = [
            pyarrow.array(column, field.type)
            for column, field in zip(columns, self.schema, strict=True)
        ]
        self.writer.write_table(pyarrow.Table.from_arrays(arrays, schema=self.schema))
        self.facts, self.numbers = [], []


Table = CsvTable | ParquetTable
KINDS: dict[str, type[CsvTable] | type[ParquetTable]] = {
    ".csv": CsvTable,
    ".parquet": ParquetTable,
}


def check_table(path: Path) -> None:
    """Refuse a file that could not be written at the end, before any work is done.

    Raises:
        OptionError: for an unknown ending, a folder, or a format whose package is not there.
    """
    if path.suffix not in KINDS:
        endings = " or ".join(KINDS)
        raise OptionError(f"{path} must end in {endings}, which says what is written")
    check_file(path, "table")
    if path.suffix == ".parquet":
        need("pyarrow", "parquet", "Parquet, other than .csv,")


@contextmanager
def open_table(path: Path, words: Sequence[str], numbers: Sequence[str]) -> Iterator[Table]:
    """Give a table to add to; after an error the file is as it was before.

    Args:
        path: a file that ends in `.csv` or `.parquet`.
        words: names of the first columns, which hold text.
        numbers: names of the others, which hold float32.

    Raises:
        OptionError: if it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with (
            whole(path) as unfinished,
            closing(KINDS[path.suffix](unfinished, words, numbers)) as t,
        ):
            yield t
    except OSError as error:
        raise OptionError(f"{path} cannot be written: {error.strerror or error}") from error
