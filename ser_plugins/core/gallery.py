"""The pictures of a corpus: how many clips of what, how long they are, one of each emotion."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .audio import Wav
from .manifest import Row
from .panels import (
    BLUE,
    DECIBELS,
    GREEN,
    GREY,
    ORANGE,
    QUIET,
    draw_spectrogram,
    draw_waveform,
    literal,
    name_bars,
    save,
    spectrogram,
)
from .tally import NO_LABEL, UNKNOWN, Tally, by_sex, tally

MOST_SPEAKERS = 32  # that have a bar each
MOST_COLUMNS = 4  # of examples
COLOURS = {
    **{"female": ORANGE, "male": BLUE, UNKNOWN: GREY},
    **{"train": BLUE, "valid": ORANGE, "test": GREEN},
}
IN_WORDS = {"valid": "validation", UNKNOWN: "sex unknown"}


def draw_classes(
    rows: Sequence[Row],
    labels: Sequence[str],
    title: str,
    path: Path,
    parts: Mapping[str, Sequence[Row]] | None = None,
) -> None:
    """Draw how many clips there are: by emotion and sex, by part, and by speaker.

    Args:
        rows: every clip that counts.
        labels: in their order.
        title: corpus and protocol.
        path: where to write the PNG.
        parts: `train`, `valid` and `test` of a fold, or None.
    """
    sexes = by_sex(rows)
    panels = [("emotion", True, tally(sexes, "label", labels))]
    if parts:
        panels.append(("emotion", False, tally(parts, "label", labels)))
    speakers = tally(parts or sexes, "speaker")
    if 1 < len(speakers.names) <= MOST_SPEAKERS:
        panels.append(("speaker", True, speakers))
    figure = Figure(figsize=(9, 0.4 + 2.9 * len(panels)), layout="constrained")
    figure.suptitle(f"{literal(title)}: {len(rows)} clips")
    every = figure.subplots(len(panels), 1, squeeze=False)[:, 0]
    for axes, (what, stacked, counted) in zip(every, panels, strict=True):
        top = (_draw_stacked if stacked else _draw_beside)(axes, counted)
        name_bars(axes, [literal(name) for name in counted.names])
        axes.set(xlabel=what, ylabel="clips")
        axes.set_ylim(0, 1.13 * max(top, 1))
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False)
    save(figure, path)


def _draw_stacked(axes: Axes, counted: Tally) -> int:
    """Draw a bar a name: its groups on top of each other with their counts, the sum above.

    Returns:
        The tallest.
    """
    totals, below = counted.counts.sum(1), np.zeros(len(counted.names))
    places = np.arange(len(counted.names))
    for group, counts in zip(counted.groups, counted.counts.T, strict=True):
        bars = axes.bar(places, counts, bottom=below, **_dress(group))
        shown = (counts < totals) & (counts > 0.07 * totals.max())
        texts = [str(n) if fits else "" for n, fits in zip(counts, shown, strict=True)]
        ink = "white" if COLOURS[group] in (BLUE, GREEN) else "black"
        axes.bar_label(bars, texts, label_type="center", fontsize=8, color=ink)
        below += counts
    for place, total in zip(places, totals, strict=True):
        axes.annotate(
            str(total), (place, total), (0, 2), textcoords="offset points", ha="center", fontsize=8
        )
    return int(totals.max())


def _draw_beside(axes: Axes, counted: Tally) -> int:
    """Draw the groups of a name side by side with their counts; return the tallest."""
    width = 0.84 / len(counted.groups)
    for i, (group, counts) in enumerate(zip(counted.groups, counted.counts.T, strict=True)):
        places = np.arange(len(counts)) + (i - (len(counted.groups) - 1) / 2) * width
        bars = axes.bar(places, counts, width, **_dress(group))
        axes.bar_label(bars, fontsize=8, padding=1)
    return int(counted.counts.max())


def _dress(group: str) -> dict[str, Any]:
    return {"color": COLOURS[group], "label": IN_WORDS.get(group, group), "edgecolor": "white"}


def draw_durations(rows: Sequence[Row], labels: Sequence[str], title: str, path: Path) -> None:
    """Draw how long the clips are: a histogram of all, and a box of each emotion."""
    seconds = np.array([row["seconds"] for row in rows])
    figure = Figure(figsize=(9, 3.8), layout="constrained")
    hours = f"{seconds.sum() / 3600:.1f} h" if seconds.sum() > 3600 else f"{seconds.sum():.0f} s"
    figure.suptitle(f"{literal(title)}: {len(rows)} clips, {hours}")
    every, each = figure.subplots(1, 2)
    every.hist(seconds, bins=min(40, 5 + len(seconds) // 10), color=BLUE, edgecolor="white")
    middle = float(np.median(seconds))
    every.axvline(middle, color="black", ls="--", label=f"median {middle:.2f} s")
    every.set(xlabel="duration (s)", ylabel="clips")
    every.legend()
    groups = {
        label: [row["seconds"] for row in rows if row["label"] == label] for label in (*labels, "")
    }
    known = {label: values for label, values in groups.items() if values}
    each.boxplot(
        list(known.values()), orientation="horizontal", whis=(5, 95), widths=0.6,
        patch_artist=True, boxprops={"facecolor": "#B3D4E8"}, flierprops={"markersize": 2},
        medianprops={"color": "black", "lw": 1.5},
    )  # fmt: skip
    each.set_yticks(range(1, len(known) + 1), [literal(label or NO_LABEL) for label in known])
    each.invert_yaxis()
    each.set(xlabel="duration (s); box: quartiles, whiskers: 5 to 95 %")
    each.grid(axis="x", alpha=0.3)
    save(figure, path)


def draw_examples(
    chosen: Sequence[Row], wavs: Sequence[Wav], rate: int, title: str, path: Path
) -> None:
    """Draw waveform and spectrogram of each clip, all on one scale of time, level and dB.

    Args:
        chosen: the rows.
        wavs: their samples, `[L]`.
        rate: in Hz.
        title: corpus and protocol.
        path: where to write the PNG.
    """
    down = -(-len(chosen) // MOST_COLUMNS)
    across = -(-len(chosen) // down)
    figure = Figure(figsize=(1.2 + 2.9 * across, 0.6 + 3.3 * down), layout="constrained")
    figure.suptitle(f"{literal(title)}: of each emotion the clip nearest to its median duration")
    grid = figure.subplots(
        2 * down, across, squeeze=False, sharex=True, sharey="row", height_ratios=(1, 2) * down
    )
    image = _draw_pairs(_pairs(grid), chosen, wavs, rate)
    _name_axes(grid, len(chosen))
    grid[0, 0].set_xlim(0, max(len(wav) for wav in wavs) / rate)
    figure.colorbar(image, ax=list(grid[:, -1]), label=DECIBELS, aspect=40, extend="both")
    save(figure, path)


def _pairs(grid: NDArray[Any]) -> list[tuple[Axes, Axes]]:
    """Return the panels of each clip, row by row: its waveform above its spectrogram."""
    return [pair for i in range(0, len(grid), 2) for pair in zip(grid[i], grid[i + 1], strict=True)]


def _draw_pairs(
    pairs: Sequence[tuple[Axes, Axes]], chosen: Sequence[Row], wavs: Sequence[Wav], rate: int
) -> Any:
    """Draw each clip into its panels; return one of the spectrograms, for the scale of all."""
    top = max(QUIET, *(float(spectrogram(wav, rate).max()) for wav in wavs))
    most = max(float(np.abs(wav).max()) for wav in wavs) or 1.0
    for (above, below), row, wav in zip(pairs, chosen, wavs, strict=False):  # some stay empty
        draw_waveform(above, wav, rate)
        above.set_ylim(-1.05 * most, 1.05 * most)
        above.set_title(f"{literal(row['label'])}\n{literal(row['id'])}", fontsize=9)
        image = draw_spectrogram(below, wav, rate, top)
        below.set_facecolor("white")
    return image


def _name_axes(grid: NDArray[Any], n: int) -> None:
    """Name time under the lowest panels, the others on the left; blank those of no clip."""
    across = grid.shape[1]
    for i, (above, below) in enumerate(_pairs(grid)):
        if i >= n:
            above.set_axis_off()
            below.set_axis_off()
            continue
        is_lowest = i + across >= n
        below.tick_params(labelbottom=is_lowest)
        if is_lowest:
            below.set_xlabel("time (s)")
        if i % across == 0:
            above.set_ylabel("amplitude\n(full scale 1)")
            below.set_ylabel("frequency (kHz)")
