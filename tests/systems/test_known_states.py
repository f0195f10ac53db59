import itertools

import cirq
import numpy as np
import pytest

from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.systems.known_states import (
    KnownState,
    ghz_circuit,
    ghz_expectations,
    ising_circuit,
)


def all_strings(qubits):
    return ["".join(letters) for letters in itertools.product("IXYZ", repeat=qubits)]


def exact_means(rho, texts):
    strings = [cirq.DensePauliString(text) for text in texts]
    return np.array([np.trace(cirq.unitary(string) @ rho).real for string in strings])


@pytest.mark.parametrize("qubits", [2, 3, 4])
def test_means_of_all_strings_in_a_ghz_state(qubits):
    vector = ghz_circuit(cirq.LineQubit.range(qubits)).final_state_vector(dtype=np.complex128)
    texts = all_strings(qubits)
    exact = exact_means(np.outer(vector, vector.conj()), texts)
    np.testing.assert_allclose(ghz_expectations(PauliStrings.from_text(texts)), exact, atol=1e-7)


def ising_energy(qubits):
    """Of the critical Ising ring: free fermions, Pfeuty, Annals of Physics 57, 79 (1970)."""
    return -2 / np.sin(np.pi / (2 * qubits))


@pytest.mark.parametrize("qubits", [4, 6, 8])
def test_ising_circuit_reaches_the_energy_of_free_fermions(qubits):
    line = cirq.LineQubit.range(qubits)
    vector = ising_circuit(line).final_state_vector(dtype=np.complex128)
    ring = zip(line, [*line[1:], line[0]], strict=True)
    energy = sum(-cirq.Z(a) * cirq.Z(b) - cirq.X(a) for a, b in ring)
    found = energy.expectation_from_state_vector(vector, {q: i for i, q in enumerate(line)}).real
    assert found == pytest.approx(ising_energy(qubits), abs=1e-6)


@pytest.mark.parametrize("qubits", [4, 6])
def test_energy_of_free_fermions_is_the_lowest_eigenvalue(qubits):
    line = cirq.LineQubit.range(qubits)
    ring = zip(line, [*line[1:], line[0]], strict=True)
    energy = sum(-cirq.Z(a) * cirq.Z(b) - cirq.X(a) for a, b in ring)
    assert np.linalg.eigvalsh(energy.matrix(line))[0] == pytest.approx(ising_energy(qubits))


@pytest.mark.parametrize(("state", "qubits"), [("ghz", 3), ("ising", 4)])
def test_expectations_are_those_of_the_noisy_density_matrix(state, qubits):
    noise = 0.2
    line = cirq.LineQubit.range(qubits)
    pure = KnownState(state, qubits, 0.0, np.random.default_rng(0)).circuit(line, "a")
    noisy = pure + cirq.Circuit(cirq.depolarize(3 * noise / 4).on_each(*line))
    rho = cirq.final_density_matrix(noisy, dtype=np.complex128)
    texts = all_strings(qubits)[:: 1 if qubits == 3 else 5]
    known = KnownState(state, qubits, noise, np.random.default_rng(0))
    found = known.expectations(PauliStrings.from_text(texts))
    np.testing.assert_allclose(found, exact_means(rho, texts), atol=1e-6)


def test_errors_of_copies_are_drawn_with_the_chances_of_the_channel():
    copies = 40_000
    known = KnownState("ghz", 2, 0.4, np.random.default_rng(3))
    first, second = known.draw(copies, "a")
    for column in (first, second):
        share = np.bincount(column, minlength=4) / copies
        exact = np.array([0.7, 0.1, 0.1, 0.1])
        assert (np.abs(share - exact) < 5 * np.sqrt(exact * (1 - exact) / copies)).all()
    assert abs((first == second).mean() - 0.52) < 5 * 0.5 / np.sqrt(copies)


@pytest.mark.parametrize("qubits", [2, 5, 12])
def test_ising_ring_of_another_size_is_refused(qubits):
    with pytest.raises(ValueError, match=f"for the Ising ring, not {qubits}"):
        ising_circuit(cirq.LineQubit.range(qubits))


@pytest.mark.parametrize(
    ("state", "noise", "message"),
    [("w", 0.1, "state must be one of ghz, ising, not 'w'"), ("ghz", 1.5, "depolarize must lie")],
)
def test_unknown_states_and_impossible_noise_are_refused(state, noise, message):
    with pytest.raises(ValueError, match=message):
        KnownState(state, 3, noise, np.random.default_rng(0))


@pytest.mark.parametrize(("state", "qubits"), [("ghz", 3), ("ising", 4)])
def test_strings_on_other_qubits_have_no_expectation(state, qubits):
    known = KnownState(state, qubits, 0.0, np.random.default_rng(0))
    with pytest.raises(ValueError, match=f"strings must act on {qubits} qubits, not on 2"):
        known.expectations(PauliStrings.from_text("XX"))
