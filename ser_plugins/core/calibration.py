"""Makes probabilities honest: one temperature, fitted on validation, and how far they are off."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

RANGE = (0.05, 20.0)  # of a temperature
BINS = 15
TINY = 1e-38  # the least probability whose logarithm is taken


def fit_temperature(probabilities: ArrayLike, targets: Sequence[int]) -> float:
    """Return the temperature under which the targets are likeliest.

    The logits divided by it make softer probabilities (above 1) or sharper ones (below); no
    decision changes. Guo C et al. (2017), On calibration of modern neural networks, ICML, 4.2.

    Args:
        probabilities: `[n, C]`, at a temperature of 1.
        targets: class ids, `n` of them.

    Returns:
        A number from 0.05 to 20; 1 where all answers are right, or all wrong, which tells nothing
        of how sure they ought to be.
    """
    from scipy.optimize import minimize_scalar  # takes half a second

    rows, ids = np.asarray(probabilities, np.float64), np.asarray(targets)
    right = rows.argmax(1) == ids
    if right.all() or not right.any():
        return 1.0

    def loss(log_temperature: float) -> float:
        at = temper(rows, float(np.exp(log_temperature)))
        return -float(np.log(at[np.arange(len(ids)), ids].clip(TINY)).mean())

    found = minimize_scalar(loss, bounds=tuple(np.log(RANGE)), method="bounded")
    return round(float(np.exp(found.x)), 4)


def temper(probabilities: ArrayLike, temperature: float) -> NDArray[np.float64]:
    """Return probabilities `[n, C]` as they would be with their logits divided by a temperature.

    >>> temper([[0.8, 0.2]], 2.0).round(3)
    array([[0.667, 0.333]])
    """
    logits = np.log(np.asarray(probabilities, np.float64).clip(TINY)) / temperature
    odds = np.exp(logits - logits.max(1, keepdims=True))
    return odds / odds.sum(1, keepdims=True)


def calibration_error(probabilities: ArrayLike, targets: Sequence[int]) -> float:
    """Return the expected calibration error of the answers.

    Answers are put into 15 bins by their probability; it is the mean distance between the part of
    a bin that is right and its mean probability, weighed by the bin's size. Guo et al. (2017),
    equation 3.

    Args:
        probabilities: `[n, C]`.
        targets: class ids, `n` of them.

    >>> calibration_error([[0.9, 0.1], [0.9, 0.1]], [0, 1])
    0.4
    """
    rows = np.asarray(probabilities, np.float64)
    sure, right = rows.max(1), rows.argmax(1) == np.asarray(targets)
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    gaps = [
        (bins == i).mean() * abs(right[bins == i].mean() - sure[bins == i].mean())
        for i in np.unique(bins)
    ]
    return float(sum(gaps))
