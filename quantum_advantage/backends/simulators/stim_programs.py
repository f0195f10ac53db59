"""Clifford circuits with Pauli noise as programs of stim, for all values of their symbols."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cirq
import numpy as np
import stim
import stimcirq

from quantum_advantage.backends.simulators.state_vectors import Step
from quantum_advantage.core.usage import UsageError


class StimPrograms:
    """A circuit whose gates are translated once for each value that they take.

    The program is that of ``stimcirq`` for the whole circuit, moment by moment, so that samples
    from the same seed are the same; but few gates differ between two positions of the dials.

    Args:
        qubits: The number of qubits, all measured at the end.
        steps: Gates and channels in order.

    Example:
        >>> import sympy
        >>> turned = cirq.X ** sympy.Symbol("s0")
        >>> programs = StimPrograms(2, ((turned, (0,)), (cirq.CNOT, (0, 1))))
        >>> programs.at({"s0": 1.0}).compile_sampler().sample(1).tolist()
        [[True, True]]
    """

    def __init__(self, qubits: int, steps: Sequence[Step]) -> None:
        """See the class."""
        self._qubits = qubits
        self._line = cirq.LineQubit.range(qubits)
        self._numbers: dict[cirq.Qid, int] = {qubit: i for i, qubit in enumerate(self._line)}
        self._names = [sorted(cirq.parameter_names(gate)) for gate, _ in steps]
        self._steps = steps
        self._moments = _moments(qubits, steps)
        self._known: dict[tuple[int, tuple[float, ...]], list[stim.CircuitInstruction]] = {}

    def at(self, values: Mapping[str, float]) -> stim.Circuit:
        """Returns the program for one value of every symbol.

        Args:
            values: The value of every symbol.

        Raises:
            UsageError: If the circuit is then no Clifford circuit with Pauli noise.
        """
        program = stim.Circuit()
        for moment in self._moments:
            for number in moment:
                for instruction in self._instructions(number, values):
                    program.append(instruction)
            program.append("TICK")
        program.append("M", range(self._qubits))
        return program

    def _instructions(
        self, number: int, values: Mapping[str, float]
    ) -> list[stim.CircuitInstruction]:
        own = {name: values[name] for name in self._names[number]}
        key = number, tuple(own.values())
        if key not in self._known:
            gate, targets = self._steps[number]
            resolved = cirq.resolve_parameters(gate, own) if own else gate
            self._known[key] = self._translated(resolved.on(*(self._line[i] for i in targets)))
        return self._known[key]

    def _translated(self, op: cirq.Operation) -> list[stim.CircuitInstruction]:
        """Translates one gate, to nothing if it does nothing."""
        try:
            program = stimcirq.cirq_circuit_to_stim_circuit(
                cirq.drop_negligible_operations(cirq.Circuit(op)),
                qubit_to_index_dict=self._numbers,
            )
        except TypeError as error:
            raise UsageError(
                "backend stim runs Clifford circuits with Pauli noise only: "
                f"{' '.join(str(error).split())}"
            ) from error
        return [instruction for instruction in program if instruction.name != "TICK"]


def _moments(qubits: int, steps: Sequence[Step]) -> list[list[int]]:
    """Returns the numbers of the steps in every moment: each as early as its qubits allow."""
    free = np.zeros(qubits, dtype=int)
    moments: list[list[int]] = []
    for number, (_, targets) in enumerate(steps):
        first = int(max(free[list(targets)], default=0))
        free[list(targets)] = first + 1
        if first == len(moments):
            moments.append([])
        moments[first].append(number)
    return moments
