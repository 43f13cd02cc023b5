"""The picture of a cross-validation: a box a cell of its grid, a dot a run."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from .panels import literal, save
from .protocols import mark


def draw_boxes(cells: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Draw the UAR of every run of each cell; a protocol that leaks is marked, in red.

    Args:
        cells: summaries; of those that are incomplete the runs that are there.
        path: where to write the PNG.
    """
    drawn = [cell for cell in cells if cell["runs"]]
    figure = Figure(figsize=(2.4 + 2 * len(drawn), 4.2), layout="constrained")
    axes = figure.add_subplot()
    for at, cell in enumerate(drawn):
        colour = "tab:red" if cell["leaky"] else "tab:blue"
        values = [run["uar"] for run in cell["runs"]]
        axes.boxplot([values], positions=[at], widths=0.5, showfliers=False)
        places = np.linspace(-0.12, 0.12, len(values)) if len(values) > 1 else [0.0]
        axes.scatter(at + np.asarray(places), values, s=14, alpha=0.6, color=colour, zorder=3)
    axes.set_xticks(range(len(drawn)), [_name(cell) for cell in drawn])
    axes.tick_params(axis="x", labelsize="small")
    axes.set_ylabel("test UAR, a dot a fold and seed")
    axes.set_ylim(0, 1)
    axes.grid(axis="y", alpha=0.3)
    axes.set_title(literal(", ".join(dict.fromkeys(cell["dataset"] for cell in cells))))
    save(figure, path)


def _name(cell: Mapping[str, Any]) -> str:
    """Return the lines below a box."""
    lines = [cell["yaml"], mark(cell["protocol"]) + cell["protocol"]]
    if cell["missing"]:
        lines.append(f"INCOMPLETE: {len(cell['runs'])} runs")
    return literal("\n".join(lines))
