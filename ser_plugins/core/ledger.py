"""The list of every reading of a test part, over all run folders, never shortened."""

import csv
import datetime
import os
from pathlib import Path

import platformdirs

from . import protocols
from .errors import InputError
from .locks import one_after_another
from .prepare import Material

OWN = "SER_PLUGINS_LEDGER"
COLUMNS = ("time", "dataset", "protocol", "definition_hash", "fold", "run")


def own_ledger() -> Path:
    """Return the ledger of all of this user's run folders; `SER_PLUGINS_LEDGER` moves it."""
    given = os.environ.get(OWN)
    return (
        Path(given) if given else platformdirs.user_data_path("ser_plugins") / "test_readings.csv"
    )


def record_reading(path: Path, material: Material, run: Path) -> int:
    """Enter a reading of the test part of some material; return how often it has been read.

    It goes into the experiment's ledger and into the user's own, so that neither a new run
    folder nor another `--ledger` begins to count anew.
    """
    definition = protocols.definition_hash(material.protocol)
    what = (material.dataset, material.protocol.name, definition, material.fold, run)
    return max(record(ledger, *what) for ledger in dict.fromkeys((path.absolute(), own_ledger())))


def record(
    path: Path, dataset: str, protocol: str, definition_hash: str, fold: int, run: Path
) -> int:
    """Append one reading, and return how often this fold has been read by any run.

    To be called before the test part is scored, so that no reading is lost.

    Raises:
        InputError: if the file cannot be written; the test part must not be read then.
    """
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    where = Path(os.path.relpath(run, path.parent)).as_posix()
    row = (now, dataset, protocol, definition_hash, str(fold), where)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with one_after_another(path.with_suffix(".lock"), "writing the ledger"):
            is_new = not path.exists()
            with path.open("a", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows([COLUMNS, row] if is_new else [row])
            return count(path, dataset, definition_hash, fold)
    except OSError as error:
        raise InputError(
            f"the ledger of test readings {path} cannot be written: {error.strerror}; "
            f"name another with --ledger, or the user's own with {OWN}"
        ) from error


def count(path: Path, dataset: str, definition_hash: str, fold: int) -> int:
    """Return how often a fold of a protocol has been read."""
    with path.open(newline="", encoding="utf-8") as file:
        return sum(
            (row["dataset"], row["definition_hash"], row["fold"])
            == (dataset, definition_hash, str(fold))
            for row in csv.DictReader(file)
        )
