"""What a run writes of its scores, and the pictures that a person looks at."""

from collections.abc import Mapping, Sequence
from typing import Any

from . import bundle as bundles
from . import protocols, scoring
from .bundle import Bundle
from .findings import notes
from .history import Course
from .metrics import MAIN
from .prepare import Material
from .run import RunFolder
from .scoring import Scored
from .writing import write_json


def describe(material: Material) -> str:
    """Return a protocol in one line; one that leaks says so first."""
    protocol = material.protocol
    digest = protocols.definition_hash(protocol)
    return (
        f"{protocols.mark(protocol.name)}protocol {protocol.name} ({digest}), "
        f"fold {material.fold} of {len(protocol.folds)}"
        + (f", {protocol.note}" if protocol.note else "")
    )


def title_of(material: Material) -> str:
    """Return what stands above a picture: corpus, protocol and fold; one that leaks says so."""
    from . import panels  # here, as below: training needs no matplotlib, and it takes a second

    return panels.title(material.dataset, material.protocol.name, material.fold)


def parameters(bundle: Bundle) -> int:
    """Return the number of trained numbers."""
    return sum(p.numel() for p in bundle.classifier.parameters() if p.requires_grad)


def collect(
    hparams: Mapping[str, Any],
    material: Material,
    bundle: Bundle,
    predictions: Mapping[str, Sequence[Scored]],
    course: Course,
) -> dict[str, Any]:
    """Return what scores.json says of a run's scores."""
    return {
        **{part: scoring.score(found, bundle.labels) for part, found in predictions.items()},
        **score_groups(predictions["test"], material, bundle.labels),
        "temperature": bundle.config["temperature"],
        "calibration_error": {
            part: scoring.calibration(found, bundle.labels, bundle.config["temperature"])
            for part, found in predictions.items()
        },
        **identify(material),
        "labels": list(bundle.labels),
        "seed": hparams["seed"],
        "best_epoch": course.best_epoch,
        "epochs": len(course.history.rows),
        "parameters": parameters(bundle),
        "seconds": course.history.seconds,
        "versions": bundles.versions(),
    }


def score_groups(
    test: Sequence[Scored], material: Material, labels: Sequence[str]
) -> dict[str, Any]:
    """Return test scores by sex and, for a mix, by corpus, with the mean over corpora."""
    rows = material.parts["test"]
    by_sex, by_corpus = (scoring.score_by(test, rows, c, labels) for c in ("sex", "corpus"))
    mean = {
        name: sum(scores[name] for scores in by_corpus.values()) / len(by_corpus)
        for name in MAIN
        if by_corpus
    }
    found = {"test_by_sex": by_sex, "test_by_corpus": by_corpus, "test_mean_over_corpora": mean}
    return {name: scores for name, scores in found.items() if scores}


def identify(material: Material) -> dict[str, Any]:
    """Return what says which numbers may be compared with these."""
    return {
        **material.identity,
        "rows_hash": protocols.rows_hash(material.parts),
        "shares": list(material.protocol.shares),
        "notes": notes(material.findings),
        "changes": [
            {"label": change.label, "becomes": change.becomes, "speakers": dict(change.speakers)}
            for change in material.changes
        ],
    }


def draw_training(
    material: Material,
    bundle: Bundle,
    valid: Sequence[Scored],
    course: Course,
    run: RunFolder,
) -> None:
    """Draw the curves, and the validation clip of median duration, right or wrong."""
    from . import pictures

    title = title_of(material)
    pictures.draw_curves(course, title, run.path / "curves.png")
    rows = sorted(material.parts["valid"], key=lambda row: (row["seconds"], row["id"]))
    id = rows[len(rows) // 2]["id"]
    one = next(p for p in valid if p.id == id)
    clip = f"{title}, {id}: {one.target}, heard as {one.prediction}"
    place = run.path / "example.png"
    pictures.draw_example(bundle, material.clips[id], clip, place, one.target)


def write(
    found: Mapping[str, Any], material: Material, test: Sequence[Scored], run: RunFolder
) -> None:
    """Write what the test part gave and, last, scores.json: a run that has it is complete."""
    from . import pictures

    labels = found["labels"]
    scoring.write(test, labels, run.path / "predictions.csv")
    title = f"{title_of(material)}, test"
    pictures.draw_confusion(found["test"], labels, title, run.path / "confusion_matrix.png")
    write_json(run.scores, found)
