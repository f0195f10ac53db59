"""Bell measurements with a calibration in the same job."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from quantum_advantage.circuits.request import Request
from quantum_advantage.tasks.observables.protocols import Bell
from quantum_advantage.tasks.shared.calibration import damping_request

# Shots of a calibration, spread over three letters.
LEAST_CALIBRATION = 30


@dataclass(frozen=True)
class CalibratedBell(Bell):
    """Bell measurements; the damping of every pair is measured in the same job, and used.

    Attributes:
        shots: Shots of the calibration.

    Example:
        >>> CalibratedBell(shots=30).calibration(2, np.random.default_rng(1)).shots
        30
    """

    shots: int = 600

    def calibration(self, qubits: int, rng: np.random.Generator) -> Request:
        """Requests the calibration."""
        return damping_request(qubits, self.shots, rng)
