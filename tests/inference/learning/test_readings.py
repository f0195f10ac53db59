"""Readings of records: equal to what they are made of, and refused where nothing can be read."""

from itertools import combinations

import numpy as np
import pytest

from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.haar.real_amplitudes import complement_log_ratio
from quantum_advantage.inference.learning import readings
from quantum_advantage.inference.learning.kernel_pca import feature_coordinates, moment_features

RNG = np.random.default_rng(3)
PAIRS = RNG.integers(0, 2, (6, 40, 8), dtype=np.uint8)
SINGLES = RNG.integers(0, 2, (6, 40, 4), dtype=np.uint8)


def only_even(bits):
    """The bits with the first pair of every odd shot set to 00 or 11, so that singlets are even."""
    bits = bits.copy()
    odd = (bits[..., :4] & bits[..., 4:]).sum(axis=2) % 2 == 1
    flip = np.where(bits[..., 0] & bits[..., 4], 0, 1)
    bits[..., 0] = np.where(odd, flip, bits[..., 0])
    bits[..., 4] = np.where(odd, flip, bits[..., 4])
    return bits


def test_singlets_are_counted_pair_by_pair():
    for shot, even in zip(PAIRS.reshape(-1, 8), readings.even_singlets(PAIRS).ravel(), strict=True):
        singlets = sum(shot[i] and shot[4 + i] for i in range(4))
        assert even == (singlets % 2 == 0)


def test_dropping_nothing_changes_nothing():
    bits = only_even(PAIRS)
    assert readings.even_singlets(bits).all()
    assert readings.even_weights(bits) == pytest.approx(readings.mean_weights(bits))
    expected = feature_coordinates(moment_features(bits))
    found = readings.even_moments(bits)
    assert np.abs(found) == pytest.approx(np.abs(expected))


def test_dropped_shots_do_not_count():
    kept = readings.even_singlets(PAIRS)
    for bits, keep, weight in zip(PAIRS, kept, readings.even_weights(PAIRS), strict=True):
        assert weight == pytest.approx(bits[keep].mean())
    odd = np.zeros((2, 5, 2), dtype=np.uint8)
    odd[0] = 1
    assert readings.even_weights(odd).tolist() == [0.5, 0.0]


def test_zeros_and_weights():
    bits = np.zeros((1, 4, 6), dtype=np.uint8)
    bits[0, 0, 2] = 1
    assert readings.zero_shares(bits).tolist() == [0.75]
    assert readings.mean_weights(bits).tolist() == [pytest.approx(1 / 24)]


def test_equal_and_complementary_outcomes_are_those_of_a_loop():
    numbers = readings.outcome_numbers_of(SINGLES)
    assert numbers[2, 3] == sum(int(b) << i for i, b in enumerate(SINGLES[2, 3]))
    for row, found in zip(numbers, readings.equal_pairs(SINGLES), strict=True):
        assert found == sum(a == b for a, b in combinations(row.tolist(), 2))
    expected = complement_log_ratio(numbers, [40], 4)[:, 0]
    assert readings.complement_ratios(SINGLES) == pytest.approx(expected)


@pytest.mark.parametrize("name", readings.BELL_READINGS)
def test_bits_of_pairs_are_needed(name):
    if name == "moments":
        return
    with pytest.raises(UsageError, match="bits"):
        readings.BELL_READINGS[name](np.zeros((2, 3, 5), dtype=np.uint8))


def test_what_is_no_bit_is_refused():
    with pytest.raises(UsageError, match="bits"):
        readings.mean_weights(np.full((2, 3, 4), 2))
    with pytest.raises(UsageError, match="1 to 63"):
        readings.equal_pairs(np.zeros((2, 3, 64), dtype=np.uint8))
