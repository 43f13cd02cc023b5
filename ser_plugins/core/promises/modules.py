"""What features and models promise alike: they move to another device, and hide no tensor."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves

from .elsewhere import LABEL, WrongPlaceError, another
from .kit import UntriedError, expect, expect_close


def expect_to_move(module: Any, *given: Tensor) -> None:
    """Break the promise unless a module answers on another device, there, with the same numbers."""
    expect(isinstance(module, nn.Module), "make it a torch.nn.Module, which can be moved")
    with torch.no_grad():
        wanted = tensors(module(*given))
        with another() as device, torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
            found = _answer_on(device, module, *given)
            places = sorted({x.device.type for x in found})
            expect(places == [device.type], f"given tensors on one device, it gave {places}")
            found = [x.cpu() for x in found]
    for one, other in zip(found, wanted, strict=True):
        expect_close(one, other, "on another device", 1e-3)


def _answer_on(device: torch.device, module: nn.Module, *given: Tensor) -> list[Tensor]:
    hint = "register tensors with register_buffer, and make new ones with device=x.device"
    try:
        return tensors(module.to(device)(*[x.to(device) for x in given]))
    except WrongPlaceError as error:
        expect(False, f"{error}: {hint}")
    except Exception as error:  # noqa: BLE001  whatever a network raises
        if device.type == LABEL:
            raise UntriedError(f"needs a GPU: {error!r}") from None
        expect(False, f"{error!r}: {hint}")
    return []


def tensors(found: Any) -> list[Tensor]:
    """Return the tensors in what a module gave."""
    return [x for x in tree_leaves(found) if isinstance(x, Tensor)]


def expect_no_hidden_tensor(module: Any) -> None:
    """Break the promise unless every tensor that a module holds is a parameter or a buffer."""
    expect(isinstance(module, nn.Module), "make it a torch.nn.Module")
    known = {id(x) for x in (*module.parameters(), *module.buffers())}
    hidden = sorted({name for name, x in _held(module) if id(x) not in known})
    hint = "use register_buffer (with persistent=False for what is computed anew)"
    expect(not hidden, f"{', '.join(hidden)}: neither moved nor saved with the module; {hint}")


def _held(module: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """Yield the tensors among the attributes of a module and of those in it, with their names."""
    for path, part in module.named_modules():
        for name, thing in vars(part).items():
            if not name.startswith(("_parameters", "_buffers", "_modules")):
                yield from ((f"{path}.{name}".strip("."), x) for x in tensors(thing))
