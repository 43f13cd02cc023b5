"""The panels that pictures of sound are made of: waveform, spectrogram, features, bars."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from numpy.typing import NDArray

from .audio import Wav
from .errors import OptionError
from .protocols import mark
from .writing import whole

# Okabe and Ito's colours, told apart by the colour-blind and in grey.
BLUE, ORANGE, GREEN, GREY = "#0072B2", "#E69F00", "#009E73", "#B0B0B0"
WINDOW, STEP = 0.025, 0.005  # seconds
TOP, RANGE = -10, 70  # dB: the brightest colour re the loudest, and down to the darkest
DECIBELS = "level (dB re full scale)"
QUIET = -60.0  # dB that count as the loudest of what is quieter: silence is dark
COLUMNS = 1500  # of a waveform; more would not be seen


def literal(text: str) -> str:
    """Return a text in which no dollar sign begins a formula."""
    return text.replace("$", r"\$")


def title(dataset: str, protocol: str, fold: int) -> str:
    """Return what stands above a picture of a fold; one that leaks says so.

    >>> title("mine", "leaky-by_clip", 2)
    'LEAKY mine, leaky-by_clip, fold 2'
    """
    return f"{mark(protocol)}{dataset}, {protocol}, fold {fold}"


def save(figure: Figure, path: Path) -> None:
    """Write a picture whole or not at all.

    Raises:
        OptionError: if it cannot be written.
    """
    try:
        with whole(path) as unfinished:
            figure.savefig(unfinished, dpi=120, format="png")
    except OSError as error:
        raise OptionError(f"{path} cannot be written: {error.strerror or error}") from error


def spectrogram(wav: Wav, sample_rate: int) -> NDArray[np.float64]:
    """Return the power of each 25 ms every 5 ms in dB; a full-scale sine has 0 dB.

    Shape:
        - wav: `[L]`
        - output: `[1 + L // hop, bins]`; a frame's middle lies at its number times 5 ms, bins
          go from 0 Hz to half the sample rate
    """
    size, hop = round(WINDOW * sample_rate), round(STEP * sample_rate)
    padded = np.pad(wav.astype(np.float64), (size // 2, size - size // 2))
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[: len(wav) + 1 : hop]
    window = np.hanning(size + 1)[:-1]
    spectrum = np.fft.rfft(frames * window, 2 ** (2 * size - 1).bit_length())
    return 10 * np.log10(np.square(np.abs(spectrum) / (window.sum() / 2)) + 1e-20)


def draw_waveform(axes: Axes, wav: Wav, sample_rate: int) -> None:
    """Draw the samples or, where they are many, the least and the greatest of each few."""
    few = max(1, len(wav) // COLUMNS)
    if few < 2:
        axes.plot(np.arange(len(wav)) / sample_rate, wav, lw=0.6, color=BLUE)
    else:
        columns = wav[: len(wav) // few * few].reshape(-1, few)
        times = (np.arange(len(columns)) + 0.5) * few / sample_rate
        axes.fill_between(times, columns.min(1), columns.max(1), lw=0.4, color=BLUE)
    most = float(np.abs(wav).max()) or 1.0
    axes.set_ylim(-1.08 * most, 1.08 * most)


def draw_spectrogram(axes: Axes, wav: Wav, sample_rate: int, top: float | None = None) -> AxesImage:
    """Draw a spectrogram.

    Args:
        axes: where.
        wav: `[L]`.
        sample_rate: in Hz.
        top: the dB of the loudest; None for that of the clip.
    """
    power = spectrogram(wav, sample_rate)
    top = TOP + (max(QUIET, float(power.max())) if top is None else top)
    step, width = round(STEP * sample_rate) / sample_rate, sample_rate / 2000
    half = width / (power.shape[1] - 1) / 2
    edges = (-step / 2, (len(power) - 0.5) * step, -half, width + half)
    return axes.imshow(
        power.T, aspect="auto", origin="lower", extent=edges, vmin=top - RANGE, vmax=top,
        cmap="magma",
    )  # fmt: skip


def draw_features(
    axes: Axes, feats: NDArray[np.floating], start: float, step: float, is_normal: bool
) -> AxesImage:
    """Draw features `[N, F]`, frame by frame.

    Args:
        axes: where.
        feats: the features.
        start: where the first frame's cell begins, in seconds.
        step: from frame to frame, in seconds.
        is_normal: whether their unit is a standard deviation about the mean.
    """
    edges = (start, start + len(feats) * step, -0.5, feats.shape[1] - 0.5)
    low, high = (-3, 3) if is_normal else np.percentile(feats, (1, 99))
    colours = "RdBu_r" if is_normal else "viridis"
    return axes.imshow(
        feats.T, aspect="auto", origin="lower", extent=edges, vmin=low, vmax=high, cmap=colours,
        interpolation="nearest",
    )  # fmt: skip


def draw_attention(axes: Axes, weights: NDArray[np.floating], edges: Sequence[float]) -> None:
    """Draw the weight of each step between its edges, in seconds."""
    axes.stairs(weights, edges, fill=True, color=GREY)
    axes.stairs(weights, edges, color="black", lw=0.8)
    axes.set(ylabel="attention\nweight", ylim=(0, 1.1 * float(weights.max())))


def draw_probabilities(
    axes: Axes, values: Sequence[float], labels: Sequence[str], target: str | None
) -> None:
    """Draw a bar a label; the greatest is dark, the target's name is marked."""
    best = int(np.argmax(values))
    bars = axes.bar(
        range(len(labels)), values, color=[BLUE if i == best else GREY for i in range(len(labels))]
    )
    axes.bar_label(bars, [f"{value:.2f}" for value in values], fontsize=8, padding=1)
    words = [literal(word) + ("\n(target)" if word == target else "") for word in labels]
    name_bars(axes, words)
    axes.set(ylabel="probability", ylim=(0, 1.15), yticks=(0, 0.5, 1))


def name_bars(axes: Axes, words: Sequence[str], room: int = 100) -> None:
    """Write names below bars, on a slant where that many letters would not fit side by side."""
    slanted = sum(len(word) + 1 for word in words) > room
    axes.set_xticks(range(len(words)), words)
    if slanted:
        for tick in axes.get_xticklabels():
            tick.set(rotation=45, ha="right", rotation_mode="anchor")
    axes.set_xlim(-0.6, len(words) - 0.4)
