"""Corpora read right from the copies that people really have."""

import itertools

import contents
import numpy as np
import pytest
from places import RAVDESS, ROOT

from ser_plugins import Protocol, get_dataset
from ser_plugins.core import leaks, protocols, survey
from ser_plugins.core.promises import golden_trees

TREES = sorted((ROOT / "tests" / "trees").glob("*.txt"))


LINES = [(tree.stem, *line) for tree in TREES for line in golden_trees.read(tree)]
UNUSUAL = [line for line in LINES if line[3] and not line[3].startswith("text: ")]


@pytest.mark.parametrize(("name", "path", "_", "inside"), UNUSUAL)
def test_what_lies_inside_is_read_whole_or_told(name, path, _, inside, tmp_path):
    from ser_plugins.core import audit, cache

    expected = contents.write(tmp_path / path, inside)
    if inside.startswith("="):
        contents.write(tmp_path / inside[2:], "")
    rows, findings = survey.survey(name, get_dataset(name), tmp_path, allow_partial=True)
    if inside == "lfs":
        assert not rows and "git lfs pull" in findings[-1].text
        return
    row = next(row for row in rows if row["path"] == path)
    clips = cache.open_clips(rows, tmp_path, 16000, tmp_path / "cache")
    assert row["seconds"] == pytest.approx(1, abs=1e-3)
    middle = slice(200, -200)  # a resampler rings where a tone begins
    assert np.abs(clips[row["id"]][middle] - expected[middle]).max() < 2e-3
    told = {f.check for f in audit.check_sound(rows, clips.entries)}
    assert told == {"silence": {"silent"}, "clipped": {"clipped"}}.get(inside, set())
    rows = [{**row, "digest": clips.entries[row["id"]].sound} for row in rows]
    parts = {"train": rows, "valid": [], "test": []}
    found = leaks.find(parts, Protocol("p", (), tuple({row["label"] for row in rows})))
    assert ("audio" in {f.check for f in found}) == inside.startswith("=")


def ravdess_rows():
    """The rows of a complete RAVDESS, from its naming rule."""
    rows = []
    emotions = get_dataset("ravdess").labels
    for fields in itertools.product(range(1, 9), (1, 2), (1, 2), (1, 2), range(1, 25)):
        emotion, intensity, statement, _, actor = fields
        if (emotion, intensity) != (1, 2):
            id = "-".join(f"{field:02d}" for field in (3, 1, *fields))
            facts = {"speaker": f"{actor:02d}", "group": "", "text": f"{statement:02d}"}
            rows.append({"id": id, "label": emotions[emotion - 1], **facts})
    return rows


def sizes(name):
    corpus = get_dataset("ravdess")
    found = next(p for p in corpus.protocols if p.name == name)
    return [
        {part: len(rows) for part, rows in protocols.split(ravdess_rows(), found, n)[0].items()}
        for n in range(1, len(found.folds) + 1)
    ]


def test_ravdess_is_as_its_paper_says():
    rows = ravdess_rows()
    assert len(rows) == get_dataset("ravdess").size == 1440
    assert sum(row["label"] == "neutral" for row in rows) == 96


def test_luna5_has_the_published_test_sizes():
    assert [part["test"] for part in sizes("ravdess-luna5")] == [300, 300, 300, 300, 240]
    assert all(sum(part.values()) == 1440 for part in sizes("ravdess-luna5"))


def test_emobox6_tests_every_actor_once():
    assert [part["test"] for part in sizes("ravdess-emobox6")] == [240] * 6
    assert {part["valid"] for part in map(dict, sizes("ravdess-emobox6"))} == {120}


def test_text2_never_trains_on_the_tested_statement():
    found = sizes("ravdess-text2")
    assert len(found) == 10 and sum(part["test"] for part in found) == 1440
    corpus = get_dataset("ravdess")
    protocol = next(p for p in corpus.protocols if p.name == "ravdess-text2")
    for number in range(1, 11):
        parts, notes = protocols.split(ravdess_rows(), protocol, number)
        trained = {row["text"] for row in parts["train"] + parts["valid"]}
        assert not trained & {row["text"] for row in parts["test"]}
        assert "in no part" in notes[0]


def test_the_random_protocol_is_stratified_and_called_leaky():
    found = sizes("leaky-ravdess-random")
    assert sum(part["test"] for part in found) == 1440
    for part in found:
        assert abs(part["train"] - 1008) < 8 and abs(part["valid"] - 144) < 8


@pytest.mark.skipif(not RAVDESS.is_dir(), reason="needs the real recordings of RAVDESS")
def test_the_real_ravdess_is_read_whole():
    rows, notes = survey.read_corpus("ravdess", get_dataset("ravdess"), RAVDESS)
    assert len(rows) == 1440 and not notes
    assert {row["id"] for row in rows} == {row["id"] for row in ravdess_rows()}
    assert all(2.5 < row["seconds"] < 5.5 for row in rows)


def linear_uar(name):
    """Return the mean UAR over folds of a linear model on mean MFCCs, the corpus's floor."""
    import numpy as np
    import torch
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import recall_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from ser_plugins import make_features
    from ser_plugins.core.prepare import prepare

    keys = {"dataset": name, "dataset_options": {}, "data_folder": None, "allow_partial": False}
    keys |= {"allow_copies": False}
    keys |= {"protocol": None, "labels": None, "merge": None, "sample_rate": 16000}
    mfcc, found = make_features("mfcc"), []
    for fold in range(1, 6):
        material = prepare({**keys, "fold": fold, "cache_folder": None})

        def table(part, material=material):
            wavs = [
                torch.from_numpy(material.clips.unlock()[row["id"]].copy())
                for row in material.parts[part]
            ]
            x = np.stack([mfcc(wav[None], torch.ones(1))[0][0].mean(0).numpy() for wav in wavs])
            return x, [row["label"] for row in material.parts[part]]

        model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
        model.fit(*table("train"))
        x, y = table("test")
        found.append(recall_score(y, model.predict(x), average="macro"))
    return float(np.mean(found))


def test_synthetic_is_neither_trivial_nor_noise():
    """Five emotions: chance is 0.2; means of MFCCs tell more, and far from everything."""
    assert 0.35 < linear_uar("synthetic") < 0.75


def test_synthetic_speakers_differ_and_emotions_move_pitch(voices):
    import librosa

    from ser_plugins.core.audio import read_audio

    def pitch(speaker, emotion):
        wav = read_audio(next(voices.rglob(f"{speaker}_1_{emotion}_1.wav")), 16000)
        f0 = librosa.yin(wav, fmin=60, fmax=500, sr=16000)
        loud = librosa.feature.rms(y=wav)[0] > 0.3 * librosa.feature.rms(y=wav).max()
        return float(np.median(f0[loud[: len(f0)]]))

    for speaker in ("f3", "m2"):
        assert pitch(speaker, "sad") < pitch(speaker, "neutral") < pitch(speaker, "fearful")
    assert pitch("f3", "neutral") > 1.5 * pitch("m2", "neutral")
