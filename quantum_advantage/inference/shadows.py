"""What one record of random single-copy Pauli measurements says (classical shadows).

Source: Huang, Kueng, Preskill, Nature Physics 16, 1050 (2020): a shot whose random basis agrees
with the w non-identity letters of Q contributes 3ʷ times its sign, any other shot 0; the mean
estimates tr(Q ρ) without bias, with second moment 3ʷ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cirq
import numpy as np

from quantum_advantage.measurements.pauli_basis import pauli_hits
from quantum_advantage.pauli import PauliStrings, Words


@dataclass(frozen=True, eq=False)
class ShadowRecord:
    """Outcomes of uniformly random Pauli bases, a fresh basis for every shot.

    Attributes:
        qubits: The measured qubits, in the order of the bits.
        bases: Packed x bits and z bits of the measured strings, (shots, words) each.
        outcomes: (shots, words) packed outcomes.
    """

    qubits: tuple[cirq.Qid, ...]
    bases: tuple[Words, Words]
    outcomes: Words

    @property
    def shots(self) -> int:
        """The number of shots; each used one copy."""
        return self.outcomes.shape[0]


def _contributions(record: ShadowRecord, terms: Sequence[cirq.PauliString]) -> np.ndarray:
    total = np.zeros(record.shots)
    for term in terms:
        coefficient = complex(term.coefficient)
        if abs(coefficient.imag) > 1e-9:
            raise ValueError(f"observable {term} must have real coefficients")
        string = PauliStrings.from_cirq([term.with_coefficient(1)], record.qubits)
        hit, sign = pauli_hits(string.x[0], string.z[0], record.bases, record.outcomes)
        scale = coefficient.real * 3.0 ** int(string.weight()[0])
        total += scale * hit * (1.0 - 2.0 * sign)
    return total


def expectation(
    record: ShadowRecord, observable: cirq.PauliSum | cirq.PauliString
) -> tuple[float, float]:
    """Estimates tr(O ρ) of a Pauli sum from one shadow record.

    Args:
        record: The shadow record.
        observable: A Hermitian ``cirq.PauliSum`` or ``cirq.PauliString`` on the record's qubits.

    Returns:
        The estimate and its standard error.

    Raises:
        ValueError: If the observable is not Hermitian or acts outside the record's qubits.
    """
    terms = [observable] if isinstance(observable, cirq.PauliString) else list(observable)
    values = _contributions(record, terms)
    error = values.std(ddof=1) / np.sqrt(values.size) if values.size > 1 else np.inf
    return float(values.mean()), float(error)
