"""Finds the certificates of ``bounds.stabiliser_bases`` and prints them.

For each cost λ of a hit, the best mixture of policies maximises G(F) - λ x, a concave quadratic
function of the mixture. Fully corrective Frank-Wolfe: the stopping problem against the present law
F gives the policy to add and the dual value W - G(F); a small quadratic program sets the weights
anew. The λ with the largest (gap - dual)/λ is kept, and its law rounded. Takes half a minute.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt
from mixtures import best_weights
from scipy import optimize

from quantum_advantage.bounds.stabiliser_bases import Certificate, offset

Floats = npt.NDArray[np.float64]

ALPHA = Fraction(9, 10)
# For each target accuracy the horizon and the costs between which the best one lies.
SEARCHED = {0.7: (30, (0.33, 0.36)), 0.9: (44, (0.115, 0.13))}
UNIT = 10**5
TIGHT = 1e-8


@dataclass(frozen=True)
class Ladder:
    """All signs that up to so many hits can have, and the likelihoods they give, in order."""

    horizon: int
    likelihoods: Floats
    order: npt.NDArray[np.int64]

    @classmethod
    def of(cls, horizon: int) -> Ladder:
        """Lists the pairs (plus, minus) by hits, then by plus."""
        alpha = float(ALPHA)
        values = [
            ((1 + alpha) ** a * (1 - alpha) ** (k - a) + (1 - alpha) ** a * (1 + alpha) ** (k - a))
            / 2
            for k in range(horizon + 1)
            for a in range(k + 1)
        ]
        flat = np.array(values)
        return cls(horizon, flat, np.argsort(flat))

    def layer(self, values: Floats, hits: int) -> Floats:
        """Returns the values at so many hits."""
        start = hits * (hits + 1) // 2
        return values[start : start + hits + 1]

    def spread(self, first: Floats, second: Floats) -> float:
        """Returns E|L - L'| for independent L, L' of two laws."""
        gaps = np.diff(self.likelihoods[self.order])
        below = [np.cumsum(law[self.order])[:-1] for law in (first, second)]
        above = [np.cumsum(law[self.order][::-1])[::-1][1:] for law in (first, second)]
        return float(((below[0] * above[1] + below[1] * above[0]) * gaps).sum())

    def shortfall(self, law: Floats) -> Floats:
        """Returns 2 E max(L* - l, 0) at every likelihood l."""
        sorted_law, values = law[self.order], self.likelihoods[self.order]
        above = np.cumsum((sorted_law * values)[::-1])[::-1]
        chance = np.cumsum(sorted_law[::-1])[::-1]
        reward = np.empty_like(values)
        reward[self.order] = 2 * np.maximum(above - values * chance, 0)
        return reward

    def best_policy(self, reward: Floats, cost: float) -> tuple[float, Floats, float]:
        """Returns the value of the stopping problem, where it stops, and the mean of its hits."""
        value = self.layer(reward, self.horizon)
        goes_on = [np.zeros(self.horizon + 1, dtype=np.bool_)]
        for hits in reversed(range(self.horizon)):
            ahead, stop = (value[1:] + value[:-1]) / 2 - cost, self.layer(reward, hits)
            goes_on.append(ahead > stop + 1e-14)
            value = np.maximum(ahead, stop)
        arrived, stops, mean = np.ones(1), [], 0.0
        for continues in reversed(goes_on):
            moved = np.where(continues, arrived, 0.0)
            stops.append(arrived - moved)
            mean += float(moved.sum())
            arrived = (np.append(moved, 0) + np.append(0, moved)) / 2
        return float(value[0]), np.concatenate(stops), mean


def best_law(ladder: Ladder, cost: float) -> tuple[float, Floats]:
    """Returns min over F of W - G(F) at a cost, and the law F."""
    idle = np.zeros(ladder.likelihoods.size)
    idle[0] = 1.0
    laws, hits, weights = [idle], [0.0], np.ones(1)
    while True:
        law = np.tensordot(weights, laws, axes=1)
        value, added, mean = ladder.best_policy(ladder.shortfall(law), cost)
        half = ladder.spread(law, law) / 2
        dual = value + 1 - float(law @ ladder.likelihoods) - half
        if dual - (half - cost * float(weights @ hits)) < TIGHT:
            return dual, law
        laws, hits = [*laws, added], [*hits, mean]
        pairs = np.array([[ladder.spread(p, q) for q in laws] for p in laws])
        weights = best_weights(
            pairs, cost * np.array(hits), np.append(0.9 * weights, 0.1), tolerance=1e-15, steps=500
        )
        kept = np.flatnonzero(weights > 1e-10)
        laws, hits = [laws[k] for k in kept], [hits[k] for k in kept]
        weights = weights[kept] / weights[kept].sum()


def certificate(target: float) -> Certificate:
    """Finds the best cost for a target and rounds its law."""
    horizon, bounds = SEARCHED[target]
    ladder, gap = Ladder.of(horizon), 2 * target - 1
    found = optimize.minimize_scalar(
        lambda cost: (best_law(ladder, cost)[0] - gap) / cost,
        bounds=bounds,
        method="bounded",
        options={"xatol": 2e-4},
    )
    cost = Fraction(round(found.x, 4)).limit_denominator(10**4)
    weights: dict[tuple[int, int], float] = {}
    pairs = [(a, k - a) for k in range(horizon + 1) for a in range(k + 1)]
    for (a, b), weight in zip(pairs, best_law(ladder, float(cost))[1], strict=True):
        sign = max(a, b), min(a, b)
        weights[sign] = weights.get(sign, 0.0) + weight
    rounded = [(*signs, round(UNIT * weight)) for signs, weight in sorted(weights.items())]
    law = tuple(entry for entry in rounded if entry[2])
    return Certificate(ALPHA, cost, law, horizon)


if __name__ == "__main__":
    for target in SEARCHED:
        one = certificate(target)
        least = (Fraction(round(2 * target - 1, 9)) - offset(one)) / one.cost
        print(f"# {target:.0%}: {float(least):.5f} (2^n + 1) copies at large n\n{one}")
