"""Exact laws that several tests of inference share, and records drawn from them."""

from __future__ import annotations

import itertools

import cirq
import numpy as np
import pytest

from quantum_advantage.core.bits import pack_bits
from quantum_advantage.core.walsh_hadamard import walsh_hadamard
from quantum_advantage.measurements.pauli_basis import pack_bases
from quantum_advantage.measurements.records import ShadowRecord

# Rows are the eigenstates +1 and -1 of X, Y and Z.
EIGENSTATES = np.array(
    [[[1, 1], [1, -1]], [[1, 1j], [1, -1j]], [[np.sqrt(2), 0], [0, np.sqrt(2)]]]
) / np.sqrt(2)


def _law(state):
    """The chance of every outcome in every basis, (3^n, 2^n)."""
    qubits = state.shape[0].bit_length() - 1
    law = []
    for chosen in itertools.product(EIGENSTATES, repeat=qubits):
        vectors = cirq.kron(*chosen)
        law.append(np.einsum("ki,ij,kj->k", vectors.conj(), state, vectors).real)
    return np.array(law)


def _draw(state, settings, rng, *, times=1, bases=None, scheme="random"):
    """A record of line qubits; bases, (settings, n) of 0, 1, 2, at random unless given."""
    qubits = state.shape[0].bit_length() - 1
    steps = np.cumsum(_law(state), axis=1)[:, :-1]
    if bases is None:
        bases = rng.integers(0, 3, (settings, qubits))
    numbers = np.repeat(bases @ 3 ** np.arange(qubits)[::-1], times)
    outcomes = (rng.random((numbers.size, 1)) > steps[numbers]).sum(axis=1)
    bits = outcomes[:, None] >> np.arange(qubits)[::-1] & 1
    return ShadowRecord(
        tuple(cirq.LineQubit.range(qubits)),
        pack_bases(bases.T.astype(np.uint8)),
        pack_bits(bits),
        times,
        scheme,
    )


@pytest.fixture(scope="session")
def draw_shadows():
    """Draws a record of a density matrix: (state, settings, rng, *, times, bases, scheme)."""
    return _draw


def _bell_law(unitary):
    size = len(unitary)
    product = unitary @ unitary.T
    rows = np.arange(size)
    diagonals = np.array([product[rows, rows ^ shift] for shift in range(size)])
    return (np.abs(walsh_hadamard(diagonals)) ** 2 / size**2).ravel()


@pytest.fixture(scope="session")
def bell_law():
    """Pr(a, b) = |tr(σ U Uᵀ)|²/4ⁿ of a unitary; bits 0 to n - 1 of the number are a, the rest b."""
    return _bell_law
