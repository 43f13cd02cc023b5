"""Mean and standard deviation of each feature over the clip, and one linear layer.

The honest floor of every table, and the usual probe of clip-level and self-supervised features;
statistics as in Yang S et al. (2021), "SUPERB", Interspeech, 1194-1198, with the deviation added.
648 parameters with 40 features and 8 classes.
"""

import torch
from torch import Tensor, nn

from ser_plugins import hookimpl, mask_frames, real_frames

FLOOR = 1e-8  # of a variance: a root has no slope at zero, where a clip has but one frame


class PooledLinear(nn.Module):
    """Classifies an utterance of any length from the statistics of its frames.

    Args:
        n_features: size of a frame.
        n_classes: number of labels.
        dropout: probability before the layer, in [0, 1).

    Shape:
        - feats: `[B, N, F]`, N >= 1; lengths: `[B]`, relative
        - output: `[B, C]`, logits
    """

    exportable = True

    def __init__(self, n_features: int, n_classes: int, dropout: float = 0.0):
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(2 * n_features, n_classes)

    def forward(self, feats: Tensor, lengths: Tensor) -> Tensor:
        """Return the logits."""
        return self.head(self.dropout(self.statistics(feats, lengths)))

    def statistics(self, feats: Tensor, lengths: Tensor) -> Tensor:
        """Return means and standard deviations over the real frames, `[B, 2 * F]`."""
        frames = real_frames(lengths, feats.shape[1])
        mean = mask_frames(feats, frames).sum(1) / frames[:, None]
        squares = mask_frames((feats - mean[:, None]) ** 2, frames).sum(1) / frames[:, None]
        return torch.cat([mean, squares.clamp(min=FLOOR).sqrt()], 1)


@hookimpl
def ser_models():
    """Register statistics and a linear layer."""
    return {"pooled_linear": PooledLinear}
