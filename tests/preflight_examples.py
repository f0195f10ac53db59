"""Preflights whose numbers are given."""

import numpy as np

from quantum_advantage.inference.bell.pauli_fidelities import DampingCounts
from quantum_advantage.preflight.pairs import Preflight


def found_with(right, shots=1000):
    """A preflight whose counts are given, (pairs, 3), and whose other numbers tell their place."""
    right = np.array(right)
    pairs = len(right)
    fidelity = np.array([[0.8, 0.7, 0.9]] * pairs) + np.arange(pairs)[:, None] / 100
    chsh = fidelity + 1.5
    middle = 3 * np.arange(pairs * 4).reshape(pairs, 2, 2, 1)
    readout = (middle + np.array([1, 0, 2])) / 1000
    return Preflight(DampingCounts(np.full(right.shape, shots), right), fidelity, chsh, readout)


GOOD = [[960, 950, 955], [955, 945, 962], [958, 948, 950], [962, 951, 957]]
BAD = [*GOOD[:2], [760, 700, 770], GOOD[3]]
