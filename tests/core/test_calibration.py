"""Temperatures bring overconfident answers down to how often they are right."""

import numpy as np
import pytest

from ser_plugins.core.calibration import calibration_error, fit_temperature, temper


def answers(temperature, n=20000, classes=4):
    """Return targets drawn from known probabilities, and those with their logits multiplied."""
    random = np.random.default_rng(0)
    logits = random.normal(0, 1.5, (n, classes))
    honest = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    targets = (honest.cumsum(1) > random.random((n, 1))).argmax(1)
    return temper(honest, 1 / temperature), targets


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_the_temperature_that_was_put_in_is_found(temperature):
    probabilities, targets = answers(temperature)
    assert fit_temperature(probabilities, targets) == pytest.approx(temperature, rel=0.05)


def test_it_mends_the_error_and_changes_no_decision():
    probabilities, targets = answers(3.0)
    cooled = temper(probabilities, fit_temperature(probabilities, targets))
    assert calibration_error(probabilities, targets) > 0.15
    assert calibration_error(cooled, targets) < 0.02
    assert (cooled.argmax(1) == probabilities.argmax(1)).all()


def test_going_there_and_back_is_nothing():
    probabilities, _ = answers(1.0, n=100)
    assert temper(temper(probabilities, 2.5), 1 / 2.5) == pytest.approx(probabilities)


@pytest.mark.parametrize("sure", [0.5, 0.75, 1.0])
def test_the_error_is_the_distance_from_confidence_to_how_often_it_is_right(sure):
    rows = np.tile([sure, 1 - sure], (100, 1))
    assert calibration_error(rows, [0] * 60 + [1] * 40) == pytest.approx(abs(sure - 0.6))


@pytest.mark.parametrize("targets", [[0, 1], [1, 0]])
def test_answers_that_are_all_right_or_all_wrong_change_nothing(targets):
    assert fit_temperature([[0.7, 0.3], [0.3, 0.7]], targets) == 1
