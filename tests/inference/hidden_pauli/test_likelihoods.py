import numpy as np
import pytest

from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.hidden_pauli.likelihoods import (
    TIE,
    choose,
    known_mean,
    unknown_sign,
)

HITS = np.array([0, 1, 1, 5, 8, 8])
PLUSES = np.array([0, 0, 1, 2, 4, 8])


@pytest.mark.parametrize("mean", [-0.9, 0.0, 0.3, 0.81])
def test_known_mean_is_the_logarithm_of_the_product(mean):
    expected = np.log((1 + mean) ** PLUSES * (1 - mean) ** (HITS - PLUSES))
    np.testing.assert_allclose(known_mean(HITS, PLUSES, mean), expected, atol=1e-12)


@pytest.mark.parametrize("alpha", [0.1, 0.5, 0.9])
def test_unknown_sign_is_the_logarithm_of_the_average_over_the_sign(alpha):
    up = (1 + alpha) ** PLUSES * (1 - alpha) ** (HITS - PLUSES)
    down = (1 - alpha) ** PLUSES * (1 + alpha) ** (HITS - PLUSES)
    expected = np.log((up + down) / 2)
    np.testing.assert_allclose(unknown_sign(HITS, PLUSES, alpha), expected, atol=1e-12)


def test_unknown_sign_treats_pluses_and_minuses_alike():
    first, mirrored = unknown_sign(HITS, PLUSES, 0.7), unknown_sign(HITS, HITS - PLUSES, 0.7)
    np.testing.assert_allclose(first, mirrored, rtol=0, atol=TIE / 10)


def test_one_hit_says_nothing_when_the_sign_is_unknown():
    np.testing.assert_allclose(unknown_sign([1, 1], [0, 1], 0.9), 0, atol=1e-12)


def test_likelihood_ratio_has_mean_one_on_fair_coins():
    hits = 12
    pluses = np.arange(hits + 1)
    ways = np.array([1.0])
    for _ in range(hits):
        ways = np.convolve(ways, [0.5, 0.5])
    assert ways @ np.exp(known_mean(hits, pluses, 0.6)) == pytest.approx(1)
    assert ways @ np.exp(unknown_sign(hits, pluses, 0.6)) == pytest.approx(1)


def test_many_hits_do_not_overflow():
    hits = 10**7
    every_plus = hits * np.log(1.9) - np.log(2)
    assert unknown_sign(hits, hits, 0.9) == pytest.approx(every_plus, rel=1e-12)
    assert unknown_sign(hits, 0, 0.9) == pytest.approx(every_plus, rel=1e-12)


@pytest.mark.parametrize("mean", [1, -1, 1.5, np.nan])
def test_mean_outside_the_open_interval_is_refused_by_value(mean):
    with pytest.raises(ValueError, match=f"not {mean}"):
        known_mean(1, 1, mean)
    with pytest.raises(ValueError, match="strictly between -1 and 1"):
        unknown_sign(1, 1, mean)


def test_larger_score_of_two_wins():
    scores = np.array([[[1.0, -3.0], [0.5, -2.0]], [[0.0, 9.0], [0.1, 8.0]]])
    assert choose(scores, np.random.default_rng(1)).tolist() == [[0, 1], [1, 0]]


def test_single_score_decides_by_its_sign():
    scores = np.array([[[0.2, -0.2, 5.0]], [[-5.0, 1e-6, -1e-6]]])
    assert choose(scores, np.random.default_rng(2)).tolist() == [[1, 0, 1], [0, 1, 0]]


@pytest.mark.parametrize("candidates", [1, 2])
@pytest.mark.parametrize("rounding", [0.0, TIE / 2, -TIE / 2])
def test_ties_up_to_rounding_are_fair(candidates, rounding):
    trials = 20_000
    scores = np.zeros((trials, candidates, 2))
    scores[:, 0] = rounding
    ones = choose(scores, np.random.default_rng(3)).sum(axis=0)
    assert (np.abs(ones - trials / 2) < 5 * np.sqrt(trials) / 2).all()


def test_ties_are_broken_independently_at_every_prefix():
    trials = 20_000
    first, second = choose(np.zeros((trials, 2, 2)), np.random.default_rng(4)).T
    assert abs((first == second).sum() - trials / 2) < 5 * np.sqrt(trials) / 2


@pytest.mark.parametrize(("hits", "pluses"), [(2, 3), (2, -1), (-1, 0), ([1, 2], [1, 3])])
def test_more_signs_than_there_were_are_refused(hits, pluses):
    for found in (known_mean, unknown_sign):
        with pytest.raises(UsageError, match="pluses must lie between 0 and the hits"):
            found(hits, pluses, 0.5)
