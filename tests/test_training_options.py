"""What an experiment can ask of training: each option does what it says."""

import csv
import json

import pytest
import speechbrain as sb
import torch
from places import YAML
from safetensors.torch import load_file

from ser_plugins.core import frames, gradient, training
from ser_plugins.core.augment import Augment
from ser_plugins.core.brain import EmotionBrain
from ser_plugins.core.data import ClipDataset
from ser_plugins.core.mixup import Mixup


def rates(run):
    with (run / "history.csv").open(newline="") as file:
        return [float(row["lr"]) for row in csv.DictReader(file)]


def losses(run):
    with (run / "history.csv").open(newline="") as file:
        return [float(row["train_loss"]) for row in csv.DictReader(file)]


def weights(run):
    return load_file(run / "bundle" / "model.safetensors")


@pytest.fixture
def run_with_schedule(run_toy, tmp_path):
    """Train four epochs with a schedule of torch's."""

    def run(name, *options):
        lines = [f"include: [{YAML}]", f"lr_schedule: !name:torch.optim.lr_scheduler.{name}"]
        yaml = tmp_path / "experiment.yaml"
        yaml.write_text("\n".join([*lines, *(f"  {option}" for option in options)]))
        return run_toy("--number_of_epochs=4", "--lr=0.001", yaml=yaml)

    return run


def test_the_cosine_falls_to_nothing(run_with_schedule):
    found = rates(run_with_schedule("CosineAnnealingLR", "T_max: 4"))
    wanted = [0.0005 * (1 + torch.cos(torch.tensor(torch.pi * i / 4)).item()) for i in range(4)]
    assert found == pytest.approx(wanted)


def test_one_cycle_rises_and_falls(run_toy):
    found = rates(run_toy("--number_of_epochs=6"))
    top = found.index(max(found))
    assert 0 < top < 5 and found[0] < max(found) / 5 and found[-1] < found[0]


def test_a_plateau_of_the_validation_loss_cuts_the_rate(run_with_schedule, monkeypatch):
    real = EmotionBrain._step_schedule
    monkeypatch.setattr(EmotionBrain, "_step_schedule", lambda brain, _: real(brain, 1.0))
    found = rates(run_with_schedule("ReduceLROnPlateau", "factor: 0.1", "patience: 1"))
    assert found == pytest.approx([1e-3, 1e-3, 1e-3, 1e-4])


@pytest.fixture
def steps(monkeypatch):
    """Collect a weight after each step of training."""
    seen, real = [], EmotionBrain.on_fit_batch_end

    def record(brain, *arguments):
        real(brain, *arguments)
        seen.append(brain.modules.classifier.model.head[0].weight.detach().clone())

    monkeypatch.setattr(EmotionBrain, "on_fit_batch_end", record)
    return seen


def test_averaged_weights_are_the_exponential_average_of_the_steps(run_toy, steps):
    run = run_toy("--weight_average=0.75", "--number_of_epochs=1")
    average = steps[0]
    for step in steps[1:]:
        average = 0.75 * average + 0.25 * step
    torch.testing.assert_close(weights(run)["model.head.0.weight"], average)
    assert len(steps) > 1 and not torch.allclose(average, steps[-1])


def test_without_average_the_last_step_is_kept(run_toy, steps):
    run = run_toy("--number_of_epochs=1")
    assert torch.equal(weights(run)["model.head.0.weight"], steps[-1])


def test_gradients_are_clipped_to_a_norm_and_0_clips_none(run_toy, steps, tmp_path):
    yaml, moved = tmp_path / "experiment.yaml", {}
    plain = [f"include: [{YAML}]", "lr_schedule: null", "opt_class: !name:torch.optim.SGD"]
    yaml.write_text("\n".join([*plain, "  lr: 1.0"]))
    for most in ("0", "1e9", "1e-6"):
        flags = (f"--max_grad_norm={most}", "--number_of_epochs=1", "--batch_size=24")
        run_toy(*flags, folder=f"run{most}", yaml=yaml)
        moved[most] = (steps[1] - steps[0]).norm().item()
        steps.clear()
    assert moved["0"] == moved["1e9"] > 1000 * moved["1e-6"]


def listened(monkeypatch):
    """Return what each run trains and validates on, as it is run."""
    found, real = [], training.listen

    def listen(*arguments):
        found.append(real(*arguments))
        return found[-1]

    monkeypatch.setattr(training, "listen", listen)
    return found


def test_copies_stand_beside_clean_originals_in_training_only(run_toy, monkeypatch):
    found = listened(monkeypatch)
    run_toy("--copies=2", "--augment=[gain]", "--number_of_epochs=1")
    train, valid = found[0]["train"], found[0]["valid"]
    clips = len(set(train.ids))
    assert len(train) == 3 * clips and len(valid) == len(set(valid.ids))
    assert sorted(train.draws).count("") == clips and len(set(train.draws)) == 2 * clips + 1
    assert torch.equal(train[clips]["sig"], train[0]["sig"])  # augmented in the loop, not here


def test_what_has_no_draw_is_not_augmented():
    augment, wavs = Augment(["gain"], {}, seed=0), torch.ones(3, 100)
    out, _ = augment("wave", wavs, torch.ones(3), ["", "a#1", ""], 1)
    assert torch.equal(out[0], wavs[0]) and torch.equal(out[2], wavs[2])
    assert not torch.allclose(out[1], wavs[1])


