"""One run from YAML to scores: fit on train, choose on validation, score test once."""

import json
import logging
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import speechbrain as sb
from speechbrain.utils.epoch_loop import EpochCounterWithStopper

from . import bundle as bundles
from . import report, scoring, screen
from .brain import SELECTION, EmotionBrain
from .bundle import Bundle
from .checkpoints import AtomicCheckpointer, RandomState
from .data import ClipDataset, ordered_loader, training_loader
from .errors import OptionError, ProtocolError
from .findings import refuse
from .history import History
from .hparams import Experiment
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
    run = RunFolder(default_path(hparams, experiment.path, material))
    resolve(experiment, hparams, material, run.path)
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


def read_scores(path: Path) -> dict[str, Any]:
    """Read the scores of a complete run.

    Raises:
        OptionError: if the file is damaged.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {**found, "test": dict(found["test"])}
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise OptionError(f"{path} is damaged ({error!r}); remove it to score again") from None


def fit(setup: Setup, run: RunFolder) -> tuple[EmotionBrain, dict[str, ClipDataset]]:
    """Train until the last epoch or the end of patience; load the epoch validation chose."""
    hparams, bundle = setup.hparams, setup.bundle
    datasets = {
        part: ClipDataset(rows, setup.material.clips, bundle.front_end, bundle.labels)
        for part, rows in setup.material.parts.items()
        if part != "test"
    }
    classifier = bundle.classifier
    fit_statistics(
        classifier.features, classifier.normalize, datasets["train"], hparams["batch_size"]
    )
    brain = make_brain(setup, run)
    train_loader = training_loader(datasets["train"], hparams["batch_size"], hparams["seed"])
    brain.train_sampler = train_loader.batch_sampler
    brain.fit(
        brain.hparams.epoch_counter,
        train_loader,
        ordered_loader(datasets["valid"], hparams["batch_size"]),
    )
    chosen = brain.checkpointer.recover_if_possible(max_key=SELECTION["score"])
    brain.best_epoch = chosen.meta["epoch"]
    return brain, datasets


def make_brain(setup: Setup, run: RunFolder) -> EmotionBrain:
    """Return the loop with its early stopping, history and checkpoints."""
    hparams, classifier = setup.hparams, setup.bundle.classifier
    # Told the error, not the UAR: with "max" SpeechBrain's stopper takes a tie for progress.
    counter = EpochCounterWithStopper(hparams["number_of_epochs"], hparams["patience"], 0, "min")
    checkpointer = AtomicCheckpointer(
        run.checkpoints,
        {"classifier": classifier, "epoch_counter": counter, "random": RandomState()},
    )
    own = {
        "augment": setup.augment,
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
