"""Clifford circuits with Pauli noise as programs of stim, for all values of their symbols."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cirq
import stim
import stimcirq

from quantum_advantage.backends.simulators.state_vectors import Step
from quantum_advantage.core.usage import UsageError

_Known = dict[tuple[float, ...], list[stim.CircuitInstruction]]


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
        line = cirq.LineQubit.range(qubits)
        self._numbers: dict[cirq.Qid, int] = {qubit: i for i, qubit in enumerate(line)}
        circuit = cirq.Circuit(gate(*(line[i] for i in targets)) for gate, targets in steps)
        # Each operation with its symbols, and its instructions for the values that were met.
        self._moments: list[list[tuple[cirq.Operation, list[str], _Known]]] = [
            [(op, sorted(cirq.parameter_names(op)), {}) for op in moment] for moment in circuit
        ]

    def at(self, values: Mapping[str, float]) -> stim.Circuit:
        """Returns the program for one value of every symbol.

        Args:
            values: The value of every symbol.

        Raises:
            UsageError: If the circuit is then no Clifford circuit with Pauli noise.
        """
        program = stim.Circuit()
        for moment in self._moments:
            for op, names, known in moment:
                own = tuple(values[name] for name in names)
                if own not in known:
                    resolver = dict(zip(names, own, strict=True))
                    known[own] = self._translated(cirq.resolve_parameters(op, resolver))
                for instruction in known[own]:
                    program.append(instruction)
            program.append("TICK")
        program.append("M", range(self._qubits))
        return program

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
