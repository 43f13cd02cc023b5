"""Gathers from a finished run all that is said of it in public, and nothing else."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import bundle as bundles
from .. import protocols
from ..build import get_dataset
from ..config import PARTS
from ..errors import InputError, OptionError
from ..evaluation import read_hparams
from ..outcomes import read_outcome
from ..past import read_audit
from ..registry import KINDS, default, use_plugins
from ..run import RunFolder, read_manifests
from ..types import Corpus, Fold, Protocol
from . import licences
from .names import is_name
from .parts import Part, count

CONFUSION, CURVES = "confusion_matrix.png", "curves.png"
# Of scores.json. Not its notes, which may name folders, nor the speakers of its changes.
PUBLIC = (
    "valid", "test", "test_by_sex", "test_by_corpus", "test_mean_over_corpora", "temperature",
    "calibration_error", "dataset", "protocol", "definition_hash", "fold", "rows_hash", "shares",
    "labels", "seed", "best_epoch", "epochs", "parameters", "seconds", "versions", "audit",
    "selection", "test_readings",
)  # fmt: skip
PNG = b"\x89PNG\r\n\x1a\n"  # how every picture begins
PATH = re.compile(r"(?<![\w:/.<~])(?:~|/[\w.~+-]+)(?:/[\w.~+-]+)+|\b[A-Za-z]:\\+\w")


@dataclass(frozen=True)
class Publication:
    """What is said of a run in public.

    Args:
        id: `owner/name`.
        config: of the bundle.
        scores: the public part of scores.json.
        audit: audit.json; empty where there is none.
        hparams: the keys of the experiment; they hold paths of this machine.
        parts: of the fold, by name.
        corpus: what it was trained on.
        terms: of each corpus, by name.
        licence: of the model.
        conflicts: what in the terms speaks against the licence.
        pictures: by name, those of the run that are shown. Not its example: that is a recording
            of the corpus, which may not be passed on.
    """

    id: str
    config: Mapping[str, Any]
    scores: Mapping[str, Any]
    audit: Mapping[str, Any]
    hparams: Mapping[str, Any]
    parts: Mapping[str, Part]
    corpus: Corpus
    terms: Mapping[str, str]
    licence: str
    conflicts: Sequence[str]
    pictures: Mapping[str, Path]

    @property
    def is_leaky(self) -> bool:
        """Tell whether its scores are of speakers, or clips, that it has heard."""
        return protocols.is_leaky(self.scores["protocol"]) or self.verdict == "leaky"

    @property
    def verdict(self) -> str:
        """Return what the audit found; `none` where there was none."""
        return str(self.audit.get("verdict", "none"))

    @property
    def folds(self) -> int | None:
        """Return how many folds the protocol has, where that does not depend on the rows."""
        found = self._protocol
        return len(found.folds) if found else None

    @property
    def fold(self) -> Fold | None:
        """Return what its fold holds out, where that does not depend on the rows."""
        found = self._protocol
        return protocols.get_fold(found, self.scores["fold"]) if found else None

    @property
    def note(self) -> str:
        """Return what a reader of the scores should know of the protocol."""
        return self._protocol.note if self._protocol else ""

    @property
    def _protocol(self) -> Protocol | None:
        known = {protocol.name: protocol for protocol in self.corpus.protocols}
        return known.get(self.scores["protocol"])

    @property
    def base_models(self) -> list[str]:
        """Return the names on the Hub of what it was fine-tuned from, or listens through."""
        found = []
        for part, kind in PARTS.items():
            outside = getattr(default().get(kind, self.hparams[part]), "outside", ())
            given = (self.hparams[f"{part}_options"].get(option) for option in outside)
            found += [text for text in given if isinstance(text, str) and is_name(text)]
        return [name for name in found if not Path(name).exists()]

    @property
    def strangers(self) -> list[str]:
        """Return the packages, and files, of its plugins that are not the toolkit's."""
        records = [self.config["plugins"].get(kind, {}) for kind in KINDS]
        sources = {source for names in records for source in names.values()}
        return sorted(source for source in sources if source.partition(" ")[0] != "ser_plugins")


def gather(run: RunFolder, id: str, licence: str | None) -> Publication:
    """Read a finished run.

    Args:
        run: the folder.
        id: `owner/name`, under which it is published.
        licence: of the model; None for that of its corpus.

    Raises:
        InputError: if the run is not complete, or damaged, or no licence is plain.
    """
    hparams = read_hparams(run, {})
    use_plugins(*hparams["plugins"])
    scores, config = _read_scored(run)
    corpus = get_dataset(hparams["dataset"], **hparams["dataset_options"])
    terms = terms_of(hparams["dataset"], corpus)
    chosen = licences.choose(licence, terms)
    return Publication(
        id,
        {**config, "speechbrain_interface": "EncoderClassifier"},
        {key: scores[key] for key in PUBLIC if key in scores},
        read_audit(run.audit),
        hparams,
        count(read_manifests(run)),
        corpus,
        terms,
        chosen,
        licences.find_conflicts(chosen, terms),
        _pictures(run),
    )


def _pictures(run: RunFolder) -> dict[str, Path]:
    """Return the pictures of a run; refuse what only has the name of one."""
    found = {name: run.path / name for name in (CONFUSION, CURVES)}
    found = {name: path for name, path in found.items() if path.is_file()}
    for path in found.values():
        with path.open("rb") as file:
            is_png = file.read(len(PNG)) == PNG
        if path.is_symlink() or not is_png:
            raise OptionError(f"{path} is not the picture that the run drew: remove it")
    return found


def _read_scored(run: RunFolder) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return the scores of a run, and the config of its bundle, which must be what was scored."""
    scores = read_outcome(run.path).scores
    if not (run.path / CONFUSION).is_file():
        raise OptionError(f"{run.path / CONFUSION} is gone; remove scores.json to score again")
    bundle = bundles.read(run.bundle)
    if list(bundle.labels) != scores["labels"]:
        raise OptionError(f"{run.bundle} has other labels than {run.scores}: train again")
    said = bundle.config.get("trained_on", {})
    if differ := [key for key, value in said.items() if scores.get(key, value) != value]:
        raise OptionError(f"{run.bundle} is of another {differ[0]} than {run.scores}: train again")
    return scores, bundle.config


def terms_of(name: str, corpus: Corpus) -> dict[str, str]:
    """Return the terms of a corpus, or of each of a mix."""
    return dict(corpus.licences) or {name: corpus.licence}


def check_public(name: str, text: str) -> None:
    """Refuse a file that names a folder of this machine.

    Raises:
        InputError: naming what was found.
    """
    if found := PATH.search(text):
        raise InputError(
            f"{name} would tell the world of {found.group()!r}, which looks like a path of this "
            "machine. Take it out of the run's options, or publish a run without it"
        )
