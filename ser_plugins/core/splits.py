"""Makes folds for corpora that have none of their own. None of them shares a speaker."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from .errors import ProtocolError
from .manifest import Row
from .types import Fold, Protocol

BY_SPEAKER = "by_speaker"


def by_speaker(rows: Sequence[Row], labels: Sequence[str], most: int = 5) -> Protocol:
    """Return folds by speaker, balanced by sex and by clips; each validates on the next.

    Speakers are dealt out, those with most clips first, each to the fold that has fewest of
    their sex, and among those the fewest clips. Speakers of one group stay together. The same
    rows give the same folds.

    Raises:
        ProtocolError: if a recording names no speaker, or there are fewer than three.
    """
    clips = Counter(row["speaker"] for row in rows)
    sexes = {row["speaker"]: row["sex"] for row in rows}
    units = _units(rows)
    if clips[""]:
        raise ProtocolError(f"{clips['']} recordings name no speaker, so no fold can be by speaker")
    if len(units) < 3:
        raise ProtocolError(f"folds by speaker need three speakers or more, not {len(units)}")
    folds: list[list[str]] = [[] for _ in range(min(most, len(units)))]

    def load(fold: list[str], unit: list[str]) -> tuple[int, int]:
        alike = sum(sexes[s] == sexes[unit[0]] for s in fold)
        return alike, sum(clips[s] for s in fold)

    for unit in sorted(units, key=lambda u: (sexes[u[0]], -sum(clips[s] for s in u), u)):
        min(folds, key=lambda fold: load(fold, unit)).extend(unit)
    return Protocol(
        BY_SPEAKER,
        tuple(
            Fold({"speaker": sorted(fold)}, {"speaker": sorted(folds[(i + 1) % len(folds)])})
            for i, fold in enumerate(folds)
        ),
        tuple(labels),
        note="made from the speakers at hand, balanced by sex and by clips",
    )


def _units(rows: Sequence[Row]) -> list[list[str]]:
    """Return speakers by group; one who is in no group is a unit alone."""
    units: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        units[row["group"] or row["speaker"]].add(row["speaker"])
    return [sorted(unit) for unit in units.values()]
