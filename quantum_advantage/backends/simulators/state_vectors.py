"""State vectors from qsim, without a Cirq circuit in between.

A circuit of some hundred gates takes qsim itself little longer than Cirq takes to set its symbols
and to translate it. So a circuit with symbols is prepared once: fixed gates are kept as matrices,
and the values of the symbols go straight into qsim's own list of gates.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence

import cirq
import numpy as np
import numpy.typing as npt
import qsimcirq
import sympy

# One operation: its gate and the numbers of its qubits.
Step = tuple[cirq.Gate, tuple[int, ...]]
# The symbols of the exponents of a PhasedXZGate: of X, of Z and of the axis.
_Turn = tuple[str, str, str]
Complexes = npt.NDArray[np.complex64]

# qsim fuses gates up to so many qubits; its amplitudes change by rounding with it.
MOST_FUSED_QUBITS = 3
_AXES = ("x_exponent", "z_exponent", "axis_phase_exponent")
# The largest matrix that qsim takes as one gate.
_MOST_GATE_QUBITS = 6


def qsim_options() -> qsimcirq.QSimOptions:
    """Returns the options with which qsim runs here: one thread, fused gates of three qubits.

    Example:
        >>> qsim_options().cpu_threads
        1
    """
    return qsimcirq.QSimOptions(cpu_threads=1, max_fused_gate_size=MOST_FUSED_QUBITS, verbosity=0)


class StateVectors:
    """A circuit that prepares a state, ready for the values of its symbols.

    Args:
        qubits: The number of qubits.
        steps: Unitary gates in order.

    Example:
        >>> turn = cirq.XPowGate(exponent=sympy.Symbol("s0"))
        >>> bell = StateVectors(2, ((turn, (0,)), (cirq.CNOT, (0, 1))))
        >>> (abs(bell.at({"s0": 0.5})) ** 2).round(3).tolist()  # half a turn of qubit 0
        [0.5, 0.0, 0.0, 0.5]
    """

    def __init__(self, qubits: int, steps: Sequence[Step]) -> None:
        """See the class."""
        self._qubits = qubits
        # For each gate its time, qsim's numbers of its qubits, and what it is: the matrix of a
        # fixed gate, the three symbols of a turn, or another gate with symbols.
        self._gates: list[tuple[int, list[int], list[float] | _Turn | cirq.Gate]] = []
        time, busy = 0, set[int]()
        matrices: dict[int, list[float]] = {}
        for gate, targets in _small(steps):
            if not busy.isdisjoint(targets):
                time, busy = time + 1, set()
            busy.update(targets)
            # qsim numbers qubits in reverse order.
            numbers = [qubits - 1 - target for target in targets]
            if (names := _names_of_turn(gate)) is not None:
                self._gates.append((time, numbers, names))
                continue
            if isinstance(gate, cirq.PhasedXZGate) or cirq.is_parameterized(gate):
                self._gates.append((time, numbers, gate))
                continue
            if id(gate) not in matrices:
                matrices[id(gate)] = _flat_unitary(gate)
            self._gates.append((time, numbers, matrices[id(gate)]))

    def at(self, values: Mapping[str, float]) -> Complexes:
        """Returns the vector for some values of the symbols.

        Args:
            values: The value of every symbol.

        Returns:
            (2ⁿ,) amplitudes; qubit 0 is the most significant bit.
        """
        qsim = qsimcirq.qsim
        circuit = qsim.Circuit()
        circuit.num_qubits = self._qubits
        turn, add_gate = qsim.kPhasedXZGate, qsim.add_gate
        for time, qubits, gate in self._gates:
            if isinstance(gate, tuple):
                x, z, a = gate
                exponents = {_AXES[0]: values[x], _AXES[1]: values[z], _AXES[2]: values[a]}
                add_gate(turn, time, qubits, exponents, circuit)
            elif isinstance(gate, cirq.PhasedXZGate):
                powers = (gate.x_exponent, gate.z_exponent, gate.axis_phase_exponent)
                exponents = {
                    axis: _evaluated(power, values)
                    for axis, power in zip(_AXES, powers, strict=True)
                }
                add_gate(turn, time, qubits, exponents, circuit)
            elif isinstance(gate, cirq.Gate):
                own = {name: values[name] for name in cirq.parameter_names(gate)}
                matrix = _flat_unitary(cirq.resolve_parameters(gate, own))
                qsim.add_matrix_gate(time, qubits, matrix, circuit)
            else:
                qsim.add_matrix_gate(time, qubits, gate, circuit)
        options = {**_simulator().qsim_options, "c": circuit, "s": 1}
        numbers: npt.NDArray[np.float32] = qsim.qsim_simulate_fullstate(options, 0)
        return numbers.view(np.complex64)


@functools.cache
def _simulator() -> qsimcirq.QSimSimulator:
    return qsimcirq.QSimSimulator(qsim_options())


def _small(steps: Iterable[Step]) -> Iterator[Step]:
    """Decomposes gates that are too large for qsim; a global phase is dropped."""
    for gate, targets in steps:
        if len(targets) <= _MOST_GATE_QUBITS:
            yield gate, targets
            continue
        line: list[cirq.Qid] = [*cirq.LineQubit.range(len(targets))]
        for op in cirq.decompose(gate(*line), keep=lambda op: len(op.qubits) <= _MOST_GATE_QUBITS):
            if op.gate is not None and op.qubits:
                yield op.gate, tuple(targets[line.index(qubit)] for qubit in op.qubits)


def _flat_unitary(gate: cirq.Gate) -> list[float]:
    """Returns the real and imaginary parts of a unitary in turn, row by row."""
    matrix = np.ascontiguousarray(cirq.unitary(gate), dtype=np.complex128)
    return matrix.view(np.float64).ravel().tolist()


def _names_of_turn(gate: cirq.Gate) -> _Turn | None:
    """Returns the symbols of a PhasedXZGate, the gate that occurs most, if it has three."""
    if not isinstance(gate, cirq.PhasedXZGate):
        return None
    powers = (gate.x_exponent, gate.z_exponent, gate.axis_phase_exponent)
    names = [power.name for power in powers if isinstance(power, sympy.Symbol)]
    return (names[0], names[1], names[2]) if len(names) == 3 else None


def _evaluated(power: sympy.Basic | float, values: Mapping[str, float]) -> float:
    if isinstance(power, sympy.Symbol):
        return values[power.name]
    if isinstance(power, sympy.Basic):
        return float(power.subs({symbol: values[symbol.name] for symbol in power.free_symbols}))
    return float(power)
