"""Lists folders in an order of one's choice, as some disk might."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

_scandir = os.scandir


class _Listing:
    """What `os.scandir` gives, in the order of the names or backwards."""

    def __init__(self, folder: Any, backwards: bool):
        with _scandir(folder) as entries:
            self.entries = iter(sorted(entries, key=lambda e: e.name, reverse=backwards))

    def __enter__(self) -> "_Listing":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __iter__(self) -> "_Listing":
        return self

    def __next__(self) -> "os.DirEntry[str]":
        return next(self.entries)

    def close(self) -> None:
        """Forget what is left, as a scan of a folder does."""
        self.entries = iter(())


@contextmanager
def listed(backwards: bool) -> Iterator[None]:
    """Let folders be listed in the order of their names, or backwards, for as long as it lasts.

    A disk may list them in any order, and lists the same names the same way each time.
    """

    def scan(path: Any = ".") -> _Listing:  # its name is that of os: it may be given by name
        return _Listing(path, backwards)

    def names(path: Any = ".") -> list[str]:
        return [entry.name for entry in scan(path)]

    with mock.patch("os.scandir", scan), mock.patch("os.listdir", names):
        yield
