import itertools
import math
from collections import Counter
from fractions import Fraction

import cirq
import numpy as np
import pytest
from drawn_states import mixed_state

from quantum_advantage.inference.haar.collisions import (
    haar_log_ratio,
    pair_mean_variance,
    sums_at,
    times_seen_before,
    unbiased_purity,
)
from quantum_advantage.measurements.stabiliser import stabiliser_basis_change
from quantum_advantage.measurements.unbiased_bases import unbiased_basis_dial

RECORDS = 600


def exact_ratio(outcomes, size):
    """The ratio of likelihoods by factorials, as a fraction."""
    product = math.prod(math.factorial(count) for count in Counter(outcomes).values())
    shots = len(outcomes)
    urn = Fraction(product * math.factorial(size - 1), math.factorial(size + shots - 1))
    return urn * size**shots


def basis_unitaries(qubits):
    """The 2ⁿ + 1 basis changes of the circuit, one for each position of its dial."""
    line = cirq.LineQubit.range(qubits)
    dial = unbiased_basis_dial(qubits)
    circuit = cirq.Circuit(stabiliser_basis_change(line))
    resolved = (
        cirq.resolve_parameters(circuit, dict(zip(dial.symbols, values, strict=True)))
        for values in dial.positions
    )
    return [step.unitary(qubit_order=line) for step in resolved]


def unbiased_laws(state):
    """The law of the outcomes in every unbiased basis, (2ⁿ + 1, 2ⁿ)."""
    qubits = len(state).bit_length() - 1
    return np.array([np.diag(u @ state @ u.conj().T).real for u in basis_unitaries(qubits)])


def draw_records(laws, records, shots, rng):
    """The outcomes of so many records, and the bases, which take turns."""
    bases = np.arange(shots) % len(laws)
    steps = np.cumsum(laws, axis=1)[bases, :-1]
    return (rng.random((records, shots, 1)) > steps).sum(axis=2), bases


def purity_of(state):
    return np.trace(state @ state).real


def assert_unbiased_with_stated_error(estimates, errors, truth):
    """The mean, and the mean squared deviation against the mean squared error that is stated."""
    root = np.sqrt(len(estimates))
    assert abs(estimates.mean() - truth) < 4 * estimates.std(ddof=1) / root
    off = (estimates - truth) ** 2 - errors**2
    tolerance = 4 * off.std(ddof=1) / root
    assert abs(off.mean()) < tolerance
    assert tolerance < 0.35 * estimates.var(), "too few records to see 16 % of the error"


# Beside one word for outcome and time: half a word, a word, more than a word, and negative numbers.
@pytest.mark.parametrize("least", [0, 2**40, 2**62 - 9, -4])
def test_earlier_shots_are_counted_as_a_loop_would(least):
    outcomes = np.random.default_rng(1).integers(0, 9, (40, 30)) + least
    expected = [[list(row[:shot]).count(row[shot]) for shot in range(30)] for row in outcomes]
    seen = times_seen_before(outcomes)
    assert seen.dtype == np.int64
    np.testing.assert_array_equal(seen, expected)


@pytest.mark.parametrize("shots", [0, 1])
def test_too_few_shots_to_repeat_have_seen_nothing(shots):
    np.testing.assert_array_equal(
        times_seen_before(np.full((3, shots), 7)), np.zeros((3, shots), dtype=int)
    )


def test_pairs_are_counted_as_a_loop_would():
    outcomes = np.random.default_rng(2).integers(0, 6, (20, 25))
    prefixes = [1, 2, 13, 25]
    expected = [
        [sum(a == b for a, b in itertools.combinations(row[:end], 2)) for end in prefixes]
        for row in outcomes
    ]
    np.testing.assert_array_equal(sums_at(times_seen_before(outcomes), prefixes), expected)


