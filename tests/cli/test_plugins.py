"""Plugins are listed, shown, written and checked; what is written works as it stands."""

import ast
import errno
import os
import re
import shlex
import subprocess
import sys
import textwrap
from configparser import ConfigParser
from fnmatch import fnmatch
from pathlib import Path

import as_script
import numpy as np
import pytest
import soundfile
from places import ROOT, SMALL, YAML

from recipes import train
from ser_plugins import get_dataset
from ser_plugins.cli import _checking, plugins
from ser_plugins.core import about, naming, promises, registry, scaffold

NAMES = [(kind, name) for kind in registry.KINDS for name in registry.default().names(kind)]
# What cannot be built without an option, and says so in place of its promises.
LACKING = {("features", "ssl"): "give `source`"}
LONGEST = {"datasets": 45, "features": 60, "models": 60, "augmentations": 30}
TOOL = ROOT / "tools" / "plugins.py"
KINDS = pytest.mark.parametrize("kind", registry.KINDS)


@pytest.fixture
def said(capsys):
    """Run the command; return the exit code and what it prints."""

    def run(*arguments):
        code = plugins.main([str(argument) for argument in arguments])
        return code, capsys.readouterr().out

    return run


@pytest.fixture
def written(said, tmp_path):
    """Write a plugin; return its file."""

    def write(kind, package=False):
        name = f"my_{registry.ONE[kind]}"
        code, out = said("new", registry.ONE[kind], name, *["--package"] * package)
        assert code == 0
        folder = tmp_path / f"ser_plugins_{name}" if package else tmp_path
        path = (folder / folder.name if package else folder) / f"{name}.py"
        assert path.is_file() and out.startswith(
            f"written: {folder.name if package else path.name}"
        )
        return path

    return write


def states(out):
    """Return the state of each promise that a table names, by its sentence."""
    rows, found = [], {}
    for line in out.splitlines():
        if line.split()[:1] in (["kept"], ["BROKEN"], ["untried"]):
            rows.append(line)
        elif rows and line.startswith(" " * _checking.INDENT):
            rows[-1] += f" {line.strip()}"
    for row in rows:
        state, sentence = row.split(maxsplit=1)
        if state == "BROKEN":
            sentence = sentence.partition(": ")[2]
        found[sentence.partition(" -> ")[0]] = state
    return found


def sentence(promise):
    """Return the promise of a check in one line."""
    every = [check for kind in (*registry.KINDS, "copies") for check in promises.checks(kind)]
    text = next(check.__doc__ for check in every if check.__name__ == promise)
    return " ".join(text.split())


