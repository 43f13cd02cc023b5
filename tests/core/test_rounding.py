"""On a GPU numbers of 32 bits are rounded in training, where it is wanted, and nowhere else.

There need not be one: what torch is told is looked at.
"""

import contextlib
from types import SimpleNamespace

import numpy as np
import pytest
import speechbrain as sb
import torch
from torch import nn

from ser_plugins.core import frames, rounding, scoring
from ser_plugins.core.brain import EmotionBrain
from ser_plugins.core.classifier import SpeechClassifier
from ser_plugins.core.data import ClipDataset


def told():
    """Return whether products of matrices, and convolutions, may be rounded."""
    return torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32


@pytest.fixture(params=[(False, True), (True, True), (False, False)])
def before(request):
    """What a user has told torch, which stays."""
    matmul, cudnn = torch.backends.cuda.matmul, torch.backends.cudnn
    usual = told()
    matmul.allow_tf32, cudnn.allow_tf32 = request.param
    yield request.param
    assert told() == request.param
    matmul.allow_tf32, cudnn.allow_tf32 = usual


@pytest.mark.parametrize("allowed", [True, False])
def test_it_holds_while_it_lasts_and_no_longer(before, allowed):
    with pytest.raises(KeyError), rounding.tf32(allowed):
        assert told() == (allowed, allowed) and not torch.backends.cudnn.benchmark
        raise KeyError
    assert told() == before


@pytest.fixture
def seen(monkeypatch):
    """Collect what torch is told while a system answers."""
    found, real = [], SpeechClassifier.frames

    def record(*arguments):
        found.append(told())
        return real(*arguments)

    monkeypatch.setattr(SpeechClassifier, "frames", record)
    return found


def test_what_is_scored_is_never_rounded(before, seen, small_bundle):
    bundle = small_bundle()
    wav = np.ones(4000, np.float32)
    clips = ClipDataset([{"id": "a", "label": "sad"}], {"a": wav}, bundle.front_end, bundle.labels)
    bundle.probabilities([wav])
    scoring.predict(bundle, clips, 1, "cpu")
    assert seen == [(False, False)] * 2


def test_frames_that_are_kept_are_never_rounded(before, small_bundle):
    bundle, found = small_bundle(), []
    clips = ClipDataset(
        [{"id": "a", "label": "sad"}], {"a": np.ones(4000, np.float32)}, bundle.front_end, ["sad"]
    )

    class Telling(nn.Identity):
        def forward(self, wavs, lengths):
            found.append(told())
            return wavs[..., None], lengths

    list(frames.hear(Telling(), clips, 1))
    assert found == [(False, False)]


class NoneLeftOut:
    """Stands for the batches that are left out."""

    def unless_finite(self, *_):
        return contextlib.nullcontext()


@pytest.mark.parametrize(
    ("wanted", "device", "rounds"),
    [(True, "cuda", True), (False, "cuda", False), (True, "cpu", False)],
)
def test_a_step_is_rounded_on_a_gpu_where_it_is_wanted_and_validation_never(
    before, monkeypatch, wanted, device, rounds
):
    seen, brain = [], object.__new__(EmotionBrain)
    hparams = {"left_out": NoneLeftOut(), "epoch_counter": SimpleNamespace(current=1)}
    brain.hparams = SimpleNamespace(tf32=wanted, **hparams)
    brain.modules = SimpleNamespace(classifier=SimpleNamespace(hears_alike=True, model=None))
    brain.device_type, brain.loss, batch = device, 0.0, SimpleNamespace(id=["a"])
    for name in ("fit_batch", "evaluate_batch"):
        monkeypatch.setattr(sb.Brain, name, lambda *_: seen.append(told()))
    brain.fit_batch(batch)
    brain.evaluate_batch(batch, sb.Stage.VALID)
    assert seen == [(rounds, rounds), (False, False)]
