"""Every kind of leak is planted once, with audio, and found; what is honest raises no alarm."""

import json
import shutil

import numpy as np
import pytest
import soundfile
import soxr
from places import RAVDESS, ROOT, SMALL, YAML
from safetensors.numpy import load_file, save_file

from recipes import train
from ser_plugins import get_dataset
from ser_plugins.cli import audit

TOY = ("--plugins", str(ROOT / "tests" / "toy.py"), "--dataset", "toy")


PARTS = {"f1": "test", "m1": "test", "f2": "valid", "m2": "valid", "f3": "train", "m3": "train"}


@pytest.fixture
def corpus(voices, tmp_path):
    """Eight clips of each of six voices, as one's own table, in a function that audits them.

    It returns the verdict, and the result of each check.
    """
    root = tmp_path / "corpus"
    for path in voices.rglob("[fm][123]_[12]_*.wav"):
        if path.stem.split("_")[2] in ("sad", "angry"):
            (root / path.parent.name).mkdir(parents=True, exist_ok=True)
            shutil.copy(path, root / path.parent.name)

    def run(*extra, rows=(), parts=PARTS, code=None):
        lines = ["path,label,speaker,split"]
        for path in sorted(root.rglob("*.wav")):
            if path.stem[0] != "x":
                who, _, emotion, _ = path.stem.split("_")
                lines.append(f"{path.relative_to(root)},{emotion},{who},{parts[who]}")
        (root / "mine.csv").write_text("\n".join([*lines, *rows]))
        command = ["--dataset", "table", "--data_folder", str(root), "--output", "audit.json"]
        found = audit.main([*command, *extra])
        written = json.loads((tmp_path / "audit.json").read_text())
        assert found == (1 if written["verdict"] == "failed" else 0)
        return written["verdict"], {row["check"]: row["result"] for row in written["checks"]}

    run.root = root
    return run


def test_an_honest_corpus_passes_though_it_has_every_sentence_twice(corpus):
    verdict, results = corpus()
    assert verdict == "passed"
    assert {results[check] for check in ("speaker", "audio", "copy", "labels", "files")} == {"ok"}
    assert results["statistics"] == "not made"


def test_a_speaker_on_two_sides_fails(corpus):
    (corpus.root / "f1" / "f1_1_sad_1.wav").rename(corpus.root / "f1" / "x.wav")
    verdict, results = corpus(rows=["f1/x.wav,sad,f1,train"])
    assert verdict == "failed" and results["speaker"] == "leak"


ALTERED = {
    "gain": lambda x: 0.1 * x,
    "polarity": lambda x: -x,
    "shift": lambda x: np.concatenate([np.zeros(3001), x]),
    "trim": lambda x: x[1600:-1600],
    "noise": lambda x: x + x.std() * 10**-0.5 * np.random.default_rng(0).standard_normal(len(x)),
    "resampled": lambda x: soxr.resample(soxr.resample(x, 16000, 8000), 8000, 16000),
    "all": lambda x: np.concatenate(
        [np.zeros(500), 0.3 * x + 0.03 * x.std() * np.random.default_rng(1).standard_normal(len(x))]
    ),
}


def altered(root, how, source="f1/f1_1_sad_1.wav"):
    wav, rate = soundfile.read(root / source)
    soundfile.write(root / "f3" / "x.wav", ALTERED[how](wav), rate)


@pytest.mark.parametrize("how", ALTERED)
def test_an_altered_copy_under_another_speakers_name_fails(corpus, how):
    altered(corpus.root, how)
    verdict, results = corpus(rows=["f3/x.wav,sad,f3,train"])
    assert verdict == "failed" and results["copy"] == "leak" and results["speaker"] == "ok"


def test_a_copy_at_another_rate_and_in_another_code_fails(corpus):
    wav, rate = soundfile.read(corpus.root / "f1" / "f1_1_sad_1.wav")
    path = corpus.root / "f3" / "x.ogg"
    soundfile.write(path, soxr.resample(wav, rate, 22050), 22050, format="OGG")
    verdict, results = corpus(rows=["f3/x.ogg,sad,f3,train"])
    assert verdict == "failed" and results["copy"] == "leak"


def test_equal_audio_in_other_dress_fails(corpus):
    wav, rate = soundfile.read(corpus.root / "f1" / "f1_1_sad_1.wav")
    soundfile.write(corpus.root / "f3" / "x.flac", wav, rate)
    verdict, results = corpus(rows=["f3/x.flac,sad,f3,train"])
    assert verdict == "failed" and results["audio"] == "leak"


