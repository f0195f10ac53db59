"""Finds the certificates of ``bounds.any_measurement`` and writes them where it reads them.

1. The control problem on a grid. Steps in θ are multiples of h, the largest is artanh α; v is
   interpolated. Besides the steps of the grid a learner may *drift*: it goes up in θ by
   infinitesimal steps, against the risk of one large step down. A drift is solved to second order.
2. The law F* and the cost κ = λ/α²: fully corrective Frank-Wolfe, as in
   ``stabiliser_certificates.py``, on a coarse grid; then few atoms stand for the law.
3. The value on a fine grid becomes S, with its values as coefficients, and at large θ R. Both are
   raised a little, S more with v and θ, and κ is raised. Then ``bounds.supersolution`` proves them.

Takes about a minute.
"""

from __future__ import annotations

import itertools
import json
import math
import sys
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
from mixtures import best_weights
from scipy.ndimage import map_coordinates

from quantum_advantage.bounds import any_measurement

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Atoms = list[tuple[float, float]]

UNIT = any_measurement.UNIT


@dataclass(frozen=True)
class Target:
    """What is searched for, and the size of the grids."""

    name: str
    alpha: float
    accuracy: float
    cost: float  # κ of the control problem
    proven_cost: float  # κ of the proof
    atoms: tuple[int, int]  # of F*, below and above 4
    angle: float = 4.25  # θ_m
    depth: float = 7.5  # v_m
    edge: tuple[float, float] = (-5.5, 5.0)  # the knots of R
    affine: float = -2.2  # R is r below it
    slope: float = 0.002  # by which S is raised with v


TARGETS = (
    Target("alpha_0.9_70", 0.9, 0.7, 0.65, 0.657, (13, 1)),
    Target("alpha_0.9_90", 0.9, 0.9, 0.22, 0.227, (15, 1), 5.0, 9.0, (-6.5, 7.5), -3.2, 0.001),
)


@dataclass(frozen=True)
class Grid:
    """States (i h, k d); d = ln cosh h is the depth of the least step."""

    alpha: float
    steps: int
    angle: float
    depth: float

    @property
    def h(self) -> float:
        """The least step in θ."""
        return math.atanh(self.alpha) / self.steps

    @property
    def d(self) -> float:
        """The distance of rows in v."""
        return math.log(math.cosh(self.h))

    @property
    def shape(self) -> tuple[int, int]:
        """Rows of v and columns of θ."""
        return int(self.depth / self.d) + 1, int(self.angle / self.h) + 1

    @cached_property
    def likelihoods(self) -> Floats:
        """L of all states."""
        rows, columns = self.shape
        v, angle = np.arange(rows) * self.d, np.arange(columns) * self.h
        return np.asarray(np.exp(-v)[:, None] * np.cosh(angle))

    @cached_property
    def moves(self) -> tuple[Floats, Ints, Floats]:
        """For steps 1, 2, …: t, rows down, and the part of one more row."""
        turns = np.arange(1, self.steps + 1) * self.h
        rows = np.log(np.cosh(turns)) / self.d
        down = np.floor(rows + 1e-9).astype(np.int64)
        return np.tanh(turns), down, np.where(rows - down < 1e-9, 0, rows - down)

    def solve(self, reward: Floats, cost: float) -> tuple[Floats, npt.NDArray[np.int16]]:
        """Returns the value of all states, and the steps (down, up) that are best; 0, 0 to stop.

        A drift upwards has the step -1 up.
        """
        rows, columns = self.shape
        t, down, part = self.moves
        value, best = reward.copy(), np.zeros((rows, columns, 2), np.int16)
        state, step = np.arange(columns)[:, None], np.arange(1, self.steps + 1)
        left, right = np.abs(state - step), np.minimum(state + step, columns - 1)
        paid, leaves = cost * t * t, state + step > columns - 1
        weight = t / self.h
        for row in range(rows - down[-1] - 2, -1, -1):
            under, over = value[row + down], value[row + down + 1]
            below = (1 - part)[:, None] * under + part[:, None] * over - paid[:, None]
            low = below[step - 1, left]
            high = np.where(leaves, -np.inf, below[step - 1, right])
            a, b = np.zeros(columns, np.int64), np.zeros(columns, np.int64)
            at = np.arange(columns)
            for _ in range(4):
                b = np.argmax((high - low[at, a][:, None]) / (t[a][:, None] + t), axis=1)
                a = np.argmin((high[at, b][:, None] - low) / (t[b][:, None] + t), axis=1)
            pair = (t[a] * high[at, b] + t[b] * low[at, a]) / (t[a] + t[b])
            here = np.where(pair > value[row] + 1e-13, pair, value[row])
            chosen = np.where((pair > value[row] + 1e-13)[:, None], np.stack([a, b], 1) + 1, 0)
            middle = (low[:-1, 1:] + low[1:, 1:]) / 2
            fixed, share = middle / (weight[1:] + 0.5), (weight[1:] - 0.5) / (weight[1:] + 0.5)
            following = here[-1]
            for i in range(columns - 2, -1, -1):
                drift = fixed[i] + following * share
                k = drift.argmax()
                if drift[k] > here[i] + 1e-13:
                    here[i], chosen[i] = drift[k], (k + 2, -1)
                following = here[i]
            value[row], best[row] = here, chosen
        return value, best

    def follow(self, best: npt.NDArray[np.int16]) -> tuple[Floats, float]:
        """Returns where the best policy stops, from (0, 0), and the mean of Σ t²."""
        rows, columns = self.shape
        t, down, part = self.moves
        mass, stops, paid = np.zeros((rows + 2, columns)), np.zeros((rows, columns)), 0.0
        mass[0, 0] = 1.0

        def put(row: int, column: int, step: int, weight: float) -> None:
            mass[row + down[step], column] += (1 - part[step]) * weight
            mass[row + down[step] + 1, column] += part[step] * weight

        for row in range(rows):
            for i in range(columns):
                here = mass[row, i]
                if here < 1e-12:
                    continue
                a, b = (int(step) for step in best[row, i])
                if a == 0:
                    stops[row, i] += here
                elif b == -1:
                    weight = t[a - 1] / self.h
                    jumps = here / (weight + 0.5)
                    mass[row, i + 1] += here - jumps
                    paid += jumps * t[a - 1] ** 2
                    for column in (abs(i - a), abs(i + 1 - a)):
                        put(row, column, a - 1, jumps / 2)
                else:
                    up = here * t[a - 1] / (t[a - 1] + t[b - 1])
                    paid += up * t[b - 1] ** 2 + (here - up) * t[a - 1] ** 2
                    put(row, i + b, b - 1, up)
                    put(row, abs(i - a), a - 1, here - up)
        return stops, paid


