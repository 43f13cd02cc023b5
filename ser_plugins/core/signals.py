"""Ctrl-C, SIGTERM and SIGHUP, noted until the work can be broken off without losing any of it."""

import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

from .exits import EndedError


@contextmanager
def noted(once: bool = False) -> Iterator[list[int]]:
    """Note signals instead of being broken off by them; those that are ignored stay so.

    Args:
        once: only the first is noted, so that a second one ends the work at once.
    """
    caught: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield caught  # no signal arrives here, and none can be asked for
        return
    names = [getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGHUP")]
    before = {name: signal.getsignal(name) for name in names if name is not None}
    heeded = {name: now for name, now in before.items() if now != signal.SIG_IGN}  # as by nohup

    def give_back() -> None:
        for name, handler in heeded.items():
            signal.signal(name, handler)

    def note(number: int, _: object) -> None:
        caught.append(number)
        if once:
            give_back()

    for name in heeded:
        signal.signal(name, note)
    try:
        yield caught
    finally:
        give_back()


def leave(caught: Sequence[int]) -> NoReturn:
    """End as the first noted signal asks.

    Raises:
        KeyboardInterrupt: at Ctrl-C.
        SystemExit: at SIGTERM, with 143, or SIGHUP, with 129.
    """
    raise KeyboardInterrupt if caught[0] == signal.SIGINT else EndedError(128 + caught[0])
