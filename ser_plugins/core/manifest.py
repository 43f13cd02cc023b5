"""From what a corpus says to checked rows, and rows to JSON."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import soundfile

from .audio import why_unreadable
from .errors import CorpusError
from .types import Corpus, Utterance

Row = dict[str, Any]


def read_corpus(
    name: str, corpus: Corpus, root: Path, allow_partial: bool = False
) -> tuple[list[Row], list[str]]:
    """Read a corpus folder and check it against the corpus's own facts.

    Args:
        name: the dataset's registered name, for messages.
        corpus: the corpus.
        root: where it lies.
        allow_partial: accept a number of recordings that is not the published one.

    Returns:
        The rows, and notes about what is unusual.

    Raises:
        CorpusError: saying what was found, what was expected and what to do.
    """
    if not root.is_dir():
        raise CorpusError(f"{root} is not a folder; {_obtain(name, corpus)}")
    utterances = _utterances(name, corpus, root)
    if not utterances:
        raise CorpusError(
            f"{root} holds no recording that {name!r} knows by its name; "
            f"point --data_folder at the corpus itself, or {_obtain(name, corpus)}"
        )
    notes = _check_complete(root, corpus, utterances, allow_partial)
    _check_unique(root, utterances)
    _check_labels(root, corpus, utterances)
    return _rows(root, utterances), notes


def _utterances(name: str, corpus: Corpus, root: Path) -> list[Utterance]:
    try:
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


def _check_complete(
    root: Path, corpus: Corpus, utterances: Sequence[Utterance], allow_partial: bool
) -> list[str]:
    if corpus.size in (None, len(utterances)):
        return []
    found = f"{root} holds {len(utterances)} of {corpus.size} recordings"
    if corpus.speakers:
        per_speaker = Counter(u.speaker for u in utterances)
        found += f" and {len(per_speaker)} of {corpus.speakers} speakers"
        full = max(per_speaker.values())
        short = [f"{s} ({n})" for s, n in sorted(per_speaker.items()) if n < full]
        found += f"; fewer than {full} from {shorten(short)}" if short else ""
    if not allow_partial:
        raise CorpusError(f"{found}. Complete it, or accept it with --allow_partial True")
    return [found]


def _check_unique(root: Path, utterances: Iterable[Utterance]) -> None:
    twice = [id for id, n in Counter(u.id for u in utterances).items() if n > 1]
    if twice:
        raise CorpusError(f"{root}: several recordings have the id {shorten(twice)}")


def _check_labels(root: Path, corpus: Corpus, utterances: Iterable[Utterance]) -> None:
    if corpus.labels is None:
        return
    strange = [u for u in utterances if u.label not in corpus.labels]
    if strange:
        raise CorpusError(
            f"{root}: {strange[0].path} is labelled {strange[0].label!r}; the corpus declares "
            f"{', '.join(corpus.labels)} ({len(strange)} such recordings)"
        )


def _rows(root: Path, utterances: Iterable[Utterance]) -> list[Row]:
    rows, broken = [], []
    for utterance in utterances:
        try:
            rows.append(_row(root, utterance))
        except CorpusError as error:
            broken.append(str(error))
    if broken:
        raise CorpusError(
            f"{root}: {len(broken)} recordings cannot be used: {shorten(broken)}. "
            "Repair or remove them"
        )
    return rows


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
        info = soundfile.info(str(path))
    except (OSError, soundfile.LibsndfileError):
        raise CorpusError(f"{path.name}: {why_unreadable(path) or 'not audio'}") from None
    start, stop = utterance.start or 0.0, utterance.stop or info.duration
    if not 0 <= start < stop <= info.duration + 0.1:
        raise CorpusError(f"{path.name}: {start:g} to {stop:g} s of {info.duration:g} s of audio")
    return stop - start


def select(
    rows: Iterable[Row], labels: Sequence[str], merge: Mapping[str, str]
) -> tuple[list[Row], list[str]]:
    """Rename labels by `merge` and keep those in `labels`; say what was merged and dropped."""
    renamed = [{**row, "label": merge.get(row["label"], row["label"])} for row in rows]
    merged = Counter(
        f"{row['label']} as {merge[row['label']]}" for row in rows if row["label"] in merge
    )
    dropped = Counter(row["label"] for row in renamed if row["label"] not in labels)
    notes = [f"counted {n} {what}" for what, n in sorted(merged.items())]
    notes += [f"dropped {n} {label}, not among the labels" for label, n in sorted(dropped.items())]
    return [row for row in renamed if row["label"] in labels], notes


def write(rows: Iterable[Row], path: Path) -> None:
    """Write rows as JSON, id to the rest, the paths relative to the corpus root."""
    table = {row["id"]: {k: v for k, v in row.items() if k != "id"} for row in rows}
    path.write_text(json.dumps(table, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read(path: Path) -> list[Row]:
    """Read what `write` wrote."""
    table = json.loads(path.read_text(encoding="utf-8"))
    return [{"id": id, **row} for id, row in table.items()]


def shorten(items: Sequence[str], most: int = 5) -> str:
    """Join the first few items and count the others.

    >>> shorten(["a", "b", "c"], most=2)
    'a, b and 1 more'
    """
    more = f" and {len(items) - most} more" if len(items) > most else ""
    return ", ".join(items[:most]) + more
