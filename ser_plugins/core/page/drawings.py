"""The pictures that the page shows of a recording, as HTML that holds them."""

import base64
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

from .. import pictures
from ..errors import CorpusError
from ..heard import Heard, hear
from ..inference import EmotionClassifier
from ..recordings import Recording
from ..timelines import Timelines

CLOSE = 30  # seconds up to which a recording is drawn closely: longer ones would be a blur


def show(classifier: EmotionClassifier, recording: Recording, window: float, hop: float) -> str:
    """Return the pictures of a recording.

    Args:
        classifier: that heard it.
        recording: of a file, at the classifier's rate.
        window: seconds above which it gets a timeline, and that this hears at a time.
        hop: seconds from window to window.

    Raises:
        CorpusError: when the file is not what it was.
    """
    source, parts = Path(recording.source), []
    with TemporaryDirectory() as folder:
        path = Path(folder) / "picture.png"
        if recording.seconds <= CLOSE:
            heard = hear(classifier.system, recording.wav)
            pictures.draw_clip(recording.wav, classifier.sample_rate, source.name, path, heard)
            parts.append(embed(path, f"{source.name}: {in_words(heard)}", "Close view"))
        if recording.seconds > window:
            for answer in Timelines(classifier, window, hop, {source: path}).hear([source]):
                if answer.error:
                    raise CorpusError(answer.error)
            words = f"{source.name}: waveform and emotions over time"
            parts.append(embed(path, words, "Timeline"))
    return "".join(parts)


def in_words(heard: Heard) -> str:
    """Return what the close view shows."""
    inside = heard.inside
    features = "features, " if inside else ""
    attention = "attention, " if inside and inside.attention is not None else ""
    return f"waveform, spectrogram, {features}{attention}probabilities"


def embed(path: Path, words: str, title: str) -> str:
    """Return a PNG with its description; it can be scrolled where the screen is narrow."""
    data = base64.b64encode(path.read_bytes()).decode()
    return (
        f"<h3>{title}</h3><div class='ser-picture' tabindex='0' role='region' "
        f"aria-label='{title}'><img alt='{escape(words)}' src='data:image/png;base64,{data}'></div>"
    )
