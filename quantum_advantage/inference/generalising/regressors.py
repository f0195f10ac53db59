"""Any regressor with ``fit`` and ``predict``, as those of scikit-learn, in the place of the kernel.

Its rows are the weighted couplings in the frames of all pairs of all systems; the images of a pair
are further rows with the same target, and predictions are averaged over them.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class Regressor(Protocol):
    """What every regressor of scikit-learn offers."""

    def fit(self, X: Floats, y: Floats) -> Any:
        """Learns from rows X, (rows, m), and targets y, (rows,)."""
        ...

    def predict(self, X: Floats) -> Floats:
        """Returns (rows,) predictions."""
        ...


@dataclass(frozen=True, eq=False)
class OnImages:
    """A regressor that was fitted to all images of all pairs.

    Attributes:
        regressor: The fitted regressor.
        weights: (m,) factors of the couplings.
    """

    regressor: Regressor
    weights: Floats

    def predict(self, features: Floats) -> Floats:
        """Returns (systems, pairs) predictions, averaged over the images.

        Args:
            features: (systems, pairs, images, m) couplings in the pairs' frames.
        """
        rows = (features * self.weights).reshape(-1, features.shape[3])
        found = np.asarray(self.regressor.predict(rows))
        return np.asarray(found.reshape(features.shape[:3]).mean(axis=2))


def fit_on_images(
    regressor: Regressor, features: Floats, targets: Floats, distances: Floats, decay: float = 1.0
) -> OnImages:
    """Fits a copy of a regressor to all images of all pairs of all systems.

    Args:
        regressor: The regressor; it is not changed.
        features: (systems, pairs, images, m) couplings of the training systems.
        targets: (systems, pairs) what their records say.
        distances: (m,) distances of the couplings.
        decay: The distance at which a coupling weighs 1/e.

    Example:
        >>> from sklearn.linear_model import Ridge
        >>> couplings = np.linspace(0, 2, 12).reshape(6, 1, 2, 1)
        >>> model = fit_on_images(Ridge(1e-6), couplings, couplings.mean(axis=(2, 3)), np.zeros(1))
        >>> model.predict(np.full((1, 1, 2, 1), 1.5)).round(2).tolist()
        [[1.49]]
    """
    weights = np.exp(-distances / decay)
    rows = (features * weights).reshape(-1, features.shape[3])
    fitted = copy.deepcopy(regressor)
    fitted.fit(rows, np.repeat(targets.ravel(), features.shape[2]))
    return OnImages(fitted, weights)
