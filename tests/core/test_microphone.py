"""A microphone is found, opened as it can be, and what it loses is counted."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from ser_plugins.core.errors import InputError
from ser_plugins.core.live import microphone
from ser_plugins.core.live.microphone import Microphone, choose


class FakeError(Exception):
    """What PortAudio raises."""


NAMES = ("Speaker", "Built-in", "USB Audio", "USB Audio 2")


@pytest.fixture
def portaudio(monkeypatch):
    """A PortAudio whose devices hear 44.1 kHz in stereo alone."""

    def check(device, channels, dtype, extra, rate):
        if (channels, rate) != (2, 44100):
            raise FakeError("Invalid sample rate")

    stream = SimpleNamespace(start=lambda: None, close=lambda ignore_errors: None)
    found = [
        {
            "index": i,
            "name": name,
            "hostapi": 0,
            "max_input_channels": 2 * (i > 0),
            "default_samplerate": 44100.0,
        }
        for i, name in enumerate(NAMES)
    ]
    fake = SimpleNamespace(
        query_devices=lambda: found,
        query_hostapis=lambda: [{"name": "ALSA"}],
        default=SimpleNamespace(device=[2, 0]),
        check_input_settings=check,
        PortAudioError=FakeError,
        InputStream=lambda **given: vars(stream).update(given) or stream,
        stream=stream,
    )
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    return fake


def speak(fake, block, overflow=False):
    """Call back as PortAudio does, with a buffer that it uses again."""
    buffer = block.copy()
    fake.stream.callback(buffer, len(block), None, SimpleNamespace(input_overflow=overflow))
    buffer[:] = np.nan


@pytest.mark.parametrize(
    ("wanted", "number"),
    [(None, 2), ("1", 1), ("built", 1), ("BUILT-IN", 1), ("usb audio", 2), ("audio 2", 3)],
)
def test_a_microphone_is_chosen_by_index_or_name(portaudio, wanted, number):
    assert choose(wanted).number == number


@pytest.mark.parametrize("wanted", ["usb", "0", "4", "Speaker", "", "²"])
def test_what_is_none_or_several_lists_what_there_is(portaudio, wanted):
    with pytest.raises(InputError) as caught:
        choose(wanted)
    assert all(name in str(caught.value) for name in (NAMES[2:] if wanted == "usb" else NAMES[1:]))
    assert "Speaker," not in str(caught.value)


def test_it_opens_at_the_rate_and_channels_that_it_supports(portaudio):
    with Microphone(choose(None), 16000) as heard:
        assert (heard.rate, heard.channels) == (44100, 2)
        assert portaudio.stream.device == 2
        block = np.random.default_rng(0).uniform(-1, 1, (1411, 2)).astype(np.float32)
        speak(portaudio, block)
        np.testing.assert_array_equal(next(heard.blocks()), block.mean(1))


def test_the_rate_of_the_system_comes_first(portaudio):
    portaudio.check_input_settings = lambda *_: None
    heard = Microphone(choose(None), 16000)
    assert (heard.rate, heard.channels) == (16000, 1)


def test_what_is_lost_is_counted_and_the_callback_never_waits(portaudio):
    with Microphone(choose(None), 16000) as heard:
        block = np.zeros((1411, 2), np.float32)
        speak(portaudio, block)
        speak(portaudio, block, overflow=True)
        assert heard.overruns == 1 and heard.behind == pytest.approx(2 * 0.032)
        for _ in range(400):
            speak(portaudio, block)
        assert heard.overruns > 80 and heard.behind < 10.1


def test_one_that_falls_silent_is_said(portaudio, monkeypatch):
    monkeypatch.setattr(microphone, "BEGIN", 0.01)
    with Microphone(choose(None), 16000) as heard, pytest.raises(InputError, match="unplugged"):
        next(heard.blocks())


def test_one_that_cannot_be_opened_or_started_is_said(portaudio):
    def refuse(*_, **__):
        raise FakeError("Device unavailable")

    heard = Microphone(choose(None), 16000)
    portaudio.InputStream = refuse
    with pytest.raises(InputError, match="USB Audio does not start: Device unavailable"):
        heard.__enter__()
    portaudio.check_input_settings = refuse
    with pytest.raises(InputError, match="Device unavailable.*--list_devices"):
        Microphone(choose(None), 16000)


def test_what_is_missing_says_what_to_install(monkeypatch, tmp_path, portaudio):
    portaudio.query_devices = list
    with pytest.raises(InputError, match="Connect one"):
        choose(None)
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(InputError, match=r"pip install '\.\[microphone\]'"):
        choose(None)
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')")
    monkeypatch.delitem(sys.modules, "sounddevice")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(InputError, match="apt-get install libportaudio2"):
        choose(None)


def test_a_portaudio_that_does_not_start_or_look_is_said(portaudio, monkeypatch, tmp_path):
    def fail():
        raise FakeError("Internal PortAudio error")

    portaudio.query_devices = fail
    with pytest.raises(InputError, match="Internal PortAudio error.*--file"):
        choose(None)
    code = "class PortAudioError(Exception): pass\nraise PortAudioError('Error initializing')"
    (tmp_path / "sounddevice.py").write_text(code)
    monkeypatch.delitem(sys.modules, "sounddevice")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(InputError, match="Error initializing.*--file"):
        choose(None)
