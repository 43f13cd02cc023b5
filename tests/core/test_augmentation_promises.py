"""The checks of augmentations catch what they are for: each mutant breaks its promise."""

import pytest
import torch
from torch import nn
from trials import broken_by


class Loudness:
    """The smallest honest augmentation, to be mutated."""

    domain = "wave"

    def __call__(self, wavs, lengths, generators):
        return wavs * torch.cat([torch.rand(1, generator=g) for g in generators])[:, None], lengths


class Global(Loudness):
    def __call__(self, wavs, lengths, generators):
        return wavs * torch.rand(len(wavs), 1), lengths


class Identity(Loudness):
    def __call__(self, wavs, lengths, generators):
        return wavs.clone(), lengths


class InPlace(Loudness):
    def __call__(self, wavs, lengths, generators):
        return wavs.mul_(torch.rand(1, generator=generators[0])), lengths


class InPlaceByRow(Loudness):
    def __call__(self, wavs, lengths, generators):
        changed, lengths = super().__call__(wavs, lengths, generators)
        return wavs.copy_(changed), lengths


class OneForAll(Loudness):
    def __call__(self, wavs, lengths, generators):
        return wavs * torch.rand(1, generator=generators[0]), lengths


class PowerOfSilence(Loudness):
    def __call__(self, wavs, lengths, generators):
        out, lengths = super().__call__(wavs, lengths, generators)
        return out / out.std(1, keepdim=True), lengths


class Doubles(Loudness):
    def __call__(self, wavs, lengths, generators):
        out, lengths = super().__call__(wavs, lengths, generators)
        return out.double(), lengths


class LongerUnsaid(Loudness):
    def __call__(self, wavs, lengths, generators):
        out, lengths = super().__call__(wavs, lengths, generators)
        return nn.functional.pad(out, (0, 1000)), lengths


class ShorterUnsaid(Loudness):
    def __call__(self, wavs, lengths, generators):
        out, lengths = super().__call__(wavs, lengths, generators)
        return out, lengths / 2


class InSamples(Loudness):
    def __call__(self, wavs, lengths, generators):
        out, lengths = super().__call__(wavs, lengths, generators)
        return out, lengths * wavs.shape[1]


class WrongDomain(Loudness):
    domain = "sound"


class NoDomain:
    """An augmentation that does not say what it changes."""

    __call__ = Loudness.__call__


def test_an_honest_augmentation_breaks_nothing():
    assert not broken_by("augmentations", Loudness)


@pytest.mark.parametrize(
    ("mutant", "promise"),
    [
        (Global, "same_numbers_same_sound"),
        (Identity, "other_numbers_other_sound"),
        (InPlace, "form_is_kept"),
        (OneForAll, "rows_are_drawn_alone"),
        (Doubles, "form_is_kept"),
        (LongerUnsaid, "lengths_fit_the_rows"),
        (ShorterUnsaid, "lengths_fit_the_rows"),
        (InSamples, "lengths_fit_the_rows"),
        (PowerOfSilence, "silence_stays_finite"),
        (WrongDomain, "the_domain_is_known"),
        (NoDomain, "the_domain_is_known"),
    ],
)
def test_a_mutant_augmentation_is_caught(mutant, promise):
    assert promise in broken_by("augmentations", mutant)


def test_what_writes_to_its_input_is_told_so_alone():
    assert list(broken_by("augmentations", InPlaceByRow)) == ["form_is_kept"]


def test_what_has_no_domain_is_told_in_words_once():
    hint = "domain is None; give it domain = 'wave' or 'feats'"
    assert broken_by("augmentations", NoDomain) == {"the_domain_is_known": hint}
