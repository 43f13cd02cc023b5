"""Says in words what a protocol is, and who is in which part of its folds."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from . import selectors
from .types import Corpus, Fold, Protocol, Selector

LEAKY = "LEAKY: its scores are not those of unknown speakers"
MOST_VALUES = 24  # of a selector, written out


def facts(protocol: Protocol) -> dict[str, str]:
    """Return what holds for every fold; what a protocol does not say is left out."""
    found = {
        "note": protocol.note,
        "labels": ", ".join(protocol.labels),
        "merged": ", ".join(f"{a} as {b}" for a, b in protocol.merge.items()),
        "on two sides": two_sides(protocol),
    }
    return {fact: text for fact, text in found.items() if text}


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


def parts(corpus: Corpus, protocol: Protocol) -> Iterator[tuple[int, str, int | None, str]]:
    """Yield the number of each fold, each of its parts, how many clips it has, and who is in it.

    A count is None where it is known only when the files are read.
    """
    sizes: Sequence[Sequence[int | None]] = protocol.sizes or ((None,) * 3,) * len(protocol.folds)
    for number, (fold, expected) in enumerate(zip(protocol.folds, sizes, strict=True), 1):
        chosen = zip(("train", "valid", "test"), (fold.train, fold.valid, fold.test), strict=True)
        for (part, selector), size in zip(chosen, expected, strict=True):
            who = others(fold, corpus) if selector is None else in_words(selector, corpus.sexes)
            yield number, part, size, who


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
