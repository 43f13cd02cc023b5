"""The run folder: where it is, and what lies in it."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import manifest
from .errors import OptionError
from .hparams import Experiment
from .keys import KEYS
from .protocols import Parts


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
    def environment(self) -> Path:
        """What it ran on and with."""
        return self.path / "environment.json"

    @property
    def noted_reading(self) -> Path:
        """When the test part was first to be read, and by which weights."""
        return self.path / "test_reading.json"

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
