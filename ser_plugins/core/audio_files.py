"""Finds the recordings under a folder: each once, whatever second copies lie beside them."""

import logging
import os
from collections.abc import Callable, Hashable, Iterator, Sequence
from pathlib import Path, PurePath
from typing import NoReturn

from .errors import CorpusError

log = logging.getLogger(__name__)


def find_audio(
    root: Path,
    suffixes: Sequence[str] = (".wav", ".flac"),
    key: Callable[[PurePath], Hashable] | None = None,
    unreadable: Callable[[OSError], object] | None = None,
) -> Iterator[Path]:
    """Yield the audio files under a folder, in a stable order, relative to it.

    Files that begin with a dot (`._x.wav` of macOS) are not audio. Where several files are the
    same recording, the one nearest to the root is taken; how many were passed over is logged.

    Args:
        root: the corpus folder.
        suffixes: endings that count, in lower case; case is ignored.
        key: what makes two files the same recording. By default a file is a second copy when
            its path ends in the whole path of another, as in a nested `copy/Actor_01/a.wav`
            beside `Actor_01/a.wav`, or when it differs by its ending alone.
        unreadable: is told of each folder that cannot be read, which is then passed over.

    Returns:
        An iterator over paths relative to `root`; empty where there is nothing.

    Raises:
        CorpusError: for a folder that cannot be read, where nobody is to be told.
    """
    seen: set[Hashable] = set()
    skipped = 0
    found = _walk(root, tuple(suffixes), unreadable or _refuse)
    for path in sorted(found, key=lambda p: (len(p.parts), p)):
        keys = [key(path)] if key else _tails(path)
        if seen.isdisjoint(keys):
            seen.add(keys[0])
            yield path
        else:
            skipped += 1
    if skipped:
        log.warning("%s: passed over %d second copies of the same recordings", root, skipped)


def _walk(
    root: Path, suffixes: tuple[str, ...], unreadable: Callable[[OSError], object]
) -> Iterator[Path]:
    top, linked = root.resolve(), set()
    for folder, folders, names in os.walk(root, followlinks=True, onerror=unreadable):
        folders[:] = [name for name in sorted(folders) if not name.startswith(".")]
        # Not `Path.is_symlink`, which raises where a folder may be listed and not entered.
        for name in [x for x in folders if os.path.islink(f"{folder}/{x}")]:  # noqa: PTH114
            target = Path(folder, name).resolve()
            # What lies under the root is found without links, and links may run in rings.
            if target in linked or target.is_relative_to(top) or top.is_relative_to(target):
                folders.remove(name)
            linked.add(target)
        for name in names:
            if name.lower().endswith(suffixes) and not name.startswith("."):
                yield Path(folder, name).relative_to(root)


def _refuse(error: OSError) -> NoReturn:
    raise CorpusError(f"{error.filename} cannot be read: {error.strerror}") from error


def _tails(path: Path) -> list[tuple[str, ...]]:
    parts = path.with_suffix("").parts
    return [parts[i:] for i in range(len(parts))]
