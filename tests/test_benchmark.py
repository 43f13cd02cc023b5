"""The benchmark measures what it says: whole sums, the same work, the operations that are there."""

import sys
from pathlib import Path

import pytest
import torch
from places import ROOT, SMALL, YAML, on_tones

from ser_plugins import Utterance, get_dataset, make_model
from ser_plugins.core.errors import InputError
from ser_plugins.core.hparams import Experiment, parse_arguments

sys.path.insert(0, str(ROOT / "tools"))  # as for a script that lies there
import benchmark
from benchmarks import growth, machine, published, stages, start, stopwatch


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
    """The same parameters by other names, but for a bias that its softmax does not hear."""
    ours = make_model("cnn_bigru", published.COEFFICIENTS, 8, original=True)
    theirs = published.PublishedNetwork(8)
    found = sorted(tuple(p.shape) for p in ours.parameters())
    heard = (p for name, p in theirs.named_parameters() if name != "score.bias")
    assert found == sorted(tuple(p.shape) for p in heard)
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


def test_a_start_waits_for_two_epochs(clock):
    def lines():
        for line in (
            "run folder: x",
            "epoch   1  lr 1.5e-04  4.0 s",
            "epoch   2  lr 2.0e-04  3.0 s",
        ):
            clock[0] += 5
            yield line
        pytest.fail("a third epoch would read the test part")

    assert list(start._epochs(lines())) == [(10, 4), (15, 3)]


def test_a_command_that_ends_by_itself_is_said(tmp_path):
    with pytest.raises(InputError, match="ended before epoch 2; see above"):
        start.start([str(tmp_path / "none.yaml")], tmp_path / "run")


def test_a_larger_corpus_has_the_clips_of_the_smaller_and_other_speakers(tmp_path, monkeypatch):
    class Voice:
        def obtain(self, place):
            place.mkdir()
            (place / "f1_1_sad_1.wav").touch()

        def read(self, place):
            yield Utterance("f1_1_sad_1", Path("f1_1_sad_1.wav"), "sad", speaker="f1")

    monkeypatch.setattr(growth, "get_dataset", lambda *_, **__: Voice())
    for seed in range(2):
        growth.render(seed, tmp_path / "corpus")
    grown = get_dataset("folders", speaker=growth.SPEAKER)
    found = {(u.speaker, u.label) for u in grown.read(tmp_path / "corpus")}
    assert found == {("f1x0", "sad"), ("f1x1", "sad")}


@pytest.mark.parametrize("words", [["--rounds", "0"], ["--growth", "two"], []])
def test_bad_words_are_refused(words):
    with pytest.raises(InputError):
        benchmark.main([str(YAML), *words] if words else [])
