"""The functionals of eGeMAPS are openSMILE's, and say what a voice says."""

import sys

import numpy as np
import pytest
from feature_sounds import RATE, column, ours, speechlike, tone

from ser_plugins import make_features

PITCH = "F0semitoneFrom27.5Hz_sma3nz_amean"


def test_they_are_those_of_opensmile():
    opensmile = pytest.importorskip("opensmile")
    level = opensmile.FeatureLevel.Functionals
    smile = opensmile.Smile(opensmile.FeatureSet.eGeMAPSv02, level)
    wanted = smile.process_signal(speechlike(), RATE)
    assert np.array_equal(ours("egemaps", speechlike()), wanted.to_numpy())
    assert make_features("egemaps").names == list(wanted.columns)


@pytest.mark.parametrize("hertz", [110, 220])
def test_an_octave_is_twelve_semitones(hertz):
    found = column("egemaps", tone(hertz, partials=10), PITCH)
    assert found == pytest.approx(12 * np.log2(hertz / 27.5), abs=0.2)


def test_louder_is_louder():
    loudness = "loudness_sma3_amean"
    quiet, loud = (column("egemaps", g * speechlike(), loudness) for g in (0.1, 1))
    assert loud > 1.5 * quiet


def test_a_clip_that_is_too_short_gets_silence_behind_it():
    wav = speechlike()
    padded = np.concatenate([wav[:300], np.zeros(660, np.float32)])
    assert np.array_equal(ours("egemaps", wav[:300]), ours("egemaps", padded))


def test_what_is_missing_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "opensmile", None)
    with pytest.raises(ValueError, match=r"pip install '\.\[egemaps\]'"):
        make_features("egemaps")
