"""What a machine can do at best, and how many operations a network needs."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from ser_plugins.core.rounding import tf32

from .stopwatch import Stopwatch

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
ROUNDS = 5
SIZE = 2048  # of the matrices
CHANNELS, SIDE, ROWS = 128, 64, 16  # of the convolution, three by three


def count_operations(action: Callable[[], Any]) -> int:
    """Return the floating point operations of the matrix products and convolutions in it."""
    with FlopCounterMode(display=False) as counter:
        action()
    return counter.get_total_flops()


def peaks(precision: str, device: str) -> dict[str, float]:
    """Return operations a second of a large matrix product and a large convolution, at best."""
    dtype, found = DTYPES[precision], {}
    matrix = torch.randn(SIZE, SIZE, dtype=dtype, device=device)
    convolution = nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1).to(device, dtype)
    picture = torch.randn(ROWS, CHANNELS, SIDE, SIDE, dtype=dtype, device=device)
    convolution, picture = (
        each.to(memory_format=torch.channels_last) for each in (convolution, picture)
    )
    works = {"matrix product": lambda: matrix @ matrix, "convolution": lambda: convolution(picture)}
    with torch.inference_mode(), tf32(device.startswith("cuda")):
        for name, work in works.items():
            found[name] = count_operations(work) / _quickest(work, device)
    return found


def gpu_memory(device: str) -> dict[str, float]:
    """Return the most that a GPU has held in this process, in MiB; nothing of a CPU.

    The epoch of batches that the bare loop takes from memory is in it.
    """
    if not device.startswith("cuda"):
        return {}
    return {"peak memory of the GPU, MiB": torch.cuda.max_memory_allocated(device) / 2**20}


def _quickest(work: Callable[[], Any], device: str) -> float:
    watch, seconds = Stopwatch(device), []
    for _ in range(ROUNDS):
        watch.start()
        work()
        seconds.append(watch.stop())
    return min(seconds)
