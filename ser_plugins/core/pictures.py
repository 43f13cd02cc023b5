"""The pictures of a run: confusion matrix, curves, and one clip as the model sees it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from .audio import Wav
from .bundle import Bundle


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
    words = [_literal(label) for label in labels]
    axes.set_xticks(range(len(labels)), words, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(labels)), words)
    axes.set_xlabel("predicted")
    axes.set_ylabel("target")
    for i, j in zip(*counts.nonzero(), strict=True):
        colour, count = "white" if percent[i, j] > 55 else "black", counts[i, j]
        text = f"{percent[i, j]:.0f} %\n{count}"
        axes.text(j, i, text, ha="center", va="center", color=colour, fontsize=8)
    figures = f"UAR {scores['uar']:.3f}, WA {scores['wa']:.3f}, {scores['n']} clips"
    axes.set_title(f"{_literal(title)}\n{figures}")
    figure.savefig(path, dpi=120)


def _literal(text: str) -> str:
    """Return a text in which no dollar sign begins a formula."""
    return text.replace("$", r"\$")


def draw_curves(rows: Sequence[Mapping[str, float]], best: int, title: str, path: Path) -> None:
    """Draw loss and recall over the epochs, and the epoch that validation chose."""
    epochs = [row["epoch"] for row in rows]
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    loss, recall = figure.subplots(1, 2)
    marker = "o" if len(rows) == 1 else ""
    for axes, columns in ((loss, ("train_loss", "valid_loss")), (recall, ("uar", "wa"))):
        for column in columns:
            line = "--" if column == "wa" else "-"  # on a balanced corpus it lies on the UAR
            values = [row[column] for row in rows]
            axes.plot(epochs, values, ls=line, marker=marker, label=NAMES[column])
        axes.axvline(best, color="grey", ls=":", label=f"chosen epoch {best}")
        axes.set_xlabel("epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(alpha=0.3)
        axes.legend()
    loss.set_ylabel("cross-entropy")
    figure.suptitle(title, fontsize="medium")
    recall.set_ylim(0, 1)
    figure.savefig(path, dpi=120)


NAMES = {
    "train_loss": "train",
    "valid_loss": "validation",
    "uar": "validation UAR",
    "wa": "validation WA",
}


def draw_example(bundle: Bundle, wav: Wav, title: str, path: Path) -> None:
    """Draw a clip: its waveform, its normalised features, and where the model attends.

    Args:
        bundle: the trained system.
        wav: `[L]` at the bundle's sample rate, before the front end.
        title: what the clip is.
        path: where to write the PNG.
    """
    wav = bundle.front_end(wav)
    wavs, lengths = torch.from_numpy(wav)[None], torch.ones(1)
    with torch.inference_mode():
        feats = bundle.classifier.frames(wavs, lengths)[0][0].numpy()  # [N, F]
        attention = bundle.classifier.attention(wavs, lengths)
    rate = bundle.front_end.sample_rate
    seconds, step = len(wav) / rate, bundle.classifier.features.hop / rate
    figure = Figure(figsize=(9, 5.5), layout="constrained")
    rows = 3 if attention is not None else 2
    axes = figure.subplots(rows, 1, sharex=True, height_ratios=(1, 2.2, 0.8)[:rows])
    axes[0].plot(np.arange(len(wav)) / rate, wav, lw=0.5)
    axes[0].set(ylabel="waveform", title=_literal(title), xlim=(0, seconds))
    _draw_features(figure, axes[1], feats, step or seconds)
    if attention is not None:
        stride = getattr(bundle.classifier.model, "stride", 1)
        _draw_attention(axes[2], attention[0].numpy(), stride * (step or seconds), seconds)
    axes[-1].set_xlabel("seconds")
    figure.savefig(path, dpi=120)


def _draw_features(figure: Figure, axes: Axes, feats: np.ndarray, step: float) -> None:
    edges = (-step / 2, (len(feats) - 0.5) * step, -0.5, feats.shape[1] - 0.5)
    image = axes.imshow(
        feats.T, aspect="auto", origin="lower", extent=edges, vmin=-3, vmax=3, cmap="RdBu_r"
    )
    figure.colorbar(image, ax=axes, label="standard deviations", pad=0.01)
    axes.set_ylabel("feature")


def _draw_attention(axes: Axes, weights: np.ndarray, step: float, seconds: float) -> None:
    edges = np.minimum(np.arange(len(weights) + 1) * step, seconds)
    axes.stairs(weights, edges, fill=True, color="grey")
    axes.set(ylabel="attention", ylim=(0, None))
