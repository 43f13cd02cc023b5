"""Silence is cut at the ends, the level is set, and nothing else happens."""

import numpy as np
import pytest

from ser_plugins.core.errors import OptionError
from ser_plugins.core.front_end import FrontEnd


def padded_tone(before=8000, tone=4800, after=12000):
    wave = 0.25 * np.sin(2 * np.pi * 500 * np.arange(tone) / 16000)
    return np.concatenate([np.zeros(before), wave, np.zeros(after)]).astype(np.float32)


def test_silence_is_cut_at_both_ends_but_for_a_margin():
    cut = FrontEnd(16000, 35, "none")(padded_tone())
    assert len(cut) == 4800 + 2 * 8 * 160


def test_a_pause_inside_is_kept():
    wav = np.concatenate([padded_tone(), padded_tone()])
    cut = FrontEnd(16000, 35, "none")(wav)
    assert len(cut) == len(wav) - 8000 - 12000 + 2 * 8 * 160


def test_trimming_does_not_depend_on_the_level():
    cut = FrontEnd(16000, 35, "none")
    assert len(cut(padded_tone())) == len(cut(1e-4 * padded_tone()))


@pytest.mark.parametrize("gain", [1e-4, 1.0, 3.0])
def test_level_is_the_same_whatever_the_recording_was(gain):
    wav = np.float32(gain) * padded_tone()
    assert np.abs(FrontEnd(16000, 35, "peak")(wav)).max() == pytest.approx(1, rel=1e-5)
    rms = FrontEnd(16000, None, "rms")(wav)
    assert np.sqrt(np.mean(rms**2)) == pytest.approx(0.1, rel=1e-4)


def test_null_and_none_change_nothing():
    wav = padded_tone()
    assert np.array_equal(FrontEnd(16000, None, "none")(wav), wav)


@pytest.mark.parametrize("size", [1, 159, 160, 5000])
def test_silence_and_short_clips_survive(size):
    for level in ("none", "peak", "rms"):
        out = FrontEnd(16000, 35, level)(np.zeros(size, np.float32))
        assert len(out) == size and not out.any()


def test_bad_values_say_what_is_legal():
    with pytest.raises(OptionError, match="none, peak, rms"):
        FrontEnd(16000, 35, "loud")
    with pytest.raises(OptionError, match="above 0"):
        FrontEnd(16000, -35, "peak")