def test_what_a_leaky_protocol_declares_is_told_not_alarmed(corpus):
    altered(corpus.root, "gain")
    options = ("--protocol", "leaky-by_column")
    verdict, results = corpus(*options, rows=["f3/x.wav,sad,f3,train"])
    assert verdict == "leaky" and results["copy"] == "declared"


def test_faults_of_the_corpus_are_found(corpus):
    files = sorted((corpus.root / "f3").glob("*.wav"))
    rate = 16000
    soundfile.write(files[0], np.zeros(rate), rate)
    soundfile.write(files[1], np.clip(3 * np.sin(np.arange(rate) * 0.05), -1, 1), rate)
    soundfile.write(files[2], 0.1 * np.ones(100), rate)
    verdict, results = corpus()
    assert verdict == "passed"
    assert {results[check] for check in ("silent", "clipped", "short")} == {"note"}
    files[3].write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
    soundfile.write(files[4], np.array([0, np.nan] * rate), rate, subtype="FLOAT")
    verdict, results = corpus()
    assert verdict == "failed" and results["files"] == "fault"


def test_a_copy_is_found_through_an_equal_recording_of_a_dropped_label(corpus):
    """The dropped one may not hide that its double is trained on and its copy tested."""
    source = corpus.root / "f1" / "f1_1_sad_1.wav"
    wav, rate = soundfile.read(source)
    shutil.copy(source, corpus.root / "f3" / "x1.wav")
    source.unlink()
    soundfile.write(corpus.root / "f1" / "x2.wav", 0.5 * wav, rate)
    shutil.copy(corpus.root / "f3" / "x1.wav", corpus.root / "f3" / "x0.wav")
    rows = ["f3/x0.wav,bored,f3,train", "f3/x1.wav,sad,f3,train", "f1/x2.wav,sad,f1,test"]
    verdict, results = corpus("--labels", "[sad, angry]", rows=rows)
    assert verdict == "failed" and results["copy"] == "leak"


def test_recordings_of_nobody_may_leak_and_the_verdict_says_so(voices, tmp_path):
    for path in voices.rglob("[fm][12]_*_1.wav"):
        emotion = tmp_path / "mine" / path.stem.split("_")[2]
        emotion.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, emotion)
    place = ["--data_folder", str(tmp_path / "mine"), "--output", "a.json"]
    assert audit.main(["--dataset", "folders", *place]) == 0
    assert json.loads((tmp_path / "a.json").read_text())["verdict"] == "may leak"


def test_what_sounds_like_a_copy_can_be_accepted_and_is_told(corpus):
    altered(corpus.root, "gain")
    row = "f3/x.wav,sad,f3,train"
    verdict, results = corpus("--allow_copies", "True", rows=[row])
    assert verdict == "passed" and results["copy"] == "note"


def test_a_run_that_accepted_copies_passes_its_audit_too(corpus, tmp_path):
    altered(corpus.root, "gain")
    corpus("--allow_copies", "True", rows=["f3/x.wav,sad,f3,train"])
    place = [f"--data_folder={corpus.root}", "--output_folder=run", "--allow_copies=True"]
    train.main([str(YAML), "--dataset=table", *place, *SMALL])
    assert audit.main(["run"]) == 0
    verdict, results = results_of(tmp_path / "run")
    assert verdict == "passed" and results["copy"] == "note"
    assert "altered copy" in str(
        json.loads((tmp_path / "run" / "scores.json").read_text())["notes"]
    )


@pytest.mark.parametrize("pointers", [True, False])
def test_a_corpus_of_pointers_and_one_without_an_actor_are_audited_too(tmp_path, pointers):
    """As a plain clone of CREMA-D is, and a copy that broke off."""
    for actor in range(1001, 1092 if pointers else 1090):
        path = tmp_path / "c" / f"{actor}_DFA_ANG_XX.wav"
        path.parent.mkdir(exist_ok=True)
        soundfile.write(path, np.random.default_rng(actor).standard_normal(400) / 9, 16000)
        if pointers:
            path.write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
    place = ["--data_folder", str(tmp_path / "c"), "--output", "a.json"]
    assert audit.main(["--dataset", "crema_d", *place]) == 1
    found = json.loads((tmp_path / "a.json").read_text())
    faults = {row["check"] for row in found["checks"] if row["result"] == "fault"}
    assert faults >= {"count", "split"} and ("files" in faults) == pointers


