"""What every corpus promises of a copy of it: a folder of files, whatever lies beside them."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from ..emotions import canonical
from ..errors import CorpusError
from ..types import Corpus, Utterance
from ..words import shorten
from .disk_order import listed
from .kit import expect, only_if, promise
from .layouts import empty_copies

Make = Callable[..., Corpus]
NESTED = ("0 copy", "zz/copy")  # one that sorts before the corpus's own folders, one after
BESIDE = "Audio", "Copy of Audio"  # the second sorts after the first
STRAY = ("._x.wav", ".DS_Store", "README.txt", "__MACOSX/._x.wav", "__MACOSX/x/._x.wav")


def ids(make: Make, folder: Path) -> list[str]:
    """Return the ids of what a corpus finds in a folder."""
    return [u.id for u in make().read(folder)]


def ids_and_paths(make: Make, folder: Path) -> list[tuple[str, str]]:
    """Return the ids of what a corpus finds in a folder, with the files that they stand for."""
    return [(u.id, u.path.as_posix()) for u in make().read(folder)]


def utterances(make: Make, folder: Path) -> list[Utterance]:
    """Return what a corpus finds in an empty copy of a folder."""
    with empty_copies(folder, ".") as root:
        return list(make().read(root))


@promise("copies")
def files_are_read_by_name(make: Make, folder: Path) -> None:
    """A copy gives recordings, though its sound files are empty: no audio is opened."""
    hint = "none of these files became a recording: does `read` know their names?"
    expect(bool(utterances(make, folder)), hint)


@promise("copies")
def ids_are_unique(make: Make, folder: Path) -> None:
    """Every recording has an id of its own, a word that is not empty."""
    found = Counter(u.id for u in utterances(make, folder))
    hint = "an id is empty, or no text; expected a word such as the stem of the file"
    expect(all(isinstance(id, str) and id for id in found), hint)
    twice = sorted(id for id, n in found.items() if n > 1)
    expect(not twice, f"several have the id {shorten(twice)}: put the speaker into it")


@promise("copies")
def labels_are_declared(make: Make, folder: Path) -> None:
    """Every label is one of `labels` or empty; where those are not known, a word of EMOTIONS."""
    corpus, found = make(), {u.label for u in utterances(make, folder)} - {""}
    if corpus.labels is not None:
        strange = sorted(found - set(corpus.labels))
        expected = f"expected of `labels`, {', '.join(corpus.labels)}"
        expect(not strange, f"labels {shorten(strange)}; {expected}")
    strange = sorted(label for label in found if canonical(label) != label)
    expect(not strange, f"{shorten(strange)}: give canonical(label), so that corpora agree")


@promise("copies")
def paths_lie_in_the_folder(make: Make, folder: Path) -> None:
    """Every path is relative, leads nowhere out of the folder, and a file is there."""
    under = "expected the path of a file under it, relative to it"
    with empty_copies(folder, ".") as root:
        for u in make().read(root):
            relative = isinstance(u.path, Path) and not u.path.is_absolute()
            expect(relative, f"{u.id}: {u.path!r}; expected a Path relative to the folder")
            expect(".." not in u.path.parts, f"{u.id}: {u.path} leads out of the folder; {under}")
            expect((root / u.path).is_file(), f"{u.id}: there is no file {u.path}; {under}")


@promise("copies")
def reading_again_gives_the_same(make: Make, folder: Path) -> None:
    """Whatever order a disk lists files in, and wherever they lie, ids and order are the same."""
    with empty_copies(folder, "one", "another/place") as root:
        with listed(backwards=False):
            first = ids_and_paths(make, root / "one")
            moved = ids_and_paths(make, root / "another" / "place")
        with listed(backwards=True):
            again = ids_and_paths(make, root / "one")
    expect(again == first, "the order is that of the disk: sort the files, or use find_audio")
    expect(moved == first, "it depends on where the folder lies: use paths relative to it")


@promise("copies")
def a_nested_copy_counts_nothing_twice(make: Make, folder: Path) -> None:
    """A second copy inside the first or beside it, as in downloads, adds no recording and no id."""
    own = "whatever lies in a folder of one's own counts: neither size nor labels are known"
    corpus = make()
    only_if(corpus.size is not None or corpus.labels is not None, own)
    _expect_no_more(make, folder, (".",), NESTED)
    _expect_no_more(make, folder, BESIDE[:1], BESIDE[1:])


def _expect_no_more(make: Make, folder: Path, first: Sequence[str], others: Sequence[str]) -> None:
    """Break the promise unless other copies add nothing to the first, where that is found."""
    only: list[str] = []
    with empty_copies(folder, *first) as root, suppress(CorpusError):
        only = ids(make, root)
    if not only:
        return
    with empty_copies(folder, *first, *others) as root:
        both = ids(make, root)
    where = f"with {' and '.join(others)}"
    hint = "give find_audio a key that says which files are the same recording"
    expect(len(both) == len(only), f"{len(both)} recordings {where}, not {len(only)}: {hint}")
    expect(sorted(both) == sorted(only), f"other ids {where} than without: {hint}")


@promise("copies")
def stray_files_change_nothing(make: Make, folder: Path) -> None:
    """Files of macOS, texts and empty folders beside the recordings change nothing."""
    with empty_copies(folder, ".") as root:
        first = ids(make, root)
        for name in STRAY:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).touch()
        taken = f"one of {', '.join(STRAY)} was taken for a recording: use find_audio"
        expect(ids(make, root) == first, taken)
