"""A stack is its parts side by side."""

import numpy as np
import pytest
import torch
from feature_sounds import ours, speechlike
from torch import nn
from trials import broken

from ser_plugins import hookimpl, make_features
from ser_plugins.core import registry
from ser_plugins.core.build import sealed
from ser_plugins.core.errors import OptionError

PARTS = [
    {"log_mel": {"n_mels": 20}, "mfcc": {"deltas": 1}},
    {"handcrafted": {"hop": 160}, "prosody": {"gne": False}, "mfcc": None},
    {"egemaps": None},
]


@pytest.mark.parametrize("parts", PARTS, ids="-".join)
def test_the_columns_are_the_parts_in_order(parts):
    wav = speechlike()[:8000]
    wanted = [ours(name, wav, **(options or {})) for name, options in parts.items()]
    assert np.array_equal(ours("stack", wav, parts=parts), np.concatenate(wanted, 1))


@pytest.mark.parametrize("parts", PARTS, ids="-".join)
def test_a_stack_keeps_every_promise(parts):
    assert not broken("features", "stack", {"parts": parts})


def test_a_bundle_carries_a_part_that_points_outside(checkpoints):
    part = {"source": checkpoints["hubert-layer"], "trained_on": ["heard"]}
    assert not broken("features", "stack", {"parts": {"ssl": part}})
    options = make_features("stack", parts={"ssl": part}).portable_options
    assert "source" not in options["parts"]["ssl"]
    with sealed(), pytest.raises(OptionError, match="takes source from outside of the bundle"):
        make_features("stack", parts={"ssl": part})
    with sealed():
        make_features("stack", **options)


def test_columns_of_one_name_are_told_apart_by_their_part():
    names = make_features("stack", parts={"mfcc": {}, "handcrafted": {"hop": 160}}).names
    assert {"mfcc_mfcc_0", "handcrafted_mfcc_0", "handcrafted_rms"} < set(names)
    assert make_features("stack", parts={"mfcc": {}, "log_mel": {}}).names[0] == "mfcc_0"


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"mfcc": {}, "handcrafted": {}}, "mfcc 160, handcrafted 512"),
        ({"mfcc": {}, "egemaps": {}}, "mfcc 160, egemaps 0"),
        ({}, "no part"),
        ({"mfc": {}}, "did you mean 'mfcc'"),
        ({"mfcc": {"n_mfc": 2}}, "did you mean 'n_mfcc'"),
    ],
)
def test_parts_that_do_not_fit_are_refused(parts, words):
    with pytest.raises(ValueError, match=words):
        make_features("stack", parts=parts)


class Heard(nn.Module):
    """Trained features without names."""

    hop, n_features = 160, 2

    def __init__(self, corpora=("toy",)):
        super().__init__()
        self.trained_on = tuple(corpora)

    def forward(self, wavs, lengths):
        frames = 1 + wavs.shape[1] // self.hop
        return torch.zeros(len(wavs), frames, 2), lengths


class HeardMore(Heard):
    def __init__(self):
        super().__init__(("toy", "other"))


class Plugin:
    @hookimpl
    def ser_features(self):
        return {"heard": Heard, "heard_more": HeardMore}


def test_a_stack_has_heard_what_its_parts_have_heard(monkeypatch):
    plugins = registry.Registry()
    plugins.add(Plugin(), "here")
    for name in ("stack", "mfcc"):
        module = registry.default().origin("features", name)
        plugins.add(__import__(module, fromlist=["x"]), module)
    monkeypatch.setattr(registry, "default", lambda: plugins)
    stack = make_features("stack", parts={"heard": {}, "mfcc": {}, "heard_more": {}})
    assert stack.trained_on == ("other", "toy")
    assert stack.names[:2] == ["heard_0", "heard_1"]
    assert make_features("stack", parts={"mfcc": {}}).trained_on == ()
