#!/usr/bin/env python3
"""Measure a trained system in use: one clip, a folder, a long recording, and start-up.

python tools/benchmark_inference.py results/cnn_bigru/ravdess/ravdess-luna5/fold1/seed1
python tools/benchmark_inference.py results/…/seed1 --clips /data/RAVDESS --json

The system and its ONNX graph, each on one thread, take turns in one process, so that their ratio
holds on a noisy machine. Sound is made unless --clips names a folder. Start-up and memory are of
processes of their own, whose times are multiples of that of `python -c pass` beside them.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

os.environ.update(OMP_NUM_THREADS="1", OMP_WAIT_POLICY="PASSIVE")  # before torch is loaded

import numpy as np
import soundfile

from ser_plugins import EmotionClassifier
from ser_plugins.core import bundle as bundles
from ser_plugins.core.answers.sound_paths import find_sounds
from ser_plugins.core.command import Parser, run_command
from ser_plugins.core.graphs.export import export, make_sounds
from ser_plugins.core.systems import locate

ROUNDS, WARM = 40, 5  # of one clip
STARTS = 5  # of a process
CLIP, LONG = 3, 7200  # seconds
RATE = 48_000  # Hz, of what is made
FOLDER = 60  # clips of what is made
COMMANDS = "audit demo download export features listen predict protocols publish show".split()
CLI = "from ser_plugins.cli.{} import run; run()"
MEMORY = """
import resource, sys
from ser_plugins import EmotionClassifier
classifier = EmotionClassifier.from_pretrained(sys.argv[1])
count = sum(1 for _ in classifier.timeline(sys.argv[2]))
print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def main(arguments: Sequence[str]) -> int:
    """Measure what the command line names; return the exit code."""
    parser = Parser(__doc__, ())
    parser.add_argument("system", metavar="MODEL", help="a run, bundle, or owner/name on the Hub")
    parser.add_argument("--clips", metavar="FOLDER", help="a folder to hear in place of made sound")
    parser.add_argument("--long", type=float, default=LONG, help="seconds of the long recording")
    parser.add_argument("--json", action="store_true", help="print the figures for programs")
    found, _ = parser.read(arguments)
    with tempfile.TemporaryDirectory() as place:
        figures = measure(locate(found.system), found.clips, found.long, Path(place))
    lines = (f"{name:44} {value:10.3f}" for name, value in figures.items())
    sys.stdout.write((json.dumps(figures, indent=1) if found.json else "\n".join(lines)) + "\n")
    return 0


def measure(bundle: Path, folder: str | None, long: float, place: Path) -> dict[str, float]:
    """Return all figures by name; the name says the unit.

    Args:
        bundle: the folder of the system.
        folder: of clips; None makes some.
        long: seconds of a recording that is heard window by window.
        place: where files are made.
    """
    graph = place / "system.onnx"
    graph.write_bytes(export(bundles.read(bundle)))
    eager, onnx = (EmotionClassifier.from_pretrained(path) for path in (bundle, graph))
    clip = make(place / "clip.wav", CLIP)
    clips = find_sounds([folder]).paths if folder else make_folder(place / "clips")
    return {
        **one_clip(eager, onnx, clip),
        **many_clips(eager, onnx, clips),
        **start_up(bundle, graph, clip),
        **memory(bundle, make(place / "long.flac", long), long),
    }


def make(path: Path, seconds: float, seed: int = 0) -> Path:
    """Write sound that comes and goes, second by second."""
    path.parent.mkdir(exist_ok=True)
    random = np.random.default_rng(seed)
    voices = [wav for _, wav in make_sounds(RATE) if len(wav) == RATE]
    with soundfile.SoundFile(path, "w", RATE, 1) as file:
        for _ in range(round(seconds)):
            file.write(voices[random.integers(len(voices))])
    return path


def make_folder(folder: Path) -> list[Path]:
    """Write clips of three to five seconds."""
    return [make(folder / f"{i}.flac", 3 + i % 3, i) for i in range(FOLDER)]


def one_clip(eager: EmotionClassifier, onnx: EmotionClassifier, clip: Path) -> dict[str, float]:
    """Return what one clip takes from file to label, and from samples to probabilities."""
    wav = soundfile.read(clip, dtype="float32")[0][:: RATE // eager.sample_rate]
    ways = {
        "file to label": [lambda one=one: one.predict(clip) for one in (eager, onnx)],
        "samples to label": [
            lambda one=one: one.system.probabilities([wav]) for one in (eager, onnx)
        ],
    }
    figures = {}
    for name, actions in ways.items():
        turns = alternate(actions, ROUNDS)
        for kind, seconds in zip(("bundle", "graph"), turns, strict=True):
            figures[f"{CLIP} s, {name}, {kind}, min ms"] = 1000 * min(seconds)
            figures[f"{CLIP} s, {name}, {kind}, median ms"] = 1000 * statistics.median(seconds)
        figures[f"{CLIP} s, {name}, bundle / graph, min"] = min(turns[0]) / min(turns[1])
        figures[f"{CLIP} s, {name}, bundle / graph, median"] = ratio(*turns)
    return figures


def many_clips(
    eager: EmotionClassifier, onnx: EmotionClassifier, clips: Sequence[Path]
) -> dict[str, float]:
    """Return how many times faster than real time a folder is heard."""
    total = sum(soundfile.info(path).duration for path in clips)
    turns = alternate([lambda one=one: list(one.stream(clips)) for one in (eager, onnx)], 1, 0)
    return {
        f"{len(clips)} clips, {kind}, times real time": total / seconds[0]
        for kind, seconds in zip(("bundle", "graph"), turns, strict=True)
    }


def start_up(bundle: Path, graph: Path, clip: Path) -> dict[str, float]:
    """Return what processes take, as multiples of one that does nothing."""
    lines = {name: ["-c", CLI.format(name), "--help"] for name in COMMANDS}
    for kind, system in (("bundle", bundle), ("graph", graph)):
        lines[kind] = ["-c", CLI.format("predict"), str(system), str(clip)]
    commands = (["-c", "pass"], *lines.values())
    turns = alternate([lambda a=a: process(a) for a in commands], STARTS, 1)
    nothing, *others = turns
    figures = {"python -c pass, min ms": 1000 * min(nothing)}
    for name, seconds in zip(lines, others, strict=True):
        what = f"{name} --help" if name in COMMANDS else f"predict one clip, {name}"
        figures[f"{what}, min ms"] = 1000 * min(seconds)
        figures[f"{what} / python -c pass"] = ratio(seconds, nothing)
    return figures


def memory(bundle: Path, recording: Path, seconds: float) -> dict[str, float]:
    """Return the peak memory of a process that hears a long recording window by window."""
    count, peak = process(["-c", MEMORY, str(bundle), str(recording)]).split()
    name = f"timeline of {seconds:g} s, {count} windows, peak MiB"
    return {name: int(peak) / 1024}


def process(arguments: Sequence[str]) -> str:
    """Run Python; return what it prints."""
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def alternate(
    actions: Sequence[Callable[[], Any]], rounds: int, warm: int = WARM
) -> list[list[float]]:
    """Return the seconds of each action in each round; they take turns."""
    turns: list[list[float]] = [[] for _ in actions]
    for number in range(-warm, rounds):
        for action, seconds in zip(actions, turns, strict=True):
            began = time.perf_counter()
            action()
            if number >= 0:
                seconds.append(time.perf_counter() - began)
    return turns


def ratio(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the median of the ratios of each round."""
    return statistics.median(a / b for a, b in zip(one, other, strict=True))


if __name__ == "__main__":
    run_command(main)
