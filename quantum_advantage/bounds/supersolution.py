"""Proves that a function bounds a control problem from above.

It is that of :mod:`quantum_advantage.bounds.any_measurement`. The state is (θ, v) with v ≥ 0 and
the likelihoods A, B = exp(-v ± θ) of the two signs, so that L = exp(-v) cosh θ. A measurement with
the expectation value p moves it, with t = α p = tanh δ, to

    θ + δ,  v + ln cosh δ,   |t| ≤ α,

because A is multiplied by 1 + t and B by 1 - t. The start is (0, 0), the reward r(L), and a
measurement costs κ t², κ = λ/α². Claim: W ≤ U(0, 0) for every even function U with

    (i)  U ≥ r,
    (ii) for every state a slope c with U(moved by t) ≤ U + c t + κ t² for all |t| ≤ α,

because t has the mean zero given the past: U minus the costs paid is a supermartingale.

Form of U. U = min(S, R), S for θ ≤ θ_m alone. S(θ, v) is a tensor product of quadratic B-splines on
uniform knots, even in θ, and constant beyond the last depth v_m. R(a) is a quadratic spline of
a = ln A = θ - v alone, constant outside its knots. The proof needs (ii) for R with the values of R,
which covers all states with U = R since U ≤ R; then (ii) for S, with U ≤ S at moved states with
θ ≤ θ_m and U ≤ R beyond; and S ≥ R where θ is within :data:`EDGE` of θ_m.

How it is checked.
- :mod:`quantum_advantage.bounds.splines` bounds all derivatives on whole cells.
- Small moves, |t| ≤ :data:`SMALL`. With c = U_θ both sides of (ii) agree to first order, so that a
  bound on the second derivative along the path is enough. For S it is, at the moved state,

      S_θθ + 2t S_θv + t² S_vv + (1 + t²) S_v + 2t S_θ ≤ 2κ (1 - t²)²,

  from dδ/dt = 1/(1 - t²) and dv/dt = t/(1 - t²); for R it is R'' - R' ≤ 2κ (1 + t)².
- Large moves. Boxes in (θ, v, δ) cover all of them. In each the difference of both sides of (ii) is
  bounded by Taylor's formula at the centre; boxes where this does not suffice are halved.
- (i) in cells: r is convex in L and below its chord over a cell, L is convex in (θ, v) and in a, so
  that Taylor's formula works here too.
- R must not increase with a, so that its value at -θ - v is not below that at θ - v, θ ≥ 0: a move
  to the other side of θ = 0, where U is the even continuation, is then covered by the test of R.

Rounding. Coefficients are multiples of 2⁻²⁰, so that halving the knots is exact. The sums are of
fewer than 300 terms below 10⁴ in magnitude, with functions of the library that err by a few units
in the last place: their error is below 10⁻⁸, and every inequality is asked to hold by
:data:`MARGIN`. The committed certificates are proven with ten times that margin too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy

from quantum_advantage.bounds.splines import Edge, Floats, Sheet

Reward = Callable[[Floats], Floats]

MARGIN = 1e-7
# Moves with |t| up to it are small.
SMALL = 0.03
# S lies above R where θ_m - θ is less.
EDGE = 1 / 16
# Half the widths in δ of the first boxes.
_TURN, _TURN_OF_EDGE = 0.02, 0.01
# How often boxes are halved before the proof is given up.
_HALVINGS = 6
_CHUNK = 400_000
# A proof is given up where more boxes are left.
_MOST_BOXES = 40_000_000


def _positive(values: Floats) -> Floats:
    return np.maximum(values, 0)


def _ends_are_in_order(sheet: Sheet, edge: Edge, most: float, largest: float) -> bool:
    """Whether S is even, R falls, both end flat, and no value outside the knots is too small."""
    deep = sheet.coefficients[:, -3:]
    start, end = edge.coefficients[:3], edge.coefficients[-2:]
    flat = np.ptp(deep) == 0 and np.ptp(start) == 0 and np.ptp(end) == 0
    even = bool(np.all(sheet.coefficients[0] == sheet.coefficients[1]))
    falls = bool(np.all(np.diff(edge.coefficients) <= 0))
    highest = start[0] <= deep[0, 0]
    high = start[0] > most + MARGIN and sheet.coefficients.max() <= deep[0, 0]
    # r(L) is zero from the largest value of the law on.
    far = end[0] > MARGIN and math.exp(edge.end) > 2 * largest
    return bool(flat and even and falls and highest and high and far)


def _chord(reward: Reward, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Returns r(low), and the slope of the chord of r to high."""
    first = reward(low)
    return first, (reward(high) - first) / (high - low)


