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


def test_cnn_bigru_as_published_hears_100_frames_and_says_so():
    model, feats = make_model("cnn_bigru", 40, 8, original=True).eval(), torch.randn(1, 300, 40)
    late = torch.cat([feats[:, :100], -feats[:, 100:]], 1)
    torch.testing.assert_close(model(late, torch.ones(1)), model(feats, torch.ones(1)))
    assert any("100 frames" in fault for fault in model.faults)
    assert make_model("cnn_bigru", 40, 8).faults == ()


def test_cnn_bilstm_attention_is_the_published_network():
    model = make_model("cnn_bilstm_attention", 128, 8)
    assert [[type(layer).__name__ for layer in block] for block in model.blocks] == [
        ["Conv2d", "ReLU", "BatchNorm2d"]
    ] * 2
    assert [block[0].out_channels for block in model.blocks] == [32, 64]
    assert model.lstm.input_size == 64 * 32 and model.lstm.hidden_size == 128
    assert model.lstm.bidirectional and model.drop_channels.p == model.dropout.p == 0.2


def test_crnn_is_the_published_network():
    model = make_model("crnn", 40, 8)
    assert [block[0].out_channels for block in model.blocks] == [128, 256, 512]
    assert {block[0].kernel_size for block in model.blocks} == {(5,)}
    assert model.gru.hidden_size == 128 and model.gru.bidirectional and model.dropout.p == 0.3


def test_crnn_averages_its_steps():
    model = make_model("crnn", 40, 8).eval()
    frames = torch.randn(1, 1, 40).repeat(1, 160, 1)
    model.gru = Constant()
    whole, half = (model(frames[:, :n], torch.ones(1)) for n in (160, 80))
    torch.testing.assert_close(whole, half)


class Constant(torch.nn.GRU):
    """Gives ones at each step, whatever it hears."""

    def __init__(self):
        super().__init__(512, 128, batch_first=True, bidirectional=True)

    def forward(self, packed):
        ones = torch.ones(len(packed.data), 256)
        return packed._replace(data=ones), None


def test_cnn1d_hears_the_middle_of_a_clip():
    model = make_model("cnn1d", 3, 4, n_frames=16)
    feats = torch.arange(1, 41.0)[None, :, None].repeat(2, 1, 3)
    middle = model.middle(feats, torch.tensor([1.0, 0.25]))
    assert middle[0, :, 0].tolist() == list(range(13, 29))
    assert middle[1, :, 0].tolist() == [0] * 3 + list(range(1, 11)) + [0] * 3


def test_cnn_lstm_attention_remembers_more_than_one_step():
    """Published, the second LSTM is given one step: the order of the attended ones is lost."""
    model = make_model("cnn_lstm_attention", 40, 8).eval()
    steps = torch.randn(1, 6, 128)
    model.encode = lambda feats, lengths: (feats, torch.tensor([6]))
    there, back = (model(x, torch.ones(1)) for x in (steps, steps.flip(1)))
    assert (there - back).abs().max() > 1e-4


def test_pooled_linear_has_the_statistics_of_the_real_frames():
    feats = torch.randn(2, 50, 7)
    found = make_model("pooled_linear", 7, 3).statistics(feats, torch.tensor([1.0, 0.5]))
    for row, real in zip(found, (feats[0], feats[1, :25]), strict=True):
        torch.testing.assert_close(row[:7], real.mean(0))
        torch.testing.assert_close(row[7:], real.std(0, unbiased=False))


@pytest.mark.parametrize(
    ("name", "options"),
    [("crnn", {"kernel": 4}), ("cnn1d", {"kernel": 4}), ("cnn1d", {"n_frames": 100})],
)
def test_sizes_that_cannot_be_are_refused(name, options):
    with pytest.raises(ValueError, match="got"):
        make_model(name, 40, 8, **options)
