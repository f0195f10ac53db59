import numpy as np
import pytest
from scipy import stats

from quantum_advantage.core.statistics import (
    RESAMPLES,
    binomial_chances,
    binomial_interval,
    binomial_tail,
    bootstrap_accuracy,
    crossings,
    fit_log_linear,
    interval,
    lower_limit,
)


@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
@pytest.mark.parametrize(("correct", "trials"), [(0, 10), (1, 1), (3, 10), (10, 10), (700, 1000)])
def test_binomial_interval_is_the_exact_one_of_scipy(correct, trials, level):
    expected = stats.binomtest(correct, trials).proportion_ci(level, method="exact")
    assert binomial_interval(correct, trials, level) == pytest.approx(tuple(expected), abs=1e-12)


def test_binomial_interval_of_no_success_is_known_in_closed_form():
    assert binomial_interval(0, 10) == pytest.approx((0, 1 - 0.025**0.1))


@pytest.mark.parametrize("proportion", [0.02, 0.3, 0.5, 0.71, 0.99])
def test_binomial_interval_covers_at_least_as_often_as_stated(proportion):
    ends = [binomial_interval(k, 40) for k in range(41)]
    chances = stats.binom.pmf(np.arange(41), 40, proportion)
    covered = [low <= proportion <= high for low, high in ends]
    assert chances[covered].sum() >= 0.95


@pytest.mark.parametrize("trials", [0, 1, 2, 40, 1000, 4096])
def test_binomial_chances_are_those_of_scipy(trials):
    chances = np.array([[0.0, 1e-6, 0.02], [0.5, 0.9, 1.0]])
    found = binomial_chances(trials, chances)
    assert found.shape == (2, 3, trials + 1)
    expected = stats.binom.pmf(np.arange(trials + 1), trials, chances[..., None])
    np.testing.assert_allclose(found, expected, rtol=1e-14 * (trials + 1), atol=1e-300)


@pytest.mark.parametrize(("correct", "trials"), [(-1, 5), (6, 5), (0, 0)])
def test_impossible_counts_are_refused_by_value(correct, trials):
    with pytest.raises(ValueError, match=f"got {correct} of {trials}"):
        binomial_interval(correct, trials)


COPIES = [10, 20, 40]


@pytest.mark.parametrize(
    ("target", "copies"),
    [(0.525, 5), (0.55, 10), (0.6, 10 + 10 / 3), (0.7, 20), (0.8, 30), (0.9, 40)],
)
def test_crossing_lies_on_the_straight_line_between_points(target, copies):
    assert crossings(COPIES, [0.55, 0.7, 0.9], target) == pytest.approx(copies)


def test_curve_that_stays_below_crosses_at_infinity():
    assert crossings(COPIES, [0.55, 0.6, 0.69], 0.7) == np.inf


def test_curve_that_starts_above_crosses_before_its_first_point():
    assert crossings(COPIES, [0.9, 0.95, 0.99], 0.7) == pytest.approx(5)


def test_curve_that_falls_back_counts_at_its_first_crossing():
    assert crossings(COPIES, [0.8, 0.6, 0.9], 0.7) == pytest.approx(10 * 2 / 3)


def test_crossings_of_many_curves_are_those_of_each():
    curves = np.random.default_rng(1).uniform(0.4, 0.75, (2, 20, 3))
    together = crossings(COPIES, curves, 0.7)
    assert together.shape == (2, 20)
    one_by_one = [[float(crossings(COPIES, curve, 0.7)) for curve in block] for block in curves]
    np.testing.assert_array_equal(together, one_by_one)
    assert 0 < np.isinf(together).sum() < together.size


@pytest.fixture(scope="module")
def batches():
    trials = np.full((40, 3), 50)
    return np.random.default_rng(2).binomial(trials, [0.5, 0.7, 0.9]), trials


def test_bootstrap_returns_one_accuracy_for_each_resample_and_point(batches):
    assert bootstrap_accuracy(*batches, seed=3).shape == (RESAMPLES, 3)


def test_bootstrap_repeats_with_the_seed(batches):
    first, again, other = (bootstrap_accuracy(*batches, seed=seed) for seed in (4, 4, 5))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_bootstrap_mean_is_the_accuracy(batches):
    samples = bootstrap_accuracy(*batches, seed=6)
    accuracy = batches[0].sum(axis=0) / batches[1].sum(axis=0)
    error = samples.std(axis=0) / np.sqrt(RESAMPLES)
    assert (np.abs(samples.mean(axis=0) - accuracy) < 5 * error).all()


def test_bootstrap_spread_is_that_of_the_batches(batches):
    samples = bootstrap_accuracy(*batches, seed=7)
    expected = (batches[0] / batches[1]).std(axis=0) / np.sqrt(len(batches[0]))
    np.testing.assert_allclose(samples.std(axis=0), expected, rtol=5 / np.sqrt(2 * RESAMPLES))


