"""Means, intervals and comparisons of scores: pure functions on arrays of confusion matrices.

Clips of one speaker are alike, so the bootstrap draws speakers, with all their clips (Field and
Welsh 2007, Bootstrapping clustered data, J. R. Stat. Soc. B 69, pp. 369-390). A bootstrap over
clips would give intervals that are too narrow.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import scipy  # whose parts load when they are used: `--help` needs none

DRAWS = 10_000
SEED = 1
LEAST_UNITS = 5  # four can be drawn in 35 ways only: too few to tell what 2.5 per cent are


class Interval(NamedTuple):
    """A 95 % interval by the percentile method.

    Args:
        value: of the data as they are.
        low: 2.5th percentile of the draws.
        high: 97.5th percentile of the draws.
    """

    value: float
    low: float
    high: float


class Comparison(NamedTuple):
    """The difference of two systems that answered the same clips.

    Args:
        difference: UAR of the first, less that of the second.
        low: 2.5th percentile of the draws.
        high: 97.5th percentile of the draws.
        p: two-sided; below 0.05 where the interval leaves out 0, but for rounding.
    """

    difference: float
    low: float
    high: float
    p: float


def mean_std(values: Sequence[float]) -> tuple[float, float | None]:
    """Return the mean and the sample standard deviation (n - 1); None for a single value.

    >>> mean_std([1.0, 3.0])
    (2.0, 1.4142135623730951)
    """
    std = float(np.std(values, ddof=1)) if len(values) > 1 else None
    return float(np.mean(values)), std


def unit_confusions(
    targets: np.ndarray, predictions: np.ndarray, units: np.ndarray, n_labels: int
) -> np.ndarray:
    """Count confusions unit by unit, where a unit is what the bootstrap draws, a speaker.

    Args:
        targets: class ids.
        predictions: class ids of each system or seed.
        units: whose clip it is, from 0.
        n_labels: number of classes.

    Shape:
        targets and units: `[N]`; predictions: `[S, N]`; output: `[S, U, C, C]`, rows are targets.
    """
    counts = np.zeros((len(predictions), units.max() + 1, n_labels, n_labels), dtype=np.int64)
    systems = np.arange(len(predictions))[:, None]
    np.add.at(counts, (systems, units, targets, predictions), 1)
    return counts


def uar(confusions: np.ndarray) -> np.ndarray:
    """Return the mean recall of the classes that occur.

    Shape:
        confusions: `[..., C, C]`, rows are targets; output: `[...]`.

    >>> float(uar(np.array([[2, 2, 0], [0, 1, 0], [0, 0, 0]])))
    0.75
    """
    return _mean_recall(_right_and_all(confusions))


def interval(groups: Sequence[np.ndarray], draws: int = DRAWS, seed: int = SEED) -> Interval:
    """Return the pooled UAR, and its interval by bootstrap over units.

    By percentiles (Efron and Tibshirani 1993, An Introduction to the Bootstrap, section 13.3). With
    few units it is too narrow: of simulated ones 94 % held the true value with 24 units, 87 % with
    ten.

    Args:
        groups: confusions by system or seed and unit, one array a corpus; units are drawn corpus
            by corpus. The value is the mean over corpora and over the first axis.
        draws: how many.
        seed: of the draws.

    Shape:
        groups: each `[S, U, C, C]`, two units or more.
    """
    shares = [_right_and_all(group) for group in groups]
    drawn = _draw(groups, lambda picked: _pooled(shares, picked), draws, seed)
    everyone = [np.arange(group.shape[1]) for group in groups]
    return Interval(float(_pooled(shares, everyone)), *_percentiles(drawn))


def compare(
    first: Sequence[np.ndarray],
    second: Sequence[np.ndarray],
    draws: int = DRAWS,
    seed: int = SEED,
) -> Comparison:
    """Compare two systems by a paired bootstrap: each draw takes the same units of both.

    p is what inverting the percentile interval gives (Efron and Tibshirani 1993, section 15.4),
    one draw added to each side so that it is never 0 (Davison and Hinkley 1997, Bootstrap Methods
    and their Application, section 4.2).

    Args:
        first: as for `interval`.
        second: the same units in the same order.
        draws: how many.
        seed: of the draws.
    """
    ours, theirs = ([_right_and_all(group) for group in groups] for groups in (first, second))

    def difference(picked: Sequence[np.ndarray]) -> np.ndarray:
        return _pooled(ours, picked) - _pooled(theirs, picked)

    drawn = _draw(first, difference, draws, seed)
    everyone = [np.arange(group.shape[1]) for group in first]
    tail = min(int((drawn <= 0).sum()), int((drawn >= 0).sum()))
    p = min(1.0, 2 * (tail + 1) / (len(drawn) + 1))
    return Comparison(float(difference(everyone)), *_percentiles(drawn), p)


def _draw(
    groups: Sequence[np.ndarray],
    statistic: Callable[[Sequence[np.ndarray]], np.ndarray],
    draws: int,
    seed: int,
) -> np.ndarray:
    """Return a statistic of units that are drawn with replacement, group by group: `[draws]`."""
    found = scipy.stats.bootstrap(
        [np.arange(group.shape[1]) for group in groups],
        # SciPy may hand the numbers of the units over as floats.
        lambda *picked, axis: statistic([units.astype(np.intp) for units in picked]),
        n_resamples=draws,
        batch=1000,
        vectorized=True,
        method="percentile",
        random_state=np.random.default_rng(seed),
    )
    return found.bootstrap_distribution


def _percentiles(drawn: np.ndarray) -> tuple[float, float]:
    low, high = np.percentile(drawn, (2.5, 97.5))
    return float(low), float(high)


def _right_and_all(confusions: np.ndarray) -> np.ndarray:
    """Return all that the UAR needs: clips that are right, and clips: `[..., 2, C]`."""
    right = np.diagonal(confusions, axis1=-2, axis2=-1)
    return np.stack([right, confusions.sum(-1)], axis=-2)


def _mean_recall(shares: np.ndarray) -> np.ndarray:
    right, clips = shares[..., 0, :], shares[..., 1, :]
    return (right / clips.clip(1)).sum(-1) / (clips > 0).sum(-1)


def _pooled(shares: Sequence[np.ndarray], picked: Sequence[np.ndarray]) -> np.ndarray:
    """Return the mean over groups and seeds of the UAR of some units: `[...]`, as picked."""
    each = [
        _mean_recall(share[:, units].sum(axis=-3)).mean(axis=0)
        for share, units in zip(shares, picked, strict=True)
    ]
    return np.mean(each, axis=0)
