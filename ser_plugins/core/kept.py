"""Rows of numbers that take long to make, on disk from one start to the next."""

import errno
import json
import logging
import os
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .cache import usable
from .digests import Digest, digest
from .errors import InputError
from .locks import one_after_another, only_one
from .seals import Watched, seal
from .writing import whole_folder

log = logging.getLogger(__name__)

ROWS, INDEX, SUFFIX = "rows.f32", "index.json", ".kept"
Made = Iterable[tuple[str, Tensor]]


class Rows:
    """What was kept under one key: `rows[id]` is a copy of `[N, F]` float32.

    Args:
        folder: a filled folder of a store.

    Raises:
        FileNotFoundError: if something of it is missing.
        InputError: if it is not what it was filled with, now or at an access.
        ValueError: likewise, so that it cannot be read at all.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
        width, self.digest, self.places = index
        self.all = np.memmap(folder / ROWS, np.float32, "r").reshape(-1, width)
        self.watched = Watched(folder / ROWS, self._faults)
        self.watched.look()

    def _faults(self, size: int) -> str:
        if size == self.all.nbytes and digest(self.all.data) == self.digest:
            return ""
        return f"{self.folder} was damaged; start again, and it is made anew"

    def __getitem__(self, id: str) -> Tensor:
        self.watched.look()
        first, size = self.places[id]
        return torch.from_numpy(np.array(self.all[first : first + size]))


class Store:
    """A folder of rows under keys; room is made by removing what was unused for longest.

    Processes of one machine go on with what they have opened when its name is removed.

    Args:
        folder: the folder, made when it is needed.
        gigabytes: what may stay on disk, in units of 2^30 bytes.
    """

    def __init__(self, folder: Path, gigabytes: float):
        self.folder, self.gigabytes = folder, gigabytes

    def open(self, key: str | None, make: Callable[[], Made]) -> Rows:
        """Return the rows under a key, made if no run has done so before, or if they are damaged.

        Args:
            key: a file name; None for rows that nobody may find again.
            make: gives each id with its rows, `[N, F]`; F is the same for all.

        Raises:
            InputError: if the folder cannot be written.
        """
        place = self.folder / f"{key or uuid.uuid4().hex}{SUFFIX}"
        with usable(self.folder):
            rows = _try_to_open(place) or self._make(place, make)
            if not key:
                shutil.rmtree(place)
                _lock(place).unlink()
                return rows
        with suppress(OSError):  # of another user's
            os.utime(place)  # used last now
        return rows

    def _make(self, place: Path, make: Callable[[], Made]) -> Rows:
        self.folder.mkdir(parents=True, exist_ok=True)
        with one_after_another(_lock(place), "making the same rows"):
            if rows := _try_to_open(place):
                return rows
            if place.exists():
                log.warning("%s was damaged, and is made anew", place)
                shutil.rmtree(place)
            self._fill(place, make)
            return Rows(place)

    def _fill(self, place: Path, make: Callable[[], Made]) -> None:
        try:
            _write(place, make())
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            log.info("the disk is full: kept frames make room")
            self.make_room(0)
            _write(place, make())

    def make_room(self, gigabytes: float | None = None) -> None:
        """Remove what is beyond a limit, the store's own by default."""
        left = (self.gigabytes if gigabytes is None else gigabytes) * 2**30
        for _, size, folder in sorted(self._folders(), reverse=True):
            if size <= left:
                left -= size
                continue
            # Not what another process is filling, nor another user's.
            with suppress(InputError, OSError), only_one(_lock(folder), "using it"):
                shutil.rmtree(folder)

    def _folders(self) -> Iterator[tuple[int, int, Path]]:
        """Yield when each folder was used last, its size in bytes, and itself."""
        for folder in self.folder.glob(f"*{SUFFIX}*"):
            with suppress(OSError):  # another process may remove it now
                size = sum(file.stat().st_size for file in folder.iterdir())
                yield folder.stat().st_mtime_ns, size, folder


def _lock(folder: Path) -> Path:
    return folder.with_name(f"{folder.name.partition(SUFFIX)[0]}.lock")


def _try_to_open(folder: Path) -> Rows | None:
    with suppress(FileNotFoundError, InputError, ValueError, TypeError):
        return Rows(folder)
    return None


def _write(folder: Path, made: Made) -> None:
    with whole_folder(folder) as unfinished:
        unfinished.mkdir()
        index = _write_rows(unfinished / ROWS, made)
        (unfinished / INDEX).write_text(json.dumps(index), encoding="utf-8")
        seal(unfinished / ROWS)


def _write_rows(path: Path, made: Made) -> tuple[int, str, dict[str, tuple[int, int]]]:
    places, end, width, told = {}, 0, 0, Digest()
    with path.open("wb") as file:
        for id, rows in made:
            size, width = rows.shape
            content = rows.float().numpy().tobytes()
            file.write(content)
            told.update(content)
            places[id] = end, size
            end += size
    return width, told.hexdigest(), places
