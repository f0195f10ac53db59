import cirq
import numpy as np
import pytest
from scipy import stats

from quantum_advantage import measure_shadow
from quantum_advantage.core.bits import unpack_bits
from quantum_advantage.core.usage import UsageError
from quantum_advantage.measurements.pauli_basis import unpack_bases
from quantum_advantage.measurements.vector_shadows import (
    fixed_bases_of_vectors,
    outcomes_of,
    pauli_outcomes,
    shadows_of_vectors,
)
from quantum_advantage.systems.heisenberg import draw_couplings, ground_state

ROTATIONS = {
    0: np.array([[1, 1], [1, -1]]) / np.sqrt(2),
    1: np.array([[1, -1j], [1, 1j]]) / np.sqrt(2),
    2: np.eye(2),
}


def law(vector, basis):
    """The exact chances of all outcomes of a state in a product basis."""
    whole = np.eye(1)
    for one in basis:
        whole = np.kron(whole, ROTATIONS[one])
    return np.abs(whole @ vector) ** 2


def random_vector(qubits, seed):
    rng = np.random.default_rng(seed)
    vector = rng.normal(size=2**qubits) + 1j * rng.normal(size=2**qubits)
    return vector / np.linalg.norm(vector)


@pytest.mark.parametrize("basis", [(0, 1, 2), (1, 1, 0), (2, 0, 1), (2, 2, 2)])
def test_outcomes_follow_the_exact_law(basis):
    vectors = np.stack([random_vector(3, 1), random_vector(3, 2)])
    shots = 8000
    owners = np.arange(shots) % 2
    bases = np.tile(np.array(basis, dtype=np.uint8), (shots, 1))
    bits = pauli_outcomes(vectors, owners, bases, np.random.default_rng(3))
    numbers = bits @ np.array([4, 2, 1])
    for system in range(2):
        counts = np.bincount(numbers[owners == system], minlength=8)
        expected = law(vectors[system], basis) * counts.sum()
        assert expected.min() > 5
        assert stats.chisquare(counts, expected).pvalue > 1e-4


def test_a_vector_and_its_circuit_have_records_of_one_law():
    state = ground_state(2, 2, draw_couplings(2, 2, 1, seed=4)[0])
    shots = 1500
    record = measure_shadow(state.circuit(), cirq.Simulator(seed=5), shots, seed=6)
    (drawn,) = shadows_of_vectors([state.vector()], shots, np.random.default_rng(7))
    assert drawn.qubits == record.qubits
    assert drawn.scheme == record.scheme
    tables = []
    for one in (record, drawn):
        bases, bits = unpack_bases(one.bases, 4), unpack_bits(one.outcomes, 4)
        # Basis and outcome of the first two sites.
        symbols = (2 * bases + bits)[:, :2].astype(int) @ np.array([6, 1])
        tables.append(np.bincount(symbols, minlength=36))
    assert stats.chi2_contingency(np.array(tables)).pvalue > 1e-4


def test_many_copies_are_measured_in_parts_with_the_same_law(monkeypatch):
    import quantum_advantage.measurements.vector_shadows as module

    monkeypatch.setattr(module, "_AT_ONCE", 64)
    vector = random_vector(3, 8)
    bases = np.tile(np.array([0, 1, 2], dtype=np.uint8), (3000, 1))
    owners = np.zeros(3000, dtype=int)
    bits = pauli_outcomes([vector], owners, bases, np.random.default_rng(9))
    counts = np.bincount(bits @ np.array([4, 2, 1]), minlength=8)
    assert stats.chisquare(counts, 3000 * law(vector, (0, 1, 2))).pvalue > 1e-4


def test_fixed_bases_take_turns():
    (record,) = fixed_bases_of_vectors([random_vector(2, 10)], 7, np.random.default_rng(11))
    assert unpack_bases(record.bases, 2)[:, 0].tolist() == [0, 1, 2, 0, 1, 2, 0]
    assert record.scheme == "fixed"


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(UsageError, match=r"vectors must have shape \(states, 4\)"):
        pauli_outcomes(np.ones((1, 8)), [0], np.zeros((1, 2), np.uint8), np.random.default_rng(1))


def test_outcomes_follow_the_law_of_the_rotated_vector():
    rng = np.random.default_rng(1)
    vector = rng.normal(size=16) + 1j * rng.normal(size=16)
    vector /= np.linalg.norm(vector)
    line = cirq.LineQubit.range(4)
    basis = np.array([0, 1, 2, 1], dtype=np.uint8)
    turn = cirq.Circuit(cirq.I.on_each(*line), cirq.S(line[1]) ** -1, cirq.S(line[3]) ** -1)
    turn += cirq.Circuit(cirq.H(line[k]) for k in (0, 1, 3))
    law = abs(turn.final_state_vector(initial_state=vector, dtype=np.complex128)) ** 2
    shots = 4000
    # Among shots in other bases, with which they share parts of their vectors.
    bases = np.concatenate([np.tile(basis, (shots, 1)), rng.integers(0, 3, (500, 4))])
    nodes = np.zeros(len(bases), dtype=np.int64)
    outcomes = outcomes_of(vector[None], nodes, bases.astype(np.uint8), rng)[:shots]
    counts = np.bincount(outcomes @ [8, 4, 2, 1], minlength=16)
    square = ((counts - shots * law) ** 2 / (shots * law)).sum()
    assert square < 15 + 4 * np.sqrt(30)
