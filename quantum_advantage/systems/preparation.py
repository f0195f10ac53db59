"""What a learner gets of an unknown system: a circuit that prepares copies, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.circuits.request import Dial


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

    def draw(self, copies: int, label: str) -> tuple[npt.NDArray[np.unsignedinteger], ...]:
        """Draws nature's dial positions: for each dial (systems * copies,), system by system."""
        ...

    def select(self, systems: slice) -> Preparation:
        """Returns the preparation of some of the systems."""
        ...


@dataclass(frozen=True)
class OneOfEach:
    """Hands out a copy of one system under one label and of another under every other label.

    Attributes:
        label: The label of the copies of ``first``.
        first: The system behind that label.
        other: The system behind all other labels.
    """

    label: str
    first: Preparation
    other: Preparation

    @property
    def qubits(self) -> int:
        """The number n of qubits of one copy."""
        return self.first.qubits

    @property
    def systems(self) -> int:
        """The number of pairs of unknown systems."""
        return self.first.systems

    def _of(self, label: str) -> Preparation:
        return self.first if label == self.label else self.other

    def circuit(self, qubits: Sequence[cirq.Qid], label: str) -> cirq.Circuit:
        """Returns the circuit that prepares the copy behind the label."""
        return self._of(label).circuit(qubits, label)

    def dials(self, label: str) -> tuple[Dial, ...]:
        """Returns the dials of the copy behind the label."""
        return self._of(label).dials(label)

    def draw(self, copies: int, label: str) -> tuple[npt.NDArray[np.unsignedinteger], ...]:
        """Draws nature's dial positions of the copy behind the label."""
        return self._of(label).draw(copies, label)

    def select(self, systems: slice) -> OneOfEach:
        """Returns the preparation of some of the pairs of systems."""
        return OneOfEach(self.label, self.first.select(systems), self.other.select(systems))
