"""A checkpoint is whole or not there."""

import random

import numpy as np
import pytest
import torch
from torch import nn

from ser_plugins.core.checkpoints import AtomicCheckpointer, RandomState


class Killed(BaseException):
    """Stands for kill -9."""


def checkpointer(folder, **more):
    torch.manual_seed(0)
    return AtomicCheckpointer(folder, {"a": nn.Linear(2, 2), "b": nn.Linear(2, 2), **more})


@pytest.mark.parametrize("at", [1, 2])
def test_a_kill_inside_a_write_leaves_the_one_before(tmp_path, monkeypatch, at):
    saver = checkpointer(tmp_path)
    saver.save_and_keep_only(meta={"uar": 0.5, "epoch": 1}, max_keys=["uar"])
    real, count = torch.save, []

    def save(*args, **kwargs):
        count.append(1)
        if len(count) == at:
            raise Killed
        real(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(torch, "save", save)
        with pytest.raises(Killed):
            saver.save_and_keep_only(meta={"uar": 0.9, "epoch": 2}, max_keys=["uar"])
    again = checkpointer(tmp_path)
    assert again.recover_if_possible(max_key="uar").meta["epoch"] == 1
    assert len(list(tmp_path.iterdir())) == 1


def test_the_best_and_the_newest_are_kept(tmp_path):
    saver = checkpointer(tmp_path)
    for epoch, uar in enumerate([0.2, 0.8, 0.5, 0.4], 1):
        saver.save_and_keep_only(meta={"uar": uar, "epoch": epoch}, max_keys=["uar"])
    assert {c.meta["epoch"] for c in saver.list_checkpoints()} == {2, 4}
    assert saver.recover_if_possible(max_key="uar").meta["epoch"] == 2


def test_every_random_state_comes_back(tmp_path):
    def draw():
        return random.random(), np.random.rand(), torch.rand(1).item()

    saver = checkpointer(tmp_path, random=RandomState())
    draw()
    saver.save_checkpoint()
    wanted = draw()
    draw()
    saver.recover_if_possible()
    assert draw() == wanted
