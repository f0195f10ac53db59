"""Shadow records for tests: random ones, and the values of all pairs of shots one by one."""

import cirq
import numpy as np

from quantum_advantage.core.bits import pack_bits, unpack_bits
from quantum_advantage.measurements.pauli_basis import pack_bases, unpack_bases
from quantum_advantage.measurements.records import ShadowRecord


def random_records(qubits, states, shots, seed):
    rng = np.random.default_rng(seed)
    line = tuple(cirq.LineQubit.range(qubits))
    return [
        ShadowRecord(
            line,
            pack_bases(rng.integers(0, 3, (qubits, shots))),
            pack_bits(rng.integers(0, 2, (shots, qubits))),
        )
        for _ in range(states)
    ]


def shadows(record):
    """Returns (shots, n, 2, 2) matrices 3|s><s| - I."""
    n = len(record.qubits)
    paulis = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
    signs = 1 - 2.0 * unpack_bits(record.outcomes, n)
    projectors = (np.eye(2) + signs[..., None, None] * paulis[unpack_bases(record.bases, n)]) / 2
    return 3 * projectors - np.eye(2)


def traces(one, other):
    """Returns (shots, shots, n) tr(sigma sigma')."""
    return np.einsum("tiab,siba->tsi", shadows(one), shadows(other)).real
