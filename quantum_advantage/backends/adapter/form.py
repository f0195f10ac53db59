"""A circuit in the form that a service takes: on its own qubits, all measured together.

Services differ in what they do with measurement keys: some return one key for all qubits, some join
the names of the keys, some ignore inverted bits or measure every qubit anyway. One measurement of
all qubits, in the order of the service's qubits and without inversion, means the same to all of
them; its outcomes are split into those of the keys here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.circuits.request import measured_qubits
from quantum_advantage.core.usage import UsageError

# The key of the one measurement; cirq-aqt gives this name to all outcomes.
KEY = "m"

Bits = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class ServiceForm:
    """A circuit that ends in one measurement of all its qubits.

    Attributes:
        circuit: The circuit, with its symbols; its key is ``m``.
        columns: For each key of the original circuit the columns that hold its bits, in order.
        flips: For each key which of its bits the original measurement inverts, (width,).
        width: The number of qubits.
    """

    circuit: cirq.Circuit
    columns: Mapping[str, tuple[int, ...]]
    flips: Mapping[str, Bits]
    width: int

    def split(self, bits: Bits) -> dict[str, Bits]:
        """Splits the outcomes of all qubits into those of the original keys.

        Args:
            bits: (..., qubits) outcomes of the one measurement.

        Returns:
            For each original key (..., width) outcomes.

        Example:
            >>> a, b = cirq.LineQubit.range(2)
            >>> circuit = cirq.Circuit(
            ...     cirq.measure(b, key="second"), cirq.measure(a, key="first", invert_mask=(True,))
            ... )
            >>> form = service_form(circuit)
            >>> form.split(np.array([[0, 1], [1, 1]], np.uint8))["first"].ravel().tolist()
            [1, 0]
        """
        return {key: bits[..., list(own)] ^ self.flips[key] for key, own in self.columns.items()}


def service_form(
    circuit: cirq.AbstractCircuit, line: Sequence[cirq.Qid] | None = None
) -> ServiceForm:
    """Puts a circuit on the qubits of a service and measures all of them at the end, together.

    Args:
        circuit: A circuit that ends in measurements, with symbols or without.
        line: The qubits of the service; the circuit's qubits, in sorted order, are put on the first
            of them. By default line qubits from 0.

    Raises:
        UsageError: If the line is too short, something is measured before the end, or a measurement
            confuses its bits on purpose.

    Example:
        >>> a, b = cirq.GridQubit.rect(1, 2)
        >>> circuit = cirq.Circuit(
        ...     cirq.CNOT(a, b), cirq.measure(b, key="y"), cirq.measure(a, key="x")
        ... )
        >>> form = service_form(circuit)
        >>> print(form.circuit)
        0: ───@───M('m')───
              │   │
        1: ───X───M────────
        >>> dict(form.columns)
        {'y': (1,), 'x': (0,)}
    """
    qubits = sorted(circuit.all_qubits())
    if line is None:
        line = cirq.LineQubit.range(len(qubits))
    if len(qubits) > len(line):
        raise UsageError(f"circuit has {len(qubits)} qubits, but the service's line {len(line)}")
    if not circuit.are_all_measurements_terminal():
        raise UsageError("circuit must measure at its end only, as services demand")
    keys = measured_qubits(circuit)
    flips = {}
    for op in circuit.all_operations():
        if isinstance(op.gate, cirq.MeasurementGate):
            if op.gate.confusion_map:
                raise UsageError(f"measurement {op.gate.key!r} must have no confusion map")
            flips[op.gate.key] = np.array(op.gate.full_invert_mask(), dtype=np.uint8)
    there = dict(zip(qubits, line, strict=False))
    # Moments are kept, so that what is resolved or compiled later is the same in every process.
    moments = [
        cirq.Moment(op for op in moment if not cirq.is_measurement(op)) for moment in circuit
    ]
    moved = cirq.Circuit(moment for moment in moments if moment).transform_qubits(there)
    moved.append(cirq.Moment(cirq.measure(*(there[q] for q in qubits), key=KEY)))
    columns = {key: tuple(map(qubits.index, own)) for key, own in keys.items()}
    return ServiceForm(moved, columns, flips, len(qubits))


def unmeasured(circuit: cirq.Circuit) -> cirq.Circuit:
    """Takes the measurement off, for a service that measures the circuit's qubits without it.

    A qubit without gates gets Z⁰, so that it still belongs to the circuit.

    Example:
        >>> a, b = cirq.LineQubit.range(2)
        >>> print(unmeasured(cirq.Circuit(cirq.X(a), cirq.measure(a, b, key="m"))))
        0: ───X─────
        <BLANKLINE>
        1: ───Z^0───
    """
    gates = circuit[:-1]
    idle = sorted(circuit.all_qubits() - gates.all_qubits())
    return cirq.Circuit.zip(gates, cirq.Circuit(cirq.Z(q) ** 0 for q in idle))
