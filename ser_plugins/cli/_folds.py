"""Shows the folds of a protocol: from its definition, or from the rows that fill it."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence

from ser_plugins.core import protocols, selectors
from ser_plugins.core.manifest import Row
from ser_plugins.core.types import Corpus, Fold, Protocol, Selector

log = logging.getLogger("ser_plugins.protocols")

MOST_VALUES = 24  # of a selector, written out


def show(dataset: str, corpus: Corpus, protocol: Protocol) -> None:
    """Log a protocol as it is defined."""
    say_head(dataset, protocol)
    sizes: Sequence[Sequence[int | None]] = protocol.sizes or ((None,) * 3,) * len(protocol.folds)
    for number, (fold, expected) in enumerate(zip(protocol.folds, sizes, strict=True), 1):
        parts = zip(("train", "valid", "test"), (fold.train, fold.valid, fold.test), strict=True)
        for (part, selector), size in zip(parts, expected, strict=True):
            who = others(fold, corpus) if selector is None else in_words(selector, corpus.sexes)
            say_part(number, part, size, who)
    if any(None in size for size in sizes):
        log.info("?: known when the files are read; name them with --data_folder")


def say_head(dataset: str, protocol: Protocol) -> None:
    """Log what holds for every fold."""
    log.info("%s of %s, definition %s", protocol.name, dataset, protocols.definition_hash(protocol))
    if protocols.is_leaky(protocol.name):
        log.warning("LEAKY: its scores are not those of unknown speakers")
    facts = {
        "note": protocol.note,
        "labels": ", ".join(protocol.labels),
        "merged": ", ".join(f"{a} as {b}" for a, b in protocol.merge.items()),
        "on two sides": ", ".join(protocol.shares),
    }
    for fact, text in facts.items():
        if text:
            log.info("  %s: %s", fact, text)
    log.info("%4s  %-5s %6s", "fold", "part", "clips")


def say_part(number: int, part: str, size: int | None, who: str) -> None:
    """Log a line a part; the fold's number stands before the first."""
    log.info("%4s  %-5s %6s  %s", number if part == "train" else "", part, size or "?", who)


def others(fold: Fold, corpus: Corpus) -> str:
    """Say who is trained on where that is everybody else."""
    held = [selectors.values(part, "speaker") for part in (fold.test, fold.valid)]
    is_by_speaker = all(
        not isinstance(part, tuple) and set(part) == {"speaker"} for part in (fold.test, fold.valid)
    )
    if not (corpus.sexes and is_by_speaker):
        return "every other clip of speakers who are not tested"
    return people({who: sex for who, sex in corpus.sexes.items() if who not in set.union(*held)})


def in_words(selector: Selector, sexes: Mapping[str, str]) -> str:
    """Say what a selector takes."""
    if isinstance(selector, tuple):
        return "; or ".join(in_words(one, sexes) for one in selector)
    if set(selector) == {"percent"}:
        return f"{len(selector['percent'])} % of the clips of each label, drawn once for all"
    words = [
        people({who: sexes.get(who, "") for who in values})
        if column == "speaker"
        else f"{column} {listed(values)}"
        for column, values in selector.items()
    ]
    return ", ".join(words)


def people(sexes: Mapping[str, str]) -> str:
    """Say how many speakers there are of each sex, and who they are.

    >>> people({"01": "male", "02": "female", "03": "male"})
    '3 speakers (1 female, 2 male): 01 02 03'
    """
    counts = Counter(sex or "unknown" for sex in sexes.values())
    by_sex = ", ".join(f"{n} {sex}" for sex, n in sorted(counts.items()))
    noun = "speaker" if len(sexes) == 1 else "speakers"
    return f"{len(sexes)} {noun} ({by_sex}): {listed(sorted(sexes))}"


def listed(values: Sequence[str]) -> str:
    """Write values out, the first few of many."""
    more = f" … ({len(values)} in all)" if len(values) > MOST_VALUES else ""
    return " ".join(values[:MOST_VALUES]) + more


def say_rows(number: int, part: str, rows: Sequence[Row], words: Sequence[str]) -> None:
    """Log who is in a part, and how many clips of each label."""
    say_part(number, part, len(rows), people({row["speaker"]: row["sex"] for row in rows}))
    counts = Counter(row["label"] for row in rows)
    log.info("%19s  %s", "", ", ".join(f"{counts[word]} {word}" for word in words))
