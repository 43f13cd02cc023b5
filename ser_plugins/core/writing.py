"""Tells where files can be written, and writes them whole or not at all."""

import json
import os
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
    """Give a place to write to, which becomes `path` at the end, or nothing after an error."""
    unfinished = path.with_name(path.name + ".part")
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
