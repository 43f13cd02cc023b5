"""Table: one's own recordings, listed in a CSV or TSV file with a path and a label.

Columns for speaker, group, sex, text, a split of one's own, and start and stop in seconds are
used where they are there; the names of all columns can be given. Other columns are kept as they
are. Spellings of a known emotion become its canonical word (`Anger` is `angry`).
"""

import csv
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path, PurePosixPath

from ser_plugins import Corpus, CorpusError, Utterance, canonical, hookimpl

FACTS = ("speaker", "group", "sex", "text")
NUMBERS = ("start", "stop")
SUFFIXES = (".csv", ".tsv")
SEXES = {"f": "female", "w": "female", "woman": "female", "m": "male", "man": "male"}


def find_file(root: Path, file: str) -> Path:
    """Return the file named, relative to `root` or absolute, or the only table in `root`."""
    if file:
        return root / Path(file).expanduser()
    tables = sorted(p for p in root.iterdir() if p.suffix.lower() in SUFFIXES and p.name[0] != ".")
    if len(tables) == 1:
        return tables[0]
    names = ", ".join(p.name for p in tables) or "none"
    raise CorpusError(
        f"{root} holds {names} of .csv and .tsv files; name one with --dataset_options.file"
    )


def lines_of(path: Path) -> list[dict[str, str]]:
    """Return the lines of a table; commas, semicolons or tabs part its columns."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            header = file.readline()
            file.seek(0)
            reader = csv.reader(file, delimiter=max(",;\t", key=header.count), strict=True)
            columns, *lines = [[cell.strip() for cell in line] for line in reader if any(line)]
    except OSError as error:
        raise CorpusError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, csv.Error) as error:
        raise CorpusError(f"{path} is not a table in UTF-8: {error}") from None
    if not lines:
        raise CorpusError(f"{path} holds no line below its header")
    if len(set(columns)) < len(columns):
        raise CorpusError(f"{path} has a column twice: {', '.join(columns)}")
    if odd := [i for i, line in enumerate(lines, 2) if len(line) > len(columns)]:
        raise CorpusError(
            f"{path}: line {odd[0]} has more cells than the header ({len(odd)} such lines); put "
            "cells that hold the delimiter in quotes"
        )
    short = [line + [""] * (len(columns) - len(line)) for line in lines]
    return [dict(zip(columns, line, strict=True)) for line in short]


def check_columns(path: Path, columns: Mapping[str, str], lines: list[dict[str, str]]) -> None:
    """Refuse a table without path, label or a column that was named, or with lines of no path."""
    found = ", ".join(lines[0])
    for fact, column in columns.items():
        wanted = fact in ("path", "label") or column != fact
        if wanted and column not in lines[0]:
            hint = f"name it with --dataset_options.{fact}"
            raise CorpusError(f"{path} has no column {column!r}, but {found}; {hint}")
    if empty := [str(i) for i, line in enumerate(lines, 2) if not line[columns["path"]]]:
        raise CorpusError(f"{path}: no {columns['path']!r} in line {', '.join(empty[:5])}")


def number(path: Path, text: str) -> float | None:
    """Return seconds, or None where nothing stands."""
    try:
        return float(text.replace(",", ".")) if text else None
    except ValueError:
        raise CorpusError(f"{path}: {text!r} is not a number of seconds") from None


def read(root: Path, file: str, columns: Mapping[str, str]) -> Iterator[Utterance]:
    """Yield the lines of the table; paths are relative to `root`, or absolute."""
    table = find_file(root, file)
    lines = lines_of(table)
    check_columns(table, columns, lines)
    for line in lines:
        given = {fact: line.get(column, "") for fact, column in columns.items()}
        span = [number(table, given[fact]) for fact in NUMBERS]
        name = given["path"].replace("\\", "/")
        cut = "" if span == [None, None] else f"@{given['start']}-{given['stop']}"
        own = {k: v for k, v in line.items() if k not in columns.values()}
        yield Utterance(
            given["id"] or PurePosixPath(name).with_suffix("").as_posix() + cut,
            Path(name),
            canonical(given["label"]),
            **{fact: given[fact] for fact in FACTS} | {"sex": sex_of(given["sex"])},
            start=span[0],
            stop=span[1],
            extra=own | ({"split": given["split"]} if given["split"] else {}),
        )


def sex_of(word: str) -> str:
    """Return `female` or `male` for their usual short forms, any other word in lower case."""
    return SEXES.get(word.lower(), word.lower())


def table(  # noqa: D417  the other options are described together
    file: str = "",
    path: str = "path",
    label: str = "label",
    speaker: str = "speaker",
    group: str = "group",
    sex: str = "sex",
    text: str = "text",
    split: str = "split",
    start: str = "start",
    stop: str = "stop",
    id: str = "id",
) -> Corpus:
    """Describe the recordings of a table.

    Args:
        file: the table, relative to the data folder; needed where there are several in it.
        path: the column of paths, relative to the data folder, or absolute.
        label: the column of emotions; likewise the other options are names of columns.
    """
    columns = {
        "path": path,
        "label": label,
        "speaker": speaker,
        "group": group,
        "sex": sex,
        "text": text,
        "split": split,
        "start": start,
        "stop": stop,
        "id": id,
    }
    reader = partial(read, file=file, columns=columns)
    return Corpus(reader, None, None, None, url="", licence="your own")


@hookimpl
def ser_datasets():
    """Register it."""
    return {"table": table}
