"""The whole job of a public student's script beside the toolkit's, on the same clips."""

import importlib
import multiprocessing
import os
import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from ser_plugins.core.arguments import Override
from ser_plugins.core.extras import need
from ser_plugins.core.hparams import Experiment

from .published import SAME_WORK, serve
from .stages import Job, alternate, epoch, make_job
from .stopwatch import Stopwatch

EPOCHS = 45  # as published
# What the toolkit sets for its own processes, before torch is loaded.
TUNED = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "ONEDNN_PRIMITIVE_CACHE_CAPACITY")


def compare(
    yaml: Path, overrides: Sequence[Override], folder: Path, rounds: int
) -> dict[str, float]:
    """Return seconds of both, and ratios.

    The script has a process of its own, whose heap and threads are those that come with glibc and
    OpenMP; epochs of the two take turns, so that their ratio holds on a noisy machine. Both read
    every file of the corpus, their packages loaded, the toolkit with its cache empty and again with
    it full. A job is reading and 45 median epochs.

    Args:
        yaml: the experiment; what would make the work another is overridden.
        overrides: such as the corpus.
        folder: where the cache lies, and the run would.
        rounds: turns.

    Raises:
        OptionError: without librosa, which the script reads with.
    """
    need("librosa", "test", "--against")
    importlib.import_module("torch._dynamo")  # as the first optimiser would
    first, reading = timed_job(yaml, overrides, folder, "first")
    with published(first) as (their_reading, their_epoch):
        job, reading_again = timed_job(yaml, overrides, folder, "second")
        watch = Stopwatch(job.device)
        turns = alternate([their_epoch, lambda: epoch(job, watch)], rounds)
    theirs, ours = map(statistics.median, turns)
    whole = (their_reading + EPOCHS * theirs) / (reading + EPOCHS * ours)
    steps = len(job.loader)
    return {
        "published script, reading, s": their_reading,
        "toolkit, reading, s": reading,
        "toolkit, reading again, s": reading_again,
        "toolkit, reading / again": reading / reading_again,
        "published script, ms a step": 1000 * theirs / steps,
        "toolkit, same work, ms a step": 1000 * ours / steps,
        "script / toolkit, a step": statistics.median(a / b for a, b in zip(*turns, strict=True)),
        f"script / toolkit, reading and {EPOCHS} epochs": whole,
    }


def timed_job(
    yaml: Path, overrides: Sequence[Override], folder: Path, name: str
) -> tuple[Job, float]:
    """Return the toolkit's job on the same work, and how long it took to be ready."""
    places = [("output_folder", f"{folder}/run"), ("ledger", f"{folder}/ledger.csv")]
    places += [("cache_folder", f"{folder}/cache"), *((k, str(v)) for k, v in SAME_WORK.items())]
    watch = Stopwatch()
    watch.start()
    job = make_job(Experiment(yaml, [*overrides, *places]), folder / name)
    return job, watch.stop()


@contextmanager
def published(job: Job) -> Iterator[tuple[float, Callable[[], float]]]:
    """Give the seconds of the script's reading, and a function that trains it for an epoch."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    parts = [job.material.parts[part] for part in ("train", "valid", "test")]
    script = context.Process(target=serve, args=(theirs, job.material.root, parts, job.device))
    with patch.dict(os.environ):
        for name in TUNED:
            os.environ.pop(name, None)
        script.start()
    theirs.close()  # or its end would never be seen

    def train() -> float:
        ours.send("epoch")
        return ours.recv()

    try:
        yield ours.recv(), train
    finally:
        ours.close()
        script.join()
