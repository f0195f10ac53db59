"""Trajectories of any noise from qsim, without a Cirq circuit in between.

qsim draws which operator of a channel acts from the state itself. A noisy circuit is translated
once into the arguments of qsim's own calls; the values of symbols go straight into them. Outcomes
are those that ``qsimcirq.QSimSimulator(seed=...).run`` gives, bit for bit, in a small part of the
time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import cirq
import numpy as np
import numpy.typing as npt
import qsimcirq
import sympy
from qsimcirq import qsim_circuit

from quantum_advantage.backends.simulators.state_vectors import Step, qsim_options

Add = Callable[[Mapping[str, float], Any], None]
_AXES = ("x_exponent", "z_exponent", "axis_phase_exponent")


class NoisyVectors:
    """A noisy circuit, ready for the values of its symbols.

    Args:
        qubits: The number of qubits, all measured at the end.
        steps: Gates and channels in order; symbols in ``cirq.PhasedXZGate`` alone, see
            :func:`can_be_prepared`.

    Example:
        >>> steps = ((cirq.X, (0,)), (cirq.amplitude_damp(1), (0,)), (cirq.CNOT, (1, 0)))
        >>> NoisyVectors(2, steps).sample({}, 3, seed=1).tolist()
        [[0, 0], [0, 0], [0, 0]]
    """

    def __init__(self, qubits: int, steps: Sequence[Step]) -> None:
        """See the class."""
        self._qubits = qubits
        line = cirq.LineQubit.range(qubits)
        circuit = cirq.Circuit(gate(*(line[i] for i in targets)) for gate, targets in steps)
        circuit += cirq.Moment(cirq.measure(*line, key="m"))
        numbers: dict[cirq.Qid, int] = {q: i for i, q in enumerate(reversed(line))}
        self._calls: list[Add] = []
        self._options = qsimcirq.QSimSimulator(qsim_options()).qsim_options
        time = 0
        for moment in circuit:
            # qsim takes all gates of a moment first, then mixtures, then other channels.
            gates, mixtures, channels = [], [], []
            for op in moment:
                if cirq.is_measurement(op) or cirq.is_parameterized(op) or cirq.has_unitary(op):
                    gates.append(_decomposed(op))
                elif cirq.has_mixture(op):
                    mixtures.append(op)
                else:
                    channels.append(op)
            length = max(1, *map(len, gates)) if gates else 1
            for later in range(length):
                self._calls += [
                    _gate_call(ops[later], time + later, numbers)
                    for ops in gates
                    if later < len(ops)
                ]
                if not later:
                    self._calls += [_mixture_call(op, time, numbers) for op in mixtures]
                    self._calls += [_channel_call(op, time, numbers) for op in channels]
            time += length

    def sample(
        self, values: Mapping[str, float], repetitions: int, seed: int
    ) -> npt.NDArray[np.uint8]:
        """Samples all qubits.

        Args:
            values: The value of every symbol.
            repetitions: The number of samples.
            seed: The seed of the simulator.

        Returns:
            (repetitions, qubits) bits; fewer rows where qsim leaves a sample out, which is rare.
        """
        qsim = qsimcirq.qsim
        circuit = qsim.NoisyCircuit()
        circuit.num_qubits = self._qubits
        for call in self._calls:
            call(values, circuit)
        prng = np.random.RandomState(seed)
        options = {**self._options, "c": circuit}
        rows = []
        for _ in range(repetitions):
            found = qsim.qtrajectory_sample({**options, "s": prng.randint(2**31 - 1)})
            if len(found) == self._qubits:
                rows.append(found)
        return np.array(rows, dtype=np.uint8).reshape(-1, self._qubits)


def can_be_prepared(steps: Sequence[Step]) -> bool:
    """Tells whether a circuit can be prepared: its symbols stand in native one-qubit gates alone.

    Args:
        steps: Gates and channels.

    Example:
        >>> can_be_prepared(((cirq.X, (0,)), (cirq.bit_flip(0.1), (0,))))
        True
    """
    distinct = {id(gate): gate for gate, _ in steps}.values()
    return all(
        isinstance(gate, cirq.PhasedXZGate) and all(map(_is_plain, _powers(gate)))
        if cirq.is_parameterized(gate)
        else not isinstance(gate, cirq.ControlledGate)
        for gate in distinct
    )


def _powers(gate: cirq.PhasedXZGate) -> tuple[sympy.Basic | float, ...]:
    return gate.x_exponent, gate.z_exponent, gate.axis_phase_exponent


def _is_plain(power: sympy.Basic | float) -> bool:
    return isinstance(power, sympy.Symbol) or not isinstance(power, sympy.Basic)


def _decomposed(op: cirq.Operation) -> list[cirq.Operation]:
    """Returns the operations that qsim knows in the place of one."""
    if cirq.is_parameterized(op):
        return [op]

    def as_matrix(part: cirq.Operation) -> Any:
        matrix = cirq.unitary(part, None)
        return NotImplemented if matrix is None else cirq.MatrixGate(matrix).on(*part.qubits)

    known = qsim_circuit._has_cirq_gate_kind
    return cirq.decompose(op, fallback_decomposer=as_matrix, keep=known)


def _gate_call(op: cirq.Operation, time: int, numbers: Mapping[cirq.Qid, int]) -> Add:
    """Returns what adds a gate to qsim's circuit."""
    qsim, gate = qsimcirq.qsim, op.gate
    qubits = [numbers[q] for q in op.qubits]
    if isinstance(gate, cirq.PhasedXZGate):
        powers = _powers(gate)

        def turned(values: Mapping[str, float], circuit: Any) -> None:
            exponents = {
                axis: values[power.name] if isinstance(power, sympy.Symbol) else float(power)
                for axis, power in zip(_AXES, powers, strict=True)
            }
            qsim.add_gate_channel(qsim.kPhasedXZGate, time, qubits, exponents, circuit)

        return turned
    # Whatever else qsim knows has no symbols; its own translation is kept as it is.
    order = dict(numbers)
    return lambda values, circuit: qsim_circuit.add_op_to_circuit(op, time, order, circuit)


def _mixture_call(op: cirq.Operation, time: int, numbers: Mapping[cirq.Qid, int]) -> Add:
    parts = [(p, *_packed(matrix)) for p, matrix in cirq.mixture(op)]
    qubits = [numbers[q] for q in op.qubits]
    return lambda values, circuit: qsimcirq.qsim.add_channel(time, qubits, parts, circuit)


def _channel_call(op: cirq.Operation, time: int, numbers: Mapping[cirq.Qid, int]) -> Add:
    parts = []
    for matrix in cirq.kraus(op):
        square = np.reshape(matrix, (int(np.sqrt(matrix.size)), -1))
        least = min(np.linalg.svd(square)[1]) ** 2
        parts.append((least, *_packed(matrix)))
    qubits = [numbers[q] for q in op.qubits]
    return lambda values, circuit: qsimcirq.qsim.add_channel(time, qubits, parts, circuit)


def _packed(matrix: npt.NDArray[Any]) -> tuple[npt.NDArray[np.float32], bool]:
    """Returns a matrix as qsim takes it, and whether it is unitary."""
    square = np.reshape(matrix, (int(np.sqrt(matrix.size)), -1))
    numbers = np.reshape(matrix, (-1,)).astype(np.complex64, copy=False)
    return numbers.view(np.float32), bool(cirq.is_unitary(square))
