from dataclasses import replace

import cirq
import numpy as np
import pytest

from quantum_advantage import measure_shadow, open_backend
from quantum_advantage.core.bits import pack_bits, unpack_bits
from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.inference.shadows.expectations import expectations
from quantum_advantage.inference.shadows.robust import Calibration, calibrate, robust_expectations
from quantum_advantage.measurements.measure import measure_calibration

NOISY = "qsim:readout=0.03"
QUBITS = cirq.LineQubit.range(4)
GHZ = cirq.Circuit(cirq.H(QUBITS[0]), [cirq.CNOT(QUBITS[0], q) for q in QUBITS[1:]])
# Strings of weight 4 with the value 1, and one with the value -1.
STRINGS = PauliStrings.from_text(["XXXX", "ZZZZ", "YYYY", "XXYY"])
VALUES = np.array([1, 1, 1, -1])


@pytest.fixture(scope="module")
def records():
    shots = 300_000
    backend = open_backend(NOISY)
    return (
        measure_shadow(GHZ, backend.make(1), shots, seed=2),
        measure_calibration(QUBITS, backend.make(3), shots // 3, seed=4),
    )


def test_readout_errors_bias_plain_shadows_of_weight_four_but_not_robust_ones(records):
    record, zeros = records
    plain = expectations(record, STRINGS)
    robust = robust_expectations(record, calibrate(zeros), STRINGS)
    assert (np.abs(plain[:, 0] - VALUES) > 8 * plain[:, 1]).all()
    assert (np.abs(robust[:, 0] - VALUES) < 4 * robust[:, 1]).all()
    assert (robust[:, 1] < 1.4 * plain[:, 1]).all()


def test_calibrated_factors_are_those_of_the_noise(records):
    values, errors = calibrate(records[1]).factors.T
    assert (np.abs(values - 0.94) < 4 * errors).all()
    assert (errors < 0.003).all()


def test_damping_of_a_string_is_the_product_over_its_support():
    factors = np.array([[0.9, 0.01], [0.8, 0.02], [0.5, 0.5]])
    calibration = Calibration(tuple(QUBITS[:3]), factors)
    found = calibration.damping(PauliStrings.from_text(["XZI", "III", "IYI"]))
    assert found[:, 0] == pytest.approx([0.72, 1, 0.8])
    first, second = (r / (1 - 1.959964 * r) for r in (0.01 / 0.9, 0.02 / 0.8))
    assert found[0, 1] == pytest.approx(0.72 * np.hypot(first, second))
    assert found[1:, 1] == pytest.approx([0, 0.8 * second])
    # The third factor may be 0.
    assert calibration.damping(PauliStrings.from_text("IIZ"))[0, 1] == np.inf


def test_a_factor_that_may_be_0_makes_what_acts_on_its_qubit_unknown(draw_shadows):
    record = draw_shadows(np.diag([1.0, 0, 0, 0]), 50, np.random.default_rng(8))
    calibration = Calibration(record.qubits, np.array([[0.9, 0.01], [0.1, 0.2]]))
    found = robust_expectations(record, calibration, PauliStrings.from_text(["ZI", "IZ", "II"]))
    assert np.isfinite(found[0, 1])
    assert found[1, 1] == np.inf
    assert found[2].tolist() == [1, 0]
    with pytest.raises(ValueError, match="calibration must be made by calibrate, not dict"):
        robust_expectations(record, {}, PauliStrings.from_text(["ZI"]))


def flipped(record, chances, rng):
    """The record with readout errors: bits flipped with a chance for each qubit."""
    bits = unpack_bits(record.outcomes, len(record.qubits))
    return replace(record, outcomes=pack_bits(bits ^ (rng.random(bits.shape) < chances)))


def test_robust_estimates_are_unbiased_with_the_stated_errors(draw_shadows):
    records, settings, size, chances = 1500, 400, 600, np.array([0.05, 0.15])
    rng = np.random.default_rng(5)
    vector = cirq.testing.random_superposition(4, random_state=6)
    state = np.outer(vector, vector.conj())
    zeros = np.diag([1.0, 0, 0, 0])
    a, b = QUBITS[:2]
    observables = [
        cirq.Z(a) * cirq.Y(b) * -1.5,
        cirq.X(b) * 1.0,
        cirq.Z(a) * cirq.Y(b) + 0.8 * cirq.X(b) - 2,
    ]
    matrices = [cirq.PauliSum.wrap(o).matrix(qubits=(a, b)) for o in observables]
    exact = [np.trace(matrix @ state).real for matrix in matrices]
    whole = flipped(draw_shadows(state, records * settings, rng), chances, rng)
    # A small calibration, so that its error counts.
    measured = flipped(draw_shadows(zeros, records * size, rng), chances, rng)
    found = np.array(
        [
            robust_expectations(
                whole[i * settings : (i + 1) * settings],
                calibrate(measured[i * size : (i + 1) * size]),
                observables,
            )
            for i in range(records)
        ]
    )
    values, errors = np.moveaxis(found, -1, 0)
    spread = values.std(axis=0, ddof=1)
    # The division by an estimate leaves a bias of its squared relative error, half a per cent.
    bias = 0.005 * np.abs(exact).max()
    assert (np.abs(values.mean(axis=0) - exact) < 4 * spread / np.sqrt(records) + bias).all()
    stated = np.sqrt((errors**2).mean(axis=0))
    assert (stated > 0.95 * spread).all()
    assert (stated < 1.15 * spread).all()
    known = Calibration((a, b), np.stack([1 - 2 * chances, np.zeros(2)], axis=1))
    assert (
        spread > 1.05 * robust_expectations(whole, known, observables)[:, 1] * np.sqrt(records)
    ).any()


def test_calibration_must_see_the_zeros(draw_shadows):
    ones = draw_shadows(np.diag([0, 0, 0, 1.0]), 50, np.random.default_rng(7))
    with pytest.raises(ValueError, match=r"the 0 of cirq.LineQubit\(0\) .* mean sign of -1"):
        calibrate(ones)


def test_calibration_must_be_one_of_the_same_qubits(records):
    record, zeros = records
    calibration = calibrate(zeros)
    other = replace(calibration, qubits=calibration.qubits[::-1])
    with pytest.raises(ValueError, match="calibration must be one of the record's qubits"):
        robust_expectations(record, other, STRINGS)
    with pytest.raises(ValueError, match="random bases, not 'cycled' ones"):
        robust_expectations(replace(record, scheme="cycled"), calibration, STRINGS)
