"""The plan of a cross-validation: its runs, and whether their folders are free for them."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import protocols
from .arguments import Override
from .devices import choose_device, choose_precision
from .errors import CorpusError, OptionError
from .findings import refuse
from .hparams import Experiment
from .outcomes import read_outcome
from .prepare import Folder, choose_protocol, look
from .registry import use_plugins
from .request import Request
from .run import RunFolder, path_under, resolve
from .starting import check_same_experiment
from .types import Protocol

LONGEST = 120  # characters of a folder's name


@dataclass(frozen=True)
class Run:
    """One run of the grid.

    Args:
        yaml: its experiment.
        overrides: all of them, the run's own last.
        fold: its fold.
        seed: its seed.
        path: its folder.
    """

    yaml: Path
    overrides: tuple[Override, ...]
    fold: int
    seed: int
    path: Path

    @property
    def arguments(self) -> list[str]:
        """Return the command line of the run."""
        return [str(self.yaml), *(f"--{key}={text}" for key, text in self.overrides)]


@dataclass(frozen=True)
class Cell:
    """One experiment under one protocol.

    Args:
        yaml: the experiment.
        dataset: the corpus's registered name.
        protocol: the protocol.
        runs: every fold and seed.
    """

    yaml: Path
    dataset: str
    protocol: Protocol
    runs: tuple[Run, ...]

    @property
    def name(self) -> str:
        """Return what a person calls it; one that leaks says so."""
        name = self.protocol.name
        return f"{self.yaml.stem}, {protocols.mark(name)}{name}"


def plan(request: Request) -> list[Cell]:
    """Return the grid; the corpora are read by names alone.

    Raises:
        InputError: for a YAML, corpus, protocol or fold that cannot be, or a run folder that
            holds another experiment.
    """
    folders: dict[str, Folder] = {}
    cells = [
        _make_cell(request, yaml, name, folders)
        for yaml in request.yamls
        for name in request.protocols
    ]
    paths = [run.path for cell in cells for run in cell.runs]
    if twice := [path for path in paths if paths.count(path) > 1]:
        raise OptionError(
            f"two protocols would share {twice[0]}; give one at a time, each with its own "
            "--output_folder"
        )
    return cells


def _make_cell(request: Request, yaml: Path, name: str, folders: dict[str, Folder]) -> Cell:
    overrides = (*request.overrides, *((("protocol", name),) if name else ()))
    experiment = Experiment(yaml, overrides)
    use_plugins(*experiment.plugins)
    hparams = experiment.load()
    folder = _look(hparams, folders)
    protocol = choose_protocol(hparams, folder)
    runs = []
    for fold in request.folds or range(1, len(protocol.folds) + 1):
        protocols.get_fold(protocol, fold)
        for seed in request.seeds or (hparams["seed"],):
            changed = {**hparams, "fold": fold, "seed": seed}
            path = path_under(request.root, changed, yaml, protocol.name)
            own = {"fold": fold, "seed": seed, "output_folder": path}
            texts = tuple((key, str(value)) for key, value in own.items())
            runs.append(Run(yaml, (*overrides, *texts), fold, seed, path))
    return Cell(yaml, folder.dataset, protocol, tuple(runs))


def _look(hparams: Mapping[str, Any], folders: dict[str, Folder]) -> Folder:
    """Read a corpus, once for all experiments on it."""
    keys = ("dataset", "dataset_options", "data_folder", "allow_partial", "cache_folder")
    key = repr([hparams[name] for name in keys])
    if key not in folders:
        folders[key] = look(hparams)
        refuse(folders[key].findings, CorpusError)
    return folders[key]


def is_complete(cell: Cell, run: Run) -> bool:
    """Tell whether a run is there and has its scores.

    Raises:
        OptionError: if its folder holds another experiment, or scores of another protocol.
    """
    folder = RunFolder(run.path)
    if not run.path.exists():
        return False
    experiment = Experiment(run.yaml, run.overrides)
    hparams = experiment.load()
    hparams["precision"] = choose_precision(hparams["precision"], choose_device(hparams["device"]))
    resolve(experiment, hparams, cell.protocol.name, run.path)
    if not check_same_experiment(folder, experiment) or not folder.scores.exists():
        return False
    found, wanted = read_outcome(run.path).scores, protocols.definition_hash(cell.protocol)
    if found.get("definition_hash") != wanted:
        raise OptionError(
            f"{run.path} was scored under {cell.protocol.name} {found.get('definition_hash')}, "
            f"which is {wanted} now: the protocol, or the corpus that it is made of, has changed; "
            "choose another --output_folder, or remove it"
        )
    return True


def name_of(cells: Sequence[Cell]) -> str:
    """Return a folder's name for a grid: its experiments, corpora and protocols."""
    sides = (
        [cell.yaml.stem for cell in cells],
        [cell.dataset for cell in cells],
        [cell.protocol.name for cell in cells],
    )
    name = "-".join("+".join(dict.fromkeys(side)) for side in sides)
    if len(name) <= LONGEST:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:12]
    return f"{name[: LONGEST - 13]}-{digest}"
