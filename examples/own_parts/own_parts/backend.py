"""A backend of one's own: a simulator whose qubits decay, named ``leaky_chip:decay=0.02``."""

from __future__ import annotations

import cirq

from quantum_advantage import Backend
from quantum_advantage.core.naming import read_options


def open_leaky_chip(name: str) -> Backend:
    """Opens the backend.

    Args:
        name: The full name; ``decay`` is the chance that a qubit in |1⟩ falls to |0⟩ in a moment.
    """
    decay = float(read_options(name, {"decay": 0.01})[1]["decay"])
    noise = cirq.ConstantQubitNoiseModel(cirq.amplitude_damp(decay))
    return Backend(name, make=lambda seed: cirq.DensityMatrixSimulator(noise=noise, seed=seed))