def reward(atoms: Atoms, likelihoods: Floats) -> Floats:
    """Returns 2 E max(L* - l, 0)."""
    total = sum(weight for _, weight in atoms)
    found = np.zeros_like(likelihoods)
    for value, weight in atoms:
        found += 2 * weight / total * np.maximum(value - likelihoods, 0)
    return found


def best_law(target: Target) -> Atoms:
    """Returns the optimum of the dual problem at the cost of a target, on a coarse grid."""
    grid = Grid(target.alpha, 16, 9.0, 5.0)
    values = np.exp(np.linspace(-5.1, 6.5, 1500))
    places = np.clip(np.searchsorted(values, grid.likelihoods.ravel()) - 1, 0, values.size - 2)
    gaps = np.diff(values)
    upper = np.clip((grid.likelihoods.ravel() - values[places]) / gaps[places], 0, 1)

    def spread(first: Floats, second: Floats) -> float:
        f, g = np.cumsum(first)[:-1], np.cumsum(second)[:-1]
        return float(((f * (1 - g) + g * (1 - f)) * gaps).sum())

    def shortfall(law: Floats) -> Floats:
        above, chance = (np.cumsum(x[::-1])[::-1] for x in (law * values, law))
        line = 2 * np.maximum(above - values * chance, 0)
        return (line[places] * (1 - upper) + line[places + 1] * upper).reshape(grid.shape)

    def law_of(stops: Floats) -> Floats:
        mass = stops.ravel()
        return np.bincount(places, mass * (1 - upper), values.size) + np.bincount(
            places + 1, mass * upper, values.size
        )

    start = np.zeros(grid.shape)
    start[0, 0] = 1.0
    laws, prices, weights = [law_of(start)], [0.0], np.ones(1)
    while True:
        law = np.tensordot(weights, laws, axes=1)
        value, best = grid.solve(shortfall(law), target.cost)
        primal = spread(law, law) / 2 - float(weights @ prices)
        dual = value[0, 0] - law @ values + 1 - spread(law, law) / 2
        if dual - primal < 3e-4:
            return [(x, m) for x, m in zip(values, law, strict=True) if m > 1e-7]
        stops, paid = grid.follow(best)
        laws.append(law_of(stops))
        prices.append(target.cost * paid + float(laws[-1] @ values) - 1)
        pairs = np.array([[spread(p, q) for q in laws] for p in laws])
        weights = best_weights(
            pairs, np.array(prices), np.append(0.9 * weights, 0.1), tolerance=1e-13, steps=300
        )
        kept = np.flatnonzero(weights > 1e-9)
        laws, prices = [laws[k] for k in kept], [prices[k] for k in kept]
        weights = weights[kept] / weights[kept].sum()


def merged(atoms: Atoms, count: int) -> Atoms:
    """Returns few atoms of the same mean, by merging neighbours that cost G least."""
    atoms = list(atoms)
    while len(atoms) > count:
        losses = [p * q / (p + q) * (y - x) for (x, p), (y, q) in itertools.pairwise(atoms)]
        k = int(np.argmin(losses))
        (x, p), (y, q) = atoms[k], atoms[k + 1]
        atoms[k : k + 2] = [((x * p + y * q) / (p + q), p + q)]
    return atoms


