"""What was touched is looked at anew; what was not is not read."""

import os

import pytest

from ser_plugins.core.errors import InputError
from ser_plugins.core.seals import Watched, seal


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "samples.f32"
    path.write_bytes(b"right")
    return path


def watched(file, looks):
    def faults(size):
        looks.append(size)
        return "" if file.read_bytes() == b"right" else "it is wrong"

    return Watched(file, faults)


def test_what_is_sealed_is_not_read(file):
    looks = []
    seal(file)
    watched(file, looks).look()
    assert not looks


def test_what_is_not_sealed_is_read_once_by_all(file):
    looks = []
    for _ in range(2):
        one = watched(file, looks)
        one.look()
        one.look()
    assert looks == [5]


@pytest.mark.parametrize("content", [b"wrong", b"r"])
def test_damage_is_found_while_it_is_in_use_and_after(file, content):
    seal(file)
    one = watched(file, [])
    one.look()
    file.write_bytes(content)
    for each in (one, watched(file, [])):
        with pytest.raises(InputError, match="wrong"):
            each.look()


def test_what_was_touched_and_is_right_goes_on(file):
    looks = []
    one = watched(file, looks)
    one.look()
    os.utime(file, (1, 1))
    one.look()
    one.look()
    assert len(looks) == 2


def test_what_is_removed_while_it_is_in_use_stays(file):
    one = watched(file, [])
    one.look()
    file.unlink()
    one.look()


def test_where_nothing_can_be_noted_it_is_read_each_time(file, monkeypatch):
    looks = []
    monkeypatch.setattr(
        "ser_plugins.core.seals.write_json", lambda *_: (_ for _ in ()).throw(OSError)
    )
    for _ in range(2):
        watched(file, looks).look()
    assert looks == [5, 5]
