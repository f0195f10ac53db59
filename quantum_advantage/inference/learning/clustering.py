"""Two groups among unlabelled points on a line, and how much the grouping is worth.

Any number for each evolution will do as its place on the line: a principal coordinate, or a score
such as :func:`~quantum_advantage.inference.haar.real_amplitudes.complement_log_ratio`, which
divides single-copy records far better than their moments do.

A grouping has no names: its accuracy against the truth is that of the better of the two ways to
name the groups, so that pure chance is right more often than half of the time.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import scipy

from quantum_advantage.core.usage import UsageError

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

# Relative; points that are closer are equal, and so are divisions, as rounding must not choose.
SAME = 1e-9
# Far from zero the points are accurate to so many units in the last place.
_ULPS = 16


def cluster(coordinates: npt.ArrayLike) -> Integers:
    """Divides points on a line into two groups of least sum of squares: exact 2-means.

    The best groups of points on a line are separated by a threshold, so that all of them are tried,
    and no start has to be chosen.

    Args:
        coordinates: (points,) numbers.

    Returns:
        (points,) 0 for the lower group and 1 for the upper one; all 0 if all points are equal.

    Raises:
        ValueError: If there are less than two points, or one is not finite.

    Example:
        >>> cluster([0.1, 2.0, 0.0, 2.1]).tolist()
        [0, 1, 0, 1]
    """
    values = np.asarray(coordinates, dtype=np.float64)
    if values.ndim != 1 or values.size < 2 or not np.isfinite(values).all():
        raise UsageError(
            f"coordinates must be at least 2 finite numbers, not of shape {values.shape}"
        )
    order = np.argsort(values, kind="stable")
    ordered = values[order] - values.mean()
    below = np.cumsum(ordered)[:-1]
    number = np.arange(1, values.size)
    # The squares within the groups are those of all points less these.
    between = below**2 / number + (ordered.sum() - below) ** 2 / (values.size - number)
    rounding = _ULPS * np.finfo(np.float64).eps * np.abs(values).max()
    between[np.diff(ordered) <= max(SAME * np.abs(ordered).max(), rounding)] = -1
    labels = np.zeros(values.size, dtype=np.int64)
    if between.max() < 0:
        return labels
    best = np.flatnonzero(between >= (1 - SAME) * between.max())
    if best.size > 1:
        # Equally good: the division that is first by which points part from the first point, so
        # that neither rounding nor the direction of the line decides.
        ranks = np.argsort(order)
        parted = [((ranks > k) != (ranks[0] > k)).tolist() for k in best]
        best = best[[parted.index(min(parted))]]
    labels[order[int(best[0]) + 1 :]] = 1
    return labels


def best_threshold_accuracy(coordinates: npt.ArrayLike, truth: npt.ArrayLike) -> float:
    """Returns the largest accuracy of a threshold on the coordinates, found with the labels known.

    No grouping by a threshold does better, however it is found.

    Args:
        coordinates: (points,) numbers.
        truth: (points,) classes 0 and 1.

    Raises:
        ValueError: If the numbers of coordinates and labels differ.

    Example:
        >>> best_threshold_accuracy([0.1, 0.2, 0.9, 0.3], [0, 0, 0, 1])
        0.75
    """
    values, classes = np.asarray(coordinates, dtype=np.float64), np.asarray(truth, dtype=np.int64)
    if values.shape != classes.shape or values.ndim != 1:
        raise UsageError(f"truth must hold one label for each of {values.size} coordinates")
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    # A threshold lies between two different numbers, or beyond all of them.
    allowed = np.concatenate([[True], np.diff(ordered) > 0, [True]])
    ones = np.concatenate([[0], np.cumsum(classes[order])])
    right = np.arange(values.size + 1) - ones + ones[-1] - ones
    shares = right[allowed] / values.size
    return float(max(shares.max(), 1 - shares.min()))


def group_boundary(positions: npt.ArrayLike, labels: npt.ArrayLike) -> tuple[float, float]:
    """Returns where along a line of known parameters one group ends and the other begins.

    It is the middle between two neighbours, such that the fewest points lie on the wrong side,
    whichever group is below; of equally good places the middle one. The points do not tell where
    between the neighbours: the standard deviation of a uniform place there is stated. It knows
    nothing of a bias of the groups.

    Args:
        positions: (points,) parameters of the points.
        labels: (points,) groups 0 and 1.

    Returns:
        The place, and the distance of the neighbours divided by √12.

    Raises:
        ValueError: If the numbers of positions and labels differ, or there are not both groups.

    Example:
        >>> place, error = group_boundary([0.1, 0.5, 0.7, 0.9], [1, 1, 0, 0])
        >>> round(place, 3), round(error, 3)
        (0.6, 0.058)
    """
    values, groups = np.asarray(positions, dtype=np.float64), np.asarray(labels, dtype=np.int64)
    if values.shape != groups.shape or values.ndim != 1:
        raise UsageError(f"labels must be one for each of {values.size} positions")
    if set(groups.tolist()) != {0, 1}:
        raise UsageError("labels must hold both groups, 0 and 1")
    order = np.argsort(values, kind="stable")
    ones = np.cumsum(groups[order])[:-1]
    below = np.arange(1, values.size)
    right = (below - ones) + (ones[-1] + groups[order[-1]] - ones)
    fit = np.maximum(right, values.size - right)
    best = np.flatnonzero(fit == fit.max())
    place = int(best[(best.size - 1) // 2])
    low, high = values[order[place : place + 2]].tolist()
    return (low + high) / 2, (high - low) / math.sqrt(12)


def chance_accuracy(labels: npt.ArrayLike, truth: npt.ArrayLike) -> float:
    """Returns the mean accuracy of groups of this size if they have nothing to do with the truth.

    Source: derived here, exact. It averages over all ways to give the classes to the points, as
    they are equally likely if both classes look alike, whatever the groups come from. For 20 points
    of each class it is 0.562 with groups of equal size and 0.5 with all points in one group. The
    number k of points of class 1 in group 1 is hypergeometric, and
    N - (points in class 1) - (points in group 1) + 2k points are right.

    Args:
        labels: (points,) groups 0 and 1.
        truth: (points,) classes 0 and 1.

    Raises:
        ValueError: If the truth does not hold both classes, one for each label.

    Example:
        >>> halves = [0, 1] * 20
        >>> round(chance_accuracy(halves, halves), 3)
        0.562
    """
    groups, classes = np.asarray(labels), np.asarray(truth, dtype=np.int64)
    size, members = groups.size, int(groups.sum())
    if classes.shape != (size,) or set(classes.tolist()) != {0, 1}:
        raise UsageError(f"truth must hold {size} labels, 0 and 1, both of them")
    of_class = int(classes.sum())
    shared = np.arange(max(0, members + of_class - size), min(members, of_class) + 1)
    right = (size - of_class - members + 2 * shared) / size
    chances = scipy.stats.hypergeom.pmf(shared, size, of_class, members)
    return float(np.maximum(right, 1 - right) @ chances)
