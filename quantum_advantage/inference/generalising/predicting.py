"""Predicting ground states that were never measured, from one's own records of others.

``fit`` takes records of systems of one family with their couplings; ``predict`` answers questions
about systems of which there are only the couplings. What is asked need not be known before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import whole_number
from quantum_advantage.inference.generalising.frames import REACH, Grid, Shape, pair_frames
from quantum_advantage.inference.generalising.intervals import conformal_radius
from quantum_advantage.inference.generalising.local_kernel import (
    LocalKernel,
    choose_settings,
    fit_local_kernel,
)
from quantum_advantage.inference.generalising.quantities import (
    Correlator,
    Energy,
    PairQuantity,
    Quantity,
)
from quantum_advantage.inference.generalising.regressors import OnImages, Regressor, fit_on_images
from quantum_advantage.measurements.records import ShadowRecord

Floats = npt.NDArray[np.float64]

LEAST_SYSTEMS = 4


@dataclass(frozen=True)
class Prediction:
    """What is predicted of one quantity of one system.

    Attributes:
        value: The prediction.
        radius: Half the width of the interval ``value ± radius``, infinite if there were too few
            calibration systems for the level.
        level: The share of noisy targets that lie inside, at least, see ``intervals``.

    Example:
        >>> print(Prediction(-0.51, 0.13, 0.9))
        -0.51 ± 0.13 (90 %)
    """

    value: float
    radius: float
    level: float

    def __str__(self) -> str:
        return f"{self.value:.2f} ± {self.radius:.2f} ({100 * self.level:g} %)"

    def __float__(self) -> float:
        return self.value


@dataclass(frozen=True, eq=False)
class _Fitted:
    """A model of all pairs of one shape, with its residuals on the calibration systems."""

    model: LocalKernel | OnImages
    residuals: Floats


@dataclass(frozen=True, eq=False, repr=False)
class Generaliser:
    """What was learned from records, see :func:`fit`. Models are fitted when they are asked for.

    Attributes:
        grid: The grid of the training systems.
        couplings: (systems, bonds) their couplings.
        records: Their records.
        calibration: How many of the last systems only calibrate intervals.
        regressor: What takes the place of the kernel; None for the kernel.
    """

    grid: Grid
    couplings: Floats
    records: tuple[ShadowRecord, ...]
    calibration: int
    regressor: Regressor | None = None
    _kept: dict[tuple[type, Shape], _Fitted] = field(default_factory=dict)

    def __repr__(self) -> str:
        return (
            f"Generaliser({len(self.records)} systems of {self.grid.rows} x {self.grid.columns} "
            f"sites, {self.calibration} of them for calibration)"
        )

    def predict(
        self,
        parameters: npt.ArrayLike,
        observables: Quantity | Sequence[Quantity],
        *,
        level: float = 0.9,
        grid: Grid | None = None,
    ) -> list[list[Prediction]]:
        """Predicts quantities of systems that were not measured.

        Args:
            parameters: (systems, bonds) their couplings.
            observables: What is asked, one quantity or several.
            level: The share of noisy targets that intervals contain.
            grid: The grid of the new systems, if it is another one; intervals then have no
                guarantee, as the new systems are not drawn as the old ones.

        Returns:
            For every system a prediction of every observable.

        Raises:
            UsageError: If shapes do not fit, a pair is not of the grid, or the training grid has no
                pair of its shape.

        Example:
            >>> from quantum_advantage.measurements.vector_shadows import shadows_of_vectors
            >>> from quantum_advantage.systems.heisenberg import draw_couplings, ground_state
            >>> couplings = draw_couplings(2, 3, 41, seed=1)
            >>> states = [ground_state(2, 3, one) for one in couplings]
            >>> vectors = [state.vector() for state in states[:40]]
            >>> records = shadows_of_vectors(vectors, 300, np.random.default_rng(2))
            >>> learned = fit(records, couplings[:40], Grid(2, 3))
            >>> ((bond, energy),) = learned.predict(couplings[40:], [Correlator(0, 1), Energy()])
            >>> bool(abs(bond.value - states[40].correlators()[0, 1]) < bond.radius)
            True
            >>> abs(energy.value - states[40].energy) < energy.radius
            True
        """
        place = self.grid if grid is None else grid
        couplings = place.check_couplings(parameters)
        asked = list(observables) if isinstance(observables, Sequence) else [observables]
        columns = [self._predict(place, couplings, quantity, level) for quantity in asked]
        return [[column[system] for column in columns] for system in range(len(couplings))]

    def _predict(
        self, grid: Grid, couplings: Floats, quantity: Quantity, level: float
    ) -> list[Prediction]:
        if isinstance(quantity, Energy):
            values = self._energies(grid, couplings)
            calibrated = self.couplings[-self.calibration :]
            correlators = Correlator.targets(self.records[-self.calibration :], self.grid.bonds)
            noisy = 3 * (calibrated * correlators[..., 0]).sum(axis=1)
            residuals = (noisy - self._energies(self.grid, calibrated))[:, None]
        else:
            shape = grid.shape_of(quantity.pair)
            fitted = self.fitted(type(quantity), shape)
            features = pair_frames(grid, (quantity.pair,)).of(couplings)
            values = quantity.bounded(fitted.model.predict(features)[:, 0])
            residuals = fitted.residuals
        radius = conformal_radius(residuals, level)
        return [Prediction(float(value), radius, level) for value in values]

    def _energies(self, grid: Grid, couplings: Floats) -> Floats:
        """Returns (systems,) energies from the predicted correlators of the bonds."""
        model = self.fitted(Correlator, (1, 0)).model
        correlators = model.predict(pair_frames(grid, grid.bonds).of(couplings))
        return np.asarray(3 * (couplings * correlators).sum(axis=1))

    def fitted(self, kind: type[PairQuantity], shape: Shape) -> _Fitted:
        """Returns the model of all pairs of one shape, fitted when it is first asked for.

        Args:
            kind: The kind of quantity.
            shape: The shape of the pairs.

        Raises:
            UsageError: If the grid has no such pairs.
        """
        if (kind, shape) not in self._kept:
            self._kept[kind, shape] = self._fit(kind, shape)
        return self._kept[kind, shape]

    def _fit(self, kind: type[PairQuantity], shape: Shape) -> _Fitted:
        pairs = self.grid.pairs(shape)
        if not pairs:
            raise UsageError(
                f"pair of shape {shape} must be one that the {self.grid.rows} x "
                f"{self.grid.columns} sites of the records have"
            )
        frames = pair_frames(self.grid, pairs, REACH)
        features = frames.of(self.couplings)
        targets = kind.targets(self.records, pairs)[..., 0]
        trained = len(self.records) - self.calibration
        learned = features[:trained], targets[:trained], frames.distances
        model: LocalKernel | OnImages
        if self.regressor is None:
            model = fit_local_kernel(*learned, choose_settings(*learned))
        else:
            model = fit_on_images(self.regressor, *learned)
        return _Fitted(model, targets[trained:] - model.predict(features[trained:]))


def fit(
    records: Sequence[ShadowRecord],
    parameters: npt.ArrayLike,
    grid: Grid,
    *,
    calibration: int | None = None,
    regressor: Regressor | None = None,
) -> Generaliser:
    """Learns from records of systems of one family.

    Args:
        records: A record of each system in random Pauli bases; its qubits are the sites of the
            grid in order.
        parameters: (systems, bonds) couplings of the systems, drawn alike and independently.
        grid: The grid of the systems.
        calibration: How many of the last systems calibrate the intervals and are not learned from;
            a third by default. An interval at 90 % needs 9.
        regressor: A regressor in the place of the kernel, as those of scikit-learn.

    Raises:
        UsageError: If there are less than four systems, or numbers of records, sites, couplings or
            calibration systems do not fit.

    Example:
        >>> from quantum_advantage.measurements.vector_shadows import shadows_of_vectors
        >>> from quantum_advantage.systems.heisenberg import draw_couplings, ground_state
        >>> couplings = draw_couplings(2, 2, 30, seed=1)
        >>> vectors = [ground_state(2, 2, one).vector() for one in couplings]
        >>> records = shadows_of_vectors(vectors, 200, np.random.default_rng(2))
        >>> fit(records, couplings, Grid(2, 2))
        Generaliser(30 systems of 2 x 2 sites, 10 of them for calibration)
    """
    couplings = grid.check_couplings(parameters)
    if len(records) != len(couplings) or len(records) < LEAST_SYSTEMS:
        raise UsageError(
            f"records must be {len(couplings)}, one for each system, and at least "
            f"{LEAST_SYSTEMS}, not {len(records)}"
        )
    sites = {len(record.qubits) for record in records}
    if sites != {grid.sites}:
        raise UsageError(f"records must have {grid.sites} qubits, not {sorted(sites)}")
    some = len(records) // 3 if calibration is None else calibration
    some = whole_number("calibration", some, 1, len(records) - 2)
    return Generaliser(grid, couplings, tuple(records), some, regressor)
