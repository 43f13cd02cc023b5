"""Speak nonsense sentences with a source-filter voice: glottal pulses through moving formants.

A Rosenberg pulse train, with jitter, shimmer and aspiration, passes a cascade of resonators;
fricatives and bursts are noise through one resonator of their own. Klatt (1980), J. Acoust. Soc.
Am. 67(3), doi 10.1121/1.383940, describes the whole; every track moves in frames of 5 ms.
"""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.blas import dtbsv
from scipy.ndimage import gaussian_filter1d

Array = NDArray[np.float64]

SAMPLE_RATE = 16_000
HOP = 80  # samples in a frame of control
OPEN_QUOTIENT = 0.6  # part of a glottal cycle in which air flows
LEVEL = -30.0  # dBFS (RMS) at 0 dB of loudness
# A voice rises 0.2 to 0.6 semitones for each dB: Gramming et al. (1987), STL-QPSR 28(1).
DB_PER_SEMITONE = 2.0
# F4 to F6 are those of a uniform tube, 17.5 cm long.
UPPER_FORMANTS = np.array([3500.0, 4500.0, 5500.0])  # Hz
BANDWIDTHS = np.array([60.0, 90.0, 150.0, 200.0, 250.0, 300.0])  # Hz, of F1 to F6
FRICTION_BANDWIDTH = np.array([1500.0])  # Hz


@dataclass(frozen=True, slots=True)
class Speaker:
    """What a voice is by anatomy and habit."""

    sex: str
    pitch: float  # habitual F0, Hz
    tract: float  # length of the vocal tract relative to the mean man's
    rate: float  # relative to the nominal durations of `PHONES`
    loudness: float  # dB
    tilt: float  # dB per octave, added to the source
    breath: float  # aspiration in dB relative to the flow that carries it


@dataclass(frozen=True, slots=True)
class Manner:
    """How a sentence is said, relative to the speaker's habit."""

    pitch: float  # shift of the mean, semitones
    range: float  # rise on a stressed syllable, semitones
    contour: float  # rise from beginning to end, semitones; negative falls
    rate: float
    loudness: float  # dB
    tilt: float  # dB per octave; positive is brighter
    jitter: float  # standard deviation of a period relative to its length, about
    tremor: float  # depth of the slow waver of pitch, semitones


# sex, pitch, tract, rate, loudness, tilt, breath
SPEAKERS = {
    "f1": Speaker("female", 170, 0.91, 0.94, 2.0, -0.5, -22),
    "f2": Speaker("female", 188, 0.87, 1.06, -2.0, 0.8, -28),
    "f3": Speaker("female", 205, 0.89, 1.00, 0.0, -1.0, -18),
    "f4": Speaker("female", 222, 0.85, 1.04, 3.0, 0.3, -24),
    "f5": Speaker("female", 240, 0.83, 0.97, -1.0, 0.0, -27),
    "m1": Speaker("male", 90, 1.06, 0.97, -1.0, 0.3, -30),
    "m2": Speaker("male", 102, 0.98, 1.05, 2.0, -0.8, -20),
    "m3": Speaker("male", 114, 1.03, 0.93, -3.0, 1.0, -26),
    "m4": Speaker("male", 127, 1.00, 1.02, 1.0, -0.3, -23),
    "m5": Speaker("male", 142, 0.95, 1.00, 0.0, 0.5, -19),
}
# Seconds; F1, F2, F3 in Hz; voicing and friction in 0..1; peak of the friction in Hz. Vowels are
# the means of 33 men in Peterson and Barney (1952), J. Acoust. Soc. Am. 24(2), table II; formants
# of consonants come from Klatt (1980). "_" closes the mouth before a burst.
PHONES = {
    "i": (0.11, 270, 2290, 3010, 1.0, 0.0, 4000),
    "e": (0.12, 530, 1840, 2480, 1.0, 0.0, 4000),
    "a": (0.13, 730, 1090, 2440, 1.0, 0.0, 4000),
    "o": (0.12, 570, 840, 2410, 1.0, 0.0, 4000),
    "u": (0.11, 300, 870, 2240, 1.0, 0.0, 4000),
    "m": (0.07, 480, 1270, 2130, 0.4, 0.0, 4000),
    "n": (0.06, 480, 1340, 2470, 0.4, 0.0, 4000),
    "l": (0.06, 310, 1050, 2880, 0.6, 0.0, 4000),
    "w": (0.06, 290, 610, 2150, 0.6, 0.0, 4000),
    "f": (0.09, 340, 1100, 2080, 0.0, 0.3, 6000),
    "s": (0.10, 320, 1390, 2530, 0.0, 1.0, 5500),
    "b": (0.02, 200, 1100, 2150, 0.4, 0.4, 1000),
    "d": (0.02, 200, 1600, 2600, 0.4, 0.6, 4000),
    "t": (0.03, 400, 1600, 2600, 0.0, 1.0, 4000),
    "k": (0.03, 300, 1990, 2850, 0.0, 0.8, 2000),
    "_": (0.05, 300, 1400, 2500, 0.0, 0.0, 4000),
    " ": (0.03, 500, 1500, 2500, 0.2, 0.0, 4000),
}


