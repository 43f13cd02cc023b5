"""What features and models promise alike: to move, hide no tensor, be exported and rebuilt."""

import functools
import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves

from ..graphs.export import takes_any_length
from ..graphs.system import start
from ..graphs.tracing import trace
from ..graphs.twin import traceable
from ..rounding import tf32
from .kit import BrokenPromiseError, UntriedError, expect, expect_close
from .pretended_device import LABEL, WrongPlaceError, another

HINT = "register tensors with register_buffer, and make new ones with device=x.device"


def expect_to_move(module: Any, *given: Tensor) -> None:
    """Break the promise unless a module answers on another device, there, with the same numbers."""
    expect(isinstance(module, nn.Module), f"make it a torch.nn.Module, not {type(module)}")
    with torch.no_grad():
        wanted = tensors(module(*given))
        with another() as device, tf32(False):
            found = _answer_on(device, module, *given)
            places = sorted({x.device.type for x in found})
            expect(places == [device.type], f"it gave tensors on {places}: {HINT}")
            found = [x.cpu() for x in found]
    for one, other in zip(found, wanted, strict=True):
        expect_close(one, other, "numbers from another device, beside those of the CPU", 1e-3)


def _answer_on(device: torch.device, module: nn.Module, *given: Tensor) -> list[Tensor]:
    try:
        return tensors(module.to(device)(*[x.to(device) for x in given]))
    except Exception as error:  # noqa: BLE001  whatever a network raises
        what = re.sub(rf"\b{LABEL}\b(:\d+)?", "the other device", str(error).partition("\n")[0])
        if device.type == LABEL and not is_mix(error):
            what = f"{type(error).__name__}: {what}"
            raise UntriedError(f"cannot be tried without a GPU: {what}") from None
        raise BrokenPromiseError(f"{what}: {HINT}") from None


def is_mix(error: Exception) -> bool:
    """Tell whether an error is about tensors on two devices; others may be the pretence's own."""
    text = str(error)
    two = re.search(rf"\b{LABEL}\b", text) and re.search(r"\bcpu\b", text)
    return isinstance(error, WrongPlaceError) or bool(two)


def tensors(found: Any) -> list[Tensor]:
    """Return the tensors in what a module gave."""
    return [x for x in tree_leaves(found) if isinstance(x, Tensor)]


def expect_no_hidden_tensor(module: Any) -> None:
    """Break the promise unless every tensor that a module holds is a parameter or a buffer."""
    expect(isinstance(module, nn.Module), f"make it a torch.nn.Module, not {type(module)}")
    known = {id(x) for x in (*module.parameters(), *module.buffers())}
    hidden = sorted({name for name, x in _held(module) if id(x) not in known})
    hint = "use register_buffer (with persistent=False for what is computed anew)"
    expect(not hidden, f"{', '.join(hidden)}: neither moved nor saved with the module; {hint}")


def _held(module: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """Yield the tensors among the attributes of a module and of those in it, with their names."""
    for path, part in module.named_modules():
        for name, thing in vars(part).items():
            if name not in ("_parameters", "_buffers", "_modules"):
                yield from ((f"{path}.{name}".strip("."), x) for x in tensors(thing))


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
        hint = f"the graph for {list(batch.shape)}: read no size of the batch by len() or int()"
        given = {"batch": batch.numpy(), "lengths": lengths.numpy()}
        try:
            found = session.run(list(outputs), given)
        except Exception as error:  # noqa: BLE001  those of onnxruntime have nothing in common
            raise BrokenPromiseError(f"{hint}: {error}") from None
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
    expect(not beyond, f"portable_options hold {beyond}, which `outside` names: leave them out")
    twin = bare(*arguments, **options)
    state, own = module.state_dict(), twin.state_dict()
    differ = {k for k in state.keys() | own.keys() if _shape(state, k) != _shape(own, k)}
    expect(not differ, f"portable_options must give {sorted(differ)} the shapes they have")
    twin.load_state_dict(state)
    found = f"portable_options {options!r} build a twin whose own are {twin.portable_options!r}"
    expect(twin.portable_options == options, found)
    return twin.eval()


def _survives_json(options: Any) -> bool:
    try:
        return json.loads(json.dumps(options)) == options
    except (TypeError, ValueError):
        return False


def _shape(state: dict[str, Tensor], key: str) -> Any:
    return state[key].shape if key in state else None
