"""Which errors reach which outcome of a shallow circuit.

An error reaches a measured qubit if its gate lies in the backward light cone of that qubit: the
gates that touch the qubit, those that touch a qubit which such a gate touches later, and so on. A
SWAP moves a cone and does not widen it. At a fixed depth a cone holds a fixed number of gates,
however many qubits there are.

*The mean of a bit* (derived here, under one assumption). Let the bit be 0 without errors, and let
the Pauli errors of the gates be independent, of probabilities r. Assume that an error in the cone
flips the bit with probability 1/2, as if the evolution behind it had turned it into a random Pauli
string. Then each error multiplies the mean sign of the bit by 1 - r, and

    mean bit = (1 - Π (1 - r))/2 ≈ (1 - exp(-Σ r))/2,

the product over the gates in the cone. Errors just before the end are less random than that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cirq
import numpy as np

ErrorOf = Callable[[cirq.Operation], float]


def errors_in_cones(circuit: cirq.AbstractCircuit, error_of: ErrorOf) -> Mapping[cirq.Qid, float]:
    """Sums the errors in the backward light cone of every qubit at the end of a circuit.

    Args:
        circuit: The circuit; measurements are left out.
        error_of: The probability of an error of an operation.

    Returns:
        For each qubit the sum of the probabilities.

    Example:
        >>> a, b, c = cirq.LineQubit.range(3)
        >>> circuit = cirq.Circuit(cirq.CZ(a, b), cirq.CZ(b, c), cirq.H(a))
        >>> cones = errors_in_cones(circuit, lambda op: 1.0)
        >>> [cones[q] for q in (a, b, c)]  # the second CZ cannot reach a
        [2.0, 2.0, 2.0]
    """
    gates = [op for op in circuit.all_operations() if not cirq.is_measurement(op)]
    operations = [(op, error_of(op)) for op in reversed(gates)]
    found = {}
    for qubit in sorted(circuit.all_qubits()):
        cone, total = {qubit}, 0.0
        for op, error in operations:
            if cone.isdisjoint(op.qubits):
                continue
            total += error
            if op.gate == cirq.SWAP:
                one, other = op.qubits
                moved = {one: other, other: one}
                cone = {moved.get(q, q) for q in cone}
            else:
                cone.update(op.qubits)
        found[qubit] = total
    return found


def mean_bit(circuit: cirq.AbstractCircuit, error_of: ErrorOf, readout: float) -> float:
    """Returns the mean of all bits of a circuit that leaves 0 without errors; see the module.

    Args:
        circuit: The circuit.
        error_of: The probability of an error of an operation.
        readout: The probability that a readout flips a bit.

    Example:
        >>> q = cirq.LineQubit(0)
        >>> round(mean_bit(cirq.Circuit(cirq.I(q)), lambda op: 0.1, readout=0.0), 4)
        0.0476
        >>> round(mean_bit(cirq.Circuit(cirq.I(q)), lambda op: 0.0, readout=0.02), 4)
        0.02
    """
    errors = np.array(list(errors_in_cones(circuit, error_of).values()))
    return float((1 - (1 - 2 * readout) * np.exp(-errors)).mean() / 2)
