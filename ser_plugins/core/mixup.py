"""Mixup: each clip of a batch is blended with another one, and so are their targets.

Zhang H, Cisse M, Dauphin YN, Lopez-Paz D (2018), "mixup: beyond empirical risk minimization",
ICLR.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from .augment import draw_seed


class Mixup:
    """Blends frames and targets; who meets whom, and by how much, depends on seed, epoch and ids.

    Of several processes each blends the clips of its share of a batch among themselves, so that
    partners are others than in one process.

    Args:
        alpha: both parameters of the Beta distribution of the blend, from 0; the smaller, the more
            a clip stays what it is. 0 blends nothing.
        seed: of the experiment.
    """

    def __init__(self, alpha: float, seed: int):
        self.alpha, self.seed = alpha, seed

    def __call__(
        self, feats: Tensor, lengths: Tensor, targets: Tensor, ids: Sequence[str], epoch: int
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return the blended batch.

        Args:
            feats: `[B, N, F]`, normalised: the shorter clip of a pair goes on as zeros, the mean.
            lengths: `[B]`, relative; a blend is as long as the longer of its two.
            targets: `[B, C]`.
            ids: of the utterances and their copies, all different.
            epoch: from 1.
        """
        if not self.alpha:
            return feats, lengths, targets
        drawn = [self._draw(id, epoch) for id in ids]
        order = sorted(range(len(ids)), key=lambda i: drawn[i][0])
        partner = [0] * len(ids)
        for here, there in zip(order, order[1:] + order[:1], strict=True):
            partner[here] = there
        share = torch.tensor([part for _, part in drawn]).to(feats)
        feats = share[:, None, None] * feats + (1 - share)[:, None, None] * feats[partner]
        targets = share[:, None] * targets + (1 - share)[:, None] * targets[partner]
        return feats, torch.maximum(lengths, lengths[partner]), targets

    def _draw(self, id: str, epoch: int) -> tuple[float, float]:
        random = np.random.default_rng(draw_seed(self.seed, epoch, "mixup", id) % 2**63)
        return random.random(), random.beta(self.alpha, self.alpha)
