"""Tells frames that were kept from all others, by what could change a bit of them."""

import dataclasses
import json
import os
import platform
import sys
import sysconfig
import time
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import torch
from torch import nn

from . import packages
from .data import ClipDataset
from .digests import digest
from .environment import PACKAGE, machine

FORMAT = 1  # raise it when frames are kept otherwise
STARTED = time.time()  # a file that was edited since may not be what was loaded
INSTALLED = tuple(
    sysconfig.get_path(name) + os.sep for name in ("stdlib", "platstdlib", "purelib", "platlib")
)


def frames_key(clips: ClipDataset, through: Mapping[str, Any], what: str = "frames") -> str | None:
    """Return the key of what was computed of some clips; None if it may not be found again.

    Args:
        clips: with their front end.
        through: their `surroundings`.
        what: was computed.
    """
    if None in through.values():
        return None
    sounds = sorted((id, clips.clips.entries[id].digest) for id in clips.ids)
    told = [FORMAT, what, sounds, dataclasses.asdict(clips.front_end), through]
    # Not sorted: order may matter to features.
    return digest(json.dumps(told, default=repr).encode())


def surroundings(
    features: nn.Module, named: Mapping[str, Any], batch_size: int, device: str
) -> dict[str, Any]:
    """Return all but the sounds that frames depend on; None in place of what cannot be told.

    Args:
        features: what clips are heard through.
        named: their name and options.
        batch_size: clips that are heard at once; sums of a batch may round otherwise.
        device: where they are heard.
    """
    return {
        "features": [named, getattr(features, "portable_options", "")],
        "weights": weights(features),
        "code": code(features),
        "packages": installed(),
        "batch_size": batch_size,
        "machine": machine(device),
    }


def weights(features: nn.Module) -> str | None:
    """Return a digest of all numbers that the features hold, in their order; None if not dense."""
    held = [*features.named_parameters(), *features.named_buffers()]
    try:
        told = [[name, str(it.dtype), it.shape, digest(_content(it))] for name, it in held]
    except (RuntimeError, NotImplementedError):
        return None
    return digest(json.dumps(told).encode())


def _content(tensor: torch.Tensor) -> bytes:
    return tensor.detach().cpu().reshape(-1).view(torch.uint8).numpy().tobytes()


def code(features: nn.Module) -> str | None:
    """Return a digest of the toolkit's files, and of all that is loaded and was not installed.

    None if what is loaded may differ from its file: where that was changed since the start, or
    where there is none, as for a notebook's cell.
    """
    own = {type(layer).__module__ for layer in features.modules()}
    if not all(_file(sys.modules.get(name)) for name in ["__main__", *own]):
        return None
    try:
        files = {*PACKAGE.rglob("*.py"), *_developed()}
        if max(path.stat().st_mtime for path in files) > STARTED:
            return None
        return digest("".join(sorted(digest(path.read_bytes()) for path in files)).encode())
    except OSError:
        return None


def _developed() -> set[Path]:
    """Return the files of modules that lie where nothing is installed, as those of plugins do."""
    loaded = {_file(module) for module in list(sys.modules.values())}
    files = [Path(file) for file in loaded if not file.startswith(INSTALLED)]
    return {file.resolve() for file in files if file.is_file()}


def _file(module: Any) -> str:
    # Not its attribute: those of SpeechBrain's lazy modules load them.
    return getattr(module, "__dict__", {}).get("__file__") or ""


def installed() -> list[str]:
    """Return the versions of Python and all packages, and the hashes of those with plugins."""
    found = {f"{one.name} {one.version}" for one in metadata.distributions()}
    plugins = {entry.dist.read_text("RECORD") for entry in packages.entry_points() if entry.dist}
    return [platform.python_version(), *sorted(found), *sorted(filter(None, plugins))]
