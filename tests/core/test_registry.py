"""Finding plugins by name, and saying what is wrong when one is missing."""

import importlib.metadata
import sys
import types

import pytest

from ser_plugins import hookimpl, use_plugins
from ser_plugins.core import build, compatibility, hookspecs, registry
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
    with pytest.raises(UnknownPluginError, match="large, tiny; did you mean 'tiny'"):
        found.get("models", "tiney")


@pytest.mark.parametrize(
    ("kind", "words"),
    [("datasets", "dataset is"), ("features", "features are"), ("models", "model is"),
     ("augmentations", "augmentation is")],
)  # fmt: skip
def test_a_missing_name_is_answered_in_plain_words(kind, words):
    with pytest.raises(UnknownPluginError, match=f"^no {words} called 'x'; there are: "):
        Registry().get(kind, "x")


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


def test_a_hook_with_arguments_is_refused_by_name():
    bad = plugin("bad")
    bad.ser_models = hookimpl(lambda width: {})
    with pytest.raises(PluginError, match="width"):
        Registry().add(bad, "bad")


def test_a_plugin_without_hooks_is_refused():
    with pytest.raises(PluginError, match="no hook"):
        Registry().add(types.ModuleType("empty"), "empty")


def test_a_hook_that_returns_no_mapping_is_refused():
    with pytest.raises(PluginError, match="must return a mapping"):
        registry_of(plugin("a", ser_models=["tiny"]))


@pytest.mark.parametrize("name", ["../up", "My Model", "", 5, None, "null", "true", "class", "_x"])
@pytest.mark.parametrize("kind", registry.KINDS)
def test_what_no_plugin_can_be_called_is_refused(kind, name):
    found = Registry()
    with pytest.raises(PluginError) as caught:
        found.add(plugin("bad", **{f"ser_{kind}": {name: dict}}), "bad")
    assert f"{name!r} of ser_{kind} cannot be a plugin's name: " in str(caught.value)
    assert not found.names(kind)


def test_a_hook_that_fails_is_refused_and_the_others_stay():
    bad, found = plugin("bad"), registry_of(plugin("good", ser_models={"tiny": int}))
    bad.ser_models = hookimpl(lambda: 1 / 0)
    with pytest.raises(PluginError, match="ZeroDivisionError"):
        found.add(bad, "bad")
    assert found.names("models") == ["tiny"]


def test_the_same_plugin_twice_is_one_plugin():
    one = plugin("a", ser_models={"x": 1})
    assert registry_of(one, one).names("models") == ["x"]


def test_what_is_removed_is_gone_and_can_be_added_again():
    plugins = Registry()
    for _ in range(2):
        plugins.add(plugin("one", ser_models={"m": dict}), "one")
        assert plugins.names("models")
        plugins.remove("one")
        plugins.remove("one")
        assert not plugins.names("models") and not plugins.manager.get_plugins()


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


PLUGIN = """
from ser_plugins import hookimpl
{more}

@hookimpl
def ser_models():
    return {{"odd": dict}}
"""


def stating(requires, **hooks):
    module = plugin("a", **hooks or {"ser_models": {"tiny": int}})
    module.requires = requires
    return module


@pytest.mark.parametrize("requires", [">=1.0,<2", "~=1.0", "==1.*", ">=0.9", ""])
def test_a_plugin_that_fits_the_hook_api_loads(requires):
    assert registry_of(stating(requires)).names("models") == ["tiny"]


@pytest.mark.parametrize("requires", [">=1.1", ">1.0,<2", "==2.*", "~=1.4", "<1", "!=1.0"])
def test_a_plugin_for_another_hook_api_is_refused_with_what_to_do(requires):
    found = Registry()
    with pytest.raises(PluginError) as caught:
        found.add(stating(requires), "a")
    here = importlib.metadata.version("ser_plugins")
    said = str(caught.value)
    assert f"plugin a requires the hook API {requires}" in said
    assert "install a ser_plugins and a version of the plugin that fit each other" in said
    assert f"ser_plugins {here} has {hookspecs.API}" in said
    assert not found.names("models")


@pytest.mark.parametrize("requires", ["1.0", "new", ">=x", 1.0, None, ["1.0"], len])
def test_a_requirement_that_names_no_versions_is_refused(requires):
    with pytest.raises(PluginError, match="a: requires is .* expected versions of the hook API"):
        registry_of(stating(requires))


