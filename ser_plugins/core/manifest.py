"""The rows of a part of a corpus, to JSON and back."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .writing import write_json

Row = dict[str, Any]


def write(rows: Iterable[Row], path: Path) -> None:
    """Write rows as JSON, id to the rest, the paths relative to the corpus root."""
    table = {row["id"]: {k: v for k, v in row.items() if k != "id"} for row in rows}
    write_json(path, table)


def read(path: Path) -> list[Row]:
    """Read what `write` wrote."""
    table = json.loads(path.read_text(encoding="utf-8"))
    return [{"id": id, **row} for id, row in table.items()]
