"""Features are the field's: they agree with librosa, and say what sound says."""

import librosa
import numpy as np
import pytest
import torch
import torchaudio
from feature_sounds import ours, speechlike, tone

from ser_plugins import make_features
from ser_plugins.features._power import PowerSpectrogram

SETTINGS = [
    {},
    {"n_fft": 1024, "win_length": 1024, "hop": 256, "n_mels": 40},
    {"n_fft": 512, "win_length": 320, "hop": 128, "n_mels": 30, "f_min": 80.0, "f_max": 7600.0},
]


def librosas(wav, n_fft=512, win_length=400, hop=160, n_mels=64, f_min=0.0, f_max=None):
    power = librosa.feature.melspectrogram(
        y=wav, sr=16000, n_fft=n_fft, win_length=win_length, hop_length=hop, n_mels=n_mels,
        fmin=f_min, fmax=f_max, pad_mode="constant",
    )  # fmt: skip
    return librosa.power_to_db(power, top_db=80)


@pytest.mark.parametrize("settings", SETTINGS)
def test_log_mel_is_librosas(settings):
    wav = speechlike()
    wanted = librosas(wav, **settings).T
    assert np.abs(ours("log_mel", wav, **settings) - wanted).max() < 1e-3 * np.abs(wanted).max()


@pytest.mark.parametrize("settings", SETTINGS)
def test_mfcc_is_librosas(settings):
    wav = speechlike()
    wanted = librosa.feature.mfcc(S=librosas(wav, **settings), n_mfcc=20).T
    found = ours("mfcc", wav, n_mfcc=20, **settings)
    assert np.abs(found - wanted).max() < 1e-3 * np.abs(wanted).max()


def test_power_is_torchaudios():
    wav = torch.from_numpy(speechlike())[None, None]
    options = {"n_fft": 512, "win_length": 400, "hop_length": 160, "pad_mode": "constant"}
    wanted = torchaudio.transforms.Spectrogram(**options)(wav)
    torch.testing.assert_close(PowerSpectrogram(**options)(wav), wanted, rtol=1e-5, atol=0)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("seconds", [0.005, 0.03, 0.085, 0.2, 1.3])
@pytest.mark.parametrize("name", ["mfcc", "log_mel"])
def test_deltas_are_librosas(name, seconds, order):
    wav = speechlike()[: int(seconds * 16000)]
    static = ours(name, wav)
    found = ours(name, wav, deltas=order)[:, -static.shape[1] :]
    wanted = librosa.feature.delta(static.T, order=order, mode="nearest").T
    assert np.abs(found - wanted).max() <= 1e-3 * np.abs(wanted).max() + 1e-5


@pytest.mark.parametrize("name", ["mfcc", "log_mel"])
def test_deltas_come_behind_and_see_real_frames_only(name):
    wav = speechlike()
    alone = ours(name, wav[:4000], deltas=2)
    features = make_features(name, deltas=2)
    batch, lengths = torch.from_numpy(np.stack([wav, wav])), torch.tensor([4000 / len(wav), 1.0])
    beside = features(batch, lengths)[0][0, : len(alone)].numpy()
    third = len(features.names) // 3
    assert np.array_equal(alone[:, :third], ours(name, wav[:4000]))
    assert np.allclose(alone, beside, atol=1e-3)
    assert features.names[2 * third] == features.names[0] + "_delta2"


@pytest.mark.parametrize("deltas", [-1, 3, "1"])
def test_other_deltas_are_refused(deltas):
    with pytest.raises(ValueError, match="must be 0, 1 or 2"):
        make_features("mfcc", deltas=deltas)


def test_a_tone_is_in_its_band():
    bands = librosa.mel_frequencies(66, fmin=0, fmax=8000)[1:-1]
    for hertz in (300, 1000, 4000):
        loudest = ours("log_mel", tone(hertz))[50].argmax()
        assert abs(loudest - np.abs(bands - hertz).argmin()) <= 1


def test_ten_times_louder_is_20_db_more():
    wav = speechlike()[:16000]
    difference = ours("log_mel", 10 * wav) - ours("log_mel", wav)
    assert np.allclose(difference, 20, atol=1e-2)


def test_louder_moves_only_the_first_coefficient():
    wav = speechlike()[:16000]
    difference = ours("mfcc", 10 * wav) - ours("mfcc", wav)
    assert np.allclose(difference[:, 0], 20 * np.sqrt(64), atol=0.1)
    assert np.abs(difference[:, 1:]).max() < 0.05
