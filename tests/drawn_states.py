"""Random states that several tests draw, and the distance of unitaries."""

import cirq
import numpy as np


def random_vectors(count, size, rng):
    """Haar-random unit vectors, (count, size)."""
    vectors = rng.normal(size=(count, size)) + 1j * rng.normal(size=(count, size))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def random_state(qubits, pure, seed):
    """The density matrix of a random pure state, mixed with a random mixed one if need be."""
    vector = cirq.testing.random_superposition(2**qubits, random_state=seed)
    projector = np.outer(vector, vector.conj())
    mixed = cirq.testing.random_density_matrix(2**qubits, random_state=seed + 1)
    return projector if pure else 0.8 * projector + 0.2 * mixed


def mixed_state(qubits, seed=1):
    """The density matrix of a random pure state, mixed with a random mixed one."""
    return random_state(qubits, pure=False, seed=seed)


def unequal(one, other):
    """The largest entry of the difference of two unitaries, up to a phase."""
    phase = np.vdot(one, other)
    return np.abs(one * phase / abs(phase) - other).max()
