"""Native circuits: compiled once, dials kept.

A circuit on the qubits of a device becomes layers of ``PhasedXZ`` gates and native two-qubit gates,
with all measurements in the last moment. Fixed gates are compiled by :mod:`fixed_gates`. A run of
one-qubit gates on one qubit becomes one ``PhasedXZ`` gate; where a dial sets gates of the run it
becomes the dial's: three symbols with one position for each position of the dial. Runs of two dials
become one gate if both are the learner's; nature's preparation and the learner's measurement stay
two gates. Nothing merges or moves across a barrier (:mod:`quantum_advantage.circuits.barriers`).
"""

from __future__ import annotations

import functools
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, product

import cirq
import networkx as nx
import numpy as np
import numpy.typing as npt
import sympy

from quantum_advantage.backends.devices.calibration import Device, Qubit, lightest
from quantum_advantage.backends.devices.fixed_gates import native_ops
from quantum_advantage.backends.devices.gauges import GAUGE, with_gauges
from quantum_advantage.backends.devices.mitigation import NO_MITIGATION, Mitigation, decoupled
from quantum_advantage.backends.devices.turns import turn_exponents
from quantum_advantage.circuits.barriers import split_at_barriers
from quantum_advantage.circuits.request import Dial, position_type
from quantum_advantage.core.usage import UsageError

Matrix = npt.NDArray[np.complex128]


@dataclass(frozen=True, eq=False)
class NativeCircuit:
    """A circuit in the gates of a device.

    Attributes:
        circuit: The circuit; the last moment holds all measurements.
        dials: Its dials.
        sources: For each of its dials the dials it was made from, by number; their joint position,
            the last of them counting fastest, is its position.

    Example:
        >>> half = (0.0,), (1.0,)
        >>> turns = Dial("first", ("x",), half), Dial("second", ("z",), half)
        >>> native = NativeCircuit(cirq.Circuit(), turns[:1], sources=((0, 1),))
        >>> table = np.array([0, 1], np.uint8), np.array([1, 1], np.uint8)
        >>> native.columns(table, turns)[0].tolist()  # 2 first + second
        [1, 3]
    """

    circuit: cirq.Circuit
    dials: tuple[Dial, ...]
    sources: tuple[tuple[int, ...], ...]

    def columns(
        self, table: Sequence[npt.NDArray[np.unsignedinteger]], dials: Sequence[Dial]
    ) -> tuple[npt.NDArray[np.unsignedinteger], ...]:
        """Translates a table of the original dials into one of the native dials.

        Args:
            table: For each original dial (shots,) positions.
            dials: The original dials.

        Returns:
            For each native dial (shots,) positions.
        """
        columns = []
        for dial, sources in zip(self.dials, self.sources, strict=True):
            kind = position_type(len(dial.positions))
            joint = table[sources[0]].astype(kind)
            for d in sources[1:]:
                joint = joint * kind(len(dials[d].positions)) + table[d].astype(kind)
            columns.append(joint)
        return tuple(columns)

    def joined(self) -> NativeCircuit:
        """Joins dials of equal sources, which are always set together, so that positions stay few.

        Example:
            >>> turns = Dial("a", ("x",), ((0.0,), (1.0,))), Dial("b", ("z",), ((0.0,), (0.5,)))
            >>> NativeCircuit(cirq.Circuit(), turns, sources=((0,), (0,))).joined().dials
            (Dial(name='a', symbols=('x', 'z'), positions=((0.0, 0.0), (1.0, 0.5))),)
        """
        alike: dict[tuple[int, ...], list[Dial]] = defaultdict(list)
        for dial, sources in zip(self.dials, self.sources, strict=True):
            alike[sources].append(dial)
        dials = tuple(
            Dial(
                own[0].name,
                tuple(chain.from_iterable(dial.symbols for dial in own)),
                tuple(
                    tuple(chain.from_iterable(rows))
                    for rows in zip(*(dial.positions for dial in own), strict=True)
                ),
            )
            for own in alike.values()
        )
        return replace(self, dials=dials, sources=tuple(alike))


