"""ECAPA-TDNN: SpeechBrain's network, as its authors publish it, on clips of any length."""

import pytest
import torch
from speechbrain.lobes.models.ECAPA_TDNN import ECAPA_TDNN

from ser_plugins import make_features, make_model
from ser_plugins.core.classifier import SpeechClassifier
from ser_plugins.core.normalize import Normalize

SMALL = {"channels": 16, "pooled": 24, "attention_channels": 8, "se_channels": 8, "embedding": 12}


def test_it_is_speechbrains_network_with_the_papers_sizes():
    ours, theirs = make_model("ecapa_tdnn", 80, 4).encoder, ECAPA_TDNN(80)
    shapes = {name: tensor.shape for name, tensor in theirs.state_dict().items()}
    assert {name: tensor.shape for name, tensor in ours.state_dict().items()} == shapes


def test_a_clip_without_padding_is_what_speechbrain_makes_of_it():
    model, feats = make_model("ecapa_tdnn", 40, 4, **SMALL).eval(), torch.randn(2, 50, 40)
    torch.testing.assert_close(model(feats, torch.ones(2)), model.head(model.encoder(feats)[:, 0]))


def test_it_needs_the_frames_that_it_declares():
    model = make_model("ecapa_tdnn", 40, 4, **SMALL).eval()
    assert model(torch.randn(1, model.min_frames, 40), torch.ones(1)).shape == (1, 4)
    with pytest.raises(RuntimeError):
        model(torch.randn(1, model.min_frames - 1, 40), torch.ones(1))


@pytest.mark.parametrize("size", range(5, 100, 7))
def test_pooling_leaves_padding_out_and_nothing_else(size):
    model, feats = make_model("ecapa_tdnn", 40, 4, **SMALL).eval(), torch.randn(1, 100, 40)
    heard = []
    for frame in (size - 1, size):  # the last that is real, the first that is not

        def shout(_, given, frame=frame):
            given[0][..., frame] += 10

        with torch.no_grad():
            quiet = model(feats, torch.tensor([size / 100]))
            hook = model.encoder.asp.register_forward_pre_hook(shout)
            heard.append(not torch.equal(model(feats, torch.tensor([size / 100])), quiet))
        hook.remove()
    assert heard == [True, False]


def test_batches_of_unequal_clips_train_it():
    model = make_model("ecapa_tdnn", 40, 3, **SMALL)
    system = SpeechClassifier(make_features("mfcc"), Normalize("clip", 40), model)
    lengths = torch.tensor([1.0, 0.62, 0.0001])
    system.train()(torch.randn(3, 8000), lengths).sum().backward()
    assert all(p.grad.isfinite().all() for p in model.parameters())


def test_widths_that_do_not_divide_are_refused():
    with pytest.raises(ValueError, match="multiple of scale, 8, not 20"):
        make_model("ecapa_tdnn", 40, 3, channels=20)
