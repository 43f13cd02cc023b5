"""Cuts a recording of any length into windows, in memory that does not grow with it."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soxr

from .audio import CARELESS, CUT, Wav, clipped, is_cut, locate, mono, opened
from .errors import CorpusError, OptionError
from .recordings import LONGEST, SHORTEST, Recording, note_of, too_short

WINDOW, HOP = 3.0, 1.0  # seconds, where nothing else is asked for


def windows(path: Path, sample_rate: int, window: float, hop: float) -> Iterator[Recording]:
    """Yield stretches of a recording of any length, in memory that does not grow with it.

    A window begins every `hop` until one reaches the end; the last ends with the recording: it may
    be shorter than the others, or longer by less than 0.1 s. A window that holds it all is what
    `hear` returns.

    Args:
        path: of the recording.
        sample_rate: in Hz; all is resampled to it in one stream.
        window: seconds, 0.1 to 600.
        hop: seconds, 0.01 or more, at most the window: nothing is skipped.

    Raises:
        OptionError: for a window or hop that cannot be.
        CorpusError: when what cannot be read is met.
    """
    check_windows(window, hop)
    size, step = round(window * sample_rate), round(hop * sample_rate)
    least = round(SHORTEST * sample_rate)
    parts, held, first, more = blocks(path, sample_rate), np.zeros((3, 0), np.float32), 0, True
    while more:
        held = _fill(held, parts, size + least)
        more = held.shape[1] >= size + least  # else the little that is left belongs to this one
        wav, flat, peak = held[:, :size] if more else held
        if len(wav) < least:
            raise CorpusError(too_short(path, len(wav) / sample_rate))
        loudest = peak >= 0.9 * peak.max()  # what is flat elsewhere was not clipped
        seconds, note = len(wav) / sample_rate, note_of(wav, float((flat * loudest).mean()))
        yield Recording(str(path), wav, first / sample_rate, seconds, note)
        held, first = held[:, step:], first + step


def choose_windows(window: float | None = None, hop: float | None = None) -> tuple[float, float]:
    """Return window and hop in seconds; the hop is at most the window where it is not given.

    Raises:
        OptionError: for what `windows` cannot take.

    >>> choose_windows(), choose_windows(0.5)
    ((3.0, 1.0), (0.5, 0.5))
    """
    window = WINDOW if window is None else window
    hop = min(HOP, window) if hop is None else hop
    check_windows(window, hop)
    return window, hop


def check_windows(window: float, hop: float) -> None:
    """Refuse a window or hop in seconds that `windows` cannot take.

    Raises:
        OptionError: saying what it can.
    """
    if not SHORTEST <= window <= LONGEST or not 0.01 <= hop <= window:
        raise OptionError(
            f"window must be {SHORTEST} to {LONGEST} s and hop from 0.01 s to the window, not "
            f"{window!r} and {hop!r}"
        )


def _fill(held: Wav, parts: Iterator[tuple[Wav, float]], size: int) -> Wav:
    """Return `[3, L]` with L grown to `size` where there is as much.

    The rows are samples, the part of those of their second that is flat, and its peak.
    """
    rows, have = [held], held.shape[1]
    while have < size and (part := next(parts, None)) is not None:
        wav, flat = part
        peak = np.abs(wav).max(initial=0.0)
        rows.append(np.stack([wav, np.full_like(wav, flat), np.full_like(wav, peak)]))
        have += len(wav)
    return np.concatenate(rows, axis=1)


def blocks(path: Path, sample_rate: int) -> Iterator[tuple[Wav, float]]:
    """Yield a file second by second, resampled as `read_audio` does it whole.

    With each second comes the part of its samples that lie flat at its extremes.
    """
    with opened(locate(path)) as file:
        rate, frames, count = file.samplerate, file.frames, 0
        if is_cut(file.extra_info):
            raise CorpusError(f"{path} {CUT}")
        stream = soxr.ResampleStream(rate, sample_rate, 1, dtype="float32")
        # Not `file.blocks`: at a short read that yields its old buffer once more.
        while len(block := file.read(rate, dtype="float32", always_2d=True)):
            count += len(block)
            wav = mono(block, path)
            heard = wav if rate == sample_rate else stream.resample_chunk(wav)
            yield heard, clipped(wav) / len(wav)
        if count < (1 - CARELESS) * frames:
            raise CorpusError(f"{path} {CUT}")
        if not count:
            raise CorpusError(f"{path} holds no samples")
        if rate != sample_rate:
            yield stream.resample_chunk(np.zeros(0, np.float32), last=True), 0.0
