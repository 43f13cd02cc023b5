"""Any file or array becomes the same samples; what cannot be heard says why."""

import numpy as np
import pytest
import soundfile

from ser_plugins.core.audio import read_audio
from ser_plugins.core.errors import CorpusError, OptionError
from ser_plugins.core.recordings import hear, level
from ser_plugins.core.windows import windows

RATE = 16000


def sweep(rate=RATE, seconds=1.0):
    time = np.arange(int(rate * seconds)) / rate
    return (0.5 * np.sin(2 * np.pi * (200 + 300 * time) * time)).astype(np.float32)


@pytest.mark.parametrize("rate", [8000, 24414, 48000])
def test_a_file_is_heard_as_it_is_in_training(tmp_path, rate):
    soundfile.write(tmp_path / "a.wav", sweep(rate), rate)
    found = hear(str(tmp_path / "a.wav"), None, RATE)
    assert (found.wav == read_audio(tmp_path / "a.wav", RATE)).all()
    assert found.seconds == pytest.approx(1, abs=1e-3) and not found.note and not found.error


@pytest.mark.parametrize(
    ("samples", "tolerance"),
    [
        (sweep().astype(np.float64), 0),
        ((sweep() * 2**15).astype(np.int16), 1e-4),
        ((sweep() * 2**31).astype(np.int32), 1e-6),
        ((sweep() * 128 + 128).astype(np.uint8), 1e-2),
        (np.stack([sweep()] * 2), 0),
        (np.stack([2 * sweep(), 0 * sweep(), sweep()], 1), 1e-6),
    ],
    ids=["float64", "int16", "int32", "uint8", "channels first", "channels last"],
)
def test_an_array_of_any_type_is_the_same_sound(samples, tolerance):
    found = hear(samples, RATE, RATE)
    assert found.wav.dtype == np.float32 and found.source == "array"
    assert np.abs(found.wav - sweep()).max() <= tolerance


