"""Errors that reach an outcome, against the response of circuits to single errors."""

import cirq
import numpy as np
import pytest

from quantum_advantage.systems.light_cones import errors_in_cones, mean_bit


def test_a_cone_holds_exactly_the_gates_that_can_change_the_outcome():
    rng = np.random.default_rng(1)
    line = cirq.LineQubit.range(6)
    ops = []
    for layer in range(4):
        for a, b in zip(line[layer % 2 :: 2], line[layer % 2 + 1 :: 2], strict=False):
            ops += [cirq.ry(rng.uniform(0, 6))(a), cirq.ry(rng.uniform(0, 6))(b), cirq.CZ(a, b)]
        ops += [cirq.SWAP(line[1], line[4])] if layer == 1 else []
    ops += [cirq.ry(rng.uniform(0, 6))(q) for q in line]
    cones = errors_in_cones(cirq.Circuit(ops), lambda op: 1.0)
    clean = cirq.Circuit(ops).final_state_vector(qubit_order=line)

    def means(state):
        return np.array([np.vdot(state, z @ state).real for z in signs])

    signs = [cirq.unitary(cirq.DensePauliString("I" * i + "Z" + "I" * (5 - i))) for i in range(6)]
    reached = np.zeros(6)
    for k, op in enumerate(ops):
        # An error of the gate: any of its Paulis behind it.
        moved = np.zeros(6, dtype=bool)
        for pauli in (cirq.X, cirq.Y, cirq.Z):
            for q in op.qubits:
                state = cirq.Circuit([*ops[: k + 1], pauli(q), *ops[k + 1 :]]).final_state_vector(
                    qubit_order=line
                )
                moved |= np.abs(means(state) - means(clean)) > 1e-4
        reached += moved
    assert [cones[q] for q in line] == reached.tolist()
    assert min(cones.values()) < max(cones.values())


def test_the_mean_bit_of_a_scrambling_circuit_is_what_the_formula_says():
    """A circuit and its inverse between random Paulis: all bits are 0 but for errors."""
    rng = np.random.default_rng(2)
    line, p = cirq.LineQubit.range(4), 0.02
    layers = []
    for layer in range(8):
        layers += [
            cirq.MatrixGate(
                cirq.testing.random_unitary(4, random_state=int(rng.integers(1 << 30)))
            ).on(a, b)
            for a, b in zip(line[layer % 2 :: 2], line[layer % 2 + 1 :: 2], strict=False)
        ]
    circuit = cirq.Circuit(layers)
    both = circuit + cirq.inverse(circuit)
    noisy = both.with_noise(cirq.ConstantQubitNoiseModel(cirq.depolarize(p)))
    rho = cirq.DensityMatrixSimulator().simulate(noisy).final_density_matrix
    chances = np.diag(rho).real.reshape((2,) * 4)
    bits = [float(chances.sum(axis=tuple(k for k in range(4) if k != i))[1]) for i in range(4)]
    # Every qubit errs in every moment; the formula counts those of the gates.
    moments = len(both)
    gates = sum(1 for _ in both.all_operations())
    found = mean_bit(both, lambda op: 4 * moments * p / gates, readout=0.0)
    assert found == pytest.approx(np.mean(bits), rel=0.25)


def test_readout_errors_alone():
    assert mean_bit(cirq.Circuit(cirq.I(cirq.q(0))), lambda op: 0.0, 0.1) == pytest.approx(0.1)
