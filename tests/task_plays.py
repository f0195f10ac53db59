"""What tests of tasks share: seeds of a batch, and how far proportions are from exact ones."""

import numpy as np

from quantum_advantage.tasks.shared.seeds import Seeds


def seeds(root):
    return Seeds(*np.random.SeedSequence(root).spawn(4))


def deviations(found, trials, exact):
    """Returns |z| of proportions against exact ones."""
    exact = np.asarray(exact)
    return np.abs(found - exact) / np.sqrt(np.maximum(exact * (1 - exact), 1e-9) / trials)


def standard_error(accuracy, trials):
    """Returns the standard error of a measured proportion."""
    return np.sqrt(np.maximum(accuracy * (1 - accuracy), 1 / trials) / trials)
