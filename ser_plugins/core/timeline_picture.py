"""The picture of a long recording: decision and probabilities over time, and its waveform."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MultipleLocator
from numpy.typing import NDArray

from .answers.table import clock
from .audio import Wav
from .courses import Course
from .panels import BLUE, GREY, literal, save
from .prediction import UNSURE
from .recordings import TOO_QUIET, WAS_CLIPPED

COLUMNS = 300  # of probabilities; more could not be told apart
# Okabe and Ito's, told apart by the colour-blind; from the ninth label on, Tableau's.
PALETTE = "#0072B2 #E69F00 #009E73 #CC79A7 #56B4E9 #D55E00 #F0E442 #444444".split()
MOST_LABELS = 20  # that have a colour; the least likely of more share one
OTHERS = "others"
LONG = 120  # seconds from which time is shown as a clock does
LETTER = 0.009  # of the width, that a letter takes
STEPS = (10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400)  # seconds
TICKS = 12
NOTES = {TOO_QUIET: "#888888", WAS_CLIPPED: "#D55E00"}


def draw_timeline(course: Course, title: str, path: Path) -> None:
    """Write a picture of a recording of any length, ten seconds or hours."""
    few = -(-len(course.middles) // COLUMNS)
    edges = _edges(course.middles, few, course.seconds)
    scores = np.stack([np.mean(course.scores[i : i + few], 0) for i in _starts(course, few)])
    names, values = _strongest(course.labels, scores)
    colours = dict(zip(names, _palette(len(names)), strict=True)) | {UNSURE: "#FFFFFF"}
    figure = Figure(figsize=(11, 5), layout="constrained")
    panels = figure.subplots(3, 1, height_ratios=[0.5, 3, 1.4], sharex=True)
    decided = [
        Counter(course.decisions[i : i + few]).most_common(1)[0][0] for i in _starts(course, few)
    ]
    _draw_decisions(panels[0], edges, decided, colours)
    _draw_scores(panels[1], edges, values, [colours[name] for name in names])
    _draw_envelope(panels[2], course)
    _mark_time(panels[2], course.seconds)
    shown = f"; a column is the mean of {few} windows" if few > 1 else ""
    panels[0].set_title(f"{literal(title)}{shown}", fontsize="medium")
    key = [Patch(fc=colours[name], ec="black", lw=0.3, label=literal(name)) for name in names]
    if UNSURE in decided:
        key.append(Patch(fc=colours[UNSURE], ec="black", lw=0.3, label=UNSURE))
    figure.legend(handles=key[::-1], loc="outside right center", frameon=False)
    save(figure, path)


def _starts(course: Course, few: int) -> range:
    return range(0, len(course.middles), few)


def _edges(middles: Sequence[float], few: int, seconds: float) -> NDArray[np.float64]:
    """Return where columns begin and end: half-way between the middles of their windows."""
    between = [(middles[i - 1] + middles[i]) / 2 for i in range(few, len(middles), few)]
    return np.array([0.0, *between, seconds])


def _strongest(labels: Sequence[str], scores: Wav) -> tuple[list[str], Wav]:
    """Return names and scores `[n, C]` of as many labels as have colours, the rest as one."""
    if len(labels) <= MOST_LABELS:
        return list(labels), scores
    best = np.sort(np.argsort(-scores.mean(0), kind="stable")[: MOST_LABELS - 1])
    shown = scores[:, best]
    rest = 1 - shown.sum(1, keepdims=True)
    return [*(labels[i] for i in best), OTHERS], np.hstack([shown, rest])


def _palette(n: int) -> list[Any]:
    return list(PALETTE[:n] if n <= len(PALETTE) else colormaps["tab20"](range(n)))


def _draw_decisions(
    axes: Axes, edges: NDArray[np.float64], decided: Sequence[str], colours: Mapping[str, Any]
) -> None:
    """Draw a strip of the decision over time, named where a stretch is wide enough."""
    turns = [i for i in range(1, len(decided)) if decided[i] != decided[i - 1]]
    for first, last in zip([0, *turns], [*turns, len(decided)], strict=True):
        word, left, right = decided[first], edges[first], edges[last]
        colour = colours.get(word, GREY)
        axes.axvspan(left, right, fc=colour, ec="none")
        if (right - left) / edges[-1] > LETTER * (len(word) + 1):
            dark = np.dot(to_rgb(colour), (0.3, 0.6, 0.1)) < 0.5
            axes.text(
                (left + right) / 2, 0.5, literal(word), color="white" if dark else "black",
                ha="center", va="center", fontsize=8, clip_on=True,
            )  # fmt: skip
    axes.set(ylim=(0, 1), yticks=(), ylabel="decision")
    axes.yaxis.label.set(rotation=0, ha="right", va="center")


def _draw_scores(
    axes: Axes, edges: NDArray[np.float64], scores: Wav, colours: Sequence[Any]
) -> None:
    """Draw the probabilities `[n, C]` as areas one upon another."""
    tops = np.cumsum(scores, 1)
    for i, colour in enumerate(colours):
        below = tops[:, i - 1] if i else np.zeros(len(tops))
        axes.stairs(tops[:, i], edges, baseline=below, fill=True, color=colour)
    axes.set(ylabel="probability", ylim=(0, 1))


def _draw_envelope(axes: Axes, course: Course) -> None:
    times, low, high = course.envelope.columns()
    axes.fill_between(times, low, high, lw=0.4, color=BLUE)
    most = float(max(-low.min(initial=0), high.max(initial=0))) or 1.0
    edges = _edges(course.middles, 1, course.seconds)
    for note, colour in NOTES.items():
        shade = None
        for i in np.flatnonzero(np.array(course.notes) == note):
            shade = axes.axvspan(edges[i], edges[i + 1], color=colour, alpha=0.3, lw=0)
        if shade:
            shade.set_label(note)
            axes.legend(loc="upper right", fontsize=8)
    axes.set(ylim=(-1.08 * most, 1.08 * most), ylabel="amplitude\n(full scale 1)")


def _mark_time(axes: Axes, seconds: float) -> None:
    """Mark the time in seconds or, of long recordings, as a clock does."""
    axes.set_xlim(0, seconds)
    if seconds < LONG:
        axes.set_xlabel("time (s)")
        return
    step = next((step for step in STEPS if seconds / step <= TICKS), STEPS[-1])
    axes.xaxis.set_major_locator(MultipleLocator(step))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda time, _: clock(time)[:-2]))
    axes.set_xlabel("time (h:min:s)" if seconds >= 3600 else "time (min:s)")
