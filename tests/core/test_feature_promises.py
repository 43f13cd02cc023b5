"""The checks of features catch what they are for: each mutant breaks the promise that names it."""

import functools

import pytest
import torch
from torch import nn
from trials import broken_by

from ser_plugins import make_features


class Features(nn.Module):
    """MFCC, to be mutated."""

    def __init__(self):
        super().__init__()
        self.inner = make_features("mfcc")
        self.n_features, self.hop = 40, self.inner.hop

    def __call__(self, wavs, lengths):
        return self.inner(wavs, lengths)


class BatchLevel(Features):
    def __call__(self, wavs, lengths):
        feats, lengths = self.inner(wavs, lengths)
        return feats / feats.abs().max(), lengths


class LogOfZero(Features):
    def __call__(self, wavs, lengths):
        feats, lengths = self.inner(wavs, lengths)
        return feats + wavs.abs().sum(1).log()[:, None, None], lengths


class OneFrameMore(Features):
    def __call__(self, wavs, lengths):
        feats, _ = self.inner(wavs, torch.ones_like(lengths))
        return nn.functional.pad(feats, (0, 0, 0, 1)), lengths


class HearsPadding(Features):
    def __call__(self, wavs, lengths):
        feats, relative = self.inner(wavs, lengths)
        loud = wavs.abs().amax(1)[:, None, None] * (feats != 0)
        return feats + loud, relative


class HeardLettersToo(Features):
    trained_on = "ravdess"


class LosesGainToo(Features):
    portable_options = {}

    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = gain

    def __call__(self, wavs, lengths):
        feats, lengths = self.inner(wavs, lengths)
        return self.gain * feats, lengths


class FreezesRowsToo(LosesGainToo):
    exportable = True

    def __call__(self, wavs, lengths):
        return super().__call__(torch.stack(list(wavs)), lengths)


class WindowStaysBehind(Features):
    def __init__(self):
        super().__init__()
        self.window = torch.ones(40)

    def __call__(self, wavs, lengths):
        feats, lengths = self.inner(wavs, lengths)
        return feats * self.window, lengths


class WindowOfAnFft(Features):
    def __init__(self):
        super().__init__()
        self.window = torch.ones(80)

    def __call__(self, wavs, lengths):
        spectra = torch.stft(wavs, 80, window=self.window, return_complex=True)
        feats, lengths = self.inner(wavs, lengths)
        return feats + 0 * spectra.abs().sum(), lengths


class ThroughNumpy(Features):
    def __call__(self, wavs, lengths):
        return self.inner(torch.from_numpy(wavs.numpy()), lengths)


class NamesTwice(Features):
    names = ("energy",) * 40


class NamesTooFew(Features):
    names = ("energy", "pitch")


class NamesALetter(Features):
    names = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN"


class Dithers(Features):
    def __call__(self, wavs, lengths):
        return self.inner(wavs + 1e-3 * torch.randn_like(wavs), lengths)


def test_honest_features_break_nothing():
    assert not broken_by("features", Features)


@pytest.mark.parametrize(
    ("mutant", "promise"),
    [
        (BatchLevel, "a_clip_is_the_same_in_a_batch"),
        (LogOfZero, "silence_and_extremes_are_finite"),
        (OneFrameMore, "frames_are_counted_as_promised"),
        (HearsPadding, "padding_is_zeros_and_unheard"),
        (Dithers, "features_are_deterministic"),
        (HeardLettersToo, "what_was_heard_is_named"),
        (functools.partial(LosesGainToo, gain=3.0), "a_bundle_can_carry_it"),
        (FreezesRowsToo, "what_declares_exportable_exports"),
        (WindowStaysBehind, "it_moves_to_another_device"),
        (WindowStaysBehind, "no_tensor_is_hidden"),
        (WindowOfAnFft, "it_moves_to_another_device"),
        (ThroughNumpy, "it_moves_to_another_device"),
        (NamesTwice, "columns_are_named_apart"),
        (NamesTooFew, "columns_are_named_apart"),
        (NamesALetter, "columns_are_named_apart"),
    ],
)
def test_mutant_features_are_caught(mutant, promise):
    assert promise in broken_by("features", mutant)
