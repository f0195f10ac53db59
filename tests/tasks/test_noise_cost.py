"""Local noise raises the number of Bell shots exactly as the damping of the letters predicts."""

import numpy as np
import pytest
from scipy.stats import multinomial

from quantum_advantage.backends.opening import open_backend
from quantum_advantage.backends.simulators.noise import bell_damping
from quantum_advantage.core.statistics import crossings
from quantum_advantage.tasks.base import FromLaw
from quantum_advantage.tasks.observables.exact import bell_accuracy
from quantum_advantage.tasks.observables.task import Observables
from quantum_advantage.tasks.shared.seeds import Seeds

ALPHA = 0.9
SHOTS = np.array([1, 2, 3, 5, 8, 12, 20])


def predicted_accuracy(qubits: int, depolarize: float, readout: float) -> np.ndarray:
    """Returns the accuracy averaged exactly over all strings but the identity."""
    identity, x, y, z = bell_damping(depolarize, readout)
    assert identity == 1
    assert x == z
    total = np.zeros(SHOTS.size)
    for ys in range(qubits + 1):
        for others in range(qubits - ys + 1):
            if ys + others == 0:
                continue
            count = [qubits - ys - others, ys, others]
            chance = multinomial.pmf(count, qubits, [0.25, 0.25, 0.5])
            mean = ALPHA**2 * y**ys * x**others
            total += chance * np.array([bell_accuracy(int(t), mean) for t in SHOTS])
    return total / (1 - 4.0**-qubits)


@pytest.mark.parametrize("backend", ["qsim", "stim", "law"])
@pytest.mark.parametrize(("depolarize", "readout"), [(0.02, 0.0), (0.0, 0.03), (0.01, 0.04)])
def test_copies_under_noise_agree_with_the_damping(backend, depolarize, readout):
    qubits, trials = 6, 6000
    sampler = FromLaw(np.tile(bell_damping(depolarize, readout), (6, 1)))
    if backend != "law":
        name = f"{backend}:depolarize={depolarize},readout={readout}"
        sampler = open_backend(name).make(5)
    seeds = Seeds(*np.random.SeedSequence(11).spawn(4))
    right = (
        Observables("observables").play("bell", qubits, SHOTS, trials, 0, seeds, sampler).correct
    )
    expected = predicted_accuracy(qubits, depolarize, readout)
    error = np.sqrt(expected * (1 - expected) / trials)
    assert np.abs((right / trials - expected) / error).max() < 4
    copies = crossings(2 * SHOTS, right / trials, 0.7)
    least, most = (crossings(2 * SHOTS, expected + k * error, 0.7) for k in (4, -4))
    assert least < copies < most
    assert np.isfinite(most)
