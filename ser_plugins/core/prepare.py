"""Stages 1 to 6 of a run: from a corpus folder to the checked, decoded parts of one fold."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from . import cache, leaks, protocols
from .build import get_dataset
from .clips import Clips
from .copies import Copies, find_copies
from .errors import CorpusError, ProtocolError
from .findings import FAULT, NOTE, Finding, refuse
from .labels import Change, select
from .lockbox import Lockbox
from .manifest import Row
from .places import cache_folder, corpus_folder
from .survey import survey, unusable
from .types import Corpus, Protocol

NONE_FOUND = Copies(())


@dataclass(frozen=True)
class Material:
    """What one fold of one corpus offers.

    Args:
        dataset: the corpus's registered name.
        root: its folder.
        protocol: the protocol that holds.
        fold: its number, from 1.
        parts: rows of `train`, `valid` and `test`; `digest` tells equal audio.
        clips: the decoded recordings; those of the test part are shut.
        findings: what is incomplete, unused, doubled or on two sides.
        changes: what the protocol's labels merged and dropped.
        copies: which are altered copies of one recording.
    """

    dataset: str
    root: Path
    protocol: Protocol
    fold: int
    parts: protocols.Parts
    clips: Lockbox
    findings: tuple[Finding, ...]
    changes: tuple[Change, ...]
    copies: Copies

    @property
    def identity(self) -> dict[str, Any]:
        """Return what tells the fold from every other, but for its rows."""
        return {
            "dataset": self.dataset,
            "protocol": self.protocol.name,
            "definition_hash": protocols.definition_hash(self.protocol),
            "fold": self.fold,
        }


class Folder(NamedTuple):
    """A corpus folder that has been read, but not heard.

    Args:
        dataset: the corpus's registered name.
        corpus: its facts.
        root: its folder.
        rows: the recordings that can be used, every label.
        findings: what is missing or broken.
    """

    dataset: str
    corpus: Corpus
    root: Path
    rows: list[Row]
    findings: list[Finding]


class Source(NamedTuple):
    """A corpus folder that has been decoded, before any fold is made of it.

    Args:
        folder: what was read of it; the rows have a `digest`.
        clips: their samples.
        copies: which are altered copies of one recording.
    """

    folder: Folder
    clips: Clips
    copies: Copies


def prepare(hparams: Mapping[str, Any]) -> Material:
    """Read, check, select, split and decode, as the keys of an experiment say.

    Raises:
        InputError: for a corpus or fold that is not fit to be trained on.
    """
    folder = look(hparams)
    refuse(folder.findings, CorpusError)
    protocol = choose_protocol(hparams, folder)
    # Everything that names alone can tell, before the audio is decoded.
    *_, found = divide(hparams, folder, protocol)
    refuse(found, ProtocolError)
    material = take_fold(hparams, decode_all(hparams, folder), protocol)
    refuse(material.findings, ProtocolError)
    return material


def look(hparams: Mapping[str, Any]) -> Folder:
    """Read a corpus folder as it is; what is wrong with it becomes findings."""
    name = hparams["dataset"]
    corpus = get_dataset(name, **hparams["dataset_options"])
    root = corpus_folder(name, corpus, hparams, cache_folder(hparams))
    return Folder(name, corpus, root, *survey(name, corpus, root, hparams["allow_partial"]))


def open_source(hparams: Mapping[str, Any]) -> Source:
    """Read and decode a corpus as it is; what is wrong with it becomes findings."""
    folder = look(hparams)
    try:
        return decode_all(hparams, folder)
    except cache.UnreadableError as error:
        rows = [row for row in folder.rows if row["id"] not in error.broken]
        broken = unusable(folder.root, list(error.broken.values()))
        usable = folder._replace(rows=rows, findings=[*folder.findings, *broken])
        return decode_all(hparams, usable)


def decode_all(hparams: Mapping[str, Any], folder: Folder) -> Source:
    """Decode every recording once, and look for altered copies once."""
    rate = hparams["sample_rate"]
    clips = cache.open_clips(folder.rows, folder.root, rate, cache_folder(hparams))
    for row in folder.rows:
        row["digest"] = clips.entries[row["id"]].sound
    copies = find_copies(clips, rate)
    if copies.left_out:
        text = (
            f"{copies.left_out} pairs of recordings sound alike and were too many to be looked at"
        )
        told = Finding("copy", NOTE, f"{text} for copies: do all share a noise?")
        folder = folder._replace(findings=[*folder.findings, told])
    return Source(folder, clips, copies)


def take_fold(hparams: Mapping[str, Any], source: Source, protocol: Protocol) -> Material:
    """Return the fold that the keys name, with everything that was found on the way."""
    folder = source.folder
    parts, changes, found = divide(hparams, folder, protocol, source.copies)
    return Material(
        folder.dataset,
        folder.root,
        protocol,
        hparams["fold"],
        parts,
        Lockbox(source.clips, {row["id"] for row in parts["test"]}),
        (*folder.findings, *found),
        tuple(changes),
        source.copies,
    )


def divide(
    hparams: Mapping[str, Any], folder: Folder, protocol: Protocol, copies: Copies = NONE_FOUND
) -> tuple[protocols.Parts, list[Change], list[Finding]]:
    """Return the parts of the fold, what the protocol's labels changed, and findings."""
    rows, changes = select(folder.rows, protocol.labels, protocol.merge)
    parts, unused = protocols.split(rows, protocol, hparams["fold"])
    findings = [Finding("split", NOTE, text) for text in unused]
    if len(folder.rows) == folder.corpus.size:
        findings += check_sizes(protocol, hparams["fold"], parts)
    findings += leaks.find(parts, protocol, copies.pairs, hparams["allow_copies"])
    return parts, changes, findings


def choose_protocol(hparams: Mapping[str, Any], folder: Folder) -> Protocol:
    """Return the protocol that the keys name.

    Raises:
        ProtocolError: for one that does not exist or cannot be made of the rows; what is wrong
            with these is said first.
    """
    named = (hparams["protocol"], hparams["labels"], hparams["merge"])
    try:
        return protocols.choose(folder.corpus, folder.rows, *named)
    except ProtocolError as error:
        texts = [finding.text for finding in folder.findings if finding.must_not_be]
        raise ProtocolError("\n".join([*texts, str(error)])) from None


def check_sizes(protocol: Protocol, fold: int, parts: protocols.Parts) -> list[Finding]:
    """Compare the parts of a complete corpus with what the protocol says they hold."""
    if not protocol.sizes:
        return []
    wanted, found = protocol.sizes[fold - 1], protocols.sizes(parts)
    if all(w in (None, n) for w, n in zip(wanted, found, strict=True)):
        return []
    what = f"{protocol.name} fold {fold} has {found} clips in train, valid and test, not {wanted}"
    return [Finding("count", FAULT, f"{what}; are labels or speakers misread?")]
