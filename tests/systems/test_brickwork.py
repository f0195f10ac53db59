"""Brickwork circuits and the exponents of their one-qubit gates."""

from __future__ import annotations

import cirq
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from quantum_advantage.systems.brickwork import (
    brickwork_circuit,
    brickwork_vectors,
    exponents_of,
    gate_symbols,
    haar_exponents,
)
from quantum_advantage.systems.lattice import line_layers, repeated

SPECIAL = [cirq.I, cirq.X, cirq.Y, cirq.Z, cirq.H, cirq.S, cirq.X**0.5, cirq.Y**-0.5, cirq.T**3]


@pytest.mark.parametrize("kind", ["random", "special"])
def test_exponents_are_those_of_the_unitary_up_to_a_phase(kind):
    matrices = (
        stats.unitary_group.rvs(2, size=200, random_state=1)
        if kind == "random"
        else np.stack([cirq.unitary(gate) for gate in SPECIAL])
    )
    exponents = exponents_of(matrices)
    assert exponents.min() >= -1
    assert exponents.max() <= 1
    for (x, z, a), matrix in zip(exponents.tolist(), matrices, strict=True):
        gate = cirq.PhasedXZGate(x_exponent=x, z_exponent=z, axis_phase_exponent=a)
        overlap = np.trace(cirq.unitary(gate).conj().T @ matrix) / 2
        assert abs(overlap) == pytest.approx(1, abs=1e-12)


def test_exponents_keep_the_shape_of_their_gates():
    assert exponents_of(np.tile(np.eye(2), (3, 4, 1, 1))).shape == (3, 4, 3)


def test_gates_stand_before_between_and_behind_the_layers():
    line = cirq.LineQubit.range(3)
    circuit = brickwork_circuit(line, repeated(line_layers(3), 2), cirq.CZ, "u")
    assert [len(moment) for moment in circuit] == [3, 1, 3, 1, 3]
    assert circuit[1] == cirq.Moment(cirq.CZ(line[0], line[1]))
    assert circuit[3] == cirq.Moment(cirq.CZ(line[2], line[1]))
    for k, moment in enumerate(circuit[::2]):
        for i, qubit in enumerate(line):
            gate = moment.operation_at(qubit).gate
            names = (gate.x_exponent, gate.z_exponent, gate.axis_phase_exponent)
            number = 3 * k + i
            assert tuple(map(str, names)) == gate_symbols(9, "u")[3 * number : 3 * number + 3]


def test_symbols_carry_the_label():
    assert gate_symbols(2, "b") == ("x0_b", "z0_b", "a0_b", "x1_b", "z1_b", "a1_b")


@given(st.integers(0, 2**32), st.integers(1, 4), st.integers(0, 3))
@settings(derandomize=True, deadline=None, max_examples=25)
def test_vectors_are_those_of_cirq_on_any_bonds(seed, qubits, depth):
    rng = np.random.default_rng(seed)
    line = cirq.LineQubit.range(qubits)
    # A bond between qubits of any distance, in either order, or none.
    layers = [
        [tuple(rng.permutation(qubits)[:2].tolist())] if qubits > 1 and rng.random() < 0.8 else []
        for _ in range(depth)
    ]
    exponents = haar_exponents((3, qubits * (depth + 1)), rng)
    gate = cirq.CNOT if rng.random() < 0.5 else cirq.ISWAP**0.7
    found = brickwork_vectors(exponents, layers, gate)
    circuit = brickwork_circuit(line, layers, gate, "")
    for one, vector in zip(exponents, found, strict=True):
        values = dict(zip(gate_symbols(len(one), ""), one.ravel().tolist(), strict=True))
        simulator = cirq.Simulator(dtype=np.complex128)
        exact = simulator.simulate(circuit, values, qubit_order=line).final_state_vector
        np.testing.assert_allclose(vector, exact, atol=1e-12)
