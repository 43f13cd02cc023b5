"""Processes of one run begin it together, or are refused where they would not train the same."""

import errno
import fcntl
from pathlib import Path
from types import SimpleNamespace

import pytest
from places import YAML
from together import in_threads

from ser_plugins.core.errors import InputError
from ser_plugins.core.hparams import Experiment
from ser_plugins.core.run import RunFolder
from ser_plugins.core.starting import open_run


def begin(rank, folder="run", lr="0.1", label="sad"):
    """Begin a run in a process of a machine; return whether it goes on from an earlier start."""
    rows = {part: [{"id": "a", "label": label}] for part in ("train", "valid", "test")}
    experiment = Experiment(YAML, [("lr", lr), ("ledger", f"{rank}.csv")])
    with open_run(RunFolder(Path(folder)), experiment, SimpleNamespace(parts=rows)) as resumed:
        return resumed


def test_processes_that_see_the_same_begin_together():
    assert in_threads(3, begin) == [False] * 3


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"lr": "0.2"}, "different keys: start all by the same command"),
        ({"label": "angry"}, "different corpora: copy the same"),
        ({"folder": "elsewhere"}, "different folders"),
    ],
)
def test_machines_that_would_not_train_the_same_are_refused(other, words):
    with pytest.raises(InputError, match=words):
        in_threads(3, lambda rank: begin(rank, **(other if rank == 2 else {})))


def test_an_output_that_nobody_reads_is_no_fault_of_the_disk():
    experiment, rows = Experiment(YAML), {part: [] for part in ("train", "valid", "test")}
    begun = open_run(RunFolder(Path("run")), experiment, SimpleNamespace(parts=rows))
    with pytest.raises(BrokenPipeError), begun:
        raise BrokenPipeError


def test_a_disk_without_locks_is_refused(monkeypatch):
    def flock(*_):
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(fcntl, "flock", flock)
    with pytest.raises(InputError, match="Function not implemented.*another --output_folder"):
        begin(0)
