"""Noise is as loud as was asked, and is what was asked: white, or from the files of a folder."""

import numpy as np
import pytest
import soundfile
import torch
from waveforms import RATE, decibels, generators, tone

from ser_plugins import make_augmentation
from ser_plugins.core.errors import OptionError


def tones(n=4):
    return tone(760).repeat(n, 1) * torch.logspace(-2, 0, n)[:, None]


def added(options, clean, lengths=None, rows=None):
    """Return the noise alone, `[B, T]`."""
    rows = generators(len(clean)) if rows is None else rows
    lengths = torch.ones(len(clean)) if lengths is None else lengths
    return make_augmentation("noise", **options)(clean, lengths, rows)[0] - clean


@pytest.fixture
def folder(tmp_path):
    """Noise of two known rates, at the root and below it: buzz at 2 kHz, hum at 50 Hz."""
    (tmp_path / "noise" / "deep").mkdir(parents=True)
    for name, hertz, rate in (("buzz.flac", 2000, 44100), ("deep/hum.wav", 50, 8000)):
        wav = np.sin(2 * np.pi * hertz * np.arange(3 * rate) / rate)
        soundfile.write(tmp_path / "noise" / name, 0.2 * wav, rate)
    return str(tmp_path / "noise")


@pytest.mark.parametrize("from_files", [False, True])
@pytest.mark.parametrize("db", [0.0, 10.0, 30.0])
def test_noise_has_the_ratio_that_was_asked(db, from_files, folder):
    clean, lengths = tones(), torch.tensor([1.0, 0.75, 0.5, 0.25])
    for row, length in zip(clean, lengths, strict=True):
        row[int(16000 * length) :] = 0
    options = {"low_db": db, "high_db": db, "folder": folder if from_files else None}
    ratio = decibels(clean) - decibels(added(options, clean, lengths))
    torch.testing.assert_close(ratio, torch.full((4,), db).double(), atol=1e-3, rtol=0)


def test_noise_is_white():
    spectrum = torch.fft.rfft(added({"low_db": 0, "high_db": 0}, tones(1))).abs()[0] ** 2
    octaves = [spectrum[n : 2 * n].mean() for n in (500, 1000, 2000, 4000)]
    assert max(octaves) / min(octaves) < 1.3


@pytest.mark.parametrize("from_files", [False, True])
def test_a_part_of_the_peak_is_a_bound_that_is_filled(from_files, folder):
    clean = tone(760, 0.25).repeat(100, 1) * torch.logspace(-2, 0, 100)[:, None]
    options = {"max_peak": 0.035, "folder": folder if from_files else None}
    part = (added(options, clean) ** 2).mean(1).sqrt() / clean.abs().amax(1)
    assert part.max() <= 0.0351 and part.max() > 0.033 and part.min() < 0.002


def test_the_part_of_the_peak_is_of_the_real_samples():
    clean = torch.cat([tone(760), torch.zeros(RATE)])[None]
    noise = added({"max_peak": 0.5}, clean, torch.tensor([0.5]))
    alone = added({"max_peak": 0.5}, clean[:, :RATE])
    torch.testing.assert_close(noise[:, :RATE], alone)
    assert not noise[:, RATE:].any()


def test_noise_of_files_is_of_the_files_each_as_likely(folder):
    noise = added({"folder": folder, "low_db": 0, "high_db": 0}, tones(1).repeat(60, 1))
    pitches = torch.fft.rfft(noise).abs().argmax(1)  # in Hz, of clips of a second
    assert set(pitches.tolist()) == {50, 2000} and 15 < (pitches == 50).sum() < 45


def test_a_stretch_may_be_any_stretch(tmp_path):
    """In a file that glides from 1 to 3 kHz the pitch says where a stretch was."""
    time = np.arange(4 * RATE) / RATE
    glide = np.sin(2 * np.pi * (1000 + 250 * time) * time)
    soundfile.write(tmp_path / "glide.wav", 0.5 * glide, RATE)
    noise = added({"folder": str(tmp_path), "low_db": 0, "high_db": 0}, tones(1).repeat(80, 1))
    middle = torch.fft.rfft(noise[:, 7000:9000] * torch.hann_window(2000)).abs().argmax(1) * 8
    assert 1230 < middle.min() < 1400 and 2600 < middle.max() < 2770


def test_a_file_that_is_short_is_heard_over_and_over(tmp_path):
    wav = np.random.default_rng(0).uniform(-1, 1, 3000)
    soundfile.write(tmp_path / "short.wav", wav, RATE, subtype="FLOAT")
    clean = tones(2) / 1000
    noise = added({"folder": str(tmp_path), "low_db": -60, "high_db": -60}, clean)
    torch.testing.assert_close(noise[:, 3000:6000], noise[:, :3000], atol=1e-3, rtol=1e-3)
    offsets = (noise[:, :3000] / noise.abs().amax()).abs().argmax(1)
    assert offsets[0] != offsets[1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"folder": "nowhere"}, "nowhere cannot be read: No such file"),
        ({"folder": "."}, r"holds no .wav or .flac: give a folder"),
        ({"max_peak": 0}, "max_peak must be above 0"),
        ({"max_peak": 1.5}, "at most 1"),
        ({"low_db": 3, "high_db": 1}, "low_db must not exceed high_db"),
    ],
)
def test_what_cannot_be_is_refused_when_built(options, message):
    with pytest.raises(OptionError, match=message):
        make_augmentation("noise", **options)


def test_a_file_that_is_no_audio_is_named(tmp_path):
    (tmp_path / "broken.wav").write_bytes(b"no audio")
    with pytest.raises(OptionError, match="broken.wav"):
        make_augmentation("noise", folder=str(tmp_path))
