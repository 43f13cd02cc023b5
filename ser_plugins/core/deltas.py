"""Derivatives of features over time, which see the real frames of a clip only."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from .lengths import mask_frames

WIDTH = 9  # frames that a derivative is fitted to
MARKS = ("", "_delta", "_delta2")


class Deltas(nn.Module):
    """Appends their derivatives to frames.

    That of order d belongs to the polynomial of degree d fitted to nine frames, the first and the
    last real one standing for those beyond them: `librosa.feature.delta(order=d,
    mode="nearest")`. A clip may be shorter than nine frames; one frame has derivatives of zero.
    Savitzky A, Golay MJE (1964), Anal. Chem. 36, 1627-1639.

    Args:
        order: highest derivative: 0 (none), 1 or 2.

    Shape:
        - feats: `[B, N, F]`; frames: `[B]`, how many are real
        - output: `[B, N, (1 + order) F]`, padding zero

    Raises:
        ValueError: for another order.

    >>> Deltas(1)(torch.arange(20.0)[None, :, None], torch.tensor([20]))[0, 9].round()
    tensor([9., 1.])
    """

    def __init__(self, order: int):
        super().__init__()
        if order not in (0, 1, 2):
            raise ValueError(f"deltas must be 0, 1 or 2, not {order!r}")
        self.weights = [_weights(d) for d in range(1, order + 1)]

    def names(self, names: Iterable[str]) -> list[str]:
        """Return what the columns are called, given the names of the frames' own."""
        own = list(names)
        return [name + mark for mark in MARKS[: 1 + len(self.weights)] for name in own]

    def forward(self, feats: Tensor, frames: Tensor) -> Tensor:
        """Return the frames with their derivatives behind them."""
        size, half = feats.shape[1], WIDTH // 2
        steps = torch.arange(-half, size + half, device=feats.device).clamp(min=0)
        nearest = torch.minimum(steps[None], frames.to(feats.device)[:, None] - 1)
        around = feats.gather(1, nearest[..., None].expand(-1, -1, feats.shape[2]))  # [B, N + 8, F]
        found = [feats]
        for weights in self.weights:
            moved = (w * around[:, k : k + size] for k, w in enumerate(weights))
            found.append(sum(moved, torch.zeros_like(feats)))
        return mask_frames(torch.cat(found, 2), frames)


def _weights(order: int) -> list[float]:
    from scipy.signal import savgol_coeffs  # here: without deltas it need not be loaded

    return savgol_coeffs(WIDTH, order, deriv=order, use="dot").tolist()
