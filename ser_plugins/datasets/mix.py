"""Mix: several corpora as one. Ids, speakers, groups and texts begin with the corpus's name.

Folders are given by corpus; by default they are those of the popular combined download
(`Ravdess`, `Crema`, `Tess`, `Savee`). Each corpus keeps its terms. Scores are shown corpus by
corpus.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from ser_plugins import EMOTIONS, Corpus, CorpusError, Utterance, get_dataset, hookimpl

COMBINED = {"ravdess": "Ravdess", "crema_d": "Crema", "tess": "Tess", "savee": "Savee"}


def named(name: str, value: str) -> str:
    """Return a value with its corpus before it; nothing stays nothing."""
    return f"{name}-{value}" if value else ""


def read(root: Path, corpora: Mapping[str, str]) -> Iterator[Utterance]:
    """Yield the recordings of each corpus, its folder relative to `root`, or absolute."""
    for name, folder in corpora.items():
        place = root / Path(folder).expanduser()
        if not place.is_dir():
            raise CorpusError(
                f"{place} is no folder; name where {name!r} lies with "
                f"--dataset_options '{{corpora: {{{name}: FOLDER}}}}'"
            )
        utterances = list(get_dataset(name).read(place))
        if not utterances:
            raise CorpusError(f"{place} holds no recording that {name!r} knows by its name")
        for u in utterances:
            yield replace(
                u,
                id=named(name, u.id),
                path=Path(os.path.relpath(place / u.path, root)),
                speaker=named(name, u.speaker),
                group=named(name, u.group),
                text=named(name, u.text),
                extra={**u.extra, "corpus": name},
            )


def mix(corpora: Mapping[str, str] = COMBINED) -> Corpus:
    """Describe several corpora as one; folds are made by speaker.

    Args:
        corpora: folder by name of the corpus; by default those of the combined download.
    """
    parts = {name: get_dataset(name) for name in corpora}
    if len(parts) < 2:
        raise ValueError(f"corpora must be two or more, {{name: folder}}, not {corpora!r}")
    known = all(corpus.labels is not None for corpus in parts.values())
    words = dict.fromkeys(label for corpus in parts.values() for label in corpus.labels or ())
    licences = {name: corpus.licence for name, corpus in parts.items()}
    order = [*filter(words.__contains__, EMOTIONS), *(w for w in words if w not in EMOTIONS)]
    return Corpus(
        read=partial(read, corpora=dict(corpora)),
        labels=tuple(order) if known else None,
        speakers=total([corpus.speakers for corpus in parts.values()]),
        size=total([corpus.size for corpus in parts.values()]),
        url="",
        licence="; ".join(f"{name}: {licence}" for name, licence in licences.items()),
        licences=licences,
        languages=tuple(dict.fromkeys(x for corpus in parts.values() for x in corpus.languages)),
        sexes={
            named(name, who): sex
            for name, corpus in parts.items()
            for who, sex in corpus.sexes.items()
        },
        example=tuple(
            f"{folder}/{name}"
            for corpus, folder in zip(parts.values(), corpora.values(), strict=True)
            for name in corpus.example[:1]
        ),
        parts={name: corpus.size for name, corpus in parts.items() if corpus.size is not None},
        request="Obtain the corpora one by one: " + ", ".join(parts),
    )


def total(counts: list[int | None]) -> int | None:
    """Return a sum, or None where a part is not known."""
    return None if None in counts else sum(filter(None, counts))


@hookimpl
def ser_datasets():
    """Register it."""
    return {"mix": mix}
