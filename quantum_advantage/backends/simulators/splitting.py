"""Splits a circuit into independent pieces, each in a form that does not depend on its place.

What does not depend on the values of the dials is found once for a circuit.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import cirq
import networkx as nx

from quantum_advantage.backends.simulators.pieces import Piece, PlacedPiece, renamed_gate
from quantum_advantage.backends.simulators.state_vectors import Step
from quantum_advantage.circuits.request import Dial
from quantum_advantage.core.remembering import Remembered
from quantum_advantage.core.usage import UsageError

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
    frozen, symbols = circuit.freeze(), tuple(dial.symbols for dial in dials)
    return [_placed(part, dials) for part in _outline_once(frozen, symbols)]


@dataclass(frozen=True)
class _Outline:
    """A placed piece without the values of its dials, which may differ from batch to batch.

    Attributes:
        qubits: The names of its qubits in the circuit.
        steps: As those of :class:`Piece`.
        used: For each of its dials the dial's number, and which of its symbols occur.
        names: The new names of these symbols, dial by dial.
        outputs: As those of :class:`PlacedPiece`.
    """

    qubits: tuple[cirq.Qid, ...]
    steps: tuple[Step, ...]
    used: tuple[tuple[int, tuple[int, ...]], ...]
    names: tuple[tuple[str, ...], ...]
    outputs: tuple[tuple[str, int, int, bool], ...]


def _outline(
    circuit: cirq.FrozenCircuit, symbols: tuple[tuple[str, ...], ...]
) -> tuple[_Outline, ...]:
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
    owner = {symbol: d for d, names in enumerate(symbols) for symbol in names}
    return tuple(
        _outlined(qubits, steps[g], outputs[g], symbols, owner) for g, qubits in enumerate(held)
    )


_outline_once = Remembered(_outline, most=64)


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


def _outlined(
    qubits: Sequence[cirq.Qid],
    steps: Sequence[Step],
    outputs: Sequence[tuple[str, int, int, bool]],
    symbols: tuple[tuple[str, ...], ...],
    owner: Mapping[str, int],
) -> _Outline:
    # Most circuits hold the same gate many times.
    distinct = {id(gate): gate for gate, _ in steps}
    own = set[str]().union(*map(cirq.parameter_names, distinct.values()))
    if unknown := sorted(symbol for symbol in own if symbol not in owner):
        raise UsageError(f"symbol {unknown[0]!r} of the circuit is set by no dial")
    renamed: dict[str, str] = {}
    used, new_names = [], []
    for d in sorted({owner[symbol] for symbol in own}):
        kept = tuple(k for k, symbol in enumerate(symbols[d]) if symbol in own)
        names = tuple(f"s{len(renamed) + k}" for k in range(len(kept)))
        renamed.update(zip((symbols[d][k] for k in kept), names, strict=True))
        used.append((d, kept))
        new_names.append(names)
    gates = {key: renamed_gate(gate, renamed) for key, gate in distinct.items()}
    return _Outline(
        tuple(qubits),
        tuple((gates[id(gate)], targets) for gate, targets in steps),
        tuple(used),
        tuple(new_names),
        tuple(outputs),
    )


def _placed(outline: _Outline, dials: Sequence[Dial]) -> PlacedPiece:
    own = tuple(
        Dial("", names, tuple(tuple(row[k] for k in kept) for row in dials[d].positions))
        for (d, kept), names in zip(outline.used, outline.names, strict=True)
    )
    piece = Piece(len(outline.qubits), outline.steps, own)
    numbers = tuple(d for d, _ in outline.used)
    return PlacedPiece(piece, numbers, outline.outputs, outline.qubits)
