"""Finds altered copies of a recording: louder, shifted, trimmed, noisy, resampled, re-encoded.

Two stages: fingerprints that neither gain nor shift changes are compared all with all, and the
pairs that are alike are correlated. The constants were chosen on RAVDESS (1440 clips, two takes
of everything) and on copies of 200 of its clips, altered in 40 ways: of a million honest pairs the
most alike correlate at 0.28, of the toolkit's rendered voices at 0.36; copies with noise at an SNR
of 5 dB from 0.48 up, with other alterations from 0.45 up. A change of tempo or pitch is not found.
"""

import json
import os
from collections import defaultdict
from collections.abc import Sequence
from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import NamedTuple

import numpy as np
import scipy  # whose parts load when they are used: `--help` needs none
from numpy.typing import NDArray

from .audio import Wav
from .cache import usable
from .clips import Clips
from .locks import one_after_another
from .writing import write_whole

Pair = tuple[str, str, float]
Array = NDArray[np.float32]

FORMAT = 2  # raise it when the same clips give other pairs
BAND = 100, 3500  # Hz: what a telephone keeps, without most of the hum
FINE = 15  # Hz: wider than the fine structure of a clip, narrower than a voice's harmonics
HIGHEST = 2  # times the level around it: cuts off hum, which clips of one room have in common
FLAT = 0.01  # part of the level below which fine structure is rounding, as in a lone click
SOUND = 0.1  # seconds: about a speech sound
SHORTEST = 1.0  # seconds: in less, two loud vowels of one voice can agree by chance
POOREST = 15  # Hz over which a clip's energy spreads at least: tones have 1 to 12, speech from 22
# Cosine of two fingerprints from which clips are correlated, and correlation of copies; for clips
# that are too short or too pure to be told by their fine structure, near identity.
LIKELY, COPY = 0.15, 0.45
LIKELY_POOR, COPY_POOR = 0.8, 0.99
ROWS = 1024  # fingerprints compared at a time
MOST = 20  # pairs correlated, for each clip
TINY = np.float32(1e-20)


class Copies(NamedTuple):
    """What was found.

    Args:
        pairs: ids of altered copies of one recording, and their correlation.
        left_out: how many pairs sounded alike and were too many to be looked at.
    """

    pairs: Sequence[Pair]
    left_out: int = 0


def find_copies(clips: Clips, sample_rate: int) -> Copies:
    """Return the altered copies among the clips of a corpus; looked for once.

    Equal and silent clips are left out: equal audio is told by its digest.
    """
    path = clips.folder / f"copies-{FORMAT}.json"
    if known := _read(path):
        return known
    with usable(clips.folder), one_after_another(path.with_suffix(".lock"), "comparing recordings"):
        if not (found := _read(path)):
            found = _compare(clips, sample_rate)
            write_whole(path, json.dumps(found))
        return found


def _read(path: Path) -> Copies | None:
    try:
        pairs, left_out = json.loads(path.read_text(encoding="utf-8"))
        return Copies([(one, other, value) for one, other, value in pairs], int(left_out))
    except (OSError, ValueError, TypeError):
        return None


def _compare(clips: Clips, sample_rate: int) -> Copies:
    same: dict[str, list[str]] = defaultdict(list)  # ids by sound: one of each is compared
    for id, entry in sorted(clips.entries.items()):
        if entry.sound:
            same[entry.sound].append(id)
    if not (ids := [some[0] for some in same.values()]):
        return Copies(())
    with ThreadPool(os.cpu_count()) as pool:
        prints = np.stack(pool.map(lambda id: fingerprint(clips[id], sample_rate), ids))
        poor = np.array(pool.map(lambda id: is_poor(clips[id], sample_rate), ids))
        pairs, left_out = likeliest(prints, poor, MOST * len(ids))
        values = pool.starmap(
            lambda i, j: correlation(clips[ids[i]], clips[ids[j]], sample_rate), pairs
        )
    found = [
        (one, other, round(value, 3))
        for (i, j), value in zip(pairs, values, strict=True)
        if value >= (COPY_POOR if poor[i] or poor[j] else COPY)
        for one in same[clips.entries[ids[i]].sound]
        for other in same[clips.entries[ids[j]].sound]
    ]
    return Copies(found, left_out)


