"""Every shipped YAML trains end to end on the synthetic corpus."""

import json
from pathlib import Path

import pytest
from places import ROOT, YAMLS

from recipes import train
from ser_plugins.core.hparams import plain, read_tree


def scores(yaml, *overrides):
    assert train.main([str(yaml), "--output_folder=run", "--device=cpu", *overrides]) == 0
    return json.loads(Path("run/scores.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("yaml", YAMLS, ids=lambda yaml: yaml.stem)
def test_it_trains(yaml):
    found = scores(yaml, "--dataset=synthetic", "--number_of_epochs=1")
    assert found["protocol"] == "synthetic-5" and found["test"]["n"] == 100


@pytest.mark.slow
@pytest.mark.parametrize("yaml", YAMLS, ids=lambda yaml: yaml.stem)
def test_it_learns_voices_it_never_heard(yaml):
    assert scores(yaml, "--dataset=synthetic", "--fold=3")["test"]["uar"] > 0.7


@pytest.mark.parametrize("yaml", YAMLS, ids=lambda yaml: yaml.stem)
def test_it_is_short_and_starts_on_synthetic(yaml):
    assert len(yaml.read_text(encoding="utf-8").splitlines()) <= 100
    assert plain(read_tree(yaml))["dataset"] == "synthetic"


def test_there_are_some():
    assert ROOT / "hparams" / "cnn_bigru.yaml" in YAMLS
