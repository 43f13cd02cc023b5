"""How a promise is written down: a function that raises with a hint when it is broken."""

import functools
import json
import logging
import unittest
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from ..graphs.export import takes_any_length
from ..graphs.system import start
from ..graphs.tracing import trace
from ..graphs.twin import traceable

Check = Callable[..., None]
_checks: dict[str, list[Check]] = {}


class BrokenPromiseError(AssertionError):
    """A plugin that does not do what its hookspec promises."""


class UntriedError(unittest.SkipTest):
    """A promise that cannot be tried: why, or what is needed. Test runners know it as a skip."""


def promise(kind: str) -> Callable[[Check], Check]:
    """Register a check for a kind; its docstring is the promise in one sentence."""

    def register(check: Check) -> Check:
        _checks.setdefault(kind, []).append(check)
        return check

    return register


def checks(kind: str) -> list[Check]:
    """Return the checks of a kind, in the order in which they are written."""
    return list(_checks[kind])


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
    """Say nothing of second copies that were laid out on purpose, for as long as it lasts."""
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
    expect(worst <= tolerance, f"{hint}: they differ by {worst:.1e}")


def expect_names(module: Any) -> None:
    """Break the promise unless `trained_on`, where it is there, is a tuple of names."""
    found = getattr(module, "trained_on", ())
    is_tuple = isinstance(found, tuple | list) and all(isinstance(name, str) for name in found)
    expect(is_tuple, f"trained_on is {found!r}; expected a tuple such as ('my_corpus',)")


def expect_same_graph(
    module: Any, examples: Sequence[tuple[Tensor, Tensor]], outputs: Sequence[str]
) -> None:
    """Break the promise unless the graph of a module gives what it does, whatever the shape.

    Args:
        module: what declares `exportable`.
        examples: batches and lengths; the graph is made from the first.
        outputs: names of what it gives.
    """
    hint = "a graph is given any length, padded: declare padding_safe and min_frames 1"
    expect(takes_any_length(module), hint)
    names = ("batch", "lengths")
    graph = trace(traceable(module), dict(zip(names, examples[0], strict=True)), outputs)
    session = start(graph, "the graph")
    for batch, lengths in examples:
        hint = f"{list(batch.shape)}: is a size of the batch read by len() or int()?"
        given = {"batch": batch.numpy(), "lengths": lengths.numpy()}
        try:
            found = session.run(list(outputs), given)
        except Exception as error:  # noqa: BLE001  those of onnxruntime have nothing in common
            raise BrokenPromiseError(f"{hint} {error}") from None
        wanted = module(batch, lengths)
        wanted = (wanted,) if isinstance(wanted, Tensor) else wanted
        for one, other in zip(found, wanted, strict=True):
            expect_close(torch.from_numpy(one), other, hint)


def rebuild(make: Callable[..., Any], module: Any, *arguments: Any) -> Any:
    """Return a twin of a module, made from its `portable_options`, with its weights.

    Args:
        make: what made the module; the options that it holds are left out.
        module: what has `portable_options`.
        arguments: what `make` was called with.
    """
    options = module.portable_options
    expect(_survives_json(options), f"portable_options must be values of JSON: {options!r}")
    bare = functools.partial(make.func, *make.args) if isinstance(make, functools.partial) else make
    beyond = sorted(set(getattr(module, "outside", ())) & set(options))
    expect(not beyond, f"portable_options hold {beyond}, which `outside` names")
    twin = bare(*arguments, **options)
    state, own = module.state_dict(), twin.state_dict()
    differ = {k for k in state.keys() | own.keys() if _shape(state, k) != _shape(own, k)}
    expect(not differ, f"portable_options build another network: {sorted(differ)} differ")
    twin.load_state_dict(state)
    expect(twin.portable_options == options, "a twin has other portable_options")
    return twin.eval()


def _survives_json(options: Any) -> bool:
    try:
        return json.loads(json.dumps(options)) == options
    except (TypeError, ValueError):
        return False


def _shape(state: dict[str, Tensor], key: str) -> Any:
    return state[key].shape if key in state else None


def noise(*shape: int, seed: int = 0) -> Tensor:
    """Return Gaussian numbers that are the same at every call."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))
