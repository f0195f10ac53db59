"""Random states hidden behind one value of a flag, noise behind the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.circuits.request import Dial
from quantum_advantage.systems.random_states import BrickworkStates, Columns, bit_dials, flips


@dataclass(frozen=True, eq=False)
class FlaggedStates:
    """A random state behind one value of a flag, noise behind the other, in equal parts.

    With truth c the system is ½ |c⟩⟨c| ⊗ ψ + ½ |1-c⟩⟨1-c| ⊗ I/d', so its principal component is
    |c⟩ ⊗ ψ; the flag alone is a fair coin. The flag is the first qubit.

    Attributes:
        truth: (systems,) c, the flag of the principal component.
        rest: The states ψ behind the flag; their mixing is not used.

    Example:
        >>> from quantum_advantage.systems.random_states import random_states
        >>> rest = random_states(2, [0.0], seed=1, copies=np.random.default_rng(2))
        >>> states = FlaggedStates(np.array([1]), rest)
        >>> values, vectors = np.linalg.eigh(states.density_matrix(0))
        >>> values.round(3).tolist()[-2:]  # ψ in one piece, I/4 in four
        [0.125, 0.5]
        >>> principal = abs(vectors[:, -1]) ** 2
        >>> round(float(principal[4:].sum()), 6)  # the flag of the principal component is 1
        1.0
        >>> flag, *_ = states.draw(4000, "")
        >>> round(float(flag.mean()), 1)
        0.5
    """

    truth: npt.NDArray[np.int64]
    rest: BrickworkStates

    @property
    def qubits(self) -> int:
        """The number n of qubits of one copy, the flag included."""
        return self.rest.qubits + 1

    @property
    def systems(self) -> int:
        """The number of hidden systems."""
        return self.rest.systems

    def circuit(self, qubits: Sequence[cirq.Qid], label: str) -> cirq.Circuit:
        """Returns the circuit that prepares one copy: the flag, and the state behind it."""
        flag = flips(qubits[:1], bit_dials(1, label, "flag"))
        return flag.zip(self.rest.circuit(qubits[1:], label))

    def dials(self, label: str) -> tuple[Dial, ...]:
        """Returns the dial of the flag and those of the state behind it."""
        return (*bit_dials(1, label, "flag"), *self.rest.dials(label))

    def draw(self, copies: int, label: str) -> Columns:
        """Draws the flags and the input bits of fresh copies.

        Args:
            copies: Copies of each system.
            label: Not used: all labels follow one law.

        Returns:
            For each dial (systems * copies,) positions, system by system.
        """
        noise = self.rest.nature.integers(0, 2, (self.systems, copies), dtype=np.uint8)
        flag = noise ^ self.truth[:, None].astype(np.uint8)
        return (flag.ravel(), *self.rest.columns(noise.view(np.bool_)))

    def select(self, systems: slice) -> FlaggedStates:
        """Returns some of the systems."""
        return FlaggedStates(self.truth[systems], self.rest.select(systems))

    def density_matrix(self, system: int) -> npt.NDArray[np.complex128]:
        """Returns the exact (2ⁿ, 2ⁿ) density matrix of one system, for checks at small n."""
        size = 2**self.rest.qubits
        blocks = np.zeros((2, size, 2, size), dtype=np.complex128)
        pure = replace(self.rest, mixing=np.zeros(self.systems))
        c = int(self.truth[system])
        blocks[c, :, c] = pure.density_matrix(system) / 2
        blocks[1 - c, :, 1 - c] = np.eye(size) / (2 * size)
        return blocks.reshape(2 * size, 2 * size)
