"""What can go wrong in the middle of training is named, and a run that is mended ends alike."""

import gc
import multiprocessing
import shutil
import signal

import pytest
import torch
from filelock import FileLock
from killing import worth

from ser_plugins.core.brain import EmotionBrain
from ser_plugins.core.history import History

OPTIONS = ("--batch_size=16", "--number_of_epochs=3")
BATCHES = 3  # an epoch: 48 clips


@pytest.fixture(scope="module")
def wanted():
    """Keep what an undisturbed run gives."""
    return {}


@pytest.fixture
def whole(run_toy, wanted, tmp_path):
    """What an undisturbed run gives."""
    if not wanted:
        wanted.update(worth(run_toy(*OPTIONS, folder="whole")))
        (tmp_path / "own_ledger.csv").unlink()
        shutil.rmtree(tmp_path / "results")
    return wanted


def at_call(monkeypatch, name, at, do):
    """Do something after the so many-th call of a method of the loop."""
    real, calls = getattr(EmotionBrain, name), []

    def call(*arguments, **options):
        found = real(*arguments, **options)
        calls.append(1)
        if len(calls) == at:
            do()
        return found

    monkeypatch.setattr(EmotionBrain, name, call)


@pytest.fixture(autouse=True)
def nothing_ignored():
    """Have each signal do what it does in a terminal, also where the tests run under nohup."""
    usual = {signal.SIGINT: signal.default_int_handler, signal.SIGHUP: signal.SIG_DFL}
    before = {number: signal.signal(number, handler) for number, handler in usual.items()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def stop(run_toy, monkeypatch, name="fit_batch", at=2 * BATCHES + 1, by=signal.SIGINT, more=()):
    """Run until a signal that comes within a call; return the exit code."""
    with monkeypatch.context() as patch, pytest.raises((KeyboardInterrupt, SystemExit)) as caught:
        at_call(patch, name, at, lambda: signal.raise_signal(by))
        run_toy(*OPTIONS, *more, folder="cut")
    return getattr(caught.value, "code", 130)


@pytest.mark.parametrize(
    ("name", "at", "by", "code", "place"),
    [
        ("fit_batch", 1, signal.SIGINT, 130, "CKPT+epoch1+step1"),
        ("fit_batch", BATCHES + 2, signal.SIGTERM, 143, "CKPT+epoch2+step2"),
        ("fit_batch", 2 * BATCHES, signal.SIGHUP, 129, f"CKPT+epoch2+step{BATCHES}"),
        ("evaluate_batch", 1, signal.SIGINT, 130, "CKPT+epoch1"),
        ("fit", 1, signal.SIGTERM, 143, "CKPT+epoch3"),
    ],
)
def test_a_signal_leaves_a_checkpoint_where_the_run_is(
    run_toy, whole, monkeypatch, tmp_path, name, at, by, code, place
):
    assert stop(run_toy, monkeypatch, name, at, by) == code
    assert (tmp_path / "cut" / "save" / place).is_dir()
    assert worth(run_toy(*OPTIONS, folder="cut")) == whole


@pytest.mark.parametrize("then", ["--workers=1", "--workers=0"])
def test_batches_that_are_loaded_beside_change_nothing(run_toy, whole, monkeypatch, tmp_path, then):
    by, step = signal.SIGTERM, BATCHES + 1
    assert stop(run_toy, monkeypatch, at=step, by=by, more=["--workers=1"]) == 143
    gc.collect()  # what is in the traceback
    assert not multiprocessing.active_children()
    assert (tmp_path / "cut" / "save" / "CKPT+epoch2+step1").is_dir()
    assert worth(run_toy(*OPTIONS, then, folder="cut")) == whole
    assert not multiprocessing.active_children()


def test_a_second_signal_stops_at_once(run_toy, monkeypatch, tmp_path):
    def twice():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        at_call(monkeypatch, "fit_batch", 2, twice)
        run_toy(*OPTIONS, folder="cut")
    assert not list((tmp_path / "cut" / "save").iterdir())


def test_the_same_seed_gives_the_same_run(run_toy, whole):
    assert worth(run_toy(*OPTIONS, folder="again")) == whole


def cut(run):
    """Cut a file of the newest checkpoint, which is the best, too, or may be."""
    newest = max((run / "save").glob("CKPT+epoch*"), key=lambda path: path.stat().st_mtime)
    (newest / "classifier.ckpt").write_bytes(b"")
    return newest.name


def test_a_damaged_checkpoint_costs_only_time(run_toy, whole, monkeypatch, tmp_path, caplog):
    stop(run_toy, monkeypatch, "evaluate_batch", 2)
    name = cut(tmp_path / "cut")
    assert name == "CKPT+epoch2"
    assert worth(run_toy(*OPTIONS, folder="cut")) == whole
    assert f"{name} is damaged" in caplog.text


def test_a_run_whose_best_epoch_is_lost_does_not_go_on(run_toy, refused, monkeypatch, tmp_path):
    stop(run_toy, monkeypatch, "evaluate_batch", 2)
    table = tmp_path / "cut" / "history.csv"
    title, first, second = table.read_text().splitlines()
    better = ",".join("1.0" if i == 3 else word for i, word in enumerate(first.split(",")))
    table.write_text("\n".join([title, better, second]) + "\n")
    shutil.rmtree(tmp_path / "cut" / "save" / "CKPT+epoch1")
    text = refused(lambda *_: run_toy(*OPTIONS, folder="cut"))
    assert "the checkpoint of epoch 1, the best so far, is damaged or gone" in text


def poison(monkeypatch, calls):
    """Make the logits of some batches of training no numbers; return the ids of their clips."""
    real, count, ids = EmotionBrain.compute_forward, [], []

    def forward(brain, batch, stage):
        logits, targets = real(brain, batch, stage)
        if "TRAIN" in str(stage):
            count.append(1)
            if len(count) in calls:
                ids.append(batch.id)
                logits = logits * float("nan")
        return logits, targets

    monkeypatch.setattr(EmotionBrain, "compute_forward", forward)
    return ids


def test_a_batch_that_is_not_finite_is_left_out_and_named(run_toy, monkeypatch, caplog):
    ids = poison(monkeypatch, {2, 3})
    run = run_toy(*OPTIONS)
    assert all(id in caplog.text for id in ids[0][:3]) and len(ids) == 2
    assert caplog.text.count("left out a batch: the loss is nan in epoch 1") == 2
    assert worth(run)["scores"]["epochs"] == 3


def test_three_in_a_row_stop_the_run(run_toy, refused, monkeypatch):
    ids = poison(monkeypatch, {2, 3, 4})
    text = refused(lambda *_: run_toy(*OPTIONS))
    assert "the loss is nan in epoch 2" in text and ids[-1][0] in text
    assert "as for the 2 batches before" in text and "--lr" in text


def test_gradients_that_are_not_finite_do_not_reach_the_weights(run_toy, monkeypatch, caplog):
    at_call(monkeypatch, "compute_forward", 2, lambda: setattr(torch, "spoil", True))
    real = torch.nn.utils.clip_grad_norm_

    def clip(parameters, *arguments, **options):
        if torch.__dict__.pop("spoil", False):
            next(p for p in parameters if p.grad is not None).grad[0] = float("inf")
        return real(parameters, *arguments, **options)

    monkeypatch.setattr(torch.nn.utils, "clip_grad_norm_", clip)
    run_toy(*OPTIONS)
    assert caplog.text.count("its gradients are not finite in epoch 1") == 1


def test_a_clip_that_is_damaged_in_the_middle_is_named(run_toy, refused, tmp_path, monkeypatch):
    real = History.add

    def add(self, **row):
        real(self, **row)
        (file,) = (tmp_path / "decoded").rglob("samples.f32")
        with file.open("r+b") as samples:
            samples.seek(100)
            samples.write(b"\x00\xff\x00\xff")

    options = (*OPTIONS, "--augment=[gain]", f"--cache_folder={tmp_path / 'decoded'}")
    with monkeypatch.context() as patch:
        patch.setattr(History, "add", add)
        text = refused(lambda *_: run_toy(*options))
    assert "was damaged, that of 0_angry_0: remove that folder" in text
    shutil.rmtree(tmp_path / "decoded")
    run_toy(*options)


def test_a_second_process_is_refused(run_toy, refused, tmp_path):
    (tmp_path / "run").mkdir()
    with FileLock(tmp_path / "run" / ".lock"):
        assert "another process is training in" in refused(lambda *_: run_toy(*OPTIONS))
    run_toy(*OPTIONS)


def test_other_threads_on_the_way_are_told(run_toy, monkeypatch, caplog):
    stop(run_toy, monkeypatch)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 77)
    run_toy(*OPTIONS, folder="cut")
    assert "is 77: its result may differ in its last bits" in caplog.text


def test_a_recording_that_is_damaged_meanwhile_is_named(
    run_toy, refused, toy_folder, tmp_path, monkeypatch
):
    corpus = tmp_path / "corpus"
    shutil.copytree(toy_folder, corpus)
    options = (*OPTIONS, f"--data_folder={corpus}")
    recording = corpus / "s3" / "3_sad_1.wav"
    content = recording.read_bytes()
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        at_call(patch, "fit_batch", 2, lambda: recording.write_bytes(content[:999]))
        at_call(patch, "fit_batch", 4, lambda: signal.raise_signal(signal.SIGINT))
        run_toy(*options)
    text = refused(lambda *_: run_toy(*options))
    assert "3_sad_1.wav is cut off" in text and "Repair or remove" in text
    recording.write_bytes(content)
    run_toy(*options)
