"""Reads recordings side by side, so that decoding takes every core and not one."""

import itertools
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from .recordings import Recording, Sound, hear

MOST = 8  # threads; libsndfile and soxr let others run while they work


def read_ahead(
    sounds: Iterable[Sound], rate: int | None, sample_rate: int, threads: int | None = None
) -> Iterator[Recording]:
    """Yield `hear` of each of any number of recordings, in their order.

    Args:
        sounds: paths or arrays.
        rate: of the arrays, in Hz.
        sample_rate: in Hz.
        threads: how many read; by default as many as there are cores, at most 8.
    """
    threads = threads or min(MOST, _cores())
    if threads == 1:
        yield from (hear(sound, rate, sample_rate) for sound in sounds)
        return
    sounds, waiting = iter(sounds), deque[Future[Recording]]()
    with ThreadPoolExecutor(threads) as pool:
        try:
            # Few at a time: each may be ten minutes long.
            for sound in itertools.islice(sounds, 2 * threads):
                waiting.append(pool.submit(hear, sound, rate, sample_rate))
            while waiting:
                yield waiting.popleft().result()
                for sound in itertools.islice(sounds, 1):
                    waiting.append(pool.submit(hear, sound, rate, sample_rate))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _cores() -> int:
    """Return how many cores this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)  # Linux alone knows
    return len(allowed(0)) if allowed else os.cpu_count() or 1
