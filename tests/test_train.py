"""A run from corpus folder to scores, on tones: what it leaves, and that it can be gone on with."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys

import as_script
import pytest
import soundfile
import torch
from places import ROOT, SMALL, YAML, on_tones
from trials import broken

from recipes import train
from ser_plugins.core import bundle as bundles
from ser_plugins.core import history, pictures, registry, setup, training
from ser_plugins.core.audio import read_audio
from ser_plugins.core.calibration import calibration_error, fit_temperature, temper

SCORES = {"n", "uar", "wa", "macro_f1", "per_class", "confusion"}


def scores(run):
    return json.loads((run / "scores.json").read_text())


def table(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_run_leaves_what_it_promises(run_toy):
    run = run_toy("--seed=3", drawn=True)
    found = scores(run)
    for part in ("valid", "test"):
        assert set(found[part]) == SCORES
        assert set(found[part]["per_class"]["sad"]) == {"precision", "recall", "f1", "support"}
    assert found["labels"] == ["sad", "neutral", "angry"]
    assert (found["protocol"], found["fold"], found["seed"]) == ("by_speaker", 1, 3)
    assert found["best_epoch"] in (1, 2) and found["test_readings"] == 1
    assert found["parameters"] > 0 and found["seconds"] > 0 and found["versions"]["torch"]
    assert len(found["definition_hash"]) == len(found["rows_hash"]) == 12
    for name in ("confusion_matrix", "curves", "example"):
        assert (run / f"{name}.png").stat().st_size > 10_000
    assert [row["epoch"] for row in table(run / "history.csv")] == ["1", "2"]
    assert "UAR" in (run / "train_log.txt").read_text()
    rows = json.loads((run / "manifests" / "train.json").read_text())
    assert all(not row["path"].startswith("/") for row in rows.values())
    assert not list(run.rglob("*.part"))


def test_predictions_are_the_scores(run):
    rows = table(run / "predictions.csv")
    labels = scores(run)["labels"]
    assert list(rows[0]) == ["id", "speaker", "target", "prediction", *labels]
    assert len(rows) == scores(run)["test"]["n"]
    for row in rows:
        probabilities = [float(row[label]) for label in labels]
        assert sum(probabilities) == pytest.approx(1, abs=1e-5)
        assert row["prediction"] == labels[probabilities.index(max(probabilities))]
    right = sum(row["prediction"] == row["target"] for row in rows)
    assert right / len(rows) == pytest.approx(scores(run)["test"]["wa"])


def test_the_bundle_alone_gives_the_runs_probabilities(run, toy_folder):
    bundle = bundles.read(run / "bundle")
    paths = {path.stem: path for path in toy_folder.rglob("*.wav")}
    for row in table(run / "predictions.csv"):
        found = bundle.probabilities([read_audio(paths[row["id"]], 16000)])[0].tolist()
        assert found == pytest.approx([float(row[label]) for label in bundle.labels], abs=1e-4)


def test_the_bundle_alone_says_by_what_it_was_trained_and_tested(finished):
    found, config = scores(finished), bundles.read(finished / "bundle").config
    keys = ("dataset", "protocol", "definition_hash", "fold", "seed", "audit")
    assert config["trained_on"] == {key: found[key] for key in keys}


def test_labels_that_no_bundle_can_have_are_refused_before_training(run_toy, refused, monkeypatch):
    monkeypatch.setattr(training, "fit", None)
    long = "a" * 101
    text = refused(lambda changes: run_toy(*changes), f"--merge={{angry: {long}}}")
    assert "labels must be a list of 2 to 1000 different words" in text


def test_the_temperature_is_that_of_the_validation_part(run, toy_folder):
    bundle = bundles.read(run / "bundle")
    rows = json.loads((run / "manifests" / "valid.json").read_text())
    wavs = [read_audio(toy_folder / row["path"], 16000) for row in rows.values()]
    targets = [bundle.labels.index(row["label"]) for row in rows.values()]
    found = scores(run)
    assert found["temperature"] == bundle.config["temperature"]
    before = temper(bundle.probabilities(wavs), 1 / found["temperature"])
    assert fit_temperature(before, targets) == pytest.approx(found["temperature"], rel=0.01)
    errors = found["calibration_error"]["valid"]
    assert errors["before"] == pytest.approx(calibration_error(before, targets), abs=1e-3)


def test_it_learns_tones_of_speakers_it_never_heard(run_toy):
    run = run_toy("--number_of_epochs=15", "--lr=0.003", "--model_options.dropout=0")
    assert scores(run)["test"]["uar"] > 0.8


def test_swapping_by_name_works_without_touching_code(run_toy):
    run = run_toy("--features=mfcc", "--normalize=clip", "--augment=[gain,noise,spec_mask]")
    config = json.loads((run / "bundle" / "config.json").read_text())
    assert config["features"] == {"name": "mfcc", "options": {}}


def test_the_same_command_on_a_complete_run_reads_nothing_again(run, run_toy, monkeypatch):
    before = scores(run)
    monkeypatch.setattr(training, "fit", None)
    assert scores(run_toy()) == before


def test_another_experiment_in_the_same_folder_is_refused(run, run_toy, refused):
    text = refused(lambda changes: run_toy(*changes), "--lr=0.5")
    assert "lr was" in text and "--output_folder" in text


def test_a_run_can_be_begun_from_its_own_hyperparameters(run):
    copy = ["--output_folder=again", "--ledger=other.csv"]
    assert train.main([str(run / "hyperparams.yaml"), *copy]) == 0
    again = scores(run.parent / "again")
    assert again["test"] == scores(run)["test"]


class Stopped(BaseException):
    """Stands for a kill between two epochs."""


@pytest.mark.parametrize(
    ("at", "more"),
    [
        (1, ["--augment=[noise,spec_mask]"]),
        (2, ["--augment=[spec_mask]", "--weight_average=0.9", "--class_weights=balanced"]),
        (3, ["--augment=[noise]", "--copies=1", "--mixup=0.4"]),
    ],
)
def test_an_interrupted_run_ends_as_an_undisturbed_one(run_toy, monkeypatch, at, more):
    options = ("--number_of_epochs=3", *more)
    whole = run_toy(*options, folder="whole")
    real = history.History.add

    def add(self, **row):
        real(self, **row)
        if row["epoch"] == at:
            raise Stopped  # the row is written, its checkpoint is not

    with monkeypatch.context() as patch, pytest.raises(Stopped):
        patch.setattr(history.History, "add", add)
        run_toy(*options, folder="cut")
    cut = run_toy(*options, folder="cut")
    weights = "bundle/model.safetensors"
    assert (cut / weights).read_bytes() == (whole / weights).read_bytes()
    assert without_times(scores(cut)) == without_times(scores(whole))
    epochs = [without_times(row) for row in table(cut / "history.csv")]
    assert [row["epoch"] for row in epochs] == ["1", "2", "3"]
    assert epochs == [without_times(row) for row in table(whole / "history.csv")]


def without_times(row):
    return {k: v for k, v in row.items() if k not in ("seconds", "test_readings")}


def test_a_loss_that_is_not_finite_stops_the_run_in_words(run_toy, refused, monkeypatch):
    assert "is --lr too large" in refused(lambda changes: run_toy(*changes), "--lr=1e30")
    monkeypatch.setattr(setup, "rehearse", lambda _: None)
    assert "smaller --lr" in refused(lambda changes: run_toy(*changes), "--lr=1e30")


def test_a_second_process_in_one_run_folder_is_refused(run_toy, refused, tmp_path):
    from filelock import FileLock

    (tmp_path / "run").mkdir()
    with FileLock(tmp_path / "run" / ".lock"):
        assert "another process is training" in refused(lambda _: run_toy())


def test_patience_ends_a_run_early(run_toy):
    run = run_toy("--number_of_epochs=9", "--patience=1", "--lr=1e-9")
    assert len(table(run / "history.csv")) < 9


def test_tensorboard_is_written_where_it_is_wanted(run_toy):
    assert list((run_toy("--tensorboard=True") / "tensorboard").iterdir())


def test_hardware_of_another_precision_does_not_go_on_with_a_run(run_toy, refused, monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"amx_bf16": True})
    run_toy("--number_of_epochs=1")
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)
    found = refused(lambda _: run_toy("--number_of_epochs=1"))
    assert "precision was 'bf16', is 'fp32'" in found


def test_bf16_trains_and_scores_in_full_precision(run_toy):
    run = run_toy("--precision=bf16")
    assert torch.isfinite(torch.tensor(scores(run)["test"]["uar"]))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("--data_folder=nowhere", "nowhere is not a folder"),
        ("--dataset=ravdes", "did you mean 'ravdess'"),
        ("--features=mfc", "did you mean 'mfcc'"),
        ("--model=cnn_bigr", "did you mean 'cnn_bigru'"),
        ("--augment=[nois]", "did you mean 'noise'"),
        ("--protocol=by_speakers", "did you mean 'by_speaker'"),
        ("--fold=6", "folds 1 to 5"),
        ("--labels=[sad,bored]", "bored do not occur"),
        ("--labels=[sad]", "two or more"),
        ("--model_options.hiden=8", "did you mean 'hidden'"),
        ("--features_options.n_mels=0", "cannot take a training step"),
        ("--features_options.n_fft=-1", "log_mel"),
        ("--model_options.original=True", "under a leaky- protocol"),
        ("--normalize=batch", "global, clip, none"),
        ("--level=loud", "none, peak, rms"),
        ("--device=tpu", "auto, cpu, cuda"),
        ("--precision=fp16", "needs a GPU"),
        ("--plugins=nowhere.py", "nowhere.py"),
        ("--output_folder=/proc/run", "--output_folder"),
        ("--opt_class=null", "opt_class must be"),
        ("--opt_class.weight_decay=-1", "cannot take a training step"),
        ("--lr_schedule.div_factor=0", "cannot take a training step"),
        ("--features_options.win_length=4096", "win_length"),
        ("--features_options.hop=0", "hop"),
        ("--features_options.sample_rate=8000", "no option 'sample_rate'"),
        ("--model_options.channels=[]", "channels"),
        ("--model_options.name=x", "no option 'name'"),
        ("--augment_options.noise.low_dbb=5", "did you mean 'low_db'"),
        ("--augment_options.spec_mask.n_time=-1", "cannot take a training step"),
        ("--device=cuda:7", "GPU"),
        ("--device=cpu:", "GPU"),
        ("--seed=18446744073709551616", "a whole number from 0"),
        ("--sample_rate=384000", "to 192000"),
        ("--lr_schedule.max_lr=.nan", "cannot take a training step"),
    ],
)
def test_bad_input_is_refused_and_leaves_nothing(run_toy, refused, tmp_path, change, words):
    assert words in refused(lambda changes: run_toy(*changes), change)
    assert not [path for path in tmp_path.iterdir() if path.name != "nowhere"]


@pytest.mark.parametrize("place", ["", "s0", ".."])
def test_noise_is_never_drawn_from_the_corpus(run_toy, refused, toy_folder, place):
    folder = f"--augment_options.noise.folder={toy_folder / place}"
    text = refused(lambda changes: run_toy(*changes), "--augment=[noise]", folder)
    assert "training would hear what is tested" in text


def test_a_folder_that_is_named_is_never_rendered_into(refused, tmp_path):
    folder = f"--data_folder={tmp_path / 'RAVDES'}"
    assert "is not a folder" in refused(train.main, YAML, folder, "--dataset=synthetic")
    assert not (tmp_path / "RAVDES").exists()


def test_the_wrong_corpus_in_a_folder_is_said(refused, toy_folder):
    text = refused(train.main, YAML, f"--data_folder={toy_folder}", "--dataset=synthetic")
    assert "holds no recording that 'synthetic' knows" in text


def test_a_picture_that_fails_costs_no_reading_of_the_test_part(run_toy, monkeypatch, tmp_path):
    with monkeypatch.context() as patch, pytest.raises(ZeroDivisionError):
        patch.setattr(pictures, "draw_example", lambda *_: 1 / 0)
        run_toy()
    assert not (tmp_path / "results").exists()
    assert scores(run_toy())["test_readings"] == 1


def test_a_corpus_that_changed_during_an_interruption_is_refused(
    run_toy, refused, toy_folder, tmp_path, monkeypatch
):
    corpus = tmp_path / "corpus"
    shutil.copytree(toy_folder, corpus)
    with monkeypatch.context() as patch, pytest.raises(ZeroDivisionError):
        patch.setattr(pictures, "draw_example", lambda *_: 1 / 0)
        run_toy(f"--data_folder={corpus}")
    path = next(corpus.rglob("*sad*"))
    samples, rate = soundfile.read(path)
    soundfile.write(path, samples[::-1], rate)
    text = refused(lambda change: run_toy(*change), f"--data_folder={corpus}")
    assert "the corpus has changed" in text


def test_damaged_files_of_a_run_are_named(run, run_toy, refused):
    (run / "scores.json").write_text("{")
    assert "scores.json is damaged" in refused(lambda _: run_toy())
    (run / "scores.json").unlink()
    (run / "history.csv").write_text("epoch\n1\n")
    assert "history.csv is damaged" in refused(lambda _: run_toy())
    (run / "hyperparams.yaml").unlink()
    assert "hyperparams.yaml is gone" in refused(lambda _: run_toy())


def test_a_dollar_in_a_label_is_drawn_as_it_is(run_toy):
    run_toy('--merge={sad: "$\\\\frac{$"}', drawn=True)


def test_an_incomplete_corpus_is_said_and_recorded(run_toy, refused, toy_folder, tmp_path):
    part = tmp_path / "part"
    shutil.copytree(toy_folder, part)
    next(part.rglob("*sad*")).unlink()
    folder = f"--data_folder={part}"
    assert "holds 71 of 72" in refused(lambda changes: run_toy(*changes), folder)
    run = run_toy(folder, "--allow_partial=True")
    assert "holds 71 of 72" in scores(run)["notes"][0]


def test_one_recording_on_two_sides_is_refused(run_toy, refused, toy_folder, tmp_path):
    doubled = tmp_path / "doubled"
    shutil.copytree(toy_folder, doubled)
    shutil.copy(doubled / "s0" / "0_sad_0.wav", doubled / "s1" / "1_sad_0.wav")
    text = refused(
        lambda changes: run_toy(*changes),
        f"--data_folder={doubled}",
    )
    assert "0_sad_0" in text and "1_sad_0" in text and "two sides" in text


def command(*arguments, **options):
    return subprocess.run(
        [sys.executable, str(ROOT / "recipes" / "train.py"), *map(str, arguments)],
        capture_output=True, text=True, check=False, **options,
    )  # fmt: skip


def twelve_epochs(data, folder):
    return [YAML, *on_tones(data, folder), *SMALL, "--number_of_epochs=12"]


@pytest.fixture(scope="module")
def whole(toy_folder, cache, tmp_path_factory):
    """A run that nothing stopped."""
    place = tmp_path_factory.mktemp("whole")
    own = {"SER_PLUGINS_CACHE": str(cache), "SER_PLUGINS_LEDGER": str(place / "own.csv")}
    done = command(*twelve_epochs(toy_folder, place / "run"), cwd=place, env={**os.environ, **own})
    assert done.returncode == 0, done.stderr
    return place / "run"


@pytest.mark.slow
@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_run_that_was_stopped_goes_on_to_the_same_end(toy_folder, whole, tmp_path, stop):
    cut, script = tmp_path / "cut", ROOT / "recipes" / "train.py"
    process = subprocess.Popen(
        [sys.executable, script, *twelve_epochs(toy_folder, cut)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    for line in process.stdout:
        if line.startswith("epoch   3"):
            process.send_signal(stop)
    code = {signal.SIGKILL: -9, signal.SIGINT: 130, signal.SIGTERM: 143}[stop]
    assert process.wait() == code and "Traceback" not in process.stderr.read()
    assert not (cut / "scores.json").exists()
    assert command(*twelve_epochs(toy_folder, cut)).returncode == 0
    weights = "bundle/model.safetensors"
    assert (cut / weights).read_bytes() == (whole / weights).read_bytes()
    assert without_times(scores(cut)) == without_times(scores(whole))


def test_the_command_exits_with_2_and_one_message():
    done = as_script.run(ROOT / "recipes" / "train.py", YAML, "--dataset=ravdess")
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert done.stderr.startswith("error: ") and "zenodo.org" in done.stderr


def test_help_needs_no_torch():
    code = "import sys; sys.argv = ['train.py', '--help']; sys.path[:0] = ['recipes']; import train"
    code += "; train.main(['--help']); sys.exit('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0 and "--number_of_epochs" in done.stdout


def test_the_toy_plugin_keeps_its_promises(toy_folder):
    registry.use_plugins(str(ROOT / "tests" / "toy.py"))
    assert not broken("datasets", "toy", folder=toy_folder)
