"""The replacement channel as a circuit, against density matrices."""

import cirq
import numpy as np
import pytest

from quantum_advantage.core.pauli import LETTERS
from quantum_advantage.systems.hidden_pauli import HiddenPauli
from quantum_advantage.systems.processes import INPUTS, RandomInputs, ReplacementChannel


def hidden(text, sign, signal, seed=0):
    letters = np.array([[LETTERS.index(c) for c in text]], dtype=np.uint8)
    rng = np.random.default_rng(seed)
    return HiddenPauli(letters, np.array([sign], dtype=np.int8), np.array([signal]), rng)


def values(dials, row):
    return {
        symbol: value
        for dial, position in zip(dials, row, strict=True)
        for symbol, value in zip(dial.symbols, dial.positions[int(position)], strict=True)
    }


def mean_output(process, state, qubits, ancillas):
    """The mean output on a state of qubits and ancillas, over all of nature's positions."""
    # All draws of nature are equally likely or absent at a signal of 1.
    rows = np.unique(np.stack(process.draw(4000, "a"), axis=1), axis=0)
    simulator = cirq.DensityMatrixSimulator(dtype=np.complex128)
    total = 0
    for row in rows:
        circuit = cirq.resolve_parameters(
            process.circuit(qubits, "a"), values(process.dials("a"), row)
        )
        total = (
            total
            + simulator.simulate(
                circuit, initial_state=state, qubit_order=[*qubits, *ancillas]
            ).final_density_matrix
        )
    return total / len(rows)


@pytest.mark.parametrize(("text", "sign"), [("XZ", 1), ("IY", -1), ("YX", -1)])
def test_every_input_is_replaced_and_its_ancillas_are_left_alone(text, sign):
    """The corollary of the bound: (E ⊗ 1)(σ) = ρ ⊗ τ, for an entangled σ too."""
    qubits, ancillas = cirq.LineQubit.range(2), cirq.LineQubit.range(2, 4)
    process = ReplacementChannel(hidden(text, sign, 1.0))
    for seed in range(2):
        unitary = cirq.testing.random_unitary(16, random_state=seed)
        joint = unitary[:, 0]
        matrix = joint.reshape(4, 4)
        left = matrix.T @ matrix.conj()
        expected = np.kron(process.output.density_matrix(0), left)
        np.testing.assert_allclose(
            mean_output(process, joint, qubits, ancillas), expected, atol=1e-9
        )


def test_inputs_come_first_and_are_uniform(p_of_law):
    outputs = RandomInputs(ReplacementChannel(hidden("XZ", 1, 0.9)), np.random.default_rng(1))
    assert outputs.dials("a")[:2] == outputs.inputs("a")
    assert [dial.name for dial in outputs.dials("a")] == ["input_a0", "input_a1", "a0", "a1"]
    columns = outputs.draw(6000, "a")
    assert len(columns) == 4
    joint = columns[0].astype(int) * INPUTS + columns[1]
    assert p_of_law(np.bincount(joint, minlength=INPUTS**2), np.full(INPUTS**2, 1 / 36)) > 1e-4


def test_the_input_gates_prepare_what_their_dials_say():
    qubits = cirq.LineQubit.range(2)
    outputs = RandomInputs(ReplacementChannel(hidden("XZ", 1, 0.9)), np.random.default_rng(1))
    circuit = outputs.circuit(qubits, "a")
    resets = [i for i, moment in enumerate(circuit) if any(map(is_reset, moment))]
    assert len(resets) == 1
    assert all(map(is_reset, circuit[resets[0]]))
    # Position 2 · 2 is the state of Y with eigenvalue +1, 2 · 1 + 1 that of X with eigenvalue -1.
    given = cirq.resolve_parameters(circuit[: resets[0]], values(outputs.inputs("a"), [4, 3]))
    state = cirq.final_state_vector(given, qubit_order=qubits, dtype=np.complex128)
    for letters, sign in (("YI", 1), ("IX", -1)):
        matrix = cirq.unitary(cirq.DensePauliString(letters))
        np.testing.assert_allclose(matrix @ state, sign * state, atol=1e-12)


def is_reset(operation):
    return isinstance(operation.gate, cirq.ResetChannel)


def test_selection_takes_some_processes():
    letters = np.array([[1, 0], [2, 3], [3, 3]], dtype=np.uint8)
    states = HiddenPauli(
        letters, np.ones(3, dtype=np.int8), np.full(3, 0.9), np.random.default_rng(0)
    )
    outputs = RandomInputs(ReplacementChannel(states), np.random.default_rng(1))
    part = outputs.select(slice(1, 3))
    assert (part.systems, part.qubits) == (2, 2)
    assert part.process.output.letters.tolist() == letters[1:].tolist()