def _sheet_is_above_reward(sheet: Sheet, reward: Reward) -> bool:
    angle, depth = sheet.centres()
    a, b = sheet.angle / 2, sheet.depth / 2
    (value, by_angle, by_depth, _, _), _, _ = sheet.at(angle, depth)
    low = np.exp(-depth - b) * np.cosh(angle - a)
    first, slope = _chord(reward, low, np.exp(-depth + b) * np.cosh(angle + a))
    here, turned = np.exp(-depth) * np.cosh(angle), np.exp(-depth) * np.sinh(angle)
    found = value - first - slope * (here - low)
    found -= np.abs(by_angle - slope * turned) * a + np.abs(by_depth + slope * here) * b
    found -= _curving_down(sheet)
    return bool(np.all(found > MARGIN))


def _curving_down(sheet: Sheet) -> Floats:
    """Returns how far S can lie in each cell below its tangent plane in the middle."""
    a, b = sheet.angle / 2, sheet.depth / 2
    ranges = sheet.ranges
    down = _positive(-ranges[2, 0][0]) * a * a + _positive(-ranges[0, 2][0]) * b * b
    return down / 2 + sheet.size(1, 1) * a * b


def _edge_is_above_reward(edge: Edge, reward: Reward) -> bool:
    half = edge.step / 2
    place = np.asarray(edge.start + (np.arange(edge.cells) + 0.5) * edge.step, np.float64)
    value, by_place, _ = edge.at(place)
    low, here = np.exp(place - half) / 2, np.exp(place) / 2
    first, slope = _chord(reward, low, np.exp(place + half) / 2)
    found = value - first - slope * (here - low) - np.abs(by_place - slope * here) * half
    return bool(np.all(found - _positive(-edge.second) * half**2 / 2 > MARGIN))


def _sheet_is_above_edge(sheet: Sheet, edge: Edge) -> bool:
    """Whether S > R within EDGE of the largest θ."""
    columns = math.ceil(EDGE / sheet.angle)
    angles, depths = sheet.centres()
    angle, depth = angles[-columns:], depths[-columns:]
    a, b = sheet.angle / 2, sheet.depth / 2
    (value, by_angle, by_depth, _, _), _, _ = sheet.at(angle, depth)
    other, slope, cell = edge.at(angle - depth)
    reach = 2 * math.ceil((a + b) / edge.step) + 3
    bend = scipy.ndimage.maximum_filter1d(_positive(edge.second), reach)[cell]
    found = value - other - np.abs(by_angle - slope) * a - np.abs(by_depth + slope) * b
    found -= _curving_down(sheet)[-columns:] + bend * (a + b) ** 2 / 2
    return bool(np.all(found > MARGIN))


def _small_moves_hold(sheet: Sheet, edge: Edge, cost: float) -> bool:
    slopes = np.diff(edge.coefficients) / edge.step
    least = np.minimum(slopes[:-1], slopes[1:])
    on_edge = edge.second - least < 2 * cost * (1 - SMALL) ** 2 - MARGIN
    ranges = sheet.ranges
    bend = ranges[2, 0][1] + 2 * SMALL * sheet.size(1, 1) + SMALL**2 * _positive(ranges[0, 2][1])
    sinking = ranges[0, 1][1] + SMALL**2 * _positive(ranges[0, 1][1])
    both = bend + sinking + 2 * SMALL * sheet.size(1, 0)
    return bool(np.all(on_edge) and np.all(both < 2 * cost * (1 - SMALL**2) ** 2 - MARGIN))


@dataclass(frozen=True)
class _Boxes:
    """Boxes: centres and half widths, one row each for θ (or a), v (if any) and δ."""

    centres: Floats
    halves: Floats

    def __getitem__(self, chosen: npt.NDArray[np.bool_] | slice) -> _Boxes:
        return _Boxes(self.centres[:, chosen], self.halves[:, chosen])

    def halved(self) -> _Boxes:
        """Returns all boxes of half the widths."""
        found = self
        for axis in range(self.centres.shape[0]):
            halves = found.halves.copy()
            halves[axis] /= 2
            shift = np.zeros_like(halves)
            shift[axis] = halves[axis]
            both = (found.centres - shift, found.centres + shift)
            found = _Boxes(np.hstack(both), np.hstack([halves, halves]))
        return found


