"""What takes long to make is made once, and made anew where it was damaged or had to go."""

import errno
import multiprocessing
import os

import numpy as np
import pytest
import torch

from ser_plugins.core import kept as kept_rows
from ser_plugins.core.errors import InputError
from ser_plugins.core.kept import INDEX, ROWS, Store
from ser_plugins.core.locks import only_one

GIB = 2**30
A, B = torch.arange(6.0).reshape(3, 2), torch.tensor([[-1.5, 1e-30]])


def made():
    yield "a", A
    yield "b", B


def never():
    pytest.fail("it was made again")


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "frames", gigabytes=1)


def kept(store):
    return sorted(path.stem for path in store.folder.iterdir() if path.is_dir())


def test_rows_are_those_that_were_made_to_the_bit(store):
    rows = store.open("key", made)
    assert torch.equal(rows["a"], A) and torch.equal(rows["b"], B)
    rows["a"].zero_()
    assert torch.equal(rows["a"], A)


def test_a_second_start_makes_nothing_and_finds_the_same(store):
    store.open("key", made)
    again = Store(store.folder, 1).open("key", never)
    assert torch.equal(again["a"], A) and torch.equal(again["b"], B)


def test_another_key_is_made(store):
    store.open("key", made)
    assert torch.equal(store.open("other", lambda: [("a", B)])["a"], B)


def spoil(file):
    size = file.stat().st_size
    with file.open("r+b") as opened:
        opened.truncate(size - 4)


@pytest.mark.parametrize("file", [ROWS, INDEX])
@pytest.mark.parametrize("how", ["cut", "emptied", "gone"])
def test_what_was_damaged_is_made_anew(store, file, how, caplog):
    store.open("key", made)
    damaged = store.folder / "key.kept" / file
    {"cut": spoil, "emptied": lambda f: f.write_bytes(b""), "gone": os.remove}[how](damaged)
    assert torch.equal(store.open("key", made)["b"], B)
    assert caplog.text.count("was damaged") == 1


def test_what_was_only_touched_is_still_used(store):
    rows = store.open("key", made)
    os.utime(store.folder / "key.kept" / ROWS, (1, 1))
    assert torch.equal(rows["a"], A)
    os.utime(store.folder / "key.kept" / ROWS, (2, 2))
    assert torch.equal(store.open("key", never)["b"], B)


def test_what_is_changed_in_use_is_refused_and_made_anew_at_the_next_start(store):
    rows = store.open("key", made)
    np.zeros(8, np.float32).tofile(store.folder / "key.kept" / ROWS)
    with pytest.raises(InputError, match="start again"):
        rows["a"]
    assert torch.equal(store.open("key", made)["a"], A)


def test_what_fails_leaves_nothing(store):
    def fails():
        yield "a", A
        raise InputError("no")

    with pytest.raises(InputError, match="no"):
        store.open("key", fails)
    assert not kept(store)


def test_what_a_kill_left_half_made_is_begun_anew(store):
    half = store.folder / "key.kept.part"
    half.mkdir(parents=True)
    (half / ROWS).write_bytes(b"half")
    assert torch.equal(store.open("key", made)["a"], A)
    assert kept(store) == ["key"]


def test_what_was_used_last_stays_longest(store):
    for number, key in enumerate("ab"):
        store.open(key, made)
        os.utime(store.folder / f"{key}.kept", (number, number))
    store.open("a", never)
    store.open("c", made)
    store.make_room(2.5 * size(store, "a") / GIB)
    assert kept(store) == ["a", "c"]


def size(store, key):
    return sum(file.stat().st_size for file in (store.folder / f"{key}.kept").iterdir())


def test_what_is_too_large_makes_no_other_go(store):
    store.open("small", made)
    store.open("large", lambda: [("a", A.repeat(1000, 1))])
    store.make_room(2 * size(store, "small") / GIB)
    assert kept(store) == ["small"]


def test_what_has_to_go_is_used_on(store):
    rows = store.open("key", made)
    store.make_room(0)
    assert not kept(store) and torch.equal(rows["a"], A)


def test_what_a_kill_left_goes_too_and_what_is_not_ours_stays(store):
    for name in ("other.kept.part", "Actor_01"):
        (store.folder / name).mkdir(parents=True)
        (store.folder / name / ROWS).write_bytes(b"half")
    store.make_room(0)
    assert [path.name for path in store.folder.iterdir() if path.is_dir()] == ["Actor_01"]


def test_what_another_process_fills_stays(store):
    store.open("key", made)
    with only_one(store.folder / "key.lock", "filling it"):
        store.make_room(0)
        assert kept(store) == ["key"]


def test_rows_without_a_key_are_never_found_again(store):
    rows = store.open(None, made)
    assert torch.equal(rows["a"], A) and not list(store.folder.iterdir())


def test_kept_rows_make_room_on_a_full_disk(store, monkeypatch):
    store.open("old", made)
    real, left = kept_rows.seal, [OSError(errno.ENOSPC, "No space left on device")]

    def seal(path):
        if left:
            raise left.pop()
        real(path)

    monkeypatch.setattr(kept_rows, "seal", seal)
    assert torch.equal(store.open("new", made)["b"], B)
    assert kept(store) == ["new"]


def test_a_disk_that_stays_full_is_said(store, monkeypatch):
    def full(path):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(kept_rows, "seal", full)
    with pytest.raises(InputError, match="No space left on device; name another"):
        store.open("new", made)
    assert not kept(store)


def test_processes_that_come_at_once_do_no_harm(store):
    with multiprocessing.get_context("fork").Pool(4) as pool:
        found = pool.map(use, [(store.folder, n % 3, limit) for n in range(24) for limit in (0, 1)])
    assert found == [(n % 3) * 100.0 for n in range(24) for _ in (0, 1)]


def use(told):
    folder, number, limit = told
    store = Store(folder, limit)
    rows = store.open(f"key{number}", lambda: [("a", 100.0 * number + A[:1] * 0)])
    store.make_room()
    return float(rows["a"][0, 0])


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="--cache_folder"):
        Store(tmp_path / "file" / "frames", 1).open("key", made)
