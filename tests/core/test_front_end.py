"""Silence is cut at the ends, the level is set, and nothing else happens."""

import numpy as np
import pytest

from ser_plugins.core.errors import OptionError
from ser_plugins.core.front_end import LEVELS, FrontEnd
from ser_plugins.core.loudness import integrated_loudness, k_weighting


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
    loud = FrontEnd(16000, None, "loudness")
    assert loud(wav) == pytest.approx(loud(padded_tone()), rel=1e-4)
    assert integrated_loudness(loud(wav), 16000) == pytest.approx(-23, abs=1e-3)


def test_null_and_none_change_nothing():
    wav = padded_tone()
    assert np.array_equal(FrontEnd(16000, None, "none")(wav), wav)


@pytest.mark.parametrize("size", [1, 159, 160, 5000])
def test_silence_and_short_clips_survive(size):
    for level in LEVELS:
        out = FrontEnd(16000, 35, level)(np.zeros(size, np.float32))
        assert len(out) == size and not out.any()


def test_bad_values_say_what_is_legal():
    with pytest.raises(OptionError, match="none, peak, rms, loudness"):
        FrontEnd(16000, 35, "loud")
    with pytest.raises(OptionError, match="above 0"):
        FrontEnd(16000, -35, "peak")
    with pytest.raises(OptionError, match="8000 Hz or more, not 4000"):
        FrontEnd(4000, 35, "loudness")


def sine(decibels, seconds, hertz=997, rate=48000):
    """A sine whose peak lies so many dB above full scale."""
    times = np.arange(round(seconds * rate)) / rate
    return np.float32(10 ** (decibels / 20) * np.sin(2 * np.pi * hertz * times))


@pytest.mark.parametrize(("rate", "lufs"), [(48000, -3.01), (44100, -3.01), (16000, -2.97)])
@pytest.mark.parametrize("seconds", [0.4, 0.45, 2.0])
def test_the_standards_sine_gets_the_gain_that_the_standard_says(rate, lufs, seconds):
    """ITU-R BS.1770-4, annex 1: 997 Hz at full scale are -3.01 LKFS."""
    first, last, gain = FrontEnd(rate, None, "loudness").measure(sine(0, seconds, rate=rate))
    assert (first, last) == (0, round(seconds * rate))
    assert 20 * np.log10(gain) == pytest.approx(-23 - lufs, abs=0.01)


def test_of_two_tones_that_are_as_loud_the_lower_has_more_power():
    loud = FrontEnd(48000, None, "loudness")
    power = [np.mean(loud(sine(-20, 1, hertz)) ** 2) for hertz in (40, 1000, 6000)]
    assert power[0] > 2 * power[1] > 3 * power[2]


def test_the_filters_at_48_khz_are_those_of_the_standard():
    shelf, high_pass = k_weighting(48000)
    assert shelf[:3] == pytest.approx([1.53512485958697, -2.69169618940638, 1.19839281085285])
    assert shelf[3:] == pytest.approx([1, -1.69065929318241, 0.73248077421585])
    assert high_pass == pytest.approx([1, -2, 1, 1, -1.99004745483398, 0.99007225036621])


@pytest.mark.parametrize(
    ("rate", "levels"),
    [
        (48000, [(-23, 20)]),  # cases 1 to 4 of EBU Tech 3341, as one channel, 3 dB up
        (16000, [(-33, 20)]),
        (48000, [(-36, 10), (-23, 60), (-36, 10)]),
        (16000, [(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)]),
    ],
)
def test_pauses_do_not_count(rate, levels):
    wav = np.concatenate([sine(level + 3.01, length, 1000, rate) for level, length in levels])
    loudest = max(level for level, _ in levels)
    assert integrated_loudness(wav, rate) == pytest.approx(loudest, abs=0.1)
    doubled = np.concatenate([wav, np.zeros_like(wav)])
    assert integrated_loudness(doubled, rate) == pytest.approx(loudest, abs=0.1)


def test_a_clip_of_less_than_a_block_is_measured_whole():
    loud = FrontEnd(16000, None, "loudness")
    for seconds in (0.1, 0.2, 0.399):
        wav = sine(0, seconds, rate=16000)
        assert 20 * np.log10(loud.measure(wav)[2]) == pytest.approx(-20.03, abs=0.05)


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 48000])
def test_one_sample_has_a_loudness(rate):
    out = FrontEnd(rate, 35, "loudness")(np.full(1, 0.01, np.float32))
    assert integrated_loudness(out, rate) == pytest.approx(-23, abs=1e-3)


def test_what_nobody_hears_is_not_made_loud():
    hum = 0.1 * sine(0, 10, 0.1, 16000)
    assert np.array_equal(FrontEnd(16000, None, "loudness")(hum), hum)
