"""Keeps the memory of a process flat while batches differ in length. To be called before torch."""

import ctypes
import os

MMAP_THRESHOLD = -3  # M_MMAP_THRESHOLD of glibc's malloc.h
LARGE = 8 * 2**20  # bytes


def keep_flat() -> None:
    """Give large tensors back to the system, and keep few of oneDNN's compiled shapes.

    By default glibc raises its threshold as large blocks are freed, after which they fragment the
    heap; and oneDNN keeps a thousand primitives, one for each length of batch that it has met.
    Together they cost a gigabyte an epoch or two. Elsewhere than on glibc only the second holds.
    """
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "128")
    try:
        ctypes.CDLL("libc.so.6").mallopt(MMAP_THRESHOLD, LARGE)
    except (OSError, AttributeError):
        return
