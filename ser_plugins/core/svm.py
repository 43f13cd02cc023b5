"""Fits a linear support vector machine in place of a linear layer: the classical baseline.

Cortes C, Vapnik V (1995), Machine Learning 20, 273-297; scikit-learn's one-against-all form. The
planes go into the layer, so that the system is scored, bundled and audited as any other.
"""

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from . import ranks
from .data import ordered_loader
from .errors import OptionError
from .frames import normalized
from .history import Course, History
from .listening import Heard
from .metrics import scores
from .run import RunFolder
from .setup import Setup

COSTS = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1)


def fit(setup: Setup, heard: Heard, run: RunFolder) -> Course:
    """Fit one machine for each cost; keep the one that validation chose, the first of equals."""
    from sklearn.preprocessing import StandardScaler  # here: it takes a second to load

    head: nn.Linear = setup.bundle.classifier.model.head
    parts = {part: statistics(setup, clips) for part, clips in heard.items()}
    scaler = StandardScaler().fit(parts["train"][0])
    history = History(run.path / "history.csv", step="candidate", rate="C")
    fitted = [candidate(setup, scaler, parts["train"], cost) for cost in COSTS]
    for number, (cost, (weights, seconds)) in enumerate(zip(COSTS, fitted, strict=True), 1):
        found = {part: measure(setup, weights, *parts[part]) for part in ("train", "valid")}
        history.add(
            epoch=number,
            train_loss=found["train"]["loss"],
            valid_loss=found["valid"]["loss"],
            uar=found["valid"]["uar"],
            wa=found["valid"]["wa"],
            lr=cost,
            seconds=seconds,
        )
    best = int(np.argmax([row["uar"] for row in history.rows]))
    with torch.no_grad():
        for parameter, value in zip((head.weight, head.bias), fitted[best][0], strict=True):
            parameter.copy_(torch.from_numpy(value))
    return Course(history, best + 1)


def check(setup: Setup) -> None:
    """Refuse what cannot be fitted, or would be recorded and not done.

    Raises:
        OptionError: for a model that is not one linear layer on statistics, augmentation, and
            several processes.
    """
    model, hparams = setup.bundle.classifier.model, setup.hparams
    if ranks.size() > 1:
        raise OptionError(f"--fit svm is fitted by one process, not {ranks.size()}: no torchrun")
    if not hasattr(model, "statistics") or not isinstance(getattr(model, "head", None), nn.Linear):
        raise OptionError(
            "--fit svm needs a model that is one linear layer `head` on `statistics`, not "
            f"{hparams['model']}"
        )
    if hparams["augment"] or hparams["copies"] or hparams["mixup"]:
        raise OptionError(
            "--fit svm hears each clip once, as it is: take --augment [] --copies 0 --mixup 0"
        )


def statistics(setup: Setup, clips: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the statistics `[n, S]` of clips, and the ids of their labels `[n]`."""
    classifier, found = setup.bundle.classifier.eval().to("cpu"), []
    with torch.inference_mode():
        for batch in ordered_loader(clips, setup.hparams["batch_size"]):
            pooled: Tensor = classifier.model.statistics(*normalized(classifier, batch))
            found.append((pooled.double().numpy(), batch.target.data.argmax(1).numpy()))
    return tuple(np.concatenate(each) for each in zip(*found, strict=True))  # type: ignore[return-value]


def candidate(
    setup: Setup, scaler: Any, train: tuple[np.ndarray, np.ndarray], cost: float
) -> tuple[tuple[np.ndarray, np.ndarray], float]:
    """Return planes `[C, S]` and offsets `[C]` for unscaled statistics, and the seconds taken."""
    from sklearn.svm import LinearSVC

    began, weights = time.perf_counter(), setup.hparams["class_weights"]
    machine = LinearSVC(
        C=cost,
        class_weight=None if weights == "none" else weights,
        max_iter=20_000,
        random_state=setup.hparams["seed"],
    ).fit(scaler.transform(train[0]), train[1])
    planes, offsets = machine.coef_, machine.intercept_
    if len(planes) == 1:  # of two labels scikit-learn makes one plane
        planes, offsets = np.vstack([-planes, planes]), np.concatenate([-offsets, offsets])
    planes = planes / scaler.scale_
    return (planes, offsets - planes @ scaler.mean_), time.perf_counter() - began


def measure(
    setup: Setup, weights: tuple[np.ndarray, np.ndarray], pooled: np.ndarray, targets: np.ndarray
) -> Mapping[str, float]:
    """Return the scores of planes, and the cross-entropy of the softmax of their margins."""
    margins = torch.from_numpy(pooled @ weights[0].T + weights[1])
    loss = nn.functional.cross_entropy(margins, torch.from_numpy(targets))
    found = scores(targets.tolist(), margins.argmax(1).tolist(), setup.bundle.labels)
    return {**found, "loss": float(loss)}
