import itertools

import cirq
import numpy as np
import pytest

from quantum_advantage.acquire import measure_shadow
from quantum_advantage.inference.shadows import ShadowRecord, expectation
from quantum_advantage.measurements.pauli_basis import pack_bases
from quantum_advantage.pauli import pack_bits

QUBITS = A, B = tuple(cirq.LineQubit.range(2))
STATE = cirq.testing.random_density_matrix(4, random_state=1)
# Rows are the eigenstates +1 and -1 of X, Y and Z.
EIGENSTATES = np.array(
    [[[1, 1], [1, -1]], [[1, 1j], [1, -1j]], [[np.sqrt(2), 0], [0, np.sqrt(2)]]]
) / np.sqrt(2)
OBSERVABLES = {
    "sum": 0.5 * cirq.X(A) * cirq.X(B) - 1.5 * cirq.Y(B) + 0.7 * cirq.Z(A) * cirq.Y(B) + 0.25,
    "string": -2.0 * cirq.Y(A) * cirq.Z(B),
    "one letter": cirq.X(A) * 1.0,
}
SHOTS, RECORDS = 200, 1500


def outcome_chances():
    """The chance of each outcome (two bits) in each of the nine bases, shape (9, 4)."""
    chances = []
    for first, second in itertools.product(EIGENSTATES, repeat=2):
        states = np.kron(first, second)
        chances.append(np.einsum("ki,ij,kj->k", states.conj(), STATE, states).real)
    return np.array(chances)


CUMULATED = np.cumsum(outcome_chances(), axis=1)


def draw_record(shots, rng, qubits=QUBITS):
    """A record of uniformly random bases, drawn from the exact distribution."""
    bases = rng.integers(0, 9, shots)
    steps = CUMULATED[bases, :3]
    outcomes = (rng.random((shots, 1)) > steps).sum(axis=1)
    settings = [column.astype(np.uint8) for column in np.divmod(bases, 3)]
    bits = np.stack(np.divmod(outcomes, 2), axis=1)
    return ShadowRecord(qubits, pack_bases(settings), pack_bits(bits))


def exact(observable):
    matrix = cirq.PauliSum.wrap(observable).matrix(qubits=QUBITS)
    return np.trace(matrix @ STATE).real


@pytest.mark.parametrize("name", OBSERVABLES)
def test_estimate_of_one_record_agrees_within_its_error(name):
    estimate, error = expectation(draw_record(40_000, np.random.default_rng(2)), OBSERVABLES[name])
    assert abs(estimate - exact(OBSERVABLES[name])) < 5 * error
    assert error < 0.04


@pytest.mark.parametrize("name", OBSERVABLES)
def test_estimates_are_unbiased_with_the_stated_error(name):
    rng = np.random.default_rng(3)
    answers = [expectation(draw_record(SHOTS, rng), OBSERVABLES[name]) for _ in range(RECORDS)]
    estimates, errors = np.array(answers).T
    spread = estimates.std(ddof=1)
    assert abs(estimates.mean() - exact(OBSERVABLES[name])) < 5 * spread / np.sqrt(RECORDS)
    assert errors.mean() == pytest.approx(spread, rel=0.1)


@pytest.mark.parametrize(("text", "weight"), [("IX", 1), ("YZ", 2)])
def test_second_moment_of_a_string_is_three_to_its_weight(text, weight):
    shots = 40_000
    observable = cirq.DensePauliString(text).on(*QUBITS)
    estimate, error = expectation(draw_record(shots, np.random.default_rng(4)), observable)
    moment = error**2 * (shots - 1) + estimate**2
    chance = 3.0**-weight
    tolerance = 5 * 9.0**weight * np.sqrt(chance * (1 - chance) / shots)
    assert abs(moment - 3.0**weight) < tolerance


def test_identity_is_known_without_error():
    record = draw_record(30, np.random.default_rng(5))
    assert expectation(record, cirq.PauliSum() + 0.75) == (0.75, 0)


def test_order_of_the_qubits_of_the_record_counts():
    swapped = draw_record(500, np.random.default_rng(6), qubits=(B, A))
    plain = draw_record(500, np.random.default_rng(6))
    first, second = cirq.X(A) * cirq.Z(B), cirq.X(B) * cirq.Z(A)
    assert expectation(swapped, first) == expectation(plain, second)
    assert expectation(plain, first) != expectation(plain, second)


def test_error_is_that_of_the_contributions_of_the_shots():
    every_shot_in_x = pack_bases([np.zeros(5, dtype=np.uint8)] * 2)
    signs = np.array([1, -1, 1, 1, -1])
    bits = np.stack([signs < 0, signs > 0], axis=1)
    estimate = expectation(ShadowRecord(QUBITS, every_shot_in_x, pack_bits(bits)), cirq.X(A) * 2.0)
    expected = 6 * signs.mean(), 6 * signs.std(ddof=1) / np.sqrt(5)
    assert estimate == pytest.approx(expected)


def test_error_of_one_shot_is_infinite():
    assert expectation(draw_record(1, np.random.default_rng(7)), cirq.X(A) * 1.0)[1] == np.inf


def test_record_counts_its_shots():
    assert draw_record(37, np.random.default_rng(8)).shots == 37


@pytest.mark.parametrize(
    "observable", [1j * cirq.X(A) * cirq.Z(B), cirq.X(A) + 0.5j * cirq.Z(B) * cirq.Z(A)]
)
def test_observable_that_is_not_hermitian_is_refused(observable):
    with pytest.raises(ValueError, match="must have real coefficients"):
        expectation(draw_record(5, np.random.default_rng(9)), observable)


def test_observable_outside_the_qubits_is_refused_by_qubit():
    outside = cirq.X(A) * cirq.X(cirq.LineQubit(7))
    with pytest.raises(ValueError, match=r"LineQubit\(7\)"):
        expectation(draw_record(5, np.random.default_rng(10)), outside)


def test_a_term_with_coefficient_zero_contributes_nothing():
    qubit = cirq.LineQubit(0)
    record = measure_shadow(cirq.Circuit(cirq.H(qubit)), cirq.Simulator(seed=1), 20, seed=2)
    assert expectation(record, 0 * cirq.X(qubit)) == (0.0, 0.0)
