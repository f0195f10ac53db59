"""Sums over all pairs of shots in random Pauli bases, from how often each kind of shot occurred.

Shots with the same bases and bits have the same values with all others, see ``purity``. So a sum
over pairs is a quadratic form of the counts of all kinds of shots, whose matrix is a Kronecker
product with one small factor for each qubit (derived here). It takes as many steps as there are
kinds, times the number of qubits, after one look at each shot. ``shot_pairs`` takes as many as
there are pairs.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.walsh_hadamard import walsh_hadamard

Floats = npt.NDArray[np.float64]
Octets = npt.NDArray[np.uint8]

# The trace of the product of two snapshots of a qubit: same basis and bit, same basis, neither.
_SAME, _OTHER_BIT, _OTHER_BASIS = 5.0, -4.0, 0.5
# Kinds that are counted, 6⁸ among them: a few arrays of 13 MB; and counts in one transform.
MOST_KINDS, AT_ONCE = 6**8, 2**18


def pay(kinds: int, shots: int) -> bool:
    """Tells whether counting so many kinds is faster than looking at all pairs of shots.

    The factor between them is measured.

    Example:
        >>> pay(2**4, 1000), pay(2**30, 1000)
        (True, False)
    """
    return kinds <= min(shots**2 / 6, MOST_KINDS)


def sums_in_settings(bits: Octets, qubits: int) -> Floats:
    """Sums 2ᵏ (-2)^-D over all pairs of shots of each basis, D their Hamming distance.

    Source: derived here. A qubit contributes 2 for equal bits and -1 for different ones. That 2 × 2
    matrix has the eigenvectors (1, ±1) with the eigenvalues 1 and 3. So with the Walsh-Hadamard
    transform Ñ of the counts of a basis the sum over all ordered pairs, a shot with itself among
    them, is 2⁻ᵏ Σ_w 3^|w| Ñ_w², |w| the number of ones in w. A shot has the value 2ᵏ with itself.

    Args:
        bits: (settings, shots, n) outcomes.
        qubits: The number k of qubits, the first ones.

    Returns:
        (settings,) sums over the pairs of different shots.

    Example:
        >>> bits = np.array([[[0, 0], [0, 1], [1, 1]]], dtype=np.uint8)
        >>> sums_in_settings(bits, 2).tolist()  # -2 + 1 - 2
        [-3.0]
    """
    settings, shots, _ = bits.shape
    kinds = 2**qubits
    weights = 3.0 ** np.bitwise_count(np.arange(kinds)) / kinds
    sums = np.empty(settings)
    together = max(1, AT_ONCE // kinds)
    for start in range(0, settings, together):
        some = bits[start : start + together]
        places = np.repeat(np.arange(len(some), dtype=np.uint32), shots).reshape(some.shape[:2])
        for qubit in range(qubits):
            places <<= 1
            places |= some[..., qubit]
        counts = np.bincount(places.ravel(), minlength=kinds * len(some))
        sums[start : start + together] = walsh_hadamard(counts.reshape(-1, kinds)) ** 2 @ weights
    return (sums - kinds * shots) / 2


def shadow_moments(bases: Octets, bits: Octets, qubits: int) -> tuple[float, float, float]:
    """Sums the values of pairs of shots in fresh random bases, 5, -4 or 1/2 for each qubit.

    Source: derived here. With N the counts of the 6ᵏ kinds and K the Kronecker product of the
    kernels of the qubits Σ_i≠j h_ij = N·KN - 5ᵏ T; likewise for the sums over one shot and the
    squares.

    Args:
        bases: (shots, n) bases, 0, 1, 2 for X, Y, Z.
        bits: (shots, n) outcomes.
        qubits: The number k of qubits, the first ones.

    Returns:
        The sum over all pairs, each twice; the sum over the shots of the squares of the sums over
        their pairs; the sum of the squares over all pairs, each twice.

    Example:
        >>> shadow_moments(np.array([[2], [2], [0]]), np.array([[0], [0], [1]]), 1)
        (12.0, 61.5, 51.0)
    """
    kernel = np.full((3, 2, 3, 2), _OTHER_BASIS)
    for basis in range(3):
        kernel[basis, :, basis, :] = [[_SAME, _OTHER_BIT], [_OTHER_BIT, _SAME]]
    factor = kernel.reshape(6, 6)
    kinds = np.zeros(len(bits), dtype=np.int64)
    for qubit in range(qubits):
        kinds *= 6
        kinds += 2 * bases[:, qubit] + bits[:, qubit]
    counts = np.bincount(kinds, minlength=6**qubits).astype(float)

    def applied(matrix: Floats) -> Floats:
        sums = counts
        for _ in range(qubits):
            sums = (matrix @ sums.reshape(6, -1)).T
        return sums.reshape(-1)

    itself = _SAME**qubits
    rows = applied(factor) - itself
    squares = float(counts @ applied(factor**2)) - len(bits) * itself**2
    return float(counts @ rows), float(counts @ rows**2), squares
