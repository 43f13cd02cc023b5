"""From what a corpus says of its folder to checked rows."""

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import NamedTuple

import soundfile

from . import exits
from .audio import why_unreadable
from .completeness import check_complete, check_mix
from .errors import CorpusError
from .findings import FAULT, Finding, notes, refuse
from .manifest import Row
from .types import Corpus, Utterance
from .words import shorten

RESERVED = {"digest", "percent"}  # columns that the toolkit adds


class Survey(NamedTuple):
    """What a corpus folder holds.

    Args:
        rows: the recordings that can be used.
        findings: what is missing, broken or undeclared.
    """

    rows: list[Row]
    findings: list[Finding]


def read_corpus(
    name: str, corpus: Corpus, root: Path, allow_partial: bool = False
) -> tuple[list[Row], list[str]]:
    """Read a corpus folder; refuse one with anything wrong.

    Returns:
        The rows, and notes about what is unusual.

    Raises:
        CorpusError: saying what was found, what was expected and what to do.
    """
    rows, findings = survey(name, corpus, root, allow_partial)
    refuse(findings, CorpusError)
    return rows, notes(findings)


def survey(name: str, corpus: Corpus, root: Path, allow_partial: bool = False) -> Survey:
    """Read a corpus folder and check it against the corpus's own facts.

    Args:
        name: the dataset's registered name, for messages.
        corpus: the corpus.
        root: where it lies.
        allow_partial: accept a number of recordings that is not the published one.

    Raises:
        CorpusError: if there is nothing to look at.
    """
    if not root.is_dir():
        raise CorpusError(f"{root} is not a folder; {_obtain(name, corpus)}")
    utterances = _utterances(name, corpus, root)
    _check_columns(name, utterances)
    if not utterances:
        raise CorpusError(
            f"{root} holds no recording that {name!r} knows by its name; "
            f"point --data_folder at the corpus itself, or {_obtain(name, corpus)}"
        )
    findings = [
        *check_complete(root, corpus, utterances, allow_partial),
        *check_mix(root, corpus, utterances, allow_partial),
        *_check_unique(root, utterances),
        *_check_labels(root, corpus, utterances),
    ]
    known = {u.id: u for u in reversed(utterances) if _is_declared(corpus, u)}
    usable = [u for u in utterances if known.get(u.id) is u]
    rows, broken = _rows(root, usable)
    return Survey(rows, [*findings, *broken])


def _check_columns(name: str, utterances: Iterable[Utterance]) -> None:
    columns = {column for u in utterances for column in (*u.extra, *u.targets)}
    if taken := sorted(columns & RESERVED):
        raise CorpusError(
            f"{name!r} has a column {taken[0]}, which the toolkit adds itself: rename it"
        )


def _utterances(name: str, corpus: Corpus, root: Path) -> list[Utterance]:
    try:
        with exits.refused():
            return list(corpus.read(root))
    except CorpusError:
        raise
    except Exception as error:
        raise CorpusError(
            f"the dataset plugin {name!r} failed on {root}: {error!r}; is this the folder of "
            f"{name!r}, and does the plugin know every file name in it?"
        ) from error


def _obtain(name: str, corpus: Corpus) -> str:
    where = f"obtain {name!r} from {corpus.url}" if corpus.url else f"see the docs of {name!r}"
    return f"{where} and name its folder with --data_folder"


def _check_unique(root: Path, utterances: Iterable[Utterance]) -> list[Finding]:
    twice = [id for id, n in Counter(u.id for u in utterances).items() if n > 1]
    what = f"{root}: several recordings have the id {shorten(twice)}"
    return [Finding("ids", FAULT, what)] if twice else []


def _is_declared(corpus: Corpus, utterance: Utterance) -> bool:
    return corpus.labels is None or utterance.label in ("", *corpus.labels)


def _check_labels(root: Path, corpus: Corpus, utterances: Iterable[Utterance]) -> list[Finding]:
    strange = [u for u in utterances if not _is_declared(corpus, u)]
    if not strange:
        return []
    what = (
        f"{root}: {strange[0].path} is labelled {strange[0].label!r}; the corpus declares "
        f"{', '.join(corpus.labels or ())} ({len(strange)} such recordings)"
    )
    return [Finding("labels", FAULT, what)]


def _rows(root: Path, utterances: Sequence[Utterance]) -> tuple[list[Row], list[Finding]]:
    def one(utterance: Utterance) -> Row | str:
        try:
            return _row(root, utterance)
        except CorpusError as error:
            return str(error)

    with ThreadPool(os.cpu_count()) as pool:
        found = pool.map(one, utterances, chunksize=64)
    rows = [row for row in found if isinstance(row, dict)]
    return rows, unusable(root, [text for text in found if isinstance(text, str)])


def unusable(root: Path, broken: Sequence[str]) -> list[Finding]:
    """Return the finding that recordings cannot be used, if there are any."""
    what = f"{len(broken)} recordings cannot be used: {shorten(broken)}. Repair or remove them"
    return [Finding("files", FAULT, f"{root}: {what}")] if broken else []


def _row(root: Path, utterance: Utterance) -> Row:
    seconds = _seconds(root / utterance.path, utterance)
    facts = {
        field: getattr(utterance, field)
        for field in ("id", "label", "speaker", "group", "sex", "text", "start", "stop")
    }
    path = utterance.path.as_posix()
    return {**utterance.targets, **utterance.extra, **facts, "path": path, "seconds": seconds}


def _seconds(path: Path, utterance: Utterance) -> float:
    try:
        if not path.is_file():  # a pipe would wait for ever
            raise OSError
        info = soundfile.info(str(path))
    except UnicodeEncodeError:
        raise CorpusError(f"{ascii(path.name)}: rename it, its name is not UTF-8") from None
    except (OSError, soundfile.LibsndfileError):
        raise CorpusError(f"{path.name}: {why_unreadable(path) or 'not audio'}") from None
    start = 0.0 if utterance.start is None else utterance.start
    stop = info.duration if utterance.stop is None else utterance.stop
    if not 0 <= start < stop <= info.duration + 0.1:
        raise CorpusError(f"{path.name}: {start:g} to {stop:g} s of {info.duration:g} s of audio")
    return stop - start
