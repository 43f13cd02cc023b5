"""What complete runs have written, read again: scores, and predictions as arrays."""

import csv
import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from . import manifest
from .errors import OptionError
from .metrics import MAIN
from .metrics import scores as score
from .statistics import unit_confusions

NEEDED = ("fold", "labels", "definition_hash", "parameters", "seconds", "test_readings", "audit")


class Clip(NamedTuple):
    """A clip of a test part, as one fold tests it.

    Args:
        fold: its number.
        id: of the clip.
        speaker: of the clip; empty where it is not known.
        sex: likewise.
        corpus: which one of a mix; empty where it is none.
        target: its label.
    """

    fold: int
    id: str
    speaker: str
    sex: str
    corpus: str
    target: str


class Outcome(NamedTuple):
    """What one complete run has written.

    Args:
        scores: its scores.json.
        clips: of its test part, in order.
        predictions: a label a clip.
    """

    scores: Mapping[str, Any]
    clips: tuple[Clip, ...]
    predictions: tuple[str, ...]

    @property
    def main(self) -> Mapping[str, float]:
        """Return UAR, WA and macro F1 of the test part; for a mix the mean over corpora."""
        found = main_scores(self.scores)
        return {name: found[name] for name in MAIN}


def main_scores(scores: Mapping[str, Any]) -> Mapping[str, float]:
    """Return the scores of the test part that stand for a run; for a mix the mean over corpora."""
    return scores.get("test_mean_over_corpora") or scores["test"]


def read_scores(path: Path) -> dict[str, Any]:
    """Read the scores of a complete run.

    Raises:
        OptionError: if the file is damaged.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {**found, "test": dict(found["test"])}
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise OptionError(f"{path} is damaged ({error!r}); remove it to score again") from None


def read_outcome(folder: Path) -> Outcome:
    """Read what a complete run has written of its test part.

    Raises:
        OptionError: if a file is missing or damaged.
    """
    scores = read_scores(folder / "scores.json")
    if missing := [key for key in NEEDED if key not in scores]:
        raise OptionError(
            f"{folder / 'scores.json'} lacks {', '.join(missing)}: it is of an older version or "
            "damaged; remove it to score again"
        )
    table, rows = folder / "predictions.csv", folder / "manifests" / "test.json"
    try:
        known = {row["id"]: row for row in manifest.read(rows)}
        with table.open(newline="", encoding="utf-8") as file:
            found = list(csv.DictReader(file))
        clips = tuple(_clip(scores["fold"], known[line["id"]]) for line in found)
        predictions = tuple(line["prediction"] for line in found)
        _check_scored(scores, clips, predictions)
    except (OSError, KeyError, TypeError, ValueError, AttributeError, csv.Error) as error:
        raise OptionError(
            f"{table} or {rows.relative_to(folder)} is missing or damaged ({error!r}); remove "
            f"{folder} to run it again"
        ) from None
    return Outcome(scores, clips, predictions)


def _check_scored(
    scores: Mapping[str, Any], clips: Sequence[Clip], predictions: Sequence[str]
) -> None:
    right = sum(clip.target == word for clip, word in zip(clips, predictions, strict=True))
    test = scores["test"]
    is_same = (len(clips), right) == (test["n"], round(test["n"] * test["wa"]))
    if not is_same or not set(predictions) <= set(scores["labels"]):
        raise ValueError("it is not what was scored")


def _clip(fold: int, row: manifest.Row) -> Clip:
    words = (row.get(column, "") for column in ("speaker", "sex", "corpus", "label"))
    return Clip(fold, row["id"], *words)


@dataclass(frozen=True)
class Pool:
    """The out-of-fold predictions of a cross-validation, all folds together.

    Args:
        labels: class names.
        clips: of every fold, in order; one that two folds test is there twice.
        predictions: class ids, a row a seed: `[S, N]`.
    """

    labels: tuple[str, ...]
    clips: tuple[Clip, ...]
    predictions: np.ndarray

    @property
    def targets(self) -> np.ndarray:
        """Return class ids: `[N]`."""
        return np.array([self.labels.index(clip.target) for clip in self.clips])

    @property
    def corpora(self) -> dict[str, np.ndarray]:
        """Return which clips are of which corpus; all of one where it is no mix."""
        return self.where("corpus")

    def where(self, column: str) -> dict[str, np.ndarray]:
        """Return which clips have each value of a column, as masks `[N]`."""
        values = np.array([getattr(clip, column) for clip in self.clips])
        return {str(value): values == value for value in np.unique(values)}

    def part(self, keep: np.ndarray) -> "Pool":
        """Return some of the clips, by a mask."""
        clips = tuple(itertools.compress(self.clips, keep))
        return Pool(self.labels, clips, self.predictions[:, keep])

    def score(self, keep: np.ndarray | None = None) -> dict[str, float]:
        """Return scores of some clips: the mean over seeds of the mean over corpora."""
        part = self if keep is None else self.part(keep)
        targets = part.targets
        each = [
            score(targets[mask].tolist(), row[mask].tolist(), self.labels)
            for row in part.predictions
            for mask in part.corpora.values()
        ]
        return {name: float(np.mean([one[name] for one in each])) for name in MAIN}

    def confusions(self) -> dict[str, np.ndarray]:
        """Return confusions by corpus, seed and speaker: each `[S, U, C, C]`."""
        found = {}
        speakers = np.array([clip.speaker for clip in self.clips])
        for name, mask in self.corpora.items():
            _, units = np.unique(speakers[mask], return_inverse=True)
            counted = (self.targets[mask], self.predictions[:, mask], units)
            found[name] = unit_confusions(*counted, len(self.labels))
        return found


def pool(runs: Mapping[tuple[int, int], Outcome]) -> Pool:
    """Put the folds of each seed together.

    Args:
        runs: by fold and seed, every pair of them.

    Raises:
        OptionError: if seeds did not test the same clips.
    """
    folds, seeds = (sorted({key[i] for key in runs}) for i in (0, 1))
    labels = tuple(runs[folds[0], seeds[0]].scores["labels"])
    rows, first = [], _together(runs, folds, seeds[0])
    for seed in seeds:
        if _together(runs, folds, seed) != first:
            raise OptionError(
                f"the runs of seed {seed} tested other clips than those of seed {seeds[0]}: the "
                "corpus has changed between them; remove the older ones"
            )
        words = [word for fold in folds for word in runs[fold, seed].predictions]
        rows.append([labels.index(word) for word in words])
    return Pool(labels, first, np.array(rows))


def _together(
    runs: Mapping[tuple[int, int], Outcome], folds: Sequence[int], seed: int
) -> tuple[Clip, ...]:
    return tuple(clip for fold in folds for clip in runs[fold, seed].clips)
