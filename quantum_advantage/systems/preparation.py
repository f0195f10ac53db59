"""What a learner gets of an unknown system: a circuit that prepares copies, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.sampling import Dial


class Preparation(Protocol):
    """Prepares copies of one or several unknown systems on the same number of qubits.

    The learner sees the circuit and the dials; where the dials stand is nature's secret.
    """

    @property
    def qubits(self) -> int:
        """The number n of qubits of one copy."""
        ...

    @property
    def systems(self) -> int:
        """The number of unknown systems prepared side by side, one after the other in a table."""
        ...

    def circuit(self, qubits: Sequence[cirq.Qid], label: str) -> cirq.Circuit:
        """Returns the circuit that prepares one copy; ``label`` tells its symbols apart."""
        ...

    def dials(self, label: str) -> tuple[Dial, ...]:
        """Returns the dials of one copy."""
        ...

    def draw(self, copies: int) -> tuple[npt.NDArray[np.unsignedinteger], ...]:
        """Draws nature's dial positions: for each dial (systems * copies,), system by system."""
        ...
