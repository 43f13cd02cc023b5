"""Stages 1 to 6 of a run: from a corpus folder to the checked, decoded parts of one fold."""

import itertools
import logging
import shutil
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from . import cache, protocols
from .build import get_dataset
from .errors import InputError, OptionError, ProtocolError
from .locks import one_after_another
from .manifest import Row, read_corpus, select, shorten
from .types import Corpus, Protocol

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Material:
    """What one fold of one corpus offers.

    Args:
        dataset: the corpus's registered name.
        root: its folder.
        protocol: the protocol that holds.
        fold: its number, from 1.
        parts: rows of `train`, `valid` and `test`; `digest` tells equal audio.
        clips: the decoded recordings.
        notes: what is incomplete, merged, dropped, unused or doubled.
    """

    dataset: str
    root: Path
    protocol: Protocol
    fold: int
    parts: protocols.Parts
    clips: cache.Clips
    notes: tuple[str, ...]


def prepare(hparams: Mapping[str, Any]) -> Material:
    """Read, check, select, split and decode, as the keys of an experiment say."""
    name, folder = hparams["dataset"], cache_folder(hparams)
    corpus = get_dataset(name, **hparams["dataset_options"])
    root = corpus_folder(name, corpus, hparams, folder)
    all_rows, incomplete = read_corpus(name, corpus, root, hparams["allow_partial"])
    protocol = protocols.choose(
        corpus, all_rows, hparams["protocol"], hparams["labels"], hparams["merge"]
    )
    rows, dropped = select(all_rows, protocol.labels, protocol.merge)
    parts, unused = protocols.split(rows, protocol, hparams["fold"])
    clips = cache.open_clips(all_rows, root, hparams["sample_rate"], folder)
    for row in itertools.chain(*parts.values()):
        row["digest"] = clips.digests[row["id"]]
    doubled = check_doubles(parts, protocol)
    notes = (*incomplete, *dropped, *unused, *doubled)
    return Material(name, root, protocol, hparams["fold"], parts, clips, notes)


def cache_folder(hparams: Mapping[str, Any]) -> Path:
    """Return the folder of all caches: the YAML's, or the user's."""
    given = hparams["cache_folder"]
    return Path(given).expanduser() if given else cache.default_folder()


def corpus_folder(name: str, corpus: Corpus, hparams: Mapping[str, Any], cache_root: Path) -> Path:
    """Return where the corpus lies; render one that is embedded and not there yet.

    Raises:
        OptionError: if no folder is named for a corpus that somebody must obtain.
    """
    given = hparams["data_folder"]
    if given is None and not corpus.embedded:
        raise OptionError(
            f"name the folder of {name!r} with --data_folder; it is to be had from {corpus.url}"
        )
    options = "".join(f"-{k}{v}" for k, v in sorted(hparams["dataset_options"].items()))
    if given:
        return Path(given).expanduser()
    root = cache_root / f"{name}{options}-{metadata.version('ser_plugins')}"
    if corpus.obtain and not root.exists():
        _render(name, corpus.obtain, root)
    return root


def _render(name: str, obtain: Callable[[Path], None], root: Path) -> None:
    """Render a corpus beside its place and move it there whole, once, whoever comes."""
    try:
        root.parent.mkdir(parents=True, exist_ok=True)
        with one_after_another(root.with_name(f"{root.name}.lock"), f"rendering {name}"):
            unfinished = root.with_name(f"{root.name}.part")
            shutil.rmtree(unfinished, ignore_errors=True)
            if not root.exists():
                log.info("rendering %s into %s, once", name, root)
                obtain(unfinished)
                unfinished.rename(root)
    except OSError as error:
        raise InputError(
            f"{name} cannot be rendered into {root}: {error.strerror or error}; "
            "name another folder with --cache_folder"
        ) from error


def check_doubles(parts: protocols.Parts, protocol: Protocol) -> list[str]:
    """Report recordings with the very same audio; refuse them on two sides of a fold.

    Raises:
        ProtocolError: unless the protocol says `audio:test` or `audio:valid` in `shares`.
    """
    places: dict[str, list[tuple[str, Row]]] = defaultdict(list)
    for part, rows in parts.items():
        for row in rows:
            places[row["digest"]].append((part, row))
    notes = []
    for group in places.values():
        if len(group) > 1:
            _check_sides(group, protocol)
            notes.append(f"the same audio: {' = '.join(row['id'] for _, row in group)}")
    return notes if len(notes) <= 5 else [*notes[:5], f"and {len(notes) - 5} more such groups"]


def _check_sides(group: Sequence[tuple[str, Row]], protocol: Protocol) -> None:
    sides = {part for part, _ in group}
    side = "test" if "test" in sides else "valid"
    if len(sides) > 1 and f"audio:{side}" not in protocol.shares:
        where = shorten([f"{row['id']} ({part})" for part, row in group])
        raise ProtocolError(
            f"{protocol.name}: the same audio is on two sides: {where}. Remove the copy"
        )