def short_law(target: Target) -> list[tuple[int, int]]:
    """Returns F* as (thousandths of a likelihood, relative weight)."""
    atoms = [atom for atom in best_law(target) if atom[0] < 100]
    low, high = ([x for x in atoms if (x[0] < 4) == below] for below in (True, False))
    short = merged(low, target.atoms[0]) + merged(high, target.atoms[1])
    return [(round(1000 * value), round(10**5 * weight)) for value, weight in short]


def _faded(start: Floats, towards: float, share: Floats) -> Floats:
    """Returns values that go over to a constant where the share is 1."""
    smooth = share * share * (3 - 2 * share)
    return np.asarray(start + (towards - start) * smooth)


def splines(target: Target, law: list[tuple[int, int]]) -> dict[str, object]:
    """Returns S and R as the file of a certificate holds them."""
    atoms = [(value / 1000, weight / sum(w for _, w in law)) for value, weight in law]
    mean = sum(value * weight for value, weight in atoms)
    angle, depth, edge = 1 / 8, 1 / 16, 1 / 16

    grid = Grid(target.alpha, 30, target.angle + 7, target.depth + 1.2)
    value, _ = grid.solve(reward(atoms, grid.likelihoods), target.cost)

    def at(v: Floats, theta: Floats, value: Floats = value, grid: Grid = grid) -> Floats:
        found = map_coordinates(value, [v / grid.d, theta / grid.h], order=1, mode="nearest")
        return np.asarray(found)

    thetas = (np.arange(-1, round(target.angle / angle) + 1) + 0.5) * angle
    depths = (np.arange(-1, round(target.depth / depth) + 1) + 0.5) * depth
    sheet = at(*np.broadcast_arrays(depths, np.abs(thetas)[:, None]))
    # Beyond v = 0 the sheet goes on with the slope that it has there, which has a kink at θ = 0.
    rounded = np.sqrt(thetas**2 + 0.15**2)
    step = depth / 8
    sheet[:, 0] = (
        sheet[:, 1] - depth * (at(0 * rounded + step, rounded) - at(0 * rounded, rounded)) / step
    )
    sheet += 0.003 + target.slope * depths
    top = 2 * mean + 0.003 + target.slope * target.depth + 1e-6
    share = np.clip(depths - (target.depth - 1), 0, 1)
    share[-3:] = 1
    sheet = _faded(sheet, top, share)
    # (θ - 1)², whose coefficient at the middle of a cell is smaller by the square of half a cell.
    sheet += (
        0.0005 * np.where(thetas > 1, np.maximum((thetas - 1) ** 2 - angle**2 / 4, 0), 0)[:, None]
    )
    sheet[:, -3:] = sheet[:, -3:].max()

    # A large θ, where B is negligible.
    theta = 5.0 if target.accuracy < 0.8 else 7.0
    grid = Grid(target.alpha, 30, theta + 8, theta - target.affine + 2)
    value, _ = grid.solve(reward(atoms, grid.likelihoods), target.cost)
    first, last = target.edge
    places = first + (np.arange(-1, round((last - first) / edge) + 1) + 0.5) * edge
    v = np.maximum(theta - places, 0.2)
    line = at(v, places + v, value, grid)
    line = np.where(places < target.affine, reward(atoms, np.exp(places) / 2), line) + 0.0005
    line = _faded(line, 2 * mean + 0.0005, np.clip((first + 1 - places) / 0.9, 0, 1))
    line[:3], line[-2:] = 2 * mean + 0.0005, line[-2:].max()
    return {
        "law": law,
        "cost": target.proven_cost,
        "angle": [1, 8],
        "depth": [1, 16],
        "start": first,
        "step": [1, 16],
        "sheet": np.ceil(sheet * UNIT).astype(int).tolist(),
        "edge": np.ceil(line * UNIT).astype(int).tolist(),
    }


def write(target: Target) -> None:
    """Finds, proves and writes a certificate, and prints the line for the module."""
    law = short_law(target)
    print(target.name, law)
    found = splines(target, law)
    folder = Path(any_measurement.__file__).parent / "certificates"
    (folder / f"{target.name}.json").write_text(json.dumps(found, separators=(",", ":")) + "\n")
    alpha, cost = Fraction(str(target.alpha)), Fraction(str(target.proven_cost))
    line = any_measurement.Line(target.name, alpha, Fraction(0), cost * alpha**2)
    offset = any_measurement.proven_offset(line)
    if offset is None:
        print("not proven")
    else:
        least = (2 * target.accuracy - 1 - float(offset)) / float(line.cost)
        print(f"# {target.accuracy:.0%}: {least:.5f} (2^n + 1) copies at large n")
        print(f"offset {float(offset):.6f}, cost {line.cost}")


if __name__ == "__main__":
    for one in TARGETS:
        if one.name in sys.argv[1:] or len(sys.argv) == 1:
            write(one)
