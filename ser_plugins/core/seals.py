"""Looks at a file's content anew only where the file was touched: at a kill, a crash or a copy."""

import contextlib
import json
from collections.abc import Callable
from pathlib import Path

from .errors import InputError
from .writing import write_json

Stamp = list[int]


def stamp(file: Path) -> Stamp:
    """Return the size of a file, and its times of last change in nanoseconds."""
    now = file.stat()
    return [now.st_size, now.st_mtime_ns, now.st_ctime_ns]


def seal(file: Path) -> None:
    """Note beside a file that it is right as it is; nothing is noted where nothing can be."""
    with contextlib.suppress(OSError):
        write_json(file.with_suffix(".seal"), stamp(file))


def is_sealed(file: Path) -> bool:
    """Tell whether a file is as it was when it was last known to be right."""
    try:
        known = json.loads(file.with_suffix(".seal").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(known == stamp(file))


class Watched:
    """A file that is in use, and may be damaged meanwhile.

    Args:
        file: the file.
        faults: takes its size in bytes, reads it, and says what is wrong with it; empty if
            nothing is.
    """

    def __init__(self, file: Path, faults: Callable[[int], str]):
        self.file, self.faults = file, faults
        self.seen: Stamp = []

    def look(self) -> None:
        """Refuse a file that is no longer right; quick for one that nobody has touched.

        Raises:
            InputError: saying what is wrong.
        """
        try:
            now = stamp(self.file)
        except FileNotFoundError:
            return  # what is mapped stays, when its name is removed
        if now == self.seen:
            return
        if not is_sealed(self.file):
            if fault := self.faults(now[0]):
                raise InputError(fault)
            seal(self.file)
        self.seen = now
