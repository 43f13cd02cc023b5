"""How a GPU multiplies numbers of 32 bits: training may round them to 19 bits, scores never do."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def tf32(allowed: bool) -> Iterator[None]:
    """Let GPUs round what they multiply to TF32 while it lasts, or forbid it; CPUs have none.

    By default torch rounds in convolutions and recurrent layers, and not in products of matrices.
    cuDNN's autotuner is never switched on: it times algorithms for each new shape, and lengths
    change from batch to batch; and what it chooses, with its rounding, would differ from run to
    run.
    """
    # Not by fp32_precision, torch's newer name: code that reads the older ones, such as
    # cudnn.flags, fails where both were used.
    matmul, cudnn = torch.backends.cuda.matmul, torch.backends.cudnn
    before = matmul.allow_tf32, cudnn.allow_tf32
    matmul.allow_tf32 = cudnn.allow_tf32 = allowed
    try:
        yield
    finally:
        matmul.allow_tf32, cudnn.allow_tf32 = before
