"""Every command tells at once what it does: nothing heavy is loaded for that."""

import importlib
import subprocess
import sys

import pytest
from places import ROOT

COMMANDS = sorted(path.stem for path in (ROOT / "ser_plugins" / "cli").glob("[!_]*.py"))
HEAVY = {"torch", "matplotlib", "gradio", "onnxruntime", "sounddevice", "sklearn", "scipy.stats"}
QUICK = {"demo", "listen", "predict"}  # which load nothing that decodes sound either
DECODERS = {"numpy", "scipy", "soundfile", "soxr"}


@pytest.mark.parametrize("command", COMMANDS)
def test_help_says_what_the_command_does_and_loads_nothing_heavy(command):
    code = (
        f"import sys, ser_plugins.cli.{command} as command\nsys.argv = ['x', '--help']\n"
        "try: command.run()\nfinally: print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    *said, loaded = done.stdout.splitlines()
    about = importlib.import_module(f"ser_plugins.cli.{command}").__doc__
    assert about.strip() in "\n".join(said) and "--help" in done.stdout
    assert not (HEAVY | (DECODERS if command in QUICK else set())) & set(loaded.split())
