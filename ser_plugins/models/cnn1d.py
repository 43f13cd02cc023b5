"""One-dimensional convolutions over a fixed number of frames, flattened into a dense layer.

A public student system for RAVDESS on zero-crossing rate, RMS energy and MFCCs (features
`handcrafted`). The original joins all frames into one vector and lets its filters slide across
the borders between kinds of features; here they slide over time. Widths are our own.
799,624 parameters with 42 features and 8 classes.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ser_plugins import hookimpl, mask_frames, real_frames


class Cnn1d(nn.Module):
    """Classifies the middle of an utterance, `n_frames` long, from its frames.

    Args:
        n_features: size of a frame.
        n_classes: number of labels.
        n_frames: frames that are heard; a longer clip is cut at both ends, a shorter one is
            padded with zeros, which is the mean of normalised features. A multiple of
            2 ** (number of blocks).
        channels: width of each block; a block halves time.
        kernel: frames that a convolution sees, odd.
        dense: width of the layer before the last.
        dropout: probability after each block and before the last layer, in [0, 1).

    Shape:
        - feats: `[B, N, F]`, N >= 1; lengths: `[B]`, relative
        - output: `[B, C]`, logits
    """

    exportable = True

    def __init__(
        self,
        n_features: int,
        n_classes: int,
        n_frames: int = 128,
        channels: tuple[int, ...] = (128, 128, 256),
        kernel: int = 5,
        dense: int = 128,
        dropout: float = 0.2,
    ):
        super().__init__()
        if n_frames % 2 ** len(channels) or kernel % 2 == 0:
            raise ValueError(
                f"n_frames must be a multiple of {2 ** len(channels)} and kernel odd "
                f"(got {n_frames} and {kernel})"
            )
        self.n_frames = n_frames
        widths = (n_features, *channels)
        self.blocks = nn.ModuleList(
            nn.Sequential(
                nn.Conv1d(i, o, kernel, padding=kernel // 2), nn.ReLU(), nn.MaxPool1d(2),
                nn.BatchNorm1d(o), nn.Dropout(dropout),
            )
            for i, o in zip(widths, widths[1:], strict=False)
        )  # fmt: skip
        self.head = nn.Sequential(
            nn.Linear(channels[-1] * n_frames // 2 ** len(channels), dense), nn.ReLU(),
            nn.Dropout(dropout), nn.Linear(dense, n_classes),
        )  # fmt: skip

    def forward(self, feats: Tensor, lengths: Tensor) -> Tensor:
        """Return the logits."""
        x = self.middle(feats, lengths).transpose(1, 2)  # [B, F, n_frames]
        for block in self.blocks:
            x = block(x)
        return self.head(x.flatten(1))

    def middle(self, feats: Tensor, lengths: Tensor) -> Tensor:
        """Return the middle `[B, n_frames, F]` of each clip, zeros around what is shorter."""
        frames = real_frames(lengths, feats.shape[1])
        first = (frames - self.n_frames).div(2, rounding_mode="floor")  # negative where shorter
        room = F.pad(mask_frames(feats, frames), (0, 0, self.n_frames, self.n_frames))
        at = torch.arange(self.n_frames, device=feats.device)[None] + first[:, None] + self.n_frames
        return room.gather(1, at[..., None].expand(-1, -1, feats.shape[2]))


@hookimpl
def ser_models():
    """Register the one-dimensional network."""
    return {"cnn1d": Cnn1d}