def fingerprint(wav: Wav, sample_rate: int) -> Array:
    """Return `[3400]` float32 of norm 1: the fine structure of the spectrum of `wav` `[L]`.

    The magnitude at each whole Hz of `BAND`, which neither a shift nor zeros at the ends change,
    less the level around it.
    """
    seconds = np.pad(wav, (0, -len(wav) % sample_rate)).reshape(-1, sample_rate)
    magnitude = np.abs(scipy.fft.rfft(seconds.sum(axis=0))[slice(*BAND)])
    level = np.maximum(scipy.ndimage.median_filter(magnitude, FINE, mode="nearest"), TINY)
    fine = (np.minimum(magnitude, HIGHEST * level) - level) / np.sqrt(level)
    return fine / max(np.linalg.norm(fine), FLAT * np.linalg.norm(np.sqrt(level)))


def is_poor(wav: Wav, sample_rate: int) -> bool:
    """Tell whether a clip is too short or too pure to be known by its fine structure."""
    return len(wav) < SHORTEST * sample_rate or spread(wav, sample_rate) < POOREST


def spread(wav: Wav, sample_rate: int) -> float:
    """Return the Hz over which the energy of `wav` `[L]` spreads within `BAND`; a tone: about 1."""
    size = scipy.fft.next_fast_len(len(wav), real=True)
    band = slice(*(round(edge * size / sample_rate) for edge in BAND))
    power = np.abs(scipy.fft.rfft(wav, size)[band]) ** 2
    power /= max(power.max(initial=0), TINY)
    return float(power.sum() ** 2 / max((power**2).sum(), TINY) * sample_rate / size)


def likeliest(
    prints: Array, poor: NDArray[np.bool_], most: int
) -> tuple[list[tuple[int, int]], int]:
    """Return the pairs `i < j` of fingerprints `[A, D]` that are most alike, and how many are left.

    Args:
        prints: one row a clip.
        poor: which are of clips that are too short or too pure, `[A]`.
        most: how many pairs.
    """
    found, total = np.zeros((0, 3), np.float32), 0
    for start in range(0, len(prints), ROWS):
        block = _alike(prints, poor, start)
        total += len(block)
        found = np.concatenate([found, block])
        found = found[np.argsort(-found[:, 2], kind="stable")[:most]]
    return [(int(i), int(j)) for i, j, _ in found], total - len(found)


def _alike(prints: Array, poor: NDArray[np.bool_], start: int) -> Array:
    """Return rows `(i, j, cosine)` of the pairs that are alike, for `ROWS` values of i."""
    cosines = np.triu(prints[start : start + ROWS] @ prints[start:].T, k=1)
    i, j = np.nonzero(cosines >= LIKELY)
    least = np.where(poor[start + i] | poor[start + j], LIKELY_POOR, LIKELY)
    kept = cosines[i, j] >= least
    return np.stack([start + i[kept], start + j[kept], cosines[i, j][kept]], axis=1)


def correlation(one: Wav, other: Wav, sample_rate: int) -> float:
    """Return how alike `one` `[L1]` and `other` `[L2]` are: 1 for a shifted or louder copy.

    The peak over all shifts of their normalised cross-correlation, either sign, once levelled.
    """
    size = scipy.fft.next_fast_len(len(one) + len(other), real=True)
    spectra = (levelled(wav, size, sample_rate) for wav in (one, other))
    product = next(spectra) * next(spectra).conj()
    return float(np.abs(scipy.fft.irfft(product, size)).max() * size / 2)


def levelled(wav: Wav, size: int, sample_rate: int) -> NDArray[np.complex64]:
    """Return the spectrum `[size // 2 + 1]` of `wav` `[L]`, within `BAND` and of norm 1.

    Half the differences in level, in dB, are taken out over time and then over frequency, lest one
    loud sound or one harmonic outweighs all others.
    """
    even = wav / np.sqrt(envelope(np.abs(wav), round(SOUND * sample_rate)))
    band = slice(*(round(edge * size / sample_rate) for edge in BAND))
    spectrum = scipy.fft.rfft(even, size)[band]
    spectrum /= np.sqrt(envelope(np.abs(spectrum), FINE * size // sample_rate))
    flat = np.zeros(size // 2 + 1, np.complex64)
    flat[band] = spectrum / max(np.linalg.norm(spectrum), TINY)
    return flat


def envelope(magnitude: Array, width: int) -> Array:
    """Return the running mean of `[F]` over `width` bins or samples, above 0."""
    return np.maximum(
        scipy.ndimage.uniform_filter1d(magnitude, max(1, width), mode="nearest"), TINY
    )
