"""Which protocol holds, its hashes, and the three parts of a fold."""

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from . import splits
from .errors import ProtocolError
from .manifest import Row
from .selectors import deal, takes, values
from .types import Corpus, Fold, Protocol
from .words import nearest, shorten

Parts = dict[str, list[Row]]
LEAKY = splits.LEAKY


def choose(
    corpus: Corpus,
    rows: Sequence[Row],
    name: str | None = None,
    labels: Sequence[str] | None = None,
    merge: Mapping[str, str] | None = None,
) -> Protocol:
    """Return a corpus's protocol: by name, or its main one.

    Args:
        corpus: the corpus.
        rows: its rows, from which folds by speaker are made.
        name: one of the corpus's protocols, or of a splitter's; None for its main one.
        labels: other labels than the protocol's; the protocol is then called `custom`.
        merge: other merged labels, likewise.

    Raises:
        ProtocolError: for a name or label that does not exist, listing those that do.
    """
    words = {row["label"] for row in rows} | set(corpus.labels or ())
    counted = [row for row in rows if _counts(row["label"], labels, merge or {})]
    protocol = _named(corpus, counted, name)
    if labels is None and merge is None:
        _check_labels(protocol)
        return protocol
    merge = dict(protocol.merge if merge is None else merge)
    renamed = dict.fromkeys(merge.get(label, label) for label in protocol.labels)
    protocol = dataclasses.replace(
        protocol,
        name=(LEAKY if is_leaky(protocol.name) else "") + "custom",
        labels=tuple(renamed if labels is None else labels),
        merge=merge,
        sizes=(),
    )
    _check_words(protocol, words - {""})
    return protocol


def _counts(label: str, labels: Sequence[str] | None, merge: Mapping[str, str]) -> bool:
    """Tell whether a recording's label is among those wanted: others must not shape folds."""
    return bool(label) and (labels is None or merge.get(label, label) in labels)


def _named(corpus: Corpus, rows: Sequence[Row], name: str | None) -> Protocol:
    known = {protocol.name: protocol for protocol in corpus.protocols}
    name = name or next(iter(known), splits.default(rows))
    if name in known:
        return known[name]
    found = {row["label"] for row in rows} - {""}
    labels = [x for x in corpus.labels if x in found] if corpus.labels else sorted(found)
    if made := splits.make(name, rows, labels):
        return made
    names = [*known, *splits.NAMES]
    there_are = f"no protocol is called {name!r}; there are: {', '.join(names)}"
    raise ProtocolError(there_are + nearest(name, names))


def _check_words(protocol: Protocol, known: set[str]) -> None:
    strange = sorted(
        (set(protocol.labels) | set(protocol.merge)) - known - set(protocol.merge.values())
    )
    if strange:
        raise ProtocolError(
            f"labels {', '.join(strange)} do not occur; the corpus has {', '.join(sorted(known))}"
        )
    _check_labels(protocol)


def _check_labels(protocol: Protocol) -> None:
    if len(set(protocol.labels)) < max(2, len(protocol.labels)):
        raise ProtocolError(f"labels must be two or more, each once: {list(protocol.labels)}")


def get_fold(protocol: Protocol, number: int) -> Fold:
    """Return a fold by its number, from 1."""
    if not 1 <= number <= len(protocol.folds):
        raise ProtocolError(
            f"{protocol.name} has folds 1 to {len(protocol.folds)}, there is no fold {number}"
        )
    return protocol.folds[number - 1]


def split(rows: Sequence[Row], protocol: Protocol, number: int) -> tuple[Parts, list[str]]:
    """Return the `train`, `valid` and `test` rows of a fold, and notes on what is in none.

    What a fold has on two sides is for `leaks` to find.

    Raises:
        ProtocolError: if a speaker of the fold is missing, or a part is empty.
    """
    fold = get_fold(protocol, number)
    _check_present(rows, protocol, fold)
    parts: Parts = {"train": [], "valid": [], "test": []}
    if any(values(part or {}, "percent") for part in (fold.test, fold.valid, fold.train)):
        rows = deal(rows)
    tested = {who for row in rows if takes(fold.test, row) for who in identities(row)}
    unused = 0
    for row in rows:
        if takes(fold.test, row):
            parts["test"].append(row)
        elif takes(fold.valid, row):
            parts["valid"].append(row)
        elif takes(fold.train, row) if fold.train is not None else not tested & identities(row):
            parts["train"].append(row)
        else:
            unused += 1
    _check_parts(parts, protocol)
    return parts, [f"{unused} recordings are in no part of this fold"] if unused else []


def identities(row: Row) -> set[tuple[str, str]]:
    """Return what a split must not share: the speaker and the group, where they are known."""
    return {(column, row[column]) for column in ("speaker", "group") if row[column]}


def _check_present(rows: Iterable[Row], protocol: Protocol, fold: Fold) -> None:
    present = {row["speaker"] for row in rows}
    wanted = values(fold.test, "speaker") | values(fold.valid, "speaker")
    if missing := sorted(wanted - present):
        raise ProtocolError(
            f"{protocol.name} needs speakers that have no recordings here: {shorten(missing, 12)} "
            f"({len(present)} speakers are there); complete the corpus, or use "
            f"--protocol {splits.BY_SPEAKER}"
        )


def _check_parts(parts: Parts, protocol: Protocol) -> None:
    if empty := [part for part, rows in parts.items() if not rows]:
        raise ProtocolError(f"{protocol.name}: no recordings for {' and '.join(empty)}")
    trained = {row["label"] for row in parts["train"]}
    if unseen := [label for label in protocol.labels if label not in trained]:
        raise ProtocolError(f"{protocol.name}: nothing to train {shorten(unseen)} on")


def sizes(parts: Parts) -> tuple[int, int, int]:
    """Return the numbers of clips of train, valid and test."""
    return len(parts["train"]), len(parts["valid"]), len(parts["test"])


def mark(name: str) -> str:
    """Return what stands before every score of a protocol that leaks; nothing for another's.

    >>> mark("leaky-tess-random") + "0.99"
    'LEAKY 0.99'
    """
    return "LEAKY " if is_leaky(name) else ""


def is_leaky(name: str) -> bool:
    """Tell whether a protocol's name says that it has speakers on two sides."""
    return name.startswith(LEAKY)


def speakers(rows: Iterable[Row]) -> set[str]:
    """Return the known speakers of some rows."""
    return {row["speaker"] for row in rows} - {""}


def definition_hash(protocol: Protocol) -> str:
    """Return 12 hex digits of what a protocol says, its name and note aside."""
    return _hash(
        {
            "folds": [dataclasses.asdict(fold) for fold in protocol.folds],
            "labels": list(protocol.labels),
            "merge": dict(protocol.merge),
            "shares": sorted(protocol.shares),
        }
    )


def rows_hash(parts: Parts) -> str:
    """Return 12 hex digits of the rows that came out: part, id, label and speaker of each."""
    return _hash(
        sorted(
            [part, row["id"], row["label"], row["speaker"]]
            for part, rows in parts.items()
            for row in rows
        )
    )


def clips_hash(rows: Iterable[Row]) -> str:
    """Return 12 hex digits of some recordings, by id and length: of any label and sample rate."""
    return _hash(sorted([row["id"], round(row["seconds"], 2)] for row in rows))


def _hash(thing: Any) -> str:
    text = json.dumps(thing, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
