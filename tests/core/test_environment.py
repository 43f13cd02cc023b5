"""What a run ran on is written down, and a change between two starts is told."""

import json
import shutil
import subprocess

import pytest
import torch

from ser_plugins.core.environment import PACKAGE, git_state, note
from ser_plugins.core.errors import InputError


def test_a_run_writes_down_what_could_change_it(finished):
    (found,) = json.loads((finished / "environment.json").read_text())
    for name in ("torch", "speechbrain", "numpy", "python", "ser_plugins"):
        assert found["versions"][name]
    assert found["threads"] >= 1 and found["device"] == "cpu"
    assert found["torch_build"] == torch.__version__
    assert found["precision"] in ("bf16", "fp32")
    assert found["plugin_files"].keys() == {"toy.py"} and found["decoded_audio"]
    assert found["deterministic_algorithms"] is False and found["instructions"]
    assert str(finished) not in json.dumps(found) and "/" not in found["decoded_audio"]


def test_a_change_is_told_and_kept(tmp_path, caplog):
    path, first = tmp_path / "environment.json", {"threads": 1, "device": "cpu"}
    note(path, first)
    note(path, first)
    assert json.loads(path.read_text()) == [first] and not caplog.text
    second = {"threads": 2, "device": "cpu"}
    note(path, second)
    assert "threads was 1, is 2: its result may differ" in caplog.text
    assert "device" not in caplog.text and json.loads(path.read_text()) == [first, second]


@pytest.mark.parametrize("content", ["", "[]", "[1]", "{}"])
def test_a_damaged_record_is_named(tmp_path, content):
    path = tmp_path / "environment.json"
    path.write_text(content)
    with pytest.raises(InputError, match="environment.json is damaged"):
        note(path, {"threads": 1})


@pytest.mark.skipif(not shutil.which("git"), reason="there is no git")
def test_the_commit_and_changes_since_are_told(tmp_path):
    def git(*arguments):
        own = ("-c", "user.name=x", "-c", "user.email=x@example.org")
        subprocess.run(["git", *own, *arguments], cwd=tmp_path, check=True, capture_output=True)

    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    nothing = {"commit": None, "changed": None}
    assert git_state(package) == nothing
    git("init")
    assert git_state(package) == nothing  # it lies in a repository of something else
    git("add", ".")
    git("commit", "-m", "Begin")
    assert git_state(package)["changed"] is False and len(git_state(package)["commit"]) == 40
    (package / "__init__.py").write_text("x = 1")
    assert git_state(package)["changed"] is True


def test_the_package_is_the_toolkit():
    assert (PACKAGE / "core" / "environment.py").exists()
