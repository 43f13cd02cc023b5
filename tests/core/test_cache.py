"""A corpus is decoded once, whoever asks, and again when it changes."""

import multiprocessing
import os
import shutil

import numpy as np
import pytest
import soundfile
import toy

from ser_plugins.core import cache, survey
from ser_plugins.core.audio import read_audio
from ser_plugins.core.errors import CorpusError, InputError

TOY = toy.ser_datasets()["toy"]


@pytest.fixture
def corpus(tmp_path):
    folder = toy.write(tmp_path / "toy")
    return folder, survey.read_corpus("toy", TOY, folder)[0]


def open_clips(corpus, tmp_path):
    folder, rows = corpus
    return cache.open_clips(rows, folder, 8000, tmp_path / "cache")


def test_clips_are_what_decoding_gives(corpus, tmp_path):
    folder, rows = corpus
    clips = open_clips(corpus, tmp_path)
    for row in rows[::10]:
        assert np.array_equal(clips[row["id"]], read_audio(folder / row["path"], 8000))


def test_a_second_run_decodes_nothing(corpus, tmp_path, monkeypatch):
    first = open_clips(corpus, tmp_path)
    monkeypatch.setattr(cache, "read", None)
    assert open_clips(corpus, tmp_path).folder == first.folder


def test_a_copied_corpus_shares_the_cache_and_a_changed_one_does_not(corpus, tmp_path):
    folder, rows = corpus
    key = open_clips(corpus, tmp_path).folder
    shutil.copytree(folder, tmp_path / "copy")
    assert open_clips((tmp_path / "copy", rows), tmp_path).folder == key
    path = folder / rows[0]["path"]
    before = path.stat()
    samples, rate = soundfile.read(path)
    soundfile.write(path, -samples, rate)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    changed = open_clips(corpus, tmp_path)
    assert changed.folder != key
    assert np.array_equal(changed[rows[0]["id"]], read_audio(path, 8000))


def test_broken_recordings_are_named_and_nothing_is_kept(corpus, tmp_path):
    folder, rows = corpus
    path = folder / rows[5]["path"]
    soundfile.write(path, np.array([0.0, np.nan]), 16000, subtype="FLOAT")
    with pytest.raises(CorpusError, match=f"1 of 72.*{path.name}"):
        open_clips(corpus, tmp_path)
    left = [p for p in (tmp_path / "cache" / "audio").iterdir() if p.suffix != ".lock"]
    assert not left


def test_equal_audio_has_equal_digests(corpus, tmp_path):
    folder, rows = corpus
    shutil.copy(folder / rows[0]["path"], folder / rows[1]["path"])
    entries = open_clips(corpus, tmp_path).entries
    first, second, third = (entries[row["id"]].digest for row in rows[:3])
    assert first == second != third


def test_processes_that_come_at_once_do_no_harm(corpus, tmp_path):
    with multiprocessing.get_context("fork").Pool(3) as pool:
        keys = pool.starmap(_key, [(corpus, tmp_path)] * 3)
    assert len(set(keys)) == 1 and len(open_clips(corpus, tmp_path).entries) == 72


def _key(corpus, tmp_path):
    return open_clips(corpus, tmp_path).folder


def test_a_fill_that_was_killed_is_begun_anew(corpus, tmp_path):
    folder = open_clips(corpus, tmp_path).folder
    folder.rename(folder.with_suffix(".part"))
    (folder.with_suffix(".part") / "samples.f32").write_bytes(b"half")
    assert len(open_clips(corpus, tmp_path)["0_sad_0"]) == 4000


def test_a_cache_that_cannot_be_written_says_so(corpus, tmp_path):
    (tmp_path / "cache").write_text("a file, not a folder")
    with pytest.raises(InputError, match="--cache_folder"):
        open_clips(corpus, tmp_path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("index.json", b"{"),
        ("index.json", b'{"a": 1}'),
        ("index.json", b"[]"),
        ("samples.f32", b""),
    ],
)
def test_a_damaged_cache_says_what_to_remove(corpus, tmp_path, name, content):
    folder = open_clips(corpus, tmp_path).folder
    (folder / name).write_bytes(content)
    with pytest.raises(InputError, match="is damaged .* remove that folder"):
        open_clips(corpus, tmp_path)


@pytest.mark.parametrize("how", ["cut", "changed"])
def test_samples_that_are_damaged_while_they_are_used_are_named(corpus, tmp_path, how):
    clips = open_clips(corpus, tmp_path)
    file = clips.folder / "samples.f32"
    content = file.read_bytes()
    last = max(clips.entries, key=lambda id: clips.entries[id].offset)
    first = min(clips.entries, key=lambda id: clips.entries[id].offset)
    file.write_bytes(content[:-8] + (b"" if how == "cut" else bytes(range(8))))
    with pytest.raises(InputError, match=f"damaged, that of {last}: remove") as caught:
        clips[first]
    assert first not in str(caught.value)
    with pytest.raises(InputError, match="remove that folder"):  # nor in a later start
        open_clips(corpus, tmp_path)
