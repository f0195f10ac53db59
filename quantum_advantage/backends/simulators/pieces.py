"""Independent pieces of a circuit, each in a form that does not depend on its place."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import cirq
import numpy as np
import numpy.typing as npt
import sympy

from quantum_advantage.backends.simulators.noisy_vectors import NoisyVectors
from quantum_advantage.backends.simulators.state_vectors import StateVectors, Step
from quantum_advantage.backends.simulators.stim_programs import StimPrograms
from quantum_advantage.backends.simulators.unitaries import is_always_unitary
from quantum_advantage.circuits.request import Dial
from quantum_advantage.core.remembering import is_hashable

MOST_QUBITS = 28
MOST_DENSITY_QUBITS = 8


@dataclass(frozen=True)
class Piece:
    """A part of a circuit that shares no gate with the rest, whatever its place.

    Two pieces are equal exactly when they are the same circuit on other qubits and symbols.

    Attributes:
        qubits: The number of qubits.
        steps: Gates and channels in order, without measurements, each with the piece's numbers of
            its qubits; symbols are numbered anew.
        dials: For each dial of the piece the new symbols and their values at every position.

    Example:
        >>> turn = Dial("", ("s0",), ((0.0,), (1.0,)))
        >>> piece = Piece(1, ((cirq.XPowGate(exponent=sympy.Symbol("s0")), (0,)),), (turn,))
        >>> piece.positions, piece.pure, piece.values(1)
        (2, True, {'s0': 1.0})
        >>> print(piece.resolved(1))
        0: ───X───
    """

    qubits: int
    steps: tuple[Step, ...]
    dials: tuple[Dial, ...]

    @property
    def positions(self) -> int:
        """The number of joint positions of the piece's dials."""
        return int(np.prod([len(dial.positions) for dial in self.dials], dtype=object))

    @functools.cached_property
    def hashable(self) -> bool:
        """Whether the piece can be a cache key."""
        return is_hashable(self)

    @functools.cached_property
    def pure(self) -> bool:
        """Whether it holds unitary gates alone, at every position of its dials."""
        first = self.values_at([0] * len(self.dials))
        return all(_is_unitary(gate, first) for gate, _ in self.steps)

    @functools.cached_property
    def state_vectors(self) -> StateVectors:
        """The circuit of a pure piece, ready to be given the values of its symbols."""
        return StateVectors(self.qubits, self.steps)

    @functools.cached_property
    def noisy_vectors(self) -> NoisyVectors:
        """The circuit of a noisy piece, likewise."""
        return NoisyVectors(self.qubits, self.steps)

    @functools.cached_property
    def stim_programs(self) -> StimPrograms:
        """The circuit of a Clifford piece, as programs of stim."""
        return StimPrograms(self.qubits, self.steps)

    def values(self, joint: int) -> dict[str, float]:
        """Returns the value of every symbol at one joint position of the dials."""
        positions = []
        for dial in reversed(self.dials):
            joint, position = divmod(joint, len(dial.positions))
            positions.append(position)
        return self.values_at(positions[::-1])

    def values_at(self, positions: Iterable[int]) -> dict[str, float]:
        """Returns the value of every symbol at a position of each dial."""
        values: dict[str, float] = {}
        for dial, position in zip(self.dials, positions, strict=True):
            values.update(zip(dial.symbols, dial.positions[position], strict=True))
        return values

    def resolved(self, joint: int) -> cirq.Circuit:
        """Returns the circuit at one joint position of the dials, on a line of qubits."""
        line = cirq.LineQubit.range(self.qubits)
        circuit = cirq.Circuit(gate(*(line[i] for i in targets)) for gate, targets in self.steps)
        return cirq.resolve_parameters(circuit, self.values(joint))


def _is_unitary(gate: cirq.Gate, values: Mapping[str, float]) -> bool:
    if is_always_unitary(gate):
        return True
    own = {name: values[name] for name in cirq.parameter_names(gate)}
    return cirq.has_unitary(cirq.resolve_parameters(gate, own) if own else gate)


