"""Scores a finished run again: on its own fold, or on another fold, protocol or corpus.

Where the corpus has other emotions than the model, the shared ones count, in two ways: with the
probabilities renormalised over them, and with every answer outside them counted as an error.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from . import bundle as bundles
from . import pictures, protocols, report, scoring
from .audit import check_system
from .bundle import Bundle
from .devices import choose_device
from .errors import OptionError, ProtocolError
from .findings import refuse
from .hparams import drop_owned
from .keys import DEFAULTS, KEYS, check_keys
from .ledger import check_ledgers
from .manifest import Row
from .prepare import Material, prepare
from .reading import read_test
from .registry import use_plugins
from .run import RunFolder, read_manifests
from .scoring import Scored
from .writing import write_json
from .yaml_files import plain, read_tree


def evaluate(run: RunFolder, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Score a run's bundle on a test part, write and return what came out.

    Args:
        run: a finished run.
        changes: keys of the experiment to change, such as `dataset`, `protocol` and `fold`.

    Raises:
        InputError: if the run is not complete, shares fewer than two emotions with the part,
            was made of something that was trained on the corpus, or brings faults back.
    """
    hparams = read_hparams(run, changes)
    bundle, material = reopen(run, hparams)
    rows, dropped = keep_shared(material.parts["test"], bundle.labels)
    shared = shared_labels(bundle.labels, material.protocol.labels)
    speakers, clips = heard(run, material)
    device = choose_device(hparams["device"])
    folder = make_folder(material, run)
    predictions, readings = read_test(material, rows, bundle, hparams, run.path, device)
    found = {
        **score_shared(predictions, material, bundle.labels, shared),
        "dropped": dropped,
        "trained_speakers": speakers,
        "trained_clips": clips,
        **report.identify(material),
        "test_readings": readings,
        "versions": bundles.versions(),
    }
    write(found, material, predictions, bundle.labels, folder)
    return found


def reopen(run: RunFolder, hparams: Mapping[str, Any]) -> tuple[Bundle, Material]:
    """Return the system of a run, and what it is to be scored on, once the two may meet."""
    use_plugins(*hparams["plugins"])
    check_ledgers(Path(hparams["ledger"]))
    bundle = bundles.read(run.bundle)
    material = prepare(hparams)
    refuse(check_system(material, bundle.classifier), ProtocolError)
    return bundle, material


def score_shared(
    predictions: Sequence[Scored],
    material: Material,
    labels: Sequence[str],
    shared: Sequence[str],
) -> dict[str, Any]:
    """Return the scores over the shared labels, in both ways, and how many answers lie outside."""
    return {
        "renormalised": scoring.score(renormalise(predictions, labels, shared), shared),
        "strict": scoring.score(predictions, shared),
        **report.score_groups(predictions, material, shared),
        "strays": sum(p.prediction not in shared for p in predictions),
        "labels": list(shared),
        "model_labels": list(labels),
    }


def read_hparams(run: RunFolder, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys of a finished run, changed; its YAML is read, not built.

    Another corpus comes with its own main protocol, first fold and labels.
    """
    if not run.scores.exists():
        raise OptionError(f"{run.path} holds no finished run (no {run.scores.name})")
    tree = plain(read_tree(run.hyperparams))
    hparams = DEFAULTS | {key: tree[key] for key in KEYS if key in tree}
    for key, choice in changes.items():
        drop_owned(hparams, key, choice)
    plugins = [*hparams["plugins"], *changes.get("plugins", ())]  # the model may be one of them
    options = {**hparams["dataset_options"], **changes.get("dataset_options", {})}
    hparams.update(changes, plugins=plugins, dataset_options=options)
    check_keys(hparams, str(run.hyperparams))
    return hparams


def shared_labels(known: Sequence[str], labels: Sequence[str]) -> list[str]:
    """Return the labels that the model knows and the protocol has, in the model's order."""
    shared = [label for label in known if label in labels]
    if len(shared) < 2:
        raise OptionError(
            f"the model knows {', '.join(known)}; the protocol has {', '.join(labels)}; two or "
            f"more must be in both, not {len(shared)}"
        )
    return shared


def keep_shared(rows: Sequence[Row], labels: Sequence[str]) -> tuple[list[Row], dict[str, int]]:
    """Return the rows whose label the model knows, and counts of the others by label."""
    dropped = Counter(row["label"] for row in rows if row["label"] not in labels)
    return [row for row in rows if row["label"] in labels], dict(dropped)


def renormalise(
    predictions: Sequence[Scored], labels: Sequence[str], shared: Sequence[str]
) -> list[Scored]:
    """Return predictions over the shared labels alone, their probabilities summing to one."""
    columns = [labels.index(label) for label in shared]
    changed = []
    for p in predictions:
        kept = [p.probabilities[i] for i in columns]
        total = sum(kept) or 1.0
        best = shared[kept.index(max(kept))]
        changed.append(p._replace(prediction=best, probabilities=tuple(x / total for x in kept)))
    return changed


def heard(run: RunFolder, material: Material) -> tuple[list[str], list[str]]:
    """Return test speakers and test clips that the model has heard: a leak, if there are any.

    Speakers are compared within a corpus, clips by their decoded samples in any.
    """
    parts = read_manifests(run)
    known = [*parts["train"], *parts["valid"]]
    digests = {row["digest"] for row in known} - {""}
    test = material.parts["test"]
    clips = sorted(row["id"] for row in test if row["digest"] in digests)
    if material.dataset != plain(read_tree(run.hyperparams))["dataset"]:
        return [], clips
    return sorted(protocols.speakers(known) & protocols.speakers(test)), clips


def write(
    found: Mapping[str, Any],
    material: Material,
    predictions: Sequence[Scored],
    labels: Sequence[str],
    folder: Path,
) -> None:
    """Write scores, predictions and the confusion matrix."""
    scoring.write(predictions, labels, folder / "predictions.csv")
    has_heard = found["trained_speakers"] or found["trained_clips"]
    said = protocols.is_leaky(material.protocol.name)
    title = ("LEAKY " if has_heard and not said else "") + report.title_of(material)
    pictures.draw_confusion(
        found["renormalised"], found["labels"], title, folder / "confusion_matrix.png"
    )
    write_json(folder / "scores.json", found)


def make_folder(material: Material, run: RunFolder) -> Path:
    """Make the folder where the scores of an evaluation lie.

    Raises:
        OptionError: if it cannot be made; the test part must not be read then.
    """
    fold = f"fold{material.fold}"
    folder = run.path / "evaluations" / material.dataset / material.protocol.name / fold
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if taken := [path for path in folder.iterdir() if path.is_dir()]:
            raise OptionError(f"{taken[0]} is a folder, where a file is to be written: remove it")
    except OSError as error:
        raise OptionError(f"{folder} cannot be written: {error.strerror}") from error
    return folder
