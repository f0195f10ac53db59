"""Bell shots of two large vectors, with numpy alone and in compiled steps.

Without numba the compiled steps run as plain Python.
"""

import numpy as np
import pytest
from scipy import linalg

from quantum_advantage.backends.simulators import compiled_copies, large_copies
from quantum_advantage.backends.simulators.large_copies import (
    LargeVector,
    measured_after_h,
    pair_sampler,
)
from quantum_advantage.core import compiling
from quantum_advantage.core.walsh_hadamard import walsh_hadamard


def random_vector(qubits, seed):
    parts = np.random.default_rng(seed).normal(size=(2, 2**qubits))
    amplitudes = parts[0] + 1j * parts[1]
    return (amplitudes / np.linalg.norm(amplitudes)).astype(np.complex64)


def shots_of(first, second, shots, seed):
    """Outcomes of both registers as one number, register a first."""
    vectors = [LargeVector.of(amplitudes) for amplitudes in (first, second)]
    sample, rng = pair_sampler(first.size.bit_length() - 1), np.random.default_rng(seed)
    a, b = np.array([sample(*vectors, rng) for _ in range(shots)]).T
    return a * first.size + b


def bell_law(first, second):
    """The law of CNOTs from register a to b and H on a, from the joint vector."""
    size = first.size
    joint = np.outer(first, second).astype(np.complex128)
    y = np.arange(size)
    after = joint[y[:, None], y[:, None] ^ y]
    return np.abs(linalg.hadamard(size) @ after / np.sqrt(size)).ravel() ** 2


@pytest.fixture(params=[False, True], ids=["numpy", "numba"])
def way(request, monkeypatch):
    monkeypatch.setattr(compiling, "AVAILABLE", request.param)


@pytest.mark.parametrize("at_once", [1, 2, 5])
@pytest.mark.parametrize("qubits", [2, 3, 4])
def test_shots_follow_the_law_of_the_joint_vector(way, qubits, at_once, p_of_law, monkeypatch):
    monkeypatch.setattr(large_copies, "QUBITS_AT_ONCE", at_once)
    vectors = random_vector(qubits, 1), random_vector(qubits, 2)
    counts = np.bincount(shots_of(*vectors, 8000, seed=3), minlength=4**qubits)
    assert p_of_law(counts, bell_law(*vectors)) > 1e-4


@pytest.mark.parametrize("qubits", [2, 3, 7, 11])
def test_both_ways_find_the_same_outcomes(qubits, monkeypatch):
    vectors, found = (random_vector(qubits, 4), random_vector(qubits, 5)), []
    for available in (False, True):
        monkeypatch.setattr(compiling, "AVAILABLE", available)
        found.append(shots_of(*vectors, 1000 if qubits < 5 else 40, seed=6))
    np.testing.assert_array_equal(*found)


def test_two_copies_of_a_pure_state_never_show_an_odd_number_of_singlets(way):
    vector = random_vector(9, 7)
    a, b = np.divmod(shots_of(vector, vector, 100, seed=8), 2**9)
    assert not (np.bitwise_count(a & b) % 2).any()
    assert np.unique(b).size > 50


def test_impossible_outcomes_never_come(way):
    """Z strings on basis states, and X strings on plus states, are certain."""
    zeros, plus = np.zeros(16, dtype=np.complex64), np.full(16, 0.25, dtype=np.complex64)
    zeros[5] = 1
    assert set((shots_of(zeros, zeros, 200, seed=9) % 16).tolist()) == {0}
    assert set((shots_of(plus, plus, 200, seed=9) // 16).tolist()) == {0}


def test_the_greatest_uniform_number_falls_into_the_last_possible_outcome(way):
    class Greatest:
        def random(self):
            return 1 - 2.0**-53

    vector = np.zeros(32, dtype=np.complex64)
    vector[[0, 1]] = 0.5**0.5
    vectors = LargeVector.of(vector), LargeVector.of(vector)
    a, b = pair_sampler(5)(*vectors, Greatest())
    # Both copies show 1, so x is 0; register a holds |0⟩ + |1⟩, whose outcomes after H are even.
    assert (a, b) == (30, 0)


def test_large_vectors_are_measured_by_the_law_of_their_transform(p_of_law):
    """A vector of 2¹³ with four cosines in it: four outcomes of the register, each with its law."""
    size, chosen = 1 << 13, np.array([0, 1234, 4097, 8191])
    peaks = np.zeros(size, dtype=np.complex64)
    peaks[chosen] = [0.7, 0.5j, -0.4, 0.1 + 0.3j]
    vector = walsh_hadamard(peaks) / np.sqrt(np.float32(size))
    rng = np.random.default_rng(1)
    found = [measured_after_h(vector.copy(), np.empty_like(vector), rng) for _ in range(2000)]
    counts = np.bincount(np.searchsorted(chosen, found), minlength=4)
    assert set(found) <= set(chosen.tolist())
    assert p_of_law(counts, np.abs(peaks[chosen]) ** 2) > 1e-4


# The compiled steps.


def lanes():
    return np.full((2, compiled_copies.LANES), 7, dtype=np.float32)


@pytest.mark.parametrize("size", [1, 2, 32, 64, 4096])
def test_weights_of_halves_are_sums_of_squares(size):
    a, b = np.random.default_rng(1).normal(size=(2, size)).astype(np.float32)
    expected = np.sum((a + b.astype(float)) ** 2), np.sum((a - b.astype(float)) ** 2)
    assert compiled_copies.half_weights(a, b, lanes()) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("qubits", [1, 2, 6, 12])
def test_products_and_what_is_kept_are_those_of_the_definition(qubits):
    """Whole and part chunks; the outcomes 1, 0, 1, ... are kept."""
    first, second = random_vector(qubits, 1), random_vector(qubits, 2)
    x = 2**qubits * 2 // 3
    product = np.empty_like(first)
    left = product.view(np.float32)
    weights = compiled_copies.multiply(first, second, x, product, left, lanes())
    expected = first * second[np.arange(2**qubits) ^ x]
    np.testing.assert_allclose(product, expected, atol=1e-7)
    for qubit in range(qubits):
        halves = expected.reshape(2, -1)
        outcomes = halves[0] + halves[1], halves[0] - halves[1]
        assert weights == pytest.approx([np.sum(np.abs(h) ** 2) for h in outcomes], rel=1e-5)
        expected = outcomes[1 - qubit % 2]
        if qubit + 1 < qubits:
            weights = compiled_copies.keep(left, 2 * (qubit % 2) - 1, lanes())
            left = left[: left.size // 2]
            np.testing.assert_allclose(left.view(np.complex64), expected, atol=1e-6)
