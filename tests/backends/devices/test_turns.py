"""Exponents of turns of one qubit."""

import cirq
import numpy as np

from quantum_advantage.backends.devices.turns import GRID, turn_exponents


def test_the_exponents_of_a_turn():
    rng = np.random.default_rng(0)
    for _ in range(50):
        x, z, a = rng.uniform((0, -1, -1), 1)
        gate = cirq.PhasedXZGate(x_exponent=x, z_exponent=z, axis_phase_exponent=a)
        turn = np.exp(1j * rng.uniform(0, 6)) * cirq.unitary(gate)
        np.testing.assert_allclose(turn_exponents(turn), (x, z, a), atol=GRID)
    assert turn_exponents(cirq.unitary(cirq.Z)) == (0, 1, 0)
    assert turn_exponents(cirq.unitary(cirq.Y)) == (1, 0, 0.5)
    assert turn_exponents(np.diag([1, -1 - 1e-15j])) == turn_exponents(np.diag([1, -1 + 1e-15j]))
    for near in (1e-10, -1e-10):
        assert turn_exponents(cirq.unitary(cirq.X**near)) == (0, 0, 0)
        assert turn_exponents(cirq.unitary(cirq.Y ** (1 + near)))[:2] == (1, 0)
