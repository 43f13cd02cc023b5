"""The example package, as a stranger meets it: installed, found, trained, checked and removed."""

import ast
import json
import os
import shutil
import subprocess
import sys
import venv
from configparser import ConfigParser

import numpy as np
import pytest
import soundfile
from places import ROOT
from trials import broken

from ser_plugins import get_dataset, make_model, use_plugins
from ser_plugins.core import about
from ser_plugins.core.hparams import Experiment
from ser_plugins.core.keys import KEYS
from ser_plugins.core.yaml_files import read_tree

EXAMPLE = ROOT / "examples" / "ser_plugins_emovo"
PACKAGE = EXAMPLE / "ser_plugins_emovo"
YAML = PACKAGE / "conv_transformer.yaml"
NAMED = "ser_plugins_emovo:conv_transformer.yaml"
PLUGINS = [("datasets", "emovo"), ("models", "conv_transformer")]


@pytest.fixture
def loaded(monkeypatch):
    monkeypatch.syspath_prepend(EXAMPLE)
    use_plugins("ser_plugins_emovo")


@pytest.mark.parametrize("path", sorted(EXAMPLE.rglob("*.py")), ids=lambda path: path.stem)
def test_it_knows_the_public_api_alone(path):
    import ser_plugins

    public = {("ser_plugins", name) for name in ser_plugins.__all__}
    public |= {("ser_plugins.testing", "promises_of")}
    nodes = [n for n in ast.walk(ast.parse(path.read_text("utf-8"))) if hasattr(n, "names")]
    found = {(getattr(node, "module", ""), name.name) for node in nodes for name in node.names}
    assert {
        (m, name) for m, name in found if "ser_plugins" in f"{m} {name}".split(".")[0]
    } <= public


@pytest.mark.parametrize(("name", "most"), [("emovo", 45), ("conv_transformer", 60)])
def test_a_plugin_costs_few_lines(name, most):
    assert len((PACKAGE / f"{name}.py").read_text(encoding="utf-8").splitlines()) <= most


@pytest.mark.parametrize(("kind", "name"), PLUGINS)
def test_it_keeps_its_promises(loaded, kind, name):
    tree = EXAMPLE / "tests" / "emovo.txt" if kind == "datasets" else None
    assert not broken(kind, name, tree=tree)


def test_its_experiment_is_whole_and_chooses_its_own_plugins(loaded):
    assert set(KEYS) <= set(read_tree(YAML)) and "include" not in read_tree(YAML)
    assert len(YAML.read_text(encoding="utf-8").splitlines()) <= 100
    hparams = Experiment(YAML).load()
    assert [(kind, hparams[kind.removesuffix("s")]) for kind, _ in PLUGINS] == PLUGINS


def test_its_docs_tell_the_truth(loaded):
    model = make_model("conv_transformer", *about.COUNTED_WITH)
    count = "{:,} parameters with {} features and {} classes".format(
        sum(p.numel() for p in model.parameters()), *about.COUNTED_WITH
    )
    assert count in sys.modules[type(model).__module__].__doc__
    corpus = get_dataset("emovo")
    assert corpus.size == 588 == len(corpus.labels) * corpus.speakers * 14
    readme = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in readme for _, name in PLUGINS) and corpus.protocols[0].name in readme


def test_it_has_the_licence_that_it_claims_and_has_pip_fetch_nothing():
    setup = ConfigParser()
    setup.read(EXAMPLE / "setup.cfg")
    metadata = setup["metadata"]
    assert metadata["license"] == "Apache-2.0" and metadata["license_files"] == "LICENSE"
    licences = [(folder / "LICENSE").read_text(encoding="utf-8") for folder in (EXAMPLE, ROOT)]
    assert licences[0] == licences[1]
    assert not setup["options"]["install_requires"]