def _turns(alpha: float, half: float) -> tuple[Floats, float]:
    """Returns the middles of intervals of δ that cover all large moves, and half their width."""
    first, last = math.atanh(SMALL) * (1 - 1e-9), math.atanh(alpha) * (1 + 1e-9)
    count = math.ceil((last - first) / (2 * half))
    width = (last - first) / (2 * count) * (1 + 1e-9)
    middles = first + (last - first) * (np.arange(count) + 0.5) / count
    return np.concatenate([-middles, middles]), width


def _holds(least: Callable[[_Boxes], Floats], boxes: _Boxes) -> bool:
    """Whether a lower bound is positive in all boxes, or in all parts after some halvings."""
    for _ in range(_HALVINGS + 1):
        left = []
        for start in range(0, boxes.centres.shape[1], _CHUNK):
            part = boxes[start : start + _CHUNK]
            left.append(part[~(least(part) > MARGIN)])
        boxes = _Boxes(
            np.hstack([part.centres for part in left]), np.hstack([part.halves for part in left])
        )
        left_over = boxes.centres.shape[1]
        if left_over == 0:
            return True
        if left_over << len(boxes.centres) > _MOST_BOXES:
            return False
        boxes = boxes.halved()
    return False


def _large_moves_hold_on_edge(edge: Edge, cost: float, alpha: float) -> bool:
    turns, width = _turns(alpha, _TURN_OF_EDGE)
    # From further out only the constant can be reached.
    beyond = math.ceil(-math.log1p(-alpha) / edge.step) + 1
    places = edge.start + (np.arange(edge.cells + beyond) + 0.5) * edge.step
    centres = np.stack([grid.ravel() for grid in np.meshgrid(places, turns, indexing="ij")])
    halves = np.full_like(centres, edge.step / 2)
    halves[1] = width
    widest = edge.step / 2 + 2 * width + width**2 / 2
    bends = scipy.ndimage.maximum_filter1d(
        _positive(edge.second), 2 * math.ceil(widest / edge.step) + 1
    )

    def least(boxes: _Boxes) -> Floats:
        (place, turn), (a, e) = boxes.centres, boxes.halves
        t = np.tanh(turn)
        value, slope, cell = edge.at(place)
        bend = np.where(place > edge.end, 0.0, edge.second[cell])
        moved, rise, other = edge.at(place + np.log1p(t))
        spread = a + e * (1 - t) + e * e / 2
        found = value + slope * t + cost * t * t - moved
        found -= np.abs(slope + bend * t - rise) * a
        found -= np.abs((slope + 2 * cost * t) * (1 - t * t) - rise * (1 - t)) * e
        found -= np.abs(bend) * (a * a / 2 + a * e) + bends[other] * spread**2 / 2
        return np.asarray(found - (0.4 * np.abs(slope) + cost / 3 + np.abs(rise) / 2) * e * e)

    return _holds(least, _Boxes(centres, halves))


