"""Intervals with a guarantee for finite data: split conformal prediction by whole systems.

The model is fitted to some systems, and its residuals |y - ŷ| on K others, the calibration systems,
say how wide an interval has to be. Pairs of one system share its couplings and its record and are
not exchangeable with those of others, but *systems* are, if they are drawn alike. So every system
counts as one (Lee, Barber and Willett, arXiv 2306.06342, section 3): the radius r is the quantile
of the mixture over the K systems of their residuals, each system with the weight 1/(K + 1), and an
infinite residual with the weight 1/(K + 1).

Guarantee. For a new system, ŷ ± r contains at least the share `level` of its *noisy* targets, on
average over all draws of the K + 1 systems. Proof: with the residuals of the new system in the
place of the infinite one the quantile is not larger and does not change when the K + 1 systems
are exchanged; the mean over all of them of the share beyond it is at most 1 - level by definition,
and by symmetry that of the new system is the same. Nothing is assumed of the model, of the noise
or of the residuals.

Exact values (derived here). A target is y = v + ε with the noise ε of its record. If the median of
ε is 0 given everything else, then |v - ŷ| > r implies |y - ŷ| > r with a chance of at least 1/2.
Hence exact values lie outside at most twice as often, on average at least the share 2 level - 1
lies inside. Where noise only adds to the residual it is more than `level`; how much more is
measured.

A level above K/(K + 1) has no finite radius: nothing can be said from so few systems.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import open_interval

Floats = npt.NDArray[np.float64]


def conformal_radius(residuals: npt.ArrayLike, level: float) -> float:
    """Returns the half width of an interval around predictions.

    Args:
        residuals: (K, pairs) differences of targets and predictions on calibration systems that
            the model has not seen.
        level: The share of noisy targets of a new system that should lie inside, in (0, 1).

    Returns:
        The radius; infinite if there are too few systems for the level.

    Raises:
        UsageError: If the residuals have another shape or are not finite, or the level is not in
            (0, 1).

    Example:
        Nine calibration systems suffice for 90 %, and the largest residual is the radius:

        >>> conformal_radius(np.arange(1.0, 10.0)[:, None], 0.9)
        9.0
        >>> conformal_radius(np.arange(1.0, 9.0)[:, None], 0.9)
        inf
    """
    values = np.abs(np.asarray(residuals, dtype=np.float64))
    if values.ndim != 2 or not values.size or not np.isfinite(values).all():
        raise UsageError(f"residuals must be finite, (systems, pairs), not {values.shape}")
    level = open_interval("level", level, 0, 1)
    systems, pairs = values.shape
    # The share of finite residuals that must not be larger; rounding must not cost one of them.
    needed = int(np.ceil(level * (systems + 1) * pairs - 1e-9))
    return float(np.sort(values, axis=None)[needed - 1]) if needed <= values.size else np.inf


def least_systems(level: float) -> int:
    """Returns the least number of calibration systems that a level needs.

    Raises:
        UsageError: If the level is not in (0, 1).

    Example:
        >>> [least_systems(level) for level in (0.68, 0.9, 0.95)]
        [3, 9, 19]
    """
    level = open_interval("level", level, 0, 1)
    return int(np.ceil(level / (1 - level) - 1e-9))
