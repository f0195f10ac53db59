"""Channels as mixtures of Pauli errors: which are, and what twirling makes of the others.

Paulis are numbered by two bits a qubit, (x, z), the first qubit counting slowest: I, Z, X, Y are 0,
1, 2, 3, so that the number of a product is the XOR of the numbers.

A channel ρ → Σ_k K_k ρ K_k† with K_k = Σ_P a_kP P has the matrix χ_PQ = Σ_k a_kP a*_kQ. Conjugated
by a uniformly random Pauli before and after (twirled), only its diagonal is left,
ρ → Σ_P χ_PP P ρ P (Dankert, Cleve, Emerson and Livine, Physical Review A 80, 012304 (2009)). It is
a mixture of Paulis by itself where all else is 0.
"""

from __future__ import annotations

import functools
from itertools import product

import cirq
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Complexes = npt.NDArray[np.complex128]

# I, Z, X, Y; of Y the phase is left out, as Pauli errors have none.
LETTERS = "IZXY"
GATES: tuple[cirq.Gate, ...] = (cirq.I, cirq.Z, cirq.X, cirq.Y)
# They say themselves that they are mixtures of Paulis, and of which.
_MIXTURES = (cirq.AsymmetricDepolarizingChannel, cirq.DepolarizingChannel)
# Kraus operators come from single precision at best.
ZERO = 1e-7


@functools.cache
def _paulis(qubits: int) -> Complexes:
    """Returns (4^qubits, d, d) all Paulis in the order of their numbers."""
    one = [cirq.unitary(gate) for gate in GATES]
    words = product(one, repeat=qubits)
    return np.array([functools.reduce(np.kron, word) for word in words])


def coefficients(gate: cirq.Gate) -> Complexes:
    """Returns the coefficients a_kP of the Kraus operators of a channel in Paulis.

    Args:
        gate: A channel or a unitary gate, without symbols.

    Returns:
        (operators, 4^qubits).

    Example:
        >>> abs(coefficients(cirq.H)).round(3).tolist()  # (Z + X)/√2
        [[0.0, 0.707, 0.707, 0.0]]
    """
    operators = np.array(cirq.kraus(gate), dtype=np.complex128)
    size = operators.shape[-1]
    paulis = _paulis(size.bit_length() - 1)
    return np.einsum("pij,kij->kp", paulis.conj(), operators) / size


def pauli_probabilities(gate: cirq.Gate) -> Floats:
    """Returns the probabilities of the Paulis in the Pauli twirl of a channel.

    Args:
        gate: A channel or a unitary gate, without symbols.

    Returns:
        (4^qubits,) probabilities.

    Example:
        >>> pauli_probabilities(cirq.amplitude_damp(0.36)).round(2).tolist()  # I, Z, X, Y
        [0.81, 0.01, 0.09, 0.09]
    """
    if isinstance(gate, _MIXTURES):
        return _listed(gate)
    found = (abs(coefficients(gate)) ** 2).sum(axis=0)
    return np.asarray(found / found.sum())


def _listed(gate: cirq.AsymmetricDepolarizingChannel | cirq.DepolarizingChannel) -> Floats:
    """Returns the probabilities that a mixture states."""
    size = 4 ** gate.num_qubits()
    if isinstance(gate, cirq.DepolarizingChannel):
        return np.array([1 - gate.p] + [gate.p / (size - 1)] * (size - 1))
    stated = gate.error_probabilities
    return np.array([stated.get(word, 0.0) for word in _words(gate.num_qubits())])


@functools.cache
def _words(qubits: int) -> tuple[str, ...]:
    return tuple(map("".join, product(LETTERS, repeat=qubits)))


def is_pauli_channel(gate: cirq.Gate) -> bool:
    """Tells whether a channel is a mixture of Paulis.

    Args:
        gate: A channel or a unitary gate, without symbols.

    Example:
        >>> is_pauli_channel(cirq.depolarize(0.1, 2)), is_pauli_channel(cirq.amplitude_damp(0.1))
        (True, False)
    """
    if isinstance(gate, _MIXTURES):
        return True
    a = coefficients(gate)
    chi = a.T @ a.conj()
    return bool(abs(chi - np.diag(chi.diagonal())).max() < ZERO)


def twirled(gate: cirq.Gate) -> cirq.Gate:
    """Returns the Pauli twirl of a channel on one or two qubits.

    Args:
        gate: A channel or a unitary gate, without symbols.

    Example:
        >>> twirled(cirq.phase_damp(0.36))
        cirq.asymmetric_depolarize(error_probabilities={'I': 0.9, 'Z': 0.1})
    """
    if isinstance(gate, _MIXTURES):
        return gate
    chances = zip(_words(gate.num_qubits()), pauli_probabilities(gate).tolist(), strict=True)
    kept = {word: round(p, 15) for word, p in chances if p > ZERO**2}
    first = "I" * gate.num_qubits()
    kept[first] = 1.0 - sum(p for word, p in kept.items() if word != first)
    return cirq.asymmetric_depolarize(error_probabilities=kept)


def bit_law(gate: cirq.Gate) -> Floats | None:
    """Returns what a channel on one qubit does to its bit, if that does not depend on coherences.

    Args:
        gate: A channel or a unitary gate on one qubit, without symbols.

    Returns:
        (2, 2) the probability of the second bit, given the first; None if it depends on them.

    Example:
        >>> bit_law(cirq.amplitude_damp(0.1)).round(3).tolist()
        [[1.0, 0.0], [0.1, 0.9]]
        >>> bit_law(cirq.H) is None
        True
    """
    operators = np.array(cirq.kraus(gate), dtype=np.complex128)
    mixed = (operators[:, :, 0] * operators[:, :, 1].conj()).sum(axis=0)
    if abs(mixed).max() > ZERO:
        return None
    law = (abs(operators) ** 2).sum(axis=0).T
    return np.asarray(law / law.sum(axis=1, keepdims=True))
