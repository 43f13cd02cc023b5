"""Why a plugin does not load is said in plain words, with its line, however it is loaded."""

import re

import pytest

from ser_plugins import make_model, use_plugins
from ser_plugins.core import faults, registry
from ser_plugins.core.errors import OptionError, PluginError

HOOK = "from ser_plugins import hookimpl\n\n\n@hookimpl\n"
BAD = {
    "import math\nimport no_such_module\n": "line 2: ModuleNotFoundError: No module",
    "def ser_models(:\n": "line 1: invalid syntax",
    HOOK + "def ser_modells():\n    return {}\n": "line 5: no hook is called ser_modells; did you",
    HOOK + "def ser_models():\n    return []\n": "line 5: ser_models must return a mapping",
    HOOK + "def ser_models():\n    return {'x': 1 / 0}\n": "line 6: ZeroDivisionError",
    "import json\njson.loads('')\n": "line 2: JSONDecodeError",
}
TEXTS = pytest.mark.parametrize(("text", "words"), BAD.items(), ids=BAD.values())


@TEXTS
def test_a_file_is_blamed_at_its_line(text, words, tmp_path):
    path = tmp_path / "bad.py"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PluginError, match=f"bad.py does not load: {path}, {words}"):
        use_plugins(str(path))


@TEXTS
def test_a_module_is_blamed_at_its_line(text, words, install, tmp_path):
    install("stranger", {"models.py": text})
    path = tmp_path / "site" / "stranger" / "models.py"
    with pytest.raises(PluginError, match=f"plugin stranger.models does not load: {path}, {words}"):
        use_plugins("stranger.models")


@TEXTS
def test_an_installed_package_is_blamed_at_its_line(text, words, install, tmp_path, caplog):
    install("stranger", {"models.py": text}, {"a": "stranger.models"})
    path = tmp_path / "site" / "stranger" / "models.py"
    assert registry.default().broken["stranger.models"].startswith(f"{path}, {words}")
    (said,) = [line for line in caplog.messages if "stranger" in line]
    assert f"did not load, the others do: {path}, {words}" in said


def test_a_module_that_is_not_there_blames_no_file():
    with pytest.raises(PluginError) as caught:
        use_plugins("no_such_module")
    said = "plugin no_such_module does not load: ModuleNotFoundError: No module named"
    assert str(caught.value).startswith(said)


def test_of_ours_a_plugin_is_blamed_and_nothing_else():
    with pytest.raises(OptionError) as caught:
        make_model("pooled_linear", "many", 2)
    assert re.match(r"\S*/ser_plugins/models/pooled_linear\.py, line", faults.reason(caught.value))
    with pytest.raises(OptionError) as caught:
        make_model("pooled_linear", 4, 2, width=3)
    assert f"{__name__.rpartition('.')[2]}.py, line" in faults.reason(caught.value)  # who asked
