"""What stands between the layers of a model does not hear padding."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from ser_plugins import StepAttention, halve, masked_softmax, run_packed


def noise(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("n", [1, 2, 5, 8])
def test_halving_is_a_max_pool_that_rounds_time_up(n):
    pooled, frames = halve(noise(2, 3, n), torch.tensor([n, n]))
    torch.testing.assert_close(pooled, F.max_pool1d(noise(2, 3, n), 2, ceil_mode=True))
    assert frames.tolist() == [-(-n // 2)] * 2


@pytest.mark.parametrize(("bands", "left"), [(1, 1), (2, 1), (5, 2), (40, 20)])
def test_bands_are_halved_down_to_one(bands, left):
    assert halve(noise(1, 4, 6, bands), torch.tensor([6]))[0].shape == (1, 4, 3, left)


@pytest.mark.parametrize("shape", [(1, 3, 9), (1, 3, 9, 4)])
def test_padding_never_wins_against_negative_values(shape):
    x = -1 - noise(*shape).abs()
    x[:, :, 5:] = 100
    pooled, frames = halve(x, torch.tensor([5]))
    alone = halve(x[:, :, :5], torch.tensor([5]))[0]
    torch.testing.assert_close(pooled[:, :, :3], alone)
    assert frames.tolist() == [3] and (alone < 0).all() and not pooled[:, :, 3:].any()


@pytest.mark.parametrize("bands", [4, 5])
def test_halving_keeps_the_memory_format_there_and_back(bands):
    x = noise(2, 8, 7, bands).to(memory_format=torch.channels_last).requires_grad_()
    found = []
    inside = x * 1
    inside.register_hook(found.append)
    pooled, _ = halve(inside, torch.tensor([7, 4]))
    pooled.sum().backward()
    for tensor in (pooled, *found):
        assert tensor.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float32])
def test_padding_below_zero_stays_finite_in_any_precision(kind):
    x = torch.full((1, 1, 3), -20.0, dtype=kind)
    pooled, _ = halve(x, torch.tensor([1]))
    assert pooled.tolist() == [[[-20.0, 0.0]]]


def test_no_weight_falls_on_padding():
    weights = masked_softmax(torch.tensor([[0.0, 1.0, 99.0]]), torch.tensor([2]))
    torch.testing.assert_close(weights[0, :2], torch.tensor([0.0, 1.0]).softmax(0))
    assert weights[0, 2] == 0


def test_every_parameter_of_an_attention_moves_its_weights():
    attention, steps, frames = StepAttention(4), noise(2, 5, 4), torch.tensor([5, 3])
    before = attention(steps, frames)
    for parameter in attention.parameters():
        with torch.no_grad():
            parameter += 1
        assert not torch.allclose(before, before := attention(steps, frames))


@pytest.mark.parametrize("kind", [nn.GRU, nn.LSTM])
def test_a_recurrence_steps_over_real_steps_alone(kind):
    rnn, steps = kind(4, 3, batch_first=True, bidirectional=True), noise(2, 7, 4)
    found = run_packed(rnn, steps, torch.tensor([7, 4]))
    torch.testing.assert_close(found[1:, :4], rnn(steps[1:, :4])[0])
    assert not found[1, 4:].any()
