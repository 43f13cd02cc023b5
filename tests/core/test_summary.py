"""The figures of a cross-validation are what they are called, and none is of half a grid."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest

from ser_plugins.core import score_tables
from ser_plugins.core.errors import OptionError
from ser_plugins.core.grid import Cell, Run
from ser_plugins.core.metrics import scores as score
from ser_plugins.core.outcomes import Clip, Outcome, pool
from ser_plugins.core.summary import compare_all, leaks, summarize
from ser_plugins.core.types import Fold, Protocol

LABELS = ("sad", "angry")
SEXES = {"0": "female", "1": "male"}


def cell(yaml="a.yaml", protocol="by", folds=2, seeds=(1, 2)):
    made = Protocol(protocol, tuple(Fold({"speaker": ["x"]}, {}) for _ in range(folds)), LABELS)
    runs = tuple(
        Run(Path(yaml), (), fold, seed, Path(f"{yaml}/{fold}/{seed}"))
        for fold in range(1, folds + 1)
        for seed in seeds
    )
    return Cell(Path(yaml), "corpus", made, runs)


def outcome(fold, seed, right, speakers=4, corpora=("",)):
    """Return a run in which each speaker of a fold has ten clips a label, some of them right."""
    clips, predictions = [], []
    for i, corpus in enumerate(corpora, start=1):  # each has more speakers than the last
        for who in range(i * speakers):
            for label in LABELS:
                other = LABELS[1 - LABELS.index(label)]
                speaker = f"{fold}-{who}"
                for take in range(10):
                    id = f"{corpus}{speaker}{label}{take}"
                    clips.append(Clip(fold, id, speaker, SEXES[str(who % 2)], corpus, label))
                    hit = take < (right[corpus] if isinstance(right, dict) else right) + who % 2
                    predictions.append(label if hit else other)
    ids = ([LABELS.index(c.target) for c in clips], [LABELS.index(p) for p in predictions])
    found = {"test": score(*ids, LABELS), "labels": list(LABELS), "fold": fold, "seed": seed}
    found |= {
        "valid": {"uar": 0.5},
        "parameters": 7,
        "seconds": 2.0,
        "test_readings": seed,
        "audit": "passed",
    }
    if len(corpora) > 1:
        hits = np.array([t == p for t, p in zip(*ids, strict=True)])
        of = np.array([clip.corpus for clip in clips])
        mean = float(np.mean([hits[of == corpus].mean() for corpus in corpora]))
        found["test_mean_over_corpora"] = {"uar": mean, "wa": mean, "macro_f1": mean}
    return Outcome(found, tuple(clips), tuple(predictions))


def grid(right, **options):
    """Return the outcomes of two folds and two seeds, by how many of ten are right."""
    return {key: outcome(*key, hits, **options) for key, hits in right.items()}


RIGHT = {(1, 1): 4, (1, 2): 6, (2, 1): 8, (2, 2): 8}


def test_seeds_are_averaged_first_then_folds():
    found = summarize(cell(), grid(RIGHT))
    folds = [0.55, 0.85]  # means over seeds; every second speaker has one more right of ten
    assert found["uar"]["by_fold"] == pytest.approx(folds)
    assert found["uar"]["mean"] == pytest.approx(np.mean(folds))
    assert found["uar"]["std_over_folds"] == pytest.approx(np.std(folds, ddof=1))
    assert found["uar_std_over_seeds"] == pytest.approx(np.std([0.65, 0.75], ddof=1))
    assert found["valid_uar"]["mean"] == 0.5
    assert found["test_readings"] == 2 and found["seconds"] == 2 and found["parameters"] == [7]


def test_folds_of_other_sizes_count_by_their_clips_when_pooled():
    runs = {**grid({(1, 1): 2}, speakers=6), **grid({(2, 1): 8}, speakers=2)}
    found = summarize(cell(seeds=(1,)), runs)
    assert found["uar"]["mean"] == pytest.approx((0.25 + 0.85) / 2)
    assert found["pooled"]["uar"] == pytest.approx((6 * 0.25 + 2 * 0.85) / 8)
    assert found["uar_std_over_seeds"] is None and found["clips_tested_twice"] == 0
    low, high = found["pooled"]["interval"]
    assert 0.2 < low < found["pooled"]["uar"] < high < 0.9


def test_scores_by_sex_are_pooled():
    found = summarize(cell(), grid(dict.fromkeys(RIGHT, 5)))
    assert found["uar_by_sex"] == pytest.approx({"female": 0.5, "male": 0.6})


def test_a_mix_counts_by_the_mean_over_corpora():
    right = {"x": 2, "y": 8}
    found = summarize(cell(), grid(dict.fromkeys(RIGHT, right), corpora=("x", "y")))
    assert found["uar"]["mean"] == pytest.approx(0.55)
    assert found["pooled"]["uar"] == pytest.approx(0.55)
    assert found["pooled_by_corpus"]["x"]["uar"] == pytest.approx(0.25)
    assert found["pooled_by_corpus"]["y"]["uar"] == pytest.approx(0.85)
    assert found["uar_by_sex"] == pytest.approx({"female": 0.5, "male": 0.6})
    assert "0.850" in score_tables.corpora_table([found])


def test_two_speakers_have_no_interval_and_it_is_said_why():
    found = summarize(cell(), grid(RIGHT, speakers=1))
    assert found["pooled"]["interval"] is None
    assert any(
        "corpus has 2 speakers here" in line for line in score_tables.remarks([found], [], [])
    )


def test_half_a_grid_has_no_figure():
    runs = grid(RIGHT)
    del runs[2, 2]
    found = summarize(cell(), runs)
    assert not {"uar", "pooled", "uar_by_sex", "uar_std_over_seeds"} & set(found)
    assert found["missing"] == [{"fold": 2, "seed": 2}] and len(found["runs"]) == 3
    assert "INCOMPLETE: 3 of 4 runs" in score_tables.scores_table([found])
    assert "missing: fold 2 seed 2" in score_tables.remarks([found], [], [])[0]
    assert compare_all([cell(), cell("b.yaml")], [grid(RIGHT), runs]) == []


def test_systems_are_compared_on_the_same_speakers():
    worse = grid({key: hits - 2 for key, hits in RIGHT.items()})
    (found,) = compare_all([cell(), cell("b.yaml")], [grid(RIGHT), worse])
    assert (found["first"], found["second"]) == ("a", "b")
    assert found["difference"] == pytest.approx(0.2) == found["interval"][0]
    assert found["p"] < 0.001 and "< 0.001" in score_tables.differences_table([found])


def test_systems_that_were_tested_on_other_clips_are_not_compared():
    (found,) = compare_all([cell(), cell("b.yaml")], [grid(RIGHT), grid(RIGHT, speakers=3)])
    assert "difference" not in found
    assert "not compared" in score_tables.remarks([], [found], [])[0]
    assert not score_tables.differences_table([found])


def test_protocols_are_not_compared_but_what_a_leak_shows_is_told():
    leaky = cell(protocol="leaky-by")
    runs = grid(RIGHT), grid({key: hits + 1 for key, hits in RIGHT.items()})
    assert compare_all([cell(), leaky], runs) == []
    found = [summarize(*pair) for pair in zip([cell(), leaky], runs, strict=True)]
    assert leaks(found)[0]["points"] == pytest.approx(10)
    assert "LEAKY leaky-by shows +10.0 points" in score_tables.remarks(found, [], leaks(found))[0]
    for table in (score_tables.scores_table(found), score_tables.runs_table(found)):
        assert "LEAKY leaky-by" in table


def test_seeds_that_tested_other_clips_are_refused():
    with pytest.raises(OptionError, match="seed 2 tested other clips"):
        pool({**grid({(1, 1): 5}), **grid({(1, 2): 5}, speakers=3)})


def test_the_csv_has_a_row_a_cell_and_figures_in_full():
    found = summarize(cell(), grid(RIGHT))
    (row,) = csv.DictReader(io.StringIO(score_tables.as_csv([found])))
    assert float(row["uar"]) == found["uar"]["mean"]
    assert float(row["pooled_uar_low"]) == found["pooled"]["interval"][0]
    assert row["definition_hash"] == found["definition_hash"] and row["audit"] == "passed"
