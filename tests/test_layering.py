"""Imports run one way: recipes know core, core knows no plugin, plugins the public API."""

import ast
import re
import subprocess
import sys

import pytest
from places import ROOT

from ser_plugins.core.registry import KINDS

PACKAGE = ROOT / "ser_plugins"
PLUGINS = [path for kind in KINDS for path in sorted((PACKAGE / kind).glob("*.py"))]
EVERYDAY = {"table", "folders", "mix"}
CORE = sorted((PACKAGE / "core").rglob("*.py"))


def imports(path):
    """Return the absolute names that a file imports."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            stem = ".".join([*base, *(node.module or "").split(".")]).strip(".")
            found |= {f"{stem}.{alias.name}" for alias in node.names}
    return found


def test_the_public_api_is_what_it_says():
    import ser_plugins

    assert set(dir(ser_plugins)) == {*ser_plugins.__all__, "__version__"}
    assert set(ser_plugins.LAZY) <= set(ser_plugins.__all__)
    assert all(getattr(ser_plugins, name) for name in ser_plugins.__all__)


def ours(path):
    return {name for name in imports(path) if name.split(".")[0] == "ser_plugins"}


@pytest.mark.parametrize("path", PLUGINS, ids=lambda path: path.stem)
def test_a_plugin_knows_the_public_api_and_its_own_helpers(path):
    import ser_plugins

    for name in ours(path):
        private = name.startswith(f"ser_plugins.{path.parent.name}._")
        assert private or name.removeprefix("ser_plugins.") in ser_plugins.__all__


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.stem)
def test_core_knows_no_plugin(path):
    assert not [name for name in ours(path) if name.split(".")[1] in KINDS]
    # Augmentations, and some corpora, have the names of everyday words.
    everyday = {p for p in PLUGINS if p.parent.name == "augmentations" or p.stem in EVERYDAY}
    names = {p.stem for p in PLUGINS if p.stem[0] != "_" and p not in everyday}
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    texts = [node.value for node in nodes if isinstance(node, ast.Constant)]
    shown = " ".join(text for text in texts if isinstance(text, str) and ">>>" not in text)
    assert not names & set(re.findall(r"\w+", shown))


@pytest.mark.parametrize("path", CORE + PLUGINS, ids=lambda path: path.stem)
def test_nothing_in_the_package_prints(path):
    tree = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    assert not [n for n in tree if isinstance(n, ast.Name) and n.id == "print"]


def test_the_lockbox_of_the_test_part_is_unlocked_in_one_place():
    users = [path.stem for path in PACKAGE.rglob("*.py") if ".unlock()" in path.read_text()]
    assert users == ["reading"]


def test_the_public_api_loads_nothing_heavy_until_it_is_asked_for():
    """Nor tqdm: `core.command` says how bars end before it is loaded."""
    heavy = "{'torch', 'tqdm', 'requests', 'pooch', 'scipy', 'matplotlib'}"
    code = f"import sys, ser_plugins.core.command; print(*{heavy} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
