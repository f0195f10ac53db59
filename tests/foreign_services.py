"""Samplers that behave as those of other packages do, with a local simulator behind them.

What they take, return and refuse is read from the sources of cirq-ionq 1.7.0, cirq-aqt 1.7.0,
cirq-superstaq 0.5.70 and iqm-client 36.0.0. Each counts its jobs and circuits.
"""

from __future__ import annotations

import warnings
from collections import Counter

import cirq
import numpy as np


class Service(cirq.Sampler):
    """Counts what it is sent, and simulates it."""

    def __init__(self, seed=1):
        self.jobs, self.circuits, self.shots = 0, 0, 0
        self._simulator = cirq.Simulator(seed=seed)

    def _job(self, circuits, repetitions):
        """Sends one job; returns for each circuit its outcomes by key."""
        for circuit in circuits:
            self._refuse(circuit)
        return self._simulated(circuits, repetitions)

    def _simulated(self, circuits, repetitions):
        self.jobs += 1
        self.circuits += len(circuits)
        self.shots += len(circuits) * repetitions
        found = [self._simulator.run(circuit, repetitions=repetitions) for circuit in circuits]
        return [dict(result.measurements) for result in found]

    def _refuse(self, circuit):
        raise NotImplementedError


def resolved(program, params):
    resolvers = list(cirq.to_resolvers(params))
    return [cirq.resolve_parameters(program, resolver) for resolver in resolvers], resolvers


class IonQ(Service):
    """As ``cirq_ionq.Service.sampler()``: a job a point; outcomes come back as a histogram."""

    GATES = cirq.Gateset(
        *(cirq.XPowGate, cirq.YPowGate, cirq.ZPowGate, cirq.XXPowGate, cirq.YYPowGate),
        *(cirq.ZZPowGate, cirq.CNOT, cirq.H, cirq.SWAP, cirq.MeasurementGate),
    )

    def _refuse(self, circuit):
        if any(not isinstance(q, cirq.LineQubit) for q in circuit.all_qubits()):
            raise ValueError("All qubits must be cirq.LineQubits")
        if not circuit.are_all_measurements_terminal():
            raise ValueError("All measurements in circuit must be at end of circuit.")
        for op in circuit.all_operations():
            if op not in self.GATES:
                raise ValueError(f"Gate {op.gate} cannot be serialized by IonQ API.")

    def _sorted(self, outcomes):
        """The histogram of all keys, by the integer that the bits of all qubits make."""
        rows = np.concatenate(list(outcomes.values()), axis=1)
        order = np.lexsort(rows.T[::-1])
        return {key: table[order] for key, table in outcomes.items()}

    def run_sweep(self, program, params, repetitions=1):
        circuits, resolvers = resolved(program, params)
        return [
            cirq.ResultDict(
                params=resolver, measurements=self._sorted(self._job([circuit], repetitions)[0])
            )
            for circuit, resolver in zip(circuits, resolvers, strict=True)
        ]

    def service_batch(self, circuits, repetitions):
        """As ``cirq_ionq.Service.run_batch``: one job, one number of repetitions."""
        found = self._job(circuits, repetitions)
        return [cirq.ResultDict(measurements=self._sorted(one)) for one in found]


class AQT(Service):
    """As ``cirq_aqt.AQTSampler``: qubits with gates are measured, under the key ``m``, unasked."""

    def _refuse(self, circuit):
        known = cirq.XXPowGate, cirq.ZPowGate, cirq.PhasedXPowGate
        for op in circuit.all_operations():
            if cirq.is_measurement(op):
                raise AttributeError("'MeasurementGate' object has no attribute 'exponent'")
            if not isinstance(op.gate, known):
                raise ValueError(f"Got unknown gate on operation: {op}.")

    def run_sweep(self, program, params, repetitions=1):
        circuits, resolvers = resolved(program, params)
        line = cirq.LineQubit.range(len(program.all_qubits()))
        measured = cirq.Circuit(cirq.measure(*line, key="m"))
        results = []
        for circuit, resolver in zip(circuits, resolvers, strict=True):
            self._refuse(circuit)
            (outcomes,) = self._simulated([circuit + measured], repetitions)
            table = outcomes["m"].astype(bool)
            results.append(cirq.ResultDict(params=resolver, measurements={"m": table}))
        return results


class Superstaq(Service):
    """As ``cirq_superstaq.Service.sampler()``: one job; the keys joined to one; counts by outcome.

    Args:
        seed: Of the simulator.
        mitigated: Whether counts are mitigated, and so no whole numbers.
    """

    def __init__(self, seed=1, mitigated=False):
        super().__init__(seed)
        self._mitigated = mitigated

    def _refuse(self, circuit):
        pass

    def run_sweep(self, program, params, repetitions=1):
        circuits, resolvers = resolved(program, params)
        return [
            self._result(one, resolver)
            for one, resolver in zip(self._job(circuits, repetitions), resolvers, strict=True)
        ]

    def service_run(self, circuits, repetitions):
        """As ``cirq_superstaq.Service.run`` of a list of circuits."""
        return [
            self._result(one, cirq.ParamResolver({})) for one in self._job(circuits, repetitions)
        ]

    def _result(self, outcomes, resolver):
        keys = sorted(outcomes)
        rows = np.concatenate([outcomes[key] for key in keys], axis=1)
        counts = dict(Counter("".join(map(str, row)) for row in rows.tolist()))
        if self._mitigated:
            counts = {text: number + 0.3 for text, number in counts.items()}
            warnings.warn(
                "The raw counts contain fractional values due to measurement error mitigation; "
                "please use service.get_counts to see raw results.",
                stacklevel=2,
            )
        samples = [list(map(int, text)) for text, n in counts.items() for _ in range(round(n))]
        return cirq.ResultDict(params=resolver, measurements={"".join(keys): np.array(samples)})


