"""Shared fixtures: a folder of tones, a cache of its own, and runs of the recipes."""

import importlib
import logging
import math
import os
import shutil
import sys
from pathlib import Path

# Before torch is loaded: threads that wait must not spin on a machine that has other work.
os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
if "PYTEST_XDIST_WORKER" in os.environ:  # one process a core: more threads would be in the way
    os.environ.setdefault("OMP_NUM_THREADS", "1")

import hub_server
import pytest
import strangers
import tiny_ssl
import torch
import toy
from matplotlib.figure import Figure
from places import SMALL, YAML, on_tones

from recipes import evaluate, train
from ser_plugins.core import bundle as bundles
from ser_plugins.core import frame_key, places, registry
from ser_plugins.core.errors import InputError
from ser_plugins.core.hparams import Experiment


@pytest.fixture(scope="session")
def toy_folder(tmp_path_factory):
    return toy.write(tmp_path_factory.mktemp("corpora") / "toy")


@pytest.fixture(scope="session")
def voices(cache):
    """The synthetic corpus where runs that name no folder find it; to be read, not changed."""
    from ser_plugins import get_dataset

    nothing_named = {"data_folder": None, "dataset_options": {}}
    return places.corpus_folder("synthetic", get_dataset("synthetic"), nothing_named, cache)


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory):
    """Folders of tiny checkpoints by name, such as wavlm-group; to be read, not changed."""
    root = tmp_path_factory.mktemp("checkpoints")
    return {name: str(tiny_ssl.write(root / name, name)) for name in tiny_ssl.NAMES}


@pytest.fixture(scope="session")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def own_places(cache, tmp_path, monkeypatch):
    """No test writes outside its folders, and a plugin is one of the test that uses it."""
    monkeypatch.setenv("SER_PLUGINS_CACHE", str(cache))
    monkeypatch.setenv("SER_PLUGINS_LEDGER", str(tmp_path / "own_ledger.csv"))
    monkeypatch.chdir(tmp_path)
    logger = logging.getLogger("ser_plugins")
    logger.propagate = True
    logger.setLevel(logging.INFO)
    before, forget = names(), registry.default.cache_clear
    yield
    if names() != before:
        forget()


def names():
    """Return the names of all plugins by kind."""
    return {kind: registry.default().names(kind) for kind in registry.KINDS}


def sketch(_, path, **options):
    """Stand for drawing a picture, which takes as long as the training on tones."""
    Path(path).touch()


@pytest.fixture
def run_toy(toy_folder):
    """Train on the tones; return the run folder. Its pictures are empty unless `drawn`."""

    def run(*overrides, folder="run", yaml=YAML, model=SMALL, drawn=False):
        tones = on_tones(toy_folder, folder)
        with pytest.MonkeyPatch.context() as patch:
            if not drawn:
                patch.setattr(Figure, "savefig", sketch)
            assert train.main([str(yaml), *tones, *model, *overrides]) == 0
        return Path(folder)

    return run


@pytest.fixture
def findable_frames(monkeypatch):
    """Let frames be found again, though tests write plugins and their processes have no script."""
    monkeypatch.setattr(frame_key, "STARTED", math.inf)
    monkeypatch.setattr(sys.modules["__main__"], "__file__", __file__, raising=False)


@pytest.fixture(scope="session")
def finished(toy_folder, cache, tmp_path_factory):
    """A run on the tones, as `run_toy` without overrides makes it; to be read, not changed."""
    folder = tmp_path_factory.mktemp("finished") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SER_PLUGINS_CACHE", str(cache))
        patch.setenv("SER_PLUGINS_LEDGER", str(folder.parent / "own_ledger.csv"))
        patch.chdir(folder.parent)
        assert train.main([str(YAML), *on_tones(toy_folder, folder), *SMALL]) == 0
    registry.default.cache_clear()
    return folder


@pytest.fixture
def run(finished, tmp_path):
    """A run like `finished` in the current folder, with ledgers of its own; to be changed."""
    shutil.copytree(finished.parent, tmp_path, dirs_exist_ok=True)
    path = Path("run", "hyperparams.yaml")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(str(finished.parent), str(tmp_path)), encoding="utf-8")
    return Path("run")


@pytest.fixture(scope="session")
def small_bundle():
    """Build a small system that is not trained, in eval mode; each is the same."""

    def build(labels=("sad", "angry", "calm"), **keys):
        torch.manual_seed(0)
        known = {"model_options.channels": "[4, 8]", "model_options.hidden": "8"}
        given = ({"model_options": "{}"} if "model" in keys else known) | keys
        hparams = Experiment(YAML, list(given.items())).load()
        bundle = bundles.build(bundles.make_config(hparams, labels))
        bundle.classifier.eval()
        return bundle

    return build


@pytest.fixture
def install(tmp_path):
    """Install a package of a stranger's for one test; see `strangers.write`."""
    folder, before = str(tmp_path / "site"), set(sys.modules)
    sys.path.insert(0, folder)

    def install(name, files=(), entries=(), **given):
        strangers.write(Path(folder), name, dict(files), dict(entries), **given)
        importlib.invalidate_caches()
        registry.default.cache_clear()

    yield install
    sys.path.remove(folder)
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(folder):
            del sys.modules[name]
    registry.default.cache_clear()


@pytest.fixture
def refused():
    """Run a recipe that must fail; return its message."""

    def run(main, *arguments):
        with pytest.raises(InputError) as caught:
            main([str(argument) for argument in arguments])
        return str(caught.value)

    return run


@pytest.fixture
def hub():
    """A Hub on this machine, empty."""
    with hub_server.serve() as hub:
        yield hub


@pytest.fixture
def home(hub, tmp_path, monkeypatch):
    """The folder of a client of that Hub, logged in; it asks no other."""
    with hub_server.client(hub, tmp_path / "home", monkeypatch) as home:
        yield home


@pytest.fixture
def evaluate_run():
    return evaluate.main
