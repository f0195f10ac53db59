"""Requests for one or two fresh copies of what a preparation prepares."""

from __future__ import annotations

from collections.abc import Sequence

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.circuits.request import Dial, Request
from quantum_advantage.core.remembering import Remembered
from quantum_advantage.measurements.bell import MEMORY, SYSTEM
from quantum_advantage.systems.preparation import Preparation

Columns = tuple[npt.NDArray[np.unsignedinteger], ...]


def copy_qubits(n: int) -> tuple[list[cirq.LineQubit], list[cirq.LineQubit]]:
    """Returns the system and the memory qubits of n pairs, on a line in turn.

    Example:
        >>> system, memory = copy_qubits(2)
        >>> print(*system, "|", *memory)
        q(0) q(2) | q(1) q(3)
    """
    line = cirq.LineQubit.range(2 * n)
    return line[::2], line[1::2]


def side_by_side(first: list[cirq.Moment], second: list[cirq.Moment]) -> list[cirq.Moment]:
    """Puts the gates on the two copies side by side.

    Example:
        >>> system, memory = copy_qubits(1)
        >>> len(side_by_side([cirq.Moment(cirq.H(*system))], [cirq.Moment(cirq.H(*memory))]))
        1
    """
    return list(cirq.Circuit(first).zip(cirq.Circuit(second)))


def _circuit(
    prepared: tuple[tuple[cirq.Moment, ...], ...],
    change: tuple[cirq.Moment, ...],
    measured: tuple[tuple[tuple[cirq.Qid, ...], str], ...],
) -> cirq.FrozenCircuit:
    """Returns the circuit that prepares the copies side by side, changes the basis and measures."""
    readout = cirq.Moment(cirq.measure(*qubits, key=key) for qubits, key in measured)
    return cirq.FrozenCircuit(cirq.Circuit.zip(*map(cirq.Circuit, prepared)), change, readout)


# The batches of a curve run the same circuit. A sampler knows it by its moments, which remember
# their hashes, so that it is fast to find again what was prepared for it.
_circuit_once = Remembered(_circuit, most=32)


def request_copies(
    preparation: Preparation,
    copies: int,
    shots: int,
    change: Sequence[cirq.Moment],
    dials: tuple[Dial, ...] = (),
    columns: Columns = (),
) -> Request:
    """Requests shots of one or two fresh copies, a change of basis, and all qubits measured.

    Args:
        preparation: What the learner got.
        copies: Copies in a shot, 1 or 2.
        shots: Shots for each system.
        change: The gates before the measurement.
        dials: The learner's dials.
        columns: Their positions, one (systems * shots,) array for each dial.

    Example:
        >>> from quantum_advantage.measurements.bell import bell_basis_change
        >>> from quantum_advantage.systems.random_states import random_states
        >>> rng = np.random.default_rng(1)
        >>> pure = random_states(3, np.zeros(2), rng, rng)  # two systems of three qubits
        >>> request = request_copies(pure, 2, 10, bell_basis_change(*copy_qubits(3)))
        >>> request.shots, len(request.circuit.all_qubits()), request.learner
        (20, 6, frozenset())
    """
    parts = list(zip(copy_qubits(preparation.qubits), "ab", (SYSTEM, MEMORY), strict=False))[
        :copies
    ]
    prepared = tuple(tuple(preparation.circuit(qubits, label)) for qubits, label, _ in parts)
    measured = tuple((tuple(qubits), key) for qubits, _, key in parts)
    circuit = _circuit_once(prepared, tuple(change), measured).unfreeze()
    nature = [(preparation.dials(label), preparation.draw(shots, label)) for _, label, _ in parts]
    return Request(
        circuit,
        sum((d for d, _ in nature), ()) + dials,
        sum((c for _, c in nature), ()) + columns,
        shots * preparation.systems,
        frozenset(dial.name for dial in dials),
    )