@pytest.mark.parametrize("qubits", [1, 2, 5])
def test_log_ratio_is_that_of_the_factorials(qubits):
    outcomes = np.random.default_rng(3).integers(0, 2**qubits, (10, 12))
    found = haar_log_ratio(outcomes, np.arange(1, 13), qubits)
    expected = [
        [math.log(exact_ratio(row[:end].tolist(), 2**qubits)) for end in range(1, 13)]
        for row in outcomes
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_log_ratio_of_all_records_has_the_total_probability_of_one():
    outcomes = np.array(list(itertools.product(range(4), repeat=5)))
    assert np.exp(haar_log_ratio(outcomes, [5], 2)).mean() == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("outcomes", [(0, 0, 0, 0), (1, 1, 3, 3), (2, 0, 2, 1), (3, 1, 0, 2)])
def test_ratio_is_the_mean_likelihood_of_haar_random_states(outcomes):
    rng = np.random.default_rng(4)
    states = rng.normal(size=(200_000, 4)) + 1j * rng.normal(size=(200_000, 4))
    chances = np.abs(states) ** 2
    chances /= chances.sum(axis=1, keepdims=True)
    ratios = 4.0**4 * chances[:, list(outcomes)].prod(axis=1)
    expected = np.exp(haar_log_ratio(np.array([outcomes]), [4], 2))[0, 0]
    error = ratios.std(ddof=1) / np.sqrt(ratios.size)
    assert abs(ratios.mean() - expected) < 4 * error
    assert error < 0.01 * expected


def test_log_ratio_of_large_outcomes_is_that_of_one_repetition():
    outcomes = np.array([[2**62 - 1, 5, 2**62 - 1, 2**62 - 2]])
    expected = [0, 0, math.log(2), math.log(2)]
    found = haar_log_ratio(outcomes, [1, 2, 3, 4], 62)[0]
    np.testing.assert_allclose(found, expected, atol=1e-15)


@pytest.mark.parametrize("qubits", [1, 2, 3])
def test_collision_probabilities_of_the_unbiased_bases_add_up_to_one_plus_the_purity(qubits):
    state = mixed_state(qubits)
    assert (unbiased_laws(state) ** 2).sum() == pytest.approx(1 + purity_of(state), abs=1e-10)


@pytest.mark.parametrize("shots", [4, 5])
def test_variance_of_a_mean_over_pairs_is_estimated_without_bias_in_both_parts(shots):
    law = np.array([0.5, 0.3, 0.2])
    kernel = np.array([[1.0, -0.5, 2.0], [-0.5, 0.3, 0.7], [2.0, 0.7, -1.0]])
    records = np.array(list(itertools.product(range(3), repeat=shots)))
    chances = law[records].prod(axis=1)
    values = kernel[records[:, :, None], records[:, None, :]] * (1 - np.eye(shots))
    total, rows = values.sum(axis=(1, 2)), (values.sum(axis=2) ** 2).sum(axis=1)
    parts = pair_mean_variance(total, rows, (values**2).sum(axis=(1, 2)), shots)
    square = (law @ kernel @ law) ** 2
    pairs = shots * (shots - 1)
    linear = 4 * (shots - 2) * (law @ (kernel @ law) ** 2 - square) / pairs
    rest = 2 * (law @ kernel**2 @ law - square) / pairs
    assert [chances @ part for part in parts] == pytest.approx([linear, rest], abs=1e-12)
    estimates = total / pairs
    variance = chances @ estimates**2 - (chances @ estimates) ** 2
    assert variance == pytest.approx(linear + rest, abs=1e-12)


@pytest.mark.parametrize("shots", [2, 3])
def test_variance_from_fewer_than_four_shots_is_overstated_by_the_square_of_the_mean(shots):
    law = np.array([0.5, 0.3, 0.2])
    records = np.array(list(itertools.product(range(3), repeat=shots)))
    chances = law[records].prod(axis=1)
    values = (records[:, :, None] == records[:, None, :]) * (1 - np.eye(shots))
    total, rows = values.sum(axis=(1, 2)), (values.sum(axis=2) ** 2).sum(axis=1)
    stated = chances @ sum(pair_mean_variance(total, rows, total, shots))
    rate = total / (shots * (shots - 1))
    assert stated == pytest.approx(chances @ rate**2, abs=1e-12)
    assert chances @ rate == pytest.approx(law @ law)


def test_estimate_is_that_of_the_pairs_of_every_basis():
    outcomes = np.array([0, 0, 0, 1, 1, 0, 1, 1, 1])
    bases = np.array([0, 0, 1, 1, 1, 2, 2, 2, 2])
    estimate, error = unbiased_purity(outcomes, bases, 1)
    assert estimate == pytest.approx(1 + 1 / 3 + 3 / 6 - 1)
    # Basis 2 by hand: S = Q = 6, R = 12, T = 4, so θ² is (36 - 48 + 12)/24 = 0.
    linear = 0 + 4 * 0 / 36 + 4 * (12 - 6) / 144
    rest = 2 * 1 / 2 + 2 * (2 / 6) / 6 + 2 * (6 / 12) / 12
    one = 1.959964 / 2
    assert error == pytest.approx(one + np.sqrt(linear + rest + one**2))
    never = unbiased_purity(np.array([0, 1] * 3), np.repeat(np.arange(3), 2), 1)
    assert never == pytest.approx((-1, 2 * one))


@pytest.mark.parametrize("wrong", [np.array([0.0, 1.0] * 3), np.array([False, True] * 3)])
def test_outcomes_that_are_no_whole_numbers_are_refused(wrong):
    with pytest.raises(ValueError, match="outcomes must be whole numbers, not"):
        unbiased_purity(wrong, np.repeat(np.arange(3), 2), 1)


@pytest.mark.parametrize(("qubits", "each"), [(1, 20), (2, 30), (3, 24)])
def test_purity_is_unbiased_with_the_stated_error(qubits, each):
    state = mixed_state(qubits, seed=5)
    rng = np.random.default_rng(6)
    outcomes, bases = draw_records(unbiased_laws(state), RECORDS, each * (2**qubits + 1), rng)
    estimates, errors = np.array([unbiased_purity(row, bases, qubits) for row in outcomes]).T
    assert_unbiased_with_stated_error(estimates, errors, purity_of(state))


def test_order_of_the_shots_does_not_matter():
    rng = np.random.default_rng(7)
    outcomes, bases = draw_records(unbiased_laws(mixed_state(2)), 1, 60, rng)
    order = rng.permutation(60)
    plain = unbiased_purity(outcomes[0], bases, 2)
    assert unbiased_purity(outcomes[0][order], bases[order].astype(np.uint16), 2) == plain


def test_sums_are_those_of_the_first_values():
    assert sums_at(np.array([[1, 2, 4], [8, 16, 32]]), [3, 1, 1]).tolist() == [
        [7, 1, 1],
        [56, 8, 8],
    ]


@pytest.mark.parametrize("prefix", [0, 4])
def test_prefix_outside_the_shots_is_refused_by_value(prefix):
    with pytest.raises(ValueError, match=f"between 1 and the 3 shots, not {prefix}"):
        sums_at(np.zeros((1, 3)), [1, prefix])


def test_outcomes_of_another_shape_are_refused_with_it():
    with pytest.raises(ValueError, match=r"\(trials, shots\), not \(3,\)"):
        times_seen_before(np.arange(3))


@pytest.mark.parametrize("outcome", [-1, 4])
def test_outcome_outside_the_qubits_is_refused_by_value(outcome):
    with pytest.raises(ValueError, match=f"below 2\\^2, not be {outcome}"):
        haar_log_ratio(np.array([[0, outcome]]), [1], 2)
    with pytest.raises(ValueError, match=f"below 2\\^2, not be {outcome}"):
        unbiased_purity(np.array([0, outcome]), np.array([0, 0]), 2)


@pytest.mark.parametrize("basis", [-1, 3])
def test_basis_outside_the_set_is_refused_by_value(basis):
    with pytest.raises(ValueError, match=f"between 0 and 2, not {basis}"):
        unbiased_purity(np.array([0, 0]), np.array([0, basis]), 1)


def test_basis_without_a_pair_is_refused_by_number():
    with pytest.raises(ValueError, match="basis 1 must have at least 2 shots, not 1"):
        unbiased_purity(np.zeros(5, dtype=int), np.array([0, 0, 1, 2, 2]), 1)


def test_outcomes_and_bases_of_different_shapes_are_refused_with_both():
    with pytest.raises(ValueError, match=r"not \(5,\) and \(4,\)"):
        unbiased_purity(np.zeros(5, dtype=int), np.zeros(4, dtype=int), 1)
