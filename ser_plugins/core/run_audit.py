"""What only a run can be asked: what its statistics, its epoch and its front end have heard."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from . import bundle as bundles
from . import leaks, protocols
from .audit import CORPUS_CHECKS, Audit, check_system, examine
from .brain import SELECTION
from .bundle import Bundle
from .data import ClipDataset
from .findings import FAULT, LEAK, Finding
from .history import History
from .manifest import Row
from .normalize import Normalize
from .prepare import Material, choose_protocol, open_source, take_fold
from .run import RunFolder, read_manifests
from .setup import fit_statistics
from .words import shorten

TOLERANCE = 1e-3  # of statistics, in standard deviations
TURNED = 2  # clips of validation that rounding may turn between two passes


def audit_run(
    material: Material,
    bundle: Bundle,
    history: Sequence[Mapping[str, float]],
    scores: Any,
    device: str = "cpu",
) -> Audit:
    """Audit a run whose material, bundle and history are at hand.

    Args:
        material: the fold, as the run's manifests have it.
        bundle: the trained system.
        history: one row an epoch.
        scores: `selection`, `best_epoch` and `valid` of the run.
        device: where the statistics are fitted anew.
    """
    findings = [
        *examine(material),
        *check_selection(history, scores),
        *check_system(material, bundle.classifier),
    ]
    made = {*CORPUS_CHECKS, "selection", "pretrained", "faults"}
    heard = {row["id"] for row in material.parts["train"]}
    if bundle.classifier.normalize.mode == "global" and not heard & material.clips.shut:
        findings += check_statistics(material, bundle, device)
        made.add("statistics")
    return Audit(material.dataset, material.protocol, {material.fold: findings}, made)


def audit_folder(run: RunFolder, hparams: Mapping[str, Any], scores: Mapping[str, Any]) -> Audit:
    """Audit a run folder against the corpus as it is now.

    Raises:
        InputError: if the corpus or the bundle cannot be read.
    """
    source = open_source(hparams)
    fresh = take_fold(hparams, source, choose_protocol(hparams, source.folder))
    parts = read_manifests(run)
    record = check_record(parts, fresh, scores)
    material = with_parts(fresh, parts, hparams["allow_copies"])
    bundle = bundles.read(run.bundle)
    record += check_labels(bundle, fresh, scores)
    found = audit_run(material, bundle, History(run.path / "history.csv").rows, scores)
    findings = {material.fold: [*found.findings[material.fold], *record]}
    return dataclasses.replace(found, findings=findings, made={*found.made, "record"})


def with_parts(
    material: Material, parts: Mapping[str, Sequence[Row]], allow_copies: bool
) -> Material:
    """Return the material with the parts of a run's own manifests, looked through anew."""
    entries = material.clips.entries
    known = {
        part: [{**row, "digest": entries[row["id"]].sound} for row in rows if row["id"] in entries]
        for part, rows in parts.items()
    }
    others = [finding for finding in material.findings if finding.check not in leaks.CHECKS]
    found = leaks.find(known, material.protocol, material.copies.pairs, allow_copies)
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
    texts = [
        f"the manifests ({now}) are not those that {what} ({hash})"
        for what, hash in wanted.items()
        if hash != now
    ]
    texts += [
        f"scores.json says {key} {scores.get(key)!r}, the run's hyperparameters give {value!r}"
        for key, value in fresh.identity.items()
        if scores.get(key) != value
    ]
    entries = fresh.clips.entries
    rows = [row for part in parts.values() for row in part]
    if gone := [row["id"] for row in rows if row["id"] not in entries]:
        texts.append(f"recordings that the corpus does not have: {shorten(gone)}")
    known = [row for row in rows if row["id"] in entries]
    if other := [row["id"] for row in known if row["digest"] != entries[row["id"]].sound]:
        texts.append(f"recordings that sound otherwise now: {shorten(other)}")
    return [
        Finding("record", FAULT, f"{text}. Find out which is right, or train again")
        for text in texts
    ]


def check_labels(bundle: Bundle, fresh: Material, scores: Mapping[str, Any]) -> list[Finding]:
    """Compare the labels of the bundle with those that were scored, and with the protocol's."""
    found = list(bundle.labels)
    if found == scores.get("labels") == list(fresh.protocol.labels):
        return []
    text = (
        f"the bundle's labels are {', '.join(found)}; the scores were made with "
        f"{scores.get('labels')}, the protocol has {', '.join(fresh.protocol.labels)}. Train again"
    )
    return [Finding("record", FAULT, text)]


def check_statistics(material: Material, bundle: Bundle, device: str = "cpu") -> list[Finding]:
    """Fit the global normalisation anew on the training part, and compare."""
    stored = bundle.classifier.normalize
    rows = material.parts["train"]
    words = sorted({row["label"] for row in rows})  # the bundle may not know them all
    dataset = ClipDataset(rows, material.clips, bundle.front_end, words)
    fresh = Normalize("global", len(stored.mean))
    fit_statistics(bundle.classifier.features, fresh, dataset, 32, device)
    bundle.classifier.to("cpu")
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
    if found is None or not history:
        text = "the run does not say what chose its epoch (`selection` of scores.json, history.csv)"
        return [Finding("selection", FAULT, f"{text}: it is damaged or old. Train again")]
    if found != SELECTION:
        text = f"{found} chose the epoch; only {SELECTION} may. Train again"
        return [Finding("selection", LEAK, text)]
    best = max(history, key=lambda row: row["uar"])
    chosen = [row["uar"] for row in history if row["epoch"] == epoch]
    if chosen != [best["uar"]]:
        text = f"epoch {epoch} was scored, but validation is best in epoch {best['epoch']:.0f}"
        return [Finding("selection", LEAK, f"{text}: what chose it? Train again")]
    try:
        return check_bundle_epoch(best["uar"], scores["valid"])
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        text = f"the validation scores of scores.json are damaged ({error!r}). Train again"
        return [Finding("selection", FAULT, text)]


def check_bundle_epoch(uar: float, valid: Mapping[str, Any]) -> list[Finding]:
    """Check that the bundle's validation score is that of the chosen epoch, but for rounding."""
    supports = [one["support"] for one in valid["per_class"].values() if one["support"]]
    if abs(valid["uar"] - uar) <= TURNED / (min(supports) * len(supports)) + 1e-9:
        return []
    text = f"the bundle's validation UAR is {valid['uar']:.3f}, that of its epoch was {uar:.3f}"
    return [Finding("selection", LEAK, f"{text}: it is of another epoch. Train again")]
