"""Unknown processes, and what a learner makes of them: outputs on inputs of its own choice.

The replacement channel E(x) = tr(x) ρ throws its input away and hands out ρ, whatever the input. Of
ρ = (I + s α P)/2ⁿ it is a process of polynomial time that hides a Pauli string: the reset of all
qubits, and the preparation of ``systems.hidden_pauli``. It is the instance behind the lower bound
for learning approximate models of dynamics (Huang et al., arXiv 2112.00778, theorem 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.circuits.request import Dial
from quantum_advantage.systems.eigenstates import eigenstate_circuit, eigenstate_dials
from quantum_advantage.systems.preparation import Preparation

# The six Pauli eigenstates of a qubit.
INPUTS = 6


@dataclass(frozen=True, eq=False)
class ReplacementChannel:
    """Throws away what stands on the qubits and prepares a fresh copy of an unknown state there.

    Attributes:
        output: The states ρ that are handed out.
    """

    output: Preparation

    @property
    def qubits(self) -> int:
        """The number n of qubits on which a use acts."""
        return self.output.qubits

    @property
    def systems(self) -> int:
        """The number of unknown processes side by side, one after the other in a table."""
        return self.output.systems

    def circuit(self, qubits: Sequence[cirq.Qid], label: str) -> cirq.Circuit:
        """Returns one use of the process, on whatever the qubits hold."""
        return cirq.Circuit(cirq.Moment(cirq.reset_each(*qubits))) + self.output.circuit(
            qubits, label
        )

    def dials(self, label: str) -> tuple[Dial, ...]:
        """Returns nature's dials of one use."""
        return self.output.dials(label)

    def draw(self, uses: int, label: str) -> tuple[npt.NDArray[np.unsignedinteger], ...]:
        """Draws nature's dial positions of so many uses of every process."""
        return self.output.draw(uses, label)

    def select(self, systems: slice) -> ReplacementChannel:
        """Returns some of the processes."""
        return ReplacementChannel(self.output.select(systems))


@dataclass(frozen=True, eq=False)
class RandomInputs:
    """Outputs of a process on random product inputs that the learner prepares: a preparation.

    Every input qubit is in one of the six Pauli eigenstates.

    Attributes:
        process: The unknown process.
        learner: Draws the inputs.
    """

    process: ReplacementChannel
    learner: np.random.Generator

    @property
    def qubits(self) -> int:
        """The number n of qubits of one output."""
        return self.process.qubits

    @property
    def systems(self) -> int:
        """The number of unknown processes."""
        return self.process.systems

    def circuit(self, qubits: Sequence[cirq.Qid], label: str) -> cirq.Circuit:
        """Returns the preparation of an input, and one use of the process on it."""
        return eigenstate_circuit(qubits, _input(label)) + self.process.circuit(qubits, label)

    def inputs(self, label: str) -> tuple[Dial, ...]:
        """Returns the learner's dials of one use: the input of each qubit."""
        return eigenstate_dials(self.qubits, _input(label))

    def dials(self, label: str) -> tuple[Dial, ...]:
        """Returns the learner's dials of one use, then nature's."""
        return self.inputs(label) + self.process.dials(label)

    def draw(self, copies: int, label: str) -> tuple[npt.NDArray[np.unsignedinteger], ...]:
        """Draws fresh inputs, and lets nature draw its own dials."""
        uses = self.systems * copies
        inputs = self.learner.integers(0, INPUTS, (self.qubits, uses), dtype=np.uint8)
        return (*inputs, *self.process.draw(copies, label))

    def select(self, systems: slice) -> RandomInputs:
        """Returns the outputs of some of the processes."""
        return RandomInputs(self.process.select(systems), self.learner)


def _input(label: str) -> str:
    return f"input_{label}"
