"""Single-copy measurement in a product of Pauli bases, one dial for each qubit."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import cirq
import numpy as np
import numpy.typing as npt
import sympy

from quantum_advantage.circuits.request import Dial
from quantum_advantage.core.bits import Words, pack_bits, parity, unpack_bits
from quantum_advantage.core.usage import UsageError

# Positions 0, 1, 2 measure X, Y, Z: Z^z, then H^h, then a computational measurement.
_BASES = ((0.0, 1.0), (-0.5, 1.0), (0.0, 0.0))


@functools.cache
def pauli_basis_dials(qubits: int) -> tuple[Dial, ...]:
    """Returns one dial for each qubit with positions 0, 1, 2 for the bases X, Y, Z.

    Example:
        >>> [dial.name for dial in pauli_basis_dials(2)]
        ['basis0', 'basis1']
    """
    return tuple(Dial(f"basis{i}", (f"basis_z{i}", f"basis_h{i}"), _BASES) for i in range(qubits))


def pauli_basis_change(qubits: Sequence[cirq.Qid]) -> list[cirq.Moment]:
    """Returns the gates that turn the chosen Pauli basis into the computational basis.

    Args:
        qubits: The qubits, one dial of :func:`pauli_basis_dials` for each.

    Example:
        >>> print(cirq.Circuit(pauli_basis_change(cirq.LineQubit.range(1))))
        0: ───Z^basis_z0───H^basis_h0───
    """
    return list(_change_moments(tuple(qubits)))


@functools.lru_cache(maxsize=64)
def _change_moments(qubits: tuple[cirq.Qid, ...]) -> tuple[cirq.Moment, ...]:
    symbols = [tuple(map(sympy.Symbol, dial.symbols)) for dial in pauli_basis_dials(len(qubits))]
    return (
        cirq.Moment((cirq.Z ** s[0])(q) for q, s in zip(qubits, symbols, strict=True)),
        cirq.Moment((cirq.H ** s[1])(q) for q, s in zip(qubits, symbols, strict=True)),
    )


def random_pauli_bases(
    qubits: int, systems: int, shots: int, times: int, rng: np.random.Generator
) -> tuple[npt.NDArray[np.unsignedinteger], ...]:
    """Draws uniformly random Pauli bases, each used several times in a row.

    Args:
        qubits: The number n of qubits.
        systems: The number of systems.
        shots: The shots of each system.
        times: The shots of each basis.
        rng: The source of randomness.

    Returns:
        For each qubit (systems * shots,) dial positions, system by system.

    Example:
        >>> first, second = random_pauli_bases(2, 1, 6, 3, np.random.default_rng(0))
        >>> first.shape, len(set(first[:3].tolist()))
        ((6,), 1)
    """
    shape = (systems, -(-shots // times))
    return tuple(
        np.repeat(rng.integers(0, 3, shape, dtype=np.uint8), times, axis=1)[:, :shots].ravel()
        for _ in range(qubits)
    )


def pack_bases(bases: Sequence[npt.NDArray[np.unsignedinteger]]) -> tuple[Words, Words]:
    """Packs measured bases as the strings that they measure.

    Args:
        bases: For each qubit (shots,) positions 0, 1, 2 for X, Y, Z.

    Returns:
        The packed x bits and z bits of the measured Pauli strings, (shots, words) each.

    Raises:
        UsageError: If a position is another number.

    Example:
        >>> x, z = pack_bases([[0, 1, 2]])  # X, Y, Z of one qubit
        >>> x.tolist(), z.tolist()
        ([[1], [1], [0]], [[0], [1], [1]])
    """
    codes = np.stack([np.asarray(column) for column in bases], axis=1)
    if codes.size and not (codes.min() >= 0 and codes.max() <= 2):
        raise UsageError("bases must be 0 (X), 1 (Y) or 2 (Z) for every qubit and shot")
    return pack_bits(codes != 2), pack_bits(codes != 0)


def unpack_bases(bases: tuple[Words, Words], qubits: int) -> npt.NDArray[np.uint8]:
    """Returns the bases of every row, (shots, n) numbers 0, 1, 2 for X, Y, Z.

    The inverse of :func:`pack_bases`, but for the order of the axes.

    Args:
        bases: The result of :func:`pack_bases`, (shots, words) each.
        qubits: The number n of qubits.

    Example:
        >>> unpack_bases(pack_bases([[0, 1, 2], [2, 2, 0]]), 2).tolist()
        [[0, 2], [1, 2], [2, 0]]
    """
    x, z = (unpack_bits(part, qubits) for part in bases)
    return z * (2 - x)


def pauli_hits(
    x: Words, z: Words, bases: tuple[Words, Words], outcomes: Words
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.uint8]]:
    """Tells which shots measured a Pauli string, and with which sign.

    A shot measures Q when its basis agrees with every non-identity letter of Q; the sign is then
    the parity of the outcomes on the support of Q.

    Args:
        x: (..., w) packed x bits of the strings.
        z: (..., w) packed z bits of the strings.
        bases: The result of :func:`pack_bases`, (..., w) each, broadcast against the strings.
        outcomes: (..., w) packed outcomes.

    Returns:
        (...) hits and (...) sign bits (0 for +1), the latter meaningful on hits alone.

    Example:
        >>> from quantum_advantage.core.pauli import PauliStrings
        >>> xi, bases = PauliStrings.from_text("XI"), pack_bases([[0, 2], [1, 1]])  # XY and ZY
        >>> hits, signs = pauli_hits(xi.x, xi.z, bases, pack_bits([[1, 0], [0, 0]]))
        >>> hits.tolist(), signs.tolist()
        ([True, False], [1, 0])
    """
    support = x | z
    differs = ((bases[0] ^ x) | (bases[1] ^ z)) & support
    return ~differs.any(axis=-1), parity(outcomes & support)


def pauli_basis_strings(
    qubits: int, bases: tuple[Words, Words], outcomes: Words
) -> tuple[Words, Words, npt.NDArray[np.uint8]]:
    """Returns all strings that every shot measured, with their signs.

    They are the measured string itself with letters left out, those of every subset of the qubits.

    Args:
        qubits: The number n of qubits, at most 64.
        bases: The result of :func:`pack_bases`, (shots, 1) each.
        outcomes: (shots, 1) packed outcomes.

    Returns:
        x bits, z bits, and sign bits (0 for +1), (shots, 2ⁿ) each; the identity comes first.

    Example:
        >>> from quantum_advantage.core.pauli import PauliStrings
        >>> x, z, signs = pauli_basis_strings(2, pack_bases([[0], [2]]), pack_bits([[1, 0]]))
        >>> strings = PauliStrings(2, x.reshape(-1, 1), z.reshape(-1, 1), 2 * signs.ravel())
        >>> strings.text()
        ['II', '-XI', 'IZ', '-XZ']
    """
    kept = np.arange(2**qubits, dtype=np.uint64)
    x, z = (part[:, :1] & kept for part in bases)
    return x, z, np.bitwise_count(outcomes[:, :1] & kept) & np.uint8(1)