@pytest.mark.parametrize("columns", [60, 80, 120, 300])
def test_every_plugin_is_listed_with_its_sentence_and_fits_the_terminal(columns, said, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    code, out = said("list", "--parameters")
    words = " ".join(out.split())
    assert code == 0 and max(map(len, out.splitlines())) <= columns
    for kind, name in NAMES:
        one = about.about(kind, name)
        assert one.summary and f"{name} {one.summary}" in words
        assert all(f"{parameter.name}=" in words for parameter in one.options)


@KINDS
def test_a_kind_is_listed_alone_with_its_parameters(kind, said):
    out = said("list", registry.ONE[kind])[1]
    heads = {line.split()[0] for line in out.splitlines() if line[:2] == "  " and line[2] != " "}
    assert heads == set(registry.default().names(kind))
    assert ("dropout=0.3" in out) == (kind == "models")


def test_what_brings_a_plugin_is_listed_and_once_what_did_not_load(said, install, written, caplog):
    install("stranger", {"models.py": "import nothing"}, {"a": "stranger.models"})
    out = said("list", "--plugins", written("models"))[1]
    mine = next(line for line in out.splitlines() if line.endswith("a file, my_model.py"))
    assert mine.startswith("models") and "ser_plugins 0." in out
    (once,) = [line for line in [*out.splitlines(), *caplog.messages] if "stranger.models" in line]
    assert "did not load" in once and "No module named 'nothing'" in once


@pytest.mark.parametrize(("kind", "name"), NAMES)
def test_all_that_is_known_of_a_plugin_is_shown(kind, name, said, monkeypatch):
    outcome, attempt = promises.Outcome("any", "It does.", promises.KEPT, ""), promises.attempt
    is_first = lambda promise: promise.name == "it_can_be_built"  # noqa: E731
    quick = lambda promise: attempt(promise) if is_first(promise) else outcome  # noqa: E731
    monkeypatch.setattr(promises, "attempt", quick)
    words = " ".join(said("show", kind, name)[1].split())
    one = about.about(kind, name)
    assert str(one.file) in words and one.provider in words and one.file.is_file()
    assert all(" ".join(str(parameter).split()) in words for parameter in one.parameters)
    assert all(" ".join(text.split()) in words for text in one.texts)
    assert ("It does." in words) == ((kind, name) not in LACKING)
    assert LACKING.get((kind, name), "Promises") in words
    if kind == "datasets":
        corpus = get_dataset(name)
        facts = [corpus.licence, corpus.url, *(p.name for p in corpus.protocols)]
        assert all(str(fact) in words for fact in (*facts, *corpus.example, *(corpus.labels or ())))


def test_the_promises_are_tried_where_a_plugin_is_shown(said):
    out = said("show", "pooled_linear")[1]
    assert "648 parameters with 40 features and 8 labels" in out
    assert states(out.partition("labels:")[2])[sentence("padding_changes_no_row")] == "kept"


def test_a_file_is_shown_too(said, written):
    out = said("show", written("augmentations"))[1]
    assert out.startswith("my_augmentation, of the augmentations") and "most: float = 0.5" in out


def test_a_kind_before_a_file_confines_what_is_checked(written, refused):
    words = refused(plugins.main, "check", "model", written("augmentations"))
    assert "registers none of the models" in words


@KINDS
@pytest.mark.parametrize("package", [False, True], ids=["file", "package"])
def test_what_is_written_is_short_and_keeps_every_promise(kind, package, written, said):
    path = written(kind, package)
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST[kind] and "$" not in text
    code, out = said("check", path)
    assert code == 0 and set(states(out).values()) <= {"kept", "untried"}
    reasons = [line for line in out.splitlines() if "->" in line]
    assert not [line for line in reasons if "no files to read" in line], "it has an example"


@KINDS
@pytest.mark.parametrize("package", [False, True], ids=["file", "package"])
def test_nothing_is_overwritten(kind, package, written, refused):
    path = written(kind, package)
    path.write_text("mine", encoding="utf-8")
    again = ["new", kind, path.stem, *["--package"] * package]
    assert "nothing is overwritten" in refused(plugins.main, *again)
    assert path.read_text(encoding="utf-8") == "mine"


def test_nothing_is_left_where_a_package_cannot_be_written(tmp_path, monkeypatch):
    monkeypatch.setitem(scaffold.PACKAGE, "no such template", "last")
    with pytest.raises(FileNotFoundError):
        plugins.main(["new", "model", "my_model", "--package"])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("model", "My-Model"), "such as my_model"),
        (("model", "class"), "no word of Python's"),
        (("model", "_mine"), "such as mine"),
        (("model", "modèle"), "such as modele"),
        (("model", "null"), "no word of Python's or YAML's"),
        (("model", "true"), "no word of Python's or YAML's"),
        (("model", "../up"), "such as up"),
        (("model", ""), "cannot be a plugin's name"),
        (("model", "cnn1d"), "ser_plugins.models.cnn1d registers"),
        (("model", "torch"), "would hide"),
        (("model", "wave"), "would hide"),
        (("modle", "mine"), "did you mean 'model'"),
        (("model",), "takes KIND NAME"),
        (("model", "mine", "--tree", "x"), "takes no --tree"),
    ],
)
def test_what_cannot_be_written_is_refused_in_words(arguments, words, refused, tmp_path):
    assert words in refused(plugins.main, "new", *arguments)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["null", "False", "x" * 300, "日本", "../", "class", "1e1"])
def test_no_name_is_suggested_that_would_be_refused(name, refused):
    said = refused(plugins.main, "new", "model", name)
    if " such as " in said:
        naming.check(said.partition(" such as ")[2])


