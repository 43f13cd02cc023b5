"""Lays out the files of a corpus to be read: names with nothing in them, texts as they are."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..types import Corpus
from . import golden_trees
from .kit import UntriedError

# What is laid out empty; anything else may be a text that the corpus reads.
SOUND = (".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a", ".aac", ".aif", ".aiff", ".sph", ".wma")
NEEDED = "needs files to read: --data_folder, --tree, or an `example` of names in the Corpus"


@contextmanager
def copy_of(corpus: Corpus, folder: Path | None, tree: Path | None) -> Iterator[Path]:
    """Give a copy of a corpus: the folder, or what its tree, example or rendering makes.

    Raises:
        UntriedError: where there is none of them.
    """
    if folder is not None:
        yield folder
        return
    with tempfile.TemporaryDirectory() as place:
        root = Path(place, "corpus")
        root.mkdir()
        if tree is not None:
            golden_trees.lay_out(golden_trees.read(tree), root)
        elif corpus.example:
            golden_trees.lay_out([golden_trees.Line(name, "") for name in corpus.example], root)
        elif corpus.embedded and corpus.obtain is not None:
            corpus.obtain(root)
        else:
            raise UntriedError(NEEDED)
        yield root


@contextmanager
def empty_copies(folder: Path, *names: str) -> Iterator[Path]:
    """Give a new folder with a copy of a corpus under each of some names; `.` for its root.

    Sound is laid out as empty files, so that who opens it fails; anything else is a link.
    """
    with tempfile.TemporaryDirectory() as place:
        for name in names:
            _copy_empty(folder.resolve(), Path(place, name))
        yield Path(place)


def _copy_empty(folder: Path, root: Path) -> None:
    seen = {folder}
    for here, folders, files in os.walk(folder, followlinks=True):
        folders[:] = [name for name in sorted(folders) if _is_new(Path(here, name), seen)]
        target = root / Path(here).relative_to(folder)
        target.mkdir(parents=True, exist_ok=True)
        for name in files:
            if name.lower().endswith(SOUND):
                (target / name).touch()
            else:
                (target / name).symlink_to(Path(here, name))


def _is_new(folder: Path, seen: set[Path]) -> bool:
    """Tell whether a folder is not yet seen: links may run in rings."""
    where = folder.resolve()
    if where in seen:
        return False
    seen.add(where)
    return True
