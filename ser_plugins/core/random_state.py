"""Every random state of every process, in one recoverable."""

import random
from pathlib import Path
from typing import Any

import numpy as np
import torch
from speechbrain.utils.checkpoints import (
    mark_as_loader,
    mark_as_saver,
    register_checkpoint_hooks,
)

from . import ranks
from .checkpoints import dump


@register_checkpoint_hooks
class RandomState:
    """The states of Python's, NumPy's and torch's random numbers, as a recoverable.

    Args:
        device: that trains; the state of a GPU is set on the one that goes on, whichever it is.
    """

    def __init__(self, device: str = "cpu") -> None:
        self.device = device
        self.others: list[dict[str, Any]] = []

    def gather(self) -> None:
        """Hear the states of the other processes; to be called in all of them, before `save`."""
        _, *self.others = ranks.gathered([self._now()])

    @mark_as_saver
    def save(self, path: Path) -> None:
        """Write the states; tensors and plain numbers only, so that loading runs no code."""
        dump({**self._now(), "others": self.others}, path)

    @mark_as_loader
    def load(self, path: Path, end_of_epoch: bool) -> None:
        """Set the states; a process that was not there before keeps its own."""
        state = torch.load(path, map_location="cpu", weights_only=True)
        states = [state, *state.get("others", [])]
        if ranks.rank() < len(states):
            self._set(states[ranks.rank()])

    def _now(self) -> dict[str, Any]:
        version, words, gauss = random.getstate()
        name, keys, *rest = np.random.get_state(legacy=True)
        return {
            "python": [version, list(words), gauss],
            "numpy": [name, np.asarray(keys).tolist(), *rest],
            "torch": torch.get_rng_state(),
            "gpu": torch.cuda.get_rng_state(self.device) if self._is_gpu else None,
        }

    def _set(self, state: dict[str, Any]) -> None:
        version, words, gauss = state["python"]
        random.setstate((version, tuple(words), gauss))
        name, keys, *rest = state["numpy"]
        np.random.set_state((name, np.array(keys, dtype=np.uint32), *rest))
        torch.set_rng_state(state["torch"])
        if state["gpu"] is not None and self._is_gpu:
            torch.cuda.set_rng_state(state["gpu"], self.device)

    @property
    def _is_gpu(self) -> bool:
        return self.device.startswith("cuda")
