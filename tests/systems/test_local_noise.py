import cirq
import numpy as np
import pytest
from scipy import stats

from quantum_advantage.systems.local_noise import draw_errors, error_dials, error_moments

QUBIT = cirq.LineQubit(0)
LAMBDA = 0.12
CHANCES = np.array([1 - 3 * LAMBDA / 4, LAMBDA / 4, LAMBDA / 4, LAMBDA / 4])


def unitary_at(position):
    (dial,) = error_dials(1, "a")
    values = dict(zip(dial.symbols, dial.positions[position], strict=True))
    circuit = cirq.resolve_parameters(cirq.Circuit(error_moments([QUBIT], "a")), values)
    return circuit.unitary(qubits_that_should_be_present=[QUBIT])


@pytest.mark.parametrize(
    ("position", "pauli"), [(0, cirq.I), (1, cirq.X), (2, cirq.Y), (3, cirq.Z)]
)
def test_positions_are_the_paulis(position, pauli):
    cirq.testing.assert_allclose_up_to_global_phase(
        unitary_at(position), cirq.unitary(pauli), atol=1e-12
    )


def test_errors_drawn_with_their_chances_are_the_channel():
    state = cirq.testing.random_density_matrix(2, random_state=1)
    kicked = [unitary_at(k) @ state @ unitary_at(k).conj().T for k in range(4)]
    mean = np.einsum("k,kab->ab", CHANCES, kicked)
    np.testing.assert_allclose(mean, (1 - LAMBDA) * state + LAMBDA * np.eye(2) / 2, atol=1e-12)


def test_draws_have_these_chances_on_every_qubit():
    columns = draw_errors(3, 20_000, LAMBDA, np.random.default_rng(1))
    assert [column.dtype for column in columns] == [np.uint8] * 3
    for column in columns:
        counts = np.bincount(column, minlength=4)
        assert stats.chisquare(counts, CHANCES * column.size).pvalue > 1e-4


@pytest.mark.parametrize(("strength", "position"), [(0.0, {0}), (1.0, {0, 1, 2, 3})])
def test_no_noise_has_no_errors_and_full_noise_has_all(strength, position):
    (column,) = draw_errors(1, 1000, strength, np.random.default_rng(1))
    assert set(column.tolist()) == position


def test_every_qubit_has_symbols_of_its_own():
    names = [symbol for dial in error_dials(4, "b") for symbol in dial.symbols]
    assert len(set(names)) == 8
    assert not set(names) & {symbol for dial in error_dials(4, "a") for symbol in dial.symbols}
