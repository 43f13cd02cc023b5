"""Shows the folds of a protocol: from its definition, or from the rows that fill it."""

import logging
from collections import Counter
from collections.abc import Sequence

from ser_plugins.core import membership, protocols
from ser_plugins.core.manifest import Row
from ser_plugins.core.membership import people
from ser_plugins.core.types import Corpus, Protocol

log = logging.getLogger("ser_plugins.protocols")


def show(dataset: str, corpus: Corpus, protocol: Protocol) -> None:
    """Log a protocol as it is defined."""
    say_head(dataset, protocol)
    parts = list(membership.parts(corpus, protocol))
    for part in parts:
        say_part(*part)
    if any(size is None for _, _, size, _ in parts):
        log.info("?: known when the files are read; name them with --data_folder")


def say_head(dataset: str, protocol: Protocol) -> None:
    """Log what holds for every fold."""
    log.info("%s of %s, definition %s", protocol.name, dataset, protocols.definition_hash(protocol))
    if protocols.is_leaky(protocol.name):
        log.warning(membership.LEAKY)
    for fact, text in membership.facts(protocol).items():
        log.info("  %s: %s", fact, text)
    log.info("%4s  %-5s %6s", "fold", "part", "clips")


def say_part(number: int, part: str, size: int | None, who: str) -> None:
    """Log a line a part; the fold's number stands before the first."""
    log.info("%4s  %-5s %6s  %s", number if part == "train" else "", part, size or "?", who)


def say_rows(number: int, part: str, rows: Sequence[Row], words: Sequence[str]) -> None:
    """Log who is in a part, and how many clips of each label."""
    say_part(number, part, len(rows), people({row["speaker"]: row["sex"] for row in rows}))
    counts = Counter(row["label"] for row in rows)
    log.info("%19s  %s", "", ", ".join(f"{counts[word]} {word}" for word in words))
