"""Runs commands side by side, in processes of their own that end when this one is stopped."""

import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

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
    other. Ctrl-C and SIGTERM are handed on, and every process is waited for.

    Raises:
        KeyboardInterrupt: at Ctrl-C.
        SystemExit: at SIGTERM, with 143, or SIGHUP, with 129.
    """
    waiting, running = deque(tasks), dict[Task, subprocess.Popen[bytes]]()
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with signals_noted() as caught:
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
            _end(list(running.values()), caught[0] if caught else signal.SIGTERM)
    if caught:
        raise KeyboardInterrupt if caught[0] == signal.SIGINT else SystemExit(128 + caught[0])


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


def _end(processes: Sequence[subprocess.Popen[bytes]], number: int) -> None:
    """Hand a signal on and wait; kill what does not heed it."""
    for process in processes:
        process.send_signal(signal.SIGINT if number == signal.SIGINT else signal.SIGTERM)
    deadline = time.monotonic() + GRACE
    for process in processes:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def signals_noted() -> Iterator[list[int]]:
    """Note Ctrl-C, SIGTERM and SIGHUP instead of being broken off, between two processes."""
    caught: list[int] = []
    names = [getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGHUP")]
    before = {name: signal.getsignal(name) for name in names if name is not None}
    heeded = {name: now for name, now in before.items() if now != signal.SIG_IGN}  # as by nohup
    for name in heeded:
        signal.signal(name, lambda number, _: caught.append(number))
    try:
        yield caught
    finally:
        for name, handler in heeded.items():
            signal.signal(name, handler)


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
