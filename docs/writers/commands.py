"""Sections of the experiments, their keys, and the commands."""

import os
import subprocess
import sys
from pathlib import Path

from ser_plugins.core.key_kinds import REQUIRED
from ser_plugins.core.keys import KEYS

from .markdown import fenced, joined, table

ROOT = Path(__file__).parents[2]


def experiments() -> str:
    """Return each YAML that ships, as it stands."""
    return joined(*map(one_yaml, sorted((ROOT / "hparams").glob("*.yaml"))))


def fragments() -> str:
    """Return each file that YAMLs include, as it stands."""
    return joined(*map(one_yaml, sorted((ROOT / "hparams" / "fragments").glob("*.yaml"))))


def one_yaml(path: Path) -> str:
    """Return the section of a YAML."""
    heading = path.relative_to(ROOT).as_posix()
    return joined(f"## `{heading}`", fenced("yaml", path.read_text(encoding="utf-8")))


def keys() -> str:
    """Return the table of the keys at the left margin of a YAML."""
    rows = []
    for name, key in KEYS.items():
        default = "" if key.default is REQUIRED else f"`{key.default}`"
        rows.append((f"`{name}`", key.about, key.expected, default))
    return table(("key", "what it sets", "legal values", "where it is left out"), rows)


def commands() -> str:
    """Return what `--help` prints for each recipe and tool."""
    files = [path for folder in ("recipes", "tools") for path in (ROOT / folder).glob("[!_]*.py")]
    return joined(*map(one_command, sorted(files)))


def one_command(path: Path) -> str:
    """Return the section of a command."""
    done = subprocess.run(
        [sys.executable, str(path), "--help"],
        env={**os.environ, "COLUMNS": "88", "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    installed = (ROOT / "ser_plugins" / "cli" / path.name).exists()
    also = f"Installed, it is also called `ser-{path.stem}`." if installed else ""
    heading = path.relative_to(ROOT).as_posix()
    return joined(f"## `{heading}`", also, fenced("text", done.stdout))
