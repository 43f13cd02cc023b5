"""A package of plugins brings experiments, which run as those of the toolkit do."""

import json
from pathlib import Path

import pytest
import toy
from places import YAML

from recipes import evaluate, train
from ser_plugins.core import bundle, experiments, registry
from ser_plugins.core.errors import OptionError
from ser_plugins.core.hparams import Experiment, parse_arguments
from ser_plugins.core.request import read_request

WHOLE = Experiment(YAML).text
OWN = "model: theirs\nmodel_options: {}\n"
MODEL = """
from ser_plugins import hookimpl, make_model

requires = ">=1.0,<2"

@hookimpl
def ser_models():
    return {"theirs": theirs}

def theirs(n_features, n_classes):
    return make_model("pooled_linear", n_features, n_classes)
"""


@pytest.fixture
def package(install):
    """A package with a corpus, a model, and three experiments."""
    files = {
        "models.py": MODEL,
        "corpora.py": Path(toy.__file__).read_text(encoding="utf-8"),
        "own.yaml": f"include: [shared/whole.yaml]\ndataset: toy\n{OWN}",
        "shared/whole.yaml": WHOLE,
        "hparams/more.yaml": "include: [../own.yaml]\nlr: 0.5\n",
    }
    install("stranger", files, {"a": "stranger.models", "b": "stranger.corpora"})


def test_an_experiment_is_found_beside_the_code_or_in_hparams(package):
    assert set(experiments.installed()) == {"stranger:own.yaml", "stranger:more.yaml"}
    for name, path in experiments.installed().items():
        assert experiments.locate(name) == path and path.is_absolute() and path.is_file()
    assert experiments.locate("stranger:shared/whole.yaml").is_file()


def test_a_package_may_lie_in_another(install):
    install("acme.emotions", {"models.py": MODEL, "a.yaml": ""}, {"a": "acme.emotions.models"})
    assert list(experiments.installed()) == ["acme.emotions:a.yaml"]


def test_finding_an_experiment_runs_no_code(install):
    install("stranger", {"__init__.py": "1 / 0", "a.yaml": ""}, {"a": "stranger.models"})
    assert experiments.locate("stranger:a.yaml").is_file()


@pytest.mark.parametrize("text", ["a.yaml", "./a:b.yaml", "/x/a.yaml", "C:\\x\\a.yaml", "C:a.yaml"])
def test_a_path_stays_a_path(text):
    assert str(experiments.locate(text)) == str(Path(text))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("stranger:gone.yaml", "has no such YAML; it brings more.yaml, own.yaml"),
        ("strangers:own.yaml", "no package 'strangers' is installed.*did you mean 'stranger'"),
        ("stranger.models:own.yaml", "no package 'stranger.models'"),
        ("ser_plugins:own.yaml", "it brings none at all"),
    ],
)
def test_what_is_not_there_is_said_with_what_is(package, text, words):
    for read in (parse_arguments, read_request):
        with pytest.raises(OptionError, match=words):
            read([text])


def test_what_it_includes_lies_beside_it(package):
    path, _ = parse_arguments(["stranger:more.yaml"])
    found = Experiment(path).load()
    assert (found["lr"], found["model"], found["dataset"]) == (0.5, "theirs", "toy")


def test_a_file_may_include_the_experiment_of_a_package(package, tmp_path):
    (tmp_path / "mine.yaml").write_text('include: ["stranger:own.yaml"]\nseed: 7\n')
    found = Experiment(tmp_path / "mine.yaml").load()
    assert (found["seed"], found["model"]) == (7, "theirs")


PLACES = ["--device=cpu", "--output_folder=run"]


def test_it_trains_and_its_bundle_names_the_package(package, toy_folder, caplog):
    command = ["stranger:own.yaml", f"--data_folder={toy_folder}", "--number_of_epochs=1", *PLACES]
    assert train.main(command) == 0
    config = json.loads(Path("run/bundle/config.json").read_text())
    assert config["plugins"]["models"] == {"theirs": "stranger 1.2"} | own("pooled_linear")
    assert evaluate.main(["run"]) == 0
    again = Path("run/bundle/model.safetensors").read_bytes()
    assert train.main(command) == 0  # which finds it complete
    assert Path("run/bundle/model.safetensors").read_bytes() == again
    assert train.main(["run/hyperparams.yaml", "--output_folder=twin"]) == 0
    assert Path("twin/bundle/model.safetensors").read_bytes() == again
    assert bundle.read(Path("run/bundle")).labels == tuple(toy.PITCH)


def own(name):
    from ser_plugins.core.providers import provider

    return {name: provider("models", name)}


def test_its_folds_are_planned_under_its_own_name(package, toy_folder):
    from ser_plugins.core.grid import plan

    (cell,) = plan(read_request(["stranger:own.yaml", f"--data_folder={toy_folder}"]))
    assert [run.path.parts[:2] for run in cell.runs] == [("results", "own")] * 5
    assert {Path(run.arguments[0]) for run in cell.runs} == {
        experiments.locate("stranger:own.yaml")
    }


@pytest.mark.parametrize("line", ["mine.py", "./mine.py", "../folder/mine.py"])
def test_a_file_that_a_yaml_names_lies_beside_the_yaml(tmp_path, line):
    """As what it includes; also where it is included itself, from another folder."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "mine.py").write_text(MODEL)
    (tmp_path / "folder" / "a.yaml").write_text(f"plugins: [{line}, torch]\n")
    (tmp_path / "b.yaml").write_text(f"include: [folder/a.yaml, {YAML}]\n")
    for path in (tmp_path / "folder" / "a.yaml", tmp_path / "b.yaml"):
        file, module = Experiment(path).plugins
        assert Path(file).resolve() == tmp_path / "folder" / "mine.py" and module == "torch"
    assert Experiment(tmp_path / "b.yaml", [("plugins", "./x.py")]).plugins == ["./x.py"]


def test_a_run_keeps_the_plugins_of_its_yaml(toy_folder, tmp_path, monkeypatch):
    """They are found again from any folder."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "model.py").write_text(MODEL)
    (tmp_path / "mine" / "toy.py").write_text(Path(toy.__file__).read_text(encoding="utf-8"))
    text = f"plugins: [model.py, ./toy.py]\ndataset: toy\n{OWN}"
    (tmp_path / "mine" / "own.yaml").write_text(f"include: [{YAML}]\n{text}")
    command = ["mine/own.yaml", f"--data_folder={toy_folder}", "--number_of_epochs=1", *PLACES]
    assert train.main(command) == 0
    registry.default.cache_clear()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert evaluate.main([str(tmp_path / "run")]) == 0
