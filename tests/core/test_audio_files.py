"""Each recording is found once."""

from pathlib import Path

import pytest

from ser_plugins import CorpusError, find_audio


def found(root, names, **options):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return [path.as_posix() for path in find_audio(root, **options)]


def test_order_is_stable_and_other_files_are_ignored(tmp_path):
    names = ["b/2.wav", "a/1.FLAC", "a/notes.txt", "a/._1.wav", ".git/x.wav", "b/1.wav"]
    assert found(tmp_path, names) == ["a/1.FLAC", "b/1.wav", "b/2.wav"]


def test_a_nested_second_copy_is_passed_over_and_said(tmp_path, caplog):
    names = ["A/1.wav", "A/2.wav", "copy/A/1.wav", "copy/A/2.wav", "copy/A/3.wav"]
    assert found(tmp_path, names) == ["A/1.wav", "A/2.wav", "copy/A/3.wav"]
    assert "passed over 2 second copies" in caplog.text


def test_equal_names_in_different_folders_are_different_recordings(tmp_path):
    names = ["train/angry/1.wav", "test/angry/1.wav", "test/sad/1.wav"]
    assert len(found(tmp_path, names)) == 3


def test_a_flac_beside_its_wav_is_one_recording(tmp_path):
    assert found(tmp_path, ["a/1.wav", "a/1.flac"]) == ["a/1.flac"]


def test_a_key_of_the_corpus_decides(tmp_path):
    names = ["x/A/1.wav", "y/A/1.wav"]
    assert found(tmp_path, names, key=lambda path: path.stem) == ["x/A/1.wav"]


def test_an_empty_folder_yields_nothing(tmp_path: Path):
    assert list(find_audio(tmp_path)) == []


def test_a_folder_that_cannot_be_read_is_an_error_unless_somebody_is_told(tmp_path):
    (tmp_path / "a.wav").touch()
    told = []
    with pytest.raises(CorpusError, match="gone cannot be read"):
        list(find_audio(tmp_path / "gone"))
    assert list(find_audio(tmp_path / "gone", unreadable=told.append)) == []
    assert [error.filename for error in told] == [str(tmp_path / "gone")]


def test_links_that_run_in_rings_end_and_hide_nothing(tmp_path):
    names = [f"s{i}" for i in range(12)]
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.wav").touch()
        (tmp_path / name / "up").symlink_to("..")
        for other in names:
            (tmp_path / name / f"to_{other}").symlink_to(f"../{other}")
    found = {str(path) for path in find_audio(tmp_path)}
    assert found == {f"{name}/{name}.wav" for name in names}


def test_a_linked_folder_is_read_once(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.wav").touch()
    (tmp_path / "elsewhere" / "ring").symlink_to("../corpus")
    (tmp_path / "corpus").mkdir()
    for name in ("s1", "s2"):
        (tmp_path / "corpus" / name).symlink_to(tmp_path / "elsewhere")
    assert [str(path) for path in find_audio(tmp_path / "corpus")] == ["s1/a.wav"]
