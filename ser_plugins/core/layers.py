"""Layers that padding cannot reach: what a model of frames needs between its convolutions."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from .lengths import mask_frames


def masked_softmax(scores: Tensor, frames: Tensor) -> Tensor:
    """Return weights over the real steps of each row; they sum to one, padding has none.

    Args:
        scores: `[B, N]`.
        frames: `[B]`, how many steps are real.

    >>> masked_softmax(torch.zeros(1, 4), torch.tensor([2]))
    tensor([[0.5000, 0.5000, 0.0000, 0.0000]])
    """
    padding = torch.arange(scores.shape[1], device=scores.device)[None] >= frames[:, None]
    return scores.masked_fill(padding, -torch.inf).softmax(1)


class StepAttention(nn.Linear):
    """Weighs the steps of each row: one linear score a step, and the softmax over the real ones.

    There is no bias: a softmax does not hear what is added to all scores of a row.

    Args:
        size: of a step.

    Shape:
        - steps: `[B, N, size]`; frames: `[B]`, how many are real
        - output: `[B, N]`; a row sums to one, padding has none
    """

    def __init__(self, size: int):
        super().__init__(size, 1, bias=False)

    def forward(self, steps: Tensor, frames: Tensor) -> Tensor:  # type: ignore[override]
        """Return the weights."""
        return masked_softmax(super().forward(steps)[..., 0], frames)


def run_packed(rnn: nn.Module, steps: Tensor, frames: Tensor) -> Tensor:
    """Return the outputs of a recurrent layer over the real steps, padding zero.

    Args:
        rnn: a GRU or LSTM with `batch_first`; one that runs backwards starts at the last real step.
        steps: `[B, N, D]`.
        frames: `[B]`, how many steps are real.

    Returns:
        `[B, N', H]`, N' the largest of `frames`.
    """
    packed = pack_padded_sequence(steps, frames.cpu(), batch_first=True, enforce_sorted=False)
    return pad_packed_sequence(rnn(packed)[0], batch_first=True)[0]


def halve(x: Tensor, frames: Tensor) -> tuple[Tensor, Tensor]:
    """Max-pool by two: time rounds up, a second axis rounds down while it has more than one band.

    Padding never wins: it counts as minus infinity. That holds whatever comes before, also
    where values are negative, as after a normalisation.

    Args:
        x: `[B, C, N]` or `[B, C, N, F]`; what stands in padding does not count.
        frames: `[B]`, how many of N are real.

    Returns:
        The pooled values, padding zero, and how many steps are real now.
    """
    padding = torch.arange(x.shape[2], device=x.device)[None] >= frames.to(x.device)[:, None]
    # Added, not filled in: that keeps the memory format, without which batch normalisation
    # goes backwards several times slower.
    far_below = padding.to(x.dtype) * (torch.finfo(x.dtype).min / 2)  # half: x may be below zero
    x = x + far_below[(slice(None), None, slice(None), *[None] * (x.ndim - 3))]
    if x.ndim == 3:
        pooled = F.max_pool1d(x, 2, ceil_mode=True)
    else:
        bands = max(1, x.shape[3] // 2)
        # An odd band is left out after the pool: a slice before it would lose the memory format.
        pooled = F.max_pool2d(x, (2, min(2, x.shape[3])), ceil_mode=True)[..., :bands]
    frames = (frames + 1) // 2
    return mask_frames(pooled, frames, dim=2), frames
