"""Batches that are not finite are left out and named, and are not taken too often."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from ser_plugins.core.brain import EmotionBrain
from ser_plugins.core.errors import InputError
from ser_plugins.core.nonfinite import LeftOut, NonFiniteError, check_gradients, check_loss


def leave_out(left_out, module=None, ids=("a", "b")):
    with left_out.unless_finite(module or nn.Linear(1, 1), ids, 2):
        check_loss(float("nan"))


def test_two_in_a_row_are_named_and_the_third_stops(caplog):
    left_out = LeftOut()
    leave_out(left_out)
    leave_out(left_out)
    assert caplog.text.count("the loss is nan in epoch 2 for the clips a, b") == 2
    with pytest.raises(InputError, match="for the clips c, as for the 2 batches before.*--lr"):
        leave_out(left_out, ids=("c",))


def test_a_good_batch_between_begins_to_count_anew():
    left_out = LeftOut()
    for _ in range(5):
        leave_out(left_out)
        leave_out(left_out)
        with left_out.unless_finite(nn.Linear(1, 1), (), 1):
            check_loss(1.0)
    assert left_out.in_a_row == 0


def test_buffers_are_put_back():
    norm = nn.BatchNorm1d(3)
    with LeftOut().unless_finite(norm, (), 1):
        norm(torch.full((4, 3), float("nan")))
        raise NonFiniteError("it is not finite")
    assert norm.running_mean.isfinite().all() and norm.num_batches_tracked == 0


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_gradients_that_are_not_finite_are_refused(bad):
    check_gradients(torch.tensor(5.0))
    with pytest.raises(NonFiniteError, match="gradients"):
        check_gradients(torch.tensor(bad))


def test_the_count_is_kept_over_a_kill(tmp_path):
    left_out, again = LeftOut(), LeftOut()
    leave_out(left_out)
    left_out.save(tmp_path / "count")
    again.load(tmp_path / "count", end_of_epoch=False)
    assert again.in_a_row == 1


def half_precision(scale):
    """Stand for a training loop in fp16 whose scaler has some scale."""
    module = nn.Linear(1, 1)
    return SimpleNamespace(
        modules=module,
        part=1.0,
        optimizer=torch.optim.SGD(module.parameters(), 0.1),
        scaler=torch.amp.GradScaler("cpu", init_scale=scale),
        max_grad_norm=5.0,
        optimizer_step=0,
    )


def step(brain, by):
    brain.optimizer.zero_grad()
    loss = brain.modules(torch.ones(1, 1)).sum() * by
    brain.scaler.scale(loss).backward()
    EmotionBrain.optimizers_step(brain)


def test_a_scale_that_is_too_large_leaves_a_step_out_and_is_halved():
    brain = half_precision(4.0)
    before = brain.modules.weight.clone()
    step(brain, float("nan"))
    assert torch.equal(brain.modules.weight, before) and brain.scaler.get_scale() == 2
    step(brain, 1.0)
    assert not torch.equal(brain.modules.weight, before)


def test_gradients_that_no_scale_makes_finite_are_refused():
    brain = half_precision(1.0)
    for _ in range(2):
        with pytest.raises(NonFiniteError, match="gradients"):
            step(brain, float("nan"))
    before = brain.modules.weight.clone()
    step(brain, 1.0)
    assert not torch.equal(brain.modules.weight, before)
