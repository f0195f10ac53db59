"""The published models: for every pair of sites one model of its own, of all couplings.

Kernels (Huang et al., arXiv 2106.12627): of couplings x, mapped to [-1, 1],

- Dirichlet, Σ_i Σ_{|k| ≤ 2} cos(π k (x_i - x'_i)), the terms of one coupling each;
- Gaussian, exp(-|x - x'|²/mean of |x - x'|²);
- neural tangent, that of infinitely wide ReLU networks of 2 to 5 hidden layers (Jacot et al.,
  arXiv 1806.07572), all divided by the roots of their diagonals.

They are used by kernel ridge regression; kernel and ridge are chosen for every pair by the error of
four-fold cross-validation. The same ridges were tried there, 1/(2 C) for C from 0.0125 to 8.

Local features (Lewis et al., arXiv 2301.13169): around every bond random Fourier features
cos(γ ω·z/√m) and sin(γ ω·z/√m) of the m couplings z at the sites next to it, ω standard normal, all
joined, and LASSO, with the number of features, γ and the penalty chosen likewise; half of the
numbers of features and a third of the γ that were tried there. With LASSO on *all* of them the
learner has to find out which couplings matter. ``nearby_lasso`` knows it: couplings next to the
pair, their squares and products.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.extras import import_extra
from quantum_advantage.inference.generalising.frames import Grid, Pair

Floats = npt.NDArray[np.float64]

FOLDS = 4
RIDGES = tuple(1 / (2 * c) for c in (0.0125, 0.025, 0.05, 0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0))
PENALTIES = tuple(2.0**-k for k in (8, 7, 6, 5))
FEATURES = (5, 20)
GAMMAS = (0.4, 0.65)
DEPTHS = (2, 3, 4, 5)
_EXTRA = "learning", "a published model"


@dataclass(frozen=True, eq=False)
class Predicted:
    """What a model predicts of new systems.

    Attributes:
        values: (systems, pairs) predictions.
        errors: (pairs,) root mean square differences of noisy targets and predictions in
            cross-validation.

    Example:
        >>> Predicted(np.zeros((3, 2)), np.array([0.1, 0.2])).values.shape
        (3, 2)
    """

    values: Floats
    errors: Floats


def _cosines(first: Floats, second: Floats) -> Floats:
    """Returns the scalar products of rows of length 1."""
    ones, others = (v / np.linalg.norm(v, axis=1, keepdims=True) for v in (first, second))
    return np.clip(ones @ others.T, -1, 1)


def dirichlet_kernel(first: Floats, second: Floats) -> Floats:
    """Returns the Dirichlet kernel of one coupling at a time, 1 for equal couplings.

    Args:
        first: (systems, m) couplings in [-1, 1].
        second: (others, m) likewise.

    Example:
        >>> dirichlet_kernel(np.array([[0.0]]), np.array([[0.0], [1.0]])).round(6).tolist()
        [[1.0, 0.2]]
    """

    def features(x: Floats) -> Floats:
        angles = math.pi * np.concatenate([x, 2 * x], axis=1)
        waves = np.concatenate([np.cos(angles), np.sin(angles)], axis=1)
        return math.sqrt(2) * waves

    width = first.shape[1]
    return (features(first) @ features(second).T + width) / (5 * width)


def tangent_kernel(first: Floats, second: Floats, depth: int) -> Floats:
    """Returns the neural tangent kernel of ReLU networks, 1 for parallel couplings.

    Source: Jacot et al., arXiv 1806.07572, theorem 1, with the arc-cosine kernels of Cho and Saul
    for ReLU: from the correlation s of a layer follow those of the next,
    κ(s) = [√(1 - s²) + s (π - arccos s)]/π, and of its derivatives, (π - arccos s)/π.

    Args:
        first: (systems, m) couplings.
        second: (others, m) likewise.
        depth: The number of hidden layers.

    Example:
        >>> tangent_kernel(np.array([[1.0, 0.0]]), np.array([[2.0, 0.0], [0.0, 1.0]]), 2).round(3)
        array([[1.   , 0.229]])
    """
    correlation = _cosines(first, second)
    tangent = correlation.copy()
    for _ in range(depth):
        angle = math.pi - np.arccos(correlation)
        slope = angle / math.pi
        correlation = (np.sqrt(1 - correlation**2) + correlation * angle) / math.pi
        np.clip(correlation, -1, 1, out=correlation)
        tangent = correlation + tangent * slope
    return tangent / (depth + 1)


def gaussian_kernel(first: Floats, second: Floats, scale: float) -> Floats:
    """Returns exp(-|x - x'|²/scale).

    Args:
        first: (systems, m) couplings.
        second: (others, m) likewise.
        scale: A squared distance.

    Example:
        >>> gaussian_kernel(np.array([[0.0]]), np.array([[0.0], [1.0]]), 1.0).round(3).tolist()
        [[1.0, 0.368]]
    """
    squares = (first**2).sum(axis=1)[:, None] + (second**2).sum(axis=1) - 2 * first @ second.T
    return np.asarray(np.exp(-np.maximum(squares, 0) / scale))


Kernel = Callable[[Floats, Floats], Floats]


def _normalised(couplings: Floats, new: Floats) -> tuple[Floats, Floats]:
    """Maps couplings to [-1, 1] by the range of the training systems."""
    low, high = couplings.min(), couplings.max()
    middle, half = (low + high) / 2, max((high - low) / 2, 1e-300)
    return (couplings - middle) / half, (new - middle) / half


def _folds(systems: int) -> list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    selection = import_extra("sklearn.model_selection", *_EXTRA)
    folds = selection.KFold(min(FOLDS, systems))
    return list(folds.split(np.zeros(systems)))


def published_kernels(couplings: Floats, names: Sequence[str]) -> list[Kernel]:
    """Returns kernels by name.

    Args:
        couplings: (systems, m) training couplings in [-1, 1].
        names: Some of ``dirichlet``, ``gaussian`` and ``tangent``; the last stands for 4 depths.

    Example:
        >>> len(published_kernels(np.array([[0.0], [1.0]]), ["gaussian", "tangent"]))
        5
    """
    found: list[Kernel] = []
    if "dirichlet" in names:
        found.append(dirichlet_kernel)
    if "gaussian" in names:
        scale = 2 * len(couplings) / max(len(couplings) - 1, 1) * couplings.var(axis=0).sum()
        found.append(lambda a, b: gaussian_kernel(a, b, float(scale)))
    if "tangent" in names:
        found += [lambda a, b, d=d: tangent_kernel(a, b, d) for d in DEPTHS]  # type: ignore[misc]
    return found


def kernel_ridge(
    couplings: Floats,
    targets: Floats,
    new: Floats,
    names: Sequence[str] = ("dirichlet", "gaussian", "tangent"),
) -> Predicted:
    """Predicts every pair by kernel ridge regression on all couplings.

    Args:
        couplings: (systems, bonds) of the training systems.
        targets: (systems, pairs) what their records say.
        new: (others, bonds) couplings of systems that are asked about.
        names: The kernels to choose from.

    Returns:
        Predictions for the others, and the errors of cross-validation.

    Raises:
        UsageError: If scikit-learn, the extra ``learning``, is not installed.

    Example:
        >>> x = np.linspace(0, 2, 30)[:, None]
        >>> found = kernel_ridge(x, np.cos(x), np.array([[0.9]]))
        >>> bool(abs(found.values[0, 0] - np.cos(0.9)) < 0.05)
        True
    """
    ridge = import_extra("sklearn.kernel_ridge", *_EXTRA).KernelRidge
    x, asked = _normalised(couplings, new)
    folds = _folds(len(x))
    mean = targets.mean(axis=0)
    best = np.full(targets.shape[1], np.inf)
    values = np.zeros((len(asked), targets.shape[1]))
    for kernel in published_kernels(x, names):
        known, other = kernel(x, x), kernel(asked, x)
        for alpha in RIDGES:
            squares = np.zeros(targets.shape[1])
            for train, test in folds:
                middle = targets[train].mean(axis=0)
                model = ridge(alpha=alpha, kernel="precomputed")
                model.fit(known[np.ix_(train, train)], targets[train] - middle)
                off = targets[test] - middle - model.predict(known[np.ix_(test, train)])
                squares += (off**2).sum(axis=0)
            better = squares < best
            if better.any():
                model = ridge(alpha=alpha, kernel="precomputed").fit(known, targets - mean)
                values[:, better] = (mean + model.predict(other))[:, better]
                best[better] = squares[better]
    return Predicted(values, np.sqrt(best / len(x)))


def _nearby(grid: Grid, pair: Pair) -> list[int]:
    """Returns the bonds between sites that are the pair's or next to them."""
    places = np.array([grid.place(site) for site in range(grid.sites)])
    near = {
        site
        for site in range(grid.sites)
        if min(int(np.abs(places[site] - places[own]).sum()) for own in pair) <= 1
    }
    return [k for k, bond in enumerate(grid.bonds) if near.issuperset(bond)]


def _lasso(
    choices: Sequence[tuple[Floats, Floats]], targets: Floats, folds: Sequence
) -> tuple[Floats, float]:
    """Predicts one pair from the best of several sets of features, and of all penalties."""
    lasso = import_extra("sklearn.linear_model", *_EXTRA).Lasso
    best, chosen = math.inf, (choices[0], PENALTIES[0])
    for known, asked in choices:
        for penalty in PENALTIES:
            total = 0.0
            for train, test in folds:
                model = lasso(alpha=penalty, max_iter=10_000, tol=1e-3)
                model.fit(known[train], targets[train])
                total += float(((targets[test] - model.predict(known[test])) ** 2).sum())
            if total < best:
                best, chosen = total, ((known, asked), penalty)
    (known, asked), penalty = chosen
    model = lasso(alpha=penalty, max_iter=10_000, tol=1e-3).fit(known, targets)
    return np.asarray(model.predict(asked)), math.sqrt(best / len(targets))


def _joined(columns: Sequence[tuple[Floats, float]]) -> Predicted:
    values, errors = zip(*columns, strict=True)
    return Predicted(np.stack(values, axis=1), np.array(errors))


def fourier_lasso(
    grid: Grid, couplings: Floats, targets: Floats, new: Floats, rng: np.random.Generator
) -> Predicted:
    """Predicts every pair by LASSO on random Fourier features of all neighbourhoods.

    Args:
        grid: The grid.
        couplings: (systems, bonds) of the training systems.
        targets: (systems, pairs) what their records say.
        new: (others, bonds) couplings of systems that are asked about.
        rng: Draws the features.

    Raises:
        UsageError: If scikit-learn, the extra ``learning``, is not installed.

    Example:
        >>> grid, rng = Grid(2, 2), np.random.default_rng(1)
        >>> x = rng.uniform(0, 2, (60, 4))
        >>> found = fourier_lasso(grid, x, x[:, :1], x[:5], rng)
        >>> bool(np.abs(found.values - x[:5, :1]).max() < 0.2)
        True
    """
    x, asked = _normalised(couplings, new)
    regions = [_nearby(grid, bond) for bond in grid.bonds]
    waves = [rng.normal(size=(len(region), max(FEATURES))) for region in regions]

    def features(values: Floats, count: int, gamma: float) -> Floats:
        angles = [
            values[:, region] @ omega[:, :count] * (gamma / math.sqrt(len(region)))
            for region, omega in zip(regions, waves, strict=True)
        ]
        joined = np.concatenate(angles, axis=1)
        return np.concatenate([np.cos(joined), np.sin(joined)], axis=1)

    choices = [
        (features(x, count, gamma), features(asked, count, gamma))
        for count in FEATURES
        for gamma in GAMMAS
    ]
    folds = _folds(len(x))
    return _joined([_lasso(choices, column, folds) for column in targets.T])


def nearby_lasso(
    grid: Grid, pairs: Sequence[Pair], couplings: Floats, targets: Floats, new: Floats
) -> Predicted:
    """Predicts every pair by LASSO on the couplings next to it, their squares and products.

    Args:
        grid: The grid.
        pairs: The pairs of sites.
        couplings: (systems, bonds) of the training systems.
        targets: (systems, pairs) what their records say.
        new: (others, bonds) couplings of systems that are asked about.

    Raises:
        UsageError: If scikit-learn, the extra ``learning``, is not installed.

    Example:
        >>> grid, rng = Grid(2, 2), np.random.default_rng(1)
        >>> x = rng.uniform(0, 2, (60, 4))
        >>> found = nearby_lasso(grid, grid.bonds[:1], x, x[:, :1] * x[:, 1:2], x[:5])
        >>> bool(np.abs(found.values - x[:5, :1] * x[:5, 1:2]).max() < 0.2)
        True
    """
    preprocessing = import_extra("sklearn.preprocessing", *_EXTRA)
    x, asked = _normalised(couplings, new)
    folds = _folds(len(x))
    columns = []
    for pair, column in zip(pairs, targets.T, strict=True):
        region = _nearby(grid, pair)
        products = preprocessing.PolynomialFeatures(2, include_bias=False)
        choice = products.fit_transform(x[:, region]), products.transform(asked[:, region])
        columns.append(_lasso([choice], column, folds))
    return _joined(columns)
