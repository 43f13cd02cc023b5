"""The run folder: where it is, who may write to it, and what lies in it."""

import dataclasses
import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from . import manifest
from .errors import InputError, OptionError
from .hparams import Experiment, plain, read_tree
from .keys import DEFAULTS, KEYS
from .locks import only_one
from .prepare import Material
from .protocols import Parts
from .writing import write_whole

log = logging.getLogger(__name__)

# Keys that may change between two starts of one run.
FREE = {
    "tensorboard", "keep_memory", "output_folder", "ledger", "cache_folder", "data_folder",
    "device",
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class RunFolder:
    """Names of what a run leaves behind, under one folder."""

    path: Path

    @property
    def hyperparams(self) -> Path:
        """The experiment, every key resolved."""
        return self.path / "hyperparams.yaml"

    @property
    def scores(self) -> Path:
        """The scores; written last, so that a run that has them is complete."""
        return self.path / "scores.json"

    @property
    def audit(self) -> Path:
        """What the audit found; written before the test part is read."""
        return self.path / "audit.json"

    @property
    def checkpoints(self) -> Path:
        """What an interrupted run goes on from."""
        return self.path / "save"

    @property
    def bundle(self) -> Path:
        """The trained system."""
        return self.path / "bundle"

    def manifest(self, part: str) -> Path:
        """The rows of a part."""
        return self.path / "manifests" / f"{part}.json"


def default_path(hparams: Mapping[str, Any], yaml: Path, protocol: str) -> Path:
    """Return the folder that the YAML names, or the run's own under `results`."""
    if hparams["output_folder"]:
        return Path(hparams["output_folder"]).expanduser()
    return path_under(Path("results"), hparams, yaml, protocol)


def path_under(root: Path, hparams: Mapping[str, Any], yaml: Path, protocol: str) -> Path:
    """Return <root>/<yaml>/<dataset>/<protocol>/fold<k>/seed<s>."""
    fold, seed = f"fold{hparams['fold']}", f"seed{hparams['seed']}"
    return root / yaml.stem / hparams["dataset"] / protocol / fold / seed


@contextmanager
def open_run(run: RunFolder, experiment: Experiment, material: Material) -> Iterator[bool]:
    """Hold a run folder while training; yield whether the run goes on from an earlier start.

    Raises:
        InputError: if another process holds it, or it holds another experiment.
    """
    try:
        run.path.mkdir(parents=True, exist_ok=True)
        with only_one(run.path / ".lock", f"training in {run.path}"):
            resumed = check_same_experiment(run, experiment)
            if resumed:
                _check_same_corpus(run, material)
            else:
                _begin(run, experiment, material)
            with _log_to(run.path / "train_log.txt"):
                yield resumed
    except OSError as error:
        raise InputError(
            f"{error.filename or run.path}: {error.strerror or error}; mend that, or choose "
            "another --output_folder"
        ) from error


def _begin(run: RunFolder, experiment: Experiment, material: Material) -> None:
    for part, rows in material.parts.items():
        run.manifest(part).parent.mkdir(exist_ok=True)
        manifest.write(rows, run.manifest(part))
    write_whole(run.hyperparams, experiment.text)


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
    then, now = (_flat({**DEFAULTS, **plain(tree)}) for tree in trees)  # a key may be newer
    differ = [
        f"{key} was {then.get(key)!r}, is {now.get(key)!r}"
        for key in sorted(then.keys() | now.keys())
        if then.get(key) != now.get(key) and key.split(".")[0] not in FREE
    ]
    if differ:
        raise OptionError(
            f"{run.path} holds another experiment ({manifest.shorten(differ)}); "
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


def _flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        nested = isinstance(value, Mapping)
        flat.update(_flat(value, f"{prefix}{key}.") if nested else {f"{prefix}{key}": value})
    return flat


def resolve(experiment: Experiment, hparams: Mapping[str, Any], protocol: str, path: Path) -> None:
    """Put the values that came out in place of references and nulls, for the record."""
    for key in KEYS:
        if experiment.tree[key] != hparams[key]:
            experiment.tree[key] = hparams[key]
    if hparams["labels"] is None and hparams["merge"] is None:
        experiment.tree["protocol"] = protocol
    experiment.tree["output_folder"] = path.as_posix()
    for key in ("data_folder", "ledger", "cache_folder"):  # the same from any current folder
        if hparams[key]:
            experiment.tree[key] = str(Path(hparams[key]).expanduser().absolute())
    experiment.tree["plugins"] = [
        str(Path(plugin).expanduser().absolute()) if plugin.endswith(".py") else plugin
        for plugin in hparams["plugins"]
    ]


def read_manifests(run: RunFolder) -> Parts:
    """Return the parts of a run's manifests.

    Raises:
        OptionError: if one is missing or damaged.
    """
    parts: Parts = {}
    for part in ("train", "valid", "test"):
        path = run.manifest(part)
        try:
            parts[part] = manifest.read(path)
            if not all(_is_row(row) for row in parts[part]):
                raise ValueError("a row lacks what every recording has")
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise OptionError(
                f"{path} is missing or damaged ({error!r}): this run cannot be used. Train again"
            ) from None
    return parts


def _is_row(row: manifest.Row) -> bool:
    words = ("id", "label", "speaker", "group", "digest")
    is_named = all(isinstance(row.get(word), str) for word in words)
    return is_named and isinstance(row.get("seconds"), int | float)


@contextmanager
def _log_to(path: Path) -> Iterator[None]:
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%d %H:%M:%S"))
    logger = logging.getLogger("ser_plugins")
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        handler.close()
