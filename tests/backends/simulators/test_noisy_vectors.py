"""Trajectories of qsim without a Cirq circuit, against those with one, bit for bit."""

from __future__ import annotations

import cirq
import numpy as np
import pytest
import qsimcirq
import sympy

from quantum_advantage.backends.simulators.noisy_vectors import NoisyVectors, can_be_prepared
from quantum_advantage.backends.simulators.pieces import Piece
from quantum_advantage.backends.simulators.state_vectors import qsim_options
from quantum_advantage.circuits.request import Dial

SYC = cirq.FSimGate(np.pi / 2, np.pi / 6)
NAMES = ("x", "z", "a")
TURN = cirq.PhasedXZGate(
    x_exponent=sympy.Symbol("x"), z_exponent=sympy.Symbol("z"), axis_phase_exponent=0.3
)
DIAL = Dial("", ("x", "z"), ((0.2, 0.7), (1.0, 0.0), (0.55, -0.4)))
CHANNELS = (
    cirq.amplitude_damp(0.2),
    cirq.KrausChannel(cirq.kraus(cirq.generalized_amplitude_damp(0.8, 0.3))),
    cirq.depolarize(0.1),
    cirq.bit_flip(0.2),
)


def steps_of(qubits, depth, rng):
    """Returns gates of many kinds with channels behind them."""
    steps = []
    for layer in range(depth):
        for qubit in range(qubits):
            gate = (
                TURN,
                cirq.H,
                cirq.ZPowGate(exponent=0.3),
                cirq.PhasedXPowGate(phase_exponent=0.2, exponent=0.4),
            )[rng.integers(4)]
            steps += [(gate, (qubit,)), (CHANNELS[rng.integers(4)], (qubit,))]
        for qubit in range(layer % 2, qubits - 1, 2):
            pair = (qubit, qubit + 1)
            gate = (SYC, cirq.CZ, cirq.PhasedFSimGate(0.02, phi=0.01))[rng.integers(3)]
            steps += [(gate, pair), (cirq.depolarize(0.05, 2), pair)]
    return tuple(steps)


@pytest.mark.parametrize("qubits", [1, 2, 5])
def test_outcomes_are_those_of_the_simulator_with_a_circuit_bit_for_bit(qubits):
    piece = Piece(qubits, steps_of(qubits, 4, np.random.default_rng(qubits)), (DIAL,))
    assert can_be_prepared(piece.steps)
    prepared = NoisyVectors(piece.qubits, piece.steps)
    for joint in range(len(DIAL.positions)):
        line = cirq.LineQubit.range(qubits)
        circuit = piece.resolved(joint) + cirq.Moment(cirq.measure(*line, key="m"))
        simulator = qsimcirq.QSimSimulator(qsim_options(), seed=7 + joint)
        wanted = simulator.run(circuit, repetitions=40).measurements["m"]
        found = prepared.sample(piece.values(joint), 40, 7 + joint)
        np.testing.assert_array_equal(found, wanted)


def test_symbols_in_other_gates_are_left_to_the_simulator():
    assert not can_be_prepared(((cirq.X ** sympy.Symbol("x"), (0,)),))
    assert not can_be_prepared(((cirq.ControlledGate(cirq.Y), (0, 1)),))
