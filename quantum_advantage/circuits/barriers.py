"""Barriers: what stands before one is finished on all qubits before anything behind it begins.

Compilers move one-qubit gates as early as they can and merge them. Where it matters when a qubit
acts and when it waits, as in the layers of a characterisation, a barrier keeps the layers apart. It
is a phase of the whole state by 0, which no simulator sees. Circuits with barriers are made of
moments: Cirq puts single operations before a barrier, which is on none of their qubits.
"""

from __future__ import annotations

import cirq

BARRIER = cirq.global_phase_operation(1).with_tags("barrier")


def split_at_barriers(circuit: cirq.AbstractCircuit) -> list[cirq.Circuit]:
    """Returns the parts of a circuit between its barriers; without barriers it is one part.

    Args:
        circuit: The circuit; a barrier stands in a moment of its own.

    Example:
        >>> q = cirq.LineQubit(0)
        >>> acting, barrier = cirq.Moment(cirq.X(q)), cirq.Moment(BARRIER)
        >>> circuit = cirq.Circuit([acting, barrier, acting, barrier])
        >>> [len(part) for part in split_at_barriers(circuit)]
        [1, 1, 0]
    """
    parts: list[list[cirq.Moment]] = [[]]
    for moment in circuit:
        if BARRIER in moment.operations:
            parts.append([])
        else:
            parts[-1].append(moment)
    return [cirq.Circuit(moments) for moments in parts]
