"""One run from YAML to scores: fit on train, choose on validation, score test once."""

import dataclasses
import logging
from collections.abc import Sequence
from typing import Any

from . import bundle as bundles
from . import environment, gradient, ranks, report, scoring, screen, svm
from .brain import SELECTION
from .bundle import Bundle
from .calibration import fit_temperature, temper
from .data import ClipDataset
from .errors import ProtocolError
from .findings import refuse
from .history import Course
from .hparams import Experiment
from .listening import listen, training_clips
from .outcomes import read_scores
from .reading import read_test
from .run import RunFolder, default_path, resolve
from .run_audit import audit_run
from .scoring import Scored
from .setup import Setup, assemble
from .starting import open_run

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
        if ranks.from_main(run.scores.exists()):
            log.info("This run is complete; remove its folder to run it again.")
            found = read_scores(run.scores)
        else:
            environment.note(run.environment, environment.describe(setup))
            if resumed:
                log.info("Going on where it was.")
            found = fit(setup, run)
        screen.say_scores(found, run)
    return found


def fit(setup: Setup, run: RunFolder) -> dict[str, Any]:
    """Fit the system by the method that the experiment names; return its scores."""
    clips = training_clips(setup)
    course = METHODS[setup.hparams["fit"]](setup, listen(setup, clips), run)
    return finish(setup, course, clips["valid"], run)


METHODS = {"gradient": gradient.fit, "svm": svm.fit}


@ranks.on_main
def finish(setup: Setup, course: Course, clips: ClipDataset, run: RunFolder) -> dict[str, Any]:
    """Calibrate, write the bundle, audit; when all that has worked, score test, once."""
    material, hparams = setup.material, setup.hparams
    bundle, valid = calibrate(setup, clips)
    bundles.write(run.bundle, bundle)
    report.draw_training(material, bundle, valid, course, run)
    verdict = check_run(setup, bundle, course, valid, run)
    test, readings = read_test(
        material,
        material.parts["test"],
        bundle,
        hparams,
        run.path,
        setup.device,
        run.noted_reading,
    )
    predictions = {"valid": valid, "test": test}
    scores = report.collect(hparams, material, bundle, predictions, course)
    scores |= {"audit": verdict, "selection": SELECTION, "test_readings": readings}
    report.write(scores, material, test, run)
    return scores


def calibrate(setup: Setup, clips: ClipDataset) -> tuple[Bundle, list[Scored]]:
    """Return the bundle at the temperature that fits validation, and what it says of that."""
    bundle, rows = setup.bundle, setup.material.parts["valid"]
    found = scoring.predict(bundle, clips, setup.hparams["batch_size"], setup.device)
    targets = [bundle.labels.index(row["label"]) for row in rows]
    temperature = fit_temperature([found[row["id"]] for row in rows], targets)
    calibrated = dataclasses.replace(bundle, config={**bundle.config, "temperature": temperature})
    tempered = map(tuple, temper(list(found.values()), temperature).tolist())
    return calibrated, scoring.join(rows, dict(zip(found, tempered, strict=True)), bundle.labels)


def check_run(
    setup: Setup, bundle: Bundle, course: Course, valid: Sequence[Scored], run: RunFolder
) -> str:
    """Write the audit of a run; return its verdict.

    Raises:
        ProtocolError: if it failed; the test part is not read then.
    """
    material = setup.material
    chosen = course.history.step, course.best_epoch
    log.info("%s %d is chosen: by %s of %s", *chosen, *SELECTION.values())
    scores = {
        "selection": SELECTION,
        "best_epoch": course.best_epoch,
        "valid": scoring.score(valid, bundle.labels),
    }
    found = audit_run(material, bundle, course.history.rows, scores, setup.device)
    found.write(run.audit)
    bundles.note_audit(run.bundle, found.verdict)
    refuse(found.findings[material.fold], ProtocolError)
    return found.verdict
