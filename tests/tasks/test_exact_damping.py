"""The damping without sampling error, against its formula and against a measured calibration."""

import numpy as np
import pytest

from quantum_advantage.backends.devices.virtual import cost_on, virtual_device
from quantum_advantage.backends.opening import open_backend
from quantum_advantage.backends.simulators.noise import bell_damping
from quantum_advantage.circuits.run import run
from quantum_advantage.tasks.shared.calibration import (
    damping_request,
    exact_damping,
    fixed_damping_request,
    read_damping,
)

LOCAL = [(0.0, 0.0), (0.03, 0.0), (0.0, 0.07), (0.05, 0.02), (15 / 16, 0.0), (0.1, 0.5)]


@pytest.mark.parametrize(("depolarize", "readout"), LOCAL)
@pytest.mark.parametrize("qubits", [1, 5])
def test_under_local_noise_it_is_the_formula(depolarize, readout, qubits):
    name = "qsim"
    if depolarize or readout:
        name += f":depolarize={depolarize!r},readout={readout!r}"
    found = exact_damping(open_backend(name).make(0), qubits)
    expected = np.tile(bell_damping(depolarize, readout), (qubits, 1))
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("kind", ["random", "fixed"])
def test_on_a_virtual_processor_it_is_what_a_calibration_measures(kind):
    qubits, shots = 12, 60_000
    backend = open_backend("qvm:weber")
    exact = exact_damping(backend.make(0), qubits)[:, 1:]
    request = (
        damping_request(qubits, shots, np.random.default_rng(31))
        if kind == "random"
        else fixed_damping_request(qubits, shots)
    )
    (record,) = run([request], backend.make(32))
    counts = read_damping(record, qubits)
    error = np.sqrt((1 - exact**2) / counts.shots)
    assert (np.abs(counts.factors()[:, 1:] - exact) < 4 * error).all()
    # Pairs differ by far more than that, so that a factor in the wrong place would show.
    assert np.ptp(exact, axis=0).min() > 8 * error.max()
    assert (exact[:, 1] < exact[:, [0, 2]].min(axis=1)).all()


def test_it_does_not_depend_on_the_seed_of_the_sampler():
    backend = open_backend("qvm:rainbow")
    np.testing.assert_array_equal(
        exact_damping(backend.make(1), 3), exact_damping(backend.make(2), 3)
    )


def test_the_first_pairs_of_more_pairs_are_the_same():
    backend = open_backend("qvm:weber,pairs=3.4-3.3+1.4-2.4+4.9-4.8")
    few, many = (exact_damping(backend.make(0), n) for n in (1, 3))
    np.testing.assert_allclose(few, many[:1], atol=1e-6)
    assert np.abs(many[0] - many[2]).max() > 0.005


def test_it_is_not_known_of_a_device_that_is_not_simulated():
    sampler, _ = cost_on(virtual_device("weber"))
    with pytest.raises(ValueError, match="not known"):
        exact_damping(sampler, 2)
