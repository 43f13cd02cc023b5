"""What the documentation says is true."""

import re
import shlex

import numpy as np
import pytest
import soundfile
from places import ROOT
from trials import broken

from ser_plugins import use_plugins
from ser_plugins.core import registry
from ser_plugins.core.errors import InputError
from ser_plugins.core.hparams import Experiment, parse_arguments

PAGES = [*ROOT.glob("*.md"), *(ROOT / "recipes").glob("*.md"), *(ROOT / "hparams").glob("*.md")]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        if not target.startswith("https://"):
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_nothing_is_left_to_fill_in(page):
    assert not re.search(r"RESULTS_|SYNTHETIC_RUN|TODO", page.read_text(encoding="utf-8"))


def test_the_table_of_plugins_is_the_registry():
    rows = re.findall(r"^\| (\w+) \| (`.*`) \|$", README, re.MULTILINE)
    table = {kind: re.findall(r"`(\w+)`", names) for kind, names in rows if kind in registry.KINDS}
    assert table == {kind: registry.default().names(kind) for kind in registry.KINDS}


@pytest.mark.parametrize("kind", ["datasets", "models"])
def test_the_plugins_of_the_readme_keep_their_promises(kind, tmp_path):
    source = next(block for block in blocks("python") if f"def ser_{kind}" in block)
    path = tmp_path / f"readme_{kind}.py"
    path.write_text(source, encoding="utf-8")
    use_plugins(str(path))
    name = next(
        n for n in registry.default().names(kind) if registry.default().origin(kind, n) == str(path)
    )
    assert not broken(kind, name)
    registry.default.cache_clear()


@pytest.fixture
def trained(tmp_path):
    """What the README's examples find in the current folder: a run and a clip."""
    from ser_plugins.core import bundle as bundles

    hparams = Experiment(ROOT / "hparams" / "cnn_bigru.yaml").load()
    run = tmp_path / "results" / "cnn_bigru" / "synthetic" / "synthetic-5" / "fold1" / "seed1"
    bundles.write(run / "bundle", bundles.build(bundles.make_config(hparams, ("sad", "happy"))))
    soundfile.write(tmp_path / "clip.wav", np.sin(np.arange(80000) / 5), 16000)


def test_the_other_python_of_the_readme_runs(trained):
    for source in blocks("python"):
        if "@hookimpl" not in source:
            exec(compile(source, "README.md", "exec"), {})


def train_commands():
    for block in blocks("sh"):
        for line in block.splitlines():
            for command in line.split("&&"):
                if "recipes/train.py" in command:
                    yield command.split("recipes/train.py")[1]


@pytest.mark.parametrize("command", sorted(set(train_commands())))
def test_every_flag_of_the_readme_exists(command):
    path, overrides = parse_arguments(shlex.split(command))
    try:
        Experiment(ROOT / path, overrides)
    except InputError as error:
        pytest.fail(str(error))


def test_the_readme_has_the_test_command_that_ci_runs():
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    (command,) = re.findall(r"&& (pytest.*)\n", README)
    assert re.search(rf"^{command}\b", ci, re.MULTILINE)


def test_the_version_is_told_once():
    import ser_plugins

    setup = (ROOT / "setup.cfg").read_text(encoding="utf-8")
    assert f"version = {ser_plugins.__version__}" in setup


def test_the_sizes_in_the_table_of_experiments_are_those_of_the_systems():
    from ser_plugins.core import bundle

    page = (ROOT / "hparams" / "README.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| `(\w+)` \|.*\| ([\d,]+|\(2 × size \+ 1\) × labels) \|$", page, re.MULTILINE
    )
    assert {name for name, _ in rows} == {path.stem for path in (ROOT / "hparams").glob("*.yaml")}
    for name, size in rows:
        if name != "ssl_probe":
            hparams = Experiment(ROOT / "hparams" / f"{name}.yaml").load()
            system = bundle.build(bundle.make_config(hparams, tuple("abcdefgh"))).classifier
            found = sum(parameter.numel() for parameter in system.parameters())
            assert found == int(size.replace(",", "")), name
