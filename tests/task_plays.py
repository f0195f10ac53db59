"""What tests of tasks share: seeds of a batch, and how far proportions are from exact ones."""

import numpy as np

from quantum_advantage.circuits.run import run
from quantum_advantage.tasks.observables.protocols import InRounds
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


def measured(protocol, games, shots, sampler, rng):
    """The record of a protocol of ``observables``, round by round where there are several."""

    def measure(measuring, count):
        (record,) = run([measuring.request(games.preparation, count, rng)], sampler)
        return record

    record = measure(protocol, shots)
    if isinstance(protocol, InRounds):
        record = protocol.finished(record, games.trials, shots, measure)
    return record
