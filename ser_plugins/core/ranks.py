"""What the processes of one run tell each other; where there is but one, nothing is done.

`launch` joins them. While one alone is at work, as in a function `on_main`, it is as if there were
no others.
"""

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import torch
from speechbrain.utils.distributed import MainProcessContext, ddp_prevent_block
from torch import Tensor
from torch import distributed as dist

from .digests import digest
from .errors import InputError

Given = ParamSpec("Given")
Thing = TypeVar("Thing")


class LostError(RuntimeError):
    """Another process of the run has ended."""


def size() -> int:
    """Return how many processes there are."""
    return 1 if ddp_prevent_block() else dist.get_world_size()


def rank() -> int:
    """Return the number of this process, from 0: the main one, which alone writes."""
    return 0 if ddp_prevent_block() else dist.get_rank()


@contextmanager
def talking() -> Iterator[None]:
    """Tell an end of the others from other errors.

    Raises:
        LostError: if one has ended.
    """
    try:
        yield
    except RuntimeError as error:
        raise LostError("another process of this run has ended") from error


def share(things: list[Thing]) -> list[Thing]:
    """Return those that are for this process; `gathered` puts them together again."""
    return things[rank() :: size()]


def gathered(mine: Sequence[Thing]) -> list[Thing]:
    """Return the things of all processes, in the order of which each had its share."""
    if size() == 1:
        return list(mine)
    found: list[Any] = [None] * size()
    with talking():
        dist.all_gather_object(found, list(mine))
    none = object()
    rows = itertools.zip_longest(*found, fillvalue=none)
    return [thing for row in rows for thing in row if thing is not none]


def from_main(thing: Thing) -> Thing:
    """Return what the main process has; it may take its time."""
    if size() == 1:
        return thing
    found = [thing]
    with talking():
        dist.broadcast_object_list(found, 0)
    return found[0]


def on_main(function: Callable[Given, Thing]) -> Callable[Given, Thing]:
    """Have a function run in the main process alone; the others wait for what it returns."""

    @wraps(function)
    def run(*args: Given.args, **kwargs: Given.kwargs) -> Thing:
        found: Any = None
        if rank() == 0:
            with MainProcessContext():
                found = function(*args, **kwargs)
        return from_main(found)

    return run


def mean(value: float, count: int) -> tuple[float, float]:
    """Return the mean of a value over all clips, and which part of the clips is here.

    Args:
        value: its mean over the clips of this process.
        count: of these clips, at least 1.
    """
    if size() == 1:
        return value, 1.0
    sums = torch.tensor([value * count, count], dtype=torch.float64)
    add_up(sums)
    total, clips = sums.tolist()
    return total / clips, count / clips


def add_up(numbers: Tensor) -> None:
    """Put in place of each number its sum over all processes."""
    if size() > 1:
        with talking():
            dist.all_reduce(numbers)


def highest(number: int) -> int:
    """Return the highest number that any process has."""
    if size() == 1:
        return number
    found = torch.tensor(number)
    with talking():
        dist.all_reduce(found, dist.ReduceOp.MAX)
    return int(found)


def check_alike(mine: Any, message: str) -> None:
    """Refuse, in all processes, what is not the same in all of them.

    Raises:
        InputError: with the message.
    """
    if size() > 1 and len(set(gathered([digest(json.dumps(mine, default=str).encode())]))) > 1:
        raise InputError(message)