def test_the_hook_api_names_what_fits_it():
    """The advice of the error is right itself, whatever the version."""
    with pytest.raises(PluginError) as caught:
        compatibility.check_versions("?", "a")
    compatibility.check_versions(str(caught.value).split('"')[1], "a")


@pytest.mark.parametrize(
    "more",
    [
        'requires = ">=1.9"',
        'from ser_plugins import what_is_new\nrequires = ">=1.9"',
        'from ser_plugins import what_is_new\nrequires: str = ">=1.9"',
    ],
)
def test_an_installed_plugin_that_does_not_fit_only_warns(fresh, install, caplog, more):
    """Also where it imports what an older ser_plugins has not, before it states what it needs."""
    install("stranger", {"models.py": PLUGIN.format(more=more)}, {"a": "stranger.models"})
    assert "odd" not in fresh().names("models") and "mfcc" in fresh().names("features")
    assert "requires the hook API >=1.9" in str(fresh().broken["stranger.models"])
    assert "plugin stranger.models requires the hook API >=1.9" in caplog.text
    with pytest.raises(PluginError, match=r"requires the hook API >=1\.9.*fit each other"):
        use_plugins("stranger.models")


def test_a_file_that_does_not_fit_is_refused(fresh, tmp_path):
    text = PLUGIN.format(more='from ser_plugins import what_is_new\nrequires = ">=1.9"')
    (tmp_path / "new.py").write_text(text)
    with pytest.raises(PluginError, match=r"new\.py requires the hook API >=1\.9"):
        use_plugins(str(tmp_path / "new.py"))


def test_what_fails_for_another_reason_says_that_reason(fresh, install):
    more = 'import no_such_thing\nrequires = ">=1.0"'
    install("stranger", {"models.py": PLUGIN.format(more=more)}, {"a": "stranger.models"})
    assert "no_such_thing" in repr(fresh().broken["stranger.models"])


OBJECT = """
from ser_plugins import hookimpl

class Plugin:
    @hookimpl
    def ser_models(self):
        return {"odd": dict}

plugin = Plugin()
"""


def test_an_entry_point_may_name_an_object(fresh, install):
    install("stranger", {"models.py": OBJECT}, {"a": "stranger.models:plugin"})
    assert fresh().origin("models", "odd") == "stranger.models:plugin"


@pytest.mark.parametrize("where", ["requires = '>=1.9'\n", "Plugin.requires = '>=1.9'\n"])
def test_an_object_or_its_module_states_what_it_requires(fresh, install, where):
    install("stranger", {"models.py": OBJECT + where}, {"a": "stranger.models:plugin"})
    assert "requires the hook API >=1.9" in str(fresh().broken["stranger.models:plugin"])


def test_an_entry_point_without_its_object_only_warns(fresh, install):
    install("stranger", {"models.py": OBJECT}, {"a": "stranger.models:gone", "b": "stranger:x.y"})
    assert {"stranger.models:gone", "stranger:x.y"} <= set(fresh().broken)
    assert fresh().names("models")


OWN_PROTOCOL = """
import dataclasses
from ser_plugins import Protocol, get_dataset, hookimpl, next_validates

@hookimpl
def ser_datasets():
    ravdess = get_dataset("ravdess")
    pairs = [[f"{actor:02d}", f"{actor + 1:02d}"] for actor in range(1, 25, 2)]
    mine = Protocol("by-pairs", next_validates(pairs), ravdess.labels)
    return {"my_ravdess": dataclasses.replace(ravdess, protocols=(mine, *ravdess.protocols))}
"""


@pytest.mark.parametrize("as_it_loads", ["", 'get_dataset("ravdess")'])
def test_a_plugin_adds_a_protocol_to_a_corpus_that_is_there(fresh, install, caplog, as_it_loads):
    install("stranger", {"mine.py": OWN_PROTOCOL + as_it_loads}, {"a": "stranger.mine"})
    mine, ravdess = build.get_dataset("my_ravdess"), build.get_dataset("ravdess")
    assert not caplog.text and mine.read is ravdess.read
    assert [p.name for p in mine.protocols] == ["by-pairs", *(p.name for p in ravdess.protocols)]


def test_a_plugin_that_asks_for_itself_while_it_loads_only_warns(fresh, install):
    more = "from ser_plugins import make_model\nmake_model('odd', 1, 2)"
    install("stranger", {"models.py": PLUGIN.format(more=more)}, {"a": "stranger.models"})
    assert "no model is called 'odd'" in str(fresh().broken["stranger.models"])
