"""All Pauli strings of a few qubits at once: their means in a state, and sums of them.

Places: the string with the x bits x and the z bits z, bit i for qubit i, stands at x + 2ⁿ z.
"""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.walsh_hadamard import walsh_hadamard

Floats = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.complex128]

# Beyond it a matrix and the numbers of all strings take too long to be of use.
MOST_QUBITS = 10


def qubits_of_numbers(numbers: int) -> int:
    """Returns the n of 4ⁿ numbers.

    Raises:
        UsageError: If there are not 4ⁿ of them for an n from 1 to 10.

    Example:
        >>> qubits_of_numbers(64)
        3
    """
    qubits = (numbers.bit_length() - 1) // 2
    if numbers != 4**qubits or not 1 <= qubits <= MOST_QUBITS:
        raise UsageError(f"strings must be all 4^n of them, n from 1 to {MOST_QUBITS}: {numbers}")
    return qubits


@functools.cache
def _places(qubits: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Matrix]:
    """Returns for all x and k the rows k and columns k ^ x of matrices, and i^{x·z} for x and z.

    Bit i of x, z and k is that of qubit i; in rows and columns of Cirq's matrices qubit 0 comes
    first, and has the largest weight.
    """
    numbers = np.arange(2**qubits)
    bits = numbers[:, None] >> np.arange(qubits) & 1
    cirqs = bits @ (1 << np.arange(qubits)[::-1])
    rows = np.broadcast_to(cirqs[numbers], (numbers.size, numbers.size))
    columns = cirqs[numbers[:, None] ^ numbers]
    phases = 1j ** np.bitwise_count(numbers[:, None] & numbers)
    return rows, columns, phases


def all_means(matrix: npt.ArrayLike) -> Floats:
    """Returns tr(P ρ) for all 4ⁿ Pauli strings.

    Args:
        matrix: (2ⁿ, 2ⁿ) density matrix, the first qubit first, as Cirq has it.

    Returns:
        (4ⁿ,) means, the string at the place x + 2ⁿ z.

    Raises:
        UsageError: If there is no n from 1 to 10 of that size.

    Example:
        >>> zero = np.diag([1.0, 0.0])
        >>> all_means(zero).tolist()  # I, X, Z, Y
        [1.0, 0.0, 1.0, 0.0]
    """
    rho = np.asarray(matrix, dtype=np.complex128)
    rows, columns, phases = _places(qubits_of_numbers(rho.size))
    # P(x, z) = i^{x·z} X^x Z^z, so that tr(P ρ) = i^{x·z} Σ_k (-1)^{z·k} ρ[k, k ^ x].
    return np.ascontiguousarray((walsh_hadamard(rho[rows, columns]) * phases).real.T).ravel()


def sum_of_strings(numbers: npt.ArrayLike) -> Matrix:
    """Returns the matrix Σ_P c_P P, 2ⁿ times the inverse of :func:`all_means`.

    Args:
        numbers: (4ⁿ,) real numbers c_P, the string at the place x + 2ⁿ z.

    Returns:
        (2ⁿ, 2ⁿ) matrix.

    Raises:
        UsageError: If there are not 4ⁿ numbers for an n from 1 to 10.

    Example:
        >>> sum_of_strings([0, 0, 0, 1]).tolist()  # Y
        [[0j, -1j], [1j, 0j]]
    """
    c = np.asarray(numbers, dtype=np.float64)
    qubits = qubits_of_numbers(c.size)
    rows, columns, phases = _places(qubits)
    matrix = np.empty((2**qubits, 2**qubits), dtype=np.complex128)
    # P(x, z) maps k to k ^ x with i^{x·z} (-1)^{z·k}.
    matrix[columns, rows] = walsh_hadamard(c.reshape(2**qubits, -1).T * phases)
    return matrix
