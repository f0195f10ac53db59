"""How many systems, and how many copies of each, predictions of a given error will take.

No exact value is needed. When systems are left out one at a time the mean square of the residuals
y - ŷ is that of the error of ŷ plus that of the noise of the targets y, which the left out model
has not seen (derived here: the two are independent, and the noise has the mean 0). The noise is
known from the stated errors of the targets. What is left over is the error of predictions of exact
values, measured at several numbers of systems and copies of the same records and continued by a
power law, e = c N^-a T^-b. A power law is a description of the range where it was measured; beyond
it is an extrapolation.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize

from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import real_number, whole_number
from quantum_advantage.inference.generalising.frames import Grid, pair_frames
from quantum_advantage.inference.generalising.local_kernel import choose_settings, fit_local_kernel
from quantum_advantage.inference.generalising.targets import pair_correlators
from quantum_advantage.measurements.records import ShadowRecord

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class MeasuredError:
    """The error of predictions with so many systems and copies.

    Attributes:
        systems: N, the number of systems that were learned from.
        copies: T, the copies of each.
        square: The mean square error against exact values; chance may make it negative where the
            noise is larger.
        spread: The standard error of the square, from its spread over systems.

    Example:
        >>> MeasuredError(50, 500, 0.0036, 0.0004).error
        0.06
    """

    systems: int
    copies: int
    square: float
    spread: float

    @property
    def error(self) -> float:
        """The root of the square; 0 if the noise hides it."""
        return math.sqrt(max(self.square, 0.0))


@dataclass(frozen=True)
class LearningCurve:
    """The power law e = c N^-a T^-b.

    Attributes:
        constant: c.
        by_systems: a.
        by_copies: b.

    Example:
        >>> curve = LearningCurve(constant=2.0, by_systems=0.4, by_copies=0.3)
        >>> round(curve.error(50, 500), 4), curve.systems_for(0.05, copies=500)
        (0.0648, 96)
    """

    constant: float
    by_systems: float
    by_copies: float

    def error(self, systems: float, copies: float) -> float:
        """Returns the error with so many systems and copies of each."""
        return self.constant * systems**-self.by_systems * copies**-self.by_copies

    def systems_for(self, error: float, copies: int) -> int:
        """Returns the systems that an error takes, with so many copies of each.

        Raises:
            UsageError: If the error or the copies are not positive, or more systems do not help.
        """
        error = real_number("error", error, 1e-300)
        copies = whole_number("copies", copies, 1)
        if self.by_systems <= 0:
            raise UsageError("more systems do not help: the measured error does not fall with them")
        return math.ceil((self.error(1, copies) / error) ** (1 / self.by_systems) - 1e-9)

    def cheapest(self, error: float, copies: Sequence[int]) -> tuple[int, int]:
        """Returns systems and copies of each with the fewest copies in all.

        Args:
            error: The error that is wanted.
            copies: The copies of each system to choose from.

        Raises:
            UsageError: As :meth:`systems_for`.

        Example:
            More copies of each help less than more systems do, so that few of each are enough:

            >>> LearningCurve(2.0, 0.4, 0.3).cheapest(0.05, (50, 500, 5000))
            (539, 50)
        """
        choices = [(self.systems_for(error, t), t) for t in copies]
        return min(choices, key=lambda choice: choice[0] * choice[1])


def measured_errors(
    records: Sequence[ShadowRecord],
    parameters: npt.ArrayLike,
    grid: Grid,
    systems: Sequence[int],
    copies: Sequence[int],
) -> list[MeasuredError]:
    """Measures errors of neighbours' correlators with parts of one's own records.

    Args:
        records: A record of each system in random Pauli bases.
        parameters: (systems, bonds) couplings.
        grid: The grid.
        systems: Numbers of systems; the records are cut into as many groups as there are.
        copies: Numbers of copies, the first of each record.

    Raises:
        UsageError: If there are less systems or copies than that, or less than two of either.

    Example:
        >>> from quantum_advantage.measurements.vector_shadows import shadows_of_vectors
        >>> from quantum_advantage.systems.heisenberg import draw_couplings, ground_state
        >>> couplings = draw_couplings(2, 3, 60, seed=1)
        >>> vectors = [ground_state(2, 3, one).vector() for one in couplings]
        >>> records = shadows_of_vectors(vectors, 400, np.random.default_rng(2))
        >>> few, many = measured_errors(records, couplings, Grid(2, 3), (10, 60), (400,))
        >>> few.error > many.error
        True
    """
    couplings = grid.check_couplings(parameters)
    most = min(record.settings for record in records) if records else 0
    for name, values, limit in (("systems", systems, len(records)), ("copies", copies, most)):
        for value in values:
            whole_number(name, value, 2, limit)
    frames = pair_frames(grid, grid.bonds)
    features = frames.of(couplings)
    found = []
    for t in copies:
        targets = pair_correlators([record[:t] for record in records], grid.bonds)
        noise = (targets[..., 1] ** 2).mean(axis=1)
        for n in systems:
            squares = []
            for start in range(0, len(records) - n + 1, n):
                part = slice(start, start + n)
                learned = features[part], targets[part, :, 0], frames.distances
                model = fit_local_kernel(*learned, choose_settings(*learned), residuals=True)
                assert model.residuals is not None
                squares += ((model.residuals**2).mean(axis=1) - noise[part]).tolist()
            spread = float(np.std(squares, ddof=1)) / math.sqrt(len(squares))
            found.append(MeasuredError(n, t, float(np.mean(squares)), spread))
    return found


def fit_learning_curve(errors: Sequence[MeasuredError]) -> LearningCurve:
    """Fits the power law to squares of measured errors, with the weights that their spread gives.

    Raises:
        UsageError: If the points do not tell a, b and c.

    Example:
        >>> curve = LearningCurve(2.0, 0.4, 0.3)
        >>> sizes = [(n, t) for n in (10, 90) for t in (50, 800)]
        >>> found = fit_learning_curve(
        ...     [MeasuredError(n, t, curve.error(n, t) ** 2, 0.001) for n, t in sizes])
        >>> round(found.constant, 3), round(found.by_systems, 3), round(found.by_copies, 3)
        (2.0, 0.4, 0.3)
    """
    rows = np.array([[1.0, -math.log(p.systems), -math.log(p.copies)] for p in errors])
    if len(errors) < 3 or np.linalg.matrix_rank(rows) < 3:
        raise UsageError(
            "errors must be of three points or more, with different numbers of systems and of "
            f"copies, not of {len(errors)}"
        )
    squares = np.array([point.square for point in errors])
    spreads = np.array([point.spread for point in errors])
    largest = math.log(max(float(squares.max()), 1e-12)) / 2
    start = largest + 0.3 * (math.log(errors[0].systems) + math.log(errors[0].copies))

    def pulls(values: Floats) -> Floats:
        return (np.exp(2 * rows @ values) - squares) / spreads

    fitted = optimize.least_squares(
        pulls,
        np.array([start, 0.3, 0.3]),
        bounds=([-np.inf, 0, 0], np.inf),
        x_scale=(1.0, 0.1, 0.1),
    )
    constant, by_systems, by_copies = fitted.x.tolist()
    return LearningCurve(math.exp(constant), by_systems, by_copies)
