import cirq
import numpy as np
import pytest

from quantum_advantage.core.usage import UsageError
from quantum_advantage.systems.clifford_layers import (
    StabiliserState,
    random_clifford_layers,
    random_pairing,
)
from quantum_advantage.systems.toric_code import toric_code_circuit, torus_bonds

PAIR = ((0, 1),)


def test_pairings_are_disjoint_bonds_of_all_qubits_and_differ():
    bonds, rng = torus_bonds(50), np.random.default_rng(1)
    layers = [random_pairing(bonds, 50, rng) for _ in range(3)]
    for layer in layers:
        assert set(layer) <= set(bonds)
        assert sorted(np.ravel(layer)) == list(range(50))
    assert len(set(map(frozenset, layers))) == 3


@pytest.mark.parametrize("bonds", [((0, 1), (0, 3)), ((0, 1), (0, 3), (2, 1), (4, 1))])
def test_bonds_that_pair_not_all_qubits_are_refused(bonds):
    with pytest.raises(UsageError, match="bonds must"):
        random_pairing(bonds, 4, np.random.default_rng(0))


def test_two_qubit_gates_are_uniform_over_the_paulis_that_a_pauli_becomes():
    """A uniform Clifford gate takes ZI to each of the 15 strings, of either sign, equally often."""
    line, rng, drawn = cirq.LineQubit.range(2), np.random.default_rng(2), 1500
    found = {}
    for _ in range(drawn):
        circuit = random_clifford_layers(line, PAIR, 1, rng)
        whole = cirq.CliffordTableau(2)
        state = cirq.CliffordTableauSimulationState(whole, qubits=line)
        for op in circuit.all_operations():
            cirq.act_on(op, state)
        text = str(whole.stabilizers()[0])
        found[text] = found.get(text, 0) + 1
    assert len(found) == 30
    expected = drawn / 30
    square = sum((count - expected) ** 2 / expected for count in found.values())
    assert square < 29 + 4 * np.sqrt(2 * 29)


def test_exact_outcomes_follow_the_law_of_the_circuit():
    """All 8 outcomes in a fixed mixed basis, against the state vector."""
    rng = np.random.default_rng(3)
    line = cirq.LineQubit.range(4)
    layers = random_clifford_layers(line, ((0, 1), (2, 1), (2, 3), (0, 3)), 2, rng)
    state = StabiliserState(layers, 4)
    basis = np.array([0, 1, 2, 1], dtype=np.uint8)
    turned = layers + cirq.Circuit(cirq.H(line[0]), *((cirq.S**-1)(q) for q in (line[1], line[3])))
    turned += cirq.Circuit(cirq.H(line[1]), cirq.H(line[3]))
    law = abs(turned.final_state_vector(qubit_order=line)) ** 2
    outcomes = state.measure(np.tile(basis, (2000, 1)), rng)
    counts = np.bincount(outcomes @ [8, 4, 2, 1], minlength=16)
    assert (counts[law < 1e-6] == 0).all()
    kept = law > 1e-6
    square = ((counts - 2000 * law)[kept] ** 2 / (2000 * law[kept])).sum()
    assert square < kept.sum() + 4 * np.sqrt(2 * kept.sum())


def test_purities_are_those_of_the_reduced_states():
    line = cirq.LineQubit.range(8)
    layers = random_clifford_layers(line, torus_bonds(8), 1, np.random.default_rng(4))
    for start in (cirq.Circuit(), toric_code_circuit(line)):
        vector = (start + layers).final_state_vector(qubit_order=line)
        expected = []
        for k in range(8):
            reduced = cirq.partial_trace_of_state_vector_as_mixture
            parts = reduced(vector, [k])
            matrix = sum(p * np.outer(v, v.conj()) for p, v in parts)
            expected.append(np.trace(matrix @ matrix).real)
        found = StabiliserState(start + layers, 8).one_qubit_purities()
        assert np.allclose(found, expected, atol=1e-5)
