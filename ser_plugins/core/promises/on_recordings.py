"""What every corpus promises of a complete copy: its count, its folds, and sound that opens."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from .. import labels, leaks, protocols
from ..findings import NOTE
from ..survey import survey
from ..types import Corpus, Protocol
from ..words import shorten
from .kit import UntriedError, expect, only_if, promise

Make = Callable[..., Corpus]
Row = dict[str, Any]


def rows_of(corpus: Corpus, folder: Path) -> list[Row]:
    """Return the rows of a copy by its names alone, whose sound nobody opens.

    Raises:
        UntriedError: for a copy that is not complete.
    """
    rows: list[Row] = [
        {**u.targets, **u.extra, "id": u.id, "label": u.label, "speaker": u.speaker}
        | {"group": u.group, "sex": u.sex, "text": u.text, "path": u.path.as_posix()}
        for u in corpus.read(folder)
    ]
    if corpus.size is not None:
        there = f"{len(rows)} of {corpus.size} recordings are here"
        only_if(len(rows) >= corpus.size, f"needs a complete copy (--data_folder): {there}")
    elif not is_real(folder, [row["path"] for row in rows]):
        raise UntriedError("needs a copy of the corpus (--data_folder): these files are empty")
    return rows


def is_real(folder: Path, paths: Iterable[str]) -> bool:
    """Tell whether there is anything in the sound files."""
    return any((folder / path).stat().st_size for path in paths)


def folds_of(corpus: Corpus, rows: list[Row]) -> Iterator[tuple[Protocol, int, protocols.Parts]]:
    """Yield the parts of each fold, by number, of each of a corpus's protocols."""
    for protocol in corpus.protocols or (protocols.choose(corpus, rows),):
        kept, _ = labels.select(rows, protocol.labels, protocol.merge)
        for number in range(1, len(protocol.folds) + 1):
            yield protocol, number, protocols.split(kept, protocol, number)[0]


@promise("copies")
def no_more_than_published(make: Make, folder: Path) -> None:
    """A copy holds no more recordings and no more speakers than were published."""
    corpus = make()
    only_if(corpus.size is not None, "it does not say its size")
    found, hint = list(corpus.read(folder)), "are some read twice, or is it too low?"
    expect(len(found) <= (corpus.size or 0), f"{len(found)} recordings, size {corpus.size}: {hint}")
    if corpus.speakers is not None:
        speakers = {u.speaker for u in found} - {""}
        said = f"{len(speakers)} speakers, `speakers` {corpus.speakers}: {hint}"
        expect(len(speakers) <= corpus.speakers, said)
    strange = sorted({u.speaker for u in found} - {"", *corpus.sexes}) if corpus.sexes else []
    expect(not strange, f"`sexes` knows nothing of {shorten(strange)}; name all")


@promise("copies")
def folds_have_the_sizes_they_say(make: Make, folder: Path) -> None:
    """On a complete copy no part of any fold is empty, and each has the size it says."""
    corpus = make()
    for protocol, number, parts in folds_of(corpus, rows_of(corpus, folder)):
        if protocol.sizes:
            found, said = protocols.sizes(parts), protocol.sizes[number - 1]
            right = all(n in (None, m) for n, m in zip(said, found, strict=True))
            expect(right, f"{protocol.name} fold {number} has {found} clips; `sizes` says {said}")


@promise("copies")
def folds_share_nothing_undeclared(make: Make, folder: Path) -> None:
    """On a complete copy no speaker, group, text or recording is on two sides of a fold unsaid."""
    corpus = make()
    for protocol, number, parts in folds_of(corpus, rows_of(corpus, folder)):
        own = protocol in corpus.protocols  # one that is made of the rows says nothing of texts
        found = [
            f"{one.text}; say so in `shares`" if one.check == "text" else one.text
            for one in leaks.find(parts, protocol)
            if one.must_not_be or (own and one.check == "text" and one.level == NOTE)
        ]
        expect(not found, f"fold {number}: {'; '.join(found)}")


@promise("copies")
def recordings_can_be_opened(make: Make, folder: Path) -> None:
    """Every recording of a real copy is sound that can be read, from its start to its stop."""
    corpus = make()
    paths = [u.path.as_posix() for u in corpus.read(folder)]
    hint = "needs a copy of the corpus (--data_folder): these files are empty"
    only_if(is_real(folder, paths), hint)
    _, findings = survey("it", corpus, folder, allow_partial=True)
    found = [one.text for one in findings if one.must_not_be]
    expect(not found, "; ".join(found))