@dataclass(frozen=True)
class PlacedPiece:
    """A piece and its place in a circuit.

    Attributes:
        piece: The piece.
        dials: The numbers of the circuit's dials, in the order of the piece's dials.
        outputs: For each measured bit: the key, the bit's place in the key, the qubit of the piece,
            and whether the measurement inverts it.
        qubits: The names of its qubits in the circuit.

    Example:
        >>> from quantum_advantage.backends.simulators.splitting import split
        >>> a, b = cirq.LineQubit.range(2)
        >>> circuit = cirq.Circuit(cirq.H(a), cirq.X(b), cirq.measure(b, a, key="m"))
        >>> [placed.outputs for placed in split(circuit, ())]
        [(('m', 1, 0, False),), (('m', 0, 0, False),)]
    """

    piece: Piece
    dials: tuple[int, ...]
    outputs: tuple[tuple[str, int, int, bool], ...]
    qubits: tuple[cirq.Qid, ...]


def renamed_gate(gate: cirq.Gate, renamed: Mapping[str, str]) -> cirq.Gate:
    """Returns a gate with other names for its symbols.

    Args:
        gate: The gate.
        renamed: The new name of every symbol.

    Example:
        >>> renamed_gate(cirq.X ** sympy.Symbol("turn"), {"turn": "s0"})
        (cirq.X**sympy.Symbol('s0'))
    """
    names = cirq.parameter_names(gate)
    if not names:
        return gate
    if isinstance(gate, cirq.PhasedXZGate):
        powers: tuple[Any, ...] = (gate.x_exponent, gate.z_exponent, gate.axis_phase_exponent)
        if all(isinstance(power, sympy.Symbol) for power in powers):
            # The gate that occurs most; Cirq's general way takes ten times as long.
            x, z, a = (sympy.Symbol(renamed[power.name]) for power in powers)
            return cirq.PhasedXZGate(x_exponent=x, z_exponent=z, axis_phase_exponent=a)
    mapping = {sympy.Symbol(name): sympy.Symbol(renamed[name]) for name in names}
    return cirq.resolve_parameters(gate, mapping, recursive=False)


def is_pure(piece: Piece) -> bool:
    """Tells whether a piece holds unitary gates alone, at every position of its dials.

    Example:
        >>> is_pure(Piece(1, ((cirq.H, (0,)),), ()))
        True
        >>> is_pure(Piece(1, ((cirq.depolarize(0.1), (0,)),), ()))
        False
    """
    return piece.pure


def without_flips(piece: Piece) -> tuple[Piece, npt.NDArray[np.float64]]:
    """Takes the bit flips off that are the last to happen to a qubit: they flip outcomes alone.

    Args:
        piece: Any piece whose qubits are measured at the end.

    Returns:
        The piece without them, and (qubits,) the probability that each outcome is flipped.

    Example:
        >>> piece = Piece(1, ((cirq.H, (0,)), (cirq.bit_flip(0.1), (0,))), ())
        >>> stripped, flips = without_flips(piece)
        >>> len(stripped.steps), flips.tolist()
        (1, [0.1])
    """
    flips, kept = np.zeros(piece.qubits), []
    busy: set[int] = set()
    for gate, targets in reversed(piece.steps):
        if isinstance(gate, cirq.BitFlipChannel) and not busy & set(targets):
            (qubit,) = targets
            flips[qubit] += gate.p - 2 * gate.p * flips[qubit]
            continue
        busy |= set(targets)
        kept.append((gate, targets))
    return Piece(piece.qubits, tuple(reversed(kept)), piece.dials), flips


def can_be_exact(piece: Piece) -> bool:
    """Tells whether the exact law of a piece is within reach (by a density matrix if it is noisy).

    Example:
        >>> can_be_exact(Piece(20, (), ()))  # pure
        True
        >>> can_be_exact(Piece(20, ((cirq.depolarize(0.1), (0,)),), ()))
        False
    """
    return piece.qubits <= MOST_DENSITY_QUBITS or is_pure(piece)
