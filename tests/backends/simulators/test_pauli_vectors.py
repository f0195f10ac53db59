"""Pauli vectors against density matrices and known transfer matrices."""

import cirq
import numpy as np
import pytest
import sympy

from quantum_advantage.backends.simulators import pauli_vectors
from quantum_advantage.backends.simulators.pauli_vectors import pauli_laws, transfer_matrix
from quantum_advantage.circuits.request import Dial

LINE = cirq.LineQubit.range(4)
X, Y, Z = (sympy.Symbol(name) for name in "xyz")
SYSTEM = Dial("system", ("x", "y"), ((0.1, 0.7), (-0.4, 0.2), (0.9, -0.3)))
TURN = {"z_exponent": 2 * Y, "axis_phase_exponent": 0.3}
MASK = Dial("mask", ("z",), ((0.0,), (1.0,)))


def steps_of(circuit):
    return tuple(
        (op.gate, tuple(q.x for q in op.qubits)) for moment in circuit for op in moment.operations
    )


def noisy_circuit():
    """Gates of one to three qubits in both directions, noise between them, a flip at the end."""
    a, b, c, d = LINE
    return cirq.Circuit(
        cirq.Moment(cirq.H(a), cirq.X(b) ** X, cirq.Y(c) ** 0.3, cirq.T(d)),
        cirq.Moment(cirq.ISWAP(b, a) ** 0.5, cirq.CZ(d, c) ** Y),
        cirq.Moment(cirq.depolarize(0.1, 2)(a, b), cirq.amplitude_damp(0.2)(c), cirq.H(d)),
        cirq.Moment(cirq.CNOT(b, a), cirq.X(d) ** Y),
        cirq.Moment(cirq.CCX(d, a, c), cirq.phase_damp(0.3)(b)),
        cirq.Moment(cirq.FSimGate(X, 0.4 * Y)(b, d), cirq.PhasedXZGate(x_exponent=X, **TURN)(a)),
        cirq.Moment(cirq.RandomGateChannel(sub_gate=cirq.X**X, probability=0.2)(c)),
        cirq.Moment(cirq.CNOT(c, b), cirq.Y(d) ** 0.4),
        cirq.Moment(cirq.X(q) ** Z for q in LINE),
        cirq.Moment(cirq.amplitude_damp(0.05 * (1 + q.x))(q) for q in LINE),
    )


def density_matrix_law(circuit, values):
    resolved = cirq.resolve_parameters(circuit, values)
    simulator = cirq.DensityMatrixSimulator(dtype=np.complex128)
    matrix = simulator.simulate(resolved, qubit_order=LINE).final_density_matrix
    return np.diag(matrix).real


@pytest.mark.parametrize("numbers", [1 << 22, 600, 1])
def test_laws_are_those_of_density_matrices_at_every_setting(monkeypatch, numbers):
    monkeypatch.setattr(pauli_vectors, "MOST_NUMBERS", numbers)
    circuit = noisy_circuit()
    joints = [5, 0, 3, 3, 1, 2, 4]
    laws = pauli_laws(4, steps_of(circuit), (SYSTEM, MASK), joints)
    for law, joint in zip(laws, joints, strict=True):
        system, mask = divmod(joint, 2)
        values = dict(zip(("x", "y"), SYSTEM.positions[system], strict=True)) | {"z": mask}
        np.testing.assert_allclose(law, density_matrix_law(circuit, values), atol=1e-10)


def test_settings_that_differ_behind_the_last_coupling_share_an_evolution(monkeypatch):
    sizes, evolved = [], pauli_vectors._evolved
    monkeypatch.setattr(
        pauli_vectors,
        "_evolved",
        lambda q, steps, settings: sizes.append(settings.size) or evolved(q, steps, settings),
    )
    laws = pauli_laws(4, steps_of(noisy_circuit()), (SYSTEM, MASK), range(6))
    assert sizes == [3]
    assert np.abs(laws[0] - laws[1]).max() > 0.01


def test_qubits_without_a_gate_and_circuits_without_a_symbol():
    laws = pauli_laws(2, steps_of(cirq.Circuit(cirq.X(LINE[1]))), (), [0, 0])
    np.testing.assert_allclose(laws, [[0, 1, 0, 0]] * 2, atol=1e-12)


@pytest.mark.parametrize(
    ("channel", "diagonal"),
    [
        (cirq.depolarize(0.3), [1, 0.6, 0.6, 0.6]),
        (cirq.bit_flip(0.2), [1, 1, 0.6, 0.6]),
        (cirq.phase_damp(0.36), [1, 0.8, 0.8, 1]),
    ],
)
def test_transfer_matrices_of_unital_noise_are_diagonal(channel, diagonal):
    np.testing.assert_allclose(transfer_matrix(channel), np.diag(diagonal), atol=1e-12)


def test_transfer_matrices_of_decay_and_of_a_controlled_gate():
    decay = transfer_matrix(cirq.amplitude_damp(0.3))
    np.testing.assert_allclose(decay[3], [0.3, 0, 0, 0.7], atol=1e-12)
    # X⊗I becomes X⊗X, I⊗Z becomes Z⊗Z.
    controlled = transfer_matrix(cirq.CNOT)
    assert controlled[5, 4] == pytest.approx(1)
    assert controlled[15, 3] == pytest.approx(1)
    np.testing.assert_allclose(controlled @ controlled, np.eye(16), atol=1e-12)
