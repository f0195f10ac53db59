import cirq
import numpy as np
import pytest
import sympy

from quantum_advantage.backends.opening import open_backend
from quantum_advantage.backends.simulators.noise import LocalNoise, bell_damping
from quantum_advantage.circuits.run import run
from quantum_advantage.core.pauli import LETTERS
from quantum_advantage.measurements.bell import bell_basis_change, bell_signs
from quantum_advantage.systems.hidden_pauli import HiddenPauli
from quantum_advantage.tasks.observables.protocols import Bell

A, B, C = cirq.LineQubit.range(3)
X = sympy.Symbol("x")
CIRCUIT = cirq.Circuit(
    cirq.H(A),
    cirq.CNOT(A, B),
    cirq.T(C) ** X,
    (cirq.CZ**X)(B, C),
    cirq.CCX(A, B, C),
    cirq.measure(A, B, key="m"),
    cirq.measure(C, key="n"),
)


def operations(circuit):
    """The operations qubit by qubit, whatever moments they are in."""
    return {q: [op for op in circuit.all_operations() if q in op.qubits] for q in (A, B, C)}


def test_depolarising_follows_every_two_qubit_gate_and_nothing_else():
    expected = cirq.Circuit(
        cirq.H(A),
        cirq.CNOT(A, B),
        cirq.depolarize(0.1, 2)(A, B),
        cirq.T(C) ** X,
        (cirq.CZ**X)(B, C),
        cirq.depolarize(0.1, 2)(B, C),
        cirq.CCX(A, B, C),
        cirq.measure(A, B, key="m"),
        cirq.measure(C, key="n"),
    )
    assert operations(CIRCUIT.with_noise(LocalNoise(0.1, 0.0))) == operations(expected)


def test_a_flip_comes_before_every_measurement_and_nowhere_else():
    expected = CIRCUIT[:-1] + cirq.Circuit(
        cirq.bit_flip(0.2).on_each(A, B, C), cirq.measure(A, B, key="m"), cirq.measure(C, key="n")
    )
    assert operations(CIRCUIT.with_noise(LocalNoise(0.0, 0.2))) == operations(expected)


def test_both_kinds_of_noise_come_together():
    noisy = operations(CIRCUIT.with_noise(LocalNoise(0.1, 0.2)))
    depolarised = operations(CIRCUIT.with_noise(LocalNoise(0.1, 0.0)))
    for qubit, *plain in ((A, *depolarised[A]), (B, *depolarised[B]), (C, *depolarised[C])):
        assert noisy[qubit] == [*plain[:-1], cirq.bit_flip(0.2)(qubit), plain[-1]]


def test_no_noise_changes_nothing():
    assert operations(CIRCUIT.with_noise(LocalNoise(0.0, 0.0))) == operations(CIRCUIT)


@pytest.mark.parametrize("base", ["qsim", "stim"])
@pytest.mark.parametrize("text", ["X", "Y", "Z", "XI", "IY", "XYZ"])
@pytest.mark.parametrize("noise", [(0.1, 0.0), (0.0, 0.05), (0.08, 0.03)])
def test_noise_damps_the_mean_sign_of_each_letter_as_calculated(base, text, noise):
    shots, alpha, (depolarize, readout) = 40_000, 0.9, noise
    letters = np.array([[LETTERS.index(letter) for letter in text]], dtype=np.uint8)
    state = HiddenPauli(
        letters, np.array([-1], dtype=np.int8), np.array([alpha]), np.random.default_rng(1)
    )
    sampler = open_backend(f"{base}:depolarize={depolarize},readout={readout}").make(2)
    (record,) = run([Bell().request(state, shots, np.random.default_rng(0))], sampler)
    evidence = Bell().evidence(record, letters[:, None], np.array([shots]))
    mean = 2 * float(evidence.pluses[0, 0, 0]) / shots - 1
    expected = alpha**2 * bell_damping(depolarize, readout)[letters].prod()
    assert abs(mean - expected) < 5 * np.sqrt((1 - expected**2) / shots)


def noisy_means(depolarize, readout):
    """Exact means of I⊗I, X⊗X, Y⊗Y and Z⊗Z, read from noisy Bell outcomes of fixed states."""
    pair = [A, B]
    controlled, last = bell_basis_change(pair[:1], pair[1:])
    circuit = cirq.Circuit(
        [cirq.ry(0.9)(q) for q in pair],
        [cirq.rz(0.7)(q) for q in pair],
        controlled,
        cirq.depolarize(depolarize, 2)(*pair),
        last,
        cirq.bit_flip(readout).on_each(*pair),
    )
    state = cirq.final_density_matrix(circuit, qubit_order=pair, dtype=np.complex128)
    return bell_signs() @ np.diag(state).real


@pytest.mark.parametrize(
    ("depolarize", "readout"), [(0.0, 0.0), (0.03, 0.0), (0.0, 0.02), (0.1, 0.05), (0.9, 0.4)]
)
def test_damping_is_that_of_the_simulated_noise(depolarize, readout):
    clean = noisy_means(0.0, 0.0)
    assert np.abs(clean).min() > 0.05
    damped = bell_damping(depolarize, readout) * clean
    np.testing.assert_allclose(noisy_means(depolarize, readout), damped, atol=1e-7)
