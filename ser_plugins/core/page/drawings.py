"""The pictures that the page shows of a recording, as HTML that holds them."""

import base64
from collections.abc import Sequence
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from .. import pictures
from ..audio import Wav
from ..inference import Prediction
from ..recordings import Recording
from ..systems import System
from ..timeline_picture import Course, Envelope, draw_timeline

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
            draw_course(wav, system, windows, name, path)
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


def draw_course(
    wav: Wav, system: System, windows: Sequence[Prediction], name: str, path: Path
) -> None:
    """Draw what was said of the windows of a recording `[L]` at the system's rate."""
    course = Course(system.labels, Envelope(system.sample_rate))
    course.envelope.add(Recording(name, wav, 0.0, len(wav) / system.sample_rate))
    for window in windows:
        course.add(window)
    draw_timeline(course, name, path)
