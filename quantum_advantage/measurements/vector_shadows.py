"""Exact Pauli measurements of states that are known as vectors, without circuits.

Qubit after qubit is measured: its two outcomes have the weights of the two halves of the vector in
the qubit's basis, one is drawn, and the other half is forgotten. Copies whose bases and outcomes
agree so far share one vector, so that the first qubits, whose vectors are long, cost little. The
law is that of the measurement itself: the chance of all bits is the product of the conditional
chances. Of many states these are computed in single precision, to some 10⁻⁶.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.usage import UsageError
from quantum_advantage.measurements.records import RANDOM, ShadowRecord
from quantum_advantage.measurements.shadow_records import shadow_of_arrays

Octets = npt.NDArray[np.uint8]

FIXED = "fixed"
# Rows ⟨outcome| of the bases X, Y and Z.
OUTCOME_ROWS = np.array(
    [[[1, 1], [1, -1]], [[1, -1j], [1, 1j]], [[np.sqrt(2), 0], [0, np.sqrt(2)]]]
) / np.sqrt(2)
# Amplitudes that are kept at once.
_AT_ONCE = 2**22


def pauli_outcomes(
    vectors: npt.ArrayLike, systems: npt.ArrayLike, bases: Octets, rng: np.random.Generator
) -> Octets:
    """Draws outcomes of copies of pure states, each measured in a Pauli basis of its own.

    Args:
        vectors: (states, 2ⁿ) amplitudes; qubit 0 is the most significant bit.
        systems: (shots,) of which state each shot has a copy.
        bases: (shots, n) bases, 0, 1, 2 for X, Y, Z.
        rng: The source of randomness.

    Returns:
        (shots, n) bits.

    Raises:
        UsageError: If shapes do not fit.

    Example:
        A singlet: bits differ wherever bases agree.

        >>> singlet = np.array([[0, 1, -1, 0]]) / np.sqrt(2)
        >>> bases = np.array([[0, 0], [1, 1], [2, 2]], dtype=np.uint8)
        >>> bits = pauli_outcomes(singlet, [0, 0, 0], bases, np.random.default_rng(1))
        >>> (bits[:, 0] != bits[:, 1]).tolist()
        [True, True, True]
    """
    states = np.asarray(vectors)
    owners = np.asarray(systems, dtype=np.int64)
    shots, qubits = bases.shape
    if states.ndim != 2 or states.shape[1] != 2**qubits or owners.shape != (shots,):
        raise UsageError(
            f"vectors must have shape (states, {2**qubits}) and systems ({shots},) for bases of "
            f"shape {bases.shape}, not {states.shape} and {owners.shape}"
        )
    # After three qubits there are as many vectors as shots, or more than enough.
    step = max(1, _AT_ONCE // max(1, 2 ** (qubits - 3)))
    # Copies of one state whose first bases agree share vectors if they are measured together.
    order = np.lexsort((*bases.T[::-1], owners))
    bits = np.empty((shots, qubits), dtype=np.uint8)
    for start in range(0, shots, step):
        part = order[start : start + step]
        used, nodes = np.unique(owners[part], return_inverse=True)
        bits[part] = outcomes_of(states[used].astype(np.complex64), nodes, bases[part], rng)
    return bits


def outcomes_of(
    vectors: npt.NDArray[np.complexfloating],
    nodes: npt.NDArray[np.int64],
    bases: Octets,
    rng: np.random.Generator,
) -> Octets:
    """Draws outcomes as :func:`pauli_outcomes`, all at once, in the precision of the vectors.

    Args:
        vectors: (states, 2ⁿ) amplitudes; qubit 0 is the most significant bit.
        nodes: (shots,) of which state each shot has a copy.
        bases: (shots, n) bases, 0, 1, 2 for X, Y, Z.
        rng: The source of randomness.

    Returns:
        (shots, n) bits.

    Example:
        >>> singlet = np.array([[0, 1, -1, 0]], dtype=np.complex128) / np.sqrt(2)
        >>> bases = np.repeat(np.random.default_rng(0).integers(0, 3, (50, 1)), 2, axis=1)
        >>> bits = outcomes_of(singlet, np.zeros(50, np.int64), bases, np.random.default_rng(1))
        >>> bool((bits[:, 0] != bits[:, 1]).all())  # opposite in any common basis
        True
    """
    bits = np.empty(bases.shape, dtype=np.uint8)
    rows = OUTCOME_ROWS.astype(vectors.dtype)
    for qubit in range(bases.shape[1]):
        kinds, branch = np.unique(3 * nodes + bases[:, qubit], return_inverse=True)
        halves = vectors[kinds // 3].reshape(len(kinds), 2, -1)
        halves = rows[kinds % 3] @ halves
        weights = np.einsum("kbv,kbv->kb", halves.real, halves.real)
        weights += np.einsum("kbv,kbv->kb", halves.imag, halves.imag)
        chances = weights[:, 1] / weights.sum(axis=1)
        bits[:, qubit] = rng.random(len(bases)) < chances[branch]
        left, nodes = np.unique(2 * branch + bits[:, qubit], return_inverse=True)
        vectors = halves.reshape(2 * len(kinds), -1)[left]
        vectors /= np.sqrt(weights.ravel()[left])[:, None]
    return bits


def shadows_of_vectors(
    vectors: npt.ArrayLike, shots: int, rng: np.random.Generator
) -> list[ShadowRecord]:
    """Measures copies of pure states in uniformly random Pauli bases.

    Args:
        vectors: (states, 2ⁿ) amplitudes; qubit 0 is the most significant bit.
        shots: The copies of each state.
        rng: Draws bases and outcomes.

    Returns:
        A record of each state, on line qubits.

    Example:
        >>> singlet = np.array([[0, 1, -1, 0]]) / np.sqrt(2)
        >>> shadows_of_vectors(singlet, 300, np.random.default_rng(1))
        [ShadowRecord(300 shots of 2 qubits in 300 random bases)]
    """
    states = np.asarray(vectors)
    qubits = states.shape[-1].bit_length() - 1
    bases = rng.integers(0, 3, (len(states) * shots, qubits), dtype=np.uint8)
    return _records(states, shots, bases, RANDOM, rng)


def fixed_bases_of_vectors(
    vectors: npt.ArrayLike, shots: int, rng: np.random.Generator
) -> list[ShadowRecord]:
    """Measures copies of pure states with all qubits in X, all in Y, all in Z, in turn.

    Args:
        vectors: (states, 2ⁿ) amplitudes; qubit 0 is the most significant bit.
        shots: The copies of each state.
        rng: Draws outcomes.

    Returns:
        A record of each state, on line qubits.

    Example:
        >>> singlet = np.array([[0, 1, -1, 0]]) / np.sqrt(2)
        >>> fixed_bases_of_vectors(singlet, 300, np.random.default_rng(1))
        [ShadowRecord(300 shots of 2 qubits in 300 fixed bases)]
    """
    states = np.asarray(vectors)
    qubits = states.shape[-1].bit_length() - 1
    turns = np.tile(np.arange(shots, dtype=np.uint8) % 3, len(states))
    bases = np.repeat(turns[:, None], qubits, axis=1)
    return _records(states, shots, bases, FIXED, rng)


def _records(
    states: npt.NDArray, shots: int, bases: Octets, scheme: str, rng: np.random.Generator
) -> list[ShadowRecord]:
    owners = np.repeat(np.arange(len(states)), shots)
    bits = pauli_outcomes(states, owners, bases, rng)
    whole = shadow_of_arrays(bases, bits, scheme)
    return [whole[i * shots : (i + 1) * shots] for i in range(len(states))]
