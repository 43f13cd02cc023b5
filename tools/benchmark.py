#!/usr/bin/env python3
"""Measure a recipe against the bare loop on tensors in memory, its start-up and its memory.

python tools/benchmark.py hparams/cnn_bigru.yaml --dataset ravdess --data_folder /data/RAVDESS

An epoch of the recipe (load, front end, augmentation, features, forward, backward, step) and
one of the bare loop (forward, backward, step on the same batches, ready in memory) take turns in
one process, so that their ratio holds on a noisy machine. Start-up is measured in a process of
its own, from its beginning to that of the first epoch, with the audio cache filled.
"""

import logging
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ser_plugins.core.command import run_command
from ser_plugins.core.hparams import Experiment, parse_arguments

log = logging.getLogger("ser_plugins.benchmark")

ROUNDS = 3
TRAIN = Path(__file__).parents[1] / "recipes" / "train.py"


def main(arguments: Sequence[str]) -> int:
    """Measure the experiment of a command line; return the exit code."""
    if {"-h", "--help"} & set(arguments):
        sys.stdout.write(f"{__doc__}\n")
        return 0
    path, overrides = parse_arguments(arguments)
    with tempfile.TemporaryDirectory() as folder:
        places = [("output_folder", f"{folder}/run"), ("ledger", f"{folder}/ledger.csv")]
        experiment = Experiment(path, [*overrides, *places])
        bare, recipe, steps = alternate(experiment, Path(folder))
        start_up, peak = start(arguments, Path(folder))
    ratio = statistics.median(r / b for r, b in zip(recipe, bare, strict=True))
    rows = [
        ("bare loop, ms a step", f"{1000 * statistics.median(bare) / steps:.0f}"),
        ("recipe, ms a step", f"{1000 * statistics.median(recipe) / steps:.0f}"),
        ("recipe / bare loop, median of turns", f"{ratio:.2f}"),
        ("start-up to the first epoch, s", f"{start_up:.1f}"),
        ("peak memory of a run, MiB", f"{peak:.0f}"),
    ]
    for name, value in rows:
        log.info("%-38s %8s", name, value)
    return 0


def alternate(experiment: Experiment, folder: Path) -> tuple[list[float], list[float], int]:
    """Return seconds of epochs of the bare loop and of the recipe, in turn, and their steps."""
    from ser_plugins.core.data import training_loader

    brain, dataset, hparams = build(experiment, folder)
    loader = training_loader(dataset, hparams["batch_size"], hparams["seed"])
    brain.train_sampler = loader.batch_sampler
    ready = batches_in_memory(brain, loader)
    bare, recipe = [], []
    for turn in range(ROUNDS + 1):
        seconds = timed(lambda: bare_epoch(brain, ready)), timed(lambda: brain.fit([1], loader))
        if turn:  # the first turn warms up
            bare.append(seconds[0])
            recipe.append(seconds[1])
    return bare, recipe, len(ready)


def build(experiment: Experiment, folder: Path) -> tuple[Any, Any, dict[str, Any]]:
    """Return the training loop, the training part and the keys of an experiment."""
    from ser_plugins.core.gradient import make_brain
    from ser_plugins.core.listening import listen, training_clips
    from ser_plugins.core.run import RunFolder
    from ser_plugins.core.setup import assemble

    setup = assemble(experiment)
    heard = listen(setup, training_clips(setup))
    (folder / "bench").mkdir()
    return make_brain(setup, RunFolder(folder / "bench")), heard["train"], setup.hparams


def batches_in_memory(brain: Any, loader: Any) -> list[tuple[Any, ...]]:
    """Return the frames, lengths and targets of one epoch, augmented."""
    import torch

    ready, augment = [], brain.hparams.augment
    for batch in loader:
        with torch.no_grad():
            batch = batch.to(brain.device)
            feats, lengths = brain.hear(batch, brain.modules.classifier, training=True)
        feats, lengths = augment("feats", feats, lengths, batch.draw, 1)
        ready.append((feats, lengths, batch.target.data))
    return ready


def bare_epoch(brain: Any, ready: Sequence[tuple[Any, ...]]) -> None:
    """Run forward, backward and step over batches that are ready."""
    from torch.nn.functional import cross_entropy

    model = brain.modules.classifier.train()
    optimizer = brain.opt_class(model.parameters())
    for feats, lengths, targets in ready:
        optimizer.zero_grad()
        with brain.training_ctx:
            logits = model.classify(feats, lengths)
        cross_entropy(logits.float(), targets).backward()
        optimizer.step()


def timed(action: Callable[[], Any]) -> float:
    """Return how many seconds an action takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def start(arguments: Sequence[str], folder: Path) -> tuple[float, float]:
    """Return seconds from process start to the first epoch, and peak memory in MiB.

    The process is stopped after its first epoch of two, long before it would read a test part.
    """
    places = [f"--output_folder={folder}/start", f"--ledger={folder}/ledger.csv"]
    command = [sys.executable, str(TRAIN), *arguments, *places, "--number_of_epochs=2"]
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            if line.startswith("epoch "):
                seconds = time.perf_counter() - began - float(line.split()[-2])
                process.kill()
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


if __name__ == "__main__":
    run_command(main)
