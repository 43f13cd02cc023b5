"""Another device to try modules on: a GPU, or a pretence of one that computes on the CPU.

The pretence tells, as a GPU does, which tensors lie there and which on the CPU, and refuses to mix
them; PyTorch's own fake tensors do so too, but hold no numbers, on which packing a batch depends.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

LABEL = "lazy"  # a device that every PyTorch knows by name, and hardly any has
DEVICE = torch.device(LABEL)
aten = torch.ops.aten
COPY, PACK, UNPACK = (
    aten.copy_.default, aten._pack_padded_sequence.default, aten._pad_packed_sequence.default,
)  # fmt: skip
MOVES = (COPY, aten._to_copy.default)
INDEXING = (aten.index.Tensor, aten.index_put_.default, aten._index_put_impl_.default)


class WrongPlaceError(RuntimeError):
    """An operation on tensors that do not lie on one device."""


class PretendedTensor(Tensor):
    """A tensor that says that it lies on the other device; its numbers are in `near`."""

    near: Tensor

    @staticmethod
    def __new__(cls, near: Tensor) -> "PretendedTensor":
        """Wrap a tensor, whose sizes and strides are then asked of it."""
        own = Tensor._make_wrapper_subclass(
            cls, near.shape, dtype=near.dtype, device=DEVICE, dispatch_sizes_strides_policy="sizes"
        )
        own.near = near
        return own

    @classmethod
    def __torch_dispatch__(  # type: ignore[override]
        cls, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Compute on the CPU."""
        return _run(func, args, kwargs or {})

    def tolist(self) -> Any:
        """Return the numbers, which a GPU gives unasked."""
        return self.near.tolist()

    def numpy(self, *args: Any, **kwargs: Any) -> Any:
        """Refuse, as a tensor on a GPU does."""
        raise WrongPlaceError("numpy() of a tensor that is not on the CPU: call .cpu() first")


class _Pretence(TorchDispatchMode):
    """Sees to it that what is made on the other device is `PretendedTensor`."""

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        return _run(func, args, kwargs or {})


def _near(thing: Any) -> Any:
    return thing.near if isinstance(thing, PretendedTensor) else thing


def _run(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Run one operation, and say that its results lie where a GPU would put them."""
    given = [x for x in tree_leaves((args, kwargs)) if isinstance(x, Tensor)]
    there = {id(x.near): x for x in given if isinstance(x, PretendedTensor)}
    _check(func, args, given)
    inner, goes = tree_map(_near, kwargs), bool(there)
    if kwargs.get("device") is not None:
        goes = torch.device(kwargs["device"]).type == LABEL
        inner["device"] = torch.device("cpu") if goes else kwargs["device"]
    found = func(*tree_map(_near, args), **inner)
    if func is COPY or not goes:
        return args[0] if func is COPY else found
    if func in (PACK, UNPACK):
        return PretendedTensor(found[0]), found[1]  # what they count lies on the CPU

    def put(x: Any) -> Any:
        if not isinstance(x, Tensor):
            return x
        return there[id(x)] if id(x) in there else PretendedTensor(x)

    return tree_map(put, found)


def _check(func: Any, args: tuple[Any, ...], given: list[Tensor]) -> None:
    """Refuse to mix devices where a GPU would; numbers without a dimension may come from the CPU.

    Raises:
        WrongPlaceError: naming the operation.
    """
    there = [isinstance(x, PretendedTensor) for x in given]
    if not any(there) or func in MOVES:
        return
    if func in INDEXING:  # by what lies on either
        mixed = not isinstance(args[0], PretendedTensor)
    elif func in (PACK, UNPACK):
        mixed = isinstance(args[1], PretendedTensor)
    else:
        mixed = any(not isinstance(x, PretendedTensor) and x.ndim for x in given)
    if mixed:
        raise WrongPlaceError(f"{func}: some of its tensors lie on the CPU, some do not")


@contextmanager
def another() -> Iterator[torch.device]:
    """Give a device that is not the CPU, for as long as it lasts."""
    if torch.cuda.is_available():
        yield torch.device("cuda")
        return
    before = torch._C._only_lift_cpu_tensors()
    torch._C._set_only_lift_cpu_tensors(True)  # torch.tensor(…, device=…) would ask the device
    try:
        with _Pretence():
            yield DEVICE
    finally:
        torch._C._set_only_lift_cpu_tensors(before)
