"""Core gives a model what it declares that it needs."""

import pytest
import torch
from torch import nn

from ser_plugins import make_features
from ser_plugins.core.classifier import SpeechClassifier
from ser_plugins.core.normalize import Normalize


class NeedsEqualLengths(nn.Module):
    """Averages over all frames, padding too, and fails under five."""

    padding_safe, min_frames = False, 5

    def forward(self, feats, lengths):
        if feats.shape[1] < 5:
            raise RuntimeError("too short")
        return feats.mean(1)[:, :3]


def classifier():
    return SpeechClassifier(make_features("mfcc"), Normalize("none", 40), NeedsEqualLengths())


@pytest.mark.parametrize("samples", [1, 160, 4000, 8000])
def test_a_model_that_padding_would_change_gets_equal_lengths(samples):
    wav = torch.randn(samples, generator=torch.Generator().manual_seed(0))
    batch = torch.zeros(3, 8000)
    batch[1, :samples] = wav
    batch[0] = batch[2] = torch.ones(8000)
    lengths = torch.tensor([1.0, samples / 8000, 1.0])
    together = classifier().eval()(batch, lengths)
    alone = classifier().eval()(wav[None], torch.ones(1))
    torch.testing.assert_close(together[1:2], alone, rtol=1e-4, atol=1e-3)


def test_training_keeps_a_batch_whole():
    """Batch norm has no variance over a clip that is alone."""

    class Normed(NeedsEqualLengths):
        def __init__(self):
            super().__init__()
            self.norm = nn.BatchNorm1d(3)

        def forward(self, feats, lengths):
            return self.norm(super().forward(feats, lengths))

    system = SpeechClassifier(make_features("mfcc"), Normalize("none", 40), Normed())
    wavs, lengths = torch.randn(3, 8000), torch.tensor([1.0, 0.7, 0.5])
    assert system.train()(wavs, lengths).shape == (3, 3)


def test_what_stands_between_frames_and_classes_can_be_changed():
    system, wavs = classifier(), torch.randn(2, 8000)
    feats, lengths = system.frames(wavs, torch.ones(2))
    torch.testing.assert_close(system.classify(feats, lengths), system(wavs, torch.ones(2)))
    assert feats.any() and not system.classify(feats * 0, lengths).any()


def test_a_model_that_does_not_attend_says_so():
    assert classifier().attention(torch.randn(1, 8000), torch.ones(1)) is None
