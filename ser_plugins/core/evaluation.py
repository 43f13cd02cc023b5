"""Scores a finished run again: on its own fold, or on another fold, protocol or corpus.

Where the corpus has other emotions than the model, the shared ones count, in two ways: with the
probabilities renormalised over them, and with every answer outside them counted as an error.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from . import bundle as bundles
from . import ledger, manifest, pictures, protocols, report, scoring
from .data import ClipDataset
from .errors import OptionError
from .hparams import plain, read_tree
from .keys import KEYS, check_keys
from .manifest import Row
from .prepare import Material, prepare
from .registry import use_plugins
from .run import RunFolder, write_whole
from .scoring import Prediction
from .training import choose_device


def evaluate(run: RunFolder, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Score a run's bundle on a test part, write and return what came out.

    Args:
        run: a finished run.
        changes: keys of the experiment to change, such as `dataset`, `protocol` and `fold`.

    Raises:
        InputError: if the run is not complete, or shares fewer than two emotions with the part.
    """
    hparams = read_hparams(run, changes)
    use_plugins(*hparams["plugins"])
    bundle = bundles.read(run.bundle)
    device = choose_device(hparams["device"], "fp32")
    material = prepare(hparams)
    rows, dropped = keep_shared(material.parts["test"], bundle.labels)
    shared = [label for label in bundle.labels if label in {row["label"] for row in rows}]
    if len(shared) < 2:
        raise OptionError(
            f"the model knows {', '.join(bundle.labels)}; of these the test part has "
            f"{', '.join(shared) or 'none'}, and two are needed"
        )
    readings = record(hparams, material, run)
    clips = ClipDataset(rows, material.clips, bundle.front_end, bundle.labels)
    probabilities = scoring.predict(bundle.classifier, clips, hparams["batch_size"], device)
    predictions = scoring.join(rows, probabilities, bundle.labels)
    found = {
        "renormalised": scoring.score(renormalise(predictions, bundle.labels, shared), shared),
        "strict": scoring.score(predictions, shared),
        "labels": shared,
        "model_labels": list(bundle.labels),
        "dropped": dropped,
        "trained_speakers": trained_speakers(run, material),
        **report.identify(material),
        "test_readings": readings,
        "versions": bundles.versions(),
    }
    write(found, material, predictions, bundle.labels, run)
    return found


def read_hparams(run: RunFolder, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys of a finished run, changed; its YAML is read, not built.

    Another corpus comes with its own main protocol, first fold and labels.
    """
    if not run.scores.exists():
        raise OptionError(f"{run.path} holds no finished run (no {run.scores.name})")
    tree = plain(read_tree(run.hyperparams))
    hparams = {key: tree[key] for key in KEYS if key in tree}
    if changes.get("dataset", hparams["dataset"]) != hparams["dataset"]:
        hparams.update(dataset_options={}, data_folder=None)
        hparams.update(protocol=None, fold=1, labels=None, merge=None)
    elif changes.get("protocol", hparams["protocol"]) != hparams["protocol"]:
        hparams.update(fold=1, labels=None, merge=None)
    hparams.update(changes)
    check_keys(hparams, str(run.hyperparams))
    return hparams


def keep_shared(rows: Sequence[Row], labels: Sequence[str]) -> tuple[list[Row], dict[str, int]]:
    """Return the rows whose label the model knows, and counts of the others by label."""
    dropped = Counter(row["label"] for row in rows if row["label"] not in labels)
    return [row for row in rows if row["label"] in labels], dict(dropped)


def renormalise(
    predictions: Sequence[Prediction], labels: Sequence[str], shared: Sequence[str]
) -> list[Prediction]:
    """Return predictions over the shared labels alone, their probabilities summing to one."""
    columns = [labels.index(label) for label in shared]
    changed = []
    for p in predictions:
        kept = [p.probabilities[i] for i in columns]
        total = sum(kept) or 1.0
        best = shared[kept.index(max(kept))]
        changed.append(p._replace(prediction=best, probabilities=tuple(x / total for x in kept)))
    return changed


def trained_speakers(run: RunFolder, material: Material) -> list[str]:
    """Return the test speakers whom the model has heard in training: a leak, if there are any."""
    hparams = plain(read_tree(run.hyperparams))
    if material.dataset != hparams["dataset"]:
        return []
    heard = {
        speaker
        for part in ("train", "valid")
        for speaker in protocols.speakers(manifest.read(run.manifest(part)))
    }
    return sorted(heard & protocols.speakers(material.parts["test"]))


def record(hparams: Mapping[str, Any], material: Material, run: RunFolder) -> int:
    """Enter the reading in the ledger, and return how often this fold has been read."""
    return ledger.record(
        Path(hparams["ledger"]),
        material.dataset,
        material.protocol.name,
        protocols.definition_hash(material.protocol),
        material.fold,
        run.path,
    )


def write(
    found: Mapping[str, Any],
    material: Material,
    predictions: Sequence[Prediction],
    labels: Sequence[str],
    run: RunFolder,
) -> None:
    """Write scores, predictions and the confusion matrix into the run's `evaluations`."""
    folder = output_folder(material, run)
    folder.mkdir(parents=True, exist_ok=True)
    scoring.write(predictions, labels, folder / "predictions.csv")
    title = f"{material.dataset}, {material.protocol.name}, fold {material.fold}, renormalised"
    pictures.draw_confusion(
        found["renormalised"], found["labels"], title, folder / "confusion_matrix.png"
    )
    write_whole(folder / "scores.json", json.dumps(found, indent=1, ensure_ascii=False) + "\n")


def output_folder(material: Material, run: RunFolder) -> Path:
    """Return where the scores of an evaluation lie."""
    fold = f"fold{material.fold}"
    return run.path / "evaluations" / material.dataset / material.protocol.name / fold
