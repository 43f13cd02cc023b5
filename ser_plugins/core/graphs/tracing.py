"""Traces a module into an ONNX graph that holds for every batch and time."""

import io
import os
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from ..errors import OptionError

OPSET = 17


def trace(module: nn.Module, inputs: Mapping[str, Tensor], outputs: Sequence[str]) -> bytes:
    """Return the ONNX graph of a module, for every batch and time.

    Args:
        module: as `traceable` returns it, or made of such.
        inputs: an example of what it takes by name: `[B, T]` or `[B, N, F]`, and lengths `[B]`.
        outputs: names of what it gives; `[B]`, `[B, C]` or `[B, N, F]`.

    Raises:
        OptionError: saying what cannot be traced.
    """
    given = tuple(inputs.values())
    try:
        with torch.no_grad(), _quiet(), _Framed():
            found = module(*given)
            rows = (found,) if isinstance(found, Tensor) else found
            axes = _axes(inputs, dict(zip(outputs, rows, strict=True)))
            file: Any = io.BytesIO()
            # torch's other exporter fails at recurrent layers over changing time up to 2.11.
            torch.onnx.export(
                module, given, file, dynamo=False, opset_version=OPSET,
                input_names=list(inputs), output_names=list(outputs), dynamic_axes=axes,
            )  # fmt: skip
    except Exception as error:  # noqa: BLE001  a plugin, and the exporter, may raise anything
        why = str(error).strip().partition("\n")[0] or repr(error)
        raise OptionError(f"it cannot be traced into a graph: {why}") from error
    return file.getvalue()


def _axes(inputs: Mapping[str, Tensor], outputs: Mapping[str, Tensor]) -> dict[str, dict[int, str]]:
    """Return which axes change: the batch, and time where there is some."""
    timeless = {"T": 1, "N": 2}  # what has so many axes has none: lengths, or classes that come out
    return {
        name: {0: "B", 1: time} if x.ndim > timeless[time] else {0: "B"}
        for time, group in (("T", inputs), ("N", outputs))
        for name, x in group.items()
    }


class _Framed(TorchFunctionMode):
    """Picks the samples of frames one by one: the exporter unfolds what has a fixed size only."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is not Tensor.unfold:
            return func(*args, **(kwargs or {}))
        x, axis, size, step = args
        count = (x.shape[axis] - size) // step + 1
        at = torch.arange(count)[:, None] * step + torch.arange(size)[None]
        axis, last = axis % x.ndim, x.ndim - 1  # the exporter takes axes from 0 up only
        return x.movedim(axis, last)[..., at].movedim(last, axis)


@contextmanager
def _quiet() -> Iterator[None]:
    """Hold back what the exporter says, some of it from C++: pages of a graph that it cannot do."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = {number: os.dup(number) for number in (1, 2)}
    with Path(os.devnull).open("w") as nowhere, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            for number in kept:
                os.dup2(nowhere.fileno(), number)
            yield
        finally:
            for number, copied in kept.items():
                os.dup2(copied, number)
                os.close(copied)
