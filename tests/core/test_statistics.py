"""Intervals hold what they should, over speakers and not over clips; a comparison is paired."""

import numpy as np
import pytest

from ser_plugins.core.metrics import scores
from ser_plugins.core.statistics import compare, interval, mean_std, uar, unit_confusions

CLASSES = 4


def speakers(rng, n, clips=20, ability=None):
    """Return confusions of speakers, each as easy to hear as a number in (0, 1); mean 0.6."""
    ability = rng.beta(6, 4, n) if ability is None else ability
    found = np.zeros((1, n, CLASSES, CLASSES), int)
    for label in range(CLASSES):
        right = rng.binomial(clips, ability)
        found[0, :, label, label] = right
        found[0, :, label, (label + 1) % CLASSES] = clips - right
    return found


def as_clips(confusions):
    """Return the same answers with every clip a unit of its own."""
    answers = np.repeat(np.argwhere(confusions[0].sum(0) >= 0), confusions[0].sum(0).ravel(), 0)
    found = np.zeros((1, len(answers), CLASSES, CLASSES), int)
    found[0, np.arange(len(answers)), answers[:, 0], answers[:, 1]] = 1
    return found


def test_an_interval_over_speakers_holds_the_true_value_as_often_as_it_says():
    rng = np.random.default_rng(0)
    found = [interval([speakers(rng, 40)], draws=400) for _ in range(200)]
    assert 0.89 <= np.mean([low <= 0.6 <= high for _, low, high in found]) <= 0.99


def test_an_interval_over_clips_is_too_narrow_where_speakers_differ():
    rng = np.random.default_rng(0)
    held = []
    for _ in range(40):
        people = speakers(rng, 30)
        wide, narrow = interval([people], draws=200), interval([as_clips(people)], draws=200)
        assert wide.value == pytest.approx(narrow.value)
        assert narrow.high - narrow.low < wide.high - wide.low
        held.append(narrow.low <= 0.6 <= narrow.high)
    assert np.mean(held) < 0.8


def test_the_same_data_give_the_same_interval_and_another_seed_another():
    people = [speakers(np.random.default_rng(0), 12)]
    assert interval(people, draws=500) == interval(people, draws=500)
    assert interval(people, draws=500) != interval(people, draws=500, seed=2)


def test_the_value_is_the_mean_over_corpora_and_seeds_of_the_pooled_uar():
    rng = np.random.default_rng(0)
    groups = [
        np.concatenate([speakers(rng, n), speakers(rng, n), speakers(rng, n)]) for n in (7, 31)
    ]
    expected = np.mean([uar(group[seed].sum(0)) for group in groups for seed in range(3)])
    assert interval(groups, draws=100).value == pytest.approx(expected)


def test_speakers_are_drawn_corpus_by_corpus():
    """A corpus in which everybody is alike adds nothing to the interval."""
    rng = np.random.default_rng(0)
    people, alike = speakers(rng, 20), np.repeat(speakers(rng, 1), 20, axis=1)
    one, two = interval([people], draws=2000), interval([people, alike], draws=2000)
    assert two.high - two.low == pytest.approx((one.high - one.low) / 2, rel=0.1)


def test_identical_systems_do_not_differ():
    people = [speakers(np.random.default_rng(0), 20)]
    assert compare(people, people, draws=500) == (0, 0, 0, 1)


def test_a_difference_is_found_speaker_by_speaker():
    """A small gain that everybody has is seen, though speakers differ by more than that."""
    rng = np.random.default_rng(0)
    ability = np.linspace(0.3, 0.8, 24)
    better = [speakers(rng, 24, 400, ability + 0.04)]
    worse = [speakers(rng, 24, 400, ability)]
    found = compare(better, worse, draws=1000)
    assert 0 < found.low < 0.04 < found.high and found.p < 0.01
    assert found.high - found.low < 0.3 * np.ptp(interval(worse, draws=1000)[1:])
    other = compare(worse, better, draws=1000)
    assert other.difference == -found.difference and other.p == found.p


def test_p_is_small_exactly_where_the_interval_leaves_out_zero():
    rng = np.random.default_rng(1)
    seen = set()
    for gain in (0.0, 0.02, 0.04, 0.06):
        ability = rng.beta(6, 4, 12).clip(0.1, 0.9)
        pair = [speakers(rng, 12, 50, ability + gain)], [speakers(rng, 12, 50, ability)]
        found = compare(*pair, draws=4000)
        if not 0.04 < found.p < 0.06:
            assert (found.p < 0.05) == (found.low > 0 or found.high < 0)
            seen.add(found.p < 0.05)
    assert seen == {True, False}


def test_where_nothing_differs_p_is_below_five_per_cent_as_rarely_as_it_says():
    rng = np.random.default_rng(0)
    ps = []
    for _ in range(200):
        ability = rng.beta(6, 4, 30)
        pair = [speakers(rng, 30, 20, ability)], [speakers(rng, 30, 20, ability)]
        ps.append(compare(*pair, draws=300).p)
    assert np.mean(np.array(ps) < 0.05) < 0.11


def test_confusions_of_units_add_up_to_the_scores_of_their_clips():
    rng = np.random.default_rng(0)
    targets, units = rng.integers(0, 3, 200), rng.integers(0, 9, 200)  # of four classes
    predictions = rng.integers(0, CLASSES, (2, 200))
    found = unit_confusions(targets, predictions, units, CLASSES)
    assert found.shape == (2, 9, CLASSES, CLASSES)
    assert (found.sum((2, 3)) == np.bincount(units)).all()
    for seed in range(2):
        known = scores(targets.tolist(), predictions[seed].tolist(), list("abcd"))
        assert found[seed].sum(0).tolist() == known["confusion"]
        assert uar(found[seed].sum(0)) == pytest.approx(known["uar"])


def test_the_spread_of_one_value_is_not_known():
    assert mean_std([0.5]) == (0.5, None)
    assert mean_std([1.0, 2.0, 3.0]) == (2.0, 1.0)
