"""Tells glibc's heap what to do with memory that is freed: give it back, or keep it for speed."""

import ctypes
import os

# Options of glibc's mallopt, from its malloc.h.
TRIM_THRESHOLD, TOP_PAD, MMAP_THRESHOLD, MMAP_MAX = -1, -2, -3, -4
LARGE = 8 * 2**20  # bytes
AHEAD = 64 * 2**20  # bytes
NEVER = 2**31 - 1


def keep_flat() -> None:
    """Give large tensors back to the system, and keep few of oneDNN's compiled shapes.

    By default glibc raises its threshold as large blocks are freed, after which they fragment the
    heap; and oneDNN keeps a thousand primitives, one for each length of batch that it has met.
    Together they cost a gigabyte an epoch or two. Elsewhere than on glibc only the second holds.
    To be called before torch is loaded.
    """
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "128")
    _set({MMAP_THRESHOLD: LARGE})


def keep_freed() -> None:
    """Keep freed memory for the tensors that come next: training steps take what steps before had.

    A large tensor that is given back is mapped anew and its pages faulted in, one by one, at
    every step. What a process takes does not shrink any more. Elsewhere than on glibc no change.
    """
    _set({MMAP_MAX: 0, TRIM_THRESHOLD: NEVER, TOP_PAD: AHEAD})


def _set(options: dict[int, int]) -> None:
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return
    for option, value in options.items():
        mallopt(option, value)