def compile_native(
    circuit: cirq.AbstractCircuit,
    dials: Sequence[Dial],
    device: Device,
    learner: Iterable[str] = (),
    mitigation: Mitigation = NO_MITIGATION,
) -> NativeCircuit:
    """Compiles a circuit that stands on the qubits of a device.

    Args:
        circuit: Any gates on one or two qubits; symbols in one-qubit gates only.
        dials: The dials that set its symbols.
        device: The device.
        learner: The names of the learner's own dials.
        mitigation: What is done to the native circuit; with gauges, their dial is one of the dials.

    Raises:
        ValueError: If a two-qubit gate has a symbol, sits where the device has no calibrated
            coupler, or acts on more than two qubits, or if the result does not fit the device.

    Example:
        >>> from quantum_advantage.backends.devices.virtual import virtual_device
        >>> a, b = cirq.GridQubit(5, 3), cirq.GridQubit(5, 4)
        >>> circuit = cirq.Circuit(cirq.CNOT(a, b), cirq.H(a), cirq.measure(a), cirq.measure(b))
        >>> native = compile_native(circuit, (), virtual_device("rainbow")).circuit
        >>> sum(len(op.qubits) == 2 for op in native.all_operations()), len(native[-1])
        (2, 2)
    """
    measurements, parts = _split_measurements(circuit)
    graph: nx.Graph = nx.Graph()
    graph.add_nodes_from(circuit.all_qubits())
    for op in chain.from_iterable(parts):
        _check_operation(op)
        nx.add_path(graph, op.qubits)
    compiler = _Compiler(dials, frozenset(learner), mitigation.gauge)
    measured = {q for op in measurements for q in op.qubits}
    compiled: list[list[cirq.Circuit]] = [[] for _ in parts]
    for group in sorted(nx.connected_components(graph), key=min):
        couplers = [(a, b) for a, b in graph.subgraph(group).edges]
        own = [[op for op in part if op.qubits[0] in group] for part in parts]
        gate = _common_gate(device, couplers, list(chain.from_iterable(own)))
        for k, ops in enumerate(own):
            last = measured if k == len(parts) - 1 else set()
            compiled[k].append(cirq.Circuit(compiler.compile(ops, gate, last)))
    whole = cirq.Circuit()
    for side_by_side in compiled:
        whole += cirq.Circuit.zip(*side_by_side, align=cirq.Alignment.RIGHT)
    whole.append(cirq.Moment(measurements))
    whole = decoupled(whole, mitigation.dd)
    native = NativeCircuit(whole, tuple(compiler.dials), tuple(compiler.sources))
    _validate(native, device)
    return native


def _check_operation(op: cirq.Operation) -> None:
    if len(op.qubits) > 2:
        raise UsageError(f"no native form is known of {op}: it acts on more than two qubits")
    if isinstance(op.gate, cirq.WaitGate):
        raise UsageError(f"{op} would be compiled away; waiting is not supported on a processor")
    if op.classical_controls or not (cirq.has_unitary(op) or cirq.is_parameterized(op)):
        raise UsageError(
            f"{op} is no unitary gate: a processor runs gates and final measurements only"
        )


def _split_measurements(
    circuit: cirq.AbstractCircuit,
) -> tuple[list[cirq.Operation], list[list[cirq.Operation]]]:
    """Returns the measurements, and the other operations of each part between barriers."""
    if not circuit.are_all_measurements_terminal():
        raise UsageError("circuit must measure every qubit at most once, at its end")
    # The order of operations inside a moment changes from run to run.
    parts = [
        [op for moment in part for op in sorted(moment, key=lambda op: min(op.qubits))]
        for part in split_at_barriers(circuit)
    ]
    measurements = [op for op in chain.from_iterable(parts) if cirq.is_measurement(op)]
    return measurements, [[op for op in part if not cirq.is_measurement(op)] for part in parts]


def _common_gate(
    device: Device, couplers: Sequence[tuple[Qubit, Qubit]], ops: Sequence[cirq.Operation]
) -> str:
    """Returns the gate for an entangled group: of all that its couplers share, the best.

    A pair has the gate that is best for Bell measurements. In larger groups it depends on the
    circuit, which may be made of one of the gates: of the compiled circuits the one with the least
    total error is taken.
    """
    chosen = [device.gate(pair) for pair in couplers]
    if not couplers:
        return device.accepted[0]
    if len(couplers) == 1 or not device.gate_errors or len(device.accepted) == 1:
        return chosen[0]
    totals = {
        gate: device.circuit_weight(_on_grid(native_couplings(ops, gate)), gate)
        for gate in device.accepted
        if all(math.isfinite(device.weight(pair, gate)) for pair in couplers)
    }
    if not totals:
        raise UsageError(f"the couplers {couplers} of {device.name} share no calibrated gate")
    return lightest(totals)


def native_couplings(ops: Iterable[cirq.Operation], gate: str) -> Iterable[tuple[cirq.Qid, ...]]:
    """Yields the two qubits of every native two-qubit gate that operations are compiled to.

    Args:
        ops: Gates on one or two qubits.
        gate: The native two-qubit gate.

    Example:
        >>> swap = cirq.SWAP(*cirq.LineQubit.range(2))
        >>> [len(list(native_couplings([swap], gate))) for gate in ("cz", "syc")]
        [3, 3]
    """
    for stretch in _stretches(ops):
        for op in native_ops(stretch, gate):
            if len(op.qubits) == 2:
                yield op.qubits


def _on_grid(couplings: Iterable[tuple[cirq.Qid, ...]]) -> Iterable[tuple[Qubit, Qubit]]:
    for qubits in couplings:
        a, b = (q for q in qubits if isinstance(q, Qubit))
        yield a, b


def _validate(native: NativeCircuit, device: Device) -> None:
    try:
        device.device.validate_circuit(native.circuit)
    except ValueError as error:
        raise UsageError(f"{device.name} refuses the compiled circuit: {error}") from error


@dataclass
class _Run:
    """One-qubit gates in a row on one qubit, and the dials that set some of them."""

    ops: list[cirq.Operation] = field(default_factory=list)
    dials: list[int] = field(default_factory=list)


