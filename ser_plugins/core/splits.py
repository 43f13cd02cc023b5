"""Makes folds for corpora that have none of their own, from the recordings at hand.

`by_speaker`, `leave_one_speaker_out`, `by_column` (the corpus's own `split`, or another column as
`by_column-session`) and, where nobody says who speaks, `by_clip`. With `leaky-` before its name
each may have a speaker on two sides, and everything that prints its score says so.
"""

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

from .errors import ProtocolError
from .folds import next_validates, random_folds, random_protocol
from .manifest import Row
from .types import Fold, Protocol
from .words import shorten

LEAKY = "leaky-"
BY_SPEAKER, BY_COLUMN, BY_CLIP = "by_speaker", "by_column", "by_clip"
LEAVE_ONE_OUT = "leave_one_speaker_out"
PARTS = {
    "test": ("test", "testing", "eval", "evaluation"),
    "valid": ("valid", "validation", "val", "dev", "development"),
    "train": ("train", "training"),
}


def make(name: str, rows: Sequence[Row], labels: Sequence[str]) -> Protocol | None:
    """Return the protocol of a splitter's name, or None if there is no such splitter.

    Raises:
        ProtocolError: if the rows do not say what it needs to know.
    """
    kind, _, column = name.removeprefix(LEAKY).partition("-")
    if kind == BY_COLUMN:
        made = by_column(rows, labels, column or "split")
    elif kind in SPLITTERS and not column:
        made = SPLITTERS[kind](rows, labels)
    else:
        return None
    if not name.startswith(LEAKY):
        return made
    # Every other row is trained on, whoever speaks.
    folds = tuple(dataclasses.replace(fold, train=fold.train or {}) for fold in made.folds)
    return dataclasses.replace(random_protocol(name, labels, folds=folds), note=made.note)


def default(rows: Sequence[Row]) -> str:
    """Return which splitter fits: the corpus's own split, its speakers, or neither."""
    if any(row.get("split") for row in rows):
        return BY_COLUMN
    return BY_SPEAKER if any(row["speaker"] for row in rows) else BY_CLIP


def by_clip(rows: Sequence[Row], labels: Sequence[str]) -> Protocol:
    """Return five folds over clips, for recordings of which nobody says who speaks."""
    note = "by clip, as nobody says who speaks: the score may leak"
    return Protocol(BY_CLIP, random_folds(), tuple(labels), note=note)


def by_column(rows: Sequence[Row], labels: Sequence[str], column: str) -> Protocol:
    """Return folds by a column: one fold where it says train, valid and test, else one a value.

    Raises:
        ProtocolError: if the column is not there, or is empty or of one value.
    """
    values = sorted({str(row.get(column, "")) for row in rows})
    name = BY_COLUMN if column == "split" else f"{BY_COLUMN}-{column}"
    if "" in values:
        without = sum(not row.get(column) for row in rows)
        columns = ", ".join(sorted(key for key in rows[0] if isinstance(rows[0][key], str)))
        raise ProtocolError(
            f"{name}: {without} of {len(rows)} recordings have no {column!r}; the columns are "
            f"{columns}; fill it, or use --protocol {BY_SPEAKER}"
        )
    named = {part: [v for v in values if v.lower() in words] for part, words in PARTS.items()}
    strange = sorted(set(values) - set(sum(named.values(), [])))
    if not strange:
        folds: tuple[Fold, ...] = (_own_split(name, column, named),)
    elif column == "split" or len(strange) < len(values):
        words = ", ".join(word for some in PARTS.values() for word in some)
        raise ProtocolError(f"{name}: {column!r} says {shorten(strange)}; expected of {words}")
    elif len(values) < 3:
        raise ProtocolError(f"{name} needs three values or more, not {shorten(values)}")
    else:
        folds = next_validates([[value] for value in values], column)
    return Protocol(name, folds, tuple(labels), shares=("text:test", "text:valid"))


