"""The list of every reading of a test part, over all run folders, never shortened."""

import csv
import datetime
import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import platformdirs

from . import protocols
from .errors import InputError
from .locks import one_after_another
from .prepare import Material
from .writing import check_writable, write_whole

OWN = "SER_PLUGINS_LEDGER"
HINT = f"name another with --ledger, or the user's own with {OWN}"


class Reading(NamedTuple):
    """What was read.

    Args:
        dataset: the corpus's registered name.
        protocol: name of the protocol.
        definition_hash: of the protocol.
        fold: its number.
        test_part: hash of the clips that were heard, whatever the protocol is called.
    """

    dataset: str
    protocol: str
    definition_hash: str
    fold: int
    test_part: str


COLUMNS = ("time", *Reading._fields, "run")


def own_ledger() -> Path:
    """Return the ledger of all of this user's run folders; `SER_PLUGINS_LEDGER` moves it."""
    given = os.environ.get(OWN)
    folder = platformdirs.user_data_path("ser_plugins")
    return Path(given).expanduser() if given else folder / "test_readings.csv"


def check_ledgers(path: Path) -> None:
    """Refuse ledgers that cannot be written, before any work is done.

    Raises:
        InputError: naming the file.
    """
    for ledger in (path, own_ledger()):
        check_writable(ledger.parent, f"--ledger or {OWN}")
        if ledger.exists():
            _read(ledger)


def now() -> str:
    """Return the time as a ledger has it, by which two readings of a run differ."""
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")


def record_reading(path: Path, material: Material, run: Path, time: str | None = None) -> int:
    """Enter a reading of the test part of some material; return how often it has been read.

    It goes into the experiment's ledger and into the user's own, so that neither a new run
    folder nor another `--ledger` begins to count anew.

    Args:
        path: the experiment's ledger.
        material: whose test part is read.
        run: the run folder.
        time: when it was first to be read, of a run that may have been killed since: a reading
            of that run and time is entered once.
    """
    part = protocols.clips_hash(material.parts["test"])
    reading = Reading(**material.identity, test_part=part)
    ledgers = dict.fromkeys((path.resolve(), own_ledger().resolve()))
    return max(record(ledger, reading, run, time) for ledger in ledgers)


def record(path: Path, reading: Reading, run: Path, time: str | None = None) -> int:
    """Append one reading, and return how often these clips have been read by any run until then.

    To be called before the test part is heard, so that no reading is lost. One that is there, of
    the same run and `time`, is not entered again.

    Raises:
        InputError: if the file is no ledger or cannot be written; nothing may be read then.
    """
    folder = Path(os.path.relpath(run, path.parent)).as_posix()
    row = dict(zip(COLUMNS, (time or now(), *map(str, reading), folder), strict=True))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with one_after_another(path.with_suffix(".lock"), "writing the ledger"):
            before = _read(path) if path.exists() else []
            if time and row in before:
                before = before[: before.index(row)]
            else:
                _append(path, row)
    except OSError as error:
        raise InputError(
            f"the ledger of test readings {path} cannot be written: {error.strerror}; {HINT}"
        ) from error
    return 1 + sum(one["test_part"] == reading.test_part for one in before)


def _append(path: Path, row: Mapping[str, str]) -> None:
    content = path.read_bytes() if path.exists() else b""
    text = io.StringIO(newline="")
    text.write("\n" if content and not content.endswith(b"\n") else "")
    table = csv.DictWriter(text, COLUMNS)
    if not content:
        table.writeheader()
    table.writerow(row)
    if content:
        with path.open("a", newline="", encoding="utf-8") as file:
            file.write(text.getvalue())
    else:  # half a line of titles would make it no ledger
        write_whole(path, text.getvalue())


def _read(path: Path) -> list[dict[str, str]]:
    """Return the readings of a ledger; none of an empty file."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            table = csv.DictReader(file)
            rows = list(table)
            columns = tuple(table.fieldnames or COLUMNS)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            f"the ledger of test readings {path} cannot be read: {error}; {HINT}"
        ) from error
    if columns != COLUMNS:
        raise InputError(f"{path} is no ledger of this version ({', '.join(columns)}); {HINT}")
    return rows
