"""Recordings that are read side by side are those that are read one after another."""

import threading

import numpy as np
import pytest
import soundfile

from ser_plugins.core import read_ahead as module
from ser_plugins.core.read_ahead import read_ahead
from ser_plugins.core.recordings import hear


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("count", [0, 1, 20])
def test_any_number_of_threads_gives_the_same_in_order(tmp_path, threads, count):
    paths = [tmp_path / f"{i}.wav" for i in range(count)]
    for i, path in enumerate(paths):
        soundfile.write(path, np.full(48000 * (1 + i % 3), i / 100), 48000)
    if paths:
        paths[0].write_bytes(b"")
    found = list(read_ahead(iter(paths), None, 16000, threads))
    expected = [hear(path, None, 16000) for path in paths]
    assert [one[:1] + one[2:] for one in found] == [one[:1] + one[2:] for one in expected]
    for one, other in zip(found, expected, strict=True):
        assert np.array_equal(one.wav, other.wav)


def test_few_are_read_before_they_are_wanted(monkeypatch):
    read = []
    monkeypatch.setattr(module, "hear", lambda sound, *_: read.append(sound) or sound)
    reader = read_ahead(range(1000), None, 16000, 2)
    assert [next(reader) for _ in range(10)] == list(range(10))
    assert len(read) <= 10 + 4
    reader.close()
    assert len(read) <= 10 + 4


def test_several_are_read_at_once(monkeypatch):
    together = threading.Barrier(3, timeout=20)
    monkeypatch.setattr(module, "hear", lambda sound, *_: together.wait() and sound or sound)
    assert list(read_ahead(range(9), None, 16000, 3)) == list(range(9))
