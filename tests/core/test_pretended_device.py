"""A device that is not there tells where tensors lie, and computes what the CPU does."""

import pytest
import torch
from torch import nn

from ser_plugins.core.promises import pretended_device
from ser_plugins.core.promises.pretended_device import WrongPlaceError

pytestmark = pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU takes its place")
HERE = torch.arange(6.0).reshape(2, 3)


@pytest.fixture
def device():
    with torch.no_grad(), pretended_device.another() as device:
        yield device


@pytest.mark.parametrize(
    "compute",
    [
        lambda x: x + 1,
        lambda x: x.t().reshape(-1).contiguous(),
        lambda x: torch.stack([x, x.new_zeros(2, 3)]).sum(0),
        lambda x: x * torch.arange(3, device=x.device),
        lambda x: x.clone().transpose_(0, 1),
        lambda x: x[torch.tensor([1, 0])],
        lambda x: x[x > 2],
        lambda x: x * torch.tensor(2.0),
        lambda x: torch.full_like(x, x.max().item()),
        lambda x: x.new_tensor(x.tolist()),
        lambda x: torch.tensor(x.tolist(), device=x.device),
        lambda x: torch.as_tensor([1.0], device=x.device) + x,
        lambda x: torch.stft(x, 4, window=torch.ones(4, device=x.device), return_complex=True),
        lambda x: torch.zeros_like(x).copy_(HERE),
        lambda x: HERE.to(x) @ x.T,
    ],
)
def test_what_is_computed_there_lies_there_and_is_the_same(compute, device):
    found = compute(HERE.to(device))
    assert found.device.type == device.type != "cpu"
    assert torch.equal(found.cpu(), compute(HERE.clone())) and found.cpu().device.type == "cpu"


@pytest.mark.parametrize(
    "mix",
    [
        lambda x: x + HERE,
        lambda x: x @ HERE.T,
        lambda x: torch.cat([x, HERE]),
        lambda x: HERE[x.long() > 2],
        lambda x: nn.functional.conv1d(x[None], HERE.reshape(1, 2, 3)),
        lambda x: x + torch.zeros(3),
        lambda x: x.numpy(),
        lambda x: nn.Linear(3, 3)(x),
        lambda x: nn.utils.rnn.pack_padded_sequence(x[..., None], x[:, 2].long(), True, False),
    ],
)
def test_devices_do_not_mix(mix, device):
    there = HERE.to(device)
    with pytest.raises((WrongPlaceError, RuntimeError), match="CPU|cpu"):
        mix(there)


def test_a_module_moves_whole_and_afterwards_all_is_as_before(device):
    module = nn.Sequential(nn.BatchNorm1d(3), nn.GRU(3, 2)).to(device)
    assert {x.device.type for x in module.state_dict().values()} == {device.type}
    assert module(HERE.to(device))[0].device.type == device.type
    assert (HERE + torch.ones(3)).device.type == "cpu"
