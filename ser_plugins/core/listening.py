"""The clips of a run as its training hears them, and the statistics fitted on them."""

from collections.abc import Mapping

from .data import ClipDataset, Copied
from .frames import FrameDataset
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
    features, size = classifier.features, hparams["batch_size"]
    folder = cache_folder(hparams) / "frames"
    once = {"valid", *({} if setup.augment.changes("wave") else {"train"})}
    heard: dict[str, ClipDataset | FrameDataset | Copied] = {
        part: FrameDataset(dataset, features, size, folder, setup.device)
        if hparams["keep_frames"] and classifier.hears_alike and part in once
        else dataset
        for part, dataset in clips.items()
    }
    if isinstance(heard["train"], FrameDataset):
        classifier.normalize.fit(heard["train"].batches(size))
    else:
        fit_statistics(features, classifier.normalize, clips["train"], size, setup.device)
    if hparams["copies"]:
        heard["train"] = Copied(heard["train"], hparams["copies"])
    return heard
