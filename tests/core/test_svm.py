"""The baseline is a linear SVM, and its planes are a layer like any other."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from ser_plugins.core import bundle as bundles
from ser_plugins.core import svm


@pytest.fixture
def run_svm(run_toy):
    """Fit the tones by SVM; the model's own options are dropped for it."""
    from places import ROOT

    def run(*options):
        return run_toy(*options, yaml=ROOT / "hparams" / "svm.yaml", model=())

    return run


def test_it_tells_tones_of_speakers_it_never_heard(run_svm):
    found = json.loads((run_svm() / "scores.json").read_text())
    assert found["test"]["uar"] > 0.9 and found["audit"] == "passed"


def test_the_cost_is_the_first_of_the_best_on_validation(run_svm):
    run = run_svm()
    with (run / "history.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    uar = [float(row["uar"]) for row in rows]
    assert [float(row["lr"]) for row in rows] == list(svm.COSTS)
    best = json.loads((run / "scores.json").read_text())["best_epoch"]
    assert best == 1 + uar.index(max(uar))


def test_the_layer_gives_the_margins_of_the_machine():
    random = np.random.default_rng(0)
    pooled, targets = 5 + 3 * random.normal(size=(60, 4)), random.integers(0, 3, 60)
    setup = type("Setup", (), {"hparams": {"class_weights": "none", "seed": 0}})
    scaler = StandardScaler().fit(pooled)
    (planes, offsets), _ = svm.candidate(setup, scaler, (pooled, targets), 0.01)
    machine = LinearSVC(C=0.01, max_iter=20_000, random_state=0)
    machine.fit(scaler.transform(pooled), targets)
    wanted = machine.decision_function(scaler.transform(pooled))
    np.testing.assert_allclose(pooled @ planes.T + offsets, wanted, atol=1e-8)


def test_of_two_labels_the_planes_are_opposite():
    random = np.random.default_rng(0)
    pooled = random.normal(size=(40, 3))
    targets = (pooled[:, 0] > 0).astype(int)
    setup = type("Setup", (), {"hparams": {"class_weights": "balanced", "seed": 0}})
    scaler = StandardScaler().fit(pooled)
    (planes, offsets), _ = svm.candidate(setup, scaler, (pooled, targets), 1.0)
    np.testing.assert_allclose(planes[0], -planes[1])
    assert ((pooled @ planes.T + offsets).argmax(1) == targets).mean() > 0.9


def test_its_bundle_is_a_bundle(run_svm):
    bundle = bundles.read(run_svm() / "bundle")
    assert bundle.config["model"]["name"] == "pooled_linear"
    assert float(bundle.probabilities([np.zeros(1600, np.float32)]).sum()) == pytest.approx(1)


def test_a_model_that_is_no_linear_layer_is_refused(run_toy, refused):
    text = refused(lambda changes: run_toy(*changes), "--fit=svm")
    assert "one linear layer" in text and "cnn_bigru" in text
    assert not Path("run").exists()


@pytest.mark.parametrize("change", ["--augment=[noise]", "--copies=1", "--mixup=0.2"])
def test_what_it_does_not_do_is_refused_and_not_recorded(run_svm, refused, change):
    assert "hears each clip once" in refused(lambda changes: run_svm(*changes), change)
    assert not Path("run").exists()
