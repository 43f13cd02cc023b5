"""A file is written whole, where its link leads, and what cannot be written is told beforehand."""

import os
from pathlib import Path

import pytest

from ser_plugins.core.errors import OptionError
from ser_plugins.core.writing import check_file, write_whole


def pipe():
    os.mkfifo("pipe")


def link_to_a_pipe():
    os.mkfifo("elsewhere")
    Path("pipe").symlink_to("elsewhere")


def link_to_a_device():
    Path("pipe").symlink_to(os.devnull)


@pytest.mark.parametrize("make", [pipe, link_to_a_pipe, link_to_a_device])
def test_a_pipe_or_device_is_refused_and_not_waited_for(make):
    make()
    with pytest.raises(OptionError, match="--log pipe is a pipe or device; name a file"):
        check_file(Path("pipe"), "--log")


def test_a_folder_and_a_place_in_a_file_are_refused():
    Path("folder").mkdir()
    Path("file").touch()
    with pytest.raises(OptionError, match="--log folder is a folder"):
        check_file(Path("folder"), "--log")
    with pytest.raises(OptionError, match="cannot be written"):
        check_file(Path("file", "x.csv"), "--log")


@pytest.mark.parametrize("is_there", [True, False])
def test_a_link_stays_one_and_what_it_leads_to_is_written(is_there):
    Path("real").mkdir()
    if is_there:
        Path("real", "x.txt").write_text("old")
    Path("link.txt").symlink_to(Path("real", "x.txt"))
    check_file(Path("link.txt"), "--log")
    write_whole(Path("link.txt"), "new")
    assert Path("link.txt").is_symlink() and Path("real", "x.txt").read_text() == "new"
    assert [path.name for path in Path("real").iterdir()] == ["x.txt"]


def test_after_an_error_the_old_file_is_there_and_nothing_else():
    Path("x.txt").write_text("old")
    with pytest.raises(UnicodeEncodeError):
        write_whole(Path("x.txt"), "\udc80")
    assert Path("x.txt").read_text() == "old" and len(list(Path().iterdir())) == 1