def _large_moves_hold_on_sheet(sheet: Sheet, edge: Edge, cost: float, alpha: float) -> bool:
    turns, width = _turns(alpha, _TURN)
    rows, columns = sheet.cells
    end, bottom = rows * sheet.angle, columns * sheet.depth
    rows -= math.floor(EDGE / sheet.angle)
    angles = (np.arange(rows) + 0.5) * sheet.angle
    depths = (np.arange(columns) + 0.5) * sheet.depth
    grids = np.meshgrid(angles, depths, turns, indexing="ij")
    centres = np.stack([grid.ravel() for grid in grids])
    halves = np.empty_like(centres)
    halves[0], halves[1], halves[2] = sheet.angle / 2, sheet.depth / 2, width
    widths = sheet.angle / 2 + width, sheet.depth / 2 + width + width**2 / 2
    window = tuple(
        2 * math.ceil(reach / cell) + 1
        for reach, cell in zip(widths, (sheet.angle, sheet.depth), strict=True)
    )
    ranges = sheet.ranges
    bends = [
        scipy.ndimage.maximum_filter(values, window)
        for values in (_positive(ranges[2, 0][1]), _positive(ranges[0, 2][1]), sheet.size(1, 1))
    ]
    beyond = scipy.ndimage.maximum_filter1d(
        _positive(edge.second), 2 * math.ceil(sum(widths) / edge.step) + 1
    )
    down = [_positive(-ranges[2, 0][0]), _positive(-ranges[0, 2][0]), sheet.size(1, 1)]
    third = sheet.size(2, 1), sheet.size(1, 2)

    def least(boxes: _Boxes) -> Floats:
        (angle, depth, turn), (a, b, e) = boxes.centres, boxes.halves
        t = np.tanh(turn)
        (value, slope, sink, bend, twist), i, j = sheet.at(angle, depth)
        # The state after the move, and U there: S, or R near and beyond the largest θ.
        there, below = np.abs(angle + turn), depth + np.log(np.cosh(turn))
        (moved, by_angle, by_depth, _, _), k, m = sheet.at(
            np.minimum(there, end), np.minimum(below, bottom)
        )
        by_depth = np.where(below >= bottom, 0.0, by_depth)
        curves = [bent[k, m] for bent in bends]
        far = there + a + e >= end
        on_edge, rise, cell = edge.at(there - below)
        moved = np.where(far, on_edge, moved)
        by_angle = np.where(far, rise, by_angle) * np.where(angle + turn < 0, -1.0, 1.0)
        by_depth = np.where(far, -rise, by_depth)
        curves = [np.where(far, beyond[cell], curve) for curve in curves]
        wide, deep = a + e, b + np.abs(t) * e + e * e / 2
        found = value + slope * t + cost * t * t - moved
        # First order: θ, v and δ.
        found -= np.abs(slope + bend * t - by_angle) * a + np.abs(sink + twist * t - by_depth) * b
        turning = (slope + 2 * cost * t) * (1 - t * t) - by_angle - t * by_depth
        found -= np.abs(turning) * e
        # Second order: S here, c t, κ t², and U there.
        found -= (down[0][i, j] * a * a + down[1][i, j] * b * b) / 2 + down[2][i, j] * a * b
        curved = third[0][i, j] * a * b + third[1][i, j] * b * b / 2
        found -= (np.abs(t) + e) * curved + (np.abs(bend) * a + np.abs(twist) * b) * e
        found -= (0.4 * np.abs(slope) + cost / 3 + np.abs(by_depth) / 2) * e * e
        found -= (curves[0] * wide**2 + curves[1] * deep**2) / 2 + curves[2] * wide * deep
        return np.asarray(found)

    return _holds(least, _Boxes(centres, halves))


def is_supersolution(
    sheet: Sheet,
    edge: Edge,
    *,
    alpha: float,
    cost: float,
    law: tuple[tuple[float, float], ...],
) -> bool:
    """Whether (i) and (ii) are proven for U = min(S, R). A proof takes seconds.

    Args:
        sheet: S.
        edge: R.
        alpha: The signal α.
        cost: κ.
        law: (value, probability) of L*; the reward is r(l) = 2 E max(L* - l, 0).

    Returns:
        True if all inequalities are proven; False says that they may fail, or hold by too little.

    Raises:
        ValueError: If the law, the signal or the cost cannot be.
    """
    numbers = [*(number for pair in law for number in pair), cost]
    if not law or not all(0 < number < math.inf for number in numbers):
        raise ValueError("values and probabilities of the law, and the cost, must be above 0")
    if not SMALL < alpha < 1:
        raise ValueError(f"alpha must lie in ({SMALL}, 1), not {alpha}")

    def reward(values: Floats) -> Floats:
        found = np.zeros_like(values)
        for value, probability in law:
            found += 2 * probability * _positive(value - values)
        return found

    most = 2 * sum(value * probability for value, probability in law)
    if not _ends_are_in_order(sheet, edge, most, max(value for value, _ in law)):
        return False
    sheet, edge = sheet.fine(), edge.fine()
    return (
        _sheet_is_above_reward(sheet, reward)
        and _edge_is_above_reward(edge, reward)
        and _sheet_is_above_edge(sheet, edge)
        and _small_moves_hold(sheet, edge, cost)
        and _large_moves_hold_on_edge(edge, cost, alpha)
        and _large_moves_hold_on_sheet(sheet, edge, cost, alpha)
    )
