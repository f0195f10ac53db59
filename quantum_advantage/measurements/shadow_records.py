"""Shadow records of line qubits, from records of requests and from plain arrays."""

from __future__ import annotations

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.circuits.request import Record
from quantum_advantage.core.bits import Words, pack_bits
from quantum_advantage.core.usage import UsageError
from quantum_advantage.measurements.bell import SYSTEM
from quantum_advantage.measurements.pauli_basis import pack_bases, pauli_basis_dials
from quantum_advantage.measurements.records import RANDOM, ShadowRecord

Octets = npt.NDArray[np.uint8]


def dialled_bases(record: Record, qubits: int) -> tuple[Words, Words]:
    """Returns the Pauli bases that the dials of a record set, packed as by ``pack_bases``.

    Args:
        record: The record, with the positions of :func:`.pauli_basis.pauli_basis_dials`.
        qubits: The number n of qubits.

    Example:
        >>> columns = {"basis0": np.array([0, 2], np.uint8)}  # X, then Z
        >>> x, z = dialled_bases(Record(2, {}, columns), 1)
        >>> x.tolist(), z.tolist()
        ([[1], [0]], [[0], [1]])
    """
    return pack_bases([record.settings[dial.name] for dial in pauli_basis_dials(qubits)])


def shadow_of(record: Record, qubits: int) -> ShadowRecord:
    """Returns the shadow record of single copies that were measured in dialled Pauli bases.

    Args:
        record: Outcomes of the system's qubits, and the positions of the dials of the bases.
        qubits: The number n of qubits.

    Example:
        >>> columns = {"basis0": np.array([0, 2], np.uint8)}
        >>> shadow_of(Record(2, {SYSTEM: pack_bits([[0], [1]])}, columns), 1)
        ShadowRecord(2 shots of 1 qubits in 2 random bases)
    """
    line = tuple(cirq.LineQubit.range(qubits))
    return ShadowRecord(line, dialled_bases(record, qubits), record.bits[SYSTEM])


def shadow_of_arrays(bases: Octets, outcomes: Octets, scheme: str = RANDOM) -> ShadowRecord:
    """Returns the shadow record of bases and outcomes.

    Args:
        bases: (shots, n) bases 0, 1, 2 for X, Y, Z.
        outcomes: (shots, n) outcomes 0 or 1.
        scheme: How the bases were chosen.

    Raises:
        UsageError: If a basis or an outcome is another number.

    Example:
        >>> shadow_of_arrays(np.zeros((4, 2), np.uint8), np.zeros((4, 2), np.uint8))
        ShadowRecord(4 shots of 2 qubits in 4 random bases)
    """
    if outcomes.size and outcomes.max() > 1:
        raise UsageError(f"outcomes must be 0 or 1, not {outcomes.max()}")
    line = tuple(cirq.LineQubit.range(bases.shape[1]))
    return ShadowRecord(line, pack_bases(list(bases.T)), pack_bits(outcomes), scheme=scheme)
