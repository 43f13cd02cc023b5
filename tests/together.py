"""Several processes of one run: as threads that talk to each other, or as torchrun starts them."""

import os
import signal
import subprocess
import sys
import threading
import types
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from places import ROOT

from ser_plugins.core import ranks

BROKEN = (threading.BrokenBarrierError, ranks.LostError)


class Threads:
    """Stands for `torch.distributed`, among threads.

    Args:
        n: how many.
    """

    ReduceOp = types.SimpleNamespace(MAX="max")

    def __init__(self, n):
        self.n, self.own = n, threading.local()
        self.meeting, self.said = threading.Barrier(n, timeout=30), [None] * n

    def get_world_size(self):
        return self.n

    def get_rank(self):
        return self.own.rank

    def all_gather_object(self, found, mine):
        self.said[self.own.rank] = mine
        self.meeting.wait()
        found[:] = self.said
        self.meeting.wait()

    def all_reduce(self, numbers, how=None):
        found = [None] * self.n
        self.all_gather_object(found, numbers.clone())
        together = torch.stack(found)
        numbers.copy_(together.amax(0) if how else together.sum(0))

    def broadcast_object_list(self, things, main):
        found = [None] * self.n
        self.all_gather_object(found, list(things))
        things[:] = found[main]

    def begin(self, rank, function):
        self.own.rank = rank
        try:
            return function(rank)
        except BaseException:
            self.meeting.abort()  # or the others would wait
            raise


def in_threads(n, function):
    """Return what a function of the rank returns in each of n processes of one run."""
    world = Threads(n)
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(n) as pool:
        patch.setattr(ranks, "dist", world)
        patch.setattr(ranks, "ddp_prevent_block", lambda: False)
        begun = [pool.submit(world.begin, rank, function) for rank in range(n)]
        errors = [one.exception() for one in begun]
    # That the others wait no more is not what went wrong.
    for error in sorted(filter(None, errors), key=lambda it: isinstance(it, BROKEN)):
        raise error
    return [one.result() for one in begun]


def start(arguments, place, n=2, flags=("--standalone",)):
    """Begin to train under torchrun, in a session of its own; what it says goes to a file.

    Args:
        arguments: of the recipe.
        place: a folder for the cache, the ledgers, and `said.txt`.
        n: how many processes.
        flags: more of torchrun.
    """
    place.mkdir(exist_ok=True)
    own = {
        "SER_PLUGINS_CACHE": str(place / "cache"),
        "SER_PLUGINS_LEDGER": str(place / "own_ledger.csv"),
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": str(ROOT),
    }
    launcher = (sys.executable, "-m", "torch.distributed.run", f"--nproc_per_node={n}", *flags)
    words = (*launcher, str(ROOT / "recipes" / "train.py"), *map(str, arguments))
    with (place / "said.txt").open("a") as said:
        return subprocess.Popen(
            words, env={**os.environ, **own}, stdout=said, stderr=said, start_new_session=True
        )


def children(process):
    """Return the processes that torchrun has started, by their ids, the main one first."""
    command = ("pgrep", "-P", str(process.pid))
    return sorted(map(int, subprocess.run(command, capture_output=True, text=True).stdout.split()))


def end(process):
    """Wait for torchrun; return its exit code. It must end by itself."""
    try:
        return process.wait(300)
    except subprocess.TimeoutExpired:
        for child in (*children(process), process.pid):
            os.kill(child, signal.SIGKILL)
        raise
