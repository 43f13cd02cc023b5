"""Opens what MODEL names in every command: a run, a bundle, or an exported graph."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .audio import Wav
from .errors import BundleError, OptionError

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

    def probabilities(self, wavs: Sequence[Wav]) -> NDArray[np.float32]:
        """Return `[n, C]` for clips `[L]` at the sample rate, as they were recorded."""


def open_system(source: str | Path, device: str = "cpu") -> System:
    """Load a trained system for prediction; nothing that its author wrote is executed.

    Args:
        source: a run folder, its bundle, or the file of an exported system (`.onnx`), which is
            run without torch.
        device: `cpu`, `cuda`, `cuda:1`, or `auto` for a GPU where there is one.

    Raises:
        InputError: for what is not there, damaged, foreign or newer than this version, or for a
            device that is not here.
    """
    path = Path(source).expanduser()
    if path.suffix == GRAPH:
        if device not in ("auto", "cpu"):
            raise OptionError(
                f"{path} runs on the CPU, not on {device!r}; leave --device out, or name the run "
                "or bundle that it was exported from"
            )
        from .onnx_system import OnnxSystem  # its package is an extra

        return OnnxSystem(path)
    folder = find_bundle(path)
    from . import bundle as bundles  # imports torch
    from .setup import choose_device

    device = choose_device(device, "fp32")
    bundle = bundles.read(folder)
    bundle.classifier.to(device)
    return bundle


def find_bundle(path: Path) -> Path:
    """Return the bundle of a run folder, or the folder itself.

    Raises:
        BundleError: if there is no folder, or an unfinished run.
    """
    if not path.is_dir():
        raise BundleError(
            f"{path} is no folder; name a run such as results/…/seed1, its bundle, or an "
            f"exported {GRAPH} file"
        )
    if (path / "bundle").is_dir():
        return path / "bundle"
    if (path / "hyperparams.yaml").exists() and not (path / "config.json").exists():
        raise BundleError(f"{path} is a run that has no bundle yet: start it again to finish it")
    return path
