"""What a recipe takes: a step by stage, start-up and memory."""

import statistics
from collections.abc import Sequence
from pathlib import Path

from ser_plugins.core.arguments import Override
from ser_plugins.core.hparams import Experiment

from . import machine, stages
from .start import start
from .stopwatch import Stopwatch


def measure(
    path: Path, overrides: Sequence[Override], folder: Path, rounds: int
) -> dict[str, float]:
    """Return all figures of a recipe by name; the name says the unit.

    Args:
        path: the YAML.
        overrides: of its keys.
        folder: where its runs lie.
        rounds: turns.
    """
    places = [("output_folder", f"{folder}/run"), ("ledger", f"{folder}/ledger.csv")]
    job = stages.make_job(Experiment(path, [*overrides, *places]), folder / "bench")
    began = start([str(path), *(f"--{key}={text}" for key, text in overrides)], folder / "start")
    return {
        **steps(job, rounds),
        "start-up to the first epoch, s": began.seconds,
        "peak memory of a run, MiB": began.memory,
    }


def steps(job: stages.Job, rounds: int) -> dict[str, float]:
    """Return what a step takes in each stage, and how near that is to what the machine can do."""
    ready, watch = stages.batches_in_memory(job), Stopwatch(job.device)
    shares: list[dict[str, float]] = []

    def recipe() -> float:
        seconds = stages.epoch(job, watch)
        shares.append(dict(watch.seconds))
        return seconds

    bare, whole = stages.alternate([lambda: stages.bare_epoch(job, ready, watch), recipe], rounds)
    del shares[0]  # it warmed up
    held = machine.gpu_memory(job.device)
    n_steps, epoch = len(job.loader), statistics.median(whole)
    speed = stages.operations(job, ready) * n_steps / epoch
    bests = machine.peaks(job.precision, job.device)
    return {
        **{
            f"{stage}, ms a step": 1000 * _median(shares, stage) / n_steps
            for stage in stages.STAGES
        },
        "all, ms a step": 1000 * epoch / n_steps,
        "all, ms a second of sound": 1000 * epoch / job.seconds,
        "epochs a minute": 60 / epoch,
        "bare loop, ms a step": 1000 * statistics.median(bare) / n_steps,
        "recipe / bare loop": statistics.median(r / b for r, b in zip(whole, bare, strict=True)),
        "GFLOP a second": speed / 1e9,
        **{f"GFLOP a second, large {name}": best / 1e9 for name, best in bests.items()},
        **{f"part of a large {name}": speed / best for name, best in bests.items()},
        **held,
    }


def _median(shares: Sequence[dict[str, float]], stage: str) -> float:
    return statistics.median(share.get(stage, 0.0) for share in shares)