@pytest.mark.parametrize("package", [(), ("--package",)], ids=["file", "package"])
@pytest.mark.parametrize("folder", [".", "new/folder"])
def test_a_full_disk_is_told_in_words_and_nothing_is_left(
    folder, package, refused, tmp_path, monkeypatch
):
    def write_text(path, text, **_):
        path.touch()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_text", write_text)
    said = refused(plugins.main, "new", "model", "mine", "--output", folder, *package)
    assert f"the folder {folder} cannot be written: No space left on device; choose" in said
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="only where there is /proc")
@pytest.mark.parametrize("folder", ["/proc", "/proc/new", "x" * 300])
def test_a_folder_that_takes_nothing_is_refused_in_words(folder, refused):
    assert "cannot be written" in refused(plugins.main, "new", "model", "mine", "--output", folder)


@pytest.mark.parametrize(
    ("kind", "name"),
    [("models", "tensor"), ("augmentations", "generator"), ("augmentations", "cat"),
     ("features", "nn"), ("datasets", "path"), ("models", "a__b2")],
)  # fmt: skip
def test_no_name_hides_what_the_plugin_imports(kind, name, said, tmp_path):
    assert said("new", kind, name)[0] == 0
    body = ast.parse((tmp_path / f"{name}.py").read_text(encoding="utf-8")).body
    imported = {alias.name for node in body if hasattr(node, "names") for alias in node.names}
    assert imported.isdisjoint(getattr(node, "name", None) for node in body)


def commands(out):
    """Return the commands that are printed, as lists of words."""
    return [shlex.split(line) for line in out.splitlines() if line.startswith("  ")]


@pytest.mark.parametrize("folder", [".", "my plugins"])
def test_the_commands_that_are_printed_work(folder, said, run_toy):
    out = said("new", "model", "my_model", "--output", folder)[1]
    check, command = commands(out)
    assert check[:2] == ["ser-plugins", "check"] and said(*check[1:])[0] == 0
    assert command[:3] == ["python", "recipes/train.py", "hparams/cnn_bigru.yaml"]
    own, *others = command[command.index("--plugins") + 1 :]
    given = [f"--plugins={own},{ROOT / 'tests' / 'toy.py'}", *others, "--number_of_epochs=1"]
    run = run_toy(*given, model=("--device=cpu",))
    assert "my_model" in (run / "bundle" / "config.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", ["features", "augmentations"])
def test_features_and_augmentations_train_as_they_are_written(kind, said, run_toy):
    out = said("new", kind, "mine")[1]
    own, *others = commands(out)[1][4:]
    run = run_toy(f"--plugins={own},{ROOT / 'tests' / 'toy.py'}", *others, "--number_of_epochs=1")
    assert "mine" in (run / "hyperparams.yaml").read_text(encoding="utf-8")


def test_a_corpus_trains_as_it_is_written(said, tmp_path):
    out = said("new", "dataset", "my_corpus")[1]
    for n, speaker in enumerate(("anna", "ben", "cleo", "dan")):
        for m, emotion in enumerate(("angry", "happy", "neutral", "sad")):
            tone = 0.3 * np.sin(np.arange(4000) * (0.1 + 0.05 * m + 0.01 * n))
            path = tmp_path / "recordings" / speaker / f"{speaker}_{emotion}_01.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(path, tone, 16000)
    arguments = commands(out)[1][3:]
    arguments[-1] = "recordings"
    run = [*SMALL, "--number_of_epochs=1", "--output_folder=run"]
    assert train.main([str(YAML), *arguments, *run]) == 0
    assert said("check", "my_corpus.py", "--data_folder", "recordings")[0] == 0


