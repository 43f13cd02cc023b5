"""Refuses what would take more memory, or more parts, than it should, before it is taken."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.nn.modules import module as modules
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map_only

from .errors import BundleError

META = torch.device("meta")  # where tensors have a shape and no content


class Allowance(TorchDispatchMode):
    """Computes on the CPU, while it lasts, but never a tensor of more than some numbers.

    What an operation would give is asked of torch's `meta` device first. An operation whose result
    depends on numbers, as `nonzero`, cannot be asked; it gives little more than it was given.

    Args:
        most: numbers in one tensor.
    """

    def __init__(self, most: int):
        super().__init__()
        self.most = most

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Run an operation, or refuse it."""
        kwargs = kwargs or {}
        for tensor in _foresee(func, args, kwargs):
            if tensor.numel() > self.most:
                raise BundleError(
                    f"it makes {list(tensor.shape)} numbers, far more than the weights have"
                )
        return func(*args, **kwargs)


def _foresee(func: Any, args: Any, kwargs: dict[str, Any]) -> list[Tensor]:
    args, kwargs = tree_map_only(Tensor, lambda tensor: tensor.to(META), (args, kwargs))
    if any(argument.name == "device" for argument in func._schema.arguments):
        kwargs["device"] = META
    try:
        return [found for found in tree_leaves(func(*args, **kwargs)) if isinstance(found, Tensor)]
    except RuntimeError:  # it depends on numbers
        return []


@contextmanager
def few_parts(most: int) -> Iterator[None]:
    """Refuse, while it lasts, a module of more parameters, buffers and modules than `most`."""
    left = most

    def count(*_: Any) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise BundleError(f"it has more than {most} parts, far more than the weights have")

    hooks: tuple[Callable[..., Any], ...] = (
        modules.register_module_parameter_registration_hook,
        modules.register_module_buffer_registration_hook,
        modules.register_module_module_registration_hook,
    )
    handles = [hook(count) for hook in hooks]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
