"""Finding plugins by name, and saying what is wrong when one is missing."""

import importlib.metadata
import sys
import types

import pytest

from ser_plugins import hookimpl, use_plugins
from ser_plugins.core import registry
from ser_plugins.core.registry import PluginError, Registry, UnknownPluginError


def plugin(name, **hooks):
    module = types.ModuleType(name)
    for hook, found in hooks.items():
        setattr(module, hook, hookimpl(lambda found=found: found))
    return module


def registry_of(*plugins):
    made = Registry()
    for each in plugins:
        made.add(each, each.__name__)
    return made


@pytest.fixture
def fresh(monkeypatch):
    """The default registry, made anew, and forgotten afterwards."""
    registry.default.cache_clear()
    yield registry.default
    registry.default.cache_clear()


def test_get_returns_what_the_plugin_registered():
    found = registry_of(plugin("a", ser_models={"tiny": int}))
    assert found.get("models", "tiny") is int
    assert found.origin("models", "tiny") == "a"


def test_an_unknown_name_lists_what_exists_and_the_nearest():
    found = registry_of(plugin("a", ser_models={"tiny": int, "large": int}))
    with pytest.raises(UnknownPluginError, match="large, tiny. Did you mean 'tiny'"):
        found.get("models", "tiney")


def test_a_clash_names_both_origins_and_the_way_out():
    found = registry_of(plugin("a", ser_models={"x": 1}), plugin("b", ser_models={"x": 2}))
    with pytest.raises(PluginError, match="both a and b.*SER_PLUGINS_BLOCK"):
        found.names("models")


def test_a_misspelt_hook_is_refused_and_leaves_no_trace():
    found = Registry()
    with pytest.raises(PluginError, match="ser_modells"):
        found.add(plugin("bad", ser_modells={}), "bad")
    found.add(plugin("good", ser_models={"tiny": int}), "good")
    assert found.names("models") == ["tiny"]


def test_a_plugin_without_hooks_is_refused():
    with pytest.raises(PluginError, match="no hook"):
        Registry().add(types.ModuleType("empty"), "empty")


def test_a_hook_that_returns_no_mapping_is_refused():
    with pytest.raises(PluginError, match="must return a mapping"):
        registry_of(plugin("a", ser_models=["tiny"]))


def test_a_hook_that_fails_is_refused_and_the_others_stay():
    bad, found = plugin("bad"), registry_of(plugin("good", ser_models={"tiny": int}))
    bad.ser_models = hookimpl(lambda: 1 / 0)
    with pytest.raises(PluginError, match="ZeroDivisionError"):
        found.add(bad, "bad")
    assert found.names("models") == ["tiny"]


def test_the_same_plugin_twice_is_one_plugin():
    one = plugin("a", ser_models={"x": 1})
    assert registry_of(one, one).names("models") == ["x"]


def test_a_registry_name_is_its_modules_name(fresh):
    for kind in registry.KINDS:
        for name in fresh().names(kind):
            assert fresh().origin(kind, name) == f"ser_plugins.{kind}.{name}"


def test_one_broken_package_warns_and_the_others_load(fresh, monkeypatch, caplog):
    monkeypatch.setitem(sys.modules, "stranger", plugin("stranger", ser_models={"odd": int}))
    entries = [
        importlib.metadata.EntryPoint("broken", "no_such_module", "ser_plugins"),
        importlib.metadata.EntryPoint("stranger", "stranger", "ser_plugins"),
    ]
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: entries)
    assert "odd" in fresh().names("models")
    assert "no_such_module" in fresh().broken
    assert "plugin no_such_module did not load" in caplog.text
    with pytest.raises(UnknownPluginError, match="failed to load: no_such_module"):
        fresh().get("models", "nothing")


def test_blocked_plugins_do_not_load(fresh, monkeypatch):
    monkeypatch.setenv(registry.BLOCK, "ser_plugins.features.mfcc")
    assert "mfcc" not in fresh().names("features")
    assert "log_mel" in fresh().names("features")


def test_a_file_dropped_into_a_plugin_folder_is_found(fresh, monkeypatch, tmp_path):
    import ser_plugins.models as folder

    (tmp_path / "dropped.py").write_text(
        "from ser_plugins import hookimpl\n"
        "@hookimpl\ndef ser_models():\n    return {'dropped': dict}\n"
    )
    monkeypatch.setattr(folder, "__path__", [*folder.__path__, str(tmp_path)])
    assert "dropped" in fresh().names("models")


def test_a_file_that_was_asked_for_and_fails_is_an_error(tmp_path, fresh):
    (tmp_path / "bad.py").write_text("1 / 0")
    with pytest.raises(PluginError, match="ZeroDivisionError"):
        use_plugins(str(tmp_path / "bad.py"))
    with pytest.raises(PluginError, match="is not a file"):
        use_plugins("nowhere.py")