MUTANTS = [
    ("models", "x.sum(1) / frames[:, None]", "x.mean(1)",
     "padding_changes_no_row", "mask before you pool"),
    ("models", "super().__init__()", "super().__init__(); self.idle = nn.Linear(2, 2)",
     "every_parameter_gets_a_gradient", "no gradient reaches idle.weight"),
    ("models", "lengths: Tensor) -> Tensor:", "lengths: Tensor) -> Tensor:\n        feats = "
     "nn.functional.dropout(feats)", "eval_is_deterministic", "eval mode"),
    ("features", "power ** (1 / 3)", "power.log()",
     "silence_and_extremes_are_finite", "max(x, tiny)"),
    ("augmentations", "generator=g", "generator=None",
     "same_numbers_same_sound", "draw from the generators alone"),
    ("datasets", "lambda path: path.stem", "str",
     "a_nested_copy_counts_nothing_twice", "give find_audio a key"),
    ("datasets", "EMOTIONS[emotion]", "emotion.upper()",
     "labels_are_declared", "HAPPY, SAD"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "right", "wrong", "promise", "hint"), MUTANTS)
def test_a_mutant_is_told_by_the_promise_that_it_breaks(
    kind, right, wrong, promise, hint, written, said
):
    path = written(kind)
    text = path.read_text(encoding="utf-8")
    assert right in text
    path.write_text(text.replace(right, wrong), encoding="utf-8")
    code, out = said("check", path)
    assert code == 1 and states(out)[sentence(promise)] == "BROKEN"
    told = " ".join(out.split()).partition(f"BROKEN {promise}: {sentence(promise)}")[2]
    assert re.match(rf" -> [^>]*{re.escape(hint)}", told) and " broken" in out.splitlines()[-1]


def test_one_cause_is_told_once_and_what_rests_on_it_is_untried(written, said):
    path = written("datasets")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("EMOTIONS[emotion]", "EMOTIONS[speaker]"), encoding="utf-8")
    code, out = said("check", path)
    words = " ".join(out.split())
    assert (
        code == 1 and [*states(out).values()].count("BROKEN") == 1 and "KeyError: 'anna'" in words
    )
    assert re.search(r"-> all \d+: needs files_are_read_by_name to be kept first", words)


def test_an_error_of_the_plugin_is_told_with_its_line(written, said):
    path = written("models")
    text = path.read_text(encoding="utf-8").replace("return self.head(", "return self.haed(")
    path.write_text(text, encoding="utf-8")
    line = 1 + text[: text.index("self.haed(")].count("\n")
    code, out = said("check", path)
    assert code == 1 and f"{path}, line {line}: AttributeError" in " ".join(out.split())


HOOK = "from ser_plugins import hookimpl\n\n\n@hookimpl\n"
FACTORY = "class M:\n    def __init__(self, n_features, n_classes{}):\n        {}\n\n" + HOOK
BROKEN = {
    "def ser_models(:\n": "{path}, line 1: invalid syntax",
    "import math\nimport no_such_module\n": "{path}, line 2: ModuleNotFoundError",
    HOOK + "def ser_models(x):\n    return {}\n":
        "{path}, line 5: ser_models takes no arguments, but",
    HOOK + "def ser_models():\n    return {}\n": "{path} registers no name",
    HOOK + "def ser_models():\n    return {'cnn1d': dict}\n":
        "registered by both ser_plugins.models.cnn1d and {path};",
    "def ser_models():\n    return {}\n": "{path}, line 1: no hook: mark a function",
    "requires = '>=99'\n" + HOOK + "def ser_models():\n    return {}\n":
        "plugin {path} requires the hook API >=99",
    FACTORY.format(", width", "pass") + "def ser_models():\n    return {'m': M}\n":
        "m: it needs width: --options '{{width: …}}'",
}  # fmt: skip


@pytest.fixture
def forgotten():
    """What was loaded is forgotten, also where two of one name cannot be listed."""
    yield
    registry.default.cache_clear()


@pytest.mark.parametrize(("text", "words"), BROKEN.items(), ids=BROKEN.values())
def test_what_does_not_load_is_refused_with_its_line(text, words, refused, tmp_path, forgotten):
    path = tmp_path / "bad.py"
    path.write_text(text, encoding="utf-8")
    message = refused(plugins.main, "check", "bad.py")
    assert words.format(path=path) in message
    assert "object at 0x" not in message and "Error(" not in message


