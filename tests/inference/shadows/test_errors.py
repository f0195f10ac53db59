import cirq
import numpy as np
import pytest

from quantum_advantage.core.bits import pack_bits
from quantum_advantage.inference.shadows.expectations import expectation
from quantum_advantage.measurements.pauli_basis import pack_bases
from quantum_advantage.measurements.records import ShadowRecord

A, B = cirq.LineQubit.range(2)


def record(bases, bits, times=1):
    columns = tuple(np.array(bases, dtype=np.uint8).T)
    return ShadowRecord((A, B)[: len(columns)], pack_bases(columns), pack_bits(bits), times)


def test_value_beyond_what_is_possible_does_not_take_all_of_the_second_moment():
    """X + Y + Z is at most √3 on a qubit; every shot hits one letter and adds 3."""
    found = record([[k % 3] for k in range(9)], np.zeros((9, 1)))
    value, error = expectation(found, cirq.X(A) + cirq.Y(A) + cirq.Z(A))
    assert (value, error) == pytest.approx((3, np.sqrt((9 - 3) / 9)))


def test_contributions_that_cancel_in_the_sample_are_not_certain():
    found = record([[2, 2], [2, 2]], np.zeros((2, 2)))
    value, error = expectation(found, cirq.Z(A) - cirq.Z(B))
    assert value == 0
    assert error >= 2


def test_pairs_that_were_never_hit_together_count_at_their_largest():
    """Each of Z0 and Z1 once in three settings, never both: 3 + 3 + 2 - 2²."""
    found = record([[2, 0], [0, 2], [0, 0]], np.zeros((3, 2)))
    value, error = expectation(found, cirq.Z(A) + cirq.Z(B))
    assert (value, error) == pytest.approx((2, np.sqrt((6 + 2 - 4) / 3)))


def test_a_seen_mean_narrows_the_error_of_many_shots_in_a_setting():
    """K = 1000 coins in each of 30 settings: a mean sign near 0 leaves little to the settings."""
    rng = np.random.default_rng(1)
    bases = np.tile([[0, 0], [1, 1], [2, 2]], (10, 1))
    found = record(bases, rng.integers(0, 2, (30_000, 2)), 1000)
    assert expectation(found, cirq.Z(A) * 1.0)[1] < 0.03
    certain = record(bases, np.zeros((30_000, 2)), 1000)
    value, error = expectation(certain, cirq.Z(A) * 1.0)
    assert (value, error) == pytest.approx((1, np.sqrt(2 / 30)), rel=0.01)
