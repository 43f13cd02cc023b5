"""Fits a system by gradient descent, with early stopping; validation chooses the epoch."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import speechbrain as sb
from speechbrain.utils.epoch_loop import EpochCounterWithStopper

from . import parallel, ranks, signals, workers
from .brain import SELECTION, EmotionBrain
from .bundle import Bundle
from .checkpoints import AtomicCheckpointer
from .class_weights import label_weights
from .clock import Clock
from .data import shared_loader, training_loader
from .errors import InputError
from .history import Course, History
from .listening import Heard
from .memory_format import lay_out
from .mixup import Mixup
from .nonfinite import LeftOut
from .random_state import RandomState
from .run import RunFolder
from .setup import Setup


def fit(setup: Setup, heard: Heard, run: RunFolder) -> Course:
    """Train until the last epoch or the end of patience; load the epoch validation chose."""
    hparams, bundle = setup.hparams, setup.bundle
    train_loader = training_loader(heard["train"], hparams, setup.device)
    parallel.same_weights(bundle.classifier)
    parallel.draw_apart(hparams["seed"])
    with signals.noted(once=True) as caught, workers.losses_told():
        brain = make_brain(setup, run, caught)
        check_kept(brain.hparams.history, brain.checkpointer)
        brain.train_sampler = train_loader.batch_sampler
        brain.checkpointer.add_recoverable("dataloader-TRAIN", train_loader)
        brain.fit(
            brain.hparams.epoch_counter,
            train_loader,
            shared_loader(heard["valid"], hparams["batch_size"]),
        )
        brain.heed_signals("after training")
    lay_out(bundle.classifier.model)  # it is scored as it will be used
    return Course(brain.hparams.history, load_chosen(brain, bundle))


@ranks.on_main
def load_chosen(brain: EmotionBrain, bundle: Bundle) -> int:
    """Load the epoch that validation chose into the bundle; return its number."""
    chosen = brain.checkpointer.recover_if_possible(max_key=SELECTION["score"])
    bundle.classifier.load_state_dict(brain.scored.state_dict())
    return int(chosen.meta["epoch"])


def make_brain(setup: Setup, run: RunFolder, caught: Sequence[int] = ()) -> EmotionBrain:
    """Return the loop with its early stopping, history and checkpoints.

    Args:
        setup: of the experiment.
        run: where it is kept.
        caught: takes the signals that it is to heed.
    """
    hparams, classifier = setup.hparams, setup.bundle.classifier
    lay_out(classifier.model, hparams["channels_last"])
    # Told the error, not the UAR: with "max" SpeechBrain's stopper takes a tie for progress.
    counter = EpochCounterWithStopper(hparams["number_of_epochs"], hparams["patience"], 0, "min")
    states = {"left_out": LeftOut(), "clock": Clock(), "random": RandomState(setup.device)}
    checkpointer = AtomicCheckpointer(
        run.checkpoints,
        {"classifier": classifier, "epoch_counter": counter, **states},
        SELECTION["score"],
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
        **states,
        "signals": caught,
    }
    known, modules = {**hparams, **own}, {"classifier": classifier}
    return EmotionBrain(modules, hparams["opt_class"], known, run_options(setup), checkpointer)


def run_options(setup: Setup) -> dict[str, Any]:
    """Return how SpeechBrain is to run: where, in which precision, and what it shows."""
    return {
        "device": setup.device,
        "precision": setup.hparams["precision"],
        "eval_precision": "fp32",
        "noprogressbar": not sys.stderr.isatty(),
    }


def check_kept(history: History, checkpointer: AtomicCheckpointer) -> None:
    """Refuse to go on where the epoch that is best so far cannot be loaded any more.

    Raises:
        InputError: naming it.
    """
    if not history.rows:
        return
    kept = {one.meta["epoch"] for one in checkpointer.list_checkpoints() if not one.meta["step"]}
    best = max(history.rows, key=lambda row: (row["uar"], row["epoch"]))["epoch"]
    if best <= checkpointer.epochs_done and best not in kept:  # a later one is trained again
        raise InputError(
            f"the checkpoint of epoch {best:.0f}, the best so far, is damaged or gone from "
            f"{checkpointer.checkpoints_dir}. Copy it back, or remove that folder to train from "
            "the beginning"
        )


def tensorboard_writer(hparams: Mapping[str, Any], run: RunFolder) -> Any:
    """Return SpeechBrain's TensorBoard logger, or None where it is not wanted."""
    if not hparams["tensorboard"] or ranks.rank():
        return None
    return sb.utils.train_logger.TensorboardLogger(str(run.path / "tensorboard"))
