"""Finds what is on two sides of a fold: speakers, groups, sentences, recordings and copies."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from .copies import Pair
from .findings import DECLARED, LEAK, NOTE, Finding
from .manifest import Row
from .protocols import LEAKY, Parts, is_leaky
from .types import Protocol
from .words import shorten

REMEDY = {
    "audio": "Remove one",
    "copy": "Listen to both and remove one; if they are two recordings after all, such as two "
    "with one noise or jingle, --allow_copies True tells of them and goes on",
}
CHECKS = ("id", "speaker", "group", "text", "audio", "copy", "labels", "unknown")
# Test is held against all that was trained or chosen on, validation against what was trained on.
SIDES = (("test", ("valid", "train")), ("valid", ("train",)))


def find(
    parts: Parts, protocol: Protocol, copies: Iterable[Pair] = (), allow_copies: bool = False
) -> list[Finding]:
    """Look for everything that should not be on two sides of a fold.

    Args:
        parts: rows of `train`, `valid` and `test`; with `digest`, if equal audio is to be found.
        protocol: the protocol that holds; what it names in `shares` is declared.
        copies: pairs of ids that are altered copies of one recording, and how alike they are.
        allow_copies: only tell of them, as somebody who listened knows better.

    Returns:
        Findings of the `CHECKS`.
    """
    return [
        *_columns(parts, protocol),
        *_pairs(parts, protocol, "audio", "the same audio", _doubles(parts)),
        *(
            found._replace(level=NOTE) if allow_copies else found
            for found in _pairs(parts, protocol, "copy", "an altered copy", copies)
        ),
        *_labels(parts, protocol),
        *_unknown(parts),
    ]


def _columns(parts: Parts, protocol: Protocol) -> Iterator[Finding]:
    for side, others in SIDES:
        for column in ("id", "speaker", "group", "text"):
            seen = _values(column, *(parts[part] for part in others))
            if shared := sorted(_values(column, parts[side]) & seen):
                where = f"of its {side} part on another side too"
                what = f"{protocol.name} has {column} {shorten(shared)} {where}"
                yield _judge(protocol, column, side, what, NOTE if column == "text" else LEAK)


def _values(column: str, *parts: Iterable[Row]) -> set[str]:
    return {row[column] for rows in parts for row in rows if row.get(column)}


def _judge(protocol: Protocol, what: str, side: str, text: str, level: str = LEAK) -> Finding:
    """Return a finding: declared where the protocol says so, and says so in its name."""
    share = f"{'audio' if what == 'copy' else what}:{side}"
    if share not in protocol.shares:
        hint = (
            f"; a protocol that means this says {share} in `shares`, and one that is made of the "
            f"recordings begins with {LEAKY}, as --protocol {LEAKY}by_clip"
        )
        return Finding(what, level, text + hint if level == LEAK else text)
    if share == "speaker:test" and not is_leaky(protocol.name):
        return Finding(what, LEAK, f"{text}: call it {LEAKY}{protocol.name}")
    return Finding(what, DECLARED, text)


def _doubles(parts: Parts) -> list[Pair]:
    """Return pairs of recordings with the very same audio."""
    same: dict[str, list[str]] = defaultdict(list)
    for rows in parts.values():
        for row in rows:
            if row.get("digest"):
                same[row["digest"]].append(row["id"])
    return [(ids[0], other, 1.0) for ids in same.values() for other in ids[1:]]


def _pairs(
    parts: Parts, protocol: Protocol, check: str, what: str, pairs: Iterable[Pair]
) -> Iterator[Finding]:
    """Judge pairs of ids by the sides on which they are; those on one side are only told."""
    place = {row["id"]: (part, row["label"]) for part, rows in parts.items() for row in rows}
    by_side: dict[str, list[str]] = defaultdict(list)
    for one, other, _ in pairs:
        if one in place and other in place:
            sides = {place[one][0], place[other][0]}
            side = "" if len(sides) == 1 else "test" if "test" in sides else "valid"
            by_side[side].append(
                " = ".join(f"{id} ({', '.join(place[id])})" for id in (one, other))
            )
    for side, texts in by_side.items():
        if side:
            text = f"{protocol.name}: {what} is on two sides: {shorten(texts)}. {REMEDY[check]}"
            yield _judge(protocol, check, side, text)
        else:
            yield Finding(check, NOTE, f"{what}, on one side: {shorten(texts)}")


def _labels(parts: Parts, protocol: Protocol) -> Iterator[Finding]:
    found = {row["label"] for rows in parts.values() for row in rows}
    if strange := sorted(found - set(protocol.labels)):
        yield Finding("labels", LEAK, f"{protocol.name} does not declare {shorten(strange)}")


def _unknown(parts: Parts) -> Iterator[Finding]:
    rows = [row for part in parts.values() for row in part]
    if unknown := sum(not row["speaker"] for row in rows):
        text = f"{unknown} of {len(rows)} recordings name no speaker: the score may leak"
        yield Finding("unknown", NOTE, text)
