"""Opens what MODEL names in every command: a run, bundle or exported graph, or one on the Hub."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .audio import Wav
from .errors import BundleError, OptionError
from .hub.names import find_name

GRAPH = ".onnx"  # how the file of an exported system ends


class System(Protocol):
    """What turns recordings into probabilities, whatever it runs on."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the class names in the order of the probabilities."""

    @property
    def sample_rate(self) -> int:
        """Return the rate of the samples that it hears, in Hz."""

    @property
    def config(self) -> Mapping[str, Any]:
        """Return the config of the bundle that it is, or was exported from."""

    @property
    def digest(self) -> str:
        """Return eight digits that tell it from others, wherever it lies."""

    def probabilities(self, wavs: Sequence[Wav]) -> NDArray[np.float32]:
        """Return `[n, C]` for clips `[L]` at the sample rate, as they were recorded."""


def name_of(system: System) -> str:
    """Return what tells a trained system from others: its model's name, and its digest."""
    return f"{system.config['model']['name']}-{system.digest}"


def open_system(source: str | Path, device: str = "cpu", revision: str | None = None) -> System:
    """Load a trained system for prediction; nothing that its author wrote is executed.

    Args:
        source: a run folder, its bundle, or the file of an exported system (`.onnx`), which is
            run without torch; or `owner/name` of a model on the Hugging Face Hub, of which the
            config and the weights are downloaded, once.
        device: `cpu`, `cuda`, `cuda:1`, or `auto` for a GPU where there is one.
        revision: of a model on the Hub: a branch, tag or commit, which may also be given as
            `owner/name@revision`.

    Raises:
        InputError: for what is not there, damaged, foreign or newer than this version, or for a
            device that is not here.
    """
    path = Path(source).expanduser()
    if path.suffix == GRAPH and not revision:
        if device not in ("auto", "cpu"):
            raise OptionError(
                f"{path} runs on the CPU, not on {device!r}; take auto or cpu, or name the run "
                "or bundle that it was exported from"
            )
        from .graphs.system import OnnxSystem  # its package is an extra

        return OnnxSystem(path)
    folder = locate(source, revision)
    from . import bundle as bundles  # imports torch
    from .devices import choose_device

    device = choose_device(device)
    bundle = bundles.read(folder)
    bundle.classifier.to(device)
    return bundle


def locate(source: str | Path, revision: str | None = None) -> Path:
    """Return the folder of the bundle that MODEL names, downloaded where it is on the Hub.

    Raises:
        InputError: if there is none.
    """
    name = find_name(source)
    if name is None:
        if revision:
            raise OptionError(f"{source} is a path; only a model on the Hub has a revision")
        return find_bundle(Path(source).expanduser())
    if revision and name.revision:
        raise OptionError(f"{source} names a revision, and so does {revision!r}; give one")
    from .hub import download as hub  # imports torch

    return hub.fetch(name.id, name.revision or revision)


def find_bundle(path: Path) -> Path:
    """Return the bundle of a run folder, or the folder itself.

    Raises:
        BundleError: if there is no folder, or an unfinished run.
    """
    if not path.is_dir():
        raise BundleError(
            f"{path} is no folder; name a run such as results/…/fold1/seed1, its bundle, an "
            f"exported {GRAPH} file, or owner/name of a model on the Hub"
        )
    if (path / "bundle").is_dir():
        return path / "bundle"
    if (path / "hyperparams.yaml").exists() and not (path / "config.json").exists():
        raise BundleError(f"{path} is a run that has no bundle yet: start it again to finish it")
    return path
