"""Every random state of a process, in one recoverable."""

import random
from pathlib import Path

import numpy as np
import torch
from speechbrain.utils.checkpoints import (
    mark_as_loader,
    mark_as_saver,
    register_checkpoint_hooks,
)

from .checkpoints import dump


@register_checkpoint_hooks
class RandomState:
    """The states of Python's, NumPy's and torch's random numbers, as a recoverable."""

    @mark_as_saver
    def save(self, path: Path) -> None:
        """Write the states; tensors and plain numbers only, so that loading runs no code."""
        version, words, gauss = random.getstate()
        name, keys, *rest = np.random.get_state(legacy=True)
        dump(
            {
                "python": [version, list(words), gauss],
                "numpy": [name, np.asarray(keys).tolist(), *rest],
                "torch": torch.get_rng_state(),
                "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
            },
            path,
        )

    @mark_as_loader
    def load(self, path: Path, end_of_epoch: bool) -> None:
        """Set the states."""
        state = torch.load(path, map_location="cpu", weights_only=True)
        version, words, gauss = state["python"]
        random.setstate((version, tuple(words), gauss))
        name, keys, *rest = state["numpy"]
        np.random.set_state((name, np.array(keys, dtype=np.uint32), *rest))
        torch.set_rng_state(state["torch"])
        if state["cuda"] and torch.cuda.is_available():
            torch.cuda.set_rng_state_all(state["cuda"])
