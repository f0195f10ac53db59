import itertools

import cirq
import numpy as np
import pytest

from quantum_advantage.core.bits import pack_bits
from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.measurements.bell import (
    bell_basis_change,
    bell_parity,
    bell_signs,
    singlet_parity,
)

# The Bell state that each outcome (a, b) names.
BELL_STATES = {
    (0, 0): np.array([1, 0, 0, 1]) / np.sqrt(2),
    (0, 1): np.array([0, 1, 1, 0]) / np.sqrt(2),
    (1, 0): np.array([1, 0, 0, -1]) / np.sqrt(2),
    (1, 1): np.array([0, 1, -1, 0]) / np.sqrt(2),
}


def all_strings(qubits):
    texts = ["".join(row) for row in itertools.product("IXYZ", repeat=qubits)]
    return texts, PauliStrings.from_text(texts)


def mean(text, state):
    return np.trace(cirq.unitary(cirq.DensePauliString(text)) @ state).real


def outcome_bits(qubits):
    """All outcomes of a Bell measurement as bits a and b, (4^n, n) each."""
    bits = np.array(list(itertools.product((0, 1), repeat=2 * qubits)), dtype=np.uint8)
    return bits[:, :qubits], bits[:, qubits:]


def bell_chances(first, second):
    """The exact distribution of the Bell outcomes of first ⊗ second."""
    pairs = cirq.LineQubit.range(2 * (first.shape[0].bit_length() - 1))
    half = len(pairs) // 2
    unitary = cirq.Circuit(bell_basis_change(pairs[:half], pairs[half:])).unitary(qubit_order=pairs)
    return np.diag(unitary @ np.kron(first, second) @ unitary.conj().T).real


def random_state(qubits, seed):
    return cirq.testing.random_density_matrix(2**qubits, random_state=seed)


@pytest.mark.parametrize("outcome", BELL_STATES)
def test_circuit_maps_each_bell_state_to_its_outcome(outcome):
    pair = cirq.LineQubit.range(2)
    unitary = cirq.Circuit(bell_basis_change(pair[:1], pair[1:])).unitary(qubit_order=pair)
    a, b = outcome
    chances = np.abs(unitary @ BELL_STATES[outcome]) ** 2
    np.testing.assert_allclose(chances, np.eye(4)[2 * a + b], atol=1e-12)


@pytest.mark.parametrize("outcome", BELL_STATES)
@pytest.mark.parametrize("letter", "IXYZ")
def test_sign_is_the_eigenvalue_of_the_bell_state(outcome, letter):
    state = BELL_STATES[outcome]
    eigenvalue = state @ cirq.unitary(cirq.DensePauliString(2 * letter)) @ state
    string = PauliStrings.from_text(letter)
    a, b = (pack_bits([[bit]]) for bit in outcome)
    parity = bell_parity(string.x, string.z, a, b)
    assert (-1.0) ** parity[0] == pytest.approx(eigenvalue.real)


@pytest.mark.parametrize("outcome", BELL_STATES)
def test_singlet_parity_is_the_swap_eigenvalue_of_the_bell_state(outcome):
    state = BELL_STATES[outcome]
    eigenvalue = state @ cirq.unitary(cirq.SWAP) @ state
    a, b = (pack_bits([[bit]]) for bit in outcome)
    parity = singlet_parity(a, b, pack_bits([1]))
    assert (-1.0) ** parity[0] == pytest.approx(eigenvalue.real)


@pytest.mark.parametrize("qubits", [1, 2, 3])
def test_mean_sign_is_the_product_of_both_means(qubits):
    first, second = random_state(qubits, 1), random_state(qubits, 2)
    chances = bell_chances(first, second)
    a, b = map(pack_bits, outcome_bits(qubits))
    texts, strings = all_strings(qubits)
    parity = bell_parity(strings.x[:, None], strings.z[:, None], a, b)
    expected = [mean(text, first) * mean(text, second) for text in texts]
    np.testing.assert_allclose((1 - 2.0 * parity) @ chances, expected, atol=1e-9)


@pytest.mark.parametrize("chosen", [(0,), (1,), (0, 2), (0, 1, 2), ()])
def test_mean_singlet_parity_is_the_purity_of_the_chosen_qubits(chosen):
    state = random_state(3, 3)
    chances = bell_chances(state, state)
    a, b = map(pack_bits, outcome_bits(3))
    mask = np.isin(np.arange(3), chosen)
    part = cirq.partial_trace(state.reshape([2] * 6), chosen).reshape(2 ** len(chosen), -1)
    value = (1 - 2.0 * singlet_parity(a, b, pack_bits(mask))) @ chances
    assert value == pytest.approx(np.trace(part @ part).real, abs=1e-9)


def test_signs_of_long_strings_multiply_over_the_words():
    rng = np.random.default_rng(4)
    letters = rng.integers(0, 4, (20, 130))
    a, b = rng.integers(0, 2, (2, 20, 130))
    strings = PauliStrings.from_letters(letters)
    parity = bell_parity(strings.x, strings.z, pack_bits(a), pack_bits(b))
    sign_of_letter = np.stack([1 + 0 * a, (-1) ** a, -((-1) ** (a + b)), (-1) ** b])
    expected = np.take_along_axis(sign_of_letter, letters[None], axis=0)[0].prod(axis=1)
    np.testing.assert_array_equal((-1.0) ** parity, expected)


def test_no_pairs_need_no_gates():
    assert bell_basis_change([], []) == []


def test_pairs_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="shorter than"):
        bell_basis_change(cirq.LineQubit.range(2), cirq.LineQubit.range(2, 3))


def test_signs_are_eigenvalues_of_the_bell_states():
    for a, b in np.ndindex(2, 2):
        qubits = cirq.LineQubit.range(2)
        change = cirq.Circuit(bell_basis_change(qubits[:1], qubits[1:]))
        state = cirq.unitary(change).conj().T[:, 2 * a + b]
        for code, letter in enumerate("IXYZ"):
            pair = cirq.unitary(cirq.DensePauliString(2 * letter))
            expected = np.vdot(state, pair @ state).real
            assert bell_signs()[code, 2 * a + b] == pytest.approx(expected)