def test_a_corpus_that_is_not_whole_and_labels_that_it_does_not_declare(toy_folder, tmp_path):
    shutil.copytree(toy_folder, tmp_path / "toy")
    (tmp_path / "toy" / "s0" / "0_sad_0.wav").rename(tmp_path / "toy" / "s0" / "0_bored_0.wav")
    (tmp_path / "toy" / "s0" / "0_sad_1.wav").unlink()
    assert audit.main([*TOY, "--data_folder", str(tmp_path / "toy"), "--output", "a.json"]) == 1
    found = json.loads((tmp_path / "a.json").read_text())
    assert {r["check"] for r in found["checks"] if r["result"] == "fault"} == {"labels", "count"}


@pytest.mark.skipif(not RAVDESS.is_dir(), reason="needs the real recordings of RAVDESS")
def test_the_real_ravdess_passes_in_every_honest_protocol(tmp_path):
    """Its repetitions are honest; its one pair of equal files is told, on one side."""
    for protocol in get_dataset("ravdess").protocols:
        place = ["--data_folder", str(RAVDESS), "--output", "audit.json"]
        assert audit.main(["--dataset", "ravdess", "--protocol", protocol.name, *place]) == 0
        found = json.loads((tmp_path / "audit.json").read_text())
        leaky = protocol.name.startswith("leaky-")
        assert found["verdict"] == ("leaky" if leaky else "passed")
        results = {row["check"]: row for row in found["checks"]}
        assert results["copy"]["result"] == "ok"
        assert "03-01-03-01-02-01-07" in results["audio"]["found"][0]["text"]


def results_of(run):
    found = json.loads((run / "audit.json").read_text())
    return found["verdict"], {row["check"]: row["result"] for row in found["checks"]}


def test_a_run_writes_its_audit_and_its_scores_carry_the_verdict(run):
    verdict, results = results_of(run)
    scores = json.loads((run / "scores.json").read_text())
    assert verdict == scores["audit"] == "passed"
    assert scores["selection"] == {"part": "valid", "score": "uar"}
    assert {results[c] for c in ("statistics", "selection", "pretrained", "speaker")} == {"ok"}
    assert audit.main([str(run)]) == 0
    assert results["record"] == "not made" and results_of(run)[1]["record"] == "ok"


def change_scores(run, **changes):
    scores = json.loads((run / "scores.json").read_text())
    (run / "scores.json").write_text(json.dumps({**scores, **changes}))


def test_statistics_of_more_than_the_training_part_fail(run, toy_folder):
    """The bundle gets the statistics of all clips, as if they had been fitted before the split."""
    from ser_plugins.core import bundle as bundles
    from ser_plugins.core.audio import read_audio

    path = run / "bundle" / "model.safetensors"
    bundle, weights = bundles.read(run / "bundle"), load_file(path)
    import torch

    def feats():
        for wav in sorted(toy_folder.rglob("*.wav")):
            cut = torch.from_numpy(bundle.front_end(read_audio(wav, 16000)))
            yield bundle.classifier.features(cut[None], torch.ones(1))

    bundle.classifier.normalize.fit(feats())
    weights["normalize.mean"] = bundle.classifier.normalize.mean.numpy()
    weights["normalize.std"] = bundle.classifier.normalize.std.numpy()
    save_file(weights, path)
    assert audit.main([str(run)]) == 1
    verdict, results = results_of(run)
    assert verdict == "failed" and results["statistics"] == "leak"


@pytest.mark.parametrize(
    ("selection", "level"), [({"part": "test", "score": "uar"}, "leak"), (None, "fault")]
)
def test_an_epoch_that_was_chosen_on_anything_but_validation_fails(run, selection, level):
    change_scores(run, selection=selection)
    assert audit.main([str(run)]) == 1 and results_of(run)[1]["selection"] == level


def test_a_bundle_of_another_epoch_than_the_chosen_fails(run):
    scores = json.loads((run / "scores.json").read_text())
    uar = (scores["valid"]["uar"] + 0.5) % 1
    change_scores(run, valid={**scores["valid"], "uar": uar})
    assert audit.main([str(run)]) == 1 and results_of(run)[1]["selection"] == "leak"


def test_labels_in_another_order_than_was_trained_fail(run):
    config = json.loads((run / "bundle" / "config.json").read_text())
    config["labels"].reverse()
    (run / "bundle" / "config.json").write_text(json.dumps(config))
    assert audit.main([str(run)]) == 1 and results_of(run)[1]["record"] == "fault"


@pytest.mark.parametrize("valid", [None, "x", {}, {"uar": "hi", "per_class": {}}, {"uar": 0.5}])
def test_damaged_validation_scores_fail(run, valid):
    change_scores(run, valid=valid)
    assert audit.main([str(run)]) == 1 and results_of(run)[1]["selection"] == "fault"


