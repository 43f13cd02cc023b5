"""What a run says on the screen: its first lines and its scores."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from . import protocols, registry
from .build import get_dataset
from .bundle import Bundle
from .findings import notes
from .hparams import Experiment
from .labels import Change, account
from .prepare import Material
from .report import describe, parameters
from .run import RunFolder
from .types import Corpus

log = logging.getLogger(__name__)


def say_start(
    experiment: Experiment,
    hparams: Mapping[str, Any],
    material: Material,
    bundle: Bundle,
    run: RunFolder,
) -> None:
    """Log what will be trained on what, and everything unusual about it."""
    if get_dataset(material.dataset, **hparams["dataset_options"]).embedded:
        log.info(
            "%s is rendered by the toolkit, not recorded from people: its scores show that "
            "training works, nothing more.\nTrain on a real corpus by two flags: "
            "--dataset NAME --data_folder FOLDER (corpora: %s)",
            material.dataset,
            ", ".join(recorded_corpora()),
        )
    say_parts(material)
    for note in (*experiment.notes, *notes(material.findings)):
        log.warning("%s", note)
    say_changes(account(material.changes))
    log.info(
        "%s on %s, %d parameters, %d labels: %s",
        hparams["model"],
        hparams["features"],
        parameters(bundle),
        len(bundle.labels),
        ", ".join(bundle.labels),
    )
    log.info("run folder: %s", run.path)


def say_parts(material: Material) -> None:
    """Log the protocol, and how much there is in each part."""
    log.info("%s, %s", material.dataset, describe(material))
    for part, rows in material.parts.items():
        minutes = sum(row["seconds"] for row in rows) / 60
        voices = len(protocols.speakers(rows))
        log.info("  %-5s %5d clips  %3d speakers  %6.1f min", part, len(rows), voices, minutes)


def say_changes(lines: Sequence[str]) -> None:
    """Log what the labels of the protocol merged and dropped, if anything."""
    if lines:
        log.info("labels merged and dropped, clips by speaker:")
    for line in lines:
        log.info("  %s", line)


def recorded_corpora() -> list[str]:
    """Return the names of the corpora of real people."""
    plugins = registry.default()
    found = {name: plugins.get("datasets", name) for name in plugins.names("datasets")}
    return [name for name, it in found.items() if isinstance(it, Corpus) and it.url]


def say_scores(found: Mapping[str, Any], run: RunFolder) -> None:
    """Log what was dropped, then the scores of validation and test and the recall of each label."""
    say_changes(account([Change(**change) for change in found["changes"]]))
    log.info(
        "%s%s fold %d, seed %d, epoch %d of %d:",
        protocols.mark(found["protocol"]),
        found["protocol"],
        found["fold"],
        found["seed"],
        found["best_epoch"],
        found["epochs"],
    )
    for part in ("valid", "test"):
        say_part(part, found[part])
    say_groups(found)
    say_calibration(found)
    log.info("recall per label, test:")
    for label, scores in found["test"]["per_class"].items():
        log.info("  %-10s %.3f of %d", label, scores["recall"], scores["support"])
    log.info(
        "audit: %s; readings of this test part so far: %d", found["audit"], found["test_readings"]
    )
    log.info("results: %s", run.path)


def say_calibration(found: Mapping[str, Any]) -> None:
    """Log how far probabilities are from how often they are right, with the temperature."""
    if errors := found.get("calibration_error"):  # runs of older versions have none
        log.info(
            "  test calibration error %.3f, at temperature %.2f (%.3f without)",
            errors["test"]["after"],
            found["temperature"],
            errors["test"]["before"],
        )


def say_groups(found: Mapping[str, Any]) -> None:
    """Log test scores by sex and, for a mix, by corpus, whose mean stands for the mix."""
    for name, scores in found.get("test_by_corpus", {}).items():
        say_part(name, scores)
    if mean := found.get("test_mean_over_corpora"):
        log.info("  mean over corpora: UAR %(uar).3f  WA %(wa).3f  macro F1 %(macro_f1).3f", mean)
    if by_sex := found.get("test_by_sex"):
        each = (f"{sex} {scores['uar']:.3f}" for sex, scores in by_sex.items())
        log.info("  test UAR by sex: %s", ", ".join(each))


def say_part(name: str, scores: Mapping[str, Any]) -> None:
    """Log one line of scores."""
    log.info(
        "  %-5s UAR %.3f  WA %.3f  macro F1 %.3f  (%d clips)",
        name,
        scores["uar"],
        scores["wa"],
        scores["macro_f1"],
        scores["n"],
    )
