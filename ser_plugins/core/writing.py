"""Tells where files can be written, and writes them whole or not at all."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .errors import OptionError


def check_writable(path: Path, flag: str) -> None:
    """Refuse a folder that cannot be made, before any work is done.

    Args:
        path: the folder.
        flag: what chooses another.

    Raises:
        OptionError: naming the folder.
    """
    nearest = next(p for p in (path, *path.absolute().parents) if p.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK):
        raise OptionError(
            f"the folder {path} cannot be written: {nearest} is no folder or read-only; choose "
            f"another with {flag}"
        )


def check_file(path: Path, flag: str) -> None:
    """Refuse a file that cannot be written, before any work is done; nothing is opened for that.

    Args:
        path: of the file, there or not; a link is followed.
        flag: what names another.

    Raises:
        OptionError: for a folder, a pipe or device, or a place that is read-only.
    """
    try:
        place = target(path)
        if place.is_dir():
            raise OptionError(f"{flag} {path} is a folder; name a file in it")
        if place.exists() and not place.is_file():
            raise OptionError(f"{flag} {path} is a pipe or device; name a file")
        if place.exists() and not os.access(place, os.W_OK):
            raise OptionError(f"{flag} {path} cannot be written: it is read-only; name another")
    except OSError as error:
        raise OptionError(f"{flag} {path} cannot be written: {error.strerror}") from None
    check_writable(place.parent, flag)


def target(path: Path) -> Path:
    """Return the file that a link leads to, there or not; that of no link is itself."""
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def write_whole(path: Path, text: str) -> None:
    """Write a text file so that a kill leaves the old one or the new one."""
    with whole(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8", newline="")


def write_json(path: Path, thing: Any) -> None:
    """Write a JSON file so that a kill leaves the old one or the new one."""
    write_whole(path, as_json(thing))


def as_json(thing: Any) -> str:
    """Return the text of a JSON file that people may read, too."""
    return json.dumps(thing, indent=1, ensure_ascii=False) + "\n"


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a place to write to, which becomes `path` at the end, or nothing after an error.

    Where `path` is a link, it stays one, and what it leads to is written.
    """
    place = target(path)
    unfinished = place.with_name(place.name + ".part")
    try:
        yield unfinished
        unfinished.replace(place)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Give a folder to make and fill, which becomes `folder` at the end, or nothing after an error.

    What a kill left of an earlier one is removed. One process at a time may do this.
    """
    unfinished = folder.with_name(folder.name + ".part")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        yield unfinished
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
