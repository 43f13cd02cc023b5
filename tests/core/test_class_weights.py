"""Rare labels weigh more, and a loss stays as large as it was."""

import pytest

from ser_plugins.core.class_weights import label_weights

LABELS = ["happy", "sad", "angry"]


def rows(happy, sad, angry):
    counts = zip(LABELS, (happy, sad, angry), strict=True)
    return [{"label": label} for label, n in counts for _ in range(n)]


def test_weights_are_the_inverse_of_counts_and_one_on_average():
    weights = label_weights("balanced", rows(10, 30, 60), LABELS)
    assert (weights[0] / weights[1]).item() == pytest.approx(3)
    assert (weights[0] / weights[2]).item() == pytest.approx(6)
    assert float(10 * weights[0] + 30 * weights[1] + 60 * weights[2]) == pytest.approx(100)


def test_they_stand_in_the_order_of_the_labels():
    backwards = label_weights("balanced", rows(10, 30, 60), LABELS[::-1])
    assert backwards.tolist() == label_weights("balanced", rows(10, 30, 60), LABELS).tolist()[::-1]


def test_none_weighs_nothing():
    assert label_weights("none", rows(1, 2, 3), LABELS) is None
