import math

import numpy as np
import pytest
from scipy import stats

from quantum_advantage.core.standard_errors import (
    DEVIATIONS,
    bounded_errors,
    sign_error,
    sign_errors,
)
from quantum_advantage.core.statistics import binomial_interval


def test_error_of_signs_is_the_larger_half_of_wilsons_interval_with_three_in_the_denominator():
    for shots, minus in ((10, 0), (10, 3), (100, 1), (100, 50)):
        p = minus / shots
        centre = (p + DEVIATIONS**2 / 2 / shots) / (1 + DEVIATIONS**2 / shots)
        half = DEVIATIONS * math.sqrt(p * (1 - p) / shots + DEVIATIONS**2 / 4 / shots**2)
        half /= 1 + DEVIATIONS**2 / shots
        larger = 2 * max(centre + half - p, p - centre + half) / DEVIATIONS
        ratio = (shots + DEVIATIONS**2) / (shots + 3)
        assert sign_error(1 - 2 * p, shots) == pytest.approx(larger * ratio)


@pytest.mark.parametrize("shots", [10, 13, 25, 30, 100, 1000])
def test_signs_are_covered_at_every_mean_and_not_much_wider_than_exact(shots):
    minus = np.arange(shots + 1)
    means = 1 - 2 * minus / shots
    reach = DEVIATIONS * sign_errors(means, shots)
    exact = np.array([binomial_interval(int(k), shots) for k in minus])
    widths = np.minimum(means + reach, 1) - np.maximum(means - reach, -1)
    for mean in [*np.linspace(0, 1, 101), 0.948, 0.995, 0.999]:
        law = stats.binom.pmf(minus, shots, (1 - mean) / 2)
        assert law[np.abs(means - mean) <= reach + 1e-9].sum() >= 0.93
        assert law @ widths <= 1.25 * (law @ (2 * np.diff(exact, axis=1)[:, 0]))


def test_error_is_never_0_and_approaches_the_usual_one():
    assert sign_error(1, 1) == pytest.approx(2 * DEVIATIONS / 4)
    assert sign_error(-1, 10**6) == pytest.approx(2 * DEVIATIONS / (10**6 + 3))
    assert sign_error(0.6, 10**8) == pytest.approx(0.8e-4, rel=1e-3)
    assert sign_error(0.5, 0) == math.inf


def test_bounded_values_reduce_to_signs_and_scale():
    signs = np.array([1, 1, -1, 1, 1, 1, -1, 1])
    found = bounded_errors(signs.mean(), signs.var(), 1.0, 8)
    assert found == pytest.approx(sign_error(signs.mean(), 8))
    assert bounded_errors(3 * signs.mean(), 9 * signs.var(), 3.0, 8) == pytest.approx(3 * found)
    assert bounded_errors(0.0, 0.0, 0.0, 8) == 0
