"""One run from YAML to scores: fit on train, choose on validation, score test once."""

import logging
from collections.abc import Sequence
from typing import Any

from . import bundle as bundles
from . import gradient, report, scoring, screen, svm
from .brain import SELECTION
from .data import ClipDataset
from .errors import ProtocolError
from .findings import refuse
from .history import Course
from .hparams import Experiment
from .listening import listen, training_clips
from .outcomes import read_scores
from .reading import read_test
from .run import RunFolder, default_path, open_run, resolve
from .run_audit import audit_run
from .scoring import Prediction
from .setup import Setup, assemble

log = logging.getLogger(__name__)


def train(experiment: Experiment) -> dict[str, Any]:
    """Run an experiment whole, or what is left of it, and return its scores.

    Raises:
        InputError: for anything that the user can mend; nothing is half-written then.
    """
    setup = assemble(experiment)
    if setup.hparams["fit"] == "svm":
        svm.check(setup)
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
            found = fit(setup, run)
        screen.say_scores(found, run)
    return found


def fit(setup: Setup, run: RunFolder) -> dict[str, Any]:
    """Fit the system by the method that the experiment names; return its scores."""
    clips = training_clips(setup)
    course = METHODS[setup.hparams["fit"]](setup, listen(setup, clips), run)
    return finish(setup, course, clips["valid"], run)


METHODS = {"gradient": gradient.fit, "svm": svm.fit}


def finish(setup: Setup, course: Course, clips: ClipDataset, run: RunFolder) -> dict[str, Any]:
    """Write the bundle, score validation, audit; when all that has worked, score test, once."""
    material, bundle, hparams = setup.material, setup.bundle, setup.hparams
    bundle.classifier.eval().to("cpu")
    bundles.write(run.bundle, bundle)
    batch_size = hparams["batch_size"]
    found = scoring.predict(bundle.classifier, clips, batch_size, setup.device)
    valid = scoring.join(material.parts["valid"], found, bundle.labels)
    bundle.classifier.to("cpu")
    report.draw_training(material, bundle, valid, course, run)
    verdict = check_run(setup, course, valid, run)
    test, readings = read_test(
        material, material.parts["test"], bundle, hparams, run.path, setup.device
    )
    bundle.classifier.to("cpu")
    predictions = {"valid": valid, "test": test}
    scores = report.collect(hparams, material, bundle, predictions, course)
    scores |= {"audit": verdict, "selection": SELECTION, "test_readings": readings}
    report.write(scores, material, test, run)
    return scores


def check_run(setup: Setup, course: Course, valid: Sequence[Prediction], run: RunFolder) -> str:
    """Write the audit of a run; return its verdict.

    Raises:
        ProtocolError: if it failed; the test part is not read then.
    """
    material, bundle = setup.material, setup.bundle
    chosen = course.history.step, course.best_epoch
    log.info("%s %d is chosen: by %s of %s", *chosen, *SELECTION.values())
    scores = {
        "selection": SELECTION,
        "best_epoch": course.best_epoch,
        "valid": scoring.score(valid, bundle.labels),
    }
    found = audit_run(material, bundle, course.history.rows, scores, setup.device)
    found.write(run.audit)
    refuse(found.findings[material.fold], ProtocolError)
    return found.verdict
