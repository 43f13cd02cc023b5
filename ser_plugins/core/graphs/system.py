"""Runs the file of an exported system by onnxruntime, without torch."""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..audio import Wav
from ..config import parse_config
from ..errors import BundleError
from ..extras import need
from ..trial import try_out
from .file import read_metadata

FORMAT = "1"  # of the file: what goes in and comes out, and the words beside it
FORMAT_KEY, CONFIG_KEY = "ser_plugins", "config"  # of those words
INPUTS, OUTPUT = ("wavs", "lengths"), "probabilities"
LARGEST = 2**31 - 1  # bytes that a message can have
FEW = 3  # onnxruntime's level of errors


class OnnxSystem:
    """A system that was exported; see `systems.System`.

    Args:
        path: of the `.onnx` file.
        data: its bytes, where it is not written yet.

    Raises:
        OptionError: without onnxruntime.
        BundleError: for a file that is not there, damaged, not ours or newer than this version.
    """

    def __init__(self, path: Path, data: bytes = b""):
        data = data or _read(path)
        self.config: Mapping[str, Any] = _config(data, path)
        self.labels: tuple[str, ...] = tuple(self.config["labels"])
        self.sample_rate: int = self.config["sample_rate"]
        told = json.dumps(dict(self.config), sort_keys=True).encode()
        self.digest: str = hashlib.sha256(told + data).hexdigest()[:8]
        self._session = start(data, path)
        self._name = path
        names = tuple(one.name for one in self._session.get_inputs())
        outputs = [(one.name, one.shape[1:]) for one in self._session.get_outputs()]
        if names != INPUTS or outputs != [(OUTPUT, [len(self.labels)])]:
            raise BundleError(
                f"{path} takes {', '.join(names)} and gives {outputs}; expected "
                f"{', '.join(INPUTS)}, and {OUTPUT} of {len(self.labels)} labels"
            )
        try_out(self, path)

    def probabilities(self, wavs: Sequence[Wav]) -> NDArray[np.float32]:
        """Return `[n, C]` for clips `[L]` at the sample rate, as one batch.

        Raises:
            BundleError: where onnxruntime fails.
        """
        sizes = np.array([len(wav) for wav in wavs])
        batch = np.zeros((len(wavs), sizes.max()), np.float32)
        for row, wav in zip(batch, wavs, strict=True):
            row[: len(wav)] = wav
        lengths = (sizes / sizes.max()).astype(np.float32)
        given = dict(zip(INPUTS, (batch, lengths), strict=True))
        try:
            return self._session.run([OUTPUT], given)[0]
        except Exception as error:  # noqa: BLE001  those of onnxruntime have nothing in common
            raise _failed(self._name, error) from None


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST:
            raise BundleError(f"{path} is larger than a graph can be")
        data = path.read_bytes()
    except OSError as error:
        raise BundleError(f"{path} cannot be read: {error.strerror}") from None
    if not data:
        raise BundleError(f"{path} is empty (0 bytes): copy or export it again")
    return data


def _config(data: bytes, path: Path) -> dict[str, Any]:
    try:
        words = read_metadata(data)
    except BundleError as error:
        raise BundleError(f"{path}: {error}; take one that ser-export wrote") from None
    if FORMAT_KEY not in words or CONFIG_KEY not in words:
        raise BundleError(f"{path} is an ONNX graph of others; take one that ser-export wrote")
    if words[FORMAT_KEY] != FORMAT:
        raise BundleError(
            f"{path} has format {words[FORMAT_KEY]!r}; this version reads format {FORMAT!r}"
        )
    return parse_config(words[CONFIG_KEY], f"{path}, config")


def start(data: bytes, name: object) -> Any:
    """Return onnxruntime's session of a graph, on the CPU.

    It takes as many threads as `OMP_NUM_THREADS` says, where it says so.

    Args:
        data: the graph.
        name: what errors call it.

    Raises:
        OptionError: without onnxruntime.
        BundleError: for a graph that it cannot run.
    """
    need("onnxruntime", "onnx", str(name))
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = FEW
    options.inter_op_num_threads = 1
    if (threads := os.environ.get("OMP_NUM_THREADS", "")).isdigit():
        options.intra_op_num_threads = int(threads)
    # Threads that wait must not spin on a machine that has other work.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        # From bytes: where there is no path, there is nothing to look beside.
        return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001  those of onnxruntime have nothing in common
        raise _failed(name, error) from None


def _failed(name: object, error: Exception) -> BundleError:
    why = str(error).partition("\n")[0]
    return BundleError(f"{name} cannot be run by onnxruntime: {why}")
