"""What could change the last bits of a result besides the experiment: all of it, in one place."""

import json
import logging
import platform
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from . import bundle as bundles
from . import ranks
from .digests import digest
from .errors import InputError
from .setup import Setup
from .writing import write_json

log = logging.getLogger(__name__)

PACKAGE = Path(__file__).parents[1]


def describe(setup: Setup) -> dict[str, Any]:
    """Return what a run runs on and with; it names no folder and no person."""
    plugins = [Path(name) for name in setup.hparams["plugins"] if name.endswith(".py")]
    return {
        "versions": {"python": platform.python_version(), **bundles.versions()},
        **git_state(PACKAGE),
        "plugin_files": {file.name: digest(file.expanduser().read_bytes()) for file in plugins},
        "decoded_audio": setup.material.clips.key,
        "precision": setup.hparams["precision"],
        "processes": ranks.size(),
        **machine(setup.device),
    }


def machine(device: str) -> dict[str, Any]:
    """Return what could change the last bits of a computation besides its program and its data."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": processor(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "device": device_name(device),
        "torch_build": str(torch.__version__),
        "cuda": torch.version.cuda,
        "cudnn": torch.backends.cudnn.version(),
        "threads": torch.get_num_threads(),
        "deterministic_algorithms": torch.are_deterministic_algorithms_enabled(),
        "cudnn_deterministic": torch.backends.cudnn.deterministic,
        "cudnn_benchmark": torch.backends.cudnn.benchmark,
        "matmul_precision": torch.get_float32_matmul_precision(),
    }


@ranks.on_main
def note(path: Path, now: Mapping[str, Any]) -> None:
    """Write down an environment, beside those of earlier starts; warn if it is another one.

    Raises:
        InputError: if the file is damaged.
    """
    if not path.exists():
        write_json(path, [now])
        return
    try:
        before = json.loads(path.read_text(encoding="utf-8"))
        differ = [
            f"{key} was {before[-1].get(key)}, is {value}"
            for key, value in now.items()
            if before[-1].get(key) != value
        ]
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise InputError(
            f"{path} is damaged ({error!r}); remove it, and the run goes on without the record of "
            "what it was begun on"
        ) from None
    if differ:
        log.warning(
            "since this run was begun, %s: its result may differ in its last bits from that of a "
            "run that was not interrupted",
            "; ".join(differ),
        )
        write_json(path, [*before, now])


def device_name(device: str) -> str:
    """Return the device; of a GPU its model, not its number."""
    return f"cuda {torch.cuda.get_device_name(device)}" if device != "cpu" else device


def processor() -> str:
    """Return the model of the processor, as far as the system tells."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in text.splitlines() if "model name" in line]
    return names[0] if names else platform.processor()


def git_state(folder: Path) -> dict[str, Any]:
    """Return `commit`, and whether it was `changed` since; None where the folder is not in git."""
    commit = changed = None
    if _git(folder, "ls-files", "--error-unmatch", "__init__.py"):
        commit = _git(folder, "rev-parse", "HEAD")
        changed = bool(_git(folder, "status", "--porcelain", "--", "."))
    return {"commit": commit, "changed": changed}


def _git(folder: Path, *arguments: str) -> str:
    """Return what git says; nothing where it fails or is not installed."""
    command = ("git", "--no-optional-locks", "-C", str(folder), *arguments)
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
