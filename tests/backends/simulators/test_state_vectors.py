"""State vectors straight from qsim, against Cirq's simulator."""

from __future__ import annotations

import cirq
import numpy as np
import pytest
import qsimcirq
import sympy

from quantum_advantage.backends.simulators.splitting import split
from quantum_advantage.backends.simulators.state_vectors import StateVectors, qsim_options
from quantum_advantage.systems.evolutions import draw_evolutions
from quantum_advantage.tasks.shared.evolution_requests import request_bell_uses

S, T = sympy.symbols("s t")
VALUES = {"s": 0.3, "t": -1.2}


def exact(qubits, steps, values):
    line = cirq.LineQubit.range(qubits)
    circuit = cirq.Circuit(cirq.I.on_each(*line))
    circuit += cirq.Circuit(gate(*(line[i] for i in targets)) for gate, targets in steps)
    simulator = cirq.Simulator(dtype=np.complex128)
    resolved = cirq.resolve_parameters(circuit, values)
    return simulator.simulate(resolved, qubit_order=line).final_state_vector


def steps_of(circuit):
    line = sorted(circuit.all_qubits())
    return [(op.gate, tuple(line.index(q) for q in op.qubits)) for op in circuit.all_operations()]


@pytest.mark.parametrize("seed", range(5))
def test_random_circuits(seed):
    line = cirq.LineQubit.range(5)
    circuit = cirq.Circuit(cirq.H.on_each(*line), cirq.T.on_each(*line))
    circuit += cirq.testing.random_circuit(line, 15, 0.7, random_state=seed)
    steps = steps_of(circuit)
    assert np.allclose(StateVectors(5, steps).at({}), exact(5, steps, {}), atol=1e-6)


@pytest.mark.parametrize(
    "step",
    [
        (cirq.PhasedXZGate(x_exponent=S, z_exponent=T, axis_phase_exponent=S), (1,)),
        (cirq.PhasedXZGate(x_exponent=2 * S - T, z_exponent=0.5, axis_phase_exponent=T), (0,)),
        (cirq.PhasedXZGate(x_exponent=0.1, z_exponent=0.2, axis_phase_exponent=0.3), (2,)),
        (cirq.X**S, (2,)),
        (cirq.CZ ** (S + T), (2, 0)),
        (cirq.FSimGate(S, T), (1, 2)),
        (cirq.CCX**S, (2, 0, 1)),
        (cirq.MatrixGate(cirq.testing.random_unitary(8, random_state=1)), (1, 2, 0)),
        (cirq.ZPowGate(exponent=S, global_shift=0.4), (0,)),
    ],
    ids=str,
)
def test_gates_of_every_kind(step):
    before = [(cirq.ry(0.4 + i), (i,)) for i in range(3)] + [(cirq.ISWAP**0.5, (0, 1))]
    steps = [*before, step, (cirq.CNOT, (1, 2)), (cirq.H, (0,))]
    program = StateVectors(3, steps)
    for values in (VALUES, {"s": 1.0, "t": 0.0}):
        assert np.allclose(program.at(values), exact(3, steps, values), atol=1e-6)


def test_gates_on_more_than_six_qubits_are_decomposed():
    gate = cirq.ControlledGate(cirq.X**0.3, num_controls=6)
    steps = [(cirq.ry(2.0 + i), (i,)) for i in range(7)] + [(gate, (6, 1, 2, 3, 4, 5, 0))]
    found, wanted = StateVectors(7, steps).at({}), exact(7, steps, {})
    assert abs(np.vdot(found, wanted)) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("qubits", [1, 2, 3])
def test_idle_qubits_and_empty_circuits(qubits):
    assert np.array_equal(StateVectors(qubits, []).at({}), np.eye(2**qubits)[0])
    flipped = StateVectors(qubits, [(cirq.X, (0,))]).at({})
    assert np.allclose(flipped, np.eye(2**qubits)[2 ** (qubits - 1)])


def test_a_piece_is_the_same_through_cirq():
    """The way through a resolved circuit and qsim's own front end."""
    request = request_bell_uses(draw_evolutions([True, False], 4, 2), 1)
    (placed,) = split(request.circuit, request.dials)
    line = cirq.LineQubit.range(8)
    simulator = qsimcirq.QSimSimulator(qsim_options())
    for joint in range(2):
        circuit = placed.piece.resolved(joint)
        wanted = simulator.simulate(circuit, qubit_order=line).final_state_vector
        found = placed.piece.state_vectors.at(placed.piece.values(joint))
        assert np.allclose(found, wanted, atol=1e-6)
