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

    The learner sees the circuit and the dials; the positions of the dials are hidden from it.

    Example:
        >>> from quantum_advantage.circuits.request import Request
        >>> from quantum_advantage.circuits.run import run
        >>> from quantum_advantage.systems.hidden_pauli import HiddenPauli
        >>> letters, signs = np.array([[3], [3]], np.uint8), np.array([1, -1], np.int8)  # ±Z
        >>> states: Preparation = HiddenPauli(
        ...     letters, signs, np.array([1.0, 1.0]), np.random.default_rng(0)
        ... )
        >>> q = cirq.LineQubit(0)
        >>> circuit = states.circuit([q], "") + cirq.Circuit(cirq.measure(q, key="bit"))
        >>> request = Request(circuit, states.dials(""), states.draw(3, ""), shots=6)
        >>> (record,) = run([request], cirq.Simulator(seed=0))
        >>> record.bits["bit"].ravel().tolist()  # three copies of |0⟩, then three of |1⟩
        [0, 0, 0, 1, 1, 1]
        >>> states.select(slice(1, 2)).systems
        1
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
        """Returns the circuit that prepares one copy; ``label`` distinguishes its symbols."""
        ...

    def dials(self, label: str) -> tuple[Dial, ...]:
        """Returns the dials of one copy."""
        ...

    def draw(self, copies: int, label: str) -> tuple[npt.NDArray[np.unsignedinteger], ...]:
        """Draws the hidden dial positions of fresh copies.

        Args:
            copies: Copies of each system.
            label: The label of the copies.

        Returns:
            For each dial (systems * copies,) positions, system by system.
        """
        ...

    def select(self, systems: slice) -> Preparation:
        """Returns the preparation of some of the systems."""
        ...


@dataclass(frozen=True)
class OneOfEach:
    """Prepares a copy of one system under one label and of another under every other label.

    Attributes:
        label: The label of the copies of ``first``.
        first: The system behind that label.
        other: The system behind all other labels.

    Example:
        >>> from quantum_advantage.systems.eigenstates import KnownEigenstates
        >>> zero = KnownEigenstates({"a": np.array([[0]], np.uint8)})  # |0⟩
        >>> plus = KnownEigenstates({"b": np.array([[2]], np.uint8)})  # |+⟩
        >>> pair = OneOfEach("a", zero, plus)
        >>> pair.draw(1, "a")[0].tolist(), pair.draw(1, "b")[0].tolist()
        ([0], [2])
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
        """Draws the hidden dial positions of the copy behind the label.

        Args:
            copies: Copies of each system.
            label: The label of the copies.

        Returns:
            For each dial (systems * copies,) positions, system by system.
        """
        return self._of(label).draw(copies, label)

    def select(self, systems: slice) -> OneOfEach:
        """Returns the preparation of some of the pairs of systems."""
        return OneOfEach(self.label, self.first.select(systems), self.other.select(systems))


@dataclass(frozen=True)
class Repeated:
    """Prepares what another preparation draws several times in a row.

    Attributes:
        first: What draws.
        times: Copies in a row with the same hidden dial positions.

    Example:
        >>> from quantum_advantage.systems.hidden_pauli import HiddenPauli
        >>> letters, signs = np.array([[3]], np.uint8), np.array([1], np.int8)
        >>> mixed = HiddenPauli(letters, signs, np.array([0.0]), np.random.default_rng(2))
        >>> (positions,) = Repeated(mixed, 3).draw(8, "")
        >>> positions.size, len(set(positions[:3])), len(set(positions[3:6]))
        (8, 1, 1)
    """

    first: Preparation
    times: int

    @property
    def qubits(self) -> int:
        """The number n of qubits of one copy."""
        return self.first.qubits

    @property
    def systems(self) -> int:
        """The number of unknown systems."""
        return self.first.systems

    def circuit(self, qubits: Sequence[cirq.Qid], label: str) -> cirq.Circuit:
        """Returns the circuit that prepares one copy."""
        return self.first.circuit(qubits, label)

    def dials(self, label: str) -> tuple[Dial, ...]:
        """Returns the dials of one copy."""
        return self.first.dials(label)

    def draw(self, copies: int, label: str) -> tuple[npt.NDArray[np.unsignedinteger], ...]:
        """Draws hidden dial positions that stay for ``times`` copies, the last ones for the rest.

        Args:
            copies: Copies of each system.
            label: The label of the copies.

        Returns:
            For each dial (systems * copies,) positions, system by system.
        """
        drawn = self.first.draw(-(-copies // self.times), label)
        return tuple(
            np.repeat(column.reshape(self.systems, -1), self.times, axis=1)[:, :copies].ravel()
            for column in drawn
        )

    def select(self, systems: slice) -> Repeated:
        """Returns the preparation of some of the systems."""
        return Repeated(self.first.select(systems), self.times)
