"""Decodes a recording to mono samples at one rate, the same way for every use."""

from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from .errors import CorpusError

Wav = NDArray[np.float32]
LFS = b"version https://git-lfs"


def read_audio(
    path: Path, sample_rate: int, start: float | None = None, stop: float | None = None
) -> Wav:
    """Return `read`, resampled by soxr to `sample_rate` in Hz: `[L]` float32."""
    wav, rate = read(path, start, stop)
    return resample(wav, rate, sample_rate)


def read(path: Path, start: float | None = None, stop: float | None = None) -> tuple[Wav, int]:
    """Return the samples of a file, or of a stretch of it, and their rate in Hz.

    Args:
        path: any format that libsndfile reads; found out by content, not by ending.
        start: where to begin, in seconds.
        stop: where to end, in seconds.

    Returns:
        `[L]` float32, channels averaged, and the rate.

    Raises:
        CorpusError: naming the file, when it cannot be read, is empty, or holds NaN or infinity.
    """
    try:
        with soundfile.SoundFile(path) as file:
            first = round((start or 0) * file.samplerate)
            last = file.frames if stop is None else round(stop * file.samplerate)
            if first:  # some codecs cannot seek
                file.seek(first)
            samples = file.read(last - first, dtype="float32", always_2d=True)
            rate = file.samplerate
    except (OSError, soundfile.LibsndfileError) as error:
        raise CorpusError(f"{path}: {why_unreadable(path) or error}") from None
    return mono(samples, path), rate


def mono(samples: NDArray[np.float32], path: Path) -> Wav:
    """Average the channels of `[L, channels]`; refuse what is empty or not a number."""
    if not len(samples):
        raise CorpusError(f"{path} holds no samples")
    if not np.isfinite(samples).all():
        raise CorpusError(f"{path} holds NaN or infinite samples")
    return samples.mean(axis=1) if samples.shape[1] > 1 else samples[:, 0]


def clipped(wav: Wav) -> int:
    """Return how many samples lie flat at the clip's own extremes, three or more in a row.

    >>> clipped(np.float32([0, 1, 1, 1, 0, -1, -1, 0.5]))
    3
    """
    if not wav.any():
        return 0
    total = 0
    for extreme in (wav.max(), wav.min()):
        edges = np.flatnonzero(np.diff(np.pad(wav == extreme, 1).astype(np.int8)))
        runs = edges[1::2] - edges[::2]
        total += int(runs[runs >= 3].sum())
    return total


def resample(wav: Wav, rate: int, sample_rate: int) -> Wav:
    """Return `wav` at another rate, at least one sample long."""
    if rate == sample_rate:
        return wav
    changed = soxr.resample(wav, rate, sample_rate)
    return changed if len(changed) else np.zeros(1, np.float32)


def why_unreadable(path: Path) -> str:
    """Say in words why a file is not audio, where that can be told; else an empty string."""
    try:
        if not path.is_file():
            return "a pipe or folder" if path.exists() else "there is no such file"
    except OSError as error:
        return str(error.strerror)
    if path.stat().st_size == 0:
        return "the file is empty (0 bytes)"
    with path.open("rb") as file:
        if file.read(len(LFS)) == LFS:
            return "a Git LFS pointer, not audio: run `git lfs pull` in the corpus folder"
    return ""
