"""What every corpus promises."""

import contextlib
import tempfile
from collections.abc import Callable
from pathlib import Path

from .. import leaks, protocols, selectors
from ..errors import CorpusError
from ..folds import WHAT
from ..manifest import read_corpus
from ..types import Corpus, Protocol
from .kit import UntriedError, expect, promise
from .on_recordings import folds_of

Make = Callable[..., Corpus]
SHARES = {f"{what}:{side}" for what in WHAT for side in ("test", "valid")}


@promise("datasets")
def facts_are_sane(make: Make) -> None:
    """Labels are different words, counts are positive, and it says where it is to be had."""
    corpus = make()
    if corpus.labels is not None:
        expect(len(corpus.labels) >= 2, "labels: two or more, or None")
        expect(len(set(corpus.labels)) == len(corpus.labels), "a label stands twice")
    if corpus.size is not None and corpus.speakers is not None:
        expect(corpus.size >= corpus.speakers > 0, "fewer recordings than speakers")
    is_page = corpus.url.startswith(("https://", "http://"))
    named = is_page or bool(corpus.request) or corpus.embedded
    expect(named or corpus.size is None, "a published corpus says in `url` where it is to be had")
    expect(not corpus.sexes or len(corpus.sexes) == corpus.speakers, "sexes: of every speaker")
    expect(bool(corpus.licence), "licence: the corpus's own terms, in words")
    expect(not corpus.embedded or corpus.obtain is not None, "embedded needs `obtain`")


@promise("datasets")
def an_empty_folder_yields_nothing(make: Make) -> None:
    """Reading an empty folder yields nothing, or says in a CorpusError what is missing."""
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(CorpusError):
        expect(not list(make().read(Path(folder))), "it invented recordings")


@promise("datasets")
def protocols_are_sound(make: Make) -> None:
    """Protocols have names of their own, declared labels, and no speaker on two sides unsaid."""
    corpus = make()
    names = [protocol.name for protocol in corpus.protocols]
    expect(len(set(names)) == len(names), f"a protocol's name stands twice: {names}")
    for protocol in corpus.protocols:
        _check_labels(protocol, corpus)
        leaky = "speaker:test" in protocol.shares
        expect(
            protocols.is_leaky(protocol.name) == leaky,
            f"{protocol.name}: `leaky-` in the name and `speaker:test` in shares go together",
        )
        strange = set(protocol.shares) - SHARES
        expect(not strange, f"{protocol.name} shares {strange}; expected of {sorted(SHARES)}")
        expect(
            len(protocol.sizes) in (0, len(protocol.folds)),
            f"{protocol.name}: sizes of each fold, or none",
        )
        for number, fold in enumerate(protocol.folds, 1):
            tested = selectors.values(fold.test, "speaker")
            valid = selectors.values(fold.valid, "speaker")
            both = tested & valid
            expect(leaky or not both, f"{protocol.name} fold {number}: {both} test and validate")
            strange = (tested | valid) - set(corpus.sexes or tested | valid)
            expect(not strange, f"{protocol.name} fold {number} names {strange}, who do not exist")


def _check_labels(protocol: Protocol, corpus: Corpus) -> None:
    expect(bool(protocol.folds), f"{protocol.name} has no fold")
    expect(len(set(protocol.labels)) == len(protocol.labels) >= 2, f"{protocol.name}: labels")
    if corpus.labels is not None:
        known = set(corpus.labels) | set(protocol.merge.values())
        strange = set(protocol.labels) - known
        expect(not strange, f"{protocol.name} has labels that the corpus has not: {strange}")


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
        expect(not notes, f"incomplete: {notes}")
        for row in rows:
            same = Path(one, row["path"]).read_bytes() == Path(two, row["path"]).read_bytes()
            expect(same, f"{row['path']} differs between two renderings")
        for protocol, _, parts in folds_of(corpus, rows):
            for finding in leaks.find(parts, protocol):
                expect(not finding.must_not_be, finding.text)
