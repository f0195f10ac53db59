"""Independent pieces of a circuit, each in a form that does not depend on its place."""

from __future__ import annotations

import functools
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cirq
import networkx as nx
import numpy as np
import numpy.typing as npt
import sympy

from quantum_advantage.backends.simulators.noisy_vectors import NoisyVectors
from quantum_advantage.backends.simulators.state_vectors import StateVectors, Step
from quantum_advantage.circuits.request import Dial
from quantum_advantage.core.usage import UsageError

MOST_QUBITS = 28
MOST_DENSITY_QUBITS = 8


def is_hashable(value: object) -> bool:
    """Tells whether a value can be a cache key; channels given by matrices have no hash.

    Example:
        >>> is_hashable(cirq.depolarize(0.1)), is_hashable([1, 2])
        (True, False)
    """
    try:
        hash(value)
    except TypeError:
        return False
    return True


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
    if isinstance(gate, (cirq.EigenGate, cirq.PhasedXZGate)):
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
        >>> a, b = cirq.LineQubit.range(2)
        >>> circuit = cirq.Circuit(cirq.H(a), cirq.X(b), cirq.measure(b, a, key="m"))
        >>> [placed.outputs for placed in split(circuit, ())]
        [(('m', 1, 0, False),), (('m', 0, 0, False),)]
    """

    piece: Piece
    dials: tuple[int, ...]
    outputs: tuple[tuple[str, int, int, bool], ...]
    qubits: tuple[cirq.Qid, ...]


# A qubit, and how often it was reset.
_Wire = tuple[cirq.Qid, int]


def split(circuit: cirq.AbstractCircuit, dials: Sequence[Dial]) -> list[PlacedPiece]:
    """Splits a circuit into its independent pieces.

    Qubits belong together when a gate or a channel acts on them; a joint measurement key does not
    join them, and neither does a common dial. A reset puts a new qubit in |0⟩ in the place of the
    old one: where nothing else joins its past and its future, they go into different pieces.

    Args:
        circuit: A circuit whose measurements are terminal and without classical control.
        dials: The dials that set its symbols.

    Raises:
        UsageError: If a measurement is not terminal, has a confusion map or uses a key again, if an
            operation is classically controlled or no gate, or a symbol belongs to no dial.

    Example:
        >>> qubits = cirq.LineQubit.range(4)
        >>> pairs = cirq.Circuit(cirq.H.on_each(*qubits), map(cirq.CZ, qubits[::2], qubits[1::2]))
        >>> one, other = split(pairs + cirq.Circuit(cirq.measure(*qubits, key="m")), ())
        >>> one.piece == other.piece  # solved once
        True
    """
    _check_circuit(circuit)
    moments = list(_on_wires(circuit))
    graph: nx.Graph = nx.Graph()
    graph.add_nodes_from((qubit, 0) for qubit in circuit.all_qubits())
    for wires, op in itertools.chain.from_iterable(moments):
        graph.add_nodes_from(wires)
        if not cirq.is_measurement(op):
            nx.add_path(graph, wires)
    groups = [sorted(group) for group in nx.connected_components(graph)]
    home: dict[_Wire, tuple[int, int]] = {}
    first: dict[tuple[int, int], _Wire] = {}
    held: list[list[cirq.Qid]] = []
    for g, group in enumerate(groups):
        # Wires of one qubit that are joined some other way stay one qubit of the piece.
        places = {qubit: i for i, qubit in enumerate(dict.fromkeys(qubit for qubit, _ in group))}
        for wire in group:
            home[wire] = (g, places[wire[0]])
            first.setdefault(home[wire], wire)
        held.append(list(places))
    steps: dict[int, list[Step]] = defaultdict(list)
    outputs: dict[int, list[tuple[str, int, int, bool]]] = defaultdict(list)
    for moment in moments:
        # The order of operations inside a moment changes from run to run.
        for wires, op in sorted(moment, key=lambda acting: min(home[w] for w in acting[0])):
            g, _ = home[wires[0]]
            if isinstance(op.gate, cirq.MeasurementGate):
                key, inverted = cirq.measurement_key_name(op), op.gate.full_invert_mask()
                for bit, (wire, flip) in enumerate(zip(wires, inverted, strict=True)):
                    g, i = home[wire]
                    outputs[g].append((key, bit, i, flip))
            elif not (_is_reset(op) and first[home[wires[0]]] == wires[0]):
                steps[g].append((_gate_of(op), tuple(home[w][1] for w in wires)))
    owner = {symbol: d for d, dial in enumerate(dials) for symbol in dial.symbols}
    return [_place(qubits, steps[g], outputs[g], dials, owner) for g, qubits in enumerate(held)]


def _is_reset(op: cirq.Operation) -> bool:
    return isinstance(op.gate, cirq.ResetChannel)


def _on_wires(
    circuit: cirq.AbstractCircuit,
) -> Iterator[list[tuple[tuple[_Wire, ...], cirq.Operation]]]:
    """Yields the operations of every moment with their wires; a reset begins its own."""
    resets: dict[cirq.Qid, int] = defaultdict(int)
    for moment in circuit:
        for op in moment:
            if _is_reset(op):
                resets[op.qubits[0]] += 1
        # Operations without qubits are global phases.
        yield [(tuple((q, resets[q]) for q in op.qubits), op) for op in moment if op.qubits]


def _gate_of(op: cirq.Operation) -> cirq.Gate:
    if op.gate is None:
        raise UsageError("every operation of the circuit must be a gate or a channel on qubits")
    return op.gate


def _check_circuit(circuit: cirq.AbstractCircuit) -> None:
    if not circuit.are_all_measurements_terminal():
        raise UsageError("circuit must measure every qubit at most once, at its end")
    keys = []
    for op in circuit.all_operations():
        if op.classical_controls:
            raise UsageError(f"circuit must be without classical controls, not {op}")
        if isinstance(op.gate, cirq.MeasurementGate):
            keys.append(cirq.measurement_key_name(op))
            if op.gate.confusion_map:
                raise UsageError(f"measurement {keys[-1]!r} must have no confusion map")
    if repeated := {key for key in keys if keys.count(key) > 1}:
        raise UsageError(f"measurement keys {sorted(repeated)} must be used once each")


def without_the_measured(circuit: cirq.AbstractCircuit) -> cirq.Circuit:
    """Drops operations on qubits after their measurement, where they change no outcome.

    Example:
        >>> q = cirq.LineQubit(0)
        >>> circuit = cirq.Circuit(cirq.measure(q, key="m"), cirq.bit_flip(0.1)(q))
        >>> [str(op) for op in without_the_measured(circuit).all_operations()]
        ["cirq.MeasurementGate(1, cirq.MeasurementKey(name='m'), ())(q(0))"]
    """
    measured: set[cirq.Qid] = set()
    moments = []
    for moment in circuit:
        moments.append(cirq.Moment(op for op in moment if not measured & set(op.qubits)))
        measured |= {q for op in moment if cirq.is_measurement(op) for q in op.qubits}
    return cirq.Circuit(moments)


def _place(
    qubits: Sequence[cirq.Qid],
    steps: Sequence[Step],
    outputs: Sequence[tuple[str, int, int, bool]],
    dials: Sequence[Dial],
    owner: Mapping[str, int],
) -> PlacedPiece:
    # Most circuits hold the same gate many times.
    distinct = {id(gate): gate for gate, _ in steps}
    symbols = set[str]().union(*map(cirq.parameter_names, distinct.values()))
    if unknown := sorted(symbol for symbol in symbols if symbol not in owner):
        raise UsageError(f"symbol {unknown[0]!r} of the circuit is set by no dial")
    used = sorted({owner[symbol] for symbol in symbols})
    renamed: dict[str, str] = {}
    local = []
    for d in used:
        kept = [k for k, symbol in enumerate(dials[d].symbols) if symbol in symbols]
        names = tuple(f"s{len(renamed) + k}" for k in range(len(kept)))
        renamed.update(zip((dials[d].symbols[k] for k in kept), names, strict=True))
        values = tuple(tuple(row[k] for k in kept) for row in dials[d].positions)
        local.append(Dial("", names, values))
    own = {key: renamed_gate(gate, renamed) for key, gate in distinct.items()}
    gates = tuple((own[id(gate)], targets) for gate, targets in steps)
    piece = Piece(len(qubits), gates, tuple(local))
    return PlacedPiece(piece, tuple(used), tuple(outputs), tuple(qubits))


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
