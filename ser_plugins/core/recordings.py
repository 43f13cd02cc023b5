"""What is to be heard: a file or an array as samples at one rate, with what is unusual about it."""

import math
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .audio import Wav, clipped, length_of, locate, mono, opened, read_opened, resample
from .errors import CorpusError, InputError, OptionError
from .words import duration

SHORTEST, LONGEST = 0.1, 600  # seconds that are heard at once
QUIET = -60.0  # dB re full scale (root mean square), below which a recording is too quiet
CLIPPED = 0.01  # part of the samples that lie flat at the extremes, above which it is said
TOO_QUIET, WAS_CLIPPED = "too quiet", "clipped"  # the notes
LOWEST_RATE, HIGHEST_RATE = 1000, 768_000  # Hz
Sound = str | Path | NDArray[Any] | tuple[NDArray[Any], int]


class Recording(NamedTuple):
    """A recording, or a stretch of one, that is to be heard.

    Args:
        source: the path, or `array`.
        wav: `[L]` at the rate that was asked for; empty where there is an error.
        start: where it begins in the source, in seconds.
        seconds: its duration.
        note: `too quiet` (below -60 dBFS), `clipped` (over 1 % of the samples), or nothing.
        error: why it cannot be heard; empty where it can.
    """

    source: str
    wav: Wav
    start: float
    seconds: float
    note: str = ""
    error: str = ""


def hear(sound: Sound, rate: int | None, sample_rate: int) -> Recording:
    """Return a recording at `sample_rate`; what is wrong with it becomes its error.

    Args:
        sound: a path of any format that libsndfile reads, or an array `[L]`, `[L, channels]` or
            `[channels, L]` (the longer axis is time), float with full scale 1 or integer; or
            such an array and its rate.
        rate: of an array that comes without, in Hz; a file says its own.
        sample_rate: in Hz.
    """
    source = str(sound) if isinstance(sound, str | Path) else "array"
    if isinstance(sound, tuple) and len(sound) == 2 and isinstance(sound[1], int):
        sound, rate = sound
    try:
        wav, own = _file(sound) if isinstance(sound, str | Path) else _samples(sound, rate)
        seconds = len(wav) / own
        if seconds < SHORTEST:
            raise CorpusError(too_short(source, seconds))
        if seconds > LONGEST:
            raise CorpusError(_too_long(source, seconds))
    except InputError as error:
        return Recording(source, np.zeros(0, np.float32), 0.0, 0.0, error=str(error))
    return Recording(source, resample(wav, own, sample_rate), 0.0, seconds, note_of(wav))


def note_of(wav: Wav, flat: float | None = None) -> str:
    """Return what should be known of a sound before its emotion is believed.

    Args:
        wav: `[L]`.
        flat: the part of its samples that lie flat at the extremes, where that was counted
            before it was resampled, which rounds them.
    """
    if level(wav) < QUIET:
        return TOO_QUIET
    flat = clipped(wav) / len(wav) if flat is None else flat
    return WAS_CLIPPED if flat > CLIPPED else ""


def level(wav: Wav) -> float:
    """Return the root mean square in dB re full scale; minus infinity for digital silence."""
    power = float(np.mean(np.square(wav, dtype=np.float64))) if len(wav) else 0.0
    return 10 * math.log10(power) if power else -math.inf


def _file(path: str | Path) -> tuple[Wav, int]:
    path = locate(Path(path))
    with opened(path) as file:
        if (seconds := length_of(file)) > LONGEST:
            raise CorpusError(_too_long(path, seconds))  # before it fills the memory
        return read_opened(file, path), file.samplerate


def _samples(sound: Any, rate: int | None) -> tuple[Wav, int]:
    """Return an array as `[L]` float32 of full scale 1, and its rate."""
    try:
        array = np.asarray(sound)
    except (TypeError, ValueError, RuntimeError) as error:  # as of a tensor with a gradient
        raise OptionError(
            f"expected an array of samples, not {type(sound).__name__}: {error}"
        ) from None
    if array.ndim not in (1, 2) or array.dtype.kind not in "fiu":
        raise OptionError(
            f"expected a path, or an array of samples [L] or [L, channels], not "
            f"{type(sound).__name__} of {array.dtype} {list(array.shape)}"
        )
    if not isinstance(rate, int | float) or not LOWEST_RATE <= rate <= HIGHEST_RATE:
        raise OptionError(
            f"an array needs its sample_rate, {LOWEST_RATE} to {HIGHEST_RATE} Hz, not {rate!r}"
        )
    if not array.size:
        raise OptionError("the array holds no samples")
    if array.ndim == 2 and array.shape[0] < array.shape[1]:
        array = array.T
    if array.dtype.kind != "f":
        info = np.iinfo(array.dtype)
        middle = (info.max + 1) // 2 if array.dtype.kind == "u" else 0
        array = (array.astype(np.float64) - middle) / (info.max - middle + 1)
    columns = array[:, None] if array.ndim == 1 else array
    return mono(columns.astype(np.float32), "the array"), rate


def _too_long(source: object, seconds: float) -> str:
    return (
        f"{source} lasts {duration(seconds)}, and at most {duration(LONGEST)} are heard at once; "
        "take the timeline of its file, which hears it window by window"
    )


def too_short(source: object, seconds: float) -> str:
    """Return what is said of a sound that is too short."""
    return f"{source} has {seconds:.4f} s of sound; {SHORTEST} s are needed"
