"""A bundle says which package each of its plugins came from; nothing else it says is believed."""

import json
from types import SimpleNamespace

import pytest
from places import YAML

from ser_plugins import use_plugins
from ser_plugins.core import bundle as bundles
from ser_plugins.core import providers, registry
from ser_plugins.core.errors import BundleError, InputError
from ser_plugins.core.hparams import Experiment

SMALL = [("model_options.channels", "[4, 8]"), ("model_options.hidden", "8")]
OURS = """
from ser_plugins import hookimpl, make_model

@hookimpl
def ser_models():
    return {"borrowed": borrowed}

def borrowed(n_features, n_classes):
    return make_model("pooled_linear", n_features, n_classes)
"""


@pytest.fixture
def write(tmp_path):
    def write(*given):
        other = any(key == "model" for key, _ in given)
        hparams = Experiment(YAML, [*given] if other else [*SMALL, *given]).load()
        bundle = bundles.build(bundles.make_config(hparams, ["sad", "angry"]))
        bundles.write(tmp_path / "bundle", bundle)
        return tmp_path / "bundle"

    return write


def change(folder, **values):
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def test_a_bundle_records_the_package_of_every_plugin_however_deep(write):
    parts = json.dumps({"parts": {"mfcc": {}, "prosody": {}}})
    folder = write(("features", "stack"), ("features_options", parts))
    record = json.loads((folder / "config.json").read_text())["plugins"]
    own = providers.provider("models", "cnn_bigru")
    names = {"stack": own, "mfcc": own, "prosody": own}
    assert record == {"features": names, "models": {"cnn_bigru": own}}
    assert bundles.read(folder).config["plugins"] == record


def test_a_plugin_of_another_package_is_recorded_and_missed_by_name(write, monkeypatch, tmp_path):
    (tmp_path / "ours.py").write_text(OURS)
    use_plugins(str(tmp_path / "ours.py"))
    folder = write(("model", "borrowed"), ("model_options", "{}"))
    record = json.loads((folder / "config.json").read_text())["plugins"]["models"]
    assert record["borrowed"] == "a file, ours.py"
    registry.default.cache_clear()
    with pytest.raises(BundleError, match=r"'borrowed'.*a file, ours\.py.*--plugins"):
        bundles.read(folder)
    change(folder, plugins={"models": {"borrowed": "ser-more 2.1"}})
    with pytest.raises(BundleError, match=r"'ser-more', version 2\.1.*before you install"):
        bundles.read(folder)
    change(folder, plugins={"models": {"borrowed": "ser_plugins 9.9"}})
    with pytest.raises(BundleError, match=r"ser_plugins 9\.9 has it"):
        bundles.read(folder)


@pytest.mark.parametrize("recorded", ["my_strange", "my-strange", "My.Strange"])
def test_a_package_that_is_here_but_does_not_load_says_why(write, install, recorded):
    """A bundle may have its name in another spelling, which is one to pip."""
    install("stranger", {"a.py": OURS}, {"a": "stranger.a"})
    folder = write(("model", "borrowed"), ("model_options", "{}"))
    assert bundles.read(folder)
    install("my_strange", {"a.py": OURS + "requires = '>=1.9'"}, {"a": "my_strange.a"})
    change(folder, plugins={"models": {"gone": f"{recorded} 1.2"}})
    with pytest.raises(BundleError, match=rf"'gone'.*'{recorded}'.*is here, but.*API >=1\.9"):
        bundles.read(folder)


@pytest.mark.parametrize("name", ["my models (2).py", "модель.py", "_mine.py"])
def test_a_file_of_any_name_that_can_be_shown_makes_a_bundle_that_loads(write, tmp_path, name):
    (tmp_path / name).write_text(OURS)
    use_plugins(str(tmp_path / name))
    folder = write(("model", "borrowed"), ("model_options", "{}"))
    bundle = bundles.read(folder)
    bundles.check_portable(bundle)
    assert bundle.config["plugins"]["models"]["borrowed"] == f"a file, {name}"
    registry.default.cache_clear()


def test_a_file_whose_name_cannot_be_shown_is_refused_before_training(tmp_path):
    (tmp_path / "a\x1b[2J.py").write_text(OURS)
    use_plugins(str(tmp_path / "a\x1b[2J.py"))
    hparams = Experiment(YAML, [("model", "borrowed"), ("model_options", "{}")]).load()
    with pytest.raises(InputError, match=r"'borrowed'.*x1b"):
        bundles.check_portable(bundles.build(bundles.make_config(hparams, ["sad", "angry"])))
    registry.default.cache_clear()


def test_a_module_of_no_package_is_recorded_by_a_name_that_loads(monkeypatch):
    monkeypatch.setattr(registry.Registry, "origin", lambda *_: "_mine.models")
    providers.check_record({"models": {"any": providers.provider("models", "any")}})


def test_the_package_of_an_entry_point_is_that_which_declares_it(monkeypatch):
    entry = SimpleNamespace(
        value="far_away.models", dist=SimpleNamespace(name="ser-more", version="2.1")
    )
    monkeypatch.setattr(providers.importlib.metadata, "entry_points", lambda group: [entry])
    monkeypatch.setattr(registry.Registry, "origin", lambda *_: "far_away.models")
    assert providers.provider("models", "any") == "ser-more 2.1"


def test_a_package_that_lists_no_files_is_found_by_its_entry_point(install, monkeypatch):
    """As of an installation with `pip install -e`; also for a module that is no entry point."""
    more = OURS.replace("borrowed", "more")
    install("stranger", {"a.py": OURS, "b.py": more}, {"a": "stranger.a"}, version="2.1")
    use_plugins("stranger.b")
    monkeypatch.setattr(providers, "_distributions", dict)
    for name in ("borrowed", "more"):
        assert providers.provider("models", name) == "stranger 2.1"


def test_a_module_that_was_named_by_hand_is_traced_to_its_package(monkeypatch):
    monkeypatch.setattr(registry.Registry, "origin", lambda *_: "sklearn.svm")
    assert providers.provider("models", "any").startswith("scikit-learn ")


@pytest.mark.parametrize(
    "plugins",
    [
        [],
        {"programs": {}},
        {"models": ["a"]},
        {"models": {"a": 1}},
        {"models": {"a": "pip install evil && x"}},
        {"models": {"a": "evil\x1b[2J 1.0"}},
        {"models": {"a\x1b[2J": "evil 1.0"}},
    ],
)
def test_a_record_that_is_no_record_is_refused(write, plugins):
    folder = write()
    change(folder, plugins=plugins)
    with pytest.raises(InputError, match="a package and its version"):
        bundles.read(folder)


def test_a_bundle_from_before_the_record_loads(write):
    folder = write()
    path = folder / "config.json"
    config = json.loads(path.read_text())
    del config["plugins"]
    path.write_text(json.dumps(config))
    assert bundles.read(folder).labels == ("sad", "angry")
