"""How a promise is written down: a function that raises with a hint when it is broken."""

import logging
import unittest
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import ModuleType

import torch
from torch import Tensor

Check = Callable[..., None]
KIND = "promise_of"  # the attribute of a check that says its kind


class BrokenPromiseError(AssertionError):
    """A plugin that does not do what its hookspec promises."""


class UntriedError(unittest.SkipTest):
    """A promise that cannot be tried: why, or what is needed. Test runners know it as a skip."""


def promise(kind: str) -> Callable[[Check], Check]:
    """Mark a function as a check of a kind; its docstring is the promise in one sentence."""

    def mark(check: Check) -> Check:
        setattr(check, KIND, kind)
        return check

    return mark


def collect(modules: Iterable[ModuleType], kind: str) -> list[Check]:
    """Return the checks of a kind in some modules, in the order in which they are written."""
    found = [thing for module in modules for thing in vars(module).values()]
    return [thing for thing in found if getattr(thing, KIND, None) == kind]


def expect(holds: bool, hint: str) -> None:
    """Break the promise unless a condition holds."""
    if not holds:
        raise BrokenPromiseError(hint)


def only_if(applies: bool, why_not: str) -> None:
    """Leave the promise untried unless a condition holds: say why, or what is needed."""
    if not applies:
        raise UntriedError(why_not)


@contextmanager
def unlogged() -> Iterator[None]:
    """Say nothing of what is odd on purpose, such as second copies, for as long as it lasts."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)


def expect_close(found: Tensor, wanted: Tensor, hint: str, tolerance: float = 1e-4) -> None:
    """Break the promise unless two tensors agree, relative to the larger of 1 and the wanted."""
    expect(found.shape == wanted.shape, f"{hint}: {tuple(found.shape)}, not {tuple(wanted.shape)}")
    found, wanted = found.detach(), wanted.detach()
    worst = float(((found - wanted).abs() / wanted.abs().clamp(min=1)).max())
    expect(worst <= tolerance, f"{hint}: they differ by {worst:.1e}, more than {tolerance:g}")


def noise(*shape: int, seed: int = 0) -> Tensor:
    """Return Gaussian numbers that are the same at every call."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))