def test_what_cannot_be_built_breaks_a_promise_and_the_others_are_tried(said, tmp_path):
    source = FACTORY.format("", "self.width = undefined")
    both = (
        "def ser_models():\n    from ser_plugins import make_model\n    return {'m': M, 'n': N}\n"
    )
    other = "def N(n_features, n_classes):\n    from ser_plugins import make_model\n    return "
    other += "make_model('pooled_linear', n_features, n_classes)\n\n\n"
    (tmp_path / "two.py").write_text(other + source + both, encoding="utf-8")
    code, out = said("check", "two.py")
    assert code == 1 and "NameError: name 'undefined' is not defined" in " ".join(out.split())
    assert states(out.partition("\nn: ")[2])[sentence("padding_changes_no_row")] == "kept"


def test_options_reach_the_plugin_and_strange_ones_are_refused(said, refused):
    code, out = said("check", "pooled_linear", "--options", "{dropout: 0.5}")
    assert code == 0
    assert "no option 'width'" in refused(
        plugins.main, "check", "pooled_linear", "--options", "{width: 3}"
    )
    assert "must be a mapping" in refused(plugins.main, "check", "gain", "--options", "3")


def test_an_option_may_be_called_as_a_flag_is(said, tmp_path):
    soundfile.write(tmp_path / "noise.wav", np.random.default_rng(0).normal(0, 0.1, 16000), 16000)
    assert said("check", "noise", "--options", f"{{folder: {tmp_path}}}")[0] == 0


def test_a_name_of_two_kinds_needs_its_kind(said, refused, tmp_path, written):
    path = written("models")
    text = path.read_text(encoding="utf-8") + (
        "\n\n@hookimpl\ndef ser_augmentations():\n    from ser_plugins import make_augmentation\n"
        "    return {'my_model': lambda: make_augmentation('gain')}\n"
    )
    path.write_text(text, encoding="utf-8")
    message = refused(plugins.main, "show", "my_model", "--plugins", path)
    assert "of the models and of the augmentations; put the kind before" in message
    assert "`domain`" in said("show", "augmentation", "my_model")[1]
    assert "`domain`" not in said("check", "model", "my_model")[1]
    both = said("check", "my_model")[1]
    assert "`domain`" in both and "logits" in both


@pytest.mark.parametrize("package", ["badpkg", "badpkg.sub"])
def test_a_package_that_fails_is_refused_with_its_line(package, refused, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path / "site")
    path = tmp_path / "site" / "badpkg" / "__init__.py"
    path.parent.mkdir(parents=True)
    path.write_text("1 / 0\n", encoding="utf-8")
    (path.parent / "sub.py").touch()
    where = f"plugin {package} does not load: {path}, line 1: ZeroDivisionError"
    assert where in refused(plugins.main, "check", package)


def test_output_is_what_was_asked_for_and_a_fault_is_said_once(install):
    install("stranger", {"models.py": "import nothing"}, {"a": "stranger.models"})
    listed = as_script.run(TOOL, "list", "features")
    assert listed.stdout.startswith("features, ")
    assert listed.stderr.startswith("warning: plugin stranger.models did not load")
    checked = as_script.run(TOOL, "check", "stranger")
    assert checked.returncode == 2 and not checked.stdout
    assert checked.stderr.startswith("error: plugin stranger.models does not load: ")
    assert checked.stderr.count("No module named 'nothing'") == 1
    other = as_script.run(TOOL, "check", "nowhere.py").stderr.splitlines()
    assert other[0].startswith("warning: plugin stranger.models") and "nowhere.py" in other[1]


@pytest.mark.parametrize(
    ("script", "source"),
    [("tools/plugins.py", ""), ("plugins.py", "../"), ("./tools/plugins.py", ""),
     ("/my src/tools/plugins.py", "/my src/")],
)  # fmt: skip
@pytest.mark.parametrize("package", [(), ("--package",)], ids=["file", "package"])
def test_the_commands_are_printed_as_the_script_was_called(
    script, source, package, said, monkeypatch
):
    monkeypatch.setattr(sys, "argv", [script])
    found = commands(said("new", "model", "mine", *package)[1])
    assert ["python", script, "check"] in [words[:3] for words in found]
    train = ["python", f"{source}recipes/train.py", f"{source}hparams/cnn_bigru.yaml"]
    assert found[-1][:3] == train