def test_a_damaged_run_is_refused_in_words_or_fails(run, refused):
    (run / "history.csv").write_text("")
    assert audit.main([str(run)]) == 1 and results_of(run)[1]["selection"] == "fault"
    path = run / "manifests" / "valid.json"
    for content in ("", "[1, 2]", '{"a": {}}'):
        path.write_text(content)
        assert "valid.json is missing or damaged" in refused(audit.main, run)
    path.unlink()
    assert "valid.json is missing or damaged" in refused(audit.main, run)


@pytest.mark.parametrize(
    "changes", [{"protocol": "another"}, {"definition_hash": "0" * 12}, {"fold": 2}]
)
def test_scores_that_were_given_another_name_fail(run, changes):
    change_scores(run, **changes)
    assert audit.main([str(run)]) == 1 and results_of(run)[1]["record"] == "fault"


def test_recordings_that_were_replaced_since_fail(run, toy_folder, tmp_path):
    shutil.copytree(toy_folder, tmp_path / "toy")
    path = tmp_path / "toy" / "s3" / "3_sad_1.wav"
    wav, rate = soundfile.read(path)
    soundfile.write(path, wav[::-1] * 0.9, rate)
    assert audit.main([str(run), "--data_folder", str(tmp_path / "toy")]) == 1
    assert results_of(run)[1]["record"] == "fault"


def test_an_epoch_that_validation_did_not_choose_fails(run):
    lines = (run / "history.csv").read_text().splitlines()
    rows = [line.split(",") for line in lines[1:]]
    best = json.loads((run / "scores.json").read_text())["best_epoch"]
    for row in rows:
        row[3] = "0.5" if int(row[0]) == best else "0.9"
    (run / "history.csv").write_text("\n".join([lines[0], *map(",".join, rows)]) + "\n")
    assert audit.main([str(run)]) == 1 and results_of(run)[1]["selection"] == "leak"


def test_a_manifest_that_trained_on_a_tested_speaker_fails(run):
    train, test = (run / "manifests" / f"{part}.json" for part in ("train", "test"))
    rows, tested = json.loads(train.read_text()), json.loads(test.read_text())
    id = next(iter(tested))
    rows[id] = tested.pop(id)
    train.write_text(json.dumps(rows))
    test.write_text(json.dumps(tested))
    assert audit.main([str(run)]) == 1
    results = results_of(run)[1]
    assert results["speaker"] == "leak" and results["record"] == "fault"


def test_a_label_outside_the_protocol_fails(run):
    path = run / "manifests" / "train.json"
    rows = json.loads(path.read_text())
    next(iter(rows.values()))["label"] = "bored"
    path.write_text(json.dumps(rows))
    assert audit.main([str(run)]) == 1 and results_of(run)[1]["labels"] == "leak"


PRETRAINED = """
from ser_plugins import hookimpl, make_features

def heard(sample_rate=16000):
    front = make_features("mfcc", sample_rate)
    front.trained_on = ("toy",)
    return front

@hookimpl
def ser_features():
    return {"heard": heard}
"""


def test_a_front_end_that_has_heard_the_corpus_is_refused_before_anything_is_trained(
    run_toy, refused, tmp_path
):
    (tmp_path / "heard.py").write_text(PRETRAINED)
    plugins = f"--plugins={tmp_path / 'heard.py'},{ROOT / 'tests' / 'toy.py'}"
    text = refused(lambda _: run_toy(plugins, "--features=heard", "--features_options={}"), "")
    assert "trained on toy" in text
    assert not (tmp_path / "run").exists()


def test_a_run_whose_audit_fails_is_not_scored(run_toy, refused, tmp_path, monkeypatch):
    from ser_plugins.core import run_audit
    from ser_plugins.core.findings import LEAK, Finding

    leak = Finding("statistics", LEAK, "of everything")
    monkeypatch.setattr(run_audit, "check_statistics", lambda *_: [leak])
    assert "of everything" in refused(lambda _: run_toy(), "")
    assert results_of(tmp_path / "run")[0] == "failed"
    assert not (tmp_path / "run" / "scores.json").exists()
    assert not (tmp_path / "results" / "test_readings.csv").exists()


def test_a_moved_corpus_is_named_by_a_flag_and_nothing_else_of_a_run_can_be_changed(
    run, toy_folder, refused, tmp_path
):
    shutil.copytree(toy_folder, tmp_path / "moved")
    assert audit.main([str(run), "--data_folder", str(tmp_path / "moved")]) == 0
    assert "the run's own" in refused(audit.main, run, "--fold", "2")
    assert "--dataset" in refused(audit.main)


def test_toy_tones_are_no_copies_of_each_other(toy_folder):
    assert audit.main([*TOY, "--data_folder", str(toy_folder), "--output", "a.json"]) == 0
