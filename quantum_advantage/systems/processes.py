"""Unknown processes, and the outputs that a learner obtains on inputs of its own choice.

The replacement channel E(x) = tr(x) ρ discards its input and returns ρ, whatever the input. With
ρ = (I + s α P)/2ⁿ it is a process of polynomial time that hides a Pauli string: the reset of all
qubits, then the preparation of ``systems.hidden_pauli``. It is the instance behind the lower bound
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
    """Discards the state of the qubits and prepares a fresh copy of an unknown state there.

    Attributes:
        output: The states ρ that it returns.

    Example:
        >>> from quantum_advantage.systems.eigenstates import KnownEigenstates
        >>> one = KnownEigenstates({"": np.array([[1]], np.uint8)})  # the output is |1⟩
        >>> channel, q = ReplacementChannel(one), cirq.LineQubit(0)
        >>> (dial,), (column,) = channel.dials(""), channel.draw(1, "")
        >>> values = dict(zip(dial.symbols, dial.positions[column[0]]))
        >>> circuit = cirq.Circuit(cirq.H(q)) + channel.circuit([q], "")
        >>> rho = cirq.final_density_matrix(cirq.resolve_parameters(circuit, values))
        >>> rho.diagonal().real.round(3).tolist()
        [0.0, 1.0]
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
        """Returns the hidden dials of one use."""
        return self.output.dials(label)

    def draw(self, uses: int, label: str) -> tuple[npt.NDArray[np.unsignedinteger], ...]:
        """Draws the hidden dial positions of fresh uses of every process.

        Args:
            uses: Uses of each process.
            label: The label of the uses.

        Returns:
            For each dial (systems * uses,) positions, process by process.
        """
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

    Example:
        >>> from quantum_advantage.systems.eigenstates import KnownEigenstates
        >>> process = ReplacementChannel(KnownEigenstates({"": np.ones((100, 1), np.uint8)}))
        >>> outputs = RandomInputs(process, np.random.default_rng(0))
        >>> [dial.name for dial in outputs.dials("")]  # the learner's, then the hidden ones
        ['input_0', '0']
        >>> inputs, hidden = outputs.draw(100, "")
        >>> np.unique(inputs).tolist(), np.unique(hidden).tolist()  # six inputs, one output
        ([0, 1, 2, 3, 4, 5], [1])
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
        """Returns the learner's dials of one use, then the hidden ones."""
        return self.inputs(label) + self.process.dials(label)

    def draw(self, copies: int, label: str) -> tuple[npt.NDArray[np.unsignedinteger], ...]:
        """Draws fresh inputs, then the hidden dial positions of the process.

        Args:
            copies: Uses of each process.
            label: The label of the uses.

        Returns:
            For each dial (systems * copies,) positions, process by process.
        """
        uses = self.systems * copies
        inputs = self.learner.integers(0, INPUTS, (self.qubits, uses), dtype=np.uint8)
        return (*inputs, *self.process.draw(copies, label))

    def select(self, systems: slice) -> RandomInputs:
        """Returns the outputs of some of the processes."""
        return RandomInputs(self.process.select(systems), self.learner)


def _input(label: str) -> str:
    return f"input_{label}"
