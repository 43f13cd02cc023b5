"""Scores of parts of the test part: by sex, and corpus by corpus for a mix."""

import json
import shutil

import pytest
from places import SMALL, YAML

from recipes import train
from ser_plugins.core.scoring import Scored, score, score_by

LABELS = ("sad", "angry")


def made(corpus, target, prediction, n):
    sure = (1.0, 0.0) if prediction == "sad" else (0.0, 1.0)
    return [
        (
            Scored(f"{corpus}{target}{prediction}{i}", "a", target, prediction, sure),
            {"id": f"{corpus}{target}{prediction}{i}", "corpus": corpus},
        )
        for i in range(n)
    ]


def test_each_value_of_a_column_is_scored_alone():
    both = [*made("x", "sad", "sad", 8), *made("x", "angry", "angry", 2)]
    both += [*made("y", "sad", "angry", 3), *made("y", "angry", "angry", 1)]
    predictions, rows = zip(*both, strict=True)
    found = score_by(predictions, rows, "corpus", LABELS)
    assert found["x"]["uar"] == 1 and found["y"]["uar"] == 0.5
    assert found["x"]["n"] + found["y"]["n"] == score(predictions, LABELS)["n"] == 14
    assert score_by(predictions, rows, "sex", LABELS) == {}


def test_a_mix_is_scored_corpus_by_corpus_with_their_mean(voices, tmp_path, caplog):
    for place, speakers in (("one", "123"), ("two", "45")):
        for path in voices.rglob("*_[12]_*_1.wav"):
            if path.stem[1] in speakers:
                (tmp_path / place / path.parent.name).mkdir(parents=True, exist_ok=True)
                shutil.copy(path, tmp_path / place / path.parent.name)
    for place in ("one", "two"):
        clips = (tmp_path / place).rglob("*.wav")
        lines = [f"{p},{p.stem.split('_')[2]},{p.stem[:2]}" for p in clips]
        (tmp_path / place / "t.csv").write_text("\n".join(["path,label,speaker", *sorted(lines)]))
    corpora = f"{{table: {tmp_path / 'one'}, synthetic: {tmp_path / 'two'}}}"
    options = f"--dataset_options={{corpora: {corpora}}}"
    place = [f"--data_folder={tmp_path}", "--output_folder=run"]
    train.main([str(YAML), "--dataset=mix", "--allow_partial=True", options, *place, *SMALL])
    scores = json.loads((tmp_path / "run" / "scores.json").read_text())
    by_corpus = scores["test_by_corpus"]
    assert set(by_corpus) == {"table", "synthetic"}
    mean = sum(one["uar"] for one in by_corpus.values()) / 2
    assert scores["test_mean_over_corpora"]["uar"] == pytest.approx(mean)
    assert "mean over corpora" in caplog.text
