"""Zero-crossing rate and energy are librosa's, and the cepstra are those of the other plugin."""

import librosa
import numpy as np
import pytest
import torch
from feature_sounds import column, ours, speechlike, tone

from ser_plugins import make_features

SETTINGS = [{}, {"window": 400, "hop": 160, "n_mels": 40}, {"window": 512, "hop": 100}]
LENGTHS = [1, 300, 2048, 20800]


@pytest.mark.parametrize("samples", LENGTHS)
@pytest.mark.parametrize("settings", SETTINGS)
def test_rate_and_energy_are_librosas(samples, settings):
    wav = speechlike()[:samples]
    frame = {"frame_length": settings.get("window", 2048), "hop_length": settings.get("hop", 512)}
    found = ours("handcrafted", wav, **settings)
    rate = librosa.feature.zero_crossing_rate(wav, **frame)[0]
    energy = librosa.feature.rms(y=wav, **frame)[0]
    assert np.allclose(found[:, 0], rate, rtol=1e-3, atol=1e-7)
    assert np.allclose(found[:, 1], energy, rtol=1e-3, atol=1e-7)


def test_the_cepstra_are_librosas():
    wav = speechlike()
    wanted = librosa.feature.mfcc(
        y=wav, sr=16000, n_mfcc=40, n_mels=128, n_fft=2048, hop_length=512, pad_mode="constant"
    )
    found = ours("handcrafted", wav)[:, 2:]
    assert np.abs(found - wanted.T).max() < 1e-3 * np.abs(wanted).max()


@pytest.mark.parametrize("hertz", [100, 1000, 3000])
def test_a_tone_crosses_zero_twice_a_period(hertz):
    rate = column("handcrafted", tone(hertz), "zero_crossing_rate")
    assert rate[5:-5] == pytest.approx(2 * hertz / 16000, abs=2 / 2048)


def test_the_energy_of_a_tone_is_its_amplitude_over_the_root_of_two():
    assert column("handcrafted", tone(500), "rms")[5:-5] == pytest.approx(0.2 / 2**0.5, rel=1e-3)


def test_twice_as_loud_is_twice_the_energy_and_the_same_rate():
    wav = speechlike()[:16000]
    one, two = ours("handcrafted", wav), ours("handcrafted", 2 * wav)
    assert np.allclose(two[:, 1], 2 * one[:, 1]) and np.array_equal(two[:, 0], one[:, 0])


def test_the_end_of_a_clip_is_the_same_before_padding():
    """The last sample stands for those beyond it, not the zeros of the batch."""
    clip = torch.from_numpy(-speechlike()[:7000].__abs__())
    features = make_features("handcrafted")
    alone = features(clip[None], torch.ones(1))[0]
    padded = torch.cat([clip, torch.ones(9000)])[None]
    beside = features(padded, torch.tensor([7000 / 16000]))[0]
    assert not alone[0, :, 0].any()
    assert torch.allclose(beside[:, : alone.shape[1]], alone, atol=1e-4)


@pytest.mark.parametrize("window", [0, 401])
def test_a_window_without_a_middle_is_refused(window):
    with pytest.raises(ValueError, match="even number of samples"):
        make_features("handcrafted", window=window)


def test_zero_is_positive_as_in_librosa():
    wav = np.tile(np.float32([0, 0.5, 0, -0.5, 1e-12, -1e-12]), 900)
    wanted = librosa.feature.zero_crossing_rate(wav)[0]
    assert np.array_equal(column("handcrafted", wav, "zero_crossing_rate"), wanted)