@pytest.mark.parametrize(
    ("augment", "kinds"),
    [
        ("[spec_mask]", (frames.FrameDataset, frames.FrameDataset)),
        ("[gain, spec_mask]", (ClipDataset, frames.FrameDataset)),
    ],
)
def test_frames_are_kept_where_no_waveform_changes(run_toy, monkeypatch, augment, kinds):
    found = listened(monkeypatch)
    run_toy(f"--augment={augment}", "--number_of_epochs=1")
    assert isinstance(found[0]["train"], kinds[0]) and isinstance(found[0]["valid"], kinds[1])


def test_kept_frames_train_the_same_model_as_those_heard_again(run_toy, monkeypatch):
    found, options = listened(monkeypatch), ("--augment=[spec_mask]", "--precision=fp32")
    kept = losses(run_toy(*options, folder="kept"))
    again = losses(run_toy(*options, "--keep_frames=False", folder="heard"))
    assert {type(part) for part in found[1].values()} == {ClipDataset}
    assert again == pytest.approx(kept, abs=1e-3)


def test_convolutions_train_channels_last_or_not_to_the_same_within_rounding(run_toy, monkeypatch):
    seen, real = [], EmotionBrain.on_fit_batch_end

    def record(brain, *arguments):
        real(brain, *arguments)
        weight = brain.modules.classifier.model.blocks[1][0].weight
        seen.append(weight.is_contiguous(memory_format=torch.channels_last))

    monkeypatch.setattr(EmotionBrain, "on_fit_batch_end", record)
    options = ("--precision=fp32",)
    last = losses(run_toy(*options, folder="last"))
    assert set(seen) == {True} and not seen.clear()
    first = losses(run_toy(*options, "--channels_last=False", folder="first"))
    assert set(seen) == {False} and first == pytest.approx(last, abs=1e-3)


def loss_of(targets, **hparams):
    """Return the loss of even logits against targets `[B, C]`."""
    own = {"weights": None, "label_smoothing": 0.0, **hparams}
    brain = type("Brain", (), {"hparams": type("Hparams", (), own)})
    logits = torch.tensor([[2.0, 0.0, 0.0]]).repeat(len(targets), 1)
    batch = type("Batch", (), {"id": ["a"]})
    outputs = logits, torch.tensor(targets)
    return EmotionBrain.compute_objectives(brain, outputs, batch, sb.Stage.TRAIN).item()


def test_weights_of_labels_and_smoothing_reach_the_loss():
    first, second = [[1.0, 0.0, 0.0]], [[0.0, 1.0, 0.0]]
    weights = torch.tensor([1.0, 3.0, 1.0])
    assert loss_of(second, weights=weights) == pytest.approx(3 * loss_of(second))
    assert loss_of(first, weights=weights) == pytest.approx(loss_of(first))
    smooth = 0.9 * loss_of(first) + 0.1 * (loss_of(first) + 2 * loss_of(second)) / 3
    assert loss_of(first, label_smoothing=0.1) == pytest.approx(smooth)


def test_the_training_part_sets_the_weights(run_toy, monkeypatch):
    made, real = [], gradient.label_weights

    def record(mode, rows, labels):
        made.append((mode, len(rows), real(mode, rows, labels)))
        return made[-1][-1]

    monkeypatch.setattr(gradient, "label_weights", record)
    run = run_toy("--class_weights=balanced", "--number_of_epochs=1")
    mode, n, weights = made[0]
    train = json.loads((run / "manifests" / "train.json").read_text())
    assert mode == "balanced" and n == len(train) and len(weights) == 3


def stages(monkeypatch):
    """Return what the augmentation of frames and the blend are called with, as they are."""
    seen = {"draws": [], "keys": [], "targets": []}
    augment, mix = Augment.__call__, Mixup.__call__

    def draw(self, domain, signal, lengths, ids, epoch):
        seen["draws"] += ids if epoch == 2 else []
        return augment(self, domain, signal, lengths, ids, epoch)

    def blend(self, feats, lengths, targets, ids, epoch):
        mixed = mix(self, feats, lengths, targets, ids, epoch)
        seen["keys"] += ids
        seen["targets"].append(mixed[2])
        return mixed

    monkeypatch.setattr(Augment, "__call__", draw)
    monkeypatch.setattr(Mixup, "__call__", blend)
    return seen


def test_the_loop_augments_the_copies_alone_and_blends_all(run_toy, monkeypatch):
    seen = stages(monkeypatch)
    real = EmotionBrain.compute_objectives
    met = []

    def record(brain, outputs, batch, stage):
        if stage == sb.Stage.TRAIN:
            met.append(outputs[1])
        return real(brain, outputs, batch, stage)

    monkeypatch.setattr(EmotionBrain, "compute_objectives", record)
    run_toy("--copies=1", "--augment=[spec_mask]", "--mixup=1.0")
    assert "" in seen["draws"] and any("#1" in draw for draw in seen["draws"])
    assert len(set(seen["keys"])) == len(seen["keys"]) / 2  # twice, in two epochs
    assert all(torch.equal(*pair) for pair in zip(met, seen["targets"], strict=True))
    assert any(((targets > 0).sum(1) == 2).any() for targets in met)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("--mixup=-1", "from 0"),
        ("--weight_average=1", "in [0, 1)"),
        ("--copies=1.5", "a whole number"),
        ("--class_weights=balance", "none or balanced"),
    ],
)
def test_bad_values_are_refused(run_toy, refused, change, words):
    assert words in refused(lambda changes: run_toy(*changes), change)
