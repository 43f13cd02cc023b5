"""What a training command takes as a process: to its first epoch, for an epoch, and of memory."""

import math
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from ser_plugins.core.errors import InputError

TRAIN = Path(__file__).parents[2] / "recipes" / "train.py"
EPOCHS = 2  # that are waited for


class Start(NamedTuple):
    """What was measured.

    Args:
        seconds: from the start of the process to that of the first epoch.
        epoch: seconds of the second epoch, with its validation.
        memory: the peak, in MiB; files that are mapped, as the audio cache is, count.
        own: what the process held of its own after the second epoch, in MiB; NaN but on Linux.
    """

    seconds: float
    epoch: float
    memory: float
    own: float


def start(arguments: Sequence[str], folder: Path) -> Start:
    """Train for two epochs in a process that is stopped then, long before it reads a test part.

    Args:
        arguments: of the training command.
        folder: where its run lies.
    """
    places = [
        f"--output_folder={folder}",
        f"--ledger={folder}.csv",
        f"--number_of_epochs={EPOCHS + 1}",
    ]
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, str(TRAIN), *arguments, *places], stdout=subprocess.PIPE, text=True
    ) as process:
        epochs = list(_epochs(process.stdout or ()))
        own = _own_memory(process.pid)
        os.kill(process.pid, signal.SIGKILL)  # Popen's would take what wait4 is to tell
        _, _, used = os.wait4(process.pid, 0)
        process.returncode = -9
    if len(epochs) < EPOCHS:
        raise InputError(f"train.py {' '.join(arguments)} ended before epoch {EPOCHS}; see above")
    (first_ended, seconds), (ended, _) = epochs
    memory = used.ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)
    return Start(first_ended - seconds - began, ended - first_ended, memory, own)


def _own_memory(process: int) -> float:
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    except OSError:
        return math.nan
    found = re.search(r"RssAnon:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else math.nan


def _epochs(lines: Iterable[str]) -> Iterable[tuple[float, float]]:
    """Yield when each epoch ended, and its seconds."""
    for number, line in enumerate((line for line in lines if line.startswith("epoch ")), 1):
        yield time.perf_counter(), float(line.split()[-2])
        if number == EPOCHS:
            return
