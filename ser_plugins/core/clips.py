"""The decoded recordings of a corpus, read from one memory-mapped file as they are used."""

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .audio import Wav
from .digests import digest
from .errors import InputError
from .seals import Watched
from .words import shorten

SAMPLES, INDEX = "samples.f32", "index.json"


class Entry(NamedTuple):
    """Where a clip lies among the samples, and what was seen when it was decoded.

    Args:
        offset: of its first sample.
        size: number of samples.
        digest: of the decoded samples; tells equal audio.
        peak: largest magnitude.
        clipped: part of the samples of the file that lie flat at its extremes.
    """

    offset: int
    size: int
    digest: str
    peak: float
    clipped: float

    @property
    def sound(self) -> str:
        """Return what tells equal sound; nothing for silence, which is all alike."""
        return self.digest if self.peak else ""


class Clips:
    """The decoded recordings of a corpus, read from disk as they are used.

    Args:
        folder: a filled folder of the cache.

    `clips[id]` is a view of `[L]` float32; `entries[id]` says what is known of it.

    Raises:
        InputError: if the folder is damaged, then or later.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        try:
            index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
            self.entries = {id: Entry(*entry) for id, entry in index.items()}
            self.file = folder / SAMPLES
            # An empty file cannot be mapped.
            self.samples = np.memmap(self.file, np.float32, "r") if index else np.zeros(0, "f4")
            if sum(entry.size for entry in self.entries.values()) != len(self.samples):
                raise ValueError("samples are missing")
        except (ValueError, TypeError, AttributeError) as error:
            raise InputError(
                f"the decoded audio in {folder} is damaged ({error}): remove that folder, and it "
                "is decoded again"
            ) from error
        self.watched = Watched(self.file, self._faults)
        self.watched.look()

    def __getitem__(self, id: str) -> Wav:
        self.watched.look()
        return self._wav(self.entries[id])

    def _wav(self, entry: Entry) -> Wav:
        return self.samples[entry.offset : entry.offset + entry.size]

    def _faults(self, size: int) -> str:
        """Say which clips sound otherwise than when they were decoded, or lie beyond the end."""
        size //= self.samples.itemsize
        damaged = [
            id
            for id, entry in self.entries.items()
            if entry.offset + entry.size > size
            or digest(self._wav(entry).tobytes()) != entry.digest
        ]
        if not damaged:
            return ""
        return (
            f"the decoded audio in {self.folder} was damaged, that of {shorten(damaged)}: remove "
            "that folder, and it is decoded again"
        )
