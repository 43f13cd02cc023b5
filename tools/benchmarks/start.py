"""How long a training command takes to its first epoch, and the memory that it needs."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

TRAIN = Path(__file__).parents[2] / "recipes" / "train.py"


def start(arguments: Sequence[str], folder: Path) -> tuple[float, float]:
    """Return seconds from process start to the first epoch, and peak memory in MiB.

    The process is stopped after its second epoch, long before it would read a test part.

    Args:
        arguments: of the training command.
        folder: where its run lies.
    """
    places = [f"--output_folder={folder}", f"--ledger={folder}.csv", "--number_of_epochs=3"]
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, str(TRAIN), *arguments, *places], stdout=subprocess.PIPE, text=True
    )
    with process:
        seconds = _to_first_epoch(process, began)
        process.kill()
        _, _, used = os.wait4(process.pid, 0)
        process.returncode = -9
    return seconds, used.ru_maxrss / 1024


def _to_first_epoch(process: "subprocess.Popen[str]", began: float) -> float:
    """Wait for two epochs; return when the first began."""
    seconds, epochs = 0.0, 0
    for line in process.stdout or ():
        if line.startswith("epoch "):
            epochs += 1
            seconds = seconds or time.perf_counter() - began - float(line.split()[-2])
        if epochs == 2:
            break
    return seconds
