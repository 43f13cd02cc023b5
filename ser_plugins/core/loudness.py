"""The loudness of a clip as broadcasters measure it, by ITU-R BS.1770-4."""

import math

import numpy as np
from numpy.typing import NDArray

LOWEST_RATE = 8000  # Hz; the shelf of the weighting lies at 1.7 kHz
HOP = 0.1  # seconds
BLOCK = 4  # hops
GATE = -70.0  # LUFS; blocks below are no programme
BELOW = 10.0  # LU below the mean of the others are not either
SHELF = (1681.974450955533, 3.999843853973347, 0.7071752369554196)  # Hz, dB, Q
HIGH_PASS = (38.13547087602444, 0.5003270373238773)  # Hz, Q


def integrated_loudness(wav: NDArray[np.floating], sample_rate: int) -> float:
    """Return the gated loudness of one channel; minus infinity where nothing passes the gate.

    A full-scale sine of 997 Hz has -3.01 LUFS at 48 kHz, and -2.97 at 16 kHz, where the
    weighting is bent. What is left after the last whole block is not measured; a clip shorter
    than 400 ms is one block of its own length.

    Args:
        wav: `[L]`, full scale 1.
        sample_rate: in Hz, 8000 or more.

    Returns:
        LUFS.
    """
    powers = _powers(weight(wav, sample_rate), round(HOP * sample_rate))
    heard = powers[powers > 10 ** ((GATE + 0.691) / 10)]
    if not len(heard):
        return -math.inf
    loud = heard[heard > heard.mean() * 10 ** (-BELOW / 10)]
    return float(10 * np.log10(loud.mean()) - 0.691)


def weight(wav: NDArray[np.floating], sample_rate: int) -> NDArray[np.float64]:
    """Return a signal `[L]` through the K-weighting: a shelf of 4 dB, then a high-pass."""
    from scipy.signal import sosfilt  # takes half a second

    return sosfilt(k_weighting(sample_rate), wav.astype(np.float64))


def k_weighting(sample_rate: int) -> NDArray[np.float64]:
    """Return both filters `[2, 6]`, each as b0 b1 b2 a0 a1 a2.

    At 48 kHz they are those of BS.1770-4, tables 1 and 2. Other rates: B. De Man, Evaluation
    of implementations of the EBU R128 loudness measurement, AES 145 (2018).
    """
    hertz, gain, q = SHELF
    k, high = math.tan(math.pi * hertz / sample_rate), 10 ** (gain / 20)
    band, below = high**0.4996667741545416, 1 + k / q + k * k
    up = [high + band * k / q + k * k, 2 * (k * k - high), high - band * k / q + k * k]
    shelf = [b / below for b in up] + [1, 2 * (k * k - 1) / below, (1 - k / q + k * k) / below]
    hertz, q = HIGH_PASS
    k = math.tan(math.pi * hertz / sample_rate)
    below = 1 + k / q + k * k
    high_pass = [1, -2, 1, 1, 2 * (k * k - 1) / below, (1 - k / q + k * k) / below]
    return np.array([shelf, high_pass])


def _powers(wav: NDArray[np.float64], hop: int) -> NDArray[np.float64]:
    """Return the mean square of each block; the first of each four hops begins a new one."""
    if len(wav) < BLOCK * hop:
        return np.mean(wav**2, keepdims=True)
    hops = (wav[: len(wav) // hop * hop] ** 2).reshape(-1, hop).mean(1)
    return np.lib.stride_tricks.sliding_window_view(hops, BLOCK).mean(1)
