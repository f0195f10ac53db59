"""The mutually unbiased stabiliser bases: 2ⁿ + 1 of them, of which every two overlap alike.

Their symmetric bit matrices (see :mod:`stabiliser`) come from the field of 2ⁿ elements.
"""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

from quantum_advantage.circuits.request import Dial
from quantum_advantage.core.usage import UsageError
from quantum_advantage.measurements.stabiliser import (
    MOST_QUBITS,
    StabiliserBases,
    basis_symbols,
)


def irreducible_polynomial(degree: int) -> int:
    """Returns the smallest irreducible polynomial over GF(2) of a degree, as bits of an integer.

    Raises:
        UsageError: If the degree is less than 1.

    Example:
        >>> bin(irreducible_polynomial(3))  # x³ + x + 1
        '0b1011'
    """
    if degree < 1:
        raise UsageError(f"degree must be at least 1, not {degree}")

    def remainder(a: int, b: int) -> int:
        while a.bit_length() >= b.bit_length():
            a ^= b << (a.bit_length() - b.bit_length())
        return a

    return next(
        candidate
        for candidate in range(2**degree, 2 ** (degree + 1))
        if all(remainder(candidate, d) for d in range(2, 2 ** (degree // 2 + 1)))
    )


@functools.cache
def mutually_unbiased_bases(qubits: int) -> StabiliserBases:
    """Returns the 2ⁿ + 1 mutually unbiased stabiliser bases; the last one is the Z basis.

    Basis v < 2ⁿ has the Hankel matrix A_ij = Tr(v ωⁱ⁺ʲ) over GF(2ⁿ) with generator ω: its bits are
    the sequence with the n bits of v at the start that obeys the recurrence of an irreducible
    polynomial. Source: Wootters and Fields, Ann. Phys. 191, 363 (1989), in the Hankel form derived
    here. The difference of two matrices is one of the others; it is non-singular because the form
    Tr(v a b) is non-degenerate for v ≠ 0, so two groups share the identity alone, and every
    other Pauli string lies in exactly one of the bases.

    Raises:
        UsageError: If there are not 1 to 12 qubits.

    Example:
        >>> mutually_unbiased_bases(3).hadamards.tolist()
        [0, 0, 0, 0, 0, 0, 0, 0, 7]
    """
    if not 1 <= qubits <= MOST_QUBITS:
        raise UsageError(f"unbiased bases are built for 1 to {MOST_QUBITS} qubits, not {qubits}")
    taps = irreducible_polynomial(qubits)
    sequence = [
        (np.arange(2**qubits, dtype=np.uint64) >> np.uint64(k)) & np.uint64(1)
        for k in range(qubits)
    ]
    for k in range(qubits - 1):
        terms = [sequence[k + i] for i in range(qubits) if taps >> i & 1]
        sequence.append(np.bitwise_xor.reduce(terms))
    rows = []
    for i in range(qubits):
        row = np.zeros(2**qubits + 1, dtype=np.uint64)
        for j in range(i, qubits):
            row[:-1] |= sequence[i + j] << np.uint64(j)
        rows.append(row)
    hadamards = np.zeros(2**qubits + 1, dtype=np.uint64)
    hadamards[-1] = 2**qubits - 1
    return StabiliserBases(tuple(rows), hadamards)


@functools.cache
def unbiased_basis_dial(qubits: int) -> Dial:
    """Returns the one dial that chooses among the 2ⁿ + 1 mutually unbiased bases.

    Args:
        qubits: The number n of qubits.

    Raises:
        UsageError: If there are not 1 to 12 qubits.

    Example:
        >>> len(unbiased_basis_dial(3).positions)
        9
    """
    bases = mutually_unbiased_bases(qubits)
    hadamards, phases, controls = basis_symbols(qubits)
    columns: list[npt.NDArray[np.generic]] = [
        (bases.hadamards >> np.uint64(i)) & np.uint64(1) for i in range(qubits)
    ]
    columns += [-0.5 * ((bases.rows[i] >> np.uint64(i)) & np.uint64(1)) for i in range(qubits)]
    columns += [(bases.rows[i] >> np.uint64(j)) & np.uint64(1) for i, j in controls]
    values = np.stack(columns, axis=1).astype(float)
    symbols = (*hadamards, *phases, *controls.values())
    return Dial("basis", symbols, tuple(map(tuple, values.tolist())))
