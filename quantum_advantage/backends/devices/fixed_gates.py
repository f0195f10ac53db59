"""Fixed gates in native form: merged by Cirq, then compiled to the coupler's native gate.

The form of a two-qubit gate, by :mod:`programs`, does not depend on the rounding of the machine.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.backends.devices.calibration import NATIVE_GATES
from quantum_advantage.backends.devices.programs import Layers, equal_unitaries, native_layers
from quantum_advantage.backends.devices.turns import turn_exponents

Matrix = npt.NDArray[np.complex128]


def native_ops(ops: Sequence[cirq.Operation], gate: str) -> Sequence[cirq.Operation]:
    """Compiles fixed operations, each connected group as if on a line of qubits."""
    if not any(len(op.qubits) == 2 for op in ops):
        return ops
    qubits = sorted({q for op in ops for q in op.qubits})
    there: dict[cirq.Qid, cirq.Qid] = {q: cirq.LineQubit(i) for i, q in enumerate(qubits)}
    back = {standard: q for q, standard in there.items()}
    # An equal gate of another class, fSim(π/2, π/6) for SYC, becomes the one that is calibrated.
    own = NATIVE_GATES[gate][1]
    named = (own(*op.qubits) if equal_unitaries(op, own) else op for op in ops)
    standard = cirq.FrozenCircuit(op.transform_qubits(there) for op in named)
    return [op.transform_qubits(back) for op in _compiled(standard, gate)]


class _TargetGateset(cirq.TwoQubitCompilationTargetGateset):
    """Makes one-qubit gates and one native two-qubit gate of everything on two qubits."""

    def __init__(self, gate: str) -> None:
        self._native = NATIVE_GATES[gate][1]
        self._gate = gate
        super().__init__(self._native, cirq.PhasedXZGate, name=gate)

    def _decompose_single_qubit_operation(
        self, op: cirq.Operation, moment_idx: int
    ) -> list[cirq.Operation]:
        return _turn(cirq.unitary(op), op.qubits[0])

    def _decompose_two_qubit_operation(
        self, op: cirq.Operation, moment_idx: int
    ) -> list[cirq.Operation]:
        out: list[cirq.Operation] = []
        matrix = np.ascontiguousarray(cirq.unitary(op), dtype=np.complex128)
        for number, turns in enumerate(_layers(matrix.tobytes(), self._gate)):
            out += [self._native(*op.qubits)] if number else []
            for turn, qubit in zip(turns, op.qubits, strict=True):
                out += _turn(turn, qubit)
        return out


@functools.lru_cache(maxsize=1024)
def _layers(matrix: bytes, gate: str) -> Layers:
    """Returns the program of a two-qubit unitary; a circuit holds few that differ."""
    return native_layers(np.frombuffer(matrix, dtype=np.complex128).reshape(4, 4), gate)


def _turn(matrix: Matrix, qubit: cirq.Qid) -> list[cirq.Operation]:
    x, z, a = turn_exponents(matrix)
    gate = cirq.PhasedXZGate(x_exponent=x, z_exponent=z, axis_phase_exponent=a)
    return [gate(qubit)] if x or z else []


@functools.lru_cache(maxsize=256)
def _compiled(circuit: cirq.FrozenCircuit, gate: str) -> tuple[cirq.Operation, ...]:
    native = cirq.optimize_for_target_gateset(circuit.unfreeze(), gateset=_TargetGateset(gate))
    return tuple(
        op for moment in native for op in sorted(moment.operations, key=lambda op: min(op.qubits))
    )
