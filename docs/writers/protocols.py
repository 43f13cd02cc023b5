"""Sections of the protocols: what each is, and who is in which part of its folds."""

from collections.abc import Iterator

from ser_plugins import Corpus, Protocol, get_dataset
from ser_plugins.cli._folds import in_words, others
from ser_plugins.core import protocols

from .markdown import facts, joined, table
from .plugins import names

PARTS = ("train", "valid", "test")
LEAKY = ":::{danger}\nLEAKY: its scores are not those of unknown speakers.\n:::"


def each_protocol() -> Iterator[tuple[str, Corpus, Protocol]]:
    """Yield every protocol, with its corpus and the corpus's name."""
    for name in names("datasets"):
        corpus = get_dataset(name)
        for protocol in corpus.protocols:
            yield name, corpus, protocol


def at_a_glance() -> str:
    """Return a line for each protocol."""
    heading = ("protocol", "corpus", "folds:", "labels:", "on two sides", "definition")
    return table(
        heading,
        (
            (
                f"[{p.name}](#protocol-{p.name})",
                f"[`{name}`](#datasets-{name})",
                len(p.folds),
                len(p.labels),
                two_sides(p),
                f"`{protocols.definition_hash(p)}`",
            )
            for name, _, p in each_protocol()
        ),
    )


def two_sides(protocol: Protocol) -> str:
    """Say what a fold has on two sides, and where that is not in both parts that are held out.

    >>> two_sides(Protocol("p", (), (), shares=("text:test", "text:valid", "group:valid")))
    'group (valid), text'
    """
    sides: dict[str, list[str]] = {}
    for share in sorted(protocol.shares):
        what, _, side = share.partition(":")
        sides.setdefault(what, []).append(side)
    return ", ".join(w if len(s) == 2 else f"{w} ({s[0]})" for w, s in sides.items())


def each_fold() -> str:
    """Return a section for each protocol, which other pages reach as `#protocol-<name>`."""
    return joined(*(one_protocol(*found) for found in each_protocol()))


def one_protocol(name: str, corpus: Corpus, protocol: Protocol) -> str:
    """Return the section of a protocol."""
    found = {
        "corpus": f"[`{name}`](#datasets-{name})",
        "note": protocol.note,
        "labels": ", ".join(protocol.labels),
        "merged": ", ".join(f"{a} as {b}" for a, b in protocol.merge.items()),
        "on two sides": two_sides(protocol),
        "definition": f"`{protocols.definition_hash(protocol)}`",
    }
    return joined(
        f"(protocol-{protocol.name})=\n## {protocol.name}",
        LEAKY if protocols.is_leaky(protocol.name) else "",
        facts(found),
        table(("fold:", "part", "clips:", "who"), folds(corpus, protocol)),
    )


def folds(corpus: Corpus, protocol: Protocol) -> Iterator[tuple[object, ...]]:
    """Yield a row for each part of each fold."""
    known = protocol.sizes or ((None,) * 3,) * len(protocol.folds)
    for number, (fold, sizes) in enumerate(zip(protocol.folds, known, strict=True), 1):
        selectors = (fold.train, fold.valid, fold.test)
        for part, selector, count in zip(PARTS, selectors, sizes, strict=True):
            who = others(fold, corpus) if selector is None else in_words(selector, corpus.sexes)
            yield number if part == "train" else "", part, count or "", who
