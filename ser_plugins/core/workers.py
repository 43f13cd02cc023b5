"""Processes that load the next batches beside the step; they pass errors on, and end with this one.

They are forked: audio and frames that are mapped into memory are shared with them, not copied.
"""

import atexit
import contextlib
import ctypes
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from speechbrain.dataio.batch import PaddedBatch
from speechbrain.dataio.dataloader import SaveableDataLoader
from torch.utils.data import Dataset

from .errors import InputError

ON_GPU = 2
PR_SET_PDEATHSIG = 1  # of Linux's prctl.h


def count(wanted: int | None, device: str) -> int:
    """Return how many to start; where nothing is said, some for a GPU and none for a CPU."""
    if wanted is None:
        return ON_GPU if device.startswith("cuda") else 0
    return wanted


class Telling(Dataset):
    """A dataset whose errors are given in place of a batch: a worker's own would hold its trace.

    Args:
        clips: the dataset.
    """

    def __init__(self, clips: Any):
        self.clips = clips

    def __getitems__(self, indices: Sequence[int]) -> Any:
        """Return the clips of a batch, or the error that one of them raised."""
        try:
            return [self.clips[i] for i in indices]
        except InputError as error:
            return error


class LoaderBeside(SaveableDataLoader):
    """Gives batches that processes beside this one have loaded, in the order of the sampler.

    Args:
        dataset: the clips.
        workers: how many processes, at least one.
        options: as `DataLoader` takes them.

    Raises:
        InputError: what a clip raises, when its batch is due.
    """

    def __init__(self, dataset: Any, workers: int, **options: Any):
        super().__init__(
            Telling(dataset),
            num_workers=workers,
            worker_init_fn=_end_with_parent,
            collate_fn=_collate,
            multiprocessing_context="fork",
            **options,
        )

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override]
        loaded = super().__iter__()
        # A loop that is broken off lives on in its traceback until Python ends, and would have
        # torch wait for processes that heed no signal.
        end = loaded._shutdown_workers  # type: ignore[attr-defined]
        atexit.register(end)
        try:
            for batch in loaded:
                if isinstance(batch, InputError):
                    raise batch
                yield batch
        finally:
            end()
            atexit.unregister(end)


def _collate(clips: Any) -> Any:
    return clips if isinstance(clips, InputError) else PaddedBatch(clips)


def _end_with_parent(_: int) -> None:
    """Leave signals to the parent, which ends its workers; but die with it when it is killed.

    A worker that lived on would hold the lock of the run folder, which it has from its parent.
    """
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    with contextlib.suppress(OSError, AttributeError):  # elsewhere torch looks, slowly
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


@contextmanager
def losses_told() -> Iterator[None]:
    """Say in words that a worker is gone, as where memory ran out.

    Raises:
        InputError: in place of torch's error.
    """
    try:
        yield
    except RuntimeError as error:
        if not str(error).startswith("DataLoader worker"):
            raise
        raise InputError(
            f"a process that loads clips has ended ({error}). The same command goes on where it "
            "was; --workers 0 does without such processes"
        ) from error
