"""How many shots in a game make the expected certified factor largest."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from quantum_advantage.plan.expected import PLAYED, PLAYED_TO_CHOOSE, Expected

# A higher accuracy proves hardly more, and costs copies.
ENOUGH = 0.995
_MOST_SHOTS = 1 << 14
_GRID = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 17, 20, 24, 28, 34, 40, 48, 57, 67, 80)
# Least and largest number of shots in the games that are played beforehand.
_FIRST_PLAYED, _MOST_PLAYED = 40, 640


def best_shots(
    foresee: Callable[[Sequence[int]], Expected], factor: Callable[[float, int], float]
) -> Expected:
    """Returns what is expected of the shots at which the factor is largest, from a law.

    Args:
        foresee: Gives what is expected of numbers of shots.
        factor: Gives the factor of an accuracy at a number of shots.
    """
    grid: Sequence[int] = _GRID
    best: tuple[float, float, Expected] | None = None
    while True:
        found = foresee(grid)
        place, value = _best_of(found, factor)
        if best is None or value > best[:2]:
            best = (*value, only(found, place))
        last, tried = float(found.accuracy[-1]), grid[-1]
        if last >= ENOUGH or tried >= _MOST_SHOTS or factor(last, tried) < best[0] / 2:
            return best[2]
        grid = [math.ceil(tried * step) for step in (1.2, 1.4, 1.7, 2.0)]


def best_played(
    play: Callable[[int, int], Expected], factor: Callable[[float, int], float]
) -> Expected:
    """Returns what is expected of the shots at which the factor is largest, from games.

    A few games choose the shots. Other games estimate the accuracy: the best of several estimates
    would be biased upwards.

    Args:
        play: Plays games of up to so many shots each, so many of them.
        factor: Gives the factor of an accuracy at a number of shots.
    """
    most = _FIRST_PLAYED
    while True:
        found = play(most, PLAYED_TO_CHOOSE)
        place, _ = _best_of(found, factor)
        rising = place == len(found.shots) - 1 and found.accuracy[place] < ENOUGH
        if not rising or most >= _MOST_PLAYED:
            return only(play(int(found.shots[place]), PLAYED), -1)
        most *= 4


def _best_of(
    found: Expected, factor: Callable[[float, int], float]
) -> tuple[int, tuple[float, float]]:
    """Returns where the factor is largest, and it with the accuracy there.

    Where nothing is certified the most right answers are the best that can be had.
    """
    pairs = zip(found.shots.tolist(), found.accuracy.tolist(), strict=True)
    values = [(factor(accuracy, shots), accuracy) for shots, accuracy in pairs]
    place = max(range(len(values)), key=values.__getitem__)
    return place, values[place]


def only(found: Expected, place: int) -> Expected:
    """Returns what is expected of one of the numbers of shots.

    Args:
        found: What is expected of several.
        place: Which of them, counted from 0.
    """
    return Expected(found.shots[[place]], found.accuracy[[place]], found.likely[:, [place]])
