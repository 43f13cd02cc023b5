"""Decodes a recording to mono samples at one rate, the same way for every use."""

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from .errors import CorpusError

Wav = NDArray[np.float32]
UNKNOWN_FORMAT = 1  # libsndfile's code
FORMATS = "WAV, FLAC, OGG, MP3, AIFF, AU, CAF and others"
LFS = b"version https://git-lfs"
CARELESS = 0.01  # part of a file by which its header may be off
UNKNOWN = 0x7FFFF000  # bytes, from which a size was not known: SoX writes this one into a pipe
LOUDEST = 1e6  # times full scale, above which a sample is no sound
CUT = "is cut off: it holds less than it says. Copy or download it again"


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
        CorpusError: naming the file, when it cannot be read, is empty, lacks its end, or holds
            NaN or infinity.
    """
    with opened(path) as file:
        return read_opened(file, path, start, stop), file.samplerate


def read_opened(
    file: soundfile.SoundFile, path: Path, start: float | None = None, stop: float | None = None
) -> Wav:
    """Return the samples of an open file, as `read` does."""
    first = round((start or 0) * file.samplerate)
    last = file.frames
    if stop is not None:
        last = min(last, round(stop * file.samplerate))
    if first:  # some codecs cannot seek
        file.seek(first)
    samples = file.read(last - first, dtype="float32", always_2d=True)
    if len(samples) < (1 - CARELESS) * (last - first) or is_cut(file.extra_info):
        raise CorpusError(f"{path} {CUT}")
    return mono(samples, path)


@contextlib.contextmanager
def opened(path: Path) -> Iterator[soundfile.SoundFile]:
    """Open a file of sound.

    Raises:
        CorpusError: naming the file, when it cannot be opened, or then be read.
    """
    try:
        with soundfile.SoundFile(spelled(path)) as file:
            yield file
    except (OSError, soundfile.LibsndfileError) as error:
        raise CorpusError(f"{path}: {why_unreadable(path) or why_refused(error)}") from None


def length_of(file: soundfile.SoundFile) -> float:
    """Return how long an open file says that it is, in seconds."""
    return float(file.frames / file.samplerate)


def seconds_of(path: Path) -> float:
    """Return how long a file says that it is; 0 where it does not."""
    try:
        with opened(locate(path)) as file:
            return length_of(file)
    except CorpusError:
        return 0.0


def is_cut(log: str) -> bool:
    """Tell from libsndfile's log of a file whether its end is missing.

    Sizes that are a little off are a careless writer's, and those of nearly 2 GiB or more of a
    program that did not know the length when it began.
    """
    if "lacks an end-of-stream" in log:
        return True
    sizes = re.findall(r"^ ?(?:data|SSND) : (\d+) \(should be (\d+)\)", log, re.MULTILINE)
    return any(
        int(found) < (1 - CARELESS) * int(told) for told, found in sizes if int(told) < UNKNOWN
    )


def mono(samples: NDArray[np.float32], name: object) -> Wav:
    """Average the channels of `[L, channels]`; refuse what is empty or not a number."""
    if not len(samples):
        raise CorpusError(f"{name} holds no samples")
    if not np.isfinite(samples).all():
        raise CorpusError(f"{name} holds NaN or infinite samples")
    if np.abs(samples).max() > LOUDEST:
        raise CorpusError(f"{name} holds samples of {np.abs(samples).max():.0e} times full scale")
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


def locate(path: Path) -> Path:
    """Return where a file lies, `~` resolved unless the file is called so.

    Raises:
        CorpusError: for what is no file that can be audio, as a pipe, which would be waited for.
    """
    why = why_unreadable(path)
    if why and str(path).startswith("~"):
        with contextlib.suppress(RuntimeError):  # there is no such user
            path = path.expanduser()
            why = why_unreadable(path)
    if why:
        raise CorpusError(f"{path}: {why}")
    return path


def spelled(path: Path) -> Path | bytes:
    """Return a path as soundfile takes it: as a text it refuses names that are not UTF-8."""
    return os.fsencode(path) if os.name == "posix" else path


def why_refused(error: Exception) -> str:
    """Say in words why libsndfile does not read a file."""
    if getattr(error, "code", None) == UNKNOWN_FORMAT:
        return f"no sound that can be read ({FORMATS}); convert it, as with ffmpeg"
    said = getattr(error, "error_string", "") or str(error)
    return f"it is damaged (libsndfile: {said.rstrip('.')}). Copy or download it again"


def why_unreadable(path: Path) -> str:
    """Say in words why a file is not audio, where that can be told; else an empty string."""
    try:
        if not path.is_file():
            if path.is_dir():
                return "it is a folder; name the files in it"
            return "it is a pipe or device" if path.exists() else "there is no such file"
        if path.stat().st_size == 0:
            return "the file is empty (0 bytes)"
        with path.open("rb") as file:
            if file.read(len(LFS)) == LFS:
                return "a Git LFS pointer, not audio: run `git lfs pull` in its folder"
    except OSError as error:
        return str(error.strerror)
    return ""
