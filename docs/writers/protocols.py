"""Sections of the protocols: what each is, and who is in which part of its folds."""

from collections.abc import Iterator

from ser_plugins import Corpus, Protocol, get_dataset
from ser_plugins.core import membership, protocols

from .markdown import facts, joined, table
from .plugins import names

LEAKY = f":::{{danger}}\n{membership.LEAKY}.\n:::"


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
                membership.two_sides(p),
                f"`{protocols.definition_hash(p)}`",
            )
            for name, _, p in each_protocol()
        ),
    )


def each_fold() -> str:
    """Return a section for each protocol, which other pages reach as `#protocol-<name>`."""
    return joined(*(one_protocol(*found) for found in each_protocol()))


def one_protocol(name: str, corpus: Corpus, protocol: Protocol) -> str:
    """Return the section of a protocol."""
    found = {
        "corpus": f"[`{name}`](#datasets-{name})",
        **membership.facts(protocol),
        "definition": f"`{protocols.definition_hash(protocol)}`",
    }
    rows = (
        (number if part == "train" else "", part, size or "", who)
        for number, part, size, who in membership.parts(corpus, protocol)
    )
    return joined(
        f"(protocol-{protocol.name})=\n## {protocol.name}",
        LEAKY if protocols.is_leaky(protocol.name) else "",
        facts(found),
        table(("fold:", "part", "clips:", "who"), rows),
    )
