"""What the page says of a recording: the decision, a bar for each emotion, and its notes."""

from html import escape

from ..prediction import UNSURE, Prediction
from ..recordings import TOO_QUIET, WAS_CLIPPED
from ..words import duration, percent_in_words

NOTES = {
    TOO_QUIET: (
        "The recording is too quiet (below -60 dB of full scale) for the answer to mean much. "
        "Speak nearer to the microphone, or raise its level."
    ),
    WAS_CLIPPED: (
        "The recording is clipped: more than 1 % of its samples lie flat at the extremes. The "
        "answer may be wrong; lower the level of the microphone."
    ),
}
EMPTY = (
    "<div class='ser-empty'><b>Nothing to hear yet</b>"
    "Record a sentence or choose a sound file: it is analysed at once.</div>"
)
LISTENING = "<div class='ser-empty'><b>Listening …</b></div>"


def answer(prediction: Prediction, name: str) -> str:
    """Return what was heard in a recording, as HTML.

    Args:
        prediction: without an error.
        name: of the recording.
    """
    best = max(prediction.scores, key=prediction.scores.__getitem__)
    bars = "".join(_bar(label, score, label == best) for label, score in prediction.scores.items())
    note = f"<p class='ser-note'>{NOTES[prediction.note]}</p>" if prediction.note else ""
    return (
        f"<div class='ser-decision'><b>{escape(prediction.label)}</b>"
        f"<span>{_how_sure(prediction, best)}</span></div>{note}"
        f"<ul class='ser-bars' aria-label='Probability of each emotion'>{bars}</ul>"
        f"<p class='ser-small'>{escape(name)}, {duration(prediction.seconds)}</p>"
    )


def _how_sure(prediction: Prediction, best: str) -> str:
    score = percent_in_words(prediction.score)
    if prediction.label == UNSURE != best:
        return f"{escape(best)} is the most probable, with {score}"
    return f"probability {score}"


def _bar(label: str, score: float, is_best: bool) -> str:
    return (
        f"<li data-label='{escape(label)}' data-score='{score:.6f}'"
        f"{' class=ser-best' if is_best else ''}><span>{escape(label)}</span>"
        f"<i aria-hidden='true'><i style='width:{100 * score:.2f}%'></i></i>"
        f"<span>{percent_in_words(score)}</span></li>"
    )


def refusal(reason: str) -> str:
    """Return why a recording cannot be heard, as HTML."""
    return (
        f"<div class='ser-refusal'><b>This cannot be heard</b>{escape(reason)}"
        "<span>Choose or record another.</span></div>"
    )
