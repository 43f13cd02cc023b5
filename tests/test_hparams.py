"""Every shipped YAML trains end to end on the synthetic corpus."""

import json
import shutil
from pathlib import Path

import pytest
from places import ROOT, YAMLS

from recipes import train
from ser_plugins.core.errors import OptionError
from ser_plugins.core.hparams import Experiment
from ser_plugins.core.keys import KEYS
from ser_plugins.core.yaml_files import plain, read_tree

# Those that take half a minute; results on real voices tell of the others.
LEARN = [yaml for yaml in YAMLS if yaml.stem in ("cnn_bigru", "crnn")]


@pytest.fixture
def needs(checkpoints):
    """What a YAML cannot be trained without."""
    return {"ssl_probe": [f"--features_options.source={checkpoints['hubert-layer']}"]}


@pytest.fixture(scope="module")
def few_voices(voices, tmp_path_factory):
    """A tenth of the synthetic corpus: every speaker and emotion, one sentence, once."""
    root = tmp_path_factory.mktemp("few_voices")
    for path in voices.rglob("*_1_*_1.wav"):
        shutil.copy(path, root)
    return root


def scores(yaml, *overrides):
    assert train.main([str(yaml), "--output_folder=run", "--device=cpu", *overrides]) == 0
    return json.loads(Path("run/scores.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("yaml", YAMLS, ids=lambda yaml: yaml.stem)
def test_it_trains(yaml, needs, few_voices):
    corpus = ["--dataset=synthetic", f"--data_folder={few_voices}", "--allow_partial=True"]
    found = scores(yaml, *needs.get(yaml.stem, ()), *corpus, "--number_of_epochs=1")
    assert found["protocol"] == "synthetic-5" and found["test"]["n"] == 10


@pytest.mark.slow
@pytest.mark.parametrize("yaml", LEARN, ids=lambda yaml: yaml.stem)
def test_it_learns_voices_it_never_heard(yaml):
    found = scores(yaml, "--dataset=synthetic", "--fold=3", "--number_of_epochs=10")
    assert found["test"]["uar"] > 0.7


@pytest.mark.parametrize("yaml", YAMLS, ids=lambda yaml: yaml.stem)
def test_it_is_short_and_starts_on_synthetic(yaml):
    assert len(yaml.read_text(encoding="utf-8").splitlines()) <= 100
    assert plain(Experiment(yaml).tree)["dataset"] == "synthetic"


@pytest.mark.parametrize("yaml", YAMLS, ids=lambda yaml: yaml.stem)
def test_every_key_stands_in_it_or_in_what_it_includes(yaml):
    """Nothing that changes a result hides in code."""
    tree = read_tree(yaml)
    included = [read_tree(yaml.parent / name) for name in tree["include"]]
    assert set(KEYS) <= set().union(tree, *included)
    for one in included:
        for other in included:
            assert one is other or not set(one) & set(other)


def test_a_key_of_the_file_goes_before_an_included_one(tmp_path):
    (tmp_path / "shared.yaml").write_text("lr: 1\nseed: 1\n")
    (tmp_path / "own.yaml").write_text("include: [shared.yaml]\nlr: 2\n")
    tree = Experiment(tmp_path / "own.yaml", [("seed", "3")]).tree
    assert (tree["lr"], tree["seed"]) == (2, 3) and "include" not in tree


def test_an_included_file_may_include_others_but_not_in_a_ring(tmp_path):
    (tmp_path / "a.yaml").write_text("include: [b.yaml]\nlr: 1\n")
    (tmp_path / "b.yaml").write_text("include: [c.yaml]\nlr: 2\nseed: 2\n")
    (tmp_path / "c.yaml").write_text("seed: 3\nfold: 3\n")
    tree = Experiment(tmp_path / "a.yaml").tree
    assert (tree["lr"], tree["seed"], tree["fold"]) == (1, 2, 3) and "include" not in tree
    (tmp_path / "c.yaml").write_text("include: [a.yaml]\n")
    with pytest.raises(OptionError, match="in turn"):
        Experiment(tmp_path / "a.yaml")


@pytest.mark.parametrize(
    ("text", "words"),
    [("include: [gone.yaml]\n", "gone.yaml: No such file"), ("include: a.yaml\n", "be a list")],
)
def test_an_include_that_cannot_be_is_said(tmp_path, text, words):
    (tmp_path / "own.yaml").write_text(text)
    with pytest.raises(OptionError, match=words):
        Experiment(tmp_path / "own.yaml")


def test_there_are_some():
    assert ROOT / "hparams" / "cnn_bigru.yaml" in YAMLS
