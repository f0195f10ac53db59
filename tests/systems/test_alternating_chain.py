import cirq
import numpy as np
import pytest

from quantum_advantage.core.usage import UsageError
from quantum_advantage.systems.alternating_chain import chain_ground_state, draw_outcomes


def energy_operator(n, ratio, anisotropy):
    line = cirq.LineQubit.range(n)
    total = cirq.PauliSum()
    for i in range(n):
        weight = 1.0 if i % 2 == 0 else ratio
        a, b = line[i], line[(i + 1) % n]
        total += weight * (cirq.X(a) * cirq.X(b) + cirq.Y(a) * cirq.Y(b))
        total += weight * anisotropy * cirq.Z(a) * cirq.Z(b)
    return total.matrix(line)


@pytest.mark.parametrize("n", [4, 6, 8])
@pytest.mark.parametrize("ratio", [0.3, 1.0, 2.5])
@pytest.mark.parametrize("anisotropy", [-0.3, 0.5, 1.0])
def test_state_is_the_ground_state_of_the_whole_space(n, ratio, anisotropy):
    hamiltonian = energy_operator(n, ratio, anisotropy)
    energies = np.linalg.eigvalsh(hamiltonian)
    vector = chain_ground_state(n, ratio, anisotropy)
    assert np.linalg.norm(vector) == pytest.approx(1)
    assert np.allclose(hamiltonian @ vector, energies[0] * vector, atol=1e-8)
    assert energies[1] - energies[0] > 1e-3


@pytest.mark.parametrize("n", [6, 10])
def test_ring_with_the_inverse_ratio_is_the_ring_shifted_by_one_site(n):
    vector = chain_ground_state(n, 1.7).reshape((2,) * n)
    other = chain_ground_state(n, 1 / 1.7).reshape((2,) * n)
    shifted = np.moveaxis(other, 0, -1)
    assert abs(np.vdot(vector, shifted)) == pytest.approx(1)


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
    outcomes = draw_outcomes(vector, bases.astype(np.uint8), rng)[:shots]
    counts = np.bincount(outcomes @ [8, 4, 2, 1], minlength=16)
    square = ((counts - shots * law) ** 2 / (shots * law)).sum()
    assert square < 15 + 4 * np.sqrt(30)


@pytest.mark.parametrize("qubits", [2, 7, 18])
def test_what_is_no_ring_is_refused(qubits):
    with pytest.raises(UsageError, match="qubits must be"):
        chain_ground_state(qubits, 1.0)


def test_a_negative_ratio_is_refused():
    with pytest.raises(UsageError, match="ratio must be a number, at least 0"):
        chain_ground_state(6, -1.0)