@pytest.mark.parametrize(
    "arguments",
    [("check", "subesco", "--plugins", "./a.py", "./b.py"),
     ("check", "--plugins", "./a.py", "./b.py", "./c.py"),
     ("list", "--plugins", "./a.py", "./b.py"),
     ("check", "subesco", "--plugins", "./a.py", "./b.py", "./c.py")],
)  # fmt: skip
def test_several_plugins_are_a_list(arguments, refused):
    listed = ", ".join(word for word in arguments if word.endswith(".py"))
    assert f"--plugins '[{listed}]'" in refused(plugins.main, *arguments)


def test_a_file_is_checked_beside_one_that_is_loaded(written, said):
    model, sound = written("models"), written("augmentations")
    assert said("show", "--plugins", model, sound)[0] == 0
    assert said("show", "--plugins", model, "augmentation", sound)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "pooled_linaer"], "did you mean 'pooled_linear'"),
        (["show", "pooled_linaer"], "did you mean 'pooled_linear'"),
        (["show", "features", "cnn1d"], "no features are called 'cnn1d'"),
        (["check", "nowhere.py"], "is not a file"),
        (["check", "no.such.module"], "no plugin, file, module or installed package"),
        (["check", "pluggy"], "is installed and registers nothing"),
        (["check", ""], "no plugin, file, module"),
        (["check", "."], "is a folder: install"),
        (["check", "features"], "features is a kind; name a plugin, or `list features`"),
        (["show", "model"], "model is a kind; name a plugin, or `list models`"),
        (["check", "gain", "--data_folder", "."], "are of a corpus"),
        (["check", "savee", "--data_folder", "nowhere"], "is no folder"),
        (["check", "savee", "--tree", "nowhere.txt"], "is no file"),
        (["check", "ssl"], "give `source`"),
        (["list", "--package"], "takes no --package"),
        (["list", "modells"], "did you mean 'models'"),
        (["check"], "takes [KIND] NAME, FILE or PACKAGE"),
        (["--plugins", "nowhere.py", "list"], "is not a file"),
    ],
)
def test_bad_arguments_are_refused_in_words(arguments, words, refused):
    assert words in refused(plugins.main, *arguments)


def test_flags_may_stand_before_the_words(said):
    assert said("--parameters", "list")[0] == 0
    assert said("check", "--options", "{}", "gain")[0] == 0


def test_a_golden_tree_is_a_copy_of_a_corpus(said):
    code, out = said("check", "savee", "--tree", ROOT / "tests" / "trees" / "savee.txt")
    assert code == 0 and states(out)[sentence("files_are_read_by_name")] == "kept"


def test_a_wheel_has_every_template():
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg")
    patterns = setup["options.package_data"]["ser_plugins.core.scaffold"].split(", ")
    folder = ROOT / "ser_plugins" / "core" / "scaffold"
    found = [path.relative_to(folder).as_posix() for path in folder.rglob("*.template")]
    assert len(found) > 10
    assert all(any(fnmatch(name, pattern) for pattern in patterns) for name in found)


@pytest.mark.slow
def test_a_package_is_installed_found_and_checked_by_its_name(written, tmp_path):
    written("models", package=True)
    site = tmp_path / "site"
    pip = "-m pip install -q --no-deps --no-build-isolation --no-index --target"
    done = [sys.executable, *pip.split(), site, tmp_path / "ser_plugins_my_model"]
    subprocess.run(done, check=True, capture_output=True)
    path = {"PYTHONPATH": f"{ROOT}:{site}"}
    for name in ("ser-plugins-my-model", "ser_plugins_my_model", "my_model"):
        command = [sys.executable, ROOT / "tools" / "plugins.py", "check", name]
        found = subprocess.run(command, capture_output=True, text=True, env=path, cwd=site)
        assert found.returncode == 0, found.stderr
        assert "from ser-plugins-my-model 0.1.0" in found.stdout
    test = [sys.executable, "-m", "pytest", "-q", tmp_path / "ser_plugins_my_model"]
    found = subprocess.run(test, capture_output=True, text=True, env=path, cwd=tmp_path)
    assert found.returncode == 0, textwrap.indent(found.stdout, "  ")
