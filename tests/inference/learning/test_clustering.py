import itertools
import math

import numpy as np
import pytest

from quantum_advantage.inference.learning.clustering import (
    best_threshold_accuracy,
    chance_accuracy,
    cluster,
    group_boundary,
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


def test_equal_points_stay_together():
    np.testing.assert_array_equal(cluster([2.0, 2.0, 2.0]), [0, 0, 0])
    np.testing.assert_array_equal(cluster([1.0, 0.0, 0.0, 1.0, 1.0]), [1, 0, 0, 1, 1])


@pytest.mark.parametrize("members", [0, 1, 3, 6])
@pytest.mark.parametrize("of_class", [1, 2, 3])
def test_chance_is_the_mean_over_all_ways_to_give_the_classes(members, of_class):
    labels = np.array([1] * members + [0] * (6 - members))
    truths = [t for t in itertools.product([0, 1], repeat=6) if sum(t) == of_class]
    right = np.array([(labels == truth).mean() for truth in truths])
    assert chance_accuracy(labels, truths[0]) == pytest.approx(np.maximum(right, 1 - right).mean())


def test_chance_level_of_forty_points():
    assert chance_accuracy(HALVES, HALVES) == pytest.approx(0.562, abs=5e-4)
    assert chance_accuracy(np.zeros(40, dtype=int), HALVES) == pytest.approx(0.5)


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match="coordinates must be at least 2 finite numbers"):
        cluster([1.0])
    with pytest.raises(ValueError, match="coordinates must be at least 2 finite numbers"):
        cluster([1.0, math.nan])
    with pytest.raises(ValueError, match="truth must hold 3 labels, 0 and 1, both of them"):
        chance_accuracy([0, 1, 1], [1, 1, 1])
    with pytest.raises(ValueError, match="truth must hold 2 labels"):
        chance_accuracy([0, 1], [0, 1, 1])


def test_best_threshold_is_the_best_of_all_of_them():
    rng = np.random.default_rng(5)
    for _ in range(30):
        values, truth = rng.integers(0, 6, 9), rng.integers(0, 2, 9)
        tried = [(values > t) == truth for t in np.arange(-1, 7) + 0.5]
        best = max(max(right.mean(), 1 - right.mean()) for right in tried)
        assert best_threshold_accuracy(values, truth) == pytest.approx(best)


@pytest.mark.parametrize("flip", [0, 1])
def test_boundary_lies_where_the_groups_part(flip):
    positions, labels = [3.0, 1.0, 2.0, 5.0, 4.0], np.array([0, 0, 1, 1, 1])
    # In order 1, 2, 3, 4, 5: 0, 1, 0, 1, 1. Two places have one point on the wrong side.
    assert group_boundary(positions, labels ^ flip)[0] in (1.5, 3.5)
    assert group_boundary([0, 1, 2, 4], [0, 0, 0, 1]) == (3, pytest.approx(2 / np.sqrt(12)))


def test_boundary_of_one_group_is_refused():
    with pytest.raises(ValueError, match="both groups"):
        group_boundary([1, 2], [1, 1])
    with pytest.raises(ValueError, match="one for each of 2"):
        group_boundary([1, 2], [1])
    with pytest.raises(ValueError, match="one label for each of 2"):
        best_threshold_accuracy([1, 2], [1])
