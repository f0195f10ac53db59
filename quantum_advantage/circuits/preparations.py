"""A user's own circuits, checked: those that prepare a state of qubits and measure nothing."""

from __future__ import annotations

from collections.abc import Sequence

import cirq

from quantum_advantage.core.qubits import qubits_of
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import kind_of


def check_preparation(name: str, circuit: object) -> list[cirq.Qid]:
    """Refuses what prepares no state of qubits.

    Args:
        name: What the argument is called.
        circuit: What should be a circuit.

    Returns:
        Its qubits, in order.

    Raises:
        UsageError: If it is no circuit, has symbols, measures something, waits for the result of a
            measurement, or acts on no qubit or on systems of more levels.

    Example:
        >>> a, b = cirq.LineQubit.range(2)
        >>> check_preparation("circuit", cirq.Circuit(cirq.H(b), cirq.CNOT(b, a)))
        [cirq.LineQubit(0), cirq.LineQubit(1)]
        >>> check_preparation("circuit", cirq.Circuit(cirq.measure(a)))
        Traceback (most recent call last):
        quantum_advantage.core.usage.UsageError: circuit must prepare the state and measure nothing
    """
    if not isinstance(circuit, cirq.AbstractCircuit):
        raise UsageError(
            f"{name} must be a cirq.Circuit, not a {kind_of(circuit)}; cirq.Circuit(...) makes one "
            "of operations"
        )
    if cirq.is_parameterized(circuit):
        raise UsageError(f"{name} must have no symbols, not {cirq.parameter_names(circuit)}")
    if cirq.is_measurement(circuit) or cirq.control_keys(circuit):
        raise UsageError(f"{name} must prepare the state and measure nothing")
    if not circuit.all_qubits():
        raise UsageError(f"{name} must act on at least one qubit")
    qubits = sorted(circuit.all_qubits())
    if large := [q for q in qubits if not is_qubit(q)]:
        raise UsageError(
            f"{name} must act on qubits, but {large[0]} has {large[0].dimension} levels"
        )
    return qubits


def is_qubit(thing: object) -> bool:
    """Tells whether something is a qubit of Cirq, with two levels.

    Example:
        >>> is_qubit(cirq.LineQubit(0)), is_qubit(cirq.LineQid(0, dimension=3)), is_qubit("q")
        (True, False, False)
    """
    return isinstance(thing, cirq.Qid) and thing.dimension == 2


def _named_memory(system: Sequence[cirq.Qid]) -> list[cirq.Qid]:
    """Names a qubit after each of the system; one whose name is taken gets dashes."""
    taken = set(system)
    memory: list[cirq.Qid] = []
    for qubit in system:
        name = f"memory_{qubit}"
        while (named := cirq.NamedQubit(name)) in taken:
            name += "'"
        taken.add(named)
        memory.append(named)
    return memory


def memory_for(system: Sequence[cirq.Qid], memory: object) -> list[cirq.Qid]:
    """Returns the qubits of a second copy.

    Args:
        system: The qubits of the first copy.
        memory: As many others, or numbers of line qubits, or None for new named ones.

    Raises:
        UsageError: If they are no qubits, or not as many others.

    Example:
        >>> print(*memory_for(cirq.LineQubit.range(2), None))
        memory_q(0) memory_q(1)
    """
    if memory is None:
        return _named_memory(system)
    held = qubits_of("memory", memory)
    if len(held) != len(system) or set(held) & set(system):
        raise UsageError(
            f"memory must hold {len(system)} qubits that the circuit does not use, not {held}"
        )
    return held
