"""Processes are joined where torchrun has started them, and nowhere else."""

import subprocess
import sys

import pytest
from places import ROOT

from recipes import baseline
from ser_plugins.core.errors import OptionError
from ser_plugins.core.launch import NEEDED, joined

LOADS = """
import sys
from ser_plugins.core.launch import joined
with joined():
    assert "torch" not in sys.modules
"""


def test_without_torchrun_torch_is_not_even_loaded(monkeypatch):
    for name in NEEDED:
        monkeypatch.delenv(name, raising=False)
    assert subprocess.run([sys.executable, "-c", LOADS], cwd=ROOT).returncode == 0


def test_an_environment_that_is_half_of_torchruns_is_refused(monkeypatch):
    for name in NEEDED:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("RANK", "0")
    with joined():
        pass  # some schedulers set it for other ends
    monkeypatch.setenv("LOCAL_RANK", "0")
    with pytest.raises(OptionError, match="not WORLD_SIZE, MASTER_ADDR, MASTER_PORT"), joined():
        pass


def test_the_baseline_is_not_for_torchrun(monkeypatch, tmp_path):
    for name in NEEDED:
        monkeypatch.setenv(name, "0")
    with pytest.raises(OptionError, match="Start this without it"):
        baseline.main([f"--output_folder={tmp_path}/run"])
    assert not list(tmp_path.glob("run"))
