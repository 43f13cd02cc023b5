"""The heap is told what to do with freed memory where it is glibc's, and where it is asked for."""

import ctypes
from types import SimpleNamespace

import pytest
from places import SMALL, YAML, on_tones

from ser_plugins.core import memory, setup
from ser_plugins.core.hparams import Experiment, parse_arguments


@pytest.fixture
def told(monkeypatch):
    """What glibc's heap is told; the one of this process is left as it is."""
    found = {}
    libc = SimpleNamespace(mallopt=found.__setitem__)
    monkeypatch.setattr(ctypes, "CDLL", lambda name: libc)
    monkeypatch.setenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "128")
    return found


def test_freed_memory_is_never_given_back_where_it_is_kept(told):
    memory.keep_freed()
    assert told[memory.MMAP_MAX] == 0 and told[memory.TRIM_THRESHOLD] == memory.NEVER


def test_elsewhere_large_tensors_are_given_back(told):
    memory.keep_flat()
    assert told == {memory.MMAP_THRESHOLD: memory.LARGE}


def missing(name):
    raise OSError


@pytest.mark.parametrize("find", [missing, SimpleNamespace], ids=["none", "another"])
def test_another_heap_is_left_as_it_is(find, monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda name: find(name=name))
    memory.keep_freed()


@pytest.mark.parametrize("wanted", [True, False])
def test_the_key_decides(wanted, told, toy_folder, tmp_path):
    tones = [str(YAML), *on_tones(toy_folder, tmp_path / "run"), *SMALL]
    setup.assemble(Experiment(*parse_arguments([*tones, f"--keep_memory={wanted}"])))
    assert bool(told) is wanted
