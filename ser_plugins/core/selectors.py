"""Tells which rows the selectors of a fold take."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence

from .manifest import Row
from .types import Columns, Selector


def takes(selector: Selector, row: Row) -> bool:
    """Tell whether a selector takes a row."""
    return any(
        all(str(row.get(column, "")) in values for column, values in columns.items())
        for columns in _columns(selector)
    )


def values(selector: Selector, column: str) -> set[str]:
    """Return the values of a column that a selector names."""
    return {value for columns in _columns(selector) for value in columns.get(column, ())}


def _columns(selector: Selector) -> tuple[Columns, ...]:
    return selector if isinstance(selector, tuple) else (selector,)


def deal(rows: Sequence[Row]) -> list[Row]:
    """Add the column `percent`: where a clip stands in a draw that is always the same."""
    by_label: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: _chance(row["id"])):
        by_label[row["label"]].append(row)
    places = {
        row["id"]: str(100 * i // len(some))
        for some in by_label.values()
        for i, row in enumerate(some)
    }
    return [{**row, "percent": places[row["id"]]} for row in rows]


def _chance(id: str) -> str:
    return hashlib.sha256(id.encode()).hexdigest()
