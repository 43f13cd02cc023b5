"""Processes run side by side, and end with the one that started them."""

import os
import signal
import subprocess
import sys
import time

import pytest
from places import ROOT

from ser_plugins.core.children import Task, last_lines, side_by_side

WAIT = """
import pathlib, signal, sys, time
def end(number, _):
    pathlib.Path(sys.argv[1] + ".ended").write_text(str(number))
    sys.exit(7)
signal.signal(signal.SIGINT, end)
signal.signal(signal.SIGTERM, end)
pathlib.Path(sys.argv[1] + ".begun").touch()
time.sleep(60)
"""
PARENT = """
import pathlib, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # also where a shell has it ignored
signal.signal(signal.SIGHUP, signal.SIG_DFL)
from ser_plugins.core.children import Task, side_by_side
from ser_plugins.core.command import run_command
def main(arguments):
    wait, *names = arguments
    tasks = [Task((sys.executable, "-c", wait, name), pathlib.Path(name)) for name in names]
    return len(list(side_by_side(tasks, 2)))
run_command(main)
"""


def task(folder, name, code):
    return Task((sys.executable, "-c", code), folder / f"{name}.txt")


def test_each_exit_code_and_output_is_its_own(tmp_path):
    tasks = [task(tmp_path, n, f"import sys; print('I am {n}'); sys.exit({n})") for n in range(5)]
    codes = dict(side_by_side(tasks, 2))
    assert [codes[one] for one in tasks] == [0, 1, 2, 3, 4]
    assert [last_lines(one.output) for one in tasks] == [[f"I am {n}"] for n in range(5)]


def test_no_more_run_at_a_time_than_was_asked_for(tmp_path):
    code = f"""
import pathlib, os, time
mine = pathlib.Path({str(tmp_path)!r}) / f"{{os.getpid()}}.here"
mine.touch(); time.sleep(0.2)
print(len(list(mine.parent.glob("*.here")))); mine.unlink()
"""
    tasks = [task(tmp_path, n, code) for n in range(5)]
    list(side_by_side(tasks, 2))
    assert max(int(last_lines(one.output)[0]) for one in tasks) <= 2


def test_each_has_one_thread(tmp_path):
    (one,) = [task(tmp_path, "x", "import os; print(os.environ['OMP_NUM_THREADS'])")]
    assert list(side_by_side([one], 1)) == [(one, 0)] and last_lines(one.output) == ["1"]


@pytest.mark.parametrize(
    ("stop", "heard", "code"),
    [
        (signal.SIGINT, signal.SIGINT, 130),
        (signal.SIGTERM, signal.SIGTERM, 143),
        (signal.SIGHUP, signal.SIGTERM, 129),
    ],
)
def test_a_signal_is_handed_on_and_every_process_waited_for(tmp_path, stop, heard, code):
    names = [str(tmp_path / name) for name in "abc"]
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, WAIT, *names],
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    while not all((tmp_path / f"{name}.begun").exists() for name in "ab"):
        assert parent.poll() is None
        time.sleep(0.05)
    parent.send_signal(stop)
    assert parent.wait(30) == code and b"Traceback" not in parent.stderr.read()
    ended = [tmp_path / f"{name}.ended" for name in "ab"]
    assert [path.read_text() for path in ended] == [str(int(heard))] * 2
    assert not (tmp_path / "c.begun").exists()


def test_what_is_left_is_ended_when_nobody_asks_for_more(tmp_path):
    tasks = [task(tmp_path, "quick", "pass"), task(tmp_path, "slow", "import time; time.sleep(60)")]
    running = side_by_side(tasks, 2)
    assert next(running) == (tasks[0], 0)
    began = signal.getsignal(signal.SIGTERM)
    running.close()
    assert signal.getsignal(signal.SIGTERM) != began  # ours again


def test_a_second_signal_is_handed_on_too(tmp_path):
    slow = WAIT.replace("    sys.exit(7)", "    signal.signal(number, end_at_once)").replace(
        "def end(", "def end_at_once(*_):\n    sys.exit(8)\ndef end("
    )
    name = str(tmp_path / "a")
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, slow, name],
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    for mark in ("begun", "ended"):
        while not (tmp_path / f"a.{mark}").exists():
            assert parent.poll() is None
            time.sleep(0.05)
        parent.send_signal(signal.SIGTERM)
    assert parent.wait(30) == 143
