"""Frames that are heard once are those that would be heard again."""

import numpy as np
import pytest
import torch

from ser_plugins import make_features
from ser_plugins.core.data import ClipDataset, ordered_loader
from ser_plugins.core.frames import FrameDataset, heard_rows
from ser_plugins.core.front_end import FrontEnd

SIZES = (400, 3000, 1, 8000, 2999)


@pytest.fixture
def clips():
    random = np.random.default_rng(0)
    sounds = {f"c{i}": random.normal(size=n).astype(np.float32) for i, n in enumerate(SIZES)}
    rows = [{"id": id, "label": "sad"} for id in sounds]
    return ClipDataset(rows, sounds, FrontEnd(16000, None, "none"), ["happy", "sad"])


def heard(clips, features):
    return FrameDataset(clips, dict(heard_rows(features, clips, 2)))


def test_they_are_the_frames_of_each_clip_alone(clips):
    features = make_features("mfcc")
    found = heard(clips, features)
    for i in range(len(SIZES)):
        alone = features(clips[i]["sig"][None], torch.ones(1))[0][0]
        torch.testing.assert_close(found[i]["frames"], alone, atol=1e-3, rtol=1e-4)
        assert found[i]["id"] == f"c{i}" and found[i]["target"].tolist() == [0, 1]


def test_hearing_changes_nothing_that_features_hold(clips):
    class Counts(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.norm = torch.nn.BatchNorm1d(1)

        def forward(self, wavs, lengths):
            return self.norm(wavs[:, None]).mT, lengths

    features = Counts()
    heard(clips, features)
    assert features.norm.num_batches_tracked == 0


def test_batches_are_padded_with_zeros_and_say_how_long_each_is(clips):
    found = heard(clips, make_features("mfcc"))
    (batch,) = ordered_loader(found, 8)
    frames, lengths = batch.frames
    real = (lengths * frames.shape[1]).round().int().tolist()
    assert real == sorted(1 + size // 160 for size in SIZES)
    assert not frames[0, real[0] :].any()
