"""Shares time out among the stages of a piece of work."""

import functools
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch

REST = "rest"


class Stopwatch:
    """Adds up the seconds of each stage; a stage inside another takes its own from that.

    Args:
        device: whose queue is emptied before each reading.
    """

    def __init__(self, device: str = "cpu"):
        self.device = device
        self.seconds: dict[str, float] = defaultdict(float)
        self.stages = [REST]
        self.last = self._now()

    def start(self) -> None:
        """Begin anew."""
        self.seconds.clear()
        self.last = self._now()

    def stop(self) -> float:
        """Return all seconds since the start."""
        self._lap()
        return sum(self.seconds.values())

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Give the time inside to a stage."""
        self._lap()
        self.stages.append(name)
        try:
            yield
        finally:
            self._lap()
            self.stages.pop()

    def timed(self, function: Callable[..., Any], stage: str) -> Callable[..., Any]:
        """Return a function whose time goes to a stage."""

        @functools.wraps(function)
        def run(*args: Any, **kwargs: Any) -> Any:
            with self.stage(stage):
                return function(*args, **kwargs)

        return run

    def _lap(self) -> None:
        now = self._now()
        self.seconds[self.stages[-1]] += now - self.last
        self.last = now

    def _now(self) -> float:
        if self.device.startswith("cuda"):
            torch.cuda.synchronize(self.device)
        return time.perf_counter()
