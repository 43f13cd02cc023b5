"""Checkpoints that are whole or not there, and every random state in them."""

import logging
import os
import random
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import torch
from speechbrain.utils.checkpoints import (
    Checkpoint,
    Checkpointer,
    mark_as_loader,
    mark_as_saver,
    register_checkpoint_hooks,
)

TEMPORARY = ".part+"


class AtomicCheckpointer(Checkpointer):
    """A checkpointer whose folders appear by one rename, and vanish by one.

    SpeechBrain's own writes the file that declares a checkpoint first and its contents after,
    in place: a kill between them leaves a folder that no later start can read.
    """

    def __init__(self, checkpoints_dir: Path, recoverables: dict[str, Any] | None = None):
        super().__init__(checkpoints_dir, recoverables)
        for leftover in self.checkpoints_dir.glob(f"{TEMPORARY}*"):
            shutil.rmtree(leftover)

    def _new_checkpoint_dirpath(self) -> Path:
        final = super()._new_checkpoint_dirpath()
        return final.with_name(TEMPORARY + final.name)

    def save_checkpoint(
        self,
        meta: dict[str, Any] | None = None,
        end_of_epoch: bool = True,
        name: str | None = None,
        verbosity: int = logging.DEBUG,
    ) -> Checkpoint:
        """Write a checkpoint beside the others, then rename it into place."""
        saved = super().save_checkpoint(dict(meta or {}), end_of_epoch, name, verbosity)
        final = saved.path.with_name(saved.path.name.removeprefix(TEMPORARY))
        for file in saved.path.iterdir():
            _sync(file)
        saved.path.rename(final)
        _sync(self.checkpoints_dir)
        files = {key: final / file.name for key, file in saved.paramfiles.items()}
        return Checkpoint(final, saved.meta, files)

    def save_and_keep_only(self, *args: Any, **kwargs: Any) -> Checkpoint | None:
        """As SpeechBrain's, without its list of keys that grows with every call."""
        kwargs.setdefault("importance_keys", [])
        return super().save_and_keep_only(*args, **kwargs)

    @staticmethod
    def _delete_checkpoint(checkpoint: Checkpoint, verbosity: int = logging.DEBUG) -> None:
        doomed = checkpoint.path.with_name(f"{TEMPORARY}{checkpoint.path.name}")
        checkpoint.path.rename(doomed)
        shutil.rmtree(doomed)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@register_checkpoint_hooks
class RandomState:
    """The states of Python's, NumPy's and torch's random numbers, as a recoverable."""

    @mark_as_saver
    def save(self, path: Path) -> None:
        """Write the states; tensors and plain numbers only, so that loading runs no code."""
        version, words, gauss = random.getstate()
        name, keys, *rest = np.random.get_state(legacy=True)
        torch.save(
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
