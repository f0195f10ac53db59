"""Real forms of native gates, and which gates have one."""

from __future__ import annotations

import cirq
import cirq_google
import numpy as np
import pytest
from scipy import linalg, stats

from quantum_advantage.systems.real_gates import REAL_GATES

X, Y, Z = (cirq.unitary(gate) for gate in (cirq.X, cirq.Y, cirq.Z))
# The fixed gate of the published circuits, from its published one-qubit gates, to six digits.
PUBLISHED = np.array(
    [
        [0.311456, -0.697691, -0.576987, 0.288633],
        [0.524582, 0.375547, 0.198187, 0.737902],
        [0.697691, 0.311456, -0.288633, -0.576987],
        [-0.375547, 0.524582, -0.737902, 0.198187],
    ]
)


def can_be_real(gate):
    """Tells whether one-qubit gates make a two-qubit gate real, by the theorem of the module."""
    x, _, z = cirq.kak_decomposition(gate).interaction_coefficients
    return abs(z) < 1e-6 or abs(x - np.pi / 4) < 1e-6


@pytest.mark.parametrize("name", REAL_GATES)
def test_real_forms_are_real_up_to_a_phase_and_take_one_native_gate(name):
    gate = REAL_GATES[name]
    whole = np.kron(*gate.after) @ cirq.unitary(gate.native) @ np.kron(*gate.before)
    matrix = gate.matrix()
    assert np.allclose(matrix @ matrix.T, np.eye(4), atol=1e-12)
    assert abs(np.vdot(matrix, whole)) == pytest.approx(4, abs=1e-12)


def test_real_forms_are_what_they_are_said_to_be():
    cz_swap = cirq.unitary(cirq.CZ) @ cirq.unitary(cirq.SWAP)
    assert np.allclose(REAL_GATES["iswap"].matrix(), cz_swap)
    assert np.allclose(REAL_GATES["cz"].matrix(), cirq.unitary(cirq.CZ))
    turned = cirq.unitary(cirq.SWAP) @ linalg.expm(5j * np.pi / 24 * np.kron(Z, Y))
    assert abs(np.vdot(REAL_GATES["syc"].matrix(), turned)) == pytest.approx(4)
    assert REAL_GATES["syc"].native == cirq_google.SYC


def test_the_published_gate_is_ours_between_real_one_qubit_gates():
    first, second, third, fourth = (
        cirq.unitary(cirq.ry(np.pi * angle)) for angle in (0.81432952, 0.22413637, 3.5, 0.13554471)
    )
    gate = REAL_GATES["syc"].matrix()
    ours = np.kron(first, second) @ gate @ np.kron(third @ Z, fourth)
    sign = np.sign(np.vdot(PUBLISHED, ours).real)
    assert np.allclose(sign * ours, PUBLISHED, atol=2e-6)


@pytest.mark.parametrize("determinant", [1, -1])
def test_orthogonal_gates_fulfil_the_theorem(determinant):
    found = 0
    for matrix in stats.ortho_group.rvs(4, size=40, random_state=2):
        if np.linalg.det(matrix) * determinant > 0:
            local = [stats.unitary_group.rvs(2, random_state=found + k) for k in range(2)]
            assert can_be_real(np.kron(*local) @ matrix)
            found += 1
    assert found > 10


def test_both_cases_of_the_theorem_occur_and_all_their_coordinates():
    rng = np.random.default_rng(3)
    for _ in range(20):
        x, y = np.sort(rng.uniform(0, np.pi / 4, 2))[::-1]
        z = rng.uniform(-y, y)
        pauli = [np.kron(p, p) for p in (X, Y, Z)]
        flat = linalg.expm(1j * (x * pauli[0] + y * pauli[1]))
        top = linalg.expm(1j * (np.pi / 4 * pauli[0] + y * pauli[1] + z * pauli[2]))
        generic = linalg.expm(1j * (x * pauli[0] + y * pauli[1] + z * pauli[2]))
        assert can_be_real(flat)
        assert can_be_real(top)
        assert not can_be_real(generic)
        # The real gates of the proof with these coordinates.
        a, b = np.kron(X, Y), np.kron(Y, X)
        for real, other in (
            (linalg.expm(1j * (x * a + y * b)), flat),
            (
                cirq.unitary(cirq.SWAP)
                @ linalg.expm(1j * ((y - np.pi / 4) * a + (z - np.pi / 4) * b)),
                top,
            ),
        ):
            assert np.abs(real.imag).max() < 1e-12
            found, wanted = (
                np.array(cirq.kak_decomposition(m).interaction_coefficients) for m in (real, other)
            )
            # At x = π/4 the sign of z has no meaning.
            assert np.allclose(np.abs(found), np.abs(wanted), atol=1e-7)


def test_a_native_gate_that_cannot_be_made_real():
    assert not can_be_real(cirq.unitary(cirq.FSimGate(np.pi / 4, np.pi / 6)))
    assert can_be_real(cirq.unitary(cirq.SQRT_ISWAP))
