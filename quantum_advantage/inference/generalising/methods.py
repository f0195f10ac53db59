"""Every way to predict pairs of new systems, by its name and in one form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quantum_advantage.inference.generalising.baselines import nearest_system, training_mean
from quantum_advantage.inference.generalising.frames import Grid, Pair, pair_frames
from quantum_advantage.inference.generalising.local_kernel import choose_settings, fit_local_kernel
from quantum_advantage.inference.generalising.published import (
    Predicted,
    fourier_lasso,
    kernel_ridge,
    nearby_lasso,
)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Related:
    """What a method is given: training systems, and the couplings of new ones.

    Attributes:
        grid: The grid of all systems.
        pairs: All pairs of one shape.
        couplings: (systems, bonds) of the training systems.
        targets: (systems, pairs) what their records say.
        new: (others, bonds) couplings of the new systems.
        asked: Which of the pairs are asked about, as places in ``pairs``.

    Example:
        >>> grid, x = Grid(2, 2), np.ones((5, 4))
        >>> Related(grid, grid.bonds, x, -0.5 * x, x[:2], (0, 3)).columns.shape
        (5, 2)
    """

    grid: Grid
    pairs: tuple[Pair, ...]
    couplings: Floats
    targets: Floats
    new: Floats
    asked: tuple[int, ...]

    @property
    def columns(self) -> Floats:
        """(systems, asked) targets of the pairs that are asked about."""
        return self.targets[:, list(self.asked)]


def local_kernel(related: Related, rng: np.random.Generator) -> Predicted:
    """Predicts by one local kernel model of all pairs; errors are those of leaving systems out.

    Args:
        related: The training systems and the new ones.
        rng: Not used.

    Example:
        >>> grid, rng = Grid(2, 2), np.random.default_rng(1)
        >>> x = rng.uniform(0, 2, (20, 4))
        >>> related = Related(grid, grid.bonds, x, -x / 2, x[:2], (0, 3))
        >>> found = local_kernel(related, rng)
        >>> bool(np.abs(found.values + x[:2, [0, 3]] / 2).max() < 0.05)
        True
    """
    frames = pair_frames(related.grid, related.pairs)
    learned = frames.of(related.couplings), related.targets, frames.distances
    model = fit_local_kernel(*learned, choose_settings(*learned), residuals=True)
    asked = list(related.asked)
    values = model.predict(frames.of(related.new)[:, asked])
    assert model.residuals is not None
    error = float(np.sqrt((model.residuals**2).mean()))
    return Predicted(values, np.full(len(asked), error))


Method = Callable[[Related, np.random.Generator], Predicted]


def _kernels(*names: str) -> Method:
    return lambda r, rng: kernel_ridge(r.couplings, r.columns, r.new, names)


METHODS: Mapping[str, Method] = {
    "local_kernel": local_kernel,
    "nearby_lasso": lambda r, rng: nearby_lasso(
        r.grid, [r.pairs[k] for k in r.asked], r.couplings, r.columns, r.new
    ),
    "fourier_lasso": lambda r, rng: fourier_lasso(r.grid, r.couplings, r.columns, r.new, rng),
    "gaussian_kernel": _kernels("gaussian"),
    "tangent_kernel": _kernels("tangent"),
    "dirichlet_kernel": _kernels("dirichlet"),
    "nearest_system": lambda r, rng: nearest_system(r.couplings, r.columns, r.new),
    "training_mean": lambda r, rng: training_mean(r.columns, len(r.new)),
}
