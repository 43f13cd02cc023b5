"""Frames of clips that are heard once: features that stay what they are need no second pass."""

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from .cache import usable
from .data import ClipDataset, ordered_loader
from .lengths import real_frames
from .rounding import tf32


def hear(
    features: nn.Module, clips: ClipDataset, batch_size: int, device: str = "cpu"
) -> Iterator[tuple[list[str], Tensor, Tensor]]:
    """Give ids, frames `[B, N, F]` and lengths `[B]` of clean clips, shortest first."""
    features.to(device)
    for batch in ordered_loader(clips, batch_size):
        with torch.inference_mode(), tf32(False):  # as for scores
            feats, lengths = features(*batch.to(device).sig)
            yield batch.id, feats.cpu(), lengths.cpu()


def normalized(classifier: Any, batch: Any) -> tuple[Tensor, Tensor]:
    """Return normalised frames `[B, N, F]` and lengths `[B]` of a batch, heard before or now."""
    if hasattr(batch, "frames"):
        feats, lengths = batch.frames
        return classifier.normalize(feats, lengths), lengths
    return classifier.frames(*batch.sig)


class FrameDataset(Dataset):
    """The clips of a dataset as frames, which lie in a file that vanishes with the process.

    An item holds `id`, `draw`, `target` and `frames` (`[N, F]` float32, before normalisation).

    Args:
        clips: the clips.
        features: what they are heard through.
        batch_size: clips that are heard at once.
        folder: where the file lies, unnamed.
        device: where they are heard.

    Raises:
        InputError: if it cannot be written.
    """

    def __init__(
        self,
        clips: ClipDataset,
        features: nn.Module,
        batch_size: int,
        folder: Path,
        device: str = "cpu",
    ):
        self.clips, self.ids = clips, clips.ids
        self.places: dict[str, tuple[int, int]] = {}
        with usable(folder):
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder) as file:
                self.frames = self._fill(file, hear(features, clips, batch_size, device))
        self.lengths = clips.lengths  # in samples, so that batches are those of the clips

    def _fill(self, file: Any, heard: Iterable[tuple[list[str], Tensor, Tensor]]) -> np.ndarray:
        """Write frames and note where those of each clip lie; return all, `[sum of N, F]`."""
        end = 0
        for ids, feats, lengths in heard:
            sizes = real_frames(lengths, feats.shape[1]).tolist()
            for id, row, size in zip(ids, feats, sizes, strict=True):
                self.places[id] = end, size
                file.write(row[:size].float().numpy().tobytes())
                end += size
        file.flush()
        # The mapping holds the file after it is closed.
        return np.memmap(file, np.float32, "r", shape=(end, feats.shape[2]))

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, i: int) -> dict[str, Any]:
        first, size = self.places[self.ids[i]]
        frames = torch.from_numpy(np.array(self.frames[first : first + size]))
        return {**self.clips.about(i), "frames": frames}

    def batches(self, batch_size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Give frames `[B, N, F]` and lengths `[B]`."""
        for batch in ordered_loader(self, batch_size):
            yield tuple(batch.frames)
