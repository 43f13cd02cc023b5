#!/usr/bin/env python3
"""Measure where the time of a training recipe goes, its start-up and its memory.

python tools/benchmark.py hparams/cnn_bigru.yaml --dataset ravdess --data_folder /data/RAVDESS
python tools/benchmark.py hparams/cnn_bigru.yaml --dataset ravdess … --against
python tools/benchmark.py hparams/cnn_bigru.yaml --growth 1 10 50

An epoch of the recipe (load, augment, features, forward, backward, optimiser) and one of the bare
loop (forward, backward, step on the same batches, ready in memory) take turns in one process, so
that their ratio holds on a noisy machine. Operations a second are those of matrix products and
convolutions, beside what a large one of each reaches in the same run. Start-up is measured in a
process of its own, with the audio cache filled.

Every key of the YAML is a flag, such as --device cuda, and:
  --against      adds the loop of a public student's script, in turns with the toolkit on the same
                 network, frames, clips and epochs
  --growth N …   measures the cost of a clip in corpora of so many times 500 clips, instead
  --rounds N     turns that are taken; 3 by default
  --json         prints figures for programs
"""

import json
import logging
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from ser_plugins.core.arguments import Override, split_arguments
from ser_plugins.core.command import run_command
from ser_plugins.core.errors import OptionError

log = logging.getLogger("ser_plugins.benchmark")

SWITCHES = {"--against", "--json"}


def main(arguments: Sequence[str]) -> int:
    """Measure the experiment of a command line; return the exit code."""
    if {"-h", "--help"} & set(arguments):
        sys.stdout.write(f"{__doc__}\n")
        return 0
    switches = SWITCHES & set(arguments)
    words = [word for word in arguments if word not in SWITCHES]
    files, overrides, lists = split_arguments(words, {"growth", "rounds"})
    if len(files) != 1:
        raise OptionError(f"give one YAML file, such as those in hparams/; found {files}")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        if times := counts("growth", lists.get("growth", [])):
            from benchmarks.growth import grow

            figures = grow(files[0], overrides, sorted(times), place)
        else:
            (rounds,) = counts("rounds", lists.get("rounds", ["3"]))
            figures = measure(files[0], overrides, place, rounds, "--against" in switches)
    say(figures, "--json" in switches)
    return 0


def counts(flag: str, words: Sequence[str]) -> list[int]:
    """Return whole numbers from 1.

    Raises:
        OptionError: for anything else.
    """
    if any(not word.isdigit() or word == "0" for word in words):
        raise OptionError(f"--{flag} takes whole numbers from 1, not {' '.join(words)}")
    return [int(word) for word in words]


def measure(
    path: Path, overrides: Sequence[Override], folder: Path, rounds: int, against: bool
) -> dict[str, float]:
    """Return the figures of a recipe, and of a public script beside it."""
    from benchmarks import recipe

    figures = recipe.measure(path, overrides, folder, rounds)
    if against:
        from benchmarks.comparison import compare

        figures |= compare(path, overrides, folder, rounds)
    return figures


def say(figures: Mapping[str, float], as_json: bool) -> None:
    """Print the figures."""
    if as_json:
        sys.stdout.write(json.dumps(figures, indent=1) + "\n")
        return
    for name, value in figures.items():
        log.info("%-52s %10.2f", name, value)


if __name__ == "__main__":
    run_command(main)
