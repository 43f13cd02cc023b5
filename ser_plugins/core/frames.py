"""Frames of clips that are heard once: features that stay what they are need no second pass."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from .data import ClipDataset, ordered_loader
from .kept import Rows
from .lengths import real_frames
from .rounding import tf32


def hear(
    features: nn.Module, clips: ClipDataset, batch_size: int, device: str = "cpu"
) -> Iterator[tuple[list[str], Tensor, Tensor]]:
    """Give ids, frames `[B, N, F]` and lengths `[B]` of clean clips, shortest first."""
    features.to(device).eval()
    for batch in ordered_loader(clips, batch_size):
        with torch.inference_mode(), tf32(False):  # as for scores
            feats, lengths = features(*batch.to(device).sig)
            yield batch.id, feats.cpu(), lengths.cpu()


def heard_rows(
    features: nn.Module, clips: ClipDataset, batch_size: int, device: str = "cpu"
) -> Iterator[tuple[str, Tensor]]:
    """Give id and real frames `[N, F]` of each clean clip, shortest first."""
    for ids, feats, lengths in hear(features, clips, batch_size, device):
        sizes = real_frames(lengths, feats.shape[1]).tolist()
        for id, row, size in zip(ids, feats, sizes, strict=True):
            yield id, row[:size]


def normalized(classifier: Any, batch: Any) -> tuple[Tensor, Tensor]:
    """Return normalised frames `[B, N, F]` and lengths `[B]` of a batch, heard before or now."""
    if hasattr(batch, "frames"):
        feats, lengths = batch.frames
        return classifier.normalize(feats, lengths), lengths
    return classifier.frames(*batch.sig)


class FrameDataset(Dataset):
    """The clips of a dataset as frames that were heard before.

    An item holds `id`, `draw`, `target` and `frames` (`[N, F]` float32, before normalisation).

    Args:
        clips: the clips.
        rows: the frames of each, by id.
    """

    def __init__(self, clips: ClipDataset, rows: Rows):
        self.clips, self.rows, self.ids = clips, rows, clips.ids
        self.lengths = clips.lengths  # in samples, so that batches are those of the clips

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, i: int) -> dict[str, Any]:
        return {**self.clips.about(i), "frames": self.rows[self.ids[i]]}

    def batches(self, batch_size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Give frames `[B, N, F]` and lengths `[B]`."""
        for batch in ordered_loader(self, batch_size):
            yield tuple(batch.frames)
