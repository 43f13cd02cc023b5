"""Facts about each model that its docstring states."""

import re

import pytest
import torch

from ser_plugins import make_model
from ser_plugins.core import registry


def parameters(model):
    return sum(p.numel() for p in model.parameters())


@pytest.mark.parametrize("name", registry.default().names("models"))
def test_the_parameter_count_is_the_one_its_module_states(name):
    import sys

    module = sys.modules[f"ser_plugins.models.{name}"]
    stated = re.search(r"([\d,]+) parameters with (\d+) features and (\d+) classes", module.__doc__)
    count, n_features, n_classes = (int(group.replace(",", "")) for group in stated.groups())
    assert parameters(make_model(name, n_features, n_classes)) == count


def test_cnn_bigru_is_the_published_network():
    model = make_model("cnn_bigru", 40, 8)
    assert [block[0].out_channels for block in model.blocks] == [32, 64, 128, 256, 512]
    assert model.gru.input_size == 512 and model.gru.hidden_size == 128
    assert [layer.out_features for layer in model.head] == [64, 512, 8]


@pytest.mark.parametrize("frames", [1, 2, 31, 32, 33, 320])
def test_cnn_bigru_halves_time_five_times_rounding_up(frames):
    weights = (
        make_model("cnn_bigru", 40, 8).eval().attention(torch.randn(1, frames, 40), torch.ones(1))
    )
    assert weights.shape == (1, -(-frames // 32))


def test_cnn_bigru_steps_through_time():
    """The original reshapes channels into time: a late change would move early steps."""
    model, feats = make_model("cnn_bigru", 40, 8).eval(), torch.randn(1, 640, 40)
    model.gru = torch.nn.GRU(512, 128, batch_first=True, bidirectional=True)
    late = feats.clone()
    late[:, 560:] += 5
    with torch.no_grad():
        steps, changed = (model.encode(x, torch.ones(1))[0][..., :128] for x in (feats, late))
    torch.testing.assert_close(changed[:, :15], steps[:, :15])
    assert not torch.allclose(changed[:, 18:], steps[:, 18:])


@pytest.mark.parametrize("n_features", [1, 3, 31, 80, 200])
def test_cnn_bigru_takes_any_number_of_features(n_features):
    logits = make_model("cnn_bigru", n_features, 4)(torch.randn(2, 40, n_features), torch.ones(2))
    assert logits.shape == (2, 4)
