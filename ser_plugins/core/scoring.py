"""Probabilities for every clip of a part, in full precision, and the table of them."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch

from .bundle import Bundle
from .calibration import calibration_error, temper
from .data import ClipDataset, ordered_loader
from .errors import InputError
from .manifest import Row
from .metrics import scores
from .rounding import tf32


class Scored(NamedTuple):
    """What a classifier says of one clip.

    Args:
        id: of the clip.
        speaker: of the clip.
        target: its label.
        prediction: the label with the highest probability.
        probabilities: one a label, in the order of the labels; calibrated.
    """

    id: str
    speaker: str
    target: str
    prediction: str
    probabilities: tuple[float, ...]


def predict(
    bundle: Bundle, dataset: ClipDataset, batch_size: int, device: str
) -> dict[str, tuple[float, ...]]:
    """Return probabilities by id, at the bundle's temperature; the bundle is on the CPU afterwards.

    Raises:
        InputError: if the model has diverged.
    """
    classifier = bundle.classifier.eval().to(device)
    found: dict[str, tuple[float, ...]] = {}
    with torch.inference_mode(), tf32(False):
        for batch in ordered_loader(dataset, batch_size):
            wavs, lengths = batch.to(device).sig
            rows = (classifier(wavs, lengths) / bundle.config["temperature"]).softmax(1)
            if not rows.isfinite().all():
                raise InputError("the model gives NaN for some clips; train with a smaller --lr")
            found.update(zip(batch.id, map(tuple, rows.tolist()), strict=True))
    classifier.to("cpu")
    return found


def join(
    rows: Iterable[Row], found: dict[str, tuple[float, ...]], labels: Sequence[str]
) -> list[Scored]:
    """Return a prediction for each row, in the order of the rows."""
    predictions = []
    for row in rows:
        probabilities = found[row["id"]]
        best = labels[probabilities.index(max(probabilities))]
        predictions.append(Scored(row["id"], row["speaker"], row["label"], best, probabilities))
    return predictions


def score(predictions: Sequence[Scored], labels: Sequence[str]) -> dict[str, Any]:
    """Return the scores of predictions; a prediction outside the labels is an error."""
    ids = {label: i for i, label in enumerate(labels)}
    return scores(
        [ids[p.target] for p in predictions],
        [ids.get(p.prediction, -1) for p in predictions],
        labels,
    )


def calibration(
    predictions: Sequence[Scored], labels: Sequence[str], temperature: float
) -> dict[str, float]:
    """Return the expected calibration error before the temperature, and with it."""
    ids = [labels.index(p.target) for p in predictions]
    rows = [p.probabilities for p in predictions]
    before = temper(rows, 1 / temperature)
    return {"before": calibration_error(before, ids), "after": calibration_error(rows, ids)}


def score_by(
    predictions: Sequence[Scored], rows: Iterable[Row], column: str, labels: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Return the scores for each value of a column of the rows; none where it has but one."""
    value_of = {row["id"]: row.get(column, "") for row in rows}
    values = sorted({value_of[p.id] for p in predictions} - {""})
    if len(values) < 2:
        return {}
    return {
        value: score([p for p in predictions if value_of[p.id] == value], labels)
        for value in values
    }


def write(predictions: Iterable[Scored], labels: Sequence[str], path: Path) -> None:
    """Write `id, speaker, target, prediction` and a probability per label as CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["id", "speaker", "target", "prediction", *labels])
        for p in predictions:
            table.writerow([*p[:4], *(f"{value:.7f}" for value in p.probabilities)])
