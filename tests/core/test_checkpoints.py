"""A checkpoint is whole or not there, and one that is damaged is told and passed over."""

import logging
import random
import shutil
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from ser_plugins.core import checkpoints
from ser_plugins.core.checkpoints import AtomicCheckpointer, dump
from ser_plugins.core.errors import InputError
from ser_plugins.core.gradient import check_kept
from ser_plugins.core.random_state import RandomState


class Killed(BaseException):
    """Stands for kill -9."""


def checkpointer(folder, size=2, **more):
    torch.manual_seed(0)
    modules = {"a": nn.Linear(2, size), "b": nn.Linear(2, 2)}
    return AtomicCheckpointer(folder, {**modules, **more}, "uar")


def names(folder):
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("at", [1, 2])
def test_a_kill_inside_a_write_leaves_the_one_before(tmp_path, monkeypatch, at):
    saver = checkpointer(tmp_path)
    saver.save(1, uar=0.5)
    real, count = torch.save, []

    def save(*args, **kwargs):
        count.append(1)
        if len(count) == at:
            raise Killed
        real(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(torch, "save", save)
        patch.setattr(checkpoints.shutil, "rmtree", lambda *_, **__: None)  # nor does it clean up
        with pytest.raises(Killed):
            saver.save(2, uar=0.9)
    again = checkpointer(tmp_path)
    assert again.recover_if_possible(max_key="uar").meta["epoch"] == 1
    assert len(list(tmp_path.iterdir())) == 1


def test_the_best_and_the_newest_two_are_kept(tmp_path):
    saver = checkpointer(tmp_path)
    for epoch, uar in enumerate([0.2, 0.8, 0.8, 0.5, 0.4], 1):
        saver.save(epoch, uar=uar)
    saver.save(6, step=7)
    assert names(tmp_path) == {"CKPT+epoch3", "CKPT+epoch5", "CKPT+epoch6+step7"}
    assert saver.recover_if_possible(max_key="uar").meta["epoch"] == 3
    assert saver.recover_if_possible().meta["step"] == 7


def test_the_newest_is_the_farthest_whatever_the_clock_says(tmp_path, monkeypatch):
    saver = checkpointer(tmp_path)
    for hour, place in enumerate([(2, 9), (1, 0), (2, 8)]):
        monkeypatch.setattr(time, "time", lambda hour=hour: 3600.0 * hour)
        saver.save(*place, uar=0.5)
    assert saver.recover_if_possible().path.name == "CKPT+epoch2+step9"
    saver.save(2, uar=0.5)
    assert saver.recover_if_possible().path.name == "CKPT+epoch2"


def damage(folder, how):
    path = folder / ("CKPT.yaml" if how == "unreadable" else "a.ckpt")
    content = path.read_bytes()
    if how == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif how == "gone":
        path.unlink()
    elif how == "unreadable":
        path.write_bytes(b"\xff{")
    else:
        path.write_bytes(content[:600] + bytes([content[600] ^ 1]) + content[601:])


@pytest.mark.parametrize("how", ["cut", "gone", "unreadable", "one bit"])
def test_a_damaged_one_is_told_and_the_one_before_is_taken(tmp_path, caplog, how):
    saver = checkpointer(tmp_path)
    saver.save(1, uar=0.5)
    saver.save(2, uar=0.9)
    damage(tmp_path / "CKPT+epoch2", how)
    with caplog.at_level(logging.WARNING):
        again = checkpointer(tmp_path)
    assert "CKPT+epoch2 is damaged" in caplog.text
    assert again.recover_if_possible().meta["epoch"] == 1
    again.save(2, uar=0.9)
    assert names(tmp_path) == {"CKPT+epoch1", "CKPT+epoch2", "damaged+CKPT+epoch2"}


def test_where_none_can_be_read_nothing_is_begun(tmp_path):
    checkpointer(tmp_path).save(1, uar=0.5)
    damage(tmp_path / "CKPT+epoch1", "cut")
    with pytest.raises(InputError, match="no checkpoint in .* can be read: CKPT.epoch1"):
        checkpointer(tmp_path)
    assert names(tmp_path) == {"CKPT+epoch1"}


@pytest.mark.parametrize("other", [{"size": 3}, {"c": nn.Linear(2, 2)}])
def test_weights_that_do_not_fit_are_refused(tmp_path, other):
    checkpointer(tmp_path).save(1, uar=0.5)
    with pytest.raises(InputError, match="does not fit this experiment"):
        checkpointer(tmp_path, **other).recover_if_possible()


def test_a_full_disk_is_told_as_the_disk_tells_it():
    with pytest.raises(OSError, match="No space left"):
        dump({"a": torch.randn(1000)}, Path("/dev/full"))


def test_every_random_state_comes_back(tmp_path):
    def draw():
        return random.random(), np.random.rand(), torch.rand(1).item()

    saver = checkpointer(tmp_path, random=RandomState())
    draw()
    saver.save(1)
    wanted = draw()
    draw()
    saver.recover_if_possible()
    assert draw() == wanted


def test_the_random_state_of_a_gpu_comes_back_on_the_gpu_that_goes_on(tmp_path, monkeypatch):
    states = {"cuda:0": torch.arange(3), "cuda:1": torch.zeros(3, dtype=torch.long)}
    monkeypatch.setattr(torch.cuda, "get_rng_state", states.__getitem__)
    monkeypatch.setattr(torch.cuda, "set_rng_state", lambda it, gpu: states.update({gpu: it}))
    RandomState("cuda:0").save(tmp_path / "random")
    RandomState("cpu").load(tmp_path / "random", True)
    RandomState("cuda:1").load(tmp_path / "random", True)
    assert torch.equal(states["cuda:1"], torch.arange(3))


@pytest.mark.parametrize("more", [[], [(5, 7)], [(5, 7), (5, 8)]])
def test_a_lost_best_epoch_is_told_wherever_the_run_stands(tmp_path, more):
    saver, uars = checkpointer(tmp_path), [0.2, 0.8, 0.3, 0.4]
    for epoch, uar in enumerate(uars, 1):
        saver.save(epoch, uar=uar)
    for epoch, step in more:
        saver.save(epoch, step)
    rows = [{"epoch": float(epoch), "uar": uar} for epoch, uar in enumerate(uars, 1)]
    check_kept(SimpleNamespace(rows=rows), saver)
    shutil.rmtree(tmp_path / "CKPT+epoch2")
    with pytest.raises(InputError, match="the checkpoint of epoch 2, the best so far"):
        check_kept(SimpleNamespace(rows=rows), saver)
    later = [*rows, {"epoch": 5.0, "uar": 0.9}]  # told, but not yet kept: trained once more
    check_kept(SimpleNamespace(rows=later), saver)
