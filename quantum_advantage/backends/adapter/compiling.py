"""Circuits in the gates of a service, compiled once and checked.

A target gate set sees the parts of a circuit that no gate connects one by one, on line qubits: the
circuits of this package are mostly many pairs, each with one of few parameter sets, so that few
parts are ever compiled. A function of a circuit may put it on other qubits, and sees it whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import cirq
import networkx as nx
import numpy as np
import numpy.typing as npt

from quantum_advantage.circuits.request import measured_qubits
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import kind_of

Gates = cirq.CompilationTargetGateset | Callable[..., cirq.AbstractCircuit]

# Unitaries and laws of outcomes are compared to these numbers of qubits, and to this distance.
_MOST_IN_PART, _MOST_WHOLE = 6, 10
_TOLERANCE = 1e-5
# Compiled circuits that are kept.
_MOST_KEPT = 4096


class Compiler:
    """Compiles circuits without symbols.

    Args:
        gates: A target gate set, or a function from a circuit to a circuit.

    Raises:
        UsageError: If it is neither.

    Example:
        >>> a, b = cirq.LineQubit.range(2)
        >>> circuit = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b), cirq.measure(a, b, key="m"))
        >>> native = Compiler(cirq.CZTargetGateset())(circuit)
        >>> sorted({type(op.gate).__name__ for op in native.all_operations()})
        ['CZPowGate', 'MeasurementGate', 'PhasedXZGate']
        >>> Compiler(lambda whole: whole[1:])(circuit)
        Traceback (most recent call last):
        quantum_advantage.core.usage.UsageError: compiled circuit must give the same outcomes, but
        their probabilities differ by up to 0.5
    """

    def __init__(self, gates: Gates) -> None:
        """See the class."""
        if not isinstance(gates, cirq.CompilationTargetGateset) and (
            isinstance(gates, type) or not callable(gates)
        ):
            raise UsageError(
                "gateset must be a cirq.CompilationTargetGateset or a function of a circuit, not "
                f"{gates!r}"
            )
        self._gates = gates
        self._cache: dict[cirq.FrozenCircuit, cirq.Circuit] = {}

    def __str__(self) -> str:
        name = getattr(self._gates, "__qualname__", "")
        return f"{kind_of(self._gates)} {name}".strip()

    def __call__(self, circuit: cirq.Circuit) -> cirq.Circuit:
        """Compiles a circuit whose last moment measures all its qubits, and holds nothing else.

        Raises:
            UsageError: If the circuit cannot be compiled, or not in the same way twice, or if the
                result has other gates, another measurement, or, on few qubits, another law.
        """
        gates = self._gates
        if not isinstance(gates, cirq.CompilationTargetGateset):
            return self._kept(circuit, partial(_transformed, gates=gates))
        parts = [
            self._kept(part, partial(_native, gates=gates)).transform_qubits(back)
            for part, back in _parts(circuit[:-1])
        ]
        return cirq.Circuit.zip(*parts) + circuit[-1:]

    def _kept(
        self, circuit: cirq.Circuit, compile_it: Callable[[cirq.Circuit], cirq.Circuit]
    ) -> cirq.Circuit:
        frozen = circuit.freeze()
        if frozen not in self._cache:
            found = compile_it(circuit)
            if compile_it(circuit) != found:
                raise UsageError("gateset must compile a circuit to the same one each time")
            if len(self._cache) >= _MOST_KEPT:
                self._cache.clear()
            self._cache[frozen] = found
        return self._cache[frozen]


def _parts(circuit: cirq.Circuit) -> Iterator[tuple[cirq.Circuit, dict[cirq.Qid, cirq.Qid]]]:
    """Yields the parts that no gate connects, on line qubits, and where these belong."""
    graph: nx.Graph = nx.Graph()
    for op in circuit.all_operations():
        nx.add_path(graph, op.qubits)
    for group in sorted(nx.connected_components(graph), key=min):
        there: dict[cirq.Qid, cirq.Qid] = {
            q: cirq.LineQubit(i) for i, q in enumerate(sorted(group))
        }
        part = cirq.Circuit(
            cirq.Moment(op for op in moment if group.issuperset(op.qubits)) for moment in circuit
        )
        yield part.transform_qubits(there), {line: q for q, line in there.items()}


def _native(circuit: cirq.Circuit, gates: cirq.CompilationTargetGateset) -> cirq.Circuit:
    """Compiles a part of a circuit, without measurements, to a target gate set."""
    name = kind_of(gates)
    try:
        native = cirq.optimize_for_target_gateset(circuit, gateset=gates, ignore_failures=False)
    except (TypeError, ValueError) as error:
        raise UsageError(f"gateset {name} cannot compile the circuit: {error}") from error
    # Global phases are nothing to a service.
    found = cirq.Circuit(cirq.Moment(op for op in moment if op.qubits) for moment in native)
    for op in found.all_operations():
        if op not in gates:
            raise UsageError(f"gateset {name} left {op} in the circuit")
    qubits = sorted(circuit.all_qubits())
    if len(qubits) <= _MOST_IN_PART:
        before, after = (
            c.unitary(qubit_order=qubits, qubits_that_should_be_present=qubits)
            for c in (circuit, found)
        )
        if not cirq.allclose_up_to_global_phase(before, after, atol=_TOLERANCE):
            raise UsageError(f"gateset {name} makes another unitary of the circuit")
    return found


def _transformed(circuit: cirq.Circuit, gates: Callable[..., cirq.AbstractCircuit]) -> cirq.Circuit:
    """Compiles a whole circuit by a function."""
    found: object = gates(circuit)
    if not isinstance(found, cirq.Circuit):
        raise UsageError(f"gateset must return a cirq.Circuit, but returned a {kind_of(found)}")
    before, after = (
        {key: len(qubits) for key, qubits in measured_qubits(c).items()} for c in (circuit, found)
    )
    if before != after:
        raise UsageError(
            f"compiled circuit must measure {before}, bits by key, as before, but measures {after}"
        )
    if max(len(c.all_qubits()) for c in (circuit, found)) <= _MOST_WHOLE:
        apart = float(np.abs(_law(found) - _law(circuit)).max())
        if apart > _TOLERANCE:
            raise UsageError(
                "compiled circuit must give the same outcomes, but their probabilities differ by "
                f"up to {apart:.2g}"
            )
    return found


def _law(circuit: cirq.Circuit) -> npt.NDArray[np.float64]:
    """Returns the probabilities of the outcomes of the one measurement, first bit first."""
    (measured,) = measured_qubits(circuit).values()
    qubits = sorted(circuit.all_qubits())
    gates = cirq.Circuit(op for op in circuit.all_operations() if not cirq.is_measurement(op))
    state = gates.final_state_vector(qubit_order=qubits, dtype=np.complex128)
    joint = (np.abs(state) ** 2).reshape((2,) * len(qubits))
    rest = tuple(i for i, q in enumerate(qubits) if q not in measured)
    left = [q for q in qubits if q in measured]
    return np.transpose(joint.sum(axis=rest), [left.index(q) for q in measured]).ravel()
