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
