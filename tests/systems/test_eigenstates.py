from itertools import product

import cirq
import numpy as np
import pytest

from quantum_advantage.circuits.request import Request, resolver_values
from quantum_advantage.systems.eigenstates import (
    KnownEigenstates,
    eigenstate_circuit,
    eigenstate_dials,
    eigenstate_positions,
    letters_and_bits,
)
from quantum_advantage.systems.hidden_pauli import HiddenPauli

PAULIS = {1: cirq.X, 2: cirq.Y, 3: cirq.Z}
STATES = list(product(PAULIS, (0, 1)))


def resolved(positions, label="a"):
    """The circuit of one shot, from a row of dial positions."""
    qubits = cirq.LineQubit.range(len(positions))
    table = tuple(np.array([p], dtype=np.uint8) for p in positions)
    circuit = eigenstate_circuit(qubits, label)
    request = Request(circuit, eigenstate_dials(len(qubits), label), table, 1)
    return cirq.resolve_parameters(circuit, resolver_values(request, 0))


@pytest.mark.parametrize(("letter", "bit"), STATES)
def test_a_position_prepares_the_eigenstate_of_its_letter_and_bit(letter, bit):
    (position,) = eigenstate_positions([letter], [bit])
    state = resolved([position]).final_state_vector()
    means = {k: np.vdot(state, cirq.unitary(pauli) @ state).real for k, pauli in PAULIS.items()}
    assert means == pytest.approx({1: 0, 2: 0, 3: 0} | {letter: (-1) ** bit}, abs=1e-6)


def test_every_qubit_has_its_own_position():
    rng = np.random.default_rng(1)
    letters, bits = rng.integers(1, 4, 5), rng.integers(0, 2, 5)
    state = resolved(eigenstate_positions(letters, bits)).final_state_vector()
    for q in range(5):
        (x, y, z) = cirq.bloch_vector_from_state_vector(state, q)
        expected = np.zeros(3)
        expected[letters[q] - 1] = (-1.0) ** bits[q]
        np.testing.assert_allclose([x, y, z], expected, atol=1e-6)


def test_letters_and_bits_are_read_back():
    letters, bits = (np.array(column, dtype=np.uint8) for column in zip(*STATES, strict=True))
    positions = eigenstate_positions(letters, bits)
    assert sorted(positions.tolist()) == list(range(6))
    assert positions.dtype == np.uint8
    for found, given in zip(letters_and_bits(positions), (letters, bits), strict=True):
        np.testing.assert_array_equal(found, given)


def test_the_identity_is_prepared_as_an_eigenstate_of_z():
    positions = eigenstate_positions([[0, 3]], [[0], [1]])
    np.testing.assert_array_equal(positions[:, 0], positions[:, 1])
    np.testing.assert_array_equal(letters_and_bits(positions)[0], 3)


def test_labels_and_qubits_have_dials_of_their_own():
    dials = [dial for label in "ab" for dial in eigenstate_dials(3, label)]
    assert len({dial.name for dial in dials}) == 6
    assert len({symbol for dial in dials for symbol in dial.symbols}) == 18
    circuit = eigenstate_circuit(cirq.LineQubit.range(3), "b")
    assert cirq.parameter_names(circuit) == {s for dial in dials[3:] for s in dial.symbols}


def test_known_eigenstates_give_their_positions_in_order():
    positions = {
        label: np.arange(6, dtype=np.uint8).reshape(3, 2) + k for k, label in enumerate("ab")
    }
    known = KnownEigenstates(positions)
    assert (known.qubits, known.systems) == (2, 1)
    assert known.select(slice(0, 1)) is known
    for label in "ab":
        columns = known.draw(2, label)
        np.testing.assert_array_equal(np.stack(columns, axis=1), positions[label][:2])


def test_more_copies_than_a_label_has_shots_are_refused():
    known = KnownEigenstates({"a": np.zeros((4, 3), dtype=np.uint8)})
    with pytest.raises(ValueError, match="copies must be at most the 4 shots"):
        known.draw(5, "a")


def test_known_eigenstates_are_prepared_by_the_gates_of_a_hidden_state():
    """So that a calibration joins the data in one job."""
    known = KnownEigenstates({"a": np.zeros((4, 3), dtype=np.uint8)})
    hidden = HiddenPauli(
        np.ones((1, 3), dtype=np.uint8),
        np.ones(1, dtype=np.int8),
        np.ones(1),
        np.random.default_rng(0),
    )
    qubits = cirq.LineQubit.range(3)
    assert known.circuit(qubits, "a") == hidden.circuit(qubits, "a")
    assert known.dials("a") == hidden.dials("a")
