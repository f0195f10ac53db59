"""States of a few qubits of several kinds, as density matrices, for tasks without circuits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.core.pauli import PauliStrings, random_letters
from quantum_advantage.core.pauli_matrices import sum_of_strings

Matrix = npt.NDArray[np.complex128]

_ALPHA = 0.9


def haar_random(qubits: int, rng: np.random.Generator) -> Matrix:
    """Returns a Haar-random pure state.

    Args:
        qubits: The number n of qubits.
        rng: The source of randomness.

    Example:
        >>> rho = haar_random(2, np.random.default_rng(1))
        >>> round(float(np.trace(rho @ rho).real), 6)  # pure
        1.0
    """
    vector = rng.normal(size=2**qubits) + 1j * rng.normal(size=2**qubits)
    vector /= np.linalg.norm(vector)
    return np.asarray(np.outer(vector, vector.conj()))


def ghz(qubits: int, rng: np.random.Generator) -> Matrix:
    """Returns (|0…0⟩ + |1…1⟩)/√2, of which 2ⁿ strings have the mean 1 or -1; nothing is random.

    Example:
        >>> ghz(1, np.random.default_rng(0)).real.tolist()
        [[0.5, 0.5], [0.5, 0.5]]
    """
    state = np.zeros((2**qubits, 2**qubits), dtype=np.complex128)
    state[np.ix_([0, -1], [0, -1])] = 0.5
    return state


def _ising(qubits: int) -> Matrix:
    """Returns -Σ Z_i Z_{i+1} - Σ X_i on an open line, the critical transverse-field Ising chain."""
    line = cirq.LineQubit.range(qubits)
    bonds = [-1.0 * cirq.Z(a) * cirq.Z(b) for a, b in pairwise(line)]
    energy = cirq.PauliSum.from_pauli_strings([*bonds, *(-1.0 * cirq.X(q) for q in line)])
    return np.asarray(energy.matrix(line))


def gibbs_state(energy: npt.ArrayLike, temperature: float) -> Matrix:
    """Returns exp(-H/T)/Z.

    Args:
        energy: (2ⁿ, 2ⁿ) Hermitian H.
        temperature: T > 0, in units of H.

    Example:
        >>> gibbs_state(np.diag([0.0, np.log(3.0)]), 1.0).real.round(2).tolist()
        [[0.75, 0.0], [0.0, 0.25]]
    """
    levels, vectors = np.linalg.eigh(np.asarray(energy, dtype=np.complex128))
    weights = np.exp((levels[0] - levels) / temperature)
    return np.asarray((vectors * (weights / weights.sum())) @ vectors.conj().T, dtype=complex)


def ising_ground(qubits: int, rng: np.random.Generator) -> Matrix:
    """Returns the ground state of the critical Ising chain, open ends; nothing is random.

    Example:
        >>> ising_ground(1, np.random.default_rng(0)).real.round(2).tolist()  # of -X
        [[0.5, 0.5], [0.5, 0.5]]
    """
    _, vectors = np.linalg.eigh(_ising(qubits))
    return np.asarray(np.outer(vectors[:, 0], vectors[:, 0].conj()))


def ising_thermal(qubits: int, rng: np.random.Generator) -> Matrix:
    """Returns the critical Ising chain at temperature 1 in units of its bonds.

    Example:
        >>> bool(np.isclose(np.trace(ising_thermal(2, np.random.default_rng(0))), 1))
        True
    """
    return gibbs_state(_ising(qubits), 1.0)


def random_gibbs(qubits: int, rng: np.random.Generator) -> Matrix:
    """Returns exp(-H)/Z of 2n random strings with standard normal coefficients.

    Example:
        >>> bool(np.isclose(np.trace(random_gibbs(2, np.random.default_rng(0))), 1))
        True
    """
    energy = np.zeros(4**qubits)
    places = 1 + rng.choice(4**qubits - 1, 2 * qubits, replace=False)
    energy[places] = rng.normal(size=2 * qubits)
    return gibbs_state(sum_of_strings(energy), 1.0)


def two_hidden(qubits: int, rng: np.random.Generator) -> Matrix:
    """Returns (1 + 0.9 s P)(1 + 0.9 t Q)/2ⁿ with random commuting strings and signs.

    Three strings are large: P and Q of mean ±0.9, P Q of mean ±0.81.

    Args:
        qubits: The number n of qubits, at least 2.
        rng: The source of randomness.

    Example:
        >>> rho = two_hidden(2, np.random.default_rng(1))
        >>> bool(np.isclose(np.trace(rho), 1) and (np.linalg.eigvalsh(rho) > 0).all())
        True
    """
    while True:
        strings = PauliStrings.from_letters(random_letters(2, qubits, rng))
        if strings[0].commutes_with(strings[1])[0] and strings[0].text() != strings[1].text():
            break
    signs = rng.choice([-1, 1], 2)
    factors = [
        np.eye(2**qubits) + _ALPHA * sign * cirq.unitary(string)
        for sign, string in zip(signs, strings.to_cirq_dense(), strict=True)
    ]
    return np.asarray(factors[0] @ factors[1] / 2**qubits)


# Of the number of qubits and randomness: a density matrix, the first qubit first.
KINDS: Mapping[str, Callable[[int, np.random.Generator], Matrix]] = {
    "haar": haar_random,
    "ghz": ghz,
    "ising": ising_ground,
    "thermal": ising_thermal,
    "gibbs": random_gibbs,
    "hidden": two_hidden,
}
