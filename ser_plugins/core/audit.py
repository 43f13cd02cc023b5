"""Gathers all that was found about a corpus, a fold or a run, and gives a verdict on it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import protocols
from .clips import Entry
from .errors import ProtocolError
from .findings import DECLARED, FAULT, LEAK, NOTE, Finding
from .manifest import Row
from .prepare import Material, Source, take_fold
from .types import Protocol
from .words import shorten
from .writing import write_json

PASSED, UNSURE, LEAKY, FAILED = "passed", "may leak", "leaky", "failed"
OK, NOT_MADE = "ok", "not made"
GRAVITY = (LEAK, FAULT, DECLARED, NOTE)

CORPUS_CHECKS = {
    "count": "recordings, and sizes of folds, against the published corpus",
    "files": "files that cannot be read, and Git LFS pointers",
    "ids": "ids that stand for two recordings",
    "labels": "labels that nothing declares",
    "silent": "silent recordings",
    "clipped": "clipped recordings",
    "short": "recordings too short to hold speech",
    "id": "recordings in two parts",
    "speaker": "speakers on two sides",
    "group": "groups, such as sessions, on two sides",
    "text": "sentences on two sides",
    "audio": "equal audio on two sides, by decoded samples",
    "copy": "altered copies on two sides, by correlation",
    "unknown": "recordings that name no speaker",
    "split": "recordings in no part",
}
RUN_CHECKS = {
    "record": "manifests against what was scored, and against the protocol",
    "statistics": "statistics in the bundle against those of the training part",
    "selection": "the scored epoch against the one that validation chose",
    "pretrained": "pretrained front ends that have heard the corpus",
}

SILENT = 1e-3  # peak, -60 dB re full scale
CLIPPED = 1e-3  # part of the samples that lie flat at the extremes
SHORT = 0.2  # seconds


@dataclass(frozen=True)
class Audit:
    """What an audit looked at, and what it found.

    Args:
        dataset: the corpus's registered name.
        protocol: the protocol.
        findings: by fold.
        made: the checks that were made; by default those of a corpus and protocol.
    """

    dataset: str
    protocol: Protocol
    findings: Mapping[int, Sequence[Finding]]
    made: Collection[str] = frozenset(CORPUS_CHECKS)

    @property
    def verdict(self) -> str:
        """Return `failed`, `leaky` (as declared), `may leak` (speakers unknown) or `passed`."""
        every = [finding for found in self.findings.values() for finding in found]
        if any(finding.must_not_be for finding in every):
            return FAILED
        if protocols.is_leaky(self.protocol.name):
            return LEAKY
        return UNSURE if any(finding.check == "unknown" for finding in every) else PASSED

    def table(self) -> list[dict[str, Any]]:
        """Return a row a check: what it looks at, its result, and what was found in which folds."""
        checks = CORPUS_CHECKS | RUN_CHECKS
        return [self._row(check, about) for check, about in checks.items()]

    def _row(self, check: str, about: str) -> dict[str, Any]:
        found: dict[Finding, list[int]] = {}
        for fold, findings in self.findings.items():
            for finding in findings:
                if finding.check == check:
                    found.setdefault(finding, []).append(fold)
        result = OK if check in self.made else NOT_MADE
        if found:
            result = min((finding.level for finding in found), key=GRAVITY.index)
        texts = [{"level": f.level, "text": f.text, "folds": folds} for f, folds in found.items()]
        return {"check": check, "about": about, "result": result, "found": texts}

    def to_json(self) -> dict[str, Any]:
        """Return the content of audit.json."""
        return {
            "verdict": self.verdict,
            "dataset": self.dataset,
            "protocol": self.protocol.name,
            "definition_hash": protocols.definition_hash(self.protocol),
            "shares": list(self.protocol.shares),
            "folds": list(self.findings),
            "checks": self.table(),
        }

    def write(self, path: Path) -> None:
        """Write audit.json."""
        write_json(path, self.to_json())


def describe(audit: Audit) -> list[str]:
    """Return the table as lines of text: a check each, and below it what was found."""
    lines = []
    for row in audit.table():
        lines.append(f"  {row['check']:11} {row['result']:9} {row['about']}")
        for found in row["found"]:
            lines.append(
                f"  {'':11} {found['level'] + ':':9} {found['text']}{_folds(audit, found)}"
            )
    return [*lines, f"verdict: {audit.verdict}"]


def _folds(audit: Audit, found: Mapping[str, Any]) -> str:
    if len(found["folds"]) == len(audit.findings):
        return ""
    return f" (fold {', '.join(map(str, found['folds']))})"


def examine_fold(hparams: Mapping[str, Any], source: Source, protocol: Protocol) -> list[Finding]:
    """Return all that is to be said of a fold; also of one that has no clips.

    Raises:
        ProtocolError: for a fold that does not exist.
    """
    protocols.get_fold(protocol, hparams["fold"])
    try:
        return examine(take_fold(hparams, source, protocol))
    except ProtocolError as error:
        return [*source.folder.findings, Finding("split", FAULT, str(error))]


def examine(material: Material) -> list[Finding]:
    """Return all that is to be said of a fold before it is trained on."""
    rows = [row for part in material.parts.values() for row in part]
    return [*material.findings, *check_sound(rows, material.clips.entries)]


def check_sound(rows: Iterable[Row], entries: Mapping[str, Entry]) -> list[Finding]:
    """Report recordings that are silent, clipped or too short; none of them is a leak."""
    faults: dict[str, list[str]] = {"silent": [], "clipped": [], "short": []}
    for row in rows:
        entry = entries[row["id"]]
        if entry.peak < SILENT:
            faults["silent"].append(row["id"])
        if entry.clipped > CLIPPED:
            faults["clipped"].append(row["id"])
        if row["seconds"] < SHORT:
            faults["short"].append(row["id"])
    return [
        Finding(check, NOTE, f"{len(ids)} recordings: {shorten(sorted(ids))}")
        for check, ids in faults.items()
        if ids
    ]


def check_system(material: Material, system: Any) -> list[Finding]:
    """Check what features and model say of themselves: what they have heard, and their faults."""
    return [*check_pretrained(material, system), *check_faults(material.protocol, system)]


def check_faults(protocol: Protocol, system: Any) -> list[Finding]:
    """Check that a published fault is brought back under a `leaky-` protocol only.

    Args:
        protocol: that holds.
        system: what has `features` and `model`.
    """
    parts = (system.features, system.model)
    faults = [fault for part in parts for fault in getattr(part, "faults", ())]
    if not faults or protocols.is_leaky(protocol.name):
        return []
    text = f"the system brings back faults of its publication ({'; '.join(faults)})"
    hint = "that is for comparison under a leaky- protocol: name one, or leave the option out"
    return [Finding("faults", FAULT, f"{text}; {hint}")]


def check_pretrained(material: Material, system: Any) -> list[Finding]:
    """Check that features or model, where they were trained, have not heard what is tested.

    Args:
        material: the fold.
        system: what has `features` and `model`.
    """
    parts = (system.features, system.model)
    heard = {name for part in parts for name in getattr(part, "trained_on", ())}
    corpora = {row.get("corpus", material.dataset) for row in material.parts["test"]}
    if both := sorted(heard & (corpora | {material.dataset})):
        text = f"features or model were trained on {shorten(both)}, which is tested here"
        return [Finding("pretrained", LEAK, f"{text}: take others, or test on another corpus")]
    return []
