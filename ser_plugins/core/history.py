"""The course of a training run: one row an epoch, in `history.csv` and on the screen."""

import csv
import io
import logging
from pathlib import Path
from typing import Any

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
    """

    def __init__(self, path: Path, writer: Any = None):
        self.path, self.writer = path, writer
        self.rows: list[dict[str, float]] = []
        if path.exists():
            self.rows = _read(path)

    def add(self, **row: Any) -> None:
        """Log one epoch and write it down; later epochs than it are forgotten."""
        self.rows = [r for r in self.rows if r["epoch"] < row["epoch"]] + [row]
        self._write()
        log.info(
            "epoch %3d  train loss %.3f  valid loss %.3f  UAR %.3f  WA %.3f  lr %.2e  %.1f s",
            *(row[column] for column in COLUMNS),
        )
        if self.writer:
            valid = {"loss": row["valid_loss"], "uar": row["uar"], "wa": row["wa"]}
            self.writer.log_stats(
                {"epoch": row["epoch"], "lr": row["lr"]}, {"loss": row["train_loss"]}, valid
            )

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
