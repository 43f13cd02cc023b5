"""Builds an experiment whole, and tries one step of it, before anything is written."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from speechbrain.utils.seed import seed_everything
from torch import nn

from . import bundle as bundles
from . import exits, parallel, ranks
from .audit import check_system
from .augment import Augment
from .bundle import Bundle
from .config import check
from .data import ClipDataset, count_batches, ordered_loader
from .devices import choose_device, choose_precision
from .errors import OptionError, ProtocolError
from .extras import need
from .findings import refuse
from .frames import hear
from .hparams import Experiment
from .ledger import check_ledgers
from .memory import keep_freed
from .normalize import Normalize
from .prepare import Material, prepare
from .registry import use_plugins
from .writing import check_writable


@dataclass(frozen=True)
class Setup:
    """All that a run needs, built and checked, before anything is written."""

    hparams: dict[str, Any]
    device: str
    material: Material
    augment: Augment
    bundle: Bundle


def assemble(experiment: Experiment) -> Setup:
    """Read the corpus and build the system of an experiment; try one step of it."""
    use_plugins(*experiment.plugins)
    hparams = experiment.load()
    device = parallel.own_device(choose_device(hparams["device"]))
    hparams["precision"] = choose_precision(hparams["precision"], device)
    check_writable(Path(hparams["output_folder"] or "results"), "--output_folder")
    check_tensorboard(hparams["tensorboard"])
    check_ledgers(Path(hparams["ledger"]))
    if hparams["keep_memory"]:
        keep_freed()
    augment = Augment(
        hparams["augment"], hparams["augment_options"], hparams["seed"], hparams["sample_rate"]
    )
    bundles.check_portable(bundles.build(bundles.make_config(hparams, ("a", "b"))))  # bad options
    material = prepare(hparams)
    check_apart(augment, material.root)
    training = {**material.identity, "seed": hparams["seed"]}
    config = bundles.make_config(hparams, material.protocol.labels) | {"trained_on": training}
    check(config)  # now with the labels of the corpus
    first = bundles.build(config)
    check_shares(len(material.parts["train"]) * (1 + hparams["copies"]), hparams["batch_size"])
    refuse(check_system(material, first.classifier), ProtocolError)
    check_statistics_last(hparams["normalize"], first.classifier.features)
    rehearse(Setup(hparams, device, material, augment, first))
    seed_everything(hparams["seed"], verbose=False)
    return Setup(hparams, device, material, augment, bundles.build(config))


def check_apart(augment: Augment, root: Path) -> None:
    """Refuse an augmentation that hears the corpus itself, and so its test part.

    Raises:
        OptionError: naming both folders.
    """
    root = root.resolve()
    for _, one in augment.chain:
        for folder in map(Path, getattr(one, "folders", ())):
            there = folder.expanduser().resolve()
            if there.is_relative_to(root) or root.is_relative_to(there):
                raise OptionError(
                    f"an augmentation draws from {folder}, which lies in the corpus {root} or "
                    "holds it: training would hear what is tested. Name a folder apart from it"
                )


def rehearse(setup: Setup) -> None:
    """Take one training step with a system that is thrown away.

    Raises:
        OptionError: for options that build, but cannot train.
    """
    try:
        with exits.refused():
            _take_step(setup)
    except Exception as error:
        raise OptionError(f"this experiment cannot take a training step: {error!r}") from error


def _take_step(setup: Setup) -> None:
    hparams, bundle = setup.hparams, setup.bundle
    rows = setup.material.parts["train"][:2]
    dataset = ClipDataset(rows, setup.material.clips, bundle.front_end, bundle.labels)
    (batch,) = ordered_loader(dataset, 2)
    fit_statistics(bundle.classifier.features, bundle.classifier.normalize, dataset, 2)
    wavs, lengths = batch.sig
    wavs, lengths = setup.augment("wave", wavs, lengths, batch.draw, 1)
    feats, lengths = bundle.classifier.frames(wavs, lengths)
    feats, lengths = setup.augment("feats", feats, lengths, batch.draw, 1)
    logits = bundle.classifier.classify(feats, lengths)
    optimizer = hparams["opt_class"](bundle.classifier.parameters())
    if hparams.get("lr_schedule"):
        hparams["lr_schedule"](optimizer)
    torch.nn.functional.cross_entropy(logits, batch.target.data).backward()
    optimizer.step()
    bundle.classifier.eval()
    with torch.inference_mode():
        answer = bundle.classifier(*batch.sig)
        bundle.classifier.attention(*batch.sig)
    if answer.shape != batch.target.data.shape or not answer.isfinite().all():
        raise ValueError(f"after it, two clips give {answer.tolist()}; is --lr too large?")


def fit_statistics(
    features: nn.Module,
    normalize: Normalize,
    dataset: ClipDataset,
    batch_size: int,
    device: str = "cpu",
) -> None:
    """Fit the normalisation on clean clips, in one pass."""
    normalize.fit(
        (feats, lengths) for _, feats, lengths in hear(features, dataset, batch_size, device)
    )


def check_statistics_last(mode: str, features: Any) -> None:
    """Refuse statistics of features that training will change, as no audit could fit them anew."""
    is_module = isinstance(features, nn.Module)
    if mode == "global" and is_module and any(p.requires_grad for p in features.parameters()):
        raise OptionError(
            "normalize is global, fitted once, but these features are trained and will change; "
            "take --normalize clip or none"
        )


def check_shares(n: int, batch_size: int) -> None:
    """Refuse batches of which some process would get no clip.

    Args:
        n: number of clips of an epoch.
        batch_size: of all processes together.

    Raises:
        OptionError: saying how small batches are.
    """
    least = n // count_batches(n, batch_size)
    if least < ranks.size():
        raise OptionError(
            f"with --batch_size {batch_size} there are batches of {least} clips for {ranks.size()} "
            "processes; take a larger one, or fewer processes"
        )


def check_tensorboard(wanted: bool) -> None:
    """Refuse TensorBoard where it is not installed, before anything is written."""
    if wanted:
        need("tensorboard", "tensorboard", "--tensorboard True")
