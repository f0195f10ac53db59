"""How many native gates a circuit takes.

Every two-qubit gate is compiled by itself, and runs of one-qubit gates become one gate each.
"""

from __future__ import annotations

from dataclasses import dataclass

import cirq

from quantum_advantage.backends.devices.calibration import NATIVE_GATES
from quantum_advantage.backends.devices.fixed_gates import native_ops
from quantum_advantage.core.usage import UsageError


@dataclass(frozen=True)
class GateCounts:
    """Gates of a compiled circuit, measurements not counted.

    Attributes:
        qubits: The qubits it acts on.
        one_qubit: Its one-qubit gates.
        two_qubit: Its two-qubit gates.

    Example:
        >>> GateCounts(qubits=2, one_qubit=4, two_qubit=1).total
        5
    """

    qubits: int
    one_qubit: int
    two_qubit: int

    @property
    def total(self) -> int:
        """All its gates."""
        return self.one_qubit + self.two_qubit


def gate_counts(circuit: cirq.AbstractCircuit, native: str) -> GateCounts:
    """Compiles a circuit and counts its gates.

    Args:
        circuit: A circuit without symbols.
        native: The native two-qubit gate: ``cz``, ``syc`` or ``sqrt_iswap``.

    Raises:
        UsageError: If the native gate is unknown or the circuit has symbols.

    Example:
        >>> circuit = cirq.Circuit(cirq.CNOT(*cirq.LineQubit.range(2)))
        >>> gate_counts(circuit, "cz").two_qubit
        1
    """
    if native not in NATIVE_GATES:
        raise UsageError(f"native must be one of {', '.join(NATIVE_GATES)}, not {native!r}")
    if names := sorted(cirq.parameter_names(circuit)):
        raise UsageError(f"circuit must be without symbols, not with {names[0]!r}")
    gates = [op for op in circuit.all_operations() if not cirq.is_measurement(op)]
    parts = [native_ops([op], native) for op in gates]
    merged = cirq.merge_single_qubit_gates_to_phxz(cirq.Circuit(parts))
    sizes = [len(op.qubits) for op in cirq.drop_negligible_operations(merged).all_operations()]
    return GateCounts(len(circuit.all_qubits()), sizes.count(1), sizes.count(2))
