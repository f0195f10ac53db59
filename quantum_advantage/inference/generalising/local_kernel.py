"""One kernel ridge model for all pairs of a shape in all systems: nearer couplings weigh more.

The features of a pair are the couplings around it in its own frame (``frames``), each multiplied
by exp(-distance/decay). Between features x and y with the distance r = |x - y|/length stands the
Matérn kernel of smoothness 5/2, (1 + √5 r + 5 r²/3) exp(-√5 r), averaged over the images of y. It
learns from every pair of every system at once, so that it needs less of them the larger they are.

Images (derived here). Kernel ridge regression on all rows (g x_i, y_i), g one of the G symmetries
of the pair, with the ridge G λ, is kernel ridge regression on the rows (x_i, y_i) with the kernel
k̄(x, y) = G⁻¹ Σ_g k(x, g y) and the ridge λ. Proof: the weights α solve a linear system that the
symmetries only permute, as k(g x, g y) = k(x, y), so that they are the same for all images of a
row. With K_ij = k̄(x_i, x_j) it reads (G K + G λ) α = y, and the prediction is
Σ_i α_i Σ_g k(x, g x_i) = G Σ_i α_i k̄(x, x_i): G drops out. So the images cost no rows.

Tuning. The residuals of one system when the model is fitted to all others are known without
fitting again: with H = (K + λ)⁻¹ they are (H_ss)⁻¹ (H y)_s, H_ss the block of that system (derived
here from the inverse of a matrix in blocks; for single rows it is the well-known formula of the
leave-one-out error). Decay, length and ridge are those of the least mean square of such residuals
on training systems, against their noisy targets.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import linalg

from quantum_advantage.core.usage import UsageError

Floats = npt.NDArray[np.float64]

DECAYS = (0.7, 1.0, 1.5)
LENGTHS = (1.5, 3.0, 6.0)
RIDGES = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
# Rows that tuning looks at; whole systems are left out beyond.
MOST_TUNED = 300


@dataclass(frozen=True)
class Settings:
    """What is chosen by cross-validation.

    Attributes:
        decay: The distance, in lattice spacings, at which a coupling weighs 1/e.
        length: The length scale of the kernel, in units of weighted couplings.
        ridge: λ, the variance of a target's noise in units of the prior variance.

    Example:
        >>> Settings(decay=1.0, length=3.0, ridge=0.03)
        Settings(decay=1.0, length=3.0, ridge=0.03)
    """

    decay: float
    length: float
    ridge: float


# All settings that are tried, unless others are given.
GRID = tuple(Settings(*one) for one in itertools.product(DECAYS, LENGTHS, RIDGES))


def invariant_kernel(first: Floats, second: Floats, weights: Floats, length: float) -> Floats:
    """Returns the kernel between pairs, averaged over the images of the second ones.

    Args:
        first: (rows, images, m) couplings in the pairs' frames.
        second: (others, images, m) likewise.
        weights: (m,) factors of the couplings.
        length: The length scale.

    Returns:
        (rows, others) values, 1 between equal rows that are their own images.

    Example:
        >>> row = np.array([[[1.0, 2.0], [2.0, 1.0]]])
        >>> turned = row[:, ::-1]
        >>> same, other = (invariant_kernel(row, r, np.ones(2), 1.0) for r in (row, turned))
        >>> np.allclose(same, other)
        True
    """
    scaled = weights * (math.sqrt(5) / length)
    left = first[:, 0] * scaled
    own = (left**2).sum(axis=1)[:, None]
    total = np.zeros((len(first), len(second)))
    for image in range(second.shape[1]):
        right = second[:, image] * scaled
        squares = own + (right**2).sum(axis=1) - 2 * left @ right.T
        r = np.sqrt(np.maximum(squares, 0, out=squares), out=squares)
        total += (1 + r + r**2 / 3) * np.exp(-r)
    return total / second.shape[1]


@dataclass(frozen=True, eq=False)
class LocalKernel:
    """A fitted model.

    Attributes:
        settings: What was chosen.
        weights: (m,) the factors of the couplings.
        rows: (rows, images, m) the couplings around the pairs that it learned from.
        coefficients: (rows,) α.
        mean: The mean of the targets, to which predictions tend far from all rows.
        residuals: (systems, pairs) what the targets of every system differ from the prediction of
            the model that was fitted to all others; None if they were not asked for.

    Example:
        Pairs of two couplings; the quantity is a smooth function of them.

        >>> rng = np.random.default_rng(1)
        >>> couplings = rng.uniform(0, 2, (40, 5, 1, 2))
        >>> targets = np.sin(couplings.sum(axis=-1))[..., 0] + rng.normal(0, 0.05, (40, 5))
        >>> distances = np.zeros(2)
        >>> settings = choose_settings(couplings, targets, distances)
        >>> model = fit_local_kernel(couplings, targets, distances, settings)
        >>> found = model.predict(np.array([[[[0.3, 0.4]]]]))  # sin 0.7 = 0.644
        >>> found.shape, bool(abs(found[0, 0] - 0.644) < 0.05)
        ((1, 1), True)
    """

    settings: Settings
    weights: Floats
    rows: Floats
    coefficients: Floats
    mean: float
    residuals: Floats | None = None

    def predict(self, features: Floats) -> Floats:
        """Returns predictions.

        Args:
            features: (systems, pairs, images, m) couplings in the pairs' frames.

        Returns:
            (systems, pairs) values.
        """
        rows = features.reshape(-1, *features.shape[2:])
        kernel = invariant_kernel(rows, self.rows, self.weights, self.settings.length)
        return (self.mean + kernel @ self.coefficients).reshape(features.shape[:2])


def _check(features: Floats, targets: Floats) -> None:
    if features.ndim != 4 or features.shape[:2] != targets.shape or not targets.size:
        raise UsageError(
            "targets must have shape (systems, pairs), as features of shape (systems, pairs, "
            f"images, m) have, not {targets.shape} and {features.shape}"
        )
    if not np.isfinite(targets).all():
        raise UsageError("targets must be finite numbers; a record may have been too short")


def choose_settings(
    features: Floats, targets: Floats, distances: Floats, grid: Sequence[Settings] = GRID
) -> Settings:
    """Chooses the settings by leaving out one system at a time.

    Args:
        features: (systems, pairs, images, m) couplings of the training systems.
        targets: (systems, pairs) what their records say.
        distances: (m,) distances of the couplings.
        grid: The settings that are tried. Where there are many rows they are compared on the first
            systems alone; the noise of a target, and with it the ridge, does not depend on how
            many systems there are.

    Raises:
        UsageError: If shapes do not fit, there are less than two systems, or a target is infinite
            or not a number.

    Example:
        >>> couplings = np.random.default_rng(1).uniform(0, 2, (40, 5, 1, 1))
        >>> pure_noise = np.random.default_rng(2).normal(size=(40, 5))
        >>> choose_settings(couplings, pure_noise, np.zeros(1)).ridge  # the largest of the grid
        1.0
    """
    _check(features, targets)
    if len(targets) < 2:
        raise UsageError(f"systems must be at least 2 to choose by, not {len(targets)}")
    systems = max(2, min(len(targets), MOST_TUNED // targets.shape[1]))
    rows = features[:systems].reshape(-1, *features.shape[2:])
    values = targets[:systems].ravel()
    values = values - values.mean()
    best, chosen = math.inf, grid[0]
    for decay, length in dict.fromkeys((one.decay, one.length) for one in grid):
        kernel = invariant_kernel(rows, rows, np.exp(-distances / decay), length)
        levels, vectors = linalg.eigh(kernel)
        seen = vectors.T @ values
        for one in grid:
            if (one.decay, one.length) != (decay, length):
                continue
            factors = 1 / (np.maximum(levels, 0) + one.ridge)
            whole = vectors @ (factors * seen)
            parts = vectors.reshape(systems, -1, len(vectors))
            blocks = (parts * factors) @ parts.transpose(0, 2, 1)
            residuals = np.linalg.solve(blocks, whole.reshape(systems, -1, 1))
            total = float((residuals**2).sum())
            if total < best:
                best, chosen = total, one
    return chosen


def fit_local_kernel(
    features: Floats,
    targets: Floats,
    distances: Floats,
    settings: Settings,
    *,
    residuals: bool = False,
) -> LocalKernel:
    """Fits a model with given settings.

    Args:
        features: (systems, pairs, images, m) couplings of the training systems.
        targets: (systems, pairs) what their records say.
        distances: (m,) distances of the couplings.
        settings: Decay, length and ridge.
        residuals: Whether the residuals of every system from all others are wanted.

    Raises:
        UsageError: If shapes do not fit, or a target is infinite or not a number.

    Example:
        >>> couplings = np.linspace(0, 2, 8).reshape(8, 1, 1, 1)
        >>> settings = Settings(decay=1.0, length=3.0, ridge=1e-6)
        >>> model = fit_local_kernel(couplings, couplings[..., 0, 0] ** 2, np.zeros(1), settings)
        >>> model.predict(np.full((1, 1, 1, 1), 1.1)).round(2).tolist()
        [[1.21]]
    """
    _check(features, targets)
    rows = features.reshape(-1, *features.shape[2:])
    weights = np.exp(-distances / settings.decay)
    mean = float(targets.mean())
    kernel = invariant_kernel(rows, rows, weights, settings.length)
    kernel[np.diag_indices_from(kernel)] += settings.ridge
    factor = linalg.cho_factor(kernel, overwrite_a=True)
    coefficients = linalg.cho_solve(factor, targets.ravel() - mean)
    left_out = _left_out(factor, coefficients, targets.shape) if residuals else None
    return LocalKernel(settings, weights, rows, coefficients, mean, left_out)


def _left_out(factor: tuple[Floats, bool], solved: Floats, shape: tuple[int, int]) -> Floats:
    """Returns (systems, pairs) residuals of every system from all others, for the mean of all."""
    systems, pairs = shape
    inverse = linalg.cho_solve(factor, np.eye(len(solved)), overwrite_b=True)
    every = np.arange(systems)
    blocks = inverse.reshape(systems, pairs, systems, pairs)[every, :, every]
    return np.asarray(np.linalg.solve(blocks, solved.reshape(systems, pairs, 1))[..., 0])
