"""The benchmark measures what it says: whole sums, the same work, the operations that are there."""

import sys

import pytest
import torch
from places import ROOT, SMALL, YAML, on_tones

from ser_plugins import make_model
from ser_plugins.core.hparams import Experiment, parse_arguments

sys.path.insert(0, str(ROOT / "tools"))  # as for a script that lies there
from benchmarks import machine, published, stages, stopwatch


@pytest.fixture
def clock(monkeypatch):
    """A clock that is wound by hand."""
    now = [0.0]
    monkeypatch.setattr(stopwatch.time, "perf_counter", lambda: now[0])
    return now


def test_a_stage_inside_another_takes_its_own_time(clock):
    watch = stopwatch.Stopwatch()
    watch.start()
    clock[0] += 1
    with watch.stage("outer"):
        clock[0] += 2
        with watch.stage("inner"):
            clock[0] += 4
        clock[0] += 8
    assert watch.stop() == 15
    assert watch.seconds == {stopwatch.REST: 1, "outer": 10, "inner": 4}


def test_a_product_of_matrices_has_two_operations_a_term():
    one = torch.ones(3, 5)
    assert machine.count_operations(lambda: one @ torch.ones(5, 7)) == 2 * 3 * 5 * 7


def test_the_published_network_is_the_one_that_is_registered():
    """As many parameters, in the same shapes; only their names differ."""
    ours = make_model("cnn_bigru", published.COEFFICIENTS, 8, original=True)
    theirs = published.PublishedNetwork(8)
    shapes = [sorted(tuple(p.shape) for p in net.parameters()) for net in (ours, theirs)]
    assert shapes[0] == shapes[1]
    assert theirs(torch.zeros(2, 1, published.COEFFICIENTS, published.FRAMES)).shape == (2, 8)


def test_the_same_work_is_an_experiment_on_as_many_coefficients():
    overrides = [(key, str(value)) for key, value in published.SAME_WORK.items()]
    hparams = Experiment(YAML, overrides).load()
    assert hparams["features_options"]["n_mfcc"] == published.COEFFICIENTS
    assert hparams["batch_size"] == published.BATCH and not hparams["augment"]


def test_every_stage_of_a_step_is_found_and_nothing_twice(toy_folder, tmp_path):
    tones = [*on_tones(toy_folder, tmp_path / "run"), *SMALL]
    arguments = [str(YAML), *tones, "--augment=[gain, spec_mask]", "--mixup=0.2"]
    job = stages.make_job(Experiment(*parse_arguments(arguments)), tmp_path / "bench")
    before = {name: p.clone() for name, p in job.brain.modules.named_parameters()}
    watch = stopwatch.Stopwatch()
    assert stages.epoch(job, watch) == pytest.approx(sum(watch.seconds.values()))
    assert set(watch.seconds) == set(stages.STAGES)
    assert any(not torch.equal(p, before[n]) for n, p in job.brain.modules.named_parameters())
    with stages.watched(job.brain, watch):
        pass
    assert "forward" not in vars(job.brain.modules.classifier.normalize)  # as it was


def test_a_loop_of_the_script_learns_its_clips():
    torch.manual_seed(0)
    targets = torch.arange(64) % 2
    inputs = (
        torch.randn(64, 1, published.COEFFICIENTS, published.FRAMES) + targets[:, None, None, None]
    )
    loop = published.PublishedLoop(inputs, targets)
    for _ in range(4):
        loop.epoch(stopwatch.Stopwatch())
    with torch.no_grad():
        found = loop.network.eval()(inputs).argmax(1)
    assert (found == targets).float().mean() > 0.9
