"""A protocol of one's own for the task ``observables``: one random Pauli basis for all qubits.

It has no exact distribution, so it runs as circuits alone. Each shot measures one copy, so the
bound on learners without a quantum memory is about it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from quantum_advantage.circuits.request import Request
from quantum_advantage.measurements.pauli_basis import (
    pauli_basis_change,
    pauli_basis_dials,
    random_pauli_bases,
)
from quantum_advantage.systems.preparation import Preparation
from quantum_advantage.tasks.observables.protocols import LocalPauli
from quantum_advantage.tasks.protocol import Protocol
from quantum_advantage.tasks.shared.requests import copy_qubits, request_copies


@dataclass(frozen=True)
class SamePauli(LocalPauli):
    """One copy in X, Y or Z on every qubit, drawn anew for each shot; read as ``local_pauli``."""

    def request(self, preparation: Preparation, shots: int, rng: np.random.Generator) -> Request:
        """Requests single copies, all of whose qubits are measured in one basis."""
        n = preparation.qubits
        (column,) = random_pauli_bases(1, preparation.systems, shots, self.times, rng)
        change = pauli_basis_change(copy_qubits(n)[0])
        return request_copies(preparation, 1, shots, change, pauli_basis_dials(n), (column,) * n)


SAME_PAULI = Protocol(
    "same_pauli",
    "One copy in X, Y or Z on all qubits. It sees strings of one kind of letter alone.",
    copies_per_shot=1,
    measurement=lambda options, qubits: SamePauli(),
    couplings="pairs",
    bounded=True,
)
