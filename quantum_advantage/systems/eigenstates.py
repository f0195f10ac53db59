"""Product states of Pauli eigenstates, one of six on every qubit, chosen by a dial.

The dial of a qubit stands at 2 * basis + bit, the bases in the order Z, X, Y; the eigenvalue is
(-1)^bit.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import cirq
import numpy as np
import numpy.typing as npt
import sympy

from quantum_advantage.circuits.request import Dial
from quantum_advantage.core.usage import UsageError

_EIGENSTATES = tuple(
    (float(bit), float(hadamard), float(phase))
    for hadamard, phase in ((0, 0), (1, 0), (1, 1))
    for bit in (0, 1)
)
_LETTER_OF_BASIS = np.array([3, 1, 2], dtype=np.uint8)

Positions = npt.NDArray[np.unsignedinteger]


@functools.cache
def eigenstate_dials(qubits: int, label: str) -> tuple[Dial, ...]:
    """Returns one dial for each qubit: which of the six Pauli eigenstates.

    Args:
        qubits: The number n of qubits.
        label: Tells the symbols apart from those of other circuits.

    Example:
        >>> (dial,) = eigenstate_dials(1, "")
        >>> len(dial.positions), dial.positions[3]  # |-⟩ = H X|0⟩: no S
        (6, (1.0, 1.0, 0.0))
    """
    return tuple(
        Dial(
            f"{label}{i}",
            (f"flip_{label}{i}", f"hadamard_{label}{i}", f"phase_{label}{i}"),
            _EIGENSTATES,
        )
        for i in range(qubits)
    )


def eigenstate_circuit(qubits: Sequence[cirq.Qid], label: str) -> cirq.Circuit:
    """Returns the circuit that prepares a Pauli eigenstate on every qubit: X^flip, then H, then S.

    Args:
        qubits: The qubits.
        label: That of the dials; see :func:`eigenstate_dials`.

    Example:
        >>> circuit = eigenstate_circuit([cirq.LineQubit(0)], "")
        >>> (dial,) = eigenstate_dials(1, "")
        >>> y_minus = dict(zip(dial.symbols, dial.positions[5]))  # basis 2 is Y; bit 1 is -1
        >>> state = cirq.resolve_parameters(circuit, y_minus).final_state_vector()
        >>> round(float((state.conj() @ cirq.unitary(cirq.Y) @ state).real), 3)
        -1.0
    """
    return cirq.Circuit(_eigenstate_moments(tuple(qubits), label))


@functools.lru_cache(maxsize=64)
def _eigenstate_moments(qubits: tuple[cirq.Qid, ...], label: str) -> tuple[cirq.Moment, ...]:
    flips, hadamards, phases = zip(
        *(map(sympy.Symbol, dial.symbols) for dial in eigenstate_dials(len(qubits), label)),
        strict=True,
    )
    return (
        cirq.Moment((cirq.X**s)(q) for q, s in zip(qubits, flips, strict=True)),
        cirq.Moment((cirq.H**s)(q) for q, s in zip(qubits, hadamards, strict=True)),
        cirq.Moment((cirq.S**s)(q) for q, s in zip(qubits, phases, strict=True)),
    )


def eigenstate_positions(letters: npt.ArrayLike, bits: npt.ArrayLike) -> npt.NDArray[np.uint8]:
    """Returns the dial positions of eigenstates: those of Z where the letter is the identity.

    Args:
        letters: (...) letter codes, 0 = I, 1 = X, 2 = Y, 3 = Z.
        bits: (...) 0 for the eigenvalue +1, 1 for -1, broadcast against ``letters``.

    Returns:
        (...) positions.

    Example:
        >>> eigenstate_positions([0, 1, 2, 3], [0, 1, 0, 1]).tolist()  # |0⟩, |-⟩, |+i⟩, |1⟩
        [0, 3, 4, 1]
    """
    codes = np.asarray(letters, dtype=np.uint8)
    basis = codes * (codes != 3)
    return np.asarray(2 * basis + np.asarray(bits, dtype=np.uint8), dtype=np.uint8)


def letters_and_bits(
    positions: Positions,
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Returns letters and bits of dial positions, the inverse of :func:`eigenstate_positions`.

    Args:
        positions: (...) positions, 0 to 5.

    Returns:
        (...) letters, 1 = X, 2 = Y, 3 = Z, and (...) bits, 0 for the eigenvalue +1, 1 for -1.

    Example:
        >>> letters, bits = letters_and_bits(np.arange(6, dtype=np.uint8))
        >>> letters.tolist(), bits.tolist()
        ([3, 3, 1, 1, 2, 2], [0, 1, 0, 1, 0, 1])
    """
    return _LETTER_OF_BASIS[positions // 2], (positions % 2).astype(np.uint8)


@dataclass(frozen=True, eq=False)
class KnownEigenstates:
    """Product eigenstates that the learner prepares to test a measurement: a preparation.

    Attributes:
        positions: For each label (shots, n) dial positions.

    Example:
        >>> positions = eigenstate_positions([[3, 1], [3, 2]], [[0, 1], [1, 0]])
        >>> test = KnownEigenstates({"": positions})
        >>> test.qubits
        2
        >>> [column.tolist() for column in test.draw(2, "")]  # qubit by qubit: |0⟩, |1⟩; |-⟩, |+i⟩
        [[0, 1], [3, 4]]
    """

    positions: dict[str, npt.NDArray[np.uint8]]

    @property
    def qubits(self) -> int:
        """The number n of qubits of one copy."""
        return next(iter(self.positions.values())).shape[1]

    @property
    def systems(self) -> int:
        """One: all shots belong together."""
        return 1

    def circuit(self, qubits: Sequence[cirq.Qid], label: str) -> cirq.Circuit:
        """Returns the circuit that prepares the state of a label."""
        return eigenstate_circuit(qubits, label)

    def dials(self, label: str) -> tuple[Dial, ...]:
        """Returns one dial for each qubit."""
        return eigenstate_dials(self.qubits, label)

    def draw(self, copies: int, label: str) -> tuple[Positions, ...]:
        """Returns the first positions of a label, for each qubit (copies,).

        Args:
            copies: How many; at most the shots of the label.
            label: The label.

        Raises:
            UsageError: If the label has fewer shots.
        """
        held = len(self.positions[label])
        if copies > held:
            raise UsageError(f"copies must be at most the {held} shots of the label, not {copies}")
        return tuple(column[:copies] for column in self.positions[label].T)

    def select(self, systems: slice) -> KnownEigenstates:
        """Returns itself: there is one system."""
        return self
