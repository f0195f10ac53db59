import numpy as np
import pytest

from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.bell.decays import fit_decays, setting_means

DEPTHS = np.array([0, 2, 4, 8, 16])


def noisy_means(rng, amplitude, factor, shots, fits, depths=DEPTHS):
    """Means of independent signs whose mean decays, and their standard errors."""
    right = rng.binomial(shots, (1 + amplitude * factor**depths) / 2, (fits, depths.size))
    means = 2 * right / shots - 1
    return means, np.sqrt((1 - means**2) / shots)


@pytest.mark.parametrize(("amplitude", "factor"), [(0.9, 0.999), (0.7, 0.93), (0.95, 0.5)])
def test_exact_data_are_fitted_exactly(amplitude, factor):
    found = fit_decays(DEPTHS, amplitude * factor**DEPTHS, np.full(5, 0.01), settings=100)
    assert found.factors == pytest.approx(factor, abs=2e-7)
    assert found.amplitudes == pytest.approx(amplitude, abs=2e-6)
    assert found.p_values == pytest.approx(1)
    assert found.low < factor < found.high


@pytest.mark.parametrize(
    ("amplitude", "factor", "shots"),
    [(0.95, 0.997, 10_000), (0.75, 0.9, 10_000), (0.9, 0.98, 1000), (0.3, 0.8, 1000)],
)
def test_intervals_hold_the_factor_in_95_of_100_fits(amplitude, factor, shots):
    fits = 2000
    means, errors = noisy_means(np.random.default_rng(1), amplitude, factor, shots, fits)
    found = fit_decays(DEPTHS, means, errors, settings=1000)
    held = ((found.low <= factor) & (factor <= found.high)).mean()
    # Four standard errors of the share.
    assert abs(held - 0.95) < 4 * np.sqrt(0.95 * 0.05 / fits)
    wrong = (found.p_values < 0.05).mean()
    assert abs(wrong - 0.05) < 5 * np.sqrt(0.95 * 0.05 / fits)


def test_estimates_have_no_bias_that_shows():
    fits, factor = 2000, 0.99
    means, errors = noisy_means(np.random.default_rng(2), 0.9, factor, 2000, fits)
    found = fit_decays(DEPTHS, means, errors, settings=1000)
    assert abs(found.factors.mean() - factor) < 4 * found.factors.std() / np.sqrt(fits)


def test_twice_the_amplitude_is_the_same_factor():
    means = 0.4 * 0.97**DEPTHS
    one = fit_decays(DEPTHS, means, np.full(5, 0.01), settings=50)
    other = fit_decays(DEPTHS, 2 * means, np.full(5, 0.02), settings=50)
    np.testing.assert_allclose(one.factors, other.factors, atol=1e-9)
    np.testing.assert_allclose(one.low, other.low, atol=1e-9)
    np.testing.assert_allclose(2 * one.amplitudes, other.amplitudes, rtol=1e-6)


def test_a_signal_that_is_not_there_leaves_every_factor_open():
    found = fit_decays(DEPTHS, [0.01, -0.01, 0.0, 0.01, -0.01], np.full(5, 0.05), settings=100)
    assert found.low == 0
    assert found.high > 1


def test_another_decay_shows_in_its_p_value():
    means = 0.9 * np.cos(0.1 * DEPTHS)
    found = fit_decays(DEPTHS, means, np.full(5, 0.01), settings=100)
    assert found.p_values < 1e-6


def test_two_depths_fit_always():
    found = fit_decays([0, 4], [[0.9, 0.8]], [[0.01, 0.01]], settings=30)
    assert found.p_values.tolist() == [1]
    assert found.factors[0] == pytest.approx((0.8 / 0.9) ** 0.25, abs=1e-6)


def test_few_settings_widen_the_interval():
    narrow, wide = (
        fit_decays([0, 4], [0.9, 0.8], [0.01, 0.01], settings=settings) for settings in (1000, 4)
    )
    # Student's t at 97.5 % is 1.96 and 3.18.
    assert (wide.high - wide.low) / (narrow.high - narrow.low) == pytest.approx(3.18 / 1.96, 0.05)


def test_one_depth_is_refused():
    with pytest.raises(ValueError, match="at least two different numbers"):
        fit_decays([2, 2], [0.9, 0.8], [0.01, 0.01], settings=30)


@pytest.mark.parametrize(
    ("means", "errors"),
    [([0.9, np.nan], [0.1, 0.1]), ([0.9, 0.8], [0.1, 0.0]), ([0.9, 0.8], [0.1, np.inf])],
)
def test_what_is_no_mean_with_an_error_is_refused(means, errors):
    with pytest.raises(UsageError, match="means must be finite, and errors above 0"):
        fit_decays([0, 2], means, errors, settings=30)


# Means over settings.


def test_scatter_between_settings_is_in_the_error():
    rng = np.random.default_rng(3)
    true = rng.choice([0.2, 0.8], 200)
    signs = 2 * rng.binomial(100, (1 + true) / 2) / 100 - 1
    mean, error = setting_means(signs, 100)
    assert mean == pytest.approx(0.5, abs=4 * 0.3 / np.sqrt(200))
    assert error == pytest.approx(np.sqrt((0.3**2 + (1 - 0.25) / 100) / 200), rel=0.1)


def test_signs_that_all_agree_leave_an_error():
    mean, error = setting_means(np.ones((10, 3)), 20)
    assert mean.tolist() == [1, 1, 1]
    # As if two of 204 signs had been the other way round.
    np.testing.assert_allclose(error, np.sqrt((1 - (200 / 204) ** 2) / 200))


def test_one_setting_is_refused():
    with pytest.raises(ValueError, match="settings must be at least 2, not 1"):
        setting_means([[0.5]], 100)
