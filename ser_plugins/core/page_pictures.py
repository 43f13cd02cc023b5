"""The pictures that the page shows of a recording, as HTML that holds them."""

import base64
from collections.abc import Sequence
from html import escape
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import numpy as np
from matplotlib.figure import Figure

from . import pictures
from .audio import Wav
from .inference import Prediction
from .panels import ORANGE, draw_waveform, literal, save
from .systems import System

CLOSE = 30  # seconds up to which a recording is drawn closely: longer ones would be a blur


def show(system: System, wav: Wav, windows: Sequence[Prediction], name: str) -> str:
    """Return the pictures of a recording.

    Args:
        system: that heard it.
        wav: `[L]` at the system's rate.
        windows: what was said of each window of a long recording; empty for a short one.
        name: of the recording.
    """
    rate, parts = system.sample_rate, []
    with TemporaryDirectory() as folder:
        path = Path(folder) / "picture.png"
        if len(wav) <= CLOSE * rate:
            # A graph that was exported does not tell what it hears inside.
            bundle = cast(Any, system) if hasattr(system, "classifier") else None
            heard = pictures.hear(bundle, wav) if bundle else None
            pictures.draw_clip(wav, rate, name, path, heard)
            parts.append(embed(path, f"{name}: {inside(heard)}", "Close view"))
        if windows:
            draw_timeline(wav, rate, windows, name, path)
            parts.append(embed(path, f"{name}: waveform and emotions over time", "Timeline"))
    return "".join(parts)


def inside(heard: pictures.Heard | None) -> str:
    """Return what the close view shows, in words."""
    if heard is None:
        return "waveform and spectrogram"
    attention = "attention, " if heard.attention is not None else ""
    return f"waveform, spectrogram, features, {attention}probabilities"


def embed(path: Path, words: str, title: str) -> str:
    """Return a PNG with its description; it can be scrolled where the screen is narrow."""
    data = base64.b64encode(path.read_bytes()).decode()
    return (
        f"<h3>{title}</h3><div class='ser-picture' tabindex='0' role='region' "
        f"aria-label='{title}'><img alt='{escape(words)}' src='data:image/png;base64,{data}'></div>"
    )


def draw_timeline(
    wav: Wav, rate: int, windows: Sequence[Prediction], title: str, path: Path
) -> None:
    """Draw a recording and, below, how probable each emotion is from window to window.

    Each moment shows the window whose middle is nearest to it; a dot marks the decision.

    Args:
        wav: `[L]`.
        rate: of the samples, in Hz.
        windows: in their order, at least one.
        title: what the recording is.
        path: where to write the PNG.
    """
    labels, seconds = list(windows[0].scores), len(wav) / rate
    middles = [(one.start + one.stop) / 2 for one in windows]
    edges = [0, *((left + right) / 2 for left, right in pairwise(middles)), seconds]
    values = np.array([list(one.scores.values()) for one in windows]).T
    figure = Figure(figsize=(9, 2.2 + 0.27 * len(labels)), layout="constrained")
    wave, emotions = figure.subplots(2, 1, sharex=True, height_ratios=(1.2, 0.27 * len(labels)))
    wave.set(title=literal(title), ylabel="amplitude\n(full scale 1)", xlim=(0, seconds))
    draw_waveform(wave, wav, rate)
    image = emotions.pcolormesh(
        edges, np.arange(len(labels) + 1), values, cmap="Blues", vmin=0, vmax=1
    )
    size = min(6, 400 / len(windows))
    emotions.plot(middles, values.argmax(0) + 0.5, ".", color=ORANGE, ms=max(2, size))
    emotions.set_yticks(np.arange(len(labels)) + 0.5, [literal(label) for label in labels])
    emotions.invert_yaxis()
    emotions.set_xlabel("time (s); a dot marks the most probable")
    figure.colorbar(image, ax=emotions, label="probability", pad=0.01)
    save(figure, path)
