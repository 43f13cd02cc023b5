"""Stages 1 to 6 of a run: from a corpus folder to the checked, decoded parts of one fold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import cache, leaks, protocols
from .build import get_dataset
from .copies import Copies, find_copies
from .errors import CorpusError, ProtocolError
from .findings import FAULT, NOTE, Finding, refuse
from .labels import Change, select
from .lockbox import Lockbox
from .manifest import Row, Survey, survey, unusable
from .places import cache_folder, corpus_folder
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


@dataclass(frozen=True)
class Source:
    """A corpus folder that has been read and decoded, before any fold is made of it.

    Args:
        dataset: the corpus's registered name.
        corpus: its facts.
        root: its folder.
        rows: the recordings that can be used, every label.
        clips: their samples.
        copies: which are altered copies of one recording.
        findings: what is missing or broken.
    """

    dataset: str
    corpus: Corpus
    root: Path
    rows: list[Row]
    clips: cache.Clips
    copies: Copies
    findings: tuple[Finding, ...]


def prepare(hparams: Mapping[str, Any]) -> Material:
    """Read, check, select, split and decode, as the keys of an experiment say.

    Raises:
        InputError: for a corpus or fold that is not fit to be trained on.
    """
    name, folder = hparams["dataset"], cache_folder(hparams)
    corpus = get_dataset(name, **hparams["dataset_options"])
    root = corpus_folder(name, corpus, hparams, folder)
    rows, findings = survey(name, corpus, root, hparams["allow_partial"])
    refuse(findings, CorpusError)
    # Everything that names alone can tell, before the audio is decoded.
    _, parts, _, found = divide(hparams, corpus, rows)
    refuse(found, ProtocolError)
    source = decode_all(hparams, Survey(rows, findings), name, corpus, root)
    material = take_fold(hparams, source)
    refuse(material.findings, ProtocolError)
    return material


def open_source(hparams: Mapping[str, Any]) -> Source:
    """Read and decode a corpus as it is; what is wrong with it becomes findings."""
    name = hparams["dataset"]
    corpus = get_dataset(name, **hparams["dataset_options"])
    root = corpus_folder(name, corpus, hparams, cache_folder(hparams))
    found = survey(name, corpus, root, hparams["allow_partial"])
    try:
        return decode_all(hparams, found, name, corpus, root)
    except cache.UnreadableError as error:
        rows = [row for row in found.rows if row["id"] not in error.broken]
        broken = unusable(root, list(error.broken.values()))
        return decode_all(hparams, Survey(rows, [*found.findings, *broken]), name, corpus, root)


def decode_all(
    hparams: Mapping[str, Any], found: Survey, name: str, corpus: Corpus, root: Path
) -> Source:
    """Decode every recording once, and look for altered copies once."""
    clips = cache.open_clips(found.rows, root, hparams["sample_rate"], cache_folder(hparams))
    for row in found.rows:
        row["digest"] = clips.entries[row["id"]].sound
    copies = find_copies(clips, hparams["sample_rate"])
    findings = list(found.findings)
    if copies.left_out:
        text = (
            f"{copies.left_out} pairs of recordings sound alike and were too many to be looked at"
        )
        findings.append(Finding("copy", NOTE, f"{text} for copies: do all share a noise?"))
    return Source(name, corpus, root, found.rows, clips, copies, tuple(findings))


def take_fold(hparams: Mapping[str, Any], source: Source) -> Material:
    """Return the fold that the keys name, with everything that was found on the way."""
    protocol, parts, changes, found = divide(hparams, source.corpus, source.rows, source.copies)
    clips = Lockbox(source.clips, {row["id"] for row in parts["test"]})
    findings = (*source.findings, *found)
    return Material(
        source.dataset,
        source.root,
        protocol,
        hparams["fold"],
        parts,
        clips,
        findings,
        tuple(changes),
        source.copies,
    )


def divide(
    hparams: Mapping[str, Any],
    corpus: Corpus,
    all_rows: Sequence[Row],
    copies: Copies = NONE_FOUND,
) -> tuple[Protocol, protocols.Parts, list[Change], list[Finding]]:
    """Return the protocol, the parts of the fold, what its labels changed, and findings."""
    protocol = choose_protocol(hparams, corpus, all_rows)
    rows, changes = select(all_rows, protocol.labels, protocol.merge)
    parts, unused = protocols.split(rows, protocol, hparams["fold"])
    findings = [Finding("split", NOTE, text) for text in unused]
    if len(all_rows) == corpus.size:
        findings += check_sizes(protocol, hparams["fold"], parts)
    found = leaks.find(parts, protocol, copies.pairs, hparams["allow_copies"])
    return protocol, parts, changes, [*findings, *found]


def choose_protocol(hparams: Mapping[str, Any], corpus: Corpus, rows: Sequence[Row]) -> Protocol:
    """Return the protocol that the keys name."""
    labels, merge = hparams["labels"], hparams["merge"]
    return protocols.choose(corpus, rows, hparams["protocol"], labels, merge)


def choose_known(
    hparams: Mapping[str, Any], corpus: Corpus, rows: Sequence[Row], findings: Sequence[Finding]
) -> Protocol:
    """Return the protocol that the keys name, for rows of which something may be wrong.

    Raises:
        ProtocolError: saying what is wrong with the rows, where no protocol can be made of them.
    """
    try:
        return choose_protocol(hparams, corpus, rows)
    except ProtocolError as error:
        texts = [finding.text for finding in findings if finding.must_not_be]
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
