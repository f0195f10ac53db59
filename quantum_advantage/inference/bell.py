"""What one record of Bell measurements says about the two copies.

For a Pauli string Q the mean sign over Bell shots estimates tr(Q ρ)² (or tr(Q ρ) tr(Q σ) on two
different states) without bias, with variance (1 - tr(Q ρ)⁴)/T; the mean singlet parity estimates
the purity of any subset of the qubits likewise. All of them come from the same record.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quantum_advantage.measurements.bell import bell_parity, singlet_parity
from quantum_advantage.pauli import PauliStrings, Words, pack_bits
from quantum_advantage.usage import UsageError


@dataclass(frozen=True, eq=False)
class BellRecord:
    """Bell outcomes of pairs of copies.

    Attributes:
        qubits: The number n of qubits of one copy.
        system: (shots, words) packed outcomes a of the first copy's qubits.
        memory: (shots, words) packed outcomes b of the second copy's qubits.
    """

    qubits: int
    system: Words
    memory: Words

    @property
    def shots(self) -> int:
        """The number T of Bell shots; each used two copies."""
        return self.system.shape[0]


def mean_signs(bits: npt.NDArray[np.uint8]) -> tuple[float, float]:
    """Returns the mean of signs (-1)^bit and its standard error."""
    shots = bits.shape[0]
    mean = 1.0 - 2.0 * float(bits.mean())
    error = np.sqrt(max(1 - mean**2, 0.0) / (shots - 1)) if shots > 1 else np.inf
    return mean, float(error)


def squares(record: BellRecord, strings: PauliStrings | Iterable[str]) -> npt.NDArray[np.float64]:
    """Estimates tr(Q ρ)² for many Pauli strings from one Bell record.

    Args:
        record: The Bell outcomes.
        strings: The strings Q, packed or as text such as ``XIYZ``; their phases do not matter.

    Returns:
        (strings, 2): the estimate and its standard error for each string.

    Raises:
        ValueError: If the strings act on another number of qubits than the record.
    """
    if not isinstance(strings, PauliStrings):
        strings = PauliStrings.from_text(strings)
    if strings.qubits != record.qubits:
        raise UsageError(f"strings act on {strings.qubits} qubits, the record has {record.qubits}")
    signs = (
        bell_parity(x, z, record.system, record.memory)
        for x, z in zip(strings.x, strings.z, strict=True)
    )
    return np.array([mean_signs(bits) for bits in signs]).reshape(-1, 2)


def purity(record: BellRecord, qubits: Sequence[int] | None = None) -> tuple[float, float]:
    """Estimates the purity tr(ρ_A²) of a subset A of the qubits from one Bell record.

    Args:
        record: The Bell outcomes.
        qubits: The numbers of the qubits in A; all of them if not given.

    Returns:
        The estimate, the mean of the SWAP eigenvalue on A, and its standard error.

    Raises:
        ValueError: If a qubit is not in the record.
    """
    chosen = np.zeros(record.qubits, dtype=np.uint8)
    for qubit in range(record.qubits) if qubits is None else qubits:
        if not 0 <= qubit < record.qubits:
            raise UsageError(f"qubit {qubit} is not among the record's 0 to {record.qubits - 1}")
        chosen[qubit] = 1
    return mean_signs(singlet_parity(record.system, record.memory, pack_bits(chosen)))
