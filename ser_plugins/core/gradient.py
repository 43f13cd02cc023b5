"""Fits a system by gradient descent, with early stopping; validation chooses the epoch."""

import sys
from collections.abc import Mapping
from typing import Any

import speechbrain as sb
from speechbrain.utils.epoch_loop import EpochCounterWithStopper

from .brain import SELECTION, EmotionBrain
from .checkpoints import AtomicCheckpointer, RandomState
from .class_weights import label_weights
from .data import ordered_loader, training_loader
from .history import Course, History
from .listening import Heard
from .mixup import Mixup
from .run import RunFolder
from .setup import Setup


def fit(setup: Setup, heard: Heard, run: RunFolder) -> Course:
    """Train until the last epoch or the end of patience; load the epoch validation chose."""
    hparams, bundle = setup.hparams, setup.bundle
    brain = make_brain(setup, run)
    train_loader = training_loader(heard["train"], hparams["batch_size"], hparams["seed"])
    brain.train_sampler = train_loader.batch_sampler
    brain.fit(
        brain.hparams.epoch_counter,
        train_loader,
        ordered_loader(heard["valid"], hparams["batch_size"]),
    )
    chosen = brain.checkpointer.recover_if_possible(max_key=SELECTION["score"])
    bundle.classifier.load_state_dict(brain.scored.state_dict())
    return Course(brain.hparams.history, chosen.meta["epoch"])


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