class IQM(Service):
    """As ``iqm.cirq_iqm.IQMSampler``: named qubits, couplers, native gates; all points in one job.

    Args:
        rows: Rows of two qubits, coupled in a square lattice.
        seed: Of the simulator.
    """

    def __init__(self, rows=3, seed=1):
        super().__init__(seed)
        self.qubits = [cirq.NamedQubit(f"QB{i + 1}") for i in range(2 * rows)]
        self._couplers = {
            frozenset(pair)
            for step, first in ((1, self.qubits[::2]), (2, self.qubits[:-2]))
            for q in first
            for pair in [(q, self.qubits[self.qubits.index(q) + step])]
        }

    def _refuse(self, circuit):
        for op in circuit.all_operations():
            one = isinstance(op.gate, cirq.PhasedXPowGate | cirq.XPowGate | cirq.YPowGate)
            two = isinstance(op.gate, cirq.CZPowGate) and op.gate.exponent == 1
            if not (one or two or cirq.is_measurement(op)):
                raise RuntimeError(f"{type(op.gate)} not natively supported.")
            if cirq.is_measurement(op) and any(op.gate.full_invert_mask()):
                raise RuntimeError("Invert mask not supported")
            if not set(op.qubits) <= set(self.qubits):
                raise ValueError(f"Qubit not on device: {op}")
            if two and frozenset(op.qubits) not in self._couplers:
                raise ValueError(f"Unsupported qubit connectivity required for {op!r}")

    def _job(self, circuits, repetitions):
        measured = {
            frozenset(
                q for op in circuit.all_operations() if cirq.is_measurement(op) for q in op.qubits
            )
            for circuit in circuits
        }
        if len(measured) > 1:
            raise ValueError("Circuits run in a batch must all measure the same qubits.")
        return super()._job(circuits, repetitions)

    def run_sweep(self, program, params, repetitions=1):
        circuits, resolvers = resolved(program, params)
        return [
            cirq.ResultDict(params=resolver, measurements=one)
            for one, resolver in zip(self._job(circuits, repetitions), resolvers, strict=True)
        ]

    def run_iqm_batch(self, programs, repetitions=1):
        found = self._job(programs, repetitions)
        return [cirq.ResultDict(measurements=one) for one in found]


class _Compiled(cirq.TwoQubitCompilationTargetGateset):
    """Target gate sets made of two functions: from a matrix and qubits to operations."""

    def __init__(self, name, one, two, *gates):
        super().__init__(*gates, name=name, unroll_circuit_op=False)
        self._one, self._two = one, two

    @property
    def postprocess_transformers(self):
        # By default one-qubit gates would be merged into PhasedXZ.
        return [cirq.drop_negligible_operations, cirq.drop_empty_moments]

    def _decompose_single_qubit_operation(self, op, moment_idx):
        return self._one(cirq.unitary(op), *op.qubits)

    def _decompose_two_qubit_operation(self, op, moment_idx):
        return self._two(cirq.unitary(op), *op.qubits)


def _rotations(matrix, qubit):
    return [gate(qubit) for gate in cirq.single_qubit_matrix_to_gates(matrix, 1e-8)]


def _phased(matrix, qubit):
    return [gate(qubit) for gate in cirq.single_qubit_matrix_to_phased_x_z(matrix, 1e-8)]


def _compiled(ops, one, two):
    """Replaces every operation on one qubit, and every one on two."""
    for op in ops:
        yield from two(*op.qubits) if len(op.qubits) == 2 else one(cirq.unitary(op), *op.qubits)


def _cnots(matrix, a, b):
    ops = cirq.two_qubit_matrix_to_cz_operations(a, b, matrix, allow_partial_czs=False)
    return list(_compiled(ops, _rotations, lambda c, t: [cirq.H(t), cirq.CNOT(c, t), cirq.H(t)]))


def _ions(matrix, a, b):
    ops = list(cirq.two_qubit_matrix_to_ion_operations(a, b, matrix))
    return [
        part
        for op in ops
        for part in ([op] if len(op.qubits) == 2 else _phased(cirq.unitary(op), *op.qubits))
    ]


def ionq_gates():
    """The gates of the IonQ API, as ``cirq_ionq.IonQTargetGateset`` compiles to them."""
    gates = cirq.H, cirq.CNOT, cirq.XPowGate, cirq.YPowGate, cirq.ZPowGate, cirq.MeasurementGate
    return _Compiled("ionq", _rotations, _cnots, *gates)


def aqt_gates():
    """The gates of AQT's devices, as ``cirq_aqt.AQTTargetGateset`` compiles to them."""
    gates = cirq.XXPowGate, cirq.ZPowGate, cirq.PhasedXPowGate, cirq.MeasurementGate
    return _Compiled("aqt", _phased, _ions, *gates)


def iqm_circuit(circuit):
    """Compiles to PhasedX and CZ; a last Z turn before the measurement changes nothing."""
    native = cirq.optimize_for_target_gateset(circuit, gateset=cirq.CZTargetGateset())
    native = cirq.eject_z(native)
    ops = []
    for op in native.all_operations():
        if isinstance(op.gate, cirq.PhasedXZGate):
            x, z, a = op.gate.x_exponent, op.gate.z_exponent, op.gate.axis_phase_exponent
            ops += [cirq.PhasedXPowGate(exponent=x, phase_exponent=a)(*op.qubits)]
            # Z^z by three turns about axes in the plane.
            ops += [g(*op.qubits) for g in (cirq.X**-0.5, cirq.Y**z, cirq.X**0.5)] if z else []
        else:
            ops.append(op)
    return cirq.Circuit(ops)
