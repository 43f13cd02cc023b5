"""What only a run can be asked: what its statistics, its epoch and its front end have heard."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from . import bundle as bundles
from . import leaks, manifest, protocols
from .audit import Audit, examine
from .bundle import Bundle
from .data import ClipDataset
from .findings import FAULT, LEAK, Finding
from .history import History
from .manifest import Row, shorten
from .normalize import Normalize
from .prepare import Material, open_source, take_fold
from .run import RunFolder
from .setup import fit_statistics

SELECTION = {"score": "uar", "part": "valid"}  # what chooses the epoch; each run logs it
TOLERANCE = 1e-3  # of statistics, in standard deviations
UAR_TOLERANCE = 0.02  # between two passes over validation: rounding may turn a clip


def audit_run(
    material: Material, bundle: Bundle, history: Sequence[Mapping[str, float]], scores: Any
) -> Audit:
    """Audit a run whose material, bundle and history are at hand.

    Args:
        material: the fold, as the run's manifests have it.
        bundle: the trained system.
        history: one row an epoch.
        scores: `selection`, `best_epoch` and `valid` of the run.
    """
    findings = [
        *examine(material),
        *check_statistics(material, bundle),
        *check_selection(history, scores),
        *check_pretrained(material, bundle),
    ]
    return Audit(material.dataset, material.protocol, {material.fold: findings}, is_run=True)


def audit_folder(run: RunFolder, hparams: Mapping[str, Any], scores: Mapping[str, Any]) -> Audit:
    """Audit a run folder against the corpus as it is now.

    Raises:
        InputError: if the corpus or the bundle cannot be read.
    """
    fresh = take_fold(hparams, open_source(hparams))
    parts = {part: manifest.read(run.manifest(part)) for part in ("train", "valid", "test")}
    record = check_record(parts, fresh, scores)
    material = with_parts(fresh, parts)
    bundle = bundles.read(run.bundle)
    found = audit_run(material, bundle, History(run.path / "history.csv").rows, scores)
    findings = [*found.findings[material.fold], *record]
    return dataclasses.replace(found, findings={material.fold: findings})


def with_parts(material: Material, parts: Mapping[str, Sequence[Row]]) -> Material:
    """Return the material with the parts of a run's own manifests, looked through anew."""
    entries = material.clips.clips.entries
    known = {
        part: [
            {**row, "digest": entries[row["id"]].digest if entries[row["id"]].peak else ""}
            for row in rows
            if row["id"] in entries
        ]
        for part, rows in parts.items()
    }
    checks = ("id", "speaker", "group", "text", "audio", "copy", "labels", "unknown")
    others = [finding for finding in material.findings if finding.check not in checks]
    found = leaks.find(known, material.protocol, material.copies)
    return dataclasses.replace(material, parts=known, findings=(*others, *found))


def check_record(
    parts: protocols.Parts, fresh: Material, scores: Mapping[str, Any]
) -> list[Finding]:
    """Compare the manifests with what was scored, and with what the protocol gives now."""
    now = protocols.rows_hash(parts)
    wanted = {
        "its scores were made on": scores.get("rows_hash"),
        "the protocol gives for this corpus": protocols.rows_hash(fresh.parts),
    }
    return [
        Finding("record", FAULT, f"the manifests ({now}) are not those that {what} ({hash})")
        for what, hash in wanted.items()
        if hash != now
    ]


def check_statistics(material: Material, bundle: Bundle) -> list[Finding]:
    """Fit the normalisation anew on the training part, and compare."""
    stored = bundle.classifier.normalize
    if stored.mode != "global":
        return []
    rows = material.parts["train"]
    words = sorted({row["label"] for row in rows})  # the bundle may not know them all
    dataset = ClipDataset(rows, material.clips.clips, bundle.front_end, words)
    fresh = Normalize("global", len(stored.mean))
    fit_statistics(bundle.classifier.features, fresh, dataset, batch_size=32)
    apart = max(
        float(((stored.mean - fresh.mean) / fresh.std).abs().max()),
        float((stored.std / fresh.std - 1).abs().max()),
    )
    if apart <= TOLERANCE:
        return []
    text = (
        f"the bundle's statistics differ by {apart:.3f} standard deviations from the train part's"
    )
    return [Finding("statistics", LEAK, f"{text}: on what were they fitted? Train again")]


def check_selection(
    history: Sequence[Mapping[str, float]], scores: Mapping[str, Any]
) -> list[Finding]:
    """Check that the epoch is the one that validation chose."""
    found, epoch = scores.get("selection"), scores.get("best_epoch")
    if found != SELECTION:
        return [Finding("selection", LEAK, f"the epoch was chosen by {found}, not {SELECTION}")]
    best = max(history, key=lambda row: row["uar"], default={"epoch": None, "uar": 0.0})
    (chosen,) = [row for row in history if row["epoch"] == epoch] or [{"uar": -1.0}]
    if chosen["uar"] != best["uar"]:
        text = f"epoch {epoch} was scored, but validation is best in epoch {best['epoch']:.0f}"
        return [Finding("selection", LEAK, text)]
    if abs(scores["valid"]["uar"] - best["uar"]) > UAR_TOLERANCE:
        text = f"the bundle's validation UAR is {scores['valid']['uar']:.3f}, epoch {epoch}'s was "
        return [Finding("selection", LEAK, f"{text}{best['uar']:.3f}: it is of another epoch")]
    return []


def check_pretrained(material: Material, bundle: Bundle) -> list[Finding]:
    """Check that features which were trained have not heard this corpus."""
    heard = set(getattr(bundle.classifier.features, "trained_on", ()))
    corpora = {row.get("corpus", material.dataset) for row in material.parts["test"]}
    if both := sorted(heard & (corpora | {material.dataset})):
        text = f"the features were trained on {shorten(both)}, which is tested here"
        return [Finding("pretrained", LEAK, text)]
    return []
