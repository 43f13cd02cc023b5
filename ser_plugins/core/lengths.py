"""Relative lengths and padding: how many samples or frames of a row are real."""

import torch
from torch import Tensor


def real_frames(lengths: Tensor, size: int) -> Tensor:
    """Return how many of `size` samples or frames are real, at least one.

    Args:
        lengths: `[B]`, relative, in (0, 1].
        size: the padded size.

    >>> real_frames(torch.tensor([1.0, 0.5]), 6)
    tensor([6, 3])
    """
    return (lengths * size).round().long().clamp(1, size)


def mask_frames(x: Tensor, frames: Tensor, dim: int = 1) -> Tensor:
    """Return `x` with zeros where a row is padding along `dim`.

    Args:
        x: `[B, …]`.
        frames: `[B]`, how many entries along `dim` are real.
        dim: the axis of time, 1 or more.

    >>> mask_frames(torch.ones(2, 3), torch.tensor([3, 1]))
    tensor([[1., 1., 1.],
            [1., 0., 0.]])
    """
    # Compared by broadcasting, so that an exported graph freezes neither batch nor time; and
    # multiplied, which keeps the memory format of a convolutional network and is cheapest.
    steps = torch.arange(x.shape[dim], device=x.device)
    real = steps[None] < frames.to(x.device)[:, None]
    every = slice(None)
    return x * real[(every, *[None] * (dim - 1), every, *[None] * (x.ndim - dim - 1))].to(x.dtype)