def speak(sentence: str, speaker: Speaker, manner: Manner, rng: np.random.Generator) -> Array:
    """Say one sentence.

    Args:
        sentence: letters of `PHONES`; a capital vowel is stressed.
        speaker: who says it.
        manner: how.
        rng: draws timing, accents, jitter and noise.

    Returns:
        Waveform [T] at `SAMPLE_RATE`, in -1..1.
    """
    tracks, accents = _articulate(sentence, speaker.rate * manner.rate, rng)
    semitones = _intonation(accents, manner, rng)
    effort = _gain(DB_PER_SEMITONE * (semitones - semitones.mean()))
    voicing, friction = gaussian_filter1d(tracks[:, 4:6], 1.5, axis=0, mode="constant").T

    flow = _glottis(_stretch(speaker.pitch * 2 ** (semitones / 12)), manner.jitter, speaker, rng)
    source = _tilt(flow, speaker.tilt + manner.tilt) * _stretch(voicing * effort)
    noise = np.diff(rng.standard_normal(flow.size + 1)) * _stretch(friction * effort)

    formants = gaussian_filter1d(tracks[:, 1:4], 3, axis=0, mode="nearest")
    formants = np.hstack([formants, np.tile(UPPER_FORMANTS, (len(formants), 1))])
    wav = _resonate(source, formants / speaker.tract, BANDWIDTHS)
    wav += _resonate(noise, tracks[:, 6:] / speaker.tract, FRICTION_BANDWIDTH)
    wav *= _gain(LEVEL + speaker.loudness + manner.loudness) / np.sqrt(np.mean(wav**2))
    return wav / max(1.0, np.abs(wav).max() / 0.99)


def _articulate(sentence: str, rate: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return rows of `PHONES` [N, 7] and accents of about 0 or 1 [N], one a frame."""
    letters = re.sub("([bdtk])", r"_\1", sentence)
    targets = np.array([PHONES[letter.lower()] for letter in letters])
    accents = np.array([letter.isupper() for letter in letters]) * rng.uniform(0.7, 1.3)
    seconds = targets[:, 0] * rng.uniform(0.85, 1.15, len(letters)) / rate
    frames = np.rint(seconds * SAMPLE_RATE / HOP).astype(int)
    return np.repeat(targets, frames, axis=0), np.repeat(accents, frames)


def _gain(db: Array | float) -> Array:
    return np.power(10.0, np.asarray(db) / 20)


def _stretch(track: Array) -> Array:
    """Interpolate a track [N] of frames to samples [N * HOP]."""
    return np.interp(np.arange(len(track) * HOP) / HOP, np.arange(len(track)), track)


def _intonation(accents: Array, manner: Manner, rng: np.random.Generator) -> Array:
    """Return F0 in semitones above the habitual pitch [N].

    The waver is the sum of three sines of Klatt and Klatt (1990), J. Acoust. Soc. Am. 87(2).
    """
    seconds = np.arange(len(accents)) * HOP / SAMPLE_RATE
    slope = manner.contour * np.linspace(-0.5, 0.5, len(accents))
    hills = manner.range * gaussian_filter1d(accents, 8)
    phases = rng.uniform(0, 2 * np.pi, (3, 1))
    waver = np.sin(2 * np.pi * np.array([[12.7], [7.1], [4.7]]) * seconds + phases).mean(axis=0)
    return manner.pitch + slope + hills - hills.mean() + manner.tremor * waver


def _glottis(f0: Array, jitter: float, speaker: Speaker, rng: np.random.Generator) -> Array:
    """Return the derivative of glottal flow, with aspiration [T], for F0 in Hz [T].

    The pulse is the polynomial of Rosenberg (1971), J. Acoust. Soc. Am. 49(2B), as Klatt and
    Klatt (1990) use it. Its amplitude shimmers by three times the jitter. Differencing the flow
    aliases less than sampling its derivative.
    """
    steady = np.cumsum(f0) / SAMPLE_RATE
    periods, amplitudes = rng.standard_normal((2, 2 * int(steady[-1]) + 9))
    phase = np.cumsum(f0 * (1 + jitter * periods[steady.astype(int)])) / SAMPLE_RATE
    opening = np.minimum(phase % 1 / OPEN_QUOTIENT, 1)
    flow = 6.75 * opening**2 * (1 - opening)
    flow *= 1 + 3 * jitter * amplitudes[phase.astype(int)]
    aspiration = flow * rng.standard_normal(flow.size) * _gain(speaker.breath)
    return np.diff(flow, prepend=0) * SAMPLE_RATE / f0 + aspiration


def _tilt(wav: Array, slope: float) -> Array:
    """Add `slope` dB per octave to a spectrum, around 500 Hz."""
    octaves = np.log2(np.maximum(np.fft.rfftfreq(wav.size, 1 / SAMPLE_RATE), 50) / 500)
    return np.fft.irfft(np.fft.rfft(wav) * _gain(slope * octaves), wav.size)


def _resonate(wav: Array, peaks: Array, bandwidths: Array) -> Array:
    """Pass `wav` [N * HOP] through a cascade of the K resonators of Klatt (1980).

    Args:
        wav: the excitation.
        peaks: resonances in Hz [N, K].
        bandwidths: in Hz [K].
    """
    radius = np.exp(-np.pi * bandwidths / SAMPLE_RATE)
    a1 = -2 * radius * np.cos(2 * np.pi * peaks / SAMPLE_RATE)
    a2 = np.broadcast_to(radius**2, peaks.shape)
    # y[t] + a1[t-1] y[t-1] + a2[t-2] y[t-2] = x[t] is a triangular system of three diagonals.
    for section in np.stack([np.ones_like(a1), a1, a2]).transpose(2, 1, 0):
        bands = np.repeat(section, HOP, axis=0).T  # [3, N * HOP]
        gain = np.repeat(section.sum(axis=1), HOP)
        wav = dtbsv(2, bands, wav * gain, lower=1, diag=1)
    return wav
