"""What every corpus promises."""

import contextlib
import functools
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from .. import build, leaks, protocols, registry, selectors
from ..errors import CorpusError
from ..folds import WHAT
from ..survey import read_corpus
from ..types import Corpus, Fold, Protocol
from ..words import shorten
from .kit import UntriedError, expect, promise
from .on_recordings import folds_of

Make = Callable[..., Corpus]
SHARES = {f"{what}:{side}" for what in WHAT for side in ("test", "valid")}


@promise("datasets")
def facts_are_sane(make: Make) -> None:
    """Labels are different words, counts are positive, and it says where it is to be had."""
    corpus = make()
    if corpus.labels is not None:
        found = f"labels are {list(corpus.labels)}"
        expect(len(corpus.labels) >= 2, f"{found}; expected two or more, or None: any word")
        expect(len(set(corpus.labels)) == len(corpus.labels), f"{found}: {_twice(corpus.labels)}")
    _check_counts(corpus)
    is_page = corpus.url.startswith(("https://", "http://"))
    named = is_page or bool(corpus.request) or corpus.embedded
    where = f"url is {corpus.url!r}; a published corpus says there where it is to be had: https://…"
    expect(named or corpus.size is None, where)
    expect(bool(corpus.licence), "licence is empty; say the corpus's own terms, in words")
    render = "it is embedded, but obtain is None; give the function that renders it"
    expect(not corpus.embedded or corpus.obtain is not None, render)


def _check_counts(corpus: Corpus) -> None:
    size, speakers = corpus.size, corpus.speakers
    for name, count in (("size", size), ("speakers", speakers)):
        hint = f"{name} is {count}; expected 1 or more, or None where it is not known"
        expect(count is None or count > 0, hint)
    fewer = f"{size} recordings of {speakers} speakers: swap `size` and `speakers`?"
    expect(size is None or speakers is None or size >= speakers, fewer)
    sexes = f"sexes names {len(corpus.sexes)} of {speakers} speakers; name all, or none"
    expect(not corpus.sexes or len(corpus.sexes) == speakers, sexes)


def _twice(words: Sequence[str]) -> str:
    """Say what stands twice."""
    return f"{shorten(sorted({word for word in words if words.count(word) > 1}))} stands twice"


@promise("datasets")
def an_empty_folder_yields_nothing(make: Make) -> None:
    """Reading an empty folder yields nothing, or says in a CorpusError what is missing."""
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(CorpusError):
        found = [u.id for u in make().read(Path(folder))]
        expect(not found, f"an empty folder gave {shorten(found)}; yield only files that are there")


@promise("datasets")
def protocols_are_sound(make: Make) -> None:
    """Protocols have names that no other has, declared labels, no speaker on two sides unsaid."""
    corpus = make()
    names = [protocol.name for protocol in corpus.protocols]
    expect(len(set(names)) == len(names), f"protocols: {_twice(names)}")
    _check_others(corpus, make.args[0] if isinstance(make, functools.partial) else "")
    for protocol in corpus.protocols:
        _check_labels(protocol, corpus)
        _check_words(protocol)
        for number, fold in enumerate(protocol.folds, 1):
            _check_speakers(f"{protocol.name} fold {number}", fold, protocol, corpus)


def _check_others(corpus: Corpus, own: str) -> None:
    """Check that no other corpus calls another protocol the same; one that is taken over may be."""
    for name in sorted({*registry.default().names("datasets")} - {own}):
        others: dict[str, Protocol] = {}
        with contextlib.suppress(Exception):  # what cannot be built is no fault of this one
            others = {protocol.name: protocol for protocol in build.get_dataset(name).protocols}
        for protocol in corpus.protocols:
            taken = f"{protocol.name} is the name of another protocol, of {name}; take another name"
            expect(others.get(protocol.name, protocol) == protocol, taken)


def _check_labels(protocol: Protocol, corpus: Corpus) -> None:
    expect(bool(protocol.folds), f"{protocol.name} has no fold; expected one or more")
    found = f"{protocol.name} has labels {list(protocol.labels)}"
    expected = "expected two or more different words"
    expect(len(set(protocol.labels)) == len(protocol.labels) >= 2, f"{found}; {expected}")
    if corpus.labels is not None:
        strange = sorted(set(protocol.labels) - set(corpus.labels) - set(protocol.merge.values()))
        expected = f"expected of {', '.join(corpus.labels)}, or of the values of `merge`"
        expect(not strange, f"{protocol.name} has labels {strange}; {expected}")


def _check_words(protocol: Protocol) -> None:
    """Check name, shares and sizes."""
    expect(
        protocols.is_leaky(protocol.name) == ("speaker:test" in protocol.shares),
        f"{protocol.name}: `leaky-` in the name and `speaker:test` in shares go together",
    )
    strange = sorted(set(protocol.shares) - SHARES)
    expect(not strange, f"{protocol.name} shares {strange}; expected of {sorted(SHARES)}")
    found = f"{protocol.name} has {len(protocol.folds)} folds and sizes of {len(protocol.sizes)}"
    expect(len(protocol.sizes) in (0, len(protocol.folds)), f"{found}: give those of each, or none")


def _check_speakers(where: str, fold: Fold, protocol: Protocol, corpus: Corpus) -> None:
    """Check the speakers that a fold names; the rows of a copy may show more."""
    parts = {"test": fold.test, "valid": fold.valid, "train": fold.train or {}}
    named = {part: selectors.values(selector, "speaker") for part, selector in parts.items()}
    for side, other in (("test", "valid"), ("test", "train"), ("valid", "train")):
        both = sorted(named[side] & named[other])
        hint = f"part them, or say speaker:{side} in shares"
        said = f"speaker:{side}" in protocol.shares
        expect(said or not both, f"{where} has speakers {both} in {side} and {other}: {hint}")
    known = set(corpus.sexes)
    strange = sorted(set().union(*named.values()) - known) if known else []
    expect(not strange, f"{where} names speakers {strange}, whom `sexes` does not know")


@promise("datasets")
def what_is_embedded_is_complete(make: Make) -> None:
    """A corpus that renders itself does so whole, twice the same, and fills every fold."""
    corpus = make()
    if not corpus.embedded or corpus.obtain is None:
        raise UntriedError("it does not render itself")
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        for folder in (one, two):
            corpus.obtain(Path(folder))
        rows, notes = read_corpus("embedded", corpus, Path(one))
        expect(not notes, f"obtain(folder) must render the whole corpus; {'; '.join(notes)}")
        for row in rows:
            same = Path(one, row["path"]).read_bytes() == Path(two, row["path"]).read_bytes()
            expect(same, f"{row['path']} differs between two renderings: draw from a seed")
        for protocol, _, parts in folds_of(corpus, rows):
            for finding in leaks.find(parts, protocol):
                expect(not finding.must_not_be, finding.text)
