"""The plainest features and the plainest model: what a plugin is tried together with.

They are registered under the names `FRAMES` and `MEAN` while `registered` lasts, so that a bundle
can name them.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .. import registry
from ..hookspecs import hookimpl
from ..lengths import mask_frames, real_frames

FRAMES, MEAN = "kit_frames", "kit_mean"


class Frames(nn.Module):
    """The logarithm of the power of every four samples, forty in a frame that overlaps none.

    Shape:
        - wavs: `[B, T]`; lengths: `[B]`, relative
        - output: `[B, N, 40]`, padding zero, and its lengths `[B]`
    """

    n_features, hop = 40, 160

    def forward(self, wavs: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Return frames and their lengths."""
        samples = real_frames(lengths, wavs.shape[1])
        n = 1 + wavs.shape[1] // self.hop
        wavs = F.pad(mask_frames(wavs, samples), (0, n * self.hop - wavs.shape[1]))
        power = wavs.reshape(len(wavs), n, self.n_features, -1).square().mean(-1)
        frames = 1 + samples // self.hop
        return mask_frames((power + 1e-6).log(), frames), frames / n


class Mean(nn.Module):
    """One linear layer on the mean of the frames.

    Args:
        n_features: size of a frame.
        n_classes: number of labels.

    Shape:
        - feats: `[B, N, F]`; lengths: `[B]`, relative
        - output: `[B, C]`, logits
    """

    def __init__(self, n_features: int, n_classes: int):
        super().__init__()
        self.head = nn.Linear(n_features, n_classes)

    def forward(self, feats: Tensor, lengths: Tensor) -> Tensor:
        """Return the logits."""
        frames = real_frames(lengths, feats.shape[1])
        return self.head(mask_frames(feats, frames).sum(1) / frames[:, None].to(torch.float32))


class Partners:
    """The plugin that brings both."""

    @hookimpl
    def ser_features(self) -> dict[str, type[Frames]]:
        """Register the features."""
        return {FRAMES: Frames}

    @hookimpl
    def ser_models(self) -> dict[str, type[Mean]]:
        """Register the model."""
        return {MEAN: Mean}


@contextmanager
def registered() -> Iterator[None]:
    """Register both for as long as it lasts, or leave them where they already are."""
    plugins = registry.default()
    if plugins.manager.has_plugin(__name__):
        yield
        return
    plugins.add(Partners(), __name__)
    try:
        yield
    finally:
        plugins.remove(__name__)
