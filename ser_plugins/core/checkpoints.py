"""Checkpoints that are whole or not there; one that was damaged since is told and passed over."""

import json
import logging
import os
import shutil
from pathlib import Path
from typing import Any

import torch
from speechbrain.utils.checkpoints import (
    DEFAULT_SAVE_HOOKS,
    Checkpoint,
    Checkpointer,
    get_default_hook,
    torch_save,
)

from . import ranks
from .digests import digest
from .errors import InputError
from .writing import write_json

log = logging.getLogger(__name__)

TEMPORARY, DAMAGED, WHOLE = ".part+", "damaged+", "CKPT+"
DIGESTS = "digests.json"
NEWEST = 2  # that are kept: were the newest damaged, there is the one before


class AtomicCheckpointer(Checkpointer):
    """A checkpointer whose folders appear by one rename, and vanish by one.

    SpeechBrain's own writes the file that declares a checkpoint first and its contents after,
    in place: a kill between them leaves a folder that no later start can read. Here a folder
    holds the digests of its files, too, so that one which a disk has damaged is not trusted.

    Args:
        checkpoints_dir: the folder of all checkpoints of a run.
        recoverables: what is saved, by name.
        score: the name of what chooses the epoch; the best is kept beside the newest two.

    Raises:
        InputError: if there are checkpoints and none is whole.
    """

    def __init__(self, checkpoints_dir: Path, recoverables: dict[str, Any], score: str):
        super().__init__(checkpoints_dir, recoverables)
        self.score = score
        _tidy(self.checkpoints_dir)

    @ranks.on_main
    def save(self, epoch: int, step: int = 0, **meta: Any) -> None:
        """Write a checkpoint; drop all but the newest two and the best.

        Args:
            epoch: from 1.
            step: batches of it that are done; 0 for a whole epoch.
            meta: what else is to be known of it; the score, for a whole epoch.
        """
        name = f"epoch{epoch}" + (f"+step{step}" if step else "")
        meta = {**meta, "epoch": epoch, "step": step}
        self.save_checkpoint(meta, not step, name, logging.DEBUG)
        found = sorted(self.list_checkpoints(), key=_place)
        best = max(found, key=self._rank)
        for old in found[:-NEWEST]:
            if old is not best:
                self._delete_checkpoint(old)

    def save_checkpoint(self, *args: Any, **kwargs: Any) -> Checkpoint:
        """Write a checkpoint beside the others, then rename it into place."""
        self.custom_save_hooks = {
            name: _save_state
            for name, it in self.recoverables.items()
            if get_default_hook(it, DEFAULT_SAVE_HOOKS) is torch_save
        }
        try:
            saved = super().save_checkpoint(*args, **kwargs)
            final = saved.path.with_name(saved.path.name.removeprefix(TEMPORARY))
            _seal(saved.path)
            saved.path.rename(final)
        except BaseException:
            for leftover in self.checkpoints_dir.glob(f"{TEMPORARY}*"):
                shutil.rmtree(leftover, ignore_errors=True)
            raise
        _sync(self.checkpoints_dir)
        files = {key: final / file.name for key, file in saved.paramfiles.items()}
        return Checkpoint(final, saved.meta, files)

    def recover_if_possible(self, max_key: str | None = None) -> Checkpoint | None:
        """Load the newest checkpoint, or the best by a score; return it, if there is one.

        Raises:
            InputError: if it does not fit what it is loaded into.
        """
        found = [one for one in self.list_checkpoints() if max_key in (None, *one.meta)]
        if not found:
            return None
        chosen = max(found, key=self._rank if max_key else _place)
        try:
            self.load_checkpoint(chosen)
        except (RuntimeError, ValueError, KeyError) as error:
            raise InputError(
                f"{chosen.path} is whole, but does not fit this experiment "
                f"({' '.join(str(error).split())}): another version wrote it, or a plugin has "
                f"changed since. Go back to that, or remove {self.checkpoints_dir} to begin anew"
            ) from error
        return chosen

    @property
    def epochs_done(self) -> int:
        """Return how many epochs the newest checkpoint has behind it; 0 where there is none."""
        newest = max(self.list_checkpoints(), key=_place, default=None)
        return newest.meta["epoch"] - bool(newest.meta["step"]) if newest else 0

    def _rank(self, checkpoint: Checkpoint) -> tuple[float, int]:
        """Return what the best has most of; the newest of equals."""
        return checkpoint.meta.get(self.score, -1.0), checkpoint.meta["epoch"]

    def _custom_checkpoint_dirpath(self, name: str) -> Path:
        final = super()._custom_checkpoint_dirpath(name)
        return final.with_name(TEMPORARY + final.name)

    @staticmethod
    def _delete_checkpoint(checkpoint: Checkpoint, verbosity: int = logging.DEBUG) -> None:
        doomed = checkpoint.path.with_name(f"{TEMPORARY}{checkpoint.path.name}")
        checkpoint.path.rename(doomed)
        shutil.rmtree(doomed)


def _place(checkpoint: Checkpoint) -> tuple[int, float]:
    """Return where a checkpoint stands in the run; a clock may have been put back since."""
    return checkpoint.meta["epoch"], checkpoint.meta["step"] or float("inf")


def dump(thing: Any, path: Path) -> None:
    """Write a thing as `torch.save` does, which hides what the disk said.

    Raises:
        OSError: if it cannot be written.
    """
    try:
        with path.open("wb") as file:
            torch.save(thing, file)
    except RuntimeError as error:
        raise (error.__context__ if isinstance(error.__context__, OSError) else error) from None


def _save_state(thing: Any, path: Path) -> None:
    dump(thing.state_dict(), path)


def _digests(folder: Path) -> dict[str, str]:
    files = sorted(file for file in folder.iterdir() if file.name != DIGESTS)
    return {file.name: digest(file.read_bytes()) for file in files}


def _seal(folder: Path) -> None:
    """Write down what is in a folder, and see to it that the disk has all of it."""
    write_json(folder / DIGESTS, _digests(folder))
    for file in folder.iterdir():
        _sync(file)


def _is_whole(folder: Path) -> bool:
    try:
        return json.loads((folder / DIGESTS).read_text(encoding="utf-8")) == _digests(folder)
    except (FileNotFoundError, ValueError):
        return False


@ranks.on_main
def _tidy(folder: Path) -> None:
    for leftover in folder.glob(f"{TEMPORARY}*"):
        shutil.rmtree(leftover)
    _set_damaged_aside(folder)


def _set_damaged_aside(folder: Path) -> None:
    found = sorted(folder.glob(f"{WHOLE}*"))
    damaged = [one for one in found if not _is_whole(one)]
    if damaged and damaged == found:
        raise InputError(
            f"no checkpoint in {folder} can be read: {', '.join(one.name for one in found)} "
            "are damaged or of another version. Copy the folder back from where it is whole, or "
            "remove it to train from the beginning"
        )
    for one in damaged:
        aside = one.with_name(DAMAGED + one.name)
        shutil.rmtree(aside, ignore_errors=True)
        one.rename(aside)
        log.warning("the checkpoint %s is damaged; it is now %s", one, aside.name)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
