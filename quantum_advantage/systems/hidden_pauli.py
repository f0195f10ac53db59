"""The hidden-Pauli state ρ = (I + s α P)/2ⁿ, prepared as a mixture of product states.

Source: Huang et al., arXiv 2112.00778 (the states of its first experiment), with the product-state
preparation of the public code recirq/qml_lfe: every qubit is prepared in an eigenstate of its
letter of P (of Z where the letter is I) with a uniformly random eigenvalue, except that the
eigenvalue at the last non-identity letter makes their product s t, where t = +1 with probability (1
+ α)/2.

Proof that this is ρ (derived here). A qubit with uniformly random eigenvalue of a letter is I/2, so
all terms of the mixture vanish except the identity and the one in which every non-identity letter
of P appears; its coefficient is E[s t] = s α.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.circuits.request import Dial
from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.core.usage import UsageError
from quantum_advantage.systems.eigenstates import (
    eigenstate_circuit,
    eigenstate_dials,
    eigenstate_positions,
)

# Shots whose letters and bits stay in the cache together; a multiple of eight.
SHOTS_PER_BLOCK = 1 << 14


@dataclass(frozen=True, eq=False)
class HiddenPauli:
    """Hidden-Pauli states, one for each trial.

    Attributes:
        letters: (systems, n) uint8 letter codes of P (0 = I, 1 = X, 2 = Y, 3 = Z), none all zero.
        signs: (systems,) int8, s = ±1.
        signals: (systems,) α in [0, 1] of each system; 0 is the maximally mixed state.
        nature: The source of the hidden bits of every copy.

    Raises:
        UsageError: If a string is the identity, a letter has no code from 0 to 3, a sign is not ±1,
            a signal lies outside [0, 1], or the three arrays do not describe equally many systems.

    Example:
        >>> from quantum_advantage.systems.eigenstates import letters_and_bits
        >>> letters, signs = np.array([[1, 3]], np.uint8), np.array([-1], np.int8)
        >>> state = HiddenPauli(letters, signs, np.array([0.9]), np.random.default_rng(1))
        >>> string = cirq.unitary(cirq.DensePauliString("XZ"))
        >>> round(float(np.trace(string @ state.density_matrix(0)).real), 6)  # s α
        -0.9
        >>> drawn, bits = letters_and_bits(np.array(state.draw(4000)))  # eigenvalues are (-1)^bit
        >>> drawn[:, 0].tolist(), round(float(((-1.0) ** bits.sum(axis=0)).mean()), 1)
        ([1, 3], -0.9)
    """

    letters: npt.NDArray[np.uint8]
    signs: npt.NDArray[np.int8]
    signals: npt.NDArray[np.float64]
    nature: np.random.Generator

    def __post_init__(self) -> None:
        if not len(self.letters) == len(self.signs) == len(self.signals):
            raise UsageError(
                f"letters, signs and signals must describe equally many systems, not "
                f"{len(self.letters)}, {len(self.signs)} and {len(self.signals)}"
            )
        if not self.letters.any(axis=1).all():
            raise UsageError("letters: the hidden Pauli string must not be the identity")
        if (self.letters > 3).any():
            raise UsageError(f"letters: codes must be 0 to 3, not {int(self.letters.max())}")
        if not (np.abs(self.signs) == 1).all():
            raise UsageError("signs: the sign of a hidden Pauli string must be 1 or -1")
        if not ((self.signals >= 0) & (self.signals <= 1)).all():
            raise UsageError("signals: alpha must lie between 0 and 1")

    @property
    def qubits(self) -> int:
        """The number n of qubits of one copy."""
        return self.letters.shape[1]

    @property
    def systems(self) -> int:
        """The number of hidden systems."""
        return self.letters.shape[0]

    def circuit(self, qubits: Sequence[cirq.Qid], label: str) -> cirq.Circuit:
        """Returns the circuit that prepares one copy on the given qubits."""
        return eigenstate_circuit(qubits, label)

    def dials(self, label: str) -> tuple[Dial, ...]:
        """Returns one dial for each qubit: which of the six Pauli eigenstates."""
        return eigenstate_dials(self.qubits, label)

    def draw(self, copies: int, label: str = "") -> tuple[npt.NDArray[np.unsignedinteger], ...]:
        """Draws the eigenstates of fresh copies; all labels are alike.

        Returns:
            For each qubit (systems * copies,) uint8 positions, system by system.
        """
        shots = self.systems * copies
        aligned = self.nature.random((self.systems, copies)) < (1 + self.signals[:, None]) / 2
        odd = np.packbits(aligned ^ (self.signs[:, None] > 0))
        bits = self._random_bits(shots)
        columns = np.empty((self.qubits, shots), dtype=np.uint8)
        for start in range(0, shots, SHOTS_PER_BLOCK):
            block = slice(start, min(start + SHOTS_PER_BLOCK, shots))
            octets = slice(start // 8, -(-block.stop // 8))
            letters = self._letters_of(block, copies)
            eigenvalues = _with_parity(np.packbits(letters, axis=1), bits[:, octets], odd[octets])
            eigenvalues = np.unpackbits(eigenvalues, axis=1, count=letters.shape[1])
            columns[:, block] = eigenstate_positions(letters, eigenvalues)
        return tuple(columns)

    @functools.cached_property
    def _letters_by_qubit(self) -> npt.NDArray[np.uint8]:
        return np.ascontiguousarray(self.letters.T)

    def _random_bits(self, shots: int) -> npt.NDArray[np.uint8]:
        """Draws a bit for every qubit and shot, (n, shots / 8) octets."""
        count = self.qubits * shots
        octets = np.frombuffer(self.nature.bytes(-(-count // 8)), np.uint8)
        if shots % 8:
            # Rows that begin within an octet.
            rows = np.unpackbits(octets, count=count).reshape(self.qubits, shots)
            return np.packbits(rows, axis=1)
        return octets.reshape(self.qubits, -1)

    def _letters_of(self, block: slice, copies: int) -> npt.NDArray[np.uint8]:
        """Returns the letters of some shots, (n, shots), where each system has so many copies."""
        first, last = block.start // copies, -(-block.stop // copies)
        letters = self._letters_by_qubit[:, first:last]
        if copies == 1:
            return letters
        edges = np.arange(first, last + 1) * copies
        return np.repeat(letters, np.diff(edges.clip(block.start, block.stop)), axis=1)

    def select(self, systems: slice) -> HiddenPauli:
        """Returns some of the systems."""
        return HiddenPauli(
            self.letters[systems], self.signs[systems], self.signals[systems], self.nature
        )

    def density_matrix(self, system: int) -> npt.NDArray[np.complex128]:
        """Returns the exact (2ⁿ, 2ⁿ) density matrix of one system, for checks at small n."""
        (string,) = PauliStrings.from_letters(self.letters[system : system + 1]).to_cirq_dense()
        signal = float(self.signs[system]) * self.signals[system]
        identity = np.eye(2**self.qubits)
        matrix = (identity + signal * cirq.unitary(string)) / 2**self.qubits
        return np.asarray(matrix, dtype=np.complex128)


def _with_parity(
    nonidentity: npt.NDArray[np.uint8], bits: npt.NDArray[np.uint8], odd: npt.NDArray[np.uint8]
) -> npt.NDArray[np.uint8]:
    """Flips the bit at the last non-identity letter where the parity of all of them is not ``odd``.

    All are packed, eight shots to an octet: (n, octets), (n, octets) and (octets,).
    """
    wrong = odd ^ np.bitwise_xor.reduce(bits & nonidentity, axis=0)
    out = bits.copy()
    for i in reversed(range(len(bits))):
        out[i] ^= wrong & nonidentity[i]
        wrong &= ~nonidentity[i]
    return out
