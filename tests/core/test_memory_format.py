"""Weights of 2-D convolutions are laid out anew, and nothing else changes."""

import pytest
import torch
from torch import nn

from ser_plugins.core import bundle as bundles
from ser_plugins.core.memory_format import lay_out


def is_last(x):
    return x.is_contiguous(memory_format=torch.channels_last)


def network():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(1, 3, 3), nn.Conv2d(3, 4, 3), nn.Conv3d(4, 2, 1))
    network.free = nn.Parameter(torch.randn(2, 3, 4, 5))
    return network


@pytest.mark.parametrize("channels", [1, 3])
def test_what_convolutions_give_lies_as_their_weights_do(channels):
    convolution, picture = nn.Conv2d(channels, 4, 3), torch.randn(2, channels, 8, 9)
    wanted = convolution(picture)
    for last in (True, False):
        lay_out(convolution, last)
        found = convolution(picture)
        assert is_last(found) is last and found.is_contiguous() is not last
        torch.testing.assert_close(found, wanted)


def test_only_convolutions_are_touched_and_no_value_is():
    one, other = network(), network()
    lay_out(one)
    assert is_last(one[1].weight) and one.free.is_contiguous() and one[2].weight.is_contiguous()
    for here, there in zip(one.parameters(), other.parameters(), strict=True):
        assert torch.equal(here, there)
    lay_out(one, channels_last=False)
    for here, there in zip(one.parameters(), other.parameters(), strict=True):
        assert here.stride() == there.stride()


def test_a_bundle_that_is_read_lies_as_one_that_is_built(small_bundle, tmp_path):
    bundle = small_bundle()
    lay_out(bundle.classifier.model, channels_last=False)
    bundles.write(tmp_path / "bundle", bundle)
    read = bundles.read(tmp_path / "bundle").classifier.model
    assert is_last(read.blocks[1][0].weight) and not is_last(
        bundle.classifier.model.blocks[1][0].weight
    )
