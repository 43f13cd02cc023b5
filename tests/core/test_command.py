"""A command ends as a script can trust."""

import os
import subprocess
import sys

import pytest
from places import ROOT


@pytest.mark.parametrize(
    "command",
    [
        ("tools/protocols.py", "list"),  # by logging
        ("tools/plugins.py", "list"),  # by lines
        ("tools/plugins.py", "--help"),
        ("recipes/train.py", "--help"),
    ],
    ids=" ".join,
)
def test_a_reader_who_has_gone_ends_a_command_without_a_word(command):
    reader, writer = os.pipe()
    os.close(reader)
    place = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": ""}
    done = subprocess.run(
        [sys.executable, *command], stdout=writer, stderr=subprocess.PIPE, env=place, cwd=ROOT,
        text=True,
    )  # fmt: skip
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.parametrize(
    ("told", "spins"),
    [({}, "3000"), ({"OMP_WAIT_POLICY": "ACTIVE"}, None), ({"GOMP_SPINCOUNT": "7"}, "7")],
    ids=["nothing", "to wait actively", "how long"],
)
def test_threads_wait_as_they_are_told_and_spin_shortly_if_told_nothing(told, spins):
    kept = {k: v for k, v in os.environ.items() if k not in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")}
    code = "import os; from ser_plugins.core import command; print(os.getenv('GOMP_SPINCOUNT'))"
    said = subprocess.run(
        [sys.executable, "-c", code], env={**kept, **told, "PYTHONPATH": str(ROOT)}, cwd=ROOT,
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert said.strip() == str(spins)
