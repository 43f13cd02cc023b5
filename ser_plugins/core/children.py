"""Runs commands side by side, in processes of their own that end when this one is stopped."""

import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from .signals import leave, noted

PAUSE = 0.1  # seconds between two looks
GRACE = 60  # seconds that a process has to end


class Task(NamedTuple):
    """One command.

    Args:
        command: program and arguments.
        output: file that takes what it prints.
    """

    command: tuple[str, ...]
    output: Path


def side_by_side(tasks: Sequence[Task], jobs: int) -> Iterator[tuple[Task, int]]:
    """Run tasks, so many at a time; yield each with its exit code as it ends.

    Each has one thread of its own for arithmetic: processes that all take every core hinder each
    other. Ctrl-C and SIGTERM are handed on, a second one too, and every process is waited for.

    Raises:
        KeyboardInterrupt: at Ctrl-C.
        SystemExit: at SIGTERM, with 143, or SIGHUP, with 129.
    """
    waiting, running = deque(tasks), dict[Task, subprocess.Popen[bytes]]()
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with noted() as caught:
        try:
            while (waiting or running) and not caught:
                while waiting and len(running) < jobs and not caught:
                    task = waiting.popleft()
                    running[task] = _start(task, environment)
                ended = [task for task, process in running.items() if process.poll() is not None]
                for task in ended:
                    yield task, running.pop(task).returncode
                if not ended:
                    time.sleep(PAUSE)
        finally:
            _end(list(running.values()), caught)
    if caught:
        leave(caught)


def _start(task: Task, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    task.output.parent.mkdir(parents=True, exist_ok=True)
    with task.output.open("wb") as output:
        return subprocess.Popen(
            task.command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,  # a terminal's Ctrl-C would reach it twice
        )


def _end(processes: Sequence[subprocess.Popen[bytes]], caught: Sequence[int]) -> None:
    """Hand signals on, those that come meanwhile too, and wait; kill what does not heed them."""
    running, sent = list(processes), 0
    unasked = [] if caught else [signal.SIGTERM]
    deadline = time.monotonic() + GRACE
    while running and time.monotonic() < deadline:
        for number in [*unasked, *caught][sent:]:
            for process in running:
                process.send_signal(signal.SIGINT if number == signal.SIGINT else signal.SIGTERM)
            sent += 1
        time.sleep(PAUSE)
        running = [process for process in running if process.poll() is None]
    for process in running:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def say_code(code: int) -> str:
    """Return an exit code in words.

    >>> say_code(2), say_code(-9)
    ('exit code 2', 'killed by SIGKILL')
    """
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def last_lines(path: Path, most: int = 5) -> list[str]:
    """Return the last lines of an output that are not empty."""
    text = path.read_text(encoding="utf-8", errors="replace")
    return [line for line in text.splitlines() if line.strip()][-most:]
