"""Scores are the field's, by hand."""

import pytest

from ser_plugins.core.metrics import scores


def test_uar_is_the_mean_recall_and_wa_the_part_that_is_right():
    found = scores([0] * 8 + [1] * 2, [0] * 8 + [0, 1], ["a", "b"])
    assert found["uar"] == pytest.approx((1 + 0.5) / 2)
    assert found["wa"] == pytest.approx(0.9)
    assert found["confusion"] == [[8, 0], [1, 1]]
    assert found["per_class"]["b"] == {
        "precision": 1.0, "recall": 0.5, "f1": pytest.approx(2 / 3), "support": 2,
    }  # fmt: skip
    assert found["macro_f1"] == pytest.approx((16 / 17 + 2 / 3) / 2)


def test_a_majority_guess_has_the_uar_of_chance():
    assert scores([0, 0, 0, 1, 2], [0] * 5, ["a", "b", "c"])["uar"] == pytest.approx(1 / 3)


def test_a_label_without_targets_counts_in_no_average():
    found = scores([0, 0], [0, 1], ["a", "b"])
    assert found["uar"] == 0.5 and found["per_class"]["b"]["support"] == 0


def test_an_answer_outside_the_labels_is_an_error():
    assert scores([0, 1], [-1, 1], ["a", "b"])["uar"] == 0.5
