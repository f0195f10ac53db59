"""Pieces of two halves that were prepared apart, and are measured in the Bell basis."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cirq

from quantum_advantage.backends.simulators.pieces import Piece, is_pure, renamed_gate
from quantum_advantage.backends.simulators.state_vectors import Step
from quantum_advantage.circuits.request import Dial


@dataclass(frozen=True)
class Half:
    """One of two halves of a piece that are prepared apart.

    Attributes:
        piece: What prepares it. Its symbols are numbered as they occur, its dials likewise.
        qubits: The number in the whole piece of each of its qubits.
        dials: The number in the whole piece of each of its dials.

    Example:
        >>> Half(Piece(2, ((cirq.CZ, (0, 1)),), ()), qubits=(0, 2), dials=()).qubits
        (0, 2)
    """

    piece: Piece
    qubits: tuple[int, ...]
    dials: tuple[int, ...]


@dataclass(frozen=True)
class Apart:
    """A piece of two halves that are prepared apart and measured in the Bell basis.

    Attributes:
        system: The half with the controls of the CNOTs.
        memory: The half with their targets, in the order of the controls.

    Example:
        >>> copy = Piece(2, ((cirq.CZ, (0, 1)),), ())
        >>> Apart(Half(copy, (0, 1), ()), Half(copy, (2, 3), ())).memory.qubits
        (2, 3)
    """

    system: Half
    memory: Half


def split_apart(piece: Piece) -> Apart | None:
    """Recognises a Bell measurement of two halves that were prepared apart.

    Args:
        piece: Any piece.

    Returns:
        Its halves; None if it ends otherwise, if its halves share a gate before the end or have
        fewer than two qubits, or if it holds a channel.

    Example:
        >>> prepare = ((cirq.CZ, (0, 1)), (cirq.CZ, (2, 3)))
        >>> bell = ((cirq.CNOT, (0, 2)), (cirq.CNOT, (1, 3)), (cirq.H, (0,)), (cirq.H, (1,)))
        >>> apart = split_apart(Piece(4, prepare + bell, ()))
        >>> apart.system.qubits, apart.memory.qubits
        ((0, 1), (2, 3))
    """
    pairs, before = _without_bell(piece)
    if len(pairs) < 2 or 2 * len(pairs) != piece.qubits:
        return None
    if not is_pure(piece):
        return None
    system, memory = zip(*sorted(pairs.items()), strict=True)
    own = [[step for step in before if set(step[1]) <= set(half)] for half in (system, memory)]
    if len(own[0]) + len(own[1]) < len(before):
        return None
    return Apart(_half(piece, own[0], system), _half(piece, own[1], memory))


def _without_bell(piece: Piece) -> tuple[dict[int, int], list[Step]]:
    """Takes the final CNOTs and Hs off: the target of each control, and all steps before."""
    after: list[list[int]] = [[] for _ in range(piece.qubits)]
    pairs: dict[int, int] = {}
    last: set[int] = set()
    for i, (gate, targets) in reversed(list(enumerate(piece.steps))):
        if gate == cirq.CNOT and not after[targets[1]]:
            control, target = targets
            later = after[control]
            if len(later) == 1 and piece.steps[later[0]][0] == cirq.H:
                pairs[control] = target
                last |= {i, later[0]}
        for qubit in targets:
            after[qubit].append(i)
    return pairs, [step for i, step in enumerate(piece.steps) if i not in last]


def _half(piece: Piece, steps: Sequence[Step], qubits: tuple[int, ...]) -> Half:
    """Writes a half as a piece of its own; halves that are prepared alike become equal."""
    place = {qubit: i for i, qubit in enumerate(qubits)}
    local = _in_layers([(gate, tuple(place[t] for t in targets)) for gate, targets in steps])
    owner = {s: (d, k) for d, dial in enumerate(piece.dials) for k, s in enumerate(dial.symbols)}
    names: dict[str, str] = {}
    columns: dict[int, list[int]] = defaultdict(list)
    for gate, _ in local:
        for symbol in sorted(cirq.parameter_names(gate), key=owner.__getitem__):
            if symbol not in names:
                names[symbol] = f"s{len(names)}"
                dial, column = owner[symbol]
                columns[dial].append(column)
    gates = tuple((renamed_gate(gate, names), targets) for gate, targets in local)
    dials = tuple(_part(piece.dials[d], kept, names) for d, kept in columns.items())
    return Half(Piece(len(qubits), gates, dials), qubits, tuple(columns))


def _part(dial: Dial, kept: Sequence[int], names: Mapping[str, str]) -> Dial:
    values = tuple(tuple(row[k] for k in kept) for row in dial.positions)
    return Dial("", tuple(names[dial.symbols[k]] for k in kept), values)


def _in_layers(steps: Sequence[Step]) -> list[Step]:
    """Orders steps by layers, and by their first qubit within a layer."""
    depth: dict[int, int] = defaultdict(int)
    keys = []
    for _, targets in steps:
        layer = 1 + max(depth[t] for t in targets)
        depth.update((t, layer) for t in targets)
        keys.append((layer, min(targets)))
    return [steps[i] for i in sorted(range(len(steps)), key=keys.__getitem__)]