class Environment:
    """A clean environment that sees the packages of this one, and a folder to work in."""

    def __init__(self, folder):
        self.folder = folder
        venv.create(folder / "venv")  # pip is that of here
        self.python = folder / "venv" / "bin" / "python"
        self.source = shutil.copytree(EXAMPLE, folder / "source")  # pip builds in its folder
        (site,) = (folder / "venv" / "lib").glob("*/site-packages")
        here = [path for path in sys.path if path.endswith("site-packages")]
        (site / "here.pth").write_text(
            "".join(f"import site; site.addsitedir({x!r})\n" for x in here)
        )

    def run(self, *command, code=0):
        """Run Python; return what it printed."""
        places = {"PYTHONPATH": str(ROOT), "SER_PLUGINS_CACHE": str(self.folder / "cache")}
        done = subprocess.run(
            [self.python, *map(str, command)], cwd=self.folder, env=os.environ | places,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == code and "Traceback" not in done.stderr, done.stdout + done.stderr
        return done.stdout + done.stderr

    def install(self, *how):
        """Install the example with pip; nothing is downloaded."""
        offline = ("--no-deps", "--no-build-isolation", "--no-index", "--quiet")
        self.run("-m", "pip", "install", *offline, *how, self.source)

    def recipe(self, name, *arguments, **given):
        """Run a recipe of the checkout."""
        return self.run(ROOT / "recipes" / f"{name}.py", *arguments, **given)


@pytest.fixture
def environment(tmp_path):
    return Environment(tmp_path)


def write_emovo(root):
    """Write a small EMOVO: one sentence with sense and one without, of noise."""
    draw = np.random.default_rng(0)
    corpus = ((e, a, s) for e in "dis gio neu pau rab sor tri".split() for a in "fm" for s in "123")
    for emotion, sex, number in corpus:
        for text in ("b1", "n1"):
            path = root / f"{sex}{number}" / f"{emotion}-{sex}{number}-{text}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(path, 0.1 * draw.standard_normal(8000), 16000)
    return root


PROVIDERS = f"""
from ser_plugins.core import experiments, providers
print(*(providers.provider(*plugin) for plugin in {PLUGINS}), *experiments.installed(), sep=", ")
"""
FOUND = f"ser_plugins_emovo 0.1.0, ser_plugins_emovo 0.1.0, {NAMED}"


@pytest.mark.slow
def test_from_installation_to_removal(environment):
    emovo = write_emovo(environment.folder / "emovo")
    environment.install()
    assert FOUND in environment.run("-c", PROVIDERS)
    listed = environment.run(ROOT / "tools" / "plugins.py", "list")
    assert all(name in listed for name in ("emovo", "conv_transformer", NAMED, "emovo 0.1.0"))
    on_emovo = (f"--data_folder={emovo}", "--allow_partial=True", "--device=cpu")
    said = environment.recipe("train", NAMED, *on_emovo, "--number_of_epochs=1", "--batch_size=8")
    run = environment.folder / "results" / "conv_transformer" / "emovo" / "emovo-loso6"
    run = run / "fold1" / "seed1"
    assert "epoch" in said and json.loads((run / "scores.json").read_text())["test"]["n"] == 14
    config = json.loads((run / "bundle" / "config.json").read_text())
    assert config["plugins"]["models"] == {"conv_transformer": "ser_plugins_emovo 0.1.0"}
    environment.recipe("evaluate", run, "--fold", "2")
    tree = environment.source / "tests" / "emovo.txt"
    check = (ROOT / "tools" / "plugins.py", "check", "ser_plugins_emovo", "--tree", tree)
    assert "promises kept" in environment.run(*check)
    tested = environment.run("-m", "pytest", "-q", environment.source / "tests")
    assert " passed" in tested and " failed" not in tested
    environment.run("-m", "pip", "uninstall", "--yes", "--quiet", "ser_plugins_emovo")
    predict = (ROOT / "tools" / "predict.py", run, emovo / "f1" / "dis-f1-b1.wav")
    said = environment.run(*predict, code=2)
    assert "'conv_transformer', which is not here" in said
    assert "the package 'ser_plugins_emovo', version 0.1.0" in said
    said = environment.recipe("train", NAMED, *on_emovo, code=2)
    assert "no package 'ser_plugins_emovo' is installed here" in said


@pytest.mark.slow
def test_one_that_is_installed_to_be_worked_on_is_known_by_its_name(environment):
    environment.install("--editable")
    assert FOUND in environment.run("-c", PROVIDERS)
