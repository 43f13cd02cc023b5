"""Begins a run or goes on with it: one process at a time, the same experiment, the same corpus."""

import json
import logging
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from . import manifest, ranks
from .errors import InputError, OptionError
from .hparams import Experiment
from .keys import DEFAULTS
from .locks import only_one
from .prepare import Material
from .run import RunFolder, read_manifests
from .words import shorten
from .writing import write_whole
from .yaml_files import plain, read_tree

# Keys that may change between two starts of one run.
FREE = {
    "tensorboard", "output_folder", "ledger", "cache_folder", "data_folder", "device",
    "ckpt_interval_minutes", "keep_memory", "workers", "frames_on_disk",
}  # fmt: skip


@contextmanager
def open_run(run: RunFolder, experiment: Experiment, material: Material) -> Iterator[bool]:
    """Hold a run folder while training; yield whether the run goes on from an earlier start.

    Raises:
        InputError: if another run holds it, it holds another experiment, or the processes of this
            run do not see the same.
    """
    try:
        with ExitStack() as held:
            resumed = _hold(held, run, experiment, material)
            _check_alike(run, experiment, material)
            yield resumed
    except BrokenPipeError:  # nobody reads the output any more: the disk is well
        raise
    except OSError as error:
        raise InputError(
            f"{error.filename or run.path}: {error.strerror or error}. Mend that, and the same "
            "command goes on where it was; or choose another --output_folder"
        ) from error


@ranks.on_main
def _hold(held: ExitStack, run: RunFolder, experiment: Experiment, material: Material) -> bool:
    run.path.mkdir(parents=True, exist_ok=True)
    held.enter_context(only_one(run.path / ".lock", f"training in {run.path}"))
    _sweep(run.path)
    resumed = check_same_experiment(run, experiment)
    if resumed:
        _check_same_corpus(run, material)
    else:
        _begin(run, experiment, material)
    held.enter_context(_log_to(run.path / "train_log.txt"))
    return resumed


def _check_alike(run: RunFolder, experiment: Experiment, material: Material) -> None:
    """Refuse processes on several machines that would not train the same."""
    if ranks.size() == 1:
        return
    ranks.check_alike(
        sorted(_binding(experiment.tree).items()),
        "the processes of this run were given different keys: start all by the same command",
    )
    ranks.check_alike(
        material.parts,
        "the processes of this run see different corpora: copy the same to every machine",
    )
    ranks.check_alike(
        sorted(str(path.relative_to(run.path)) for path in run.path.rglob("*")),
        f"the processes of this run see different folders {run.path}: --output_folder must lie on "
        "a disk that all machines share",
    )


def _begin(run: RunFolder, experiment: Experiment, material: Material) -> None:
    for part, rows in material.parts.items():
        run.manifest(part).parent.mkdir(exist_ok=True)
        manifest.write(rows, run.manifest(part))
    write_whole(run.hyperparams, experiment.text)


def _sweep(folder: Path) -> None:
    """Remove what a kill left half-written."""
    for leftover in list(folder.rglob("*.part")):
        if leftover.is_dir():
            shutil.rmtree(leftover)
        else:
            leftover.unlink(missing_ok=True)  # it may have lain in a folder that is gone


def check_same_experiment(run: RunFolder, experiment: Experiment) -> bool:
    """Refuse a folder that holds another experiment; tell whether it holds this one.

    Args:
        run: the folder.
        experiment: whose values `resolve` has put in place.

    Raises:
        OptionError: naming the keys that differ.
    """
    if not run.hyperparams.exists():
        if run.scores.exists() or run.checkpoints.exists():
            raise OptionError(
                f"{run.path} holds a run whose {run.hyperparams.name} is gone; "
                "choose another --output_folder, or remove it"
            )
        return False
    trees = (read_tree(run.hyperparams), experiment.tree)
    then, now = (_binding({**DEFAULTS, **tree}) for tree in trees)  # a key may be newer
    differ = [
        f"{key} was {then.get(key)!r}, is {now.get(key)!r}"
        for key in sorted(then.keys() | now.keys())
        if then.get(key) != now.get(key)
    ]
    if differ:
        raise OptionError(
            f"{run.path} holds another experiment ({shorten(differ)}); "
            "choose another --output_folder, or remove it"
        )
    return True


def _check_same_corpus(run: RunFolder, material: Material) -> None:
    recorded = read_manifests(run)
    for part, rows in material.parts.items():
        if recorded[part] != json.loads(json.dumps(rows)):
            raise OptionError(
                f"the corpus has changed since {run.path} was begun (its {part} part differs); "
                "choose another --output_folder, or remove it"
            )


def _binding(tree: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys of an experiment that no second start may change, by their dotted names."""
    keys = _flat(plain(tree))
    return {key: value for key, value in keys.items() if key.split(".")[0] not in FREE}


def _flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        nested = isinstance(value, Mapping)
        flat.update(_flat(value, f"{prefix}{key}.") if nested else {f"{prefix}{key}": value})
    return flat


class StrictFileHandler(logging.FileHandler):
    """A log file that raises what it meets, such as a full disk, as any other file does."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Raise the error that is being handled."""
        raise  # noqa: PLE0704


@contextmanager
def _log_to(path: Path) -> Iterator[None]:
    handler = StrictFileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%d %H:%M:%S"))
    logger = logging.getLogger("ser_plugins")
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        handler.close()
