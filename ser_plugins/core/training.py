"""One run from YAML to scores: fit on train, choose on validation, score test once."""

import logging
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import speechbrain as sb
from speechbrain.utils.epoch_loop import EpochCounterWithStopper

from . import bundle as bundles
from . import report, scoring, screen
from .brain import SELECTION, EmotionBrain
from .bundle import Bundle
from .checkpoints import AtomicCheckpointer, RandomState
from .class_weights import label_weights
from .data import ClipDataset, ordered_loader, training_loader
from .errors import ProtocolError
from .findings import refuse
from .frames import FrameDataset
from .history import History
from .hparams import Experiment
from .mixup import Mixup
from .outcomes import read_scores
from .places import cache_folder
from .prepare import Material
from .reading import read_test
from .run import RunFolder, default_path, open_run, resolve
from .run_audit import audit_run
from .scoring import Prediction
from .setup import Setup, assemble, fit_statistics

log = logging.getLogger(__name__)


def train(experiment: Experiment) -> dict[str, Any]:
    """Run an experiment whole, or what is left of it, and return its scores.

    Raises:
        InputError: for anything that the user can mend; nothing is half-written then.
    """
    setup = assemble(experiment)
    hparams, material, bundle = setup.hparams, setup.material, setup.bundle
    protocol = material.protocol.name
    run = RunFolder(default_path(hparams, experiment.path, protocol))
    resolve(experiment, hparams, protocol, run.path)
    with open_run(run, experiment, material) as resumed:
        screen.say_start(experiment, hparams, material, bundle, run)
        if run.scores.exists():
            log.info("This run is complete; remove its folder to run it again.")
            found = read_scores(run.scores)
        else:
            if resumed:
                log.info("Going on from the last whole epoch.")
            brain, datasets = fit(setup, run)
            found = finish(setup, brain, datasets, run)
        screen.say_scores(found, run)
    return found


def fit(setup: Setup, run: RunFolder) -> tuple[EmotionBrain, dict[str, ClipDataset]]:
    """Train until the last epoch or the end of patience; load the epoch validation chose."""
    hparams, bundle = setup.hparams, setup.bundle
    clips = training_clips(setup)
    heard = listen(setup, clips)
    brain = make_brain(setup, run)
    train_loader = training_loader(heard["train"], hparams["batch_size"], hparams["seed"])
    brain.train_sampler = train_loader.batch_sampler
    brain.fit(
        brain.hparams.epoch_counter,
        train_loader,
        ordered_loader(heard["valid"], hparams["batch_size"]),
    )
    chosen = brain.checkpointer.recover_if_possible(max_key=SELECTION["score"])
    brain.best_epoch = chosen.meta["epoch"]
    bundle.classifier.load_state_dict(brain.scored.state_dict())
    return brain, clips


def training_clips(setup: Setup) -> dict[str, ClipDataset]:
    """Return the parts that training hears, the training part with its copies."""
    material, bundle = setup.material, setup.bundle
    copies = {"train": setup.hparams["copies"], "valid": 0}
    return {
        part: ClipDataset(
            material.parts[part], material.clips, bundle.front_end, bundle.labels, copies[part]
        )
        for part in copies
    }


def listen(setup: Setup, clips: Mapping[str, ClipDataset]) -> dict[str, ClipDataset | FrameDataset]:
    """Fit the statistics; return the parts as frames, where hearing them once is enough."""
    hparams, classifier = setup.hparams, setup.bundle.classifier
    features, size = classifier.features, hparams["batch_size"]
    folder = cache_folder(hparams) / "frames"
    once = {"valid", *({} if setup.augment.changes("wave") else {"train"})}
    heard = {
        part: FrameDataset(dataset, features, size, folder, setup.device)
        if classifier.hears_alike and part in once
        else dataset
        for part, dataset in clips.items()
    }
    if isinstance(heard["train"], FrameDataset):
        classifier.normalize.fit(heard["train"].batches(size))
    else:
        fit_statistics(features, classifier.normalize, heard["train"], size, setup.device)
    return heard


def make_brain(setup: Setup, run: RunFolder) -> EmotionBrain:
    """Return the loop with its early stopping, history and checkpoints."""
    hparams, classifier = setup.hparams, setup.bundle.classifier
    # Told the error, not the UAR: with "max" SpeechBrain's stopper takes a tie for progress.
    counter = EpochCounterWithStopper(hparams["number_of_epochs"], hparams["patience"], 0, "min")
    checkpointer = AtomicCheckpointer(
        run.checkpoints,
        {"classifier": classifier, "epoch_counter": counter, "random": RandomState()},
    )
    weights = label_weights(
        hparams["class_weights"], setup.material.parts["train"], setup.bundle.labels
    )
    own = {
        "augment": setup.augment,
        "mixup": Mixup(hparams["mixup"], hparams["seed"]),
        "weights": None if weights is None else weights.to(setup.device),
        "epoch_counter": counter,
        "history": History(run.path / "history.csv", tensorboard_writer(hparams, run)),
        "labels": setup.bundle.labels,
        "lr_schedule": hparams.get("lr_schedule"),
    }
    options = {
        "device": setup.device,
        "precision": hparams["precision"],
        "eval_precision": "fp32",
        "noprogressbar": not sys.stderr.isatty(),
    }
    modules = {"classifier": classifier}
    return EmotionBrain(modules, hparams["opt_class"], {**hparams, **own}, options, checkpointer)


def tensorboard_writer(hparams: Mapping[str, Any], run: RunFolder) -> Any:
    """Return SpeechBrain's TensorBoard logger, or None where it is not wanted."""
    if not hparams["tensorboard"]:
        return None
    return sb.utils.train_logger.TensorboardLogger(str(run.path / "tensorboard"))


def finish(
    setup: Setup, brain: EmotionBrain, datasets: Mapping[str, ClipDataset], run: RunFolder
) -> dict[str, Any]:
    """Write the bundle, score validation, audit; when all that has worked, score test, once."""
    material, bundle, hparams = setup.material, setup.bundle, setup.hparams
    bundle.classifier.eval().to("cpu")
    bundles.write(run.bundle, bundle)
    clips, batch_size = datasets["valid"], hparams["batch_size"]
    found = scoring.predict(bundle.classifier, clips, batch_size, setup.device)
    valid = scoring.join(material.parts["valid"], found, bundle.labels)
    bundle.classifier.to("cpu")
    report.draw_training(material, bundle, valid, brain, run)
    verdict = check_run(material, bundle, brain, valid, run)
    test, readings = read_test(
        material, material.parts["test"], bundle, hparams, run.path, setup.device
    )
    bundle.classifier.to("cpu")
    predictions = {"valid": valid, "test": test}
    scores = report.collect(hparams, material, bundle, predictions, brain)
    scores |= {"audit": verdict, "selection": SELECTION, "test_readings": readings}
    report.write(scores, material, test, run)
    return scores


def check_run(
    material: Material,
    bundle: Bundle,
    brain: EmotionBrain,
    valid: Sequence[Prediction],
    run: RunFolder,
) -> str:
    """Write the audit of a run; return its verdict.

    Raises:
        ProtocolError: if it failed; the test part is not read then.
    """
    log.info("epoch %d is chosen: by %s of %s", brain.best_epoch, *SELECTION.values())
    scores = {
        "selection": SELECTION,
        "best_epoch": brain.best_epoch,
        "valid": scoring.score(valid, bundle.labels),
    }
    found = audit_run(material, bundle, brain.hparams.history.rows, scores)
    found.write(run.audit)
    refuse(found.findings[material.fold], ProtocolError)
    return found.verdict
