"""Locks that die with their process, so that a kill never leaves a folder shut.

A disk that knows no such locks is refused: a marker file in their place would outlive its process.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from .errors import InputError

log = logging.getLogger(__name__)


@contextmanager
def only_one(path: Path, doing: str) -> Iterator[None]:
    """Hold a lock file; refuse at once if another process holds it.

    Raises:
        InputError: saying that another process is at it.
    """
    lock = FileLock(path, fallback_to_soft=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise InputError(f"another process is {doing} (it holds {path})") from None
    with lock:
        lock.release()  # the context holds it a second time
        yield


@contextmanager
def one_after_another(path: Path, doing: str) -> Iterator[None]:
    """Hold a lock file; wait while another process holds it, and say so."""
    lock = FileLock(path, fallback_to_soft=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        log.info("waiting for another process that is %s", doing)
        lock.acquire()
    with lock:
        lock.release()
        yield
