"""Batches that are loaded by processes beside this one are those that it would have loaded."""

import multiprocessing
import os
import signal
import time

import numpy as np
import pytest
import torch

from ser_plugins.core import workers
from ser_plugins.core.data import ClipDataset, training_loader
from ser_plugins.core.errors import InputError
from ser_plugins.core.front_end import FrontEnd

SAMPLES = np.random.default_rng(0).normal(size=(40, 900)).astype(np.float32)


class Sounds(dict):
    """Clips by id; one of them may be damaged."""

    def __getitem__(self, id):
        if id == "damaged":
            raise InputError("it was damaged meanwhile")
        return super().__getitem__(id)


def loader(beside, *damaged):
    sounds = Sounds((f"c{i}", row[: 300 + 15 * i]) for i, row in enumerate(SAMPLES))
    rows = [{"id": id, "label": "sad"} for id in sounds]
    dataset = ClipDataset(rows, sounds, FrontEnd(16000, None, "none"), ["happy", "sad"])
    dataset.ids[: len(damaged)] = damaged
    return training_loader(
        dataset, {"batch_size": 6, "seed": 1, "bucket_batches": 2, "workers": beside}
    )


def of(loader, epoch=1):
    """Return ids, sounds and lengths of the batches of an epoch."""
    loader.batch_sampler.set_epoch(epoch)
    return [(batch.id, *map(torch.Tensor.tolist, batch.sig)) for batch in loader]


@pytest.fixture(autouse=True)
def _none_is_left():
    yield
    assert not multiprocessing.active_children()


@pytest.mark.parametrize("n", [1, 2])
def test_batches_and_their_order_are_the_same(n):
    alone, beside = loader(0), loader(n)
    assert of(beside) == of(alone) and of(beside, 2) == of(alone, 2) != of(alone)


@pytest.mark.parametrize(("first", "then", "done"), [(1, 1, 7), (0, 1, 1), (1, 0, 5)])
def test_an_epoch_goes_on_where_it_was_whoever_loads(tmp_path, first, then, done):
    begun = loader(first)
    epoch = iter(begun)
    for _ in range(done):
        next(epoch)
    begun._speechbrain_save(tmp_path / "place")
    list(epoch)
    resumed = loader(then)
    resumed._speechbrain_load(tmp_path / "place", False)
    assert of(resumed, 0) == of(loader(0), 0)[done:]


def test_an_error_is_told_as_without_them_when_its_batch_is_due():
    with pytest.raises(InputError) as alone:
        of(loader(0, "damaged"))
    with pytest.raises(InputError) as beside:
        of(loader(1, "damaged"))
    assert str(beside.value) == str(alone.value) == "it was damaged meanwhile"


def test_a_loop_that_is_broken_off_ends_them():
    epoch = iter(loader(2))
    next(epoch)
    assert len(multiprocessing.active_children()) == 2
    epoch.close()


def test_signals_to_all_processes_leave_them_to_their_parent():
    epoch = iter(loader(1))
    next(epoch)
    (worker,) = multiprocessing.active_children()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(worker.pid, number)
    assert len(list(epoch)) == 6


def test_one_that_is_killed_is_told_in_words():
    epoch = iter(loader(1))
    next(epoch)
    (worker,) = multiprocessing.active_children()
    with pytest.raises(InputError, match="--workers 0"), workers.losses_told():
        worker.kill()
        worker.join()
        list(epoch)


def load(pipe):
    """Load in a process of its own, and tell which process helps."""
    torch.utils.data._utils.MP_STATUS_CHECK_INTERVAL = 1e6  # torch looks for the parent so often
    epoch = iter(loader(1))
    next(epoch)
    pipe.send(multiprocessing.active_children()[0].pid)
    signal.pause()


@pytest.mark.skipif(not os.path.exists("/proc/self"), reason="Linux alone ends them at once")  # noqa: PTH110
def test_they_die_with_a_parent_that_is_killed():
    ours, theirs = multiprocessing.Pipe()
    parent = multiprocessing.get_context("fork").Process(target=load, args=(theirs,))
    parent.start()
    worker = ours.recv()
    parent.kill()
    parent.join()
    for _ in range(100):
        if state(worker) in ("", "Z"):
            return
        time.sleep(0.05)
    os.kill(worker, signal.SIGKILL)
    pytest.fail("it lives on")


def state(process):
    """Return the state of a process as Linux names it; Z is one that has ended."""
    try:
        with open(f"/proc/{process}/stat", encoding="ascii") as file:  # noqa: PTH123
            return file.read().rpartition(")")[2].split()[0]
    except OSError:
        return ""


class Places(torch.utils.data.Dataset):
    """Where in memory the sounds lie."""

    lengths = [1] * 4

    def __getitem__(self, i):
        return {"id": i, "at": torch.tensor([SAMPLES.ctypes.data])}


def test_what_is_in_memory_is_shared_not_copied():
    keys = {"batch_size": 2, "seed": 1, "bucket_batches": 1, "workers": 1}
    found = [at for batch in training_loader(Places(), keys) for at in batch.at.data[:, 0].tolist()]
    assert found == [SAMPLES.ctypes.data] * 4


def test_a_gpu_has_some_and_a_cpu_none_unless_it_is_said():
    assert [workers.count(None, device) for device in ("cpu", "cuda", "cuda:1")] == [0, 2, 2]
    assert [workers.count(n, device) for n in (0, 3) for device in ("cpu", "cuda")] == [0, 0, 3, 3]
