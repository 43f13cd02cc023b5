"""The pictures of a run: confusion matrix, curves, and one clip as the model hears it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from .audio import Wav
from .heard import Heard, Inside, hear
from .history import Course
from .panels import (
    BLUE,
    DECIBELS,
    ORANGE,
    draw_attention,
    draw_features,
    draw_probabilities,
    draw_spectrogram,
    draw_waveform,
    literal,
    save,
)
from .systems import System


def draw_confusion(
    scores: Mapping[str, Any], labels: Sequence[str], title: str, path: Path
) -> None:
    """Draw counts and row percentages; rows are what was meant, columns what was heard."""
    counts = np.array(scores["confusion"])
    percent = 100 * counts / counts.sum(1, keepdims=True).clip(1)
    side = 2.4 + 0.72 * len(labels)
    figure = Figure(figsize=(side, side), layout="constrained")
    axes = figure.add_subplot()
    axes.imshow(percent, cmap="Blues", vmin=0, vmax=100)
    words = [literal(label) for label in labels]
    axes.set_xticks(range(len(labels)), words, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(labels)), words)
    axes.set_xlabel("predicted")
    axes.set_ylabel("target")
    for i, j in zip(*counts.nonzero(), strict=True):
        colour, count = "white" if percent[i, j] > 55 else "black", counts[i, j]
        text = f"{percent[i, j]:.0f} %\n{count}"
        axes.text(j, i, text, ha="center", va="center", color=colour, fontsize=8)
    figures = f"UAR {scores['uar']:.3f}, WA {scores['wa']:.3f}, {scores['n']} clips"
    axes.set_title(f"{literal(title)}\n{figures}")
    save(figure, path)


def draw_curves(course: Course, title: str, path: Path) -> None:
    """Draw loss and recall over the epochs, and the epoch that validation chose."""
    rows, step = course.history.rows, course.history.step
    epochs = [row["epoch"] for row in rows]
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    loss, recall = figure.subplots(1, 2)
    marker = "o" if len(rows) == 1 else ""
    for axes, columns in ((loss, ("train_loss", "valid_loss")), (recall, ("uar", "wa"))):
        for column, colour in zip(columns, (BLUE, ORANGE), strict=True):
            line = "--" if column == "wa" else "-"  # on a balanced corpus it lies on the UAR
            values = [row[column] for row in rows]
            axes.plot(epochs, values, ls=line, c=colour, marker=marker, label=NAMES[column])
        chosen = f"chosen {step} {course.best_epoch}"
        axes.axvline(course.best_epoch, color="grey", ls=":", label=chosen)
        axes.set_xlabel(step)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(alpha=0.3)
        axes.legend()
    loss.set_ylabel("cross-entropy (nats)")
    recall.set_ylabel("recall (0 to 1)")
    figure.suptitle(literal(title), fontsize="medium")
    recall.set_ylim(0, 1)
    save(figure, path)


NAMES = {
    "train_loss": "train",
    "valid_loss": "validation",
    "uar": "validation UAR",
    "wa": "validation WA",
}


def draw_example(system: System, wav: Wav, title: str, path: Path, target: str = "") -> None:
    """Draw a clip and what a trained system makes of it.

    Args:
        system: a trained one.
        wav: `[L]` at its sample rate, before the front end.
        title: what the clip is.
        path: where to write the PNG.
        target: the emotion that it was meant to be, if that is known.
    """
    draw_clip(wav, system.sample_rate, title, path, hear(system, wav), target)


def draw_clip(
    wav: Wav, rate: int, title: str, path: Path, heard: Heard | None = None, target: str = ""
) -> None:
    """Draw a clip: waveform, spectrogram and, if a model has heard it, what that made of it."""
    heights, seconds = [1, 1.7], len(wav) / rate
    if heard and heard.inside:
        heights += [1.7, *([0.7] if heard.inside.attention is not None else [])]
    if heard:
        heights.append(0.9)
    figure = Figure(figsize=(9, 0.6 + 1.25 * sum(heights)), layout="constrained")
    panels = list(figure.subplots(len(heights), 1, height_ratios=heights))
    timed = panels[:-1] if heard else panels
    for axes in timed[1:]:
        axes.sharex(timed[0])
    for axes in timed[:-1]:
        axes.tick_params(labelbottom=False)
    panels[0].set(title=literal(title), ylabel="amplitude\n(full scale 1)")
    draw_waveform(panels[0], wav, rate)
    image = draw_spectrogram(panels[1], wav, rate)
    figure.colorbar(image, ax=panels[1], label=DECIBELS, pad=0.01, extend="both")
    panels[1].set_ylabel("frequency (kHz)")
    if heard:
        _draw_heard(figure, panels, rate, seconds, heard, target)
    timed[0].set_xlim(0, seconds)
    timed[-1].set_xlabel("time (s)")
    save(figure, path)


def _draw_heard(
    figure: Figure, panels: Sequence[Axes], rate: int, whole: float, heard: Heard, target: str
) -> None:
    start, stop = heard.start / rate, heard.stop / rate
    if heard.inside:
        _draw_inside(figure, panels[2:], start, stop, heard.inside)
    cut = [(left, right) for left, right in ((0, start), (stop, whole)) if left < right]
    for axes in panels[:2]:
        for left, right in cut:
            shade = axes.axvspan(left, right, color="grey", alpha=0.45, lw=0)
    if cut:
        panels[0].legend([shade], ["cut off by the front end"], loc="upper right", fontsize=8)
    labels, values = list(heard.probabilities), list(heard.probabilities.values())
    draw_probabilities(panels[-1], values, labels, target)


def _draw_inside(
    figure: Figure, panels: Sequence[Axes], start: float, stop: float, inside: Inside
) -> None:
    step = inside.step or stop - start
    first = start - inside.step / 2  # a frame's middle lies at its time
    image = draw_features(panels[0], inside.feats, first, step, inside.unit != "value")
    figure.colorbar(image, ax=panels[0], label=inside.unit, pad=0.01, extend="both")
    panels[0].set_ylabel("feature")
    if inside.attention is not None:
        edges = start + np.arange(len(inside.attention) + 1) * inside.stride * step
        draw_attention(panels[1], inside.attention, np.minimum(edges, stop).tolist())
