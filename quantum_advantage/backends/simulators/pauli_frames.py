"""A noisy piece as a pure one with Pauli errors in some places, and flips of its outcomes.

Three things are taken out of a piece, all of them exact:

- Channels behind the last gate of a qubit that act on its bit alone make a law of the bit that is
  read, given the bit before.
- A last gate of one qubit that a dial sets, as a readout mask does, is the same gate at all
  positions of the dial up to phases and a flip of the bit; then the flip is made afterwards.
- Pauli channels are slots, from which errors are drawn before the state is known. An error that
  passes all later gates as a Pauli, to the end, is a flip of bits.

Other channels depend on the state and have no slots.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.backends.simulators.pauli_channels import (
    Floats,
    bit_law,
    coefficients,
    is_pauli_channel,
    pauli_probabilities,
)
from quantum_advantage.backends.simulators.pieces import Piece
from quantum_advantage.backends.simulators.state_vectors import Step
from quantum_advantage.circuits.request import Dial
from quantum_advantage.core.usage import UsageError

Bits = npt.NDArray[np.uint8]
# An error stands before a step of the pure piece, on a qubit.
Place = tuple[int, int]

SAME = 1e-6


@dataclass(frozen=True, eq=False)
class Slot:
    """A Pauli channel.

    Attributes:
        places: For each of its qubits the place of its errors.
        probabilities: (4^qubits,) of the Paulis, numbered as in :mod:`.pauli_channels`.
    """

    places: tuple[Place, ...]
    probabilities: Floats


@dataclass(frozen=True, eq=False)
class DialFlip:
    """A flip of a bit that a dial decides.

    Attributes:
        qubit: The qubit.
        dial: The number of the dial in the noisy piece.
        flips: (positions,) whether it is flipped.
    """

    qubit: int
    dial: int
    flips: Bits


@dataclass(frozen=True, eq=False)
class Frame:
    """A noisy piece, taken apart.

    Attributes:
        pure: The gates that are left.
        dials: The numbers of its dials in the noisy piece.
        slots: Where Pauli errors may happen.
        effects: For a place whose X and Z errors end as flips alone, the bits that X, and that Z
            flips, (2, qubits).
        dial_flips: The flips that dials decide.
        readout: (qubits, 2, 2) the law of the bit that is read, given the bit before.

    Example:
        >>> steps = ((cirq.H, (0,)), (cirq.depolarize(0.3), (0,)), (cirq.H, (0,)))
        >>> frame = frame_of(Piece(1, (*steps, (cirq.bit_flip(0.1), (0,))), ()))
        >>> len(frame.pure.steps), frame.slots[0].probabilities.round(2).tolist()
        (2, [0.7, 0.1, 0.1, 0.1])
        >>> frame.effects[frame.slots[0].places[0]].tolist()  # of X none, of Z a flip
        [[0], [1]]
        >>> frame.readout[0].round(2).tolist()
        [[0.9, 0.1], [0.1, 0.9]]
    """

    pure: Piece
    dials: tuple[int, ...]
    slots: tuple[Slot, ...]
    effects: Mapping[Place, Bits]
    dial_flips: tuple[DialFlip, ...]
    readout: Floats


def frame_of(piece: Piece) -> Frame:
    """Takes a noisy piece apart.

    Args:
        piece: Any piece whose qubits are measured at the end.

    Raises:
        UsageError: If a channel that is left is no mixture of Pauli errors.
    """
    steps, readout = _without_readout(piece)
    steps, dial_flips = _without_dial_flips(piece, steps)
    gates, slots = _slots(piece, steps)
    kept = tuple(
        d
        for d, dial in enumerate(piece.dials)
        if any(set(dial.symbols) & cirq.parameter_names(gate) for gate, _ in gates)
    )
    pure = Piece(piece.qubits, gates, tuple(piece.dials[d] for d in kept))
    return Frame(pure, kept, slots, _effects(pure), dial_flips, readout)


def _without_readout(piece: Piece) -> tuple[list[Step], Floats]:
    """Takes off the channels that act on bits alone, and returns their law."""
    readout = np.tile(np.eye(2), (piece.qubits, 1, 1))
    busy: set[int] = set()
    kept = []
    for gate, targets in reversed(piece.steps):
        free = len(targets) == 1 and targets[0] not in busy
        law = bit_law(gate) if free and not _is_gate(piece, gate) else None
        if law is None:
            busy |= set(targets)
            kept.append((gate, targets))
        else:
            readout[targets[0]] = law @ readout[targets[0]]
    return kept[::-1], readout


def _is_gate(piece: Piece, gate: cirq.Gate) -> bool:
    return bool(cirq.is_parameterized(gate)) or cirq.has_unitary(gate)


def _without_dial_flips(
    piece: Piece, steps: Sequence[Step]
) -> tuple[list[Step], tuple[DialFlip, ...]]:
    """Fixes last gates that a dial changes by flips of the bit alone."""
    owner = {symbol: d for d, dial in enumerate(piece.dials) for symbol in dial.symbols}
    found, busy = [], set[int]()
    kept: list[Step] = []
    for gate, targets in reversed(steps):
        names = cirq.parameter_names(gate)
        owners = {owner[name] for name in names}
        if len(targets) == 1 and targets[0] not in busy and len(owners) == 1:
            (d,) = owners
            if turned := _flips_of(gate, piece.dials[d]):
                fixed, flips = turned
                found.append(DialFlip(targets[0], d, flips))
                gate = fixed
        busy |= set(targets)
        kept.append((gate, targets))
    return kept[::-1], tuple(found)


def _flips_of(gate: cirq.Gate, dial: Dial) -> tuple[cirq.Gate, Bits] | None:
    """Returns a gate at its dial's first position, and whether others flip the bit after it."""
    names = cirq.parameter_names(gate)
    first: cirq.Gate | None = None
    flips = []
    for row in dial.positions:
        values = {s: v for s, v in zip(dial.symbols, row, strict=True) if s in names}
        one = cirq.resolve_parameters(gate, values)
        if first is None:
            first, start = one, cirq.unitary(one)
        # Rows of the same gate are equal up to a phase.
        overlaps = abs(cirq.unitary(one) @ start.conj().T)
        if abs(overlaps - np.eye(2)).max() < SAME:
            flips.append(0)
        elif abs(overlaps - np.eye(2)[::-1]).max() < SAME:
            flips.append(1)
        else:
            return None
    return None if first is None else (first, np.array(flips, dtype=np.uint8))


