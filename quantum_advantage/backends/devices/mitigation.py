"""What is done to native circuits against coherent errors: gauges, and dynamical decoupling.

Gauges are those of :mod:`gauges`. Dynamical decoupling fills the moments that a qubit sits out
between its gates with pulses that undo one another, so that a slow detuning of the qubit cancels:
X and X, Y and Y, or X, Y, X and Y (``cirq.add_dynamical_decoupling``, which puts them in moments of
one-qubit gates). Each pulse has the error of a one-qubit gate. Both leave the circuit as it is
where there is no noise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cirq

# The sequences of pulses, by the names that backends take.
SEQUENCES: dict[str, tuple[cirq.Gate, ...]] = {
    "xx": (cirq.X, cirq.X),
    "yy": (cirq.Y, cirq.Y),
    "xyxy": (cirq.X, cirq.Y, cirq.X, cirq.Y),
}


@dataclass(frozen=True)
class Mitigation:
    """What is done to native circuits.

    Attributes:
        gauge: The two-qubit gates that get gauges, as :mod:`gauges` names them, or nothing.
        dd: The sequence of dynamical decoupling, a key of ``SEQUENCES``, or nothing.

    Example:
        >>> bool(Mitigation()), bool(Mitigation(dd="xx"))
        (False, True)
    """

    gauge: str = ""
    dd: str = ""

    def __bool__(self) -> bool:
        return bool(self.gauge or self.dd)


NO_MITIGATION = Mitigation()


def decoupled(circuit: cirq.Circuit, sequence: str) -> cirq.Circuit:
    """Fills idle moments of a native circuit with pulses; symbols may stay.

    Args:
        circuit: Native gates, and measurements in the last moment.
        sequence: A key of ``SEQUENCES``, or nothing for none.

    Example:
        >>> a, b, c = cirq.LineQubit.range(3)
        >>> pair, turn = cirq.Moment(cirq.CZ(a, b)), cirq.PhasedXZGate.from_zyz_angles(0, 0.5, 0)
        >>> idle = cirq.Circuit(pair, [turn(b), turn(b)], pair, cirq.measure(a, b))
        >>> [len(m.qubits) for m in idle], [len(m.qubits) for m in decoupled(idle, "xx")]
        ([2, 1, 1, 2, 2], [2, 2, 2, 2, 2])
    """
    if not sequence:
        return circuit
    filled = cirq.add_dynamical_decoupling(circuit, schema=SEQUENCES[sequence])
    return cirq.Circuit(cirq.Moment(_native(moment)) for moment in filled)


def _native(moment: cirq.Moment) -> Iterator[cirq.Operation]:
    """Yields pulses as the gates that calibrations know, and nothing where Cirq would wait."""
    for op in moment:
        if isinstance(op.gate, (cirq.XPowGate, cirq.YPowGate)):
            yield cirq.PhasedXZGate.from_matrix(cirq.unitary(op))(*op.qubits)
        elif not isinstance(op.gate, cirq.IdentityGate):
            yield op
