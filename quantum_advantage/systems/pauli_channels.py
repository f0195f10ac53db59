"""Pauli channels as circuits: every use applies a random Pauli string, drawn from the error rates.

A Pauli channel is Λ(ρ) = Σ_Q p_Q Q ρ Q with the error rates p_Q, or 2⁻ⁿ Σ_R λ_R tr(R ρ) R with the
eigenvalues λ_R = Σ_Q p_Q (-1)^⟨R,Q⟩; ⟨R, Q⟩ is 1 if R and Q anticommute, else 0.

The hidden channel of the game has one eigenvalue s α at a string P and 0 at all others:
Λ(ρ) = 2⁻ⁿ [tr(ρ) 1 + s α tr(P ρ) P], so that p_Q = 4⁻ⁿ [1 + s α (-1)^⟨P,Q⟩] (Chen, Zhou, Seif and
Jiang, arXiv 2108.08488, whose hard instances are of this kind). So Q commutes with P with
probability (1 + s α)/2, and is otherwise uniform. It is drawn letter by letter: uniformly, except
that the letter at the last place where P is not the identity makes Q commute or not.

A channel is a :class:`~quantum_advantage.systems.preparation.Preparation` whose circuit begins with
whatever the qubits hold: a copy is a use.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cirq
import numpy as np
import numpy.typing as npt
import sympy

from quantum_advantage.circuits.request import Dial
from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.core.usage import UsageError
from quantum_advantage.systems.hidden_pauli import HiddenPauli
from quantum_advantage.systems.preparation import Preparation

# The letters I, X, Y, Z as exponents of X and Z.
_LETTERS = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))

Columns = tuple[npt.NDArray[np.unsignedinteger], ...]


@functools.cache
def letter_dials(qubits: int, label: str) -> tuple[Dial, ...]:
    """Returns one dial for each qubit: which letter I, X, Y, Z a use applies there.

    Args:
        qubits: The number n of qubits.
        label: Tells the symbols apart from those of other circuits.

    Example:
        >>> (dial,) = letter_dials(1, "")
        >>> dial.name, dial.positions[2]  # Y is X, then Z, up to a phase
        ('letter_0', (1.0, 1.0))
    """
    return tuple(
        Dial(f"letter_{label}{i}", (f"x_{label}{i}", f"z_{label}{i}"), _LETTERS)
        for i in range(qubits)
    )


def letter_circuit(qubits: Sequence[cirq.Qid], label: str) -> cirq.Circuit:
    """Returns the circuit that applies a Pauli string, X^x then Z^z on every qubit.

    Args:
        qubits: The qubits.
        label: That of the dials; see :func:`letter_dials`.

    Example:
        >>> print(letter_circuit([cirq.LineQubit(0)], ""))
        0: ───X^x_0───Z^z_0───
    """
    return cirq.Circuit(_letter_moments(tuple(qubits), label))


@functools.lru_cache(maxsize=64)
def _letter_moments(qubits: tuple[cirq.Qid, ...], label: str) -> tuple[cirq.Moment, ...]:
    xs, zs = zip(
        *(map(sympy.Symbol, dial.symbols) for dial in letter_dials(len(qubits), label)), strict=True
    )
    return (
        cirq.Moment((cirq.X**s)(q) for q, s in zip(qubits, xs, strict=True)),
        cirq.Moment((cirq.Z**s)(q) for q, s in zip(qubits, zs, strict=True)),
    )


@dataclass(frozen=True, eq=False)
class HiddenPauliChannel:
    """Channels with one eigenvalue s α, one for each trial; see the module.

    Attributes:
        hidden: Strings, signs and signals, as of the states (1 + s α P)/2ⁿ; it draws the errors.

    Example:
        >>> letters, signs = np.array([[1, 3]], np.uint8), np.array([-1], np.int8)
        >>> hidden = HiddenPauli(letters, signs, np.array([0.9]), np.random.default_rng(1))
        >>> channel = HiddenPauliChannel(hidden)
        >>> errors = np.stack(channel.draw(4000, ""), axis=1)  # letters I, X, Y, Z as 0, 1, 2, 3
        >>> clashes = ((errors != 0) & (errors != letters)).sum(axis=1) % 2
        >>> round(float((1 - 2 * clashes).mean()), 1)  # the eigenvalue of XZ
        -0.9
    """

    hidden: HiddenPauli

    @property
    def qubits(self) -> int:
        """The number n of qubits on which a use acts."""
        return self.hidden.qubits

    @property
    def systems(self) -> int:
        """The number of hidden channels."""
        return self.hidden.systems

    def circuit(self, qubits: Sequence[cirq.Qid], label: str) -> cirq.Circuit:
        """Returns one use of the channel, on whatever the qubits hold."""
        return letter_circuit(qubits, label)

    def dials(self, label: str) -> tuple[Dial, ...]:
        """Returns one dial for each qubit: the letter that the use applies."""
        return letter_dials(self.qubits, label)

    def draw(self, uses: int, label: str) -> Columns:
        """Draws the Pauli strings of fresh uses.

        Args:
            uses: Uses of each channel.
            label: The label of the uses.

        Returns:
            For each qubit (systems * uses,) uint8 letter codes, system by system.
        """
        hidden = self.hidden
        shape = (self.systems, uses)
        plus = (1 + hidden.signs * hidden.signals) / 2
        odd = hidden.nature.random(shape) >= plus[:, None]
        columns = hidden.nature.integers(0, 4, (self.qubits, *shape), dtype=np.uint8)
        last = self.qubits - 1 - np.argmax(hidden.letters[:, ::-1] != 0, axis=1)
        for i, column in enumerate(columns):
            odd ^= _anticommute(column, hidden.letters[:, i, None]) & (last != i)[:, None]
        for i, column in enumerate(columns):
            here, letters = (last == i)[:, None], hidden.letters[:, i, None]
            # 1 and 2 are added to a non-identity letter to name the two that anticommute with it.
            which = column & 1
            clashing = (letters + which) % 3 + 1
            agreeing = letters * which
            column[...] = np.where(here, np.where(odd, clashing, agreeing), column)
        return tuple(column.ravel() for column in columns)

    def select(self, systems: slice) -> HiddenPauliChannel:
        """Returns some of the channels."""
        return HiddenPauliChannel(self.hidden.select(systems))

    def applied(self, system: int, state: npt.NDArray[np.complex128]) -> npt.NDArray[np.complex128]:
        """Returns what the channel makes of a state, exactly, for checks at small n.

        Args:
            system: The number of the channel.
            state: (2ⁿ, m, 2ⁿ, m) density matrix of the n qubits and of others that it leaves alone.

        Returns:
            The density matrix afterwards, of the same shape.
        """
        side = 2**self.qubits
        (string,) = PauliStrings.from_letters(self.hidden.letters[[system]]).to_cirq_dense()
        pauli = np.asarray(cirq.unitary(string), dtype=np.complex128)
        signal = float(self.hidden.signs[system] * self.hidden.signals[system])
        parts = [np.eye(side), pauli], [1.0, signal]
        return np.asarray(
            sum(
                value * np.einsum("ij,ambn,ba->imjn", matrix, state, matrix) / side
                for matrix, value in zip(*parts, strict=True)
            )
        )


def _anticommute(
    first: npt.NDArray[np.uint8], second: npt.NDArray[np.uint8]
) -> npt.NDArray[np.bool_]:
    """Tells which letters anticommute."""
    return np.asarray((first != 0) & (second != 0) & (first != second))


@dataclass(frozen=True, eq=False)
class PauliErrors:
    """Uses of a Pauli channel that is given by its error rates.

    Attributes:
        letters: (errors, n) uint8 letter codes of the strings other than the identity.
        rates: (errors,) their rates; what is missing to 1 is that of the identity.
        nature: Draws the errors.
        systems: How many systems, one after the other in a table, have this channel.

    Raises:
        UsageError: If a rate is negative, they sum to more than 1, or there are not as many rates
            as strings.

    Example:
        >>> letters = np.array([[1, 0], [0, 3]], dtype=np.uint8)
        >>> channel = PauliErrors(letters, np.array([0.1, 0.2]), np.random.default_rng(1))
        >>> first, second = channel.draw(5000, "")
        >>> round(float((first == 1).mean()), 1), round(float((second == 3).mean()), 1)
        (0.1, 0.2)
        >>> channel.eigenvalues(PauliStrings.from_text(["XX", "ZI"])).round(3).tolist()
        [0.6, 0.8]
    """

    letters: npt.NDArray[np.uint8]
    rates: npt.NDArray[np.float64]
    nature: np.random.Generator
    systems: int = 1

    def __post_init__(self) -> None:
        if len(self.letters) != len(self.rates):
            raise UsageError(
                f"rates must be as many as the {len(self.letters)} strings, not {len(self.rates)}"
            )
        if (self.rates < 0).any() or self.rates.sum() > 1 + 1e-12:
            raise UsageError("rates must be at least 0 and sum to at most 1")

    @property
    def qubits(self) -> int:
        """The number n of qubits on which a use acts."""
        return self.letters.shape[1]

    def circuit(self, qubits: Sequence[cirq.Qid], label: str) -> cirq.Circuit:
        """Returns one use of the channel, on whatever the qubits hold."""
        return letter_circuit(qubits, label)

    def dials(self, label: str) -> tuple[Dial, ...]:
        """Returns one dial for each qubit: the letter that the use applies."""
        return letter_dials(self.qubits, label)

    def draw(self, uses: int, label: str) -> Columns:
        """Draws the Pauli strings of fresh uses.

        Args:
            uses: Uses for each system.
            label: The label of the uses.

        Returns:
            For each qubit (systems * uses,) uint8 letter codes.
        """
        rest = max(1 - float(self.rates.sum()), 0.0)
        chances = np.append(self.rates, rest)
        every = np.concatenate([self.letters, np.zeros((1, self.qubits), dtype=np.uint8)])
        drawn = every[
            self.nature.choice(len(every), self.systems * uses, p=chances / chances.sum())
        ]
        return tuple(np.ascontiguousarray(drawn.T))

    def select(self, systems: slice) -> PauliErrors:
        """Returns the channel of some of the systems."""
        return replace(self, systems=len(range(*systems.indices(self.systems))))

    def eigenvalues(self, strings: PauliStrings) -> npt.NDArray[np.float64]:
        """Returns the exact λ_R = 1 - 2 Σ p_Q over the Q that anticommute with R, (strings,)."""
        clashes = _anticommute(strings.letters()[:, None], self.letters).sum(axis=2) % 2
        return np.asarray(1 - 2 * clashes @ self.rates)


@dataclass(frozen=True, eq=False)
class TwoUses:
    """Two uses of a channel, one after the other, as one: its eigenvalues are squared.

    Attributes:
        channel: The channel.

    Example:
        >>> letters, rates = np.array([[3]], np.uint8), np.array([1.0])
        >>> errors = PauliErrors(letters, rates, np.random.default_rng(1))
        >>> [dial.name for dial in TwoUses(errors).dials("a")]
        ['letter_a1_0', 'letter_a2_0']
    """

    channel: Preparation

    @property
    def qubits(self) -> int:
        """The number n of qubits on which a use acts."""
        return self.channel.qubits

    @property
    def systems(self) -> int:
        """The number of channels."""
        return self.channel.systems

    def circuit(self, qubits: Sequence[cirq.Qid], label: str) -> cirq.Circuit:
        """Returns the circuit of both uses."""
        first, second = _both(label)
        return self.channel.circuit(qubits, first) + self.channel.circuit(qubits, second)

    def dials(self, label: str) -> tuple[Dial, ...]:
        """Returns the dials of both uses."""
        return tuple(dial for one in _both(label) for dial in self.channel.dials(one))

    def draw(self, shots: int, label: str) -> Columns:
        """Draws the errors of both uses, (systems * shots,) for each dial."""
        return tuple(column for one in _both(label) for column in self.channel.draw(shots, one))

    def select(self, systems: slice) -> TwoUses:
        """Returns two uses of some of the channels."""
        return TwoUses(self.channel.select(systems))


def _both(label: str) -> tuple[str, str]:
    return f"{label}1_", f"{label}2_"
