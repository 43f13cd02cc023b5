"""The course of a training run: one row an epoch, in `history.csv` and on the screen."""

import csv
import io
import logging
from pathlib import Path
from typing import Any, NamedTuple

from . import ranks
from .errors import OptionError
from .writing import write_whole

log = logging.getLogger(__name__)

COLUMNS = ("epoch", "train_loss", "valid_loss", "uar", "wa", "lr", "seconds")


def _read(path: Path) -> list[dict[str, float]]:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            table = csv.DictReader(file)
            return [{column: float(row[column]) for column in COLUMNS} for row in table]
    except (OSError, KeyError, TypeError, ValueError, csv.Error) as error:
        raise OptionError(f"{path} is damaged ({error!r}); remove the run folder") from None


class History:
    """Rows of epochs. An epoch that is run again after a kill replaces its row.

    Args:
        path: the CSV file; read if it is there.
        writer: SpeechBrain's TensorBoard logger, or None.
        step: what a row is, `epoch` unless candidates are compared that do not follow each other.
        rate: what stands in the column `lr`.
    """

    def __init__(self, path: Path, writer: Any = None, step: str = "epoch", rate: str = "lr"):
        self.path, self.writer, self.step, self.rate = path, writer, step, rate
        self.rows: list[dict[str, float]] = []
        if path.exists():
            self.rows = _read(path)

    def add(self, **row: Any) -> None:
        """Log one epoch and write it down; later epochs than it are forgotten."""
        self.rows = [r for r in self.rows if r["epoch"] < row["epoch"]] + [row]
        self._write()
        log.info(
            "%s %3d  train loss %.3f  valid loss %.3f  UAR %.3f  WA %.3f  %s %.2e  %.1f s",
            self.step,
            *(row[column] for column in COLUMNS[:-2]),
            self.rate,
            *(row[column] for column in COLUMNS[-2:]),
        )
        if self.writer:
            valid = {"loss": row["valid_loss"], "uar": row["uar"], "wa": row["wa"]}
            self.writer.log_stats(
                {"epoch": row["epoch"], "lr": row["lr"]}, {"loss": row["train_loss"]}, valid
            )

    @ranks.on_main
    def _write(self) -> None:
        text = io.StringIO()
        table = csv.DictWriter(text, COLUMNS)
        table.writeheader()
        table.writerows({**row, "epoch": int(row["epoch"])} for row in self.rows)
        write_whole(self.path, text.getvalue())

    @property
    def seconds(self) -> float:
        """Return how long the epochs took."""
        return sum(row["seconds"] for row in self.rows)


class Course(NamedTuple):
    """How a system was fitted: every step, and the one that validation chose.

    Args:
        history: one row a step.
        best_epoch: the number of the step whose weights are kept.
    """

    history: History
    best_epoch: int
