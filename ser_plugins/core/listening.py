"""The clips of a run as its training hears them, and the statistics fitted on them."""

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

from . import ranks
from .data import ClipDataset, Copied
from .frame_key import frames_key, surroundings
from .frames import FrameDataset, heard_rows
from .kept import Store
from .places import cache_folder
from .setup import Setup, fit_statistics

Heard = Mapping[str, ClipDataset | FrameDataset | Copied]


def training_clips(setup: Setup) -> dict[str, ClipDataset]:
    """Return the parts that training hears."""
    material, bundle = setup.material, setup.bundle
    return {
        part: ClipDataset(material.parts[part], material.clips, bundle.front_end, bundle.labels)
        for part in ("train", "valid")
    }


def listen(setup: Setup, clips: Mapping[str, ClipDataset]) -> Heard:
    """Fit the statistics; return the parts as frames, where hearing them once is enough and wanted.

    The training part comes with its copies, each clip of which is heard but once for that.
    """
    hparams, classifier = setup.hparams, setup.bundle.classifier
    heard: dict[str, ClipDataset | FrameDataset | Copied] = {**clips}
    if hparams["keep_frames"] and classifier.hears_alike:
        heard |= listen_once(setup, clips)
    else:
        fitting = classifier.features, classifier.normalize, clips["train"]
        fit_statistics(*fitting, hparams["batch_size"], setup.device)
    if hparams["copies"]:
        heard["train"] = Copied(heard["train"], hparams["copies"])
    return heard


def listen_once(setup: Setup, clips: Mapping[str, ClipDataset]) -> dict[str, FrameDataset]:
    """Fit the statistics; return the parts whose waveforms nothing changes as frames."""
    kept = KeptFrames(setup)
    parts = ["valid"] if setup.augment.changes("wave") else ["train", "valid"]
    heard = {part: kept.frames(clips[part]) for part in parts}
    kept.fit(clips["train"], heard.get("train"))
    ranks.highest(0)  # all processes have opened theirs
    kept.store.make_room()
    return heard


class KeptFrames:
    """What a run's features make of clean clips, kept on disk from one start to the next.

    Args:
        setup: of the run.
    """

    def __init__(self, setup: Setup):
        hparams, bundle = setup.hparams, setup.bundle
        self.features, self.normalize = bundle.classifier.features, bundle.classifier.normalize
        self.size, self.device = hparams["batch_size"], setup.device
        self.store = Store(cache_folder(hparams) / "frames", hparams["frames_on_disk"])
        named = {"name": hparams["features"], "options": hparams["features_options"]}
        self.through = surroundings(self.features, named, self.size, self.device)

    def frames(self, clips: ClipDataset) -> FrameDataset:
        """Return the frames of clips, which are heard if no start before has done so."""
        heard = (self.features, clips, self.size, self.device)
        key = frames_key(clips, self.through)
        return FrameDataset(clips, self.store.open(key, lambda: heard_rows(*heard)))

    def fit(self, clips: ClipDataset, frames: FrameDataset | None) -> None:
        """Fit the normalisation on clips, if no start before has done so.

        Args:
            clips: the training part.
            frames: of the clips; None to hear them for this.
        """
        normalize = self.normalize
        key = frames_key(clips, self.through, f"{normalize.mode} statistics")
        rows = self.store.open(key, lambda: self._statistics(clips, frames))
        mean, std = rows["statistics"]
        normalize.mean.copy_(mean)
        normalize.std.copy_(std)

    def _statistics(
        self, clips: ClipDataset, frames: FrameDataset | None
    ) -> Iterator[tuple[str, Tensor]]:
        if frames:
            self.normalize.fit(frames.batches(self.size))
        else:
            fit_statistics(self.features, self.normalize, clips, self.size, self.device)
        yield "statistics", torch.stack([self.normalize.mean, self.normalize.std])
