"""States on a line, to be divided into two groups: by a kernel, and by a linear function.

A kernel that was estimated without pairs of a shot with itself can have small negative eigenvalues,
which say nothing; the first principal coordinate belongs to the largest.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.shadows.agreements import sign_rows
from quantum_advantage.measurements.records import ShadowRecord

Floats = npt.NDArray[np.float64]

# Coordinates below it, relative to the largest number of the kernel, are rounding.
NOTHING = 1e-9


def principal_coordinate(kernel: Floats) -> Floats:
    """Returns the first principal coordinate of a symmetric kernel: centred, then diagonalised.

    Args:
        kernel: (states, states) values of the kernel.

    Returns:
        (states,) coordinates; their common sign means nothing. All 0 where all states are equal.

    Raises:
        UsageError: If there are less than two states.

    Example:
        >>> kernel = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
        >>> found = principal_coordinate(kernel)
        >>> bool(abs(found[0] - found[1]) < 1e-9 < abs(found[0] - found[2]))
        True
    """
    if len(kernel) < 2:
        raise UsageError(f"kernel must be of at least 2 states, not {len(kernel)}")
    rows = kernel - kernel.mean(axis=0)
    centred = rows - rows.mean(axis=1, keepdims=True)
    values, vectors = np.linalg.eigh((centred + centred.T) / 2)
    if values[-1] <= NOTHING * np.abs(kernel).max():
        return np.zeros(len(kernel))
    return np.asarray(np.sqrt(values[-1]) * vectors[:, -1])


def local_means(record: ShadowRecord, bonds: Sequence[tuple[int, int]]) -> Floats:
    """Estimates tr(P ρ) for all Pauli strings on one qubit and on the two qubits of a bond.

    Each is linear in the state: 3^w times the mean over the shots of the product of the outcomes
    where the bases fit, else 0, for w qubits (Huang, Kueng and Preskill, Nature Physics 16, 1050
    (2020)).

    Args:
        record: Shots in random Pauli bases, each used once.
        bonds: Pairs of positions of qubits.

    Returns:
        (3n + 9 bonds,) estimates: X of all qubits, Y, Z; then for every bond XX, XY, …, ZZ.

    Example:
        >>> import cirq
        >>> from quantum_advantage import measure_shadow
        >>> a, b = cirq.LineQubit.range(2)
        >>> pair = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b))
        >>> record = measure_shadow(pair, cirq.Simulator(seed=1), 3000, seed=2)
        >>> found = local_means(record, [(0, 1)])[6:].reshape(3, 3)
        >>> bool((found.round() == np.diag([1, -1, 1])).all())  # XX, -YY and ZZ
        True
    """
    rows, qubits = sign_rows(record), len(record.qubits)
    single = 3 * rows.mean(axis=0, dtype=np.float64)
    if not len(bonds):
        return single
    products = (rows.T @ rows).astype(np.float64).reshape(3, qubits, 3, qubits)
    ones, others = np.array(bonds).T
    pairs = 9 * products[:, ones, :, others] / record.shots
    return np.concatenate([single, pairs.ravel()])


def linear_coordinate(features: Floats) -> Floats:
    """Returns the first principal coordinate of features: the linear function that varies most.

    Args:
        features: (states, m) numbers.

    Returns:
        (states,) coordinates; their common sign means nothing.

    Raises:
        UsageError: If there are less than two states.

    Example:
        >>> found = linear_coordinate(np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]]))
        >>> abs(found).round(3).tolist()  # along the diagonal
        [1.414, 0.0, 1.414]
    """
    centred = features - features.mean(axis=0)
    return principal_coordinate(centred @ centred.T)
