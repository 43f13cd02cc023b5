"""Decoding: any rate, any channels, and plain words for what is no audio."""

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ser_plugins.core.audio import locate, read_audio, seconds_of
from ser_plugins.core.errors import CorpusError


def tone(hertz, rate, seconds=1.0):
    return 0.5 * np.sin(2 * np.pi * hertz * np.arange(int(rate * seconds)) / rate)


@pytest.mark.parametrize("rate", [8000, 16000, 24414, 44100, 48000, 96000])
def test_a_tone_keeps_its_pitch_level_and_duration_at_any_rate(tmp_path, rate):
    soundfile.write(tmp_path / "a.wav", tone(440, rate), rate)
    wav = read_audio(tmp_path / "a.wav", 16000)
    assert wav.dtype == np.float32 and abs(len(wav) - 16000) <= 1
    spectrum = np.abs(np.fft.rfft(wav))
    assert abs(spectrum.argmax() * 16000 / len(wav) - 440) < 1.5
    assert np.sqrt(np.mean(wav**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.02)


def test_channels_are_averaged(tmp_path):
    stereo = np.stack([tone(440, 16000), -tone(440, 16000)], 1)
    soundfile.write(tmp_path / "a.wav", stereo, 16000, subtype="FLOAT")
    assert np.abs(read_audio(tmp_path / "a.wav", 16000)).max() == 0


@pytest.mark.parametrize("rate", [8000, 44100])
def test_a_file_says_how_long_it_is_and_what_is_none_says_nothing(tmp_path, rate):
    soundfile.write(tmp_path / "a.wav", tone(440, rate, 2.5), rate)
    (tmp_path / "b.wav").write_bytes(b"no sound at all")
    assert seconds_of(tmp_path / "a.wav") == 2.5
    assert seconds_of(tmp_path / "b.wav") == seconds_of(tmp_path / "c.wav") == 0


def test_a_format_is_found_by_content_not_by_ending(tmp_path):
    soundfile.write(tmp_path / "a.aiff", tone(440, 16000), 16000)
    (tmp_path / "a.aiff").rename(tmp_path / "a.wav")
    assert len(read_audio(tmp_path / "a.wav", 16000)) == 16000


def test_a_stretch_of_a_file_is_that_stretch(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.arange(16000) / 32768, 16000)
    wav = read_audio(tmp_path / "a.wav", 16000, start=0.25, stop=0.5)
    assert len(wav) == 4000 and wav[0] == pytest.approx(4000 / 32768)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_samples_that_are_not_numbers_are_refused_by_name(tmp_path, bad):
    soundfile.write(tmp_path / "a.wav", np.array([0.0, bad, 0.0]), 16000, subtype="FLOAT")
    with pytest.raises(CorpusError, match="a.wav holds NaN or infinite"):
        read_audio(tmp_path / "a.wav", 16000)


def test_a_single_sample_survives_resampling(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.ones(1) / 2, 48000)
    assert len(read_audio(tmp_path / "a.wav", 16000)) >= 1


def test_a_name_that_begins_with_a_tilde_is_a_file_before_it_is_a_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("~x.wav", "y.wav"):
        soundfile.write(tmp_path / name, tone(440, 16000), 16000)
    assert locate(Path("~x.wav")) == Path("~x.wav")
    assert locate(Path("~/y.wav")) == tmp_path / "y.wav"
    with pytest.raises(CorpusError, match="there is no such file"):
        locate(Path("~nobody-of-this-name/y.wav"))


def test_what_would_be_waited_for_or_cannot_be_opened_is_refused(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "x.wav")
    with pytest.raises(CorpusError, match="a pipe"):
        locate(tmp_path / "x.wav")
    with pytest.raises(CorpusError, match="too long"):
        locate(Path("x" * 5000))
    (tmp_path / "y.wav").write_bytes(b"RIFF")

    def closed(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", closed)
    with pytest.raises(CorpusError, match="Permission denied"):
        locate(tmp_path / "y.wav")