class _Compiler:
    """Compiles operations, collecting the native dials."""

    def __init__(self, dials: Sequence[Dial], learner: frozenset[str], gauged: str) -> None:
        self._given = dials
        self._gauged = gauged
        self._learner = learner
        self._owner: dict[str, int] = {}
        for d, dial in enumerate(dials):
            for symbol in dial.symbols:
                if symbol in self._owner:
                    raise UsageError(f"symbol {symbol!r} is set by two dials")
                self._owner[symbol] = d
        self.dials: list[Dial] = []
        self.sources: list[tuple[int, ...]] = []

    def compile(
        self, ops: Iterable[cirq.Operation], gate: str, measured: set[cirq.Qid]
    ) -> list[cirq.Operation]:
        """Returns native operations; a phase before a measurement is dropped."""
        out: list[cirq.Operation] = []
        runs: dict[cirq.Qid, _Run] = defaultdict(_Run)
        native = (op for stretch in _stretches(ops) for op in native_ops(stretch, gate))
        for op in with_gauges(native, self._gauged):
            if len(op.qubits) == 2:
                for q in op.qubits:
                    out += self._gates(q, runs.pop(q, _Run()), terminal=False)
                out.append(op)
                continue
            (q,) = op.qubits
            used = self._dials_of(op)
            joint = sorted({*runs[q].dials, *used})
            # Gauges are part of the gates, and merge with what is beside them.
            own = [d for d in joint if self._given[d].name != GAUGE]
            if len(own) > 1 and not all(self._given[d].name in self._learner for d in own):
                out += self._gates(q, runs.pop(q), terminal=False)
                joint = sorted(used)
            runs[q].ops.append(op)
            runs[q].dials = joint
        for q in sorted(runs):
            out += self._gates(q, runs[q], terminal=q in measured)
        return out

    def _dials_of(self, op: cirq.Operation) -> set[int]:
        names = cirq.parameter_names(op)
        if unknown := sorted(names - self._owner.keys()):
            raise UsageError(f"symbol {unknown[0]!r} of the circuit is set by no dial")
        return {self._owner[name] for name in names}

    def _gates(self, qubit: cirq.Qid, run: _Run, terminal: bool) -> list[cirq.Operation]:
        symbols = frozenset(cirq.parameter_names(run.ops))
        known: dict[tuple[tuple[str, float], ...], tuple[float, float, float]] = {}
        exponents = []
        for rows in product(*(self._given[d].positions for d in run.dials)):
            resolved = tuple(
                (symbol, value)
                for d, row in zip(run.dials, rows, strict=True)
                for symbol, value in zip(self._given[d].symbols, row, strict=True)
                if symbol in symbols
            )
            if resolved not in known:
                known[resolved] = _exponents(_matrix(run.ops, dict(resolved)), terminal)
            exponents.append(known[resolved])
        if not run.dials:
            x, z, a = exponents[0]
            if x:
                gate = cirq.PhasedXZGate(x_exponent=x, z_exponent=z, axis_phase_exponent=a)
                return [gate(qubit)]
            return [cirq.Z(qubit) ** z] if z else []
        name = f"{'_'.join(self._given[d].name for d in run.dials)}_{len(self.dials)}"
        x, z, a = (sympy.Symbol(f"{name}_{part}") for part in "xza")
        kept = (x, a) if terminal else (x, z, a)
        values = tuple((row[0], row[2]) if terminal else row for row in exponents)
        self.dials.append(Dial(name, tuple(symbol.name for symbol in kept), values))
        self.sources.append(tuple(run.dials))
        gate = cirq.PhasedXZGate(
            x_exponent=x, z_exponent=0 if terminal else z, axis_phase_exponent=a
        )
        return [gate(qubit)]


def _matrix(ops: Iterable[cirq.Operation], values: Mapping[str, float]) -> Matrix:
    matrices = [cirq.unitary(cirq.resolve_parameters(op, dict(values))) for op in ops]
    return functools.reduce(lambda left, right: right @ left, matrices, np.eye(2, dtype=complex))


def _exponents(matrix: Matrix, terminal: bool) -> tuple[float, float, float]:
    """Returns (x, z, a) of the PhasedXZ gate of a matrix; z is 0 where a measurement follows."""
    x, z, a = turn_exponents(matrix)
    return x, 0.0 if terminal else z, a


def _stretches(ops: Iterable[cirq.Operation]) -> Iterable[Sequence[cirq.Operation]]:
    """Splits operations into stretches of fixed ones, and those with symbols, each by itself."""
    fixed: list[cirq.Operation] = []
    touched: set[cirq.Qid] = set()
    for op in ops:
        if not cirq.is_parameterized(op):
            fixed.append(op)
            touched |= set(op.qubits)
            continue
        if len(op.qubits) == 2:
            raise UsageError(
                f"{op} couples two qubits by a dial and has no fixed native form; use a "
                "protocol of one-qubit bases or Bell measurements, or a simulator"
            )
        if touched & set(op.qubits):
            yield fixed
            fixed, touched = [], set()
        yield [op]
    yield fixed