def _own_split(name: str, column: str, named: dict[str, list[str]]) -> Fold:
    if missing := [part for part, values in named.items() if not values]:
        words = "; ".join(f"{part}: {', '.join(PARTS[part])}" for part in missing)
        raise ProtocolError(
            f"{name}: no recording is in {' or '.join(missing)} by its {column!r} ({words}); mark "
            f"some, or use --protocol {BY_SPEAKER}"
        )
    return Fold(*({column: named[part]} for part in ("test", "valid", "train")))


def leave_one_speaker_out(rows: Sequence[Row], labels: Sequence[str]) -> Protocol:
    """Return a fold a speaker; the next one of another group validates.

    Raises:
        ProtocolError: if a recording names no speaker, or there are fewer than three groups.
    """
    units = _units(rows)
    folds = []
    for i, unit in enumerate(units):
        valid = units[(i + 1) % len(units)][0]
        folds += [Fold({"speaker": [who]}, {"speaker": [valid]}) for who in unit]
    in_groups = ("group:valid",) if len(units) < len(folds) else ()
    shares = ("text:test", "text:valid", *in_groups)
    return Protocol(LEAVE_ONE_OUT, tuple(folds), tuple(labels), shares=shares)


def by_speaker(rows: Sequence[Row], labels: Sequence[str], most: int = 5) -> Protocol:
    """Return folds by speaker, balanced by sex and by label; each validates on the next.

    Speakers are dealt out, those with most clips first, each to the fold where sexes, and then
    labels, stay most even. Speakers of one group stay together. The same rows give the same
    folds.

    Raises:
        ProtocolError: if a recording names no speaker, or there are fewer than three.
    """
    units = _units(rows)
    clips: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        clips[row["speaker"]][row["label"]] += 1
    sexes = {row["speaker"]: Counter([row["sex"]]) for row in rows}
    folds: list[list[str]] = [[] for _ in range(min(most, len(units)))]

    def cost(fold: list[str], unit: list[str]) -> tuple[int, int]:
        return _unevenness(fold, unit, sexes), _unevenness(fold, unit, clips)

    def size(unit: list[str]) -> int:
        return sum(clips[who].total() for who in unit)

    for unit in sorted(units, key=lambda unit: (-size(unit), unit)):
        min(folds, key=lambda fold: cost(fold, unit)).extend(unit)
    return Protocol(
        BY_SPEAKER,
        next_validates([sorted(fold) for fold in folds]),
        tuple(labels),
        shares=("text:test", "text:valid"),
        note="made from the speakers at hand, balanced by sex and by label",
    )


def _unevenness(fold: Iterable[str], unit: Iterable[str], counts: dict[str, Counter[str]]) -> int:
    """Return by how much a unit would raise the sum of squares of what a fold has of each kind."""
    before: Counter[str] = sum((counts[who] for who in fold), Counter())
    more: Counter[str] = sum((counts[who] for who in unit), Counter())
    return sum((before[kind] + n) ** 2 - before[kind] ** 2 for kind, n in more.items())


def _units(rows: Sequence[Row]) -> list[list[str]]:
    """Return speakers by group; one who is in no group is a unit alone."""
    if unnamed := sum(not row["speaker"] for row in rows):
        raise ProtocolError(
            f"{unnamed} recordings name no speaker, so no fold can be by speaker; name them, or "
            f"use --protocol {LEAKY}{BY_CLIP}"
        )
    groups: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        groups[row["group"] or f"speaker {row['speaker']}"].add(row["speaker"])
    units: list[set[str]] = []
    for members in groups.values():  # units that have a speaker in common become one
        touched = [unit for unit in units if unit & members]
        units = [unit for unit in units if not unit & members] + [members.union(*touched)]
    if len(units) < 3:
        raise ProtocolError(
            f"folds by speaker need three speakers or more, not {len(units)} (speakers who share "
            "a group count as one)"
        )
    return sorted(sorted(unit) for unit in units)


SPLITTERS: dict[str, Callable[[Sequence[Row], Sequence[str]], Protocol]] = {
    BY_SPEAKER: by_speaker,
    LEAVE_ONE_OUT: leave_one_speaker_out,
    BY_CLIP: by_clip,
}
NAMES = (BY_SPEAKER, LEAVE_ONE_OUT, BY_COLUMN, BY_CLIP)
