"""Joins the processes that torchrun has started for one run, and ends them as one.

Without torchrun nothing is done, and torch is not loaded.
"""

import datetime
import logging
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from .errors import InputError, OptionError

NEEDED = ("RANK", "LOCAL_RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
LONGEST = datetime.timedelta(days=7)  # that others wait while one decodes, tests or draws
CODES = {InputError: 2, KeyboardInterrupt: 130, BrokenPipeError: 141}  # as `run_command` has them
LOST = (
    "error: another process of this run has ended, and so does this one; the same command goes on "
    "where it was"
)


@contextmanager
def joined() -> Iterator[None]:
    """Be one of the processes of a run, if torchrun has started this one.

    Messages and errors are those of one process: the main one says what goes on, and of several
    that end with an error the first one says so. All end with its exit code.

    Raises:
        OptionError: for an environment that is half of torchrun's.
    """
    if not _is_started():
        yield
        return
    if missing := [name for name in NEEDED if not os.environ.get(name)]:
        raise OptionError(f"RANK is set, as by torchrun, but not {', '.join(missing)}; unset it")
    store = _join()
    from torch import distributed as dist

    from . import ranks

    try:
        with _silent(ranks.rank() > 0):
            yield
            ranks.highest(0)  # all are at the end
    except BaseException as error:  # noqa: BLE001  whatever ends this one ends the others
        _end(store, error)
    finally:
        dist.destroy_process_group()  # without it torch may abort at the end


def refuse(doing: str) -> None:
    """Refuse to be one of torchrun's processes.

    Args:
        doing: what this command does by itself, and how.

    Raises:
        OptionError: if torchrun has started this process.
    """
    if _is_started():
        raise OptionError(f"{doing}; torchrun is for recipes/train.py. Start this without it")


def _is_started() -> bool:
    return bool(os.environ.get("RANK") and os.environ.get("LOCAL_RANK"))


def _join() -> Any:
    """Join the others; return the store of words that all of them see."""
    import torch
    from torch import distributed as dist

    # Numbers on a CPU go by gloo, those on a GPU by nccl.
    both = torch.cuda.is_available() and dist.is_nccl_available()
    store, rank, size = next(dist.rendezvous("env://"))
    dist.init_process_group(
        "cpu:gloo,cuda:nccl" if both else "gloo",
        store=dist.PrefixStore("group", store),
        rank=rank,
        world_size=size,
        timeout=LONGEST,
    )
    return store


def _end(store: Any, error: BaseException) -> NoReturn:
    """End with an error, or as a process has ended that met one before."""
    from .ranks import LostError, rank

    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # torchrun sends it to all that are left
    code = next((code for kind, code in CODES.items() if isinstance(error, kind)), 1)
    if isinstance(error, SystemExit):
        code = error.code if isinstance(error.code, int) else 1
    mine = f"{rank()} {code}"
    try:
        first = store.compare_set("end", "", mine).decode()
    except RuntimeError:  # the store was with a process that is gone
        first = mine
    if first != mine:
        raise SystemExit(int(first.split()[1])) from None
    if isinstance(error, LostError):
        sys.exit(LOST)
    raise error


@contextmanager
def _silent(wanted: bool) -> Iterator[None]:
    logger = logging.getLogger("ser_plugins")
    before = logger.handlers, logger.propagate
    if wanted:
        logger.handlers, logger.propagate = [logging.NullHandler()], False
    try:
        yield
    finally:
        logger.handlers, logger.propagate = before
