"""Counts clips by emotion, speaker, sex and part, and chooses one of each emotion."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .manifest import Row

UNKNOWN = "unknown"
NO_LABEL = "no label"


class Tally(NamedTuple):
    """How many clips there are of each name in each group.

    Args:
        names: of the bars, such as emotions.
        groups: of the colours, such as sexes; only those that occur.
        counts: `[names, groups]`.
    """

    names: tuple[str, ...]
    groups: tuple[str, ...]
    counts: NDArray[np.int64]


def tally(groups: Mapping[str, Sequence[Row]], column: str, names: Sequence[str] = ()) -> Tally:
    """Count the rows of each group by a column.

    Args:
        groups: rows by the name of their group.
        column: `label` or `speaker`.
        names: what comes first, in this order, though there be none; others follow, sorted.
    """
    found = {row[column] for rows in groups.values() for row in rows}
    order = (*names, *sorted(found - {*names, ""}), *([""] if "" in found else []))
    where = {name: i for i, name in enumerate(order)}
    present = tuple(group for group, rows in groups.items() if rows)
    counts = np.zeros((len(order), len(present)), np.int64)
    for j, group in enumerate(present):
        for row in groups[group]:
            counts[where[row[column]], j] += 1
    nameless = NO_LABEL if column == "label" else UNKNOWN
    return Tally(tuple(name or nameless for name in order), present, counts)


def by_sex(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Return rows by sex."""
    groups: dict[str, list[Row]] = {"female": [], "male": [], UNKNOWN: []}
    for row in rows:
        groups[row["sex"] if row["sex"] in groups else UNKNOWN].append(row)
    return groups


def choose_examples(rows: Sequence[Row], labels: Sequence[str]) -> list[Row]:
    """Return a clip of each label that occurs: the nearest to its label's median length."""
    chosen = []
    for label in labels:
        own = [row for row in rows if row["label"] == label]
        if own:
            middle = median(row["seconds"] for row in own)
            chosen.append(min(own, key=lambda row: (abs(row["seconds"] - middle), row["id"])))
    return chosen
