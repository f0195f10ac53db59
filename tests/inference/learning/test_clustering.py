import itertools
import math

import numpy as np
import pytest

from quantum_advantage.inference.learning.clustering import (
    chance_accuracy,
    chance_of_accuracy,
    cluster,
    clustering_accuracy,
    clustering_intervals,
    separation,
)

HALVES = np.repeat([0, 1], 20)


def squares_within(values, labels):
    groups = (values[np.array(labels) == kind] for kind in (0, 1))
    return sum(((group - group.mean()) ** 2).sum() for group in groups if group.size)


@pytest.mark.parametrize("seed", range(10))
def test_groups_have_the_least_squares_of_all_divisions(seed):
    values = np.random.default_rng(seed).standard_t(2, size=9)
    least = min(
        squares_within(values, labels) for labels in itertools.product([0, 1], repeat=values.size)
    )
    labels = cluster(values)
    assert squares_within(values, labels) == pytest.approx(least)
    assert values[labels == 0].max() < values[labels == 1].min()


def test_groups_do_not_depend_on_scale_and_place():
    values = np.random.default_rng(1).normal(size=50)
    np.testing.assert_array_equal(cluster(1e-6 * values + 1e3), cluster(values))
    np.testing.assert_array_equal(cluster(-values), 1 - cluster(values))
    np.testing.assert_array_equal(
        cluster(np.stack([values, -(values**2)], axis=1)), cluster(values)
    )


def test_equal_points_stay_together():
    np.testing.assert_array_equal(cluster([2.0, 2.0, 2.0]), [0, 0, 0])
    np.testing.assert_array_equal(cluster([1.0, 0.0, 0.0, 1.0, 1.0]), [1, 0, 0, 1, 1])


def test_accuracy_is_that_of_the_better_naming():
    truth = np.array([0, 0, 0, 1, 1])
    assert clustering_accuracy([0, 0, 1, 1, 1], truth) == pytest.approx(0.8)
    assert clustering_accuracy([1, 1, 0, 0, 0], truth) == pytest.approx(0.8)
    assert clustering_accuracy([0, 0, 0, 0, 0], truth) == pytest.approx(0.6)


@pytest.mark.parametrize("members", [0, 1, 3, 6])
@pytest.mark.parametrize("of_class", [1, 2, 3])
def test_chance_is_the_mean_over_all_ways_to_give_the_classes(members, of_class):
    labels = np.array([1] * members + [0] * (6 - members))
    truths = [t for t in itertools.product([0, 1], repeat=6) if sum(t) == of_class]
    found = np.array([clustering_accuracy(labels, truth) for truth in truths])
    assert chance_accuracy(labels, truths[0]) == pytest.approx(found.mean())
    for truth, accuracy in zip(truths, found, strict=True):
        expected = (found >= accuracy - 1e-12).mean()
        assert chance_of_accuracy(labels, truth) == pytest.approx(expected)


def test_chance_level_of_forty_points():
    assert chance_accuracy(HALVES, HALVES) == pytest.approx(0.562, abs=5e-4)
    assert chance_accuracy(np.zeros(40, dtype=int), HALVES) == pytest.approx(0.5)
    assert chance_of_accuracy(HALVES, HALVES) == pytest.approx(2 / math.comb(40, 20))


def test_separation_is_that_of_the_definition():
    values = np.array([0.0, 2.0, 5.0, 6.0, 7.0])
    truth = np.array([0, 0, 1, 1, 1])
    assert separation(values, truth) == pytest.approx(5 / math.sqrt((2 + 2) / 3))
    assert separation(-values, truth) == separation(values, truth)
    assert separation([1.0, 1.0, 2.0, 2.0], [0, 0, 1, 1]) == math.inf
    assert separation([1.0, 1.0, 1.0, 1.0], [0, 0, 1, 1]) == 0


def test_intervals_hold_what_data_sets_show():
    """The interval from one data set, against the spread over many."""
    rng = np.random.default_rng(2)

    def points():
        return rng.normal(size=40) + 2.5 * HALVES

    sets = [points() for _ in range(400)]
    accuracies = [clustering_accuracy(cluster(x), HALVES) for x in sets]
    separations = [separation(x, HALVES) for x in sets]
    widths = []
    covered = 0
    for x in sets[:20]:
        accuracy, apart = clustering_intervals(x, HALVES, 3)
        covered += accuracy[0] <= np.mean(accuracies) <= accuracy[1]
        widths.append((accuracy[1] - accuracy[0], apart[1] - apart[0]))
    expected = [np.quantile(x, 0.975) - np.quantile(x, 0.025) for x in (accuracies, separations)]
    wide, apart = np.mean(widths, axis=0) / expected
    assert apart == pytest.approx(1, rel=0.25)
    # The exact binomial interval of 40 points is wider than what resampling shows.
    assert 0.8 < wide < 1.5
    assert covered >= 16
    certain, _ = clustering_intervals(1e3 * HALVES, HALVES, 3)
    assert certain == pytest.approx((0.9119, 1), abs=1e-3)


def test_intervals_are_reproducible():
    values = np.random.default_rng(4).normal(size=40) + HALVES
    assert clustering_intervals(values, HALVES, 5) == clustering_intervals(values, HALVES, 5)


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match="coordinates must be at least 2 finite numbers"):
        cluster([1.0])
    with pytest.raises(ValueError, match="coordinates must be at least 2 finite numbers"):
        cluster([1.0, math.nan])
    with pytest.raises(ValueError, match="truth must hold 3 labels, 0 and 1, both of them"):
        clustering_accuracy([0, 1, 1], [1, 1, 1])
    with pytest.raises(ValueError, match="truth must hold 2 labels"):
        separation([0.0, 1.0], [0, 1, 1])
