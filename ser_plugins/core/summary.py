"""What a cross-validation says: the figures of each cell of its grid, and their differences."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from . import protocols, statistics
from .grid import Cell
from .metrics import MAIN
from .outcomes import Outcome, Pool, pool
from .statistics import DRAWS, LEAST_UNITS, mean_std

Outcomes = Mapping[tuple[int, int], Outcome]


def summarize(cell: Cell, runs: Outcomes) -> dict[str, Any]:
    """Return the figures of an experiment under a protocol.

    Where a run is missing there are no figures over runs, only those of the runs that are there.

    Args:
        cell: what was to be run.
        runs: what is complete, by fold and seed.
    """
    missing = [run for run in cell.runs if (run.fold, run.seed) not in runs]
    found = {
        "yaml": cell.yaml.stem,
        "dataset": cell.dataset,
        "protocol": cell.protocol.name,
        "definition_hash": protocols.definition_hash(cell.protocol),
        "leaky": protocols.is_leaky(cell.protocol.name),
        "folds": sorted({run.fold for run in cell.runs}),
        "folds_of_protocol": len(cell.protocol.folds),
        "seeds": sorted({run.seed for run in cell.runs}),
        "labels": list(cell.protocol.labels),
        "missing": [{"fold": run.fold, "seed": run.seed} for run in missing],
        "runs": [
            {"fold": run.fold, "seed": run.seed, **runs[run.fold, run.seed].main}
            | {"folder": run.path.as_posix()}
            for run in cell.runs
            if (run.fold, run.seed) in runs
        ],
    }
    return found if missing else {**found, **_over_runs(runs), **_pooled(cell, runs)}


def _over_runs(runs: Outcomes) -> dict[str, Any]:
    """Return means over folds, the spread over seeds, and what the runs say of themselves."""
    folds, seeds = (sorted({key[i] for key in runs}) for i in (0, 1))
    scores = [run.scores for run in runs.values()]
    valid = [_mean(runs[fold, seed].scores["valid"]["uar"] for seed in seeds) for fold in folds]
    mean, std = mean_std(valid)
    found: dict[str, Any] = {"valid_uar": {"mean": mean, "std_over_folds": std, "by_fold": valid}}
    for name in MAIN:
        by_fold = [_mean(runs[fold, seed].main[name] for seed in seeds) for fold in folds]
        mean, std = mean_std(by_fold)
        found[name] = {"mean": mean, "std_over_folds": std, "by_fold": by_fold}
    by_seed = [_mean(runs[fold, seed].main["uar"] for fold in folds) for seed in seeds]
    return {
        **found,
        "uar_std_over_seeds": mean_std(by_seed)[1],
        "parameters": sorted({one["parameters"] for one in scores}),
        "seconds": _mean(one["seconds"] for one in scores),
        "test_readings": max(one["test_readings"] for one in scores),
        "audit": sorted({one["audit"] for one in scores}),
    }


def _mean(values: Iterator[float]) -> float:
    return mean_std(list(values))[0]


def _pooled(cell: Cell, runs: Outcomes) -> dict[str, Any]:
    """Return scores of all folds together, their interval, and scores by sex and by corpus."""
    whole = pool(runs)
    sexes = {sex: mask for sex, mask in whole.where("sex").items() if sex}
    corpora = whole.corpora
    by_corpus = {
        name: {**whole.score(mask), **_interval(whole.part(mask), name)}
        for name, mask in corpora.items()
        if len(corpora) > 1
    }
    return {
        "clips": len(whole.clips),
        "clips_tested_twice": len(whole.clips) - len({clip.id for clip in whole.clips}),
        "pooled": {**whole.score(), **_interval(whole, cell.dataset)},
        "pooled_by_corpus": by_corpus,
        "uar_by_sex": {sex: whole.score(mask)["uar"] for sex, mask in sexes.items()},
    }


def _interval(whole: Pool, dataset: str) -> dict[str, Any]:
    if why := why_none(whole, dataset):
        return {"interval": None, "why_no_interval": why}
    found = statistics.interval(list(whole.confusions().values()))
    return {"interval": [found.low, found.high]}


def why_none(whole: Pool, dataset: str) -> str:
    """Return why there can be no interval over speakers; nothing where there can."""
    if not all(clip.speaker for clip in whole.clips):
        return f"some recordings of {dataset} name no speaker"
    for name, confusions in whole.confusions().items():
        if (n := confusions.shape[1]) < LEAST_UNITS:
            return f"{name or dataset} has {n} speakers here, an interval needs {LEAST_UNITS}"
    return ""


def compare_all(cells: Sequence[Cell], outcomes: Sequence[Outcomes]) -> list[dict[str, Any]]:
    """Compare each two complete experiments under one protocol, speaker by speaker."""
    complete = [
        (cell, pool(runs))
        for cell, runs in zip(cells, outcomes, strict=True)
        if len(runs) == len(cell.runs)
    ]
    return [
        {
            "dataset": one.dataset,
            "protocol": one.protocol.name,
            "first": one.yaml.stem,
            "second": other.yaml.stem,
            **_compare(ours, theirs, one.dataset),
        }
        for (one, ours), (other, theirs) in itertools.combinations(complete, 2)
        if (one.dataset, one.protocol) == (other.dataset, other.protocol)
    ]


def _compare(ours: Pool, theirs: Pool, dataset: str) -> dict[str, Any]:
    if ours.clips != theirs.clips:
        return {"why_not": "they were tested on other clips: the corpus has changed between them"}
    if why := why_none(ours, dataset):
        difference = ours.score()["uar"] - theirs.score()["uar"]
        return {"difference": difference, "interval": None, "why_no_interval": why}
    first, second = (list(one.confusions().values()) for one in (ours, theirs))
    found = statistics.compare(first, second)
    return {"difference": found.difference, "interval": [found.low, found.high], "p": found.p}


def leaks(summaries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what each leaky protocol shows above each honest one of the same experiment."""
    complete = [one for one in summaries if not one["missing"]]
    return [
        {
            "yaml": leaky["yaml"],
            "dataset": leaky["dataset"],
            "leaky": leaky["protocol"],
            "honest": honest["protocol"],
            "points": 100 * (leaky["uar"]["mean"] - honest["uar"]["mean"]),
            "same_labels": leaky["labels"] == honest["labels"],
        }
        for leaky in complete
        for honest in complete
        if leaky["leaky"]
        and not honest["leaky"]
        and (leaky["yaml"], leaky["dataset"]) == (honest["yaml"], honest["dataset"])
    ]


MEANING = f"""\
UAR, WA, macro F1: the score of a fold is the mean over its seeds; shown are the mean and the sample
standard deviation (n - 1) of these over the folds. Of a mix, every score is the mean over its
corpora.
Validation UAR: the same of the validation parts. Choose settings by it, never by a test score; it
is optimistic, since it chose the epoch.
Pooled: the test predictions of all folds, put together seed by seed and scored; the mean over
seeds. A clip that two folds test counts twice.
95 % interval: of the pooled UAR, by bootstrap over speakers with all their clips (percentiles of
{DRAWS:,} draws; of a mix corpus by corpus). It holds the chance of the speakers, not that of the
seeds or of the training part, and is somewhat too narrow for ten speakers or fewer.
UAR by sex: pooled.
Spread over seeds: the sample standard deviation, over seeds, of the mean over folds of the UAR.
Seconds: the mean over runs of how long the epochs took. Readings: how often a test part had been
read when it was scored, the most of all runs.
Differences: first less second, of the pooled UAR, by the same bootstrap, each draw taking the same
speakers of both; p is two-sided, and not corrected for the number of pairs.
"""
