import cirq
import numpy as np
import pytest

from quantum_advantage.core.usage import UsageError
from quantum_advantage.systems.alternating_chain import chain_ground_state


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


@pytest.mark.parametrize("qubits", [2, 7, 18])
def test_what_is_no_ring_is_refused(qubits):
    with pytest.raises(UsageError, match="qubits must be"):
        chain_ground_state(qubits, 1.0)


def test_a_negative_ratio_is_refused():
    with pytest.raises(UsageError, match="ratio must be a number, at least 0"):
        chain_ground_state(6, -1.0)
