import numpy as np
import pytest

from quantum_advantage.core.standard_errors import DEVIATIONS
from quantum_advantage.inference.bell.principal_component import principal_expectation
from quantum_advantage.measurements.records import PrincipalRecord


def record(swaps, values):
    return PrincipalRecord(np.array(swaps, dtype=np.int8), np.array(values, dtype=np.int8))


def test_equal_outcomes_are_not_certain():
    value, error = principal_expectation(record([1] * 10, [1] * 10))
    assert value == 1
    # 0.61 at least, as ten equal signs, and more as the purity is not certain either.
    assert 0.3 < error < 0.6


@pytest.mark.parametrize("shots", [1, 3, 5, 11])
def test_interval_of_a_ratio_holds_all_that_is_possible_where_the_purity_is_unknown(shots):
    rng = np.random.default_rng(shots)
    swaps = np.where(np.arange(shots) < shots // 2, -1, 1)
    value, error = principal_expectation(record(swaps, rng.integers(0, 2, shots) * (swaps > 0)))
    assert value - DEVIATIONS * error <= -1 + 1e-9
    assert value + DEVIATIONS * error >= 1 - 1e-9


@pytest.mark.parametrize("r", [0.0, 0.3, 0.6, 0.9])
def test_ratios_are_covered(r):
    """Two copies of (I + r Z)/2 and O = Z: both 0, both 1, the triplet between, the singlet."""
    chances = [((1 + r) / 2) ** 2, ((1 - r) / 2) ** 2, (1 - r**2) / 4, (1 - r**2) / 4]
    swaps, values, exact = np.array([1, 1, 1, -1]), np.array([1, -1, 0, 0]), 2 * r / (1 + r**2)
    rng, covered, wide = np.random.default_rng(1), 0, []
    for _ in range(400):
        drawn = rng.choice(4, 100, p=chances)
        value, error = principal_expectation(record(swaps[drawn], values[drawn]))
        covered += abs(value - exact) <= DEVIATIONS * error
        wide.append(error)
    assert covered >= 0.93 * 400
    purity = (1 + r**2) / 2
    spread = np.sqrt(chances @ (values - exact * swaps) ** 2 / 100) / purity
    assert np.mean(wide) < 1.5 * spread + 2 / 100 / purity


def test_what_is_no_principal_record_is_refused():
    with pytest.raises(ValueError, match="swaps must be 1 or -1, and values 1, -1 or 0"):
        record([1, 0], [1, 0])
    with pytest.raises(ValueError, match=r"both have shape \(shots,\)"):
        record([1, 1], [1])
    with pytest.raises(ValueError, match="at least one shot, not 0"):
        principal_expectation(record([], []))
    with pytest.raises(ValueError, match="record must be a PrincipalRecord, not 3"):
        principal_expectation(3)
