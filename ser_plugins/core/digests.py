"""Digests of the files of a corpus; one that has not changed since the last look is not read."""

import functools
import hashlib
import json
import os
from collections.abc import Collection
from pathlib import Path
from typing import Any

from .seals import stamp


def file_digests(paths: Collection[str], root: Path, cache: Path) -> dict[str, str]:
    """Return the digest of each file; those of the same size and times are remembered.

    Args:
        paths: relative to the root.
        root: the corpus folder.
        cache: the folder that holds all caches.
    """
    memo = cache / "digests" / f"{digest(str(root.resolve()).encode())}.json"
    memo.parent.mkdir(parents=True, exist_ok=True)
    known = _read(memo)
    found: dict[str, list[Any]] = {}
    for path in sorted(paths):
        now, before = stamp(root / path), known.get(path, [])
        same = before[:3] == now
        found[path] = before if same else [*now, digest((root / path).read_bytes())]
    if found != known:
        unfinished = memo.with_suffix(f".{os.getpid()}")  # several runs may begin at once
        unfinished.write_text(json.dumps(found), encoding="utf-8")
        unfinished.replace(memo)
    return {path: entry[3] for path, entry in found.items()}


Digest = functools.partial(hashlib.blake2b, digest_size=16)  # for contents that come in pieces


def digest(content: bytes | memoryview) -> str:
    """Return what tells equal contents."""
    return Digest(content).hexdigest()


def _read(memo: Path) -> dict[str, list[Any]]:
    try:
        return json.loads(memo.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
