#!/usr/bin/env python3
"""Measure where the time of a training recipe goes, its start-up and its memory.

python tools/benchmark.py hparams/cnn_bigru.yaml --dataset ravdess --data_folder /data/RAVDESS
python tools/benchmark.py hparams/cnn_bigru.yaml --dataset ravdess … --against True

An epoch of the recipe (load, augment, features, forward, backward, optimiser) and one of the bare
loop (forward, backward, step on the same batches, ready in memory) take turns in one process, so
that their ratio holds on a noisy machine. Operations a second are those of matrix products and
convolutions, beside what a large one of each reaches in the same run. Start-up is measured in a
process of its own, with the audio cache filled.

--against True adds the loop of a public student's script, in turns with the toolkit on the same
network, frames, clips and epochs. --json True prints figures for programs. --rounds takes so many
turns.
"""

import json
import logging
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from ser_plugins.core.arguments import Override
from ser_plugins.core.command import run_command
from ser_plugins.core.errors import OptionError
from ser_plugins.core.hparams import Experiment, parse_arguments

log = logging.getLogger("ser_plugins.benchmark")

OWN = {"against": "False", "json": "False", "rounds": "3"}  # flags that are no keys
Figures = dict[str, float]


def main(arguments: Sequence[str]) -> int:
    """Measure the experiment of a command line; return the exit code."""
    if {"-h", "--help"} & set(arguments):
        sys.stdout.write(f"{__doc__}\n")
        return 0
    path, given = parse_arguments(arguments)
    overrides = [(key, text) for key, text in given if key not in OWN]
    own = {**OWN, **{key: text for key, text in given if key in OWN}}
    if not own["rounds"].isdigit() or own["rounds"] == "0":
        raise OptionError(f"--rounds must be a whole number from 1, not {own['rounds']!r}")
    rounds = int(own["rounds"])
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(path, overrides, Path(folder), rounds)
        if _is_true(own["against"], "against"):
            from benchmarks.comparison import compare

            figures |= compare(path, overrides, Path(folder), rounds)
    say(figures, _is_true(own["json"], "json"))
    return 0


def _is_true(text: str, flag: str) -> bool:
    if text not in ("True", "False", "true", "false"):
        raise OptionError(f"--{flag} must be True or False, not {text!r}")
    return text.lower() == "true"


def say(figures: Mapping[str, float], as_json: bool) -> None:
    """Print the figures."""
    if as_json:
        sys.stdout.write(json.dumps(figures, indent=1) + "\n")
        return
    for name, value in figures.items():
        log.info("%-52s %10.2f", name, value)


def measure(path: Path, overrides: Sequence[Override], folder: Path, rounds: int) -> Figures:
    """Return all figures of a recipe by name; the name says the unit.

    Args:
        path: the YAML.
        overrides: of its keys.
        folder: where its runs lie.
        rounds: turns.
    """
    from benchmarks.stages import make_job
    from benchmarks.start import start

    places = [("output_folder", f"{folder}/run"), ("ledger", f"{folder}/ledger.csv")]
    job = make_job(Experiment(path, [*overrides, *places]), folder / "bench")
    command = [str(path), *(f"--{key}={text}" for key, text in overrides)]
    start_up, peak = start(command, folder / "start")
    return {
        **steps(job, rounds),
        "start-up to the first epoch, s": start_up,
        "peak memory of a run, MiB": peak,
    }


def steps(job: "Job", rounds: int) -> Figures:  # noqa: F821  imports torch
    """Return what a step takes in each stage, and how near that is to what the machine can do."""
    from benchmarks import machine, stages
    from benchmarks.stopwatch import Stopwatch

    ready, watch, shares = stages.batches_in_memory(job), Stopwatch(job.device), []

    def recipe() -> float:
        seconds = stages.epoch(job, watch)
        shares.append(dict(watch.seconds))
        return seconds

    bare, whole = stages.alternate([lambda: stages.bare_epoch(job, ready, watch), recipe], rounds)
    n_steps, epoch = len(job.loader), statistics.median(whole)
    found = {
        f"{stage}, ms a step": 1000
        * statistics.median(s.get(stage, 0) for s in shares[1:])
        / n_steps
        for stage in stages.STAGES
    }
    speed = stages.operations(job, ready) * n_steps / epoch
    bests = machine.peaks(job.precision, job.device)
    return {
        **found,
        "all, ms a step": 1000 * epoch / n_steps,
        "all, ms a second of sound": 1000 * epoch / job.seconds,
        "epochs a minute": 60 / epoch,
        "bare loop, ms a step": 1000 * statistics.median(bare) / n_steps,
        "recipe / bare loop": statistics.median(r / b for r, b in zip(whole, bare, strict=True)),
        "GFLOP a second": speed / 1e9,
        **{f"GFLOP a second, large {name}": best / 1e9 for name, best in bests.items()},
        **{f"part of a large {name}": speed / best for name, best in bests.items()},
    }


if __name__ == "__main__":
    run_command(main)
