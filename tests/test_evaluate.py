"""A finished run is scored again: the same on its own fold, honestly on another corpus."""

import json

import as_script
import pytest
from places import ROOT

from recipes import evaluate

TWO = """
from ser_plugins import Corpus, Utterance, find_audio, hookimpl

def read(root):
    for path in find_audio(root):
        speaker, emotion, _ = path.stem.split("_")
        label = {"neutral": "bored"}.get(emotion, emotion)
        yield Utterance(path.stem, path, label, speaker=speaker)

@hookimpl
def ser_datasets():
    labels = ("angry", "bored", "sad")
    return {"other": Corpus(read, labels, 6, 72, "https://example.org", "CC0-1.0")}
"""


def found(run, dataset="toy", protocol="by_speaker", fold=1):
    path = run / "evaluations" / dataset / protocol / f"fold{fold}" / "scores.json"
    return json.loads(path.read_text())


def test_its_own_fold_gives_its_own_scores(run):
    assert evaluate.main([str(run)]) == 0
    again, then = found(run), json.loads((run / "scores.json").read_text())
    assert again["strict"] == again["renormalised"] == then["test"]
    assert again["test_readings"] == 2 and not again["trained_speakers"]
    assert again["rows_hash"] == then["rows_hash"]


def test_another_fold_of_the_same_corpus_is_called_a_leak(run, caplog):
    evaluate.main([str(run), "--fold", "2"])
    assert found(run, fold=2)["trained_speakers"]
    assert "LEAKY" in caplog.text


def test_another_corpus_is_scored_on_shared_labels_both_ways(run, toy_folder, tmp_path, caplog):
    (tmp_path / "other.py").write_text(TWO)
    evaluate.main(
        [str(run), "--plugins", str(tmp_path / "other.py"), "--dataset", "other"]
        + ["--data_folder", str(toy_folder)]
    )
    scores = found(run, "other")
    assert scores["labels"] == ["sad", "angry"] and scores["dropped"] == {"bored": 8}
    assert scores["renormalised"]["n"] == scores["strict"]["n"] == 16
    assert scores["strays"] == 16 - sum(map(sum, scores["strict"]["confusion"]))
    assert "dropped 8 bored" in caplog.text


def test_recordings_that_were_trained_on_are_known_again_in_another_corpus(
    run_toy, toy_folder, tmp_path, caplog
):
    """The speakers may have other names there; the sound tells."""
    (tmp_path / "third.py").write_text(TWO.replace('"other"', '"third"'))
    run = run_toy("--fold=2")
    evaluate.main(
        [str(run), "--plugins", str(tmp_path / "third.py"), "--dataset", "third"]
        + ["--data_folder", str(toy_folder), "--fold", "1"]
    )
    scores = found(run, "third")
    assert len(scores["trained_clips"]) == scores["strict"]["n"] + sum(scores["dropped"].values())
    assert "LEAKY" in caplog.text and not scores["trained_speakers"]


MODEL = """
from torch import nn
from ser_plugins import hookimpl

class Mean(nn.Linear):
    def __init__(self, n_features, n_classes, **_):
        super().__init__(n_features, n_classes)

    def forward(self, feats, lengths):
        return super().forward(feats.sum(1))

@hookimpl
def ser_models():
    return {"own_mean": Mean}
"""


def test_a_run_keeps_the_plugins_of_its_own(run_toy, toy_folder, tmp_path):
    (tmp_path / "own.py").write_text(MODEL)
    (tmp_path / "other.py").write_text(TWO)
    plugins = f"--plugins={tmp_path / 'own.py'},{ROOT / 'tests' / 'toy.py'}"
    run = run_toy(plugins, "--model=own_mean")
    other = ["--plugins", "other.py", "--dataset", "other", "--data_folder", toy_folder]
    done = as_script.run(ROOT / "recipes" / "evaluate.py", run, *other)
    assert done.returncode == 0, done.stderr
    assert found(run, "other")["labels"] == ["sad", "angry"]


def test_the_ledger_is_the_runs_from_any_current_folder(run, tmp_path, monkeypatch):
    run = run.absolute()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    evaluate.main([str(run)])
    assert found(run)["test_readings"] == 2
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_stray_answer_is_an_error_in_one_score_and_renormalised_in_the_other():
    from ser_plugins.core import evaluation, scoring

    labels = ("sad", "neutral", "angry")
    prediction = scoring.Scored("1", "a", "sad", "neutral", (0.3, 0.6, 0.1))
    one = evaluation.renormalise([prediction], labels, ["sad", "angry"])[0]
    assert one.prediction == "sad" and one.probabilities == pytest.approx((0.75, 0.25))
    assert scoring.score([prediction], ["sad", "angry"])["wa"] == 0
    assert scoring.score([one], ["sad", "angry"])["wa"] == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--fold", "7"], "folds 1 to 5"),
        (["--protocol", "nothing"], "no protocol"),
        (["--dataset", "ravdess"], "--data_folder"),
    ],
)
def test_bad_input_is_refused_in_words(run, refused, arguments, words):
    assert words in refused(evaluate.main, run, *arguments)


def test_a_folder_that_holds_no_run_is_refused(refused, tmp_path):
    assert "holds no finished run" in refused(evaluate.main, tmp_path)


def test_a_picture_of_a_leaky_protocol_says_so_once(run_toy, monkeypatch):
    from ser_plugins.core import pictures

    run, titles = run_toy("--protocol=leaky-by_clip"), []
    monkeypatch.setattr(pictures, "draw_confusion", lambda *given: titles.append(given[2]))
    evaluate.main([str(run)])
    assert [title.count("LEAKY ") for title in titles] == [1]