def _slots(piece: Piece, steps: Sequence[Step]) -> tuple[tuple[Step, ...], tuple[Slot, ...]]:
    """Divides steps into gates and slots; channels at one place are one slot."""
    gates = [step for step in steps if _is_gate(piece, step[0])]
    following = dict.fromkeys(range(piece.qubits), len(gates))
    number = len(gates)
    known: dict[int, Floats] = {}
    found: dict[tuple[Place, ...], Floats] = {}
    for gate, targets in reversed(steps):
        if _is_gate(piece, gate):
            number -= 1
            following.update(dict.fromkeys(targets, number))
            continue
        if id(gate) not in known:
            if not is_pauli_channel(gate):
                raise UsageError(
                    f"its noise holds {_named(gate)}, whose errors depend on the state; with "
                    "noise=twirled in the backend's name every error becomes a Pauli error"
                )
            known[id(gate)] = pauli_probabilities(gate)
        places = tuple((following[qubit], qubit) for qubit in targets)
        law = known[id(gate)]
        found[places] = _product(found[places], law) if places in found else law
    return tuple(gates), tuple(Slot(places, law) for places, law in reversed(found.items()))


def _named(gate: cirq.Gate) -> str:
    return f"a {type(gate).__name__} on {gate.num_qubits()} qubits"


def _product(one: Floats, other: Floats) -> Floats:
    """Returns the probabilities of the product of two independent errors."""
    numbers = np.arange(one.size)
    return np.array([one @ other[numbers ^ number] for number in numbers])


def _effects(pure: Piece) -> dict[Place, Bits]:
    """Finds the places whose errors reach the end as flips alone."""
    qubits = pure.qubits
    # For each qubit the bits that X and Z flip from here on, or None.
    now: list[list[Bits | None]] = [
        [np.eye(qubits, dtype=np.uint8)[q], np.zeros(qubits, dtype=np.uint8)] for q in range(qubits)
    ]
    places = {(len(pure.steps), q): list(pair) for q, pair in enumerate(now)}
    known: dict[int, list[int | None]] = {}
    for number in reversed(range(len(pure.steps))):
        gate, targets = pure.steps[number]
        if id(gate) not in known:
            known[id(gate)] = list(_passing(gate))
        before = []
        for passed in known[id(gate)]:
            total: Bits | None = None if passed is None else np.zeros(qubits, dtype=np.uint8)
            for place, target in enumerate(targets):
                shift = 2 * (len(targets) - 1 - place)
                for bit, kind in ((2, 0), (1, 1)):
                    if passed is not None and passed >> shift & bit and total is not None:
                        later = now[target][kind]
                        total = None if later is None else total ^ later
            before.append(total)
        for place, target in enumerate(targets):
            now[target] = before[2 * place : 2 * place + 2]
            places[number, target] = list(now[target])
    return {
        place: np.array([x, z])
        for place, (x, z) in places.items()
        if x is not None and z is not None
    }


def _passing(gate: cirq.Gate) -> Iterator[int | None]:
    """Yields the number of G P G† for X and Z on each qubit in turn, or None if it is no Pauli."""
    size = cirq.num_qubits(gate)
    if cirq.is_parameterized(gate) or size > 2:
        yield from [None] * (2 * size)
        return
    unitary = cirq.unitary(gate)
    for place, pauli in product(range(size), (cirq.X, cirq.Z)):
        factors = [np.eye(2)] * size
        factors[place] = cirq.unitary(pauli)
        whole = factors[0] if size == 1 else np.kron(*factors)
        (row,) = abs(coefficients(cirq.MatrixGate(unitary @ whole @ unitary.conj().T)))
        number = int(row.argmax())
        yield number if row[number] > 1 - SAME else None