def test_bootstrap_keeps_the_points_of_a_batch_together(batches):
    correct, trials = np.repeat(batches[0][:, :1], 2, axis=1), batches[1][:, :2]
    samples = bootstrap_accuracy(correct, trials, seed=8)
    np.testing.assert_array_equal(samples[:, 0], samples[:, 1])
    assert samples[:, 0].std() > 0


def test_bootstrap_weighs_batches_by_their_trials():
    samples = bootstrap_accuracy([[0], [900]], [[100], [900]], seed=9)
    assert set(np.unique(samples)) == {0.0, 0.9, 1.0}


def test_interval_is_central():
    shuffled = np.random.default_rng(10).permutation(1001)
    assert interval(shuffled) == (25, 975)
    assert interval(shuffled, level=0.5) == (250, 750)


def test_interval_ends_at_infinity_when_enough_samples_do():
    few, many = np.arange(1000.0), np.arange(1000.0)
    few[-10:], many[-30:] = np.inf, np.inf
    assert interval(few) == (24, 975)
    assert interval(many) == (24, np.inf)


QUBITS = np.array([2, 4, 5, 8])


def test_fit_recovers_an_exact_slope_and_intercept():
    copies = 3 * 2 ** (0.75 * QUBITS)
    fit = fit_log_linear(QUBITS, copies, np.tile(copies, (5, 1)))
    assert fit.slope == pytest.approx(0.75)
    assert fit.intercept == pytest.approx(np.log2(3))
    assert (fit.low, fit.high) == pytest.approx((0.75, 0.75))


def test_fit_is_that_of_numpy_on_points_off_the_line():
    copies = np.array([3.0, 20.0, 25.0, 400.0])
    fit = fit_log_linear(QUBITS, copies, copies[None])
    expected = np.polyfit(QUBITS, np.log2(copies), 1)
    assert (fit.slope, fit.intercept) == pytest.approx(tuple(expected))


def test_interval_of_the_slope_is_that_of_the_samples():
    slopes = np.linspace(0, 1, 1001)
    fit = fit_log_linear(QUBITS, 2.0**QUBITS, 2 ** (slopes[:, None] * QUBITS))
    assert (fit.low, fit.high) == pytest.approx((0.025, 0.975))


def test_samples_that_cross_nowhere_do_not_enter_the_interval():
    samples = np.tile(2.0**QUBITS, (4, 1))
    samples[0, 3] = np.inf
    fit = fit_log_linear(QUBITS, 2.0**QUBITS, samples)
    assert (fit.low, fit.high) == pytest.approx((1, 1))


def test_interval_is_unknown_when_no_sample_crosses():
    fit = fit_log_linear(QUBITS, 2.0**QUBITS, np.full((4, 4), np.inf))
    assert fit.slope == pytest.approx(1)
    assert np.isnan([fit.low, fit.high]).all()


def test_slope_of_one_number_of_qubits_is_refused():
    with pytest.raises(ValueError, match="two different numbers of qubits"):
        fit_log_linear([3, 3], [1, 2], [[1, 2]])


@pytest.mark.parametrize("bad", [np.inf, np.nan, 0, -1])
def test_copies_that_have_no_finite_logarithm_are_refused(bad):
    with pytest.raises(ValueError, match="positive and finite"):
        fit_log_linear([1, 2], [1, bad], [[1, 2]])


def test_a_target_of_one_half_is_refused():
    with pytest.raises(ValueError, match="above"):
        crossings([1, 2], [0.6, 0.7], 0.5)


@pytest.mark.parametrize("level", [0.0, 1.0, 95, np.nan])
def test_a_level_that_is_no_share_is_refused(level):
    for limits in (binomial_interval, lower_limit):
        with pytest.raises(ValueError, match="level must lie strictly between 0 and 1"):
            limits(7, 10, level)


@pytest.mark.parametrize("chance", [-0.1, 1.1, np.nan])
def test_a_chance_that_is_none_is_refused(chance):
    with pytest.raises(ValueError, match="chance must lie between 0 and 1"):
        binomial_tail(7, 10, chance)


@pytest.mark.parametrize("copies", [[4, 2], [2, 2], [0, 2]])
def test_crossings_of_copies_that_do_not_increase_are_refused(copies):
    with pytest.raises(ValueError, match="copies must increase from above 0"):
        crossings(copies, [0.6, 0.8], 0.7)


@pytest.mark.parametrize("accuracy", [[0.6, 0.8], [[0.6], [0.8]], 0.8])
def test_crossings_of_other_points_than_the_copies_are_refused(accuracy):
    with pytest.raises(ValueError, match="accuracy must have 3 points"):
        crossings([2, 4, 8], accuracy, 0.7)
