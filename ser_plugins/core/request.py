"""What a command line asks a cross-validation for."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .arguments import Override, split_arguments
from .errors import OptionError
from .hparams import parse_value
from .keys import KEYS

LISTS = {
    "protocols": "names of protocols; without it the YAML's, or the corpus's main one",
    "seeds": "seeds of each fold; without it the YAML's",
    "folds": "numbers of folds; without it every fold of the protocol",
    "jobs": "how many runs at a time; without it as many as there are cores",
}
OWN = {"protocol": "protocols", "fold": "folds", "seed": "seeds"}


@dataclass(frozen=True)
class Request:
    """What a command line asks for.

    Args:
        yamls: the experiments.
        overrides: of every experiment.
        protocols: names; an empty one stands for the one that the YAML names.
        seeds: none stands for the YAML's.
        folds: none stands for all.
        jobs: how many runs at a time.
        root: under which the runs and the tables lie.
    """

    yamls: tuple[Path, ...]
    overrides: tuple[Override, ...]
    protocols: tuple[str, ...]
    seeds: tuple[int, ...]
    folds: tuple[int, ...]
    jobs: int
    root: Path


def read_request(arguments: Sequence[str]) -> Request:
    """Return what a command line asks for.

    Raises:
        OptionError: for what cannot be.
    """
    yamls, overrides, found = split_arguments(arguments, LISTS)
    for key, _ in overrides:
        if key in OWN:
            raise OptionError(f"--{key} is what a cross-validation varies; give --{OWN[key]}")
    if not yamls:
        raise OptionError(
            "give YAML files, such as those in hparams/, or package:file.yaml for one that an "
            "installed package brings"
        )
    stems = [yaml.stem for yaml in yamls]
    if twice := sorted({stem for stem in stems if stems.count(stem) > 1}):
        raise OptionError(
            f"two YAML files are called {twice[0]!r}, and their runs would share a folder; "
            "rename one"
        )
    jobs = _numbers(found, "jobs", 1) or (_cores(),)
    if len(jobs) > 1:
        raise OptionError(f"--jobs takes one number, not {' '.join(found['jobs'])}")
    root = parse_value("output_folder", dict(overrides).get("output_folder", ""), None)
    return Request(
        tuple(yamls),
        tuple(pair for pair in overrides if pair[0] != "output_folder"),
        tuple(dict.fromkeys(found.get("protocols", [""]))),
        _numbers(found, "seeds", 0),
        _numbers(found, "folds", 1),
        jobs[0],
        Path(root or "results").expanduser(),
    )


def _numbers(found: Mapping[str, Sequence[str]], name: str, least: int) -> tuple[int, ...]:
    texts = found.get(name, ())
    if strange := [text for text in texts if not text.isdecimal() or int(text) < least]:
        raise OptionError(f"--{name} must be whole numbers from {least}, not {strange[0]!r}")
    return tuple(dict.fromkeys(int(text) for text in texts))


def _cores() -> int:
    """Return how many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # not on every system
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def help_text(about: str | None) -> str:
    """Return the usage of a cross-validation, its flags and the keys that it takes."""
    own = "".join(f"  --{name:18} {text}\n" for name, text in LISTS.items())
    keys = "".join(
        f"  --{name:18} {key.about} ({key.expected})\n"
        for name, key in KEYS.items()
        if name not in (*OWN, "output_folder")
    )
    root = "instead of results: where the runs and the tables lie"
    return f"{about}\nFlags:\n{own}  --{'output_folder':18} {root}\n\nKeys of every YAML:\n{keys}"
