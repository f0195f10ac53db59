"""The joint measurement of SWAP and Z on two copies of one qubit."""

from __future__ import annotations

import cirq
import numpy as np

from quantum_advantage.measurements.flag import flag_basis_change, flag_value


def test_outcomes_are_the_common_eigenvectors_of_swap_and_z():
    a, b = cirq.LineQubit.range(2)
    change = cirq.unitary(cirq.Circuit(flag_basis_change(a, b)))
    z = np.diag([1, -1])
    mean_z = (np.kron(z, np.eye(2)) + np.kron(np.eye(2), z)) / 2
    swap = cirq.unitary(cirq.SWAP)
    bits = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.uint8)
    for row, (first, second) in enumerate(bits):
        state = change.conj().T[:, row]
        value = int(flag_value(bits[row, :1], bits[row, 1:])[0])
        assert np.allclose(mean_z @ state, value * state)
        assert np.allclose(swap @ state, (-1) ** (int(first) & int(second)) * state)


def test_values_keep_the_shape_of_the_bits():
    bits = np.zeros((2, 3), dtype=np.uint8)
    assert flag_value(bits, bits).shape == (2, 3)
    assert flag_value(bits + 1, bits).tolist() == [[-1] * 3] * 2
