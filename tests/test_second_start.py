"""A second start trains on what the first has heard, and trains the same."""

import shutil

import pytest
import torch

from ser_plugins.core import bundle, listening
from ser_plugins.core.run import RunFolder


@pytest.fixture
def train(run_toy, tmp_path, findable_frames):
    """Train for two epochs with a cache of the test's own; return the run folder."""

    def run(augment, folder, *options):
        cache = f"--cache_folder={tmp_path / 'cache'}"
        told = (f"--augment={augment}", "--number_of_epochs=2", cache, *options)
        return RunFolder(run_toy(*told, folder=folder))

    return run


def outcome(run):
    """Return losses and weights."""
    text = (run.path / "history.csv").read_text()
    losses = [line.split(",")[:3] for line in text.splitlines()]
    return losses, (run.bundle / "model.safetensors").read_bytes()


@pytest.mark.parametrize("augment", ["[spec_mask]", "[gain]"])
def test_it_hears_nothing_and_trains_the_same(train, monkeypatch, augment):
    first = outcome(train(augment, "first"))
    with monkeypatch.context() as patch:
        patch.setattr(listening, "heard_rows", None)
        patch.setattr(listening, "fit_statistics", None)
        assert outcome(train(augment, "second")) == first
    assert outcome(train(augment, "third", "--frames_on_disk=0")) == first


def test_statistics_are_those_of_the_clips_to_the_bit_however_they_were_fitted(train, tmp_path):
    def statistics(augment, *options):
        shutil.rmtree(tmp_path / "cache" / "frames", ignore_errors=True)
        normalize = bundle.read(train(augment, "run", *options).bundle).classifier.normalize
        shutil.rmtree("run")
        return torch.stack([normalize.mean, normalize.std])

    of_frames = statistics("[]")
    assert torch.equal(statistics("[gain]"), of_frames)
    assert torch.equal(statistics("[gain]", "--keep_frames=False"), of_frames)


def test_with_none_on_disk_nothing_stays(train, tmp_path):
    train("[]", "run", "--frames_on_disk=0")
    assert not [path for path in (tmp_path / "cache" / "frames").iterdir() if path.is_dir()]
