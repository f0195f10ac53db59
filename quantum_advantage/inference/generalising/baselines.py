"""What any model has to beat: the mean of the training systems, and the one most like the new one.

The third thing to compare with, measuring the new system itself, is ``targets`` on its own record.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.generalising.published import Predicted

Floats = npt.NDArray[np.float64]


def training_mean(targets: Floats, systems: int) -> Predicted:
    """Predicts for every pair the mean of its targets.

    Args:
        targets: (systems, pairs) what the training records say.
        systems: The number of new systems.

    Example:
        >>> training_mean(np.array([[0.1], [0.3]]), 2).values.round(3).tolist()
        [[0.2], [0.2]]
    """
    means = targets.mean(axis=0)
    return Predicted(np.tile(means, (systems, 1)), targets.std(axis=0))


def nearest_system(couplings: Floats, targets: Floats, new: Floats) -> Predicted:
    """Predicts the targets of that training system whose couplings are nearest.

    Args:
        couplings: (systems, bonds) of the training systems, at least two.
        targets: (systems, pairs) what their records say.
        new: (others, bonds) couplings of systems that are asked about.

    Raises:
        UsageError: If there are less than two training systems.

    Example:
        >>> x = np.array([[0.0], [1.0], [2.0]])
        >>> nearest_system(x, 10 * x, np.array([[1.2]])).values.tolist()
        [[10.0]]
    """
    if len(couplings) < 2:
        raise UsageError(f"systems must be at least 2, not {len(couplings)}")
    nearest = _squares(new, couplings).argmin(axis=1)
    between = _squares(couplings, couplings)
    np.fill_diagonal(between, np.inf)
    off = targets - targets[between.argmin(axis=1)]
    return Predicted(targets[nearest], np.sqrt((off**2).mean(axis=0)))


def _squares(first: Floats, second: Floats) -> Floats:
    return np.asarray(((first[:, None] - second) ** 2).sum(axis=2))
