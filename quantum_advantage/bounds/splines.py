"""Quadratic splines of one and two variables, with bounds on their derivatives in each cell.

A spline on uniform knots is Σ c_k B(x - k), B the quadratic B-spline. All its derivatives are
convex combinations of divided differences of the coefficients: these give bounds that hold on a
whole cell. Halving the distance of the knots, by the weights 3/4 and 1/4, leaves the function as it
is and makes the bounds sharper.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Range = tuple[Floats, Floats]

# Cells of a sheet, and of an edge, after refinement.
CELL, FINE = 1 / 32, 1 / 64


def _basis(t: Floats) -> tuple[Floats, Floats, Floats]:
    return (1 - t) ** 2 / 2, 0.5 + t - t * t, t * t / 2


def _slopes(t: Floats) -> tuple[Floats, Floats, Floats]:
    return t - 1, 1 - 2 * t, t


def _halved(coefficients: Floats) -> Floats:
    """Returns the coefficients of the same spline on knots twice as dense, along the first axis."""
    left, right = coefficients[:-1], coefficients[1:]
    pairs = np.stack([0.75 * left + 0.25 * right, 0.25 * left + 0.75 * right], axis=1)
    return pairs.reshape(-1, *coefficients.shape[1:])


@dataclass(frozen=True)
class Edge:
    """R, a quadratic spline of a = ln A, constant outside its knots.

    Attributes:
        coefficients: One more than the cells at each end.
        start: The first knot.
        step: The distance of knots.
    """

    coefficients: Floats
    start: float
    step: float

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return self.coefficients.size - 2

    @property
    def end(self) -> float:
        """The last knot."""
        return self.start + self.cells * self.step

    def fine(self) -> Edge:
        """Returns the same function on cells of at most 1/64."""
        if self.step <= FINE:
            return self
        return Edge(_halved(self.coefficients), self.start, self.step / 2).fine()

    @cached_property
    def second(self) -> Floats:
        """The second derivative in each cell."""
        return np.diff(self.coefficients, 2) / self.step**2

    def at(self, places: Floats) -> tuple[Floats, Floats, Ints]:
        """Returns values, derivatives and cells."""
        inside = np.clip(places, self.start, self.end)
        scaled = (inside - self.start) / self.step
        cell = np.minimum(scaled.astype(np.int64), self.cells - 1)
        near = [self.coefficients[cell + k] for k in range(3)]
        weights, slopes = _basis(scaled - cell), _slopes(scaled - cell)
        value = sum((w * c for w, c in zip(weights, near, strict=True)), np.zeros(()))
        slope = sum((w * c for w, c in zip(slopes, near, strict=True)), np.zeros(()))
        return value, slope / self.step, cell


@dataclass(frozen=True)
class Sheet:
    """S, a tensor product of quadratic splines of θ (even) and v.

    Attributes:
        coefficients: By θ, then by v, one more than the cells at each end.
        angle: The distance of knots in θ.
        depth: The distance of knots in v.
    """

    coefficients: Floats
    angle: float
    depth: float

    @property
    def cells(self) -> tuple[int, int]:
        """How many cells there are in θ and in v."""
        return self.coefficients.shape[0] - 2, self.coefficients.shape[1] - 2

    def fine(self) -> Sheet:
        """Returns the same function on cells of at most 1/32."""
        if self.angle > CELL:
            return Sheet(_halved(self.coefficients), self.angle / 2, self.depth).fine()
        if self.depth > CELL:
            return Sheet(_halved(self.coefficients.T).T, self.angle, self.depth / 2).fine()
        return self

    def _range(self, by_angle: int, by_depth: int) -> Range:
        """Returns the least and the largest value in each cell of a partial derivative."""
        found = np.diff(self.coefficients, by_angle, axis=0) / self.angle**by_angle
        found = np.diff(found, by_depth, axis=1) / self.depth**by_depth
        rows, columns = self.cells
        shifted = [
            found[i : i + rows, j : j + columns]
            for i in range(3 - by_angle)
            for j in range(3 - by_depth)
        ]
        return np.min(shifted, axis=0), np.max(shifted, axis=0)

    @cached_property
    def ranges(self) -> dict[tuple[int, int], Range]:
        """The ranges of the partial derivatives, by their orders in θ and v."""
        orders = [(1, 0), (0, 1), (2, 0), (1, 1), (0, 2), (2, 1), (1, 2)]
        return {order: self._range(*order) for order in orders}

    def size(self, by_angle: int, by_depth: int) -> Floats:
        """Returns the largest magnitude in each cell of a partial derivative."""
        low, high = self.ranges[by_angle, by_depth]
        return np.maximum(np.abs(low), np.abs(high))

    def at(self, angle: Floats, depth: Floats) -> tuple[list[Floats], Ints, Ints]:
        """Returns [S, S_θ, S_v, S_θθ, S_θv] and the cells, at angles ≥ 0 within the knots."""
        rows, columns = self.cells
        x, y = angle / self.angle, depth / self.depth
        i = np.minimum(x.astype(np.int64), rows - 1)
        j = np.minimum(y.astype(np.int64), columns - 1)
        along, slope_along = _basis(y - j), _slopes(y - j)
        values, slopes = [], []
        for k in range(3):
            a, b, c = (self.coefficients[i + k, j + m] for m in range(3))
            values.append(along[0] * a + along[1] * b + along[2] * c)
            slopes.append(slope_along[0] * a + slope_along[1] * b + slope_along[2] * c)
        across, slope_across = _basis(x - i), _slopes(x - i)

        def mixed(weights: tuple[Floats, Floats, Floats], of: list[Floats]) -> Floats:
            return weights[0] * of[0] + weights[1] * of[1] + weights[2] * of[2]

        found = [
            mixed(across, values),
            mixed(slope_across, values) / self.angle,
            mixed(across, slopes) / self.depth,
            (values[0] - 2 * values[1] + values[2]) / self.angle**2,
            mixed(slope_across, slopes) / (self.angle * self.depth),
        ]
        return found, i, j

    def centres(self) -> tuple[Floats, Floats]:
        """Returns θ and v in the middle of all cells."""
        rows, columns = self.cells
        angle = (np.arange(rows) + 0.5) * self.angle
        depth = (np.arange(columns) + 0.5) * self.depth
        angles, depths = np.meshgrid(angle, depth, indexing="ij")
        return angles, depths
