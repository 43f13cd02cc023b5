"""Prosody says what a voice does: its pitch, how steady it is, and how much of it is noise."""

import numpy as np
import pytest
from feature_sounds import RATE, column, ours, tone

from ser_plugins import make_features

INNER = slice(5, -5)  # frames that lie within the clip


def noise(level, samples=RATE):
    return (level * np.random.default_rng(0).normal(size=samples)).astype(np.float32)


def pulses(period=80, jitter=0.0, shimmer=0.0):
    """A train of decaying pulses, a second long, whose periods and heights vary by so much."""
    random = np.random.default_rng(1)
    gaps = period * (1 + jitter * random.normal(size=RATE // period))
    at = np.cumsum(gaps).round().astype(int)
    wav = np.zeros(RATE, np.float32)
    at = at[at < RATE]
    wav[at] = 0.5 * (1 + shimmer * random.normal(size=len(at)))
    return np.convolve(wav, np.exp(-np.arange(40) / 6))[:RATE].astype(np.float32)


@pytest.mark.parametrize("partials", [1, 7])
@pytest.mark.parametrize("hertz", [90, 130, 200, 217, 333, 450])
def test_the_pitch_of_a_tone_is_its_frequency(hertz, partials):
    pitch = column("prosody", tone(hertz, partials=partials), "f0_hz", gne=False)
    assert pitch[INNER] == pytest.approx(hertz, abs=1)


def test_mean_pitch_is_that_of_the_voiced_frames():
    wav = np.concatenate([np.zeros(6400, np.float32), tone(200, 0.5), noise(0.01, 6400)])
    voiced, pitch = (column("prosody", wav, name, gne=False) for name in ("voiced", "f0_hz"))
    assert pitch.mean() / voiced.mean() == pytest.approx(200, abs=2)
    assert voiced.sum() == pytest.approx(50, abs=5)


@pytest.mark.parametrize("rate", [8000, 22050, 48000])
def test_pitch_is_in_hertz_at_any_rate(rate):
    wav = tone(200, rate=rate, partials=5)
    found = ours("prosody", wav, rate, gne=False)
    assert found[12:-12, 1] == pytest.approx(200, abs=1)


def test_a_glide_is_followed():
    hertz = np.linspace(120, 240, RATE)
    wav = (0.2 * np.sin(2 * np.pi * np.cumsum(hertz) / RATE)).astype(np.float32)
    pitch = column("prosody", wav, "f0_hz", gne=False)[INNER]
    assert np.abs(pitch - hertz[::160][5 : 5 + len(pitch)]).max() < 3


@pytest.mark.parametrize("wav", [noise(0.1), np.zeros(RATE, np.float32)], ids=["noise", "silence"])
def test_without_a_voice_there_is_no_pitch(wav):
    for name in ("voiced", "f0_hz", "jitter_db", "shimmer_db"):
        assert not column("prosody", wav, name, gne=False).any()


@pytest.mark.parametrize("name", ["hnr_db", "gne_db"])
def test_noise_lowers(name):
    clean = tone(150, partials=20)
    means = [column("prosody", clean + noise(x), name)[INNER].mean() for x in (0.001, 0.03, 0.3)]
    assert means[0] > means[1] + 1 > means[2] + 2


def test_uneven_periods_are_jitter_and_uneven_heights_are_shimmer():
    def mean(name, wav):
        return column("prosody", wav, name, gne=False)[INNER].mean()

    even = pulses()
    assert mean("jitter_db", pulses(jitter=0.01)) < mean("jitter_db", even) - 3
    assert mean("shimmer_db", pulses(shimmer=0.05)) < mean("shimmer_db", even) - 3
    assert mean("jitter_db", pulses(shimmer=0.05)) == pytest.approx(mean("jitter_db", even))


def test_the_centroid_of_a_tone_is_its_part_of_half_the_rate():
    centroid = column("prosody", tone(2000), "centroid", gne=False)[INNER]
    assert centroid == pytest.approx(2000 / 8000, abs=0.01)


@pytest.mark.parametrize("name", ["f0_hz", "centroid"])
def test_frames_are_centred(name):
    wav = np.concatenate([tone(150, 0.5), tone(300, 0.5)])
    found = column("prosody", wav, name, gne=False)[INNER]
    jump = np.flatnonzero(found > (found[20] + found[70]) / 2)[0]
    assert abs(jump + 5 - 50) <= 2


def test_glottal_noise_can_be_left_out():
    quick, whole = make_features("prosody", gne=False), make_features("prosody")
    assert [name for name in whole.names if name not in quick.names] == ["gne_db"]
    wav = noise(0.1)
    rest = [i for i, name in enumerate(whole.names) if name != "gne_db"]
    assert np.array_equal(ours("prosody", wav)[:, rest], ours("prosody", wav, gne=False))


@pytest.mark.parametrize(
    ("rate", "options", "words"),
    [
        (22050, {}, "multiple of 441, or gne: false"),
        (16000, {"f0_min": 50}, "80 <= f0_min"),
        (16000, {"f0_min": 300, "f0_max": 200}, "f0_min < f0_max"),
        (16000, {"f0_max": 4000}, "< 4000 Hz"),
    ],
)
def test_what_cannot_be_measured_is_refused(rate, options, words):
    with pytest.raises(ValueError, match=words):
        make_features("prosody", rate, **options)
