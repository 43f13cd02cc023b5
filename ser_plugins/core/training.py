"""One run from YAML to scores: fit on train, choose on validation, score test once."""

import json
import logging
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import speechbrain as sb
import torch
from speechbrain.utils.epoch_loop import EpochCounterWithStopper

from . import bundle as bundles
from . import ledger, protocols, report, scoring
from .augment import Augment
from .brain import EmotionBrain
from .bundle import Bundle
from .checkpoints import AtomicCheckpointer, RandomState
from .data import ClipDataset, ordered_loader, training_loader
from .errors import OptionError
from .history import History
from .hparams import Experiment
from .prepare import Material, prepare
from .registry import use_plugins
from .run import RunFolder, check_writable, default_path, open_run, resolve

log = logging.getLogger(__name__)


def train(experiment: Experiment) -> dict[str, Any]:
    """Run an experiment whole, or what is left of it, and return its scores.

    Raises:
        InputError: for anything that the user can mend; nothing is half-written then.
    """
    use_plugins(*experiment.tree.get("plugins") or ())
    hparams = experiment.load()
    device = choose_device(hparams["device"], hparams["precision"])
    check_writable(Path(hparams["output_folder"] or "results"))
    augment = Augment(
        hparams["augment"], hparams["augment_options"], hparams["seed"], hparams["sample_rate"]
    )
    material = prepare(hparams)
    sb.utils.seed.seed_everything(hparams["seed"], verbose=False)
    bundle = bundles.build(bundles.make_config(hparams, material.protocol.labels))
    run = RunFolder(default_path(hparams, experiment.path, material))
    resolve(experiment, hparams, material, run.path)
    with open_run(run, experiment, material) as resumed:
        report.say_start(experiment, hparams, material, bundle, run)
        if run.scores.exists():
            log.info("This run is complete; remove its folder to run it again.")
            found = json.loads(run.scores.read_text(encoding="utf-8"))
        else:
            if resumed:
                log.info("Going on from the last whole epoch.")
            brain, datasets = fit(hparams, material, bundle, augment, run, device)
            found = finish(hparams, material, bundle, brain, datasets, run)
        report.say_scores(found, run)
    return found


def choose_device(device: str, precision: str) -> str:
    """Return the device to train on; `auto` takes a GPU where there is one.

    Raises:
        OptionError: for a device that is not here, or fp16 on a CPU.
    """
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    if device.split(":")[0] not in ("cpu", "cuda"):
        raise OptionError(f"device must be auto, cpu, cuda or cuda:1, not {device!r}")
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise OptionError("this machine has no GPU that torch can use; take --device cpu")
    if precision == "fp16" and device == "cpu":
        raise OptionError("fp16 needs a GPU; on a CPU take --precision bf16 or fp32")
    return device


def fit(
    hparams: Mapping[str, Any],
    material: Material,
    bundle: Bundle,
    augment: Augment,
    run: RunFolder,
    device: str,
) -> tuple[EmotionBrain, dict[str, ClipDataset]]:
    """Train until the last epoch or the end of patience; load the epoch validation chose."""
    datasets = {
        part: ClipDataset(rows, material.clips, bundle.front_end, bundle.labels)
        for part, rows in material.parts.items()
        if part != "test"
    }
    fit_statistics(bundle, datasets["train"], hparams["batch_size"])
    brain = make_brain(hparams, bundle, augment, run, device)
    train_loader = training_loader(datasets["train"], hparams["batch_size"], hparams["seed"])
    brain.train_sampler = train_loader.batch_sampler
    brain.fit(
        brain.hparams.epoch_counter,
        train_loader,
        ordered_loader(datasets["valid"], hparams["batch_size"]),
    )
    brain.best_epoch = brain.checkpointer.recover_if_possible(max_key="uar").meta["epoch"]
    return brain, datasets


def fit_statistics(bundle: Bundle, dataset: ClipDataset, batch_size: int) -> None:
    """Fit the normalisation on the clean training part, in one pass."""
    with torch.inference_mode():
        bundle.classifier.normalize.fit(
            bundle.classifier.features(*batch.sig) for batch in ordered_loader(dataset, batch_size)
        )


def make_brain(
    hparams: Mapping[str, Any], bundle: Bundle, augment: Augment, run: RunFolder, device: str
) -> EmotionBrain:
    """Return the loop with its early stopping, history and checkpoints."""
    # Told the error, not the UAR: with "max" SpeechBrain's stopper takes a tie for progress.
    counter = EpochCounterWithStopper(hparams["number_of_epochs"], hparams["patience"], 0, "min")
    checkpointer = AtomicCheckpointer(
        run.checkpoints,
        {"classifier": bundle.classifier, "epoch_counter": counter, "random": RandomState()},
    )
    own = {
        "augment": augment,
        "epoch_counter": counter,
        "history": History(run.path / "history.csv", tensorboard_writer(hparams, run)),
        "labels": bundle.labels,
        "lr_schedule": hparams.get("lr_schedule"),
    }
    return EmotionBrain(
        {"classifier": bundle.classifier},
        hparams["opt_class"],
        {**hparams, **own},
        {
            "device": device,
            "precision": hparams["precision"],
            "eval_precision": "fp32",
            "noprogressbar": not sys.stderr.isatty(),
        },
        checkpointer,
    )


def tensorboard_writer(hparams: Mapping[str, Any], run: RunFolder) -> Any:
    """Return SpeechBrain's TensorBoard logger, or None where it is not wanted."""
    if not hparams["tensorboard"]:
        return None
    try:
        return sb.utils.train_logger.TensorboardLogger(str(run.path / "tensorboard"))
    except ImportError:
        raise OptionError(
            "--tensorboard True needs TensorBoard: pip install 'ser_plugins[tensorboard]'"
        ) from None


def finish(
    hparams: Mapping[str, Any],
    material: Material,
    bundle: Bundle,
    brain: EmotionBrain,
    datasets: Mapping[str, ClipDataset],
    run: RunFolder,
) -> dict[str, Any]:
    """Write the bundle, score validation and then test, once, and draw the pictures."""
    bundle.classifier.eval().to("cpu")
    bundles.write(run.bundle, bundle)
    protocol, device, batch_size = material.protocol, str(brain.device), hparams["batch_size"]
    valid = scoring.predict(bundle.classifier, datasets["valid"], batch_size, device)
    readings = ledger.record(
        Path(hparams["ledger"]),
        material.dataset,
        protocol.name,
        protocols.definition_hash(protocol),
        material.fold,
        run.path,
    )
    test_set = ClipDataset(material.parts["test"], material.clips, bundle.front_end, bundle.labels)
    test = scoring.predict(bundle.classifier, test_set, batch_size, device)
    bundle.classifier.to("cpu")
    predictions = {
        part: scoring.join(material.parts[part], found, bundle.labels)
        for part, found in (("valid", valid), ("test", test))
    }
    found = report.collect(hparams, material, bundle, predictions, brain, readings)
    report.write(found, material, bundle, predictions["test"], brain.hparams.history.rows, run)
    return found
