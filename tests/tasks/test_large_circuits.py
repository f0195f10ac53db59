"""Circuits against the exact law at the sizes of the figure; takes a minute or two."""

import numpy as np
import pytest

from quantum_advantage.backends.opening import open_backend
from quantum_advantage.tasks.base import FromLaw
from quantum_advantage.tasks.observables.task import Observables
from quantum_advantage.tasks.shared.seeds import Seeds

# Copies to 70 % at n = 8, of the protocol's exact law.
COPIES = {
    "local_pauli": 690,
    "random_clifford": 422,
    "mutually_unbiased_cycled": 486,
    "mutually_unbiased:times=3": 321,
    "product_two_copy": 290,
    "memory:qubits=4": 13,
}


@pytest.mark.slow
@pytest.mark.parametrize("protocol", COPIES)
def test_circuits_of_eight_qubits_agree_with_the_law(protocol):
    qubits, on_circuits, by_law = 8, 10_000, 100_000
    shots = np.array([COPIES[protocol] // 2, COPIES[protocol], COPIES[protocol] * 3 // 2])
    task = Observables("observables")
    drawn, exact = (Seeds(*np.random.SeedSequence(k).spawn(4)) for k in (1, 2))
    sampler = open_backend("qsim").make(3)
    right = task.play(protocol, qubits, shots, on_circuits, 0, drawn, sampler).correct / on_circuits
    law = task.play(protocol, qubits, shots, by_law, 0, exact, FromLaw()).correct / by_law
    error = np.sqrt(law * (1 - law) * (1 / on_circuits + 1 / by_law))
    assert np.abs((right - law) / error).max() < 4
    assert 0.66 < law[1] < 0.74
