"""Convolutions over the spectrogram, a bidirectional GRU over time, attention over its steps.

A public student system for RAVDESS, with two faults mended: the GRU steps through time (the
original reshapes channels and time into each other), and every frame of the clip is heard.
2,117,128 parameters with 40 features and 8 classes.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ser_plugins import StepAttention, halve, hookimpl, mask_frames, real_frames, run_packed

FAULTS = ("hears the first 100 frames alone", "mixes channels with time")


class CnnBiGru(nn.Module):
    """Classifies an utterance of any length from its frames.

    Args:
        n_features: size of a frame, such as the number of coefficients.
        n_classes: number of labels.
        channels: width of each block; a block halves time (rounding up) and frequency
            (rounding down, while there is more than one band).
        hidden: units of the GRU in each direction.
        head: widths of the linear layers before the last, with nothing between them.
        dropout: probability before the GRU and before the head, in [0, 1).
        original: brings the published faults back, for comparison under a `leaky-` protocol.

    Shape:
        - feats: `[B, N, F]`, N >= 1; lengths: `[B]`, relative
        - output: `[B, C]`, logits
    """

    exportable = True

    def __init__(
        self,
        n_features: int,
        n_classes: int,
        channels: tuple[int, ...] = (32, 64, 128, 256, 512),
        hidden: int = 128,
        head: tuple[int, ...] = (64, 512),
        dropout: float = 0.3,
        original: bool = False,
    ):
        super().__init__()
        self.faults = FAULTS if original else ()
        widths = (1, *channels)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.Conv2d(i, o, 3, padding=1), nn.BatchNorm2d(o))
            for i, o in zip(widths, widths[1:], strict=False)
        )
        bands = max(1, n_features // 2 ** len(channels))
        self.gru = nn.GRU(channels[-1] * bands, hidden, batch_first=True, bidirectional=True)
        self.score = StepAttention(2 * hidden)
        sizes = (2 * hidden, *head, n_classes)
        self.head = nn.Sequential(
            *(nn.Linear(i, o) for i, o in zip(sizes, sizes[1:], strict=False))
        )
        self.dropout = nn.Dropout(dropout)
        self.stride = 2 ** len(channels)

    def forward(self, feats: Tensor, lengths: Tensor) -> Tensor:
        """Return the logits."""
        steps, frames = self.encode(feats, lengths)
        weights = self.score(steps, frames)
        return self.head(self.dropout((weights[:, None] @ steps)[:, 0]))

    def attention(self, feats: Tensor, lengths: Tensor) -> Tensor:
        """Return how much each step counts, `[B, N']`; a row sums to one."""
        return self.score(*self.encode(feats, lengths))

    def encode(self, feats: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Return the GRU's steps `[B, N', 2 * hidden]`, and how many are real."""
        frames = real_frames(lengths, feats.shape[1])
        if self.faults:
            feats, frames = first_100(mask_frames(feats, frames)), torch.full_like(frames, 100)
        x = mask_frames(feats, frames)[:, None]
        for block in self.blocks:
            x, frames = halve(block(x), frames)
            x = F.relu(x)  # after the pool: the same function of a quarter of the values
        # Reshaped without the transpose, as published, channels and time are mixed.
        flat = (
            x.transpose(2, 3).reshape(*x.shape[::2], -1)
            if self.faults
            else x.transpose(1, 2).flatten(2)
        )
        x = self.dropout(flat)  # [B, N', C'F']
        return run_packed(self.gru, x, frames), frames


def first_100(feats: Tensor) -> Tensor:
    """Return the frames `[B, N, F]` cut or padded to `[B, 100, F]`."""
    return F.pad(feats, (0, 0, 0, 100))[:, :100]


@hookimpl
def ser_models():
    """Register CNN-BiGRU with attention."""
    return {"cnn_bigru": CnnBiGru}
