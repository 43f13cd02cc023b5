"""Runs that die, or whose disk is full, at a write; and what a run is worth in the end."""

import csv
import errno
import hashlib
import json
import multiprocessing
import os
import re
import signal
import sys
from pathlib import Path

CHANGES = {"open", "os.rename", "os.remove", "os.rmdir", "os.mkdir"}
WRITES = os.O_WRONLY | os.O_RDWR


class Killed(BaseException):
    """Stands for kill -9."""


class Fate:
    """What happens to the writes of this process below a folder, told by Python's audit events.

    A kind of write is its event and its path, whatever the epoch. At the first of a kind that is
    not among the `spared`, a file that is being opened gets half of something, and `end` is called.

    Args:
        folder: which writes count.
        spared: kinds at which nothing happens any more; the one that is met is added.
        end: what happens then, such as a kill.
        only: pattern of kinds at which it happens.
    """

    hooked, now = False, None

    def __init__(self, folder, spared, end, only=""):
        self.folder, self.spared, self.end = Path(folder).resolve(), spared, end
        self.only = only
        self.is_dead = False

    def __enter__(self):
        if not Fate.hooked:  # it cannot be taken back
            sys.addaudithook(lambda event, args: Fate.now and Fate.now.meet(event, args))
            Fate.hooked = True
        Fate.now = self
        return self

    def __exit__(self, *_):
        Fate.now = None

    def meet(self, event, args):
        if event not in CHANGES or (event == "open" and not args[2] & WRITES):
            return
        if not (path := self.place(event, args)) or path.name.endswith(".lock"):
            return
        if self.is_dead:
            raise Killed  # nor does it clean up
        kind = self.kind(event, str(path.relative_to(self.folder)))
        if kind not in self.spared and re.search(self.only, kind):
            self.spared.add(kind)
            if event == "open":
                Fate.now = None
                with path.open("ab" if args[2] & os.O_APPEND else "wb") as file:
                    file.write(b"half of")
                Fate.now = self
            self.end(self, kind)

    def kind(self, event, path):
        """Return what is told apart: checkpoints are alike, and so is what is thrown away."""
        if event == "os.remove":
            path = re.sub("[^/+]*$", "", path)
        return f"{event} {re.sub(r'epoch[0-9]+([+]step[0-9]+)?', '#', path)}"

    def place(self, event, args):
        """Return the path that is changed, if it lies in the folder."""
        if not isinstance(args[0], str | bytes | os.PathLike):
            return None
        path = Path(os.fsdecode(args[0]))
        base = args[-1] if event in ("os.remove", "os.rmdir", "os.mkdir") else -1
        if isinstance(base, int) and base >= 0:  # of a folder that is open
            path = Path(f"/proc/self/fd/{base}").readlink() / path
        path = Path(os.path.abspath(path))  # noqa: PTH100
        return path if path.is_relative_to(self.folder) else None


def die(fate, kind):
    """Change nothing from here on."""
    fate.is_dead = True
    raise Killed(kind)


def kill(fate, kind):
    """Die, having left word of where."""
    with open(f"{fate.folder}.deaths", "a") as file:  # noqa: PTH123
        file.write(f"{kind}\n")
    os.kill(os.getpid(), signal.SIGKILL)


def fail(fate, kind):
    """Have no space left, or find the folder made read-only."""
    number = errno.ENOSPC if kind.startswith("open") else errno.EROFS
    raise OSError(number, os.strerror(number), kind)


def worth(run):
    """Return digests of all that a run is for, but for what holds times."""
    found = {}
    for name in ("bundle/model.safetensors", "bundle/config.json", "predictions.csv", "audit.json"):
        found[name] = hashlib.sha256((run / name).read_bytes()).hexdigest()
    scores = json.loads((run / "scores.json").read_text())
    found["scores"] = {key: value for key, value in scores.items() if key != "seconds"}
    with (run / "history.csv").open(newline="") as file:
        found["history"] = [
            {key: value for key, value in row.items() if key != "seconds"}
            for row in csv.DictReader(file)
        ]
    return found


def start(arguments, environment, folder=None):
    """Train in a process of its own that has all imported; below a folder, it dies at a write.

    Returns the process.
    """
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload(["recipes.train", "ser_plugins.core.training"])
    process = server.Process(target=_train, args=(arguments, environment, Path.cwd(), folder))
    process.start()
    return process


def _train(arguments, environment, here, folder):
    os.environ.update(environment)
    os.chdir(here)
    from recipes import train

    if folder is None:
        sys.exit(train.main(arguments))
    deaths = Path(f"{folder}.deaths")
    spared = set(deaths.read_text().splitlines()) if deaths.exists() else set()
    with Fate(folder, spared, kill):
        sys.exit(train.main(arguments))
