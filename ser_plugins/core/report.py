"""What a run says: its first lines, its scores, and the files that a person reads."""

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from . import bundle as bundles
from . import pictures, protocols, registry, scoring
from .brain import EmotionBrain
from .build import get_dataset
from .bundle import Bundle
from .findings import notes
from .hparams import Experiment
from .labels import Change, account
from .prepare import Material
from .run import RunFolder, write_whole
from .scoring import Prediction
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
    log.info("%s, %s", material.dataset, describe(material))
    for part, rows in material.parts.items():
        minutes = sum(row["seconds"] for row in rows) / 60
        voices = len(protocols.speakers(rows))
        log.info("  %-5s %5d clips  %3d speakers  %6.1f min", part, len(rows), voices, minutes)
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


def describe(material: Material) -> str:
    """Return a protocol in one line; one that leaks says so first."""
    protocol = material.protocol
    leaky = "LEAKY protocol " if protocol.name.startswith(protocols.LEAKY) else "protocol "
    return (
        f"{leaky}{protocol.name} ({protocols.definition_hash(protocol)}), "
        f"fold {material.fold} of {len(protocol.folds)}"
        + (f", {protocol.note}" if protocol.note else "")
    )


def parameters(bundle: Bundle) -> int:
    """Return the number of trained numbers."""
    return sum(p.numel() for p in bundle.classifier.parameters())


def collect(
    hparams: Mapping[str, Any],
    material: Material,
    bundle: Bundle,
    predictions: Mapping[str, Sequence[Prediction]],
    brain: EmotionBrain,
) -> dict[str, Any]:
    """Return what scores.json says of a run's scores."""
    return {
        **{part: scoring.score(found, bundle.labels) for part, found in predictions.items()},
        **score_groups(predictions["test"], material, bundle.labels),
        **identify(material),
        "labels": list(bundle.labels),
        "seed": hparams["seed"],
        "best_epoch": brain.best_epoch,
        "epochs": len(brain.hparams.history.rows),
        "parameters": parameters(bundle),
        "seconds": brain.hparams.history.seconds,
        "versions": bundles.versions(),
    }


def score_groups(
    test: Sequence[Prediction], material: Material, labels: Sequence[str]
) -> dict[str, Any]:
    """Return test scores by sex and, for a mix, by corpus, with the mean over corpora."""
    rows = material.parts["test"]
    by_sex, by_corpus = (scoring.score_by(test, rows, c, labels) for c in ("sex", "corpus"))
    names = ("uar", "wa", "macro_f1")
    mean = {
        name: sum(scores[name] for scores in by_corpus.values()) / len(by_corpus)
        for name in names
        if by_corpus
    }
    found = {"test_by_sex": by_sex, "test_by_corpus": by_corpus, "test_mean_over_corpora": mean}
    return {name: scores for name, scores in found.items() if scores}


def identify(material: Material) -> dict[str, Any]:
    """Return what says which numbers may be compared with these."""
    protocol = material.protocol
    return {
        "dataset": material.dataset,
        "protocol": protocol.name,
        "definition_hash": protocols.definition_hash(protocol),
        "rows_hash": protocols.rows_hash(material.parts),
        "fold": material.fold,
        "shares": list(protocol.shares),
        "notes": notes(material.findings),
        "changes": [
            {"label": change.label, "becomes": change.becomes, "speakers": dict(change.speakers)}
            for change in material.changes
        ],
    }


def draw_training(
    material: Material,
    bundle: Bundle,
    valid: Sequence[Prediction],
    brain: EmotionBrain,
    run: RunFolder,
) -> None:
    """Draw the curves, and the validation clip of median duration, right or wrong."""
    pictures.draw_curves(brain.hparams.history.rows, brain.best_epoch, run.path / "curves.png")
    rows = sorted(material.parts["valid"], key=lambda row: (row["seconds"], row["id"]))
    id = rows[len(rows) // 2]["id"]
    one = next(p for p in valid if p.id == id)
    title = f"{id}: {one.target}, heard as {one.prediction} (p = {max(one.probabilities):.2f})"
    pictures.draw_example(bundle, material.clips[id], title, run.path / "example.png")


def write(
    found: Mapping[str, Any], material: Material, test: Sequence[Prediction], run: RunFolder
) -> None:
    """Write what the test part gave and, last, scores.json: a run that has it is complete."""
    labels = found["labels"]
    scoring.write(test, labels, run.path / "predictions.csv")
    title = f"{material.dataset}, {describe(material).split(', ')[0]}, fold {material.fold}, test"
    pictures.draw_confusion(found["test"], labels, title, run.path / "confusion_matrix.png")
    write_whole(run.scores, json.dumps(found, indent=1, ensure_ascii=False) + "\n")


def say_scores(found: Mapping[str, Any], run: RunFolder) -> None:
    """Log what was dropped, then the scores of validation and test and the recall of each label."""
    say_changes(account([Change(**change) for change in found["changes"]]))
    leaky = "LEAKY " if found["protocol"].startswith(protocols.LEAKY) else ""
    log.info(
        "%s%s fold %d, seed %d, epoch %d of %d:",
        leaky,
        found["protocol"],
        found["fold"],
        found["seed"],
        found["best_epoch"],
        found["epochs"],
    )
    for part in ("valid", "test"):
        say_part(part, found[part])
    say_groups(found)
    log.info("recall per label, test:")
    for label, scores in found["test"]["per_class"].items():
        log.info("  %-10s %.3f of %d", label, scores["recall"], scores["support"])
    log.info(
        "audit: %s; readings of this test part so far: %d", found["audit"], found["test_readings"]
    )
    log.info("results: %s", run.path)


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
