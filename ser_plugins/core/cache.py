"""Decodes, mixes down and resamples a corpus once, into one memory-mapped file for all runs."""

import json
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing.pool import ThreadPool
from pathlib import Path

import numpy as np
import platformdirs
from tqdm import tqdm

from .audio import Wav, clipped, read, resample
from .clips import INDEX, SAMPLES, Clips, Entry
from .digests import digest, file_digests
from .errors import CorpusError, InputError
from .locks import one_after_another
from .manifest import Row
from .seals import seal
from .words import shorten
from .writing import whole_folder

log = logging.getLogger(__name__)

FORMAT = 3  # raise it when the same files give other samples


def default_folder() -> Path:
    """Return where the toolkit keeps what it can make again; `SER_PLUGINS_CACHE` moves it."""
    given = os.environ.get("SER_PLUGINS_CACHE")
    return Path(given) if given else Path(platformdirs.user_cache_path("ser_plugins"))


class UnreadableError(CorpusError):
    """Recordings that cannot be decoded; `broken` maps their ids to the reasons."""

    def __init__(self, message: str, broken: Mapping[str, str]):
        super().__init__(message)
        self.broken = broken


def open_clips(rows: Sequence[Row], root: Path, sample_rate: int, cache: Path) -> Clips:
    """Return the clips of a corpus, decoding it if no run has done so before.

    Two processes that come at once fill it once. The key is the content of the files, so a
    changed file is decoded again and a copied corpus is not.

    Args:
        rows: every row of the corpus.
        root: the corpus folder.
        sample_rate: in Hz.
        cache: the folder that holds all caches.

    Raises:
        UnreadableError: naming the files that cannot be decoded; nothing is kept then.
        InputError: if the cache cannot be written.
    """
    with usable(cache):
        (cache / "audio").mkdir(parents=True, exist_ok=True)
        folder = cache / "audio" / _key(rows, root, sample_rate, cache)
        if not folder.is_dir():
            with one_after_another(folder.with_suffix(".lock"), "decoding this corpus"):
                if not folder.is_dir():
                    _fill(folder, rows, root, sample_rate)
        return Clips(folder)


@contextmanager
def usable(cache: Path) -> Iterator[None]:
    """Say in words what keeps a cache folder from being read or written.

    Raises:
        InputError: in place of an OSError.
    """
    try:
        yield
    except OSError as error:
        raise InputError(
            f"the cache {cache} cannot be used: {error.strerror or error}; "
            "name another folder with --cache_folder"
        ) from error


def _fill(folder: Path, rows: Sequence[Row], root: Path, sample_rate: int) -> None:
    with whole_folder(folder) as unfinished:
        unfinished.mkdir()
        index = _write_samples(unfinished / SAMPLES, rows, root, sample_rate)
        seal(unfinished / SAMPLES)
        (unfinished / INDEX).write_text(json.dumps(index), encoding="utf-8")


def _write_samples(
    path: Path, rows: Sequence[Row], root: Path, sample_rate: int
) -> dict[str, Entry]:
    index: dict[str, Entry] = {}
    broken, offset = {}, 0
    with path.open("wb") as file:
        for row, found in _decoded(rows, root, sample_rate):
            if isinstance(found, CorpusError):
                broken[row["id"]] = str(found)
                continue
            wav, clipping = found
            file.write(wav.tobytes())
            peak = float(np.abs(wav).max())
            index[row["id"]] = Entry(offset, len(wav), digest(wav.tobytes()), peak, clipping)
            offset += len(wav)
    if broken:
        raise UnreadableError(
            f"{len(broken)} of {len(rows)} recordings cannot be used: "
            f"{shorten(list(broken.values()))}. Repair or remove them",
            broken,
        )
    return index


def _decoded(
    rows: Sequence[Row], root: Path, sample_rate: int
) -> Iterator[tuple[Row, tuple[Wav, float] | CorpusError]]:
    def one(row: Row) -> tuple[Wav, float] | CorpusError:
        try:
            wav, rate = read(root / row["path"], row["start"], row["stop"])
            return resample(wav, rate, sample_rate), clipped(wav) / len(wav)
        except CorpusError as error:
            return error

    with ThreadPool(os.cpu_count()) as pool:
        bar = tqdm(total=len(rows), desc="decoding once", unit="clip", disable=None)
        for first in range(0, len(rows), 256):  # in pieces, so that memory stays flat
            piece = rows[first : first + 256]
            yield from zip(piece, pool.map(one, piece, chunksize=8), strict=True)
            bar.update(len(piece))
        bar.close()


def _key(rows: Sequence[Row], root: Path, sample_rate: int, cache: Path) -> str:
    contents = file_digests({row["path"] for row in rows}, root, cache)
    clips = sorted([r["id"], contents[r["path"]], r["start"], r["stop"]] for r in rows)
    return digest(json.dumps([FORMAT, sample_rate, clips]).encode())