def test_a_recording_that_ends_early_is_not_heard_twice(tmp_path):
    """The second half of an MP3 is gone: what was read last must not come again."""
    soundfile.write(tmp_path / "a.mp3", sweep(seconds=6.0), RATE)
    content = (tmp_path / "a.mp3").read_bytes()
    (tmp_path / "a.mp3").write_bytes(content[: len(content) // 2])
    found = []
    with pytest.raises(CorpusError, match="cut off"):
        found.extend(windows(tmp_path / "a.mp3", RATE, 1.0, 1.0))
        pytest.fail("nothing was said")
    assert "cut off" in hear(tmp_path / "a.mp3", None, RATE).error


@pytest.mark.parametrize("size", [0x7FFFF000, 0xFFFFFFFF])
def test_a_file_that_came_through_a_pipe_is_heard_whole(tmp_path, size):
    soundfile.write(tmp_path / "a.wav", sweep(), RATE)
    content = bytearray((tmp_path / "a.wav").read_bytes())
    content[40:44] = size.to_bytes(4, "little")
    (tmp_path / "a.wav").write_bytes(content)
    found = hear(tmp_path / "a.wav", None, RATE)
    assert not found.error and found.seconds == 1


def test_an_array_may_bring_its_rate():
    found = hear((sweep(8000), 8000), None, RATE)
    assert found.seconds == 1 and len(found.wav) == RATE


@pytest.mark.parametrize(
    ("sound", "rate", "words"),
    [
        (sweep(), None, "needs its sample_rate"),
        (sweep(), 10, "needs its sample_rate"),
        (np.zeros((2, 2, 2)), RATE, "expected a path, or an array"),
        (["a"], RATE, "expected a path, or an array"),
        (("a.wav", "b.wav"), None, "expected a path, or an array"),
        (np.zeros(601 * RATE, np.float32), RATE, "take the timeline"),
        (np.zeros(0, np.float32), RATE, "no samples"),
        (np.zeros(1, np.float32), RATE, "0.1 s are needed"),
        (np.zeros((0, 2), np.float32), RATE, "no samples"),
        ([[1.0], [1.0, 2.0]], RATE, "expected an array of samples"),
        (sweep(), "16000", "needs its sample_rate"),
        (np.float32([0, 3e38] * RATE), RATE, "times full scale"),
        (np.float32([0, np.nan] * RATE), RATE, "NaN"),
        ("missing.wav", None, "no such file"),
    ],
)
def test_what_cannot_be_heard_says_why(sound, rate, words):
    found = hear(sound, rate, RATE)
    assert words in found.error and not len(found.wav)


def test_hours_at_once_are_refused_before_they_are_read(tmp_path):
    soundfile.write(tmp_path / "long.wav", np.zeros(601 * 1000), 1000, "PCM_U8")
    assert "take the timeline" in hear(tmp_path / "long.wav", None, RATE).error


def test_a_file_is_opened_once(tmp_path, monkeypatch):
    soundfile.write(tmp_path / "a.wav", sweep(), RATE)
    opened, real = [], soundfile.SoundFile

    def count(path, *arguments):
        opened.append(path)
        return real(path, *arguments)

    monkeypatch.setattr(soundfile, "SoundFile", count)
    assert not hear(tmp_path / "a.wav", None, RATE).error
    assert len(opened) == 1


@pytest.mark.parametrize(
    ("wav", "note"),
    [
        (sweep(), ""),
        (0.001 * sweep(), "too quiet"),
        (0 * sweep(), "too quiet"),
        (np.clip(4 * sweep(), -1, 1), "clipped"),
    ],
)
def test_what_is_unusual_is_noted(wav, note):
    assert hear(wav, RATE, RATE).note == note


def test_the_level_of_a_full_scale_sine_is_minus_three_decibels():
    assert level(2 * sweep()) == pytest.approx(-3.01, abs=0.05)
    assert level(np.zeros(9, np.float32)) == -np.inf


@pytest.mark.parametrize("rate", [RATE, 44100])
@pytest.mark.parametrize(("window", "hop"), [(1.0, 0.25), (0.5, 0.5), (9.0, 1.0)])
def test_windows_are_stretches_of_the_whole(tmp_path, rate, window, hop):
    soundfile.write(tmp_path / "a.wav", sweep(rate, 3.3), rate)
    whole = read_audio(tmp_path / "a.wav", RATE)
    found = list(windows(tmp_path / "a.wav", RATE, window, hop))
    for i, one in enumerate(found):
        assert one.start == pytest.approx(i * hop)
        first = round(one.start * RATE)
        assert (one.wav == whole[first : first + len(one.wav)]).all()
        assert one.seconds == len(one.wav) / RATE
        assert one.seconds == pytest.approx(window) or one is found[-1]
    assert found[-1].start + found[-1].seconds == pytest.approx(len(whole) / RATE)


def test_a_window_that_holds_it_all_is_the_whole(tmp_path):
    soundfile.write(tmp_path / "a.wav", sweep(), RATE)
    (found,) = windows(tmp_path / "a.wav", RATE, 1.0, 1.0)
    whole = hear(tmp_path / "a.wav", None, RATE)
    assert (found.wav == whole.wav).all() and found[2:] == whole[2:]


@pytest.mark.parametrize("rate", [RATE, 48000])
def test_windows_that_are_clipped_are_told_at_any_rate(tmp_path, rate):
    wav = np.concatenate([sweep(rate, 3.0), np.clip(4 * sweep(rate, 3.0), -1, 1)])
    soundfile.write(tmp_path / "a.wav", wav, rate)
    notes = [one.note for one in windows(tmp_path / "a.wav", RATE, 1.0, 1.0)]
    assert notes[:2] == ["", ""] and notes[-2:] == ["clipped", "clipped"]


@pytest.mark.parametrize("bits", ["PCM_16", "PCM_U8"])
def test_quiet_that_is_quantised_is_not_clipped(tmp_path, bits):
    random, step = np.random.default_rng(0), {"PCM_16": 2**-15, "PCM_U8": 2**-7}[bits]
    wav = np.concatenate([step * random.integers(-1, 2, 2 * RATE), sweep()])
    soundfile.write(tmp_path / "a.wav", wav, RATE, bits)
    (found,) = windows(tmp_path / "a.wav", RATE, 3.0, 3.0)
    assert found.note == hear(tmp_path / "a.wav", None, RATE).note == ""


def test_a_little_that_is_left_belongs_to_the_last_window(tmp_path):
    soundfile.write(tmp_path / "a.wav", sweep(seconds=2.05), RATE)
    found = list(windows(tmp_path / "a.wav", RATE, 1.0, 1.0))
    assert [one.seconds for one in found] == pytest.approx([1.0, 1.05])


@pytest.mark.parametrize(("window", "hop"), [(0.01, 0.01), (1, 0), (1, 2), (float("nan"), 1)])
def test_windows_that_cannot_be_are_refused(tmp_path, window, hop):
    with pytest.raises(OptionError, match="window must be"):
        next(windows(tmp_path / "a.wav", RATE, window, hop))


def test_a_recording_that_is_cut_off_is_said_before_its_end_is_met(tmp_path):
    soundfile.write(tmp_path / "a.wav", sweep(), RATE)
    content = (tmp_path / "a.wav").read_bytes()
    (tmp_path / "a.wav").write_bytes(content[: len(content) // 2])
    with pytest.raises(CorpusError, match="cut off"):
        next(windows(tmp_path / "a.wav", RATE, 0.5, 0.5))
    assert "cut off" in hear(tmp_path / "a.wav", None, RATE).error
