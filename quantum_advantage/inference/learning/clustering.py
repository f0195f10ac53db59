"""Two groups among unlabelled points on a line, and how much the grouping is worth.

Any number for each evolution will do as its place on the line: a principal coordinate, or a score
such as :func:`~quantum_advantage.inference.haar.real_amplitudes.complement_log_ratio`, which
divides single-copy records far better than their moments do.

A grouping has no names: its accuracy against the truth is that of the better of the two ways to
name the groups, so that pure chance is right more often than half of the time.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import stats

from quantum_advantage.core.statistics import RESAMPLES, binomial_interval, interval
from quantum_advantage.core.usage import UsageError

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

# Relative; points that are closer are equal, and so are divisions, as rounding must not choose.
SAME = 1e-9
# Far from zero points are known to so many units in the last place.
_ULPS = 16


def _line(coordinates: npt.ArrayLike) -> Floats:
    values = np.asarray(coordinates, dtype=np.float64)
    if values.ndim == 2:
        values = values[:, 0]
    if values.ndim != 1 or values.size < 2 or not np.isfinite(values).all():
        raise UsageError(
            f"coordinates must be at least 2 finite numbers, not of shape {values.shape}"
        )
    return values


def _two_classes(truth: npt.ArrayLike, size: int) -> Integers:
    classes = np.asarray(truth, dtype=np.int64)
    if classes.shape != (size,) or set(classes.tolist()) != {0, 1}:
        raise UsageError(f"truth must hold {size} labels, 0 and 1, both of them")
    return classes


def cluster(coordinates: npt.ArrayLike) -> Integers:
    """Divides points on a line into two groups of least sum of squares: exact 2-means.

    The best groups of points on a line are separated by a threshold, so that all of them are tried,
    and no start has to be chosen.

    Args:
        coordinates: (points,) numbers, or (points, components), of which the first counts.

    Returns:
        (points,) 0 for the lower group and 1 for the upper one; all 0 if all points are equal.

    Raises:
        ValueError: If there are less than two points, or one is not finite.

    Example:
        >>> cluster([0.1, 2.0, 0.0, 2.1]).tolist()
        [0, 1, 0, 1]
    """
    values = _line(coordinates)
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


def clustering_accuracy(labels: npt.ArrayLike, truth: npt.ArrayLike) -> float:
    """Returns the share of points in the right group, for the better naming of the groups.

    Args:
        labels: (points,) groups 0 and 1.
        truth: (points,) classes 0 and 1.

    Raises:
        ValueError: If the truth does not hold both classes, one for each label.

    Example:
        >>> clustering_accuracy([1, 1, 0, 0], [0, 0, 1, 0])
        0.75
    """
    groups = np.asarray(labels)
    right = float((groups == _two_classes(truth, groups.size)).mean())
    return max(right, 1 - right)


def _chance_law(labels: npt.ArrayLike, truth: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Returns all accuracies of groups of this size that know nothing, and their probabilities.

    If the classes of the points are exchangeable, the number k of points of class 1 in group 1 is
    hypergeometric, and N - (points in class 1) - (points in group 1) + 2k points are right.
    """
    groups = np.asarray(labels)
    size, members = groups.size, int(groups.sum())
    of_class = int(_two_classes(truth, size).sum())
    shared = np.arange(max(0, members + of_class - size), min(members, of_class) + 1)
    right = (size - of_class - members + 2 * shared) / size
    law = stats.hypergeom.pmf(shared, size, of_class, members)
    return np.maximum(right, 1 - right), np.asarray(law)


def chance_accuracy(labels: npt.ArrayLike, truth: npt.ArrayLike) -> float:
    """Returns the mean accuracy of groups of this size if they have nothing to do with the truth.

    Source: derived here, exact. It averages over all ways to give the classes to the points, as
    they are equally likely if both classes look alike, whatever the groups come from. For 20 points
    of each class it is 0.562 with groups of equal size and 0.5 with all points in one group.

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
    accuracies, law = _chance_law(labels, truth)
    return float(accuracies @ law)


def chance_of_accuracy(labels: npt.ArrayLike, truth: npt.ArrayLike) -> float:
    """Returns how likely groups of this size are at least as accurate by chance: a p-value.

    Args:
        labels: (points,) groups 0 and 1.
        truth: (points,) classes 0 and 1.

    Raises:
        ValueError: If the truth does not hold both classes, one for each label.

    Example:
        >>> round(chance_of_accuracy([0, 0, 1, 1], [0, 0, 1, 1]), 4)  # 2 of 6 groupings
        0.3333
    """
    accuracies, law = _chance_law(labels, truth)
    reached = accuracies >= clustering_accuracy(labels, truth) - 1e-9
    return float(min(law[reached].sum(), 1.0))


def separation(coordinates: npt.ArrayLike, truth: npt.ArrayLike) -> float:
    """Returns the distance of the two classes' means in units of their pooled standard deviation.

    Args:
        coordinates: (points,) numbers, or (points, components), of which the first counts.
        truth: (points,) classes 0 and 1.

    Returns:
        The separation, not negative; infinite if no class has any spread.

    Raises:
        ValueError: If the truth does not hold both classes, or a coordinate is not finite.

    Example:
        >>> round(separation([0.0, 1.0, 4.0, 5.0], [0, 0, 1, 1]), 3)
        5.657
    """
    values = _line(coordinates)
    classes = _two_classes(truth, values.size)
    groups = [values[classes == kind] for kind in (0, 1)]
    distance = abs(groups[0].mean() - groups[1].mean())
    squares = sum(float(((group - group.mean()) ** 2).sum()) for group in groups)
    spread = np.sqrt(squares / max(values.size - 2, 1))
    if not spread:
        return float("inf") if distance else 0.0
    return float(distance / spread)


def clustering_intervals(
    coordinates: npt.ArrayLike, truth: npt.ArrayLike, seed: int | np.random.Generator
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Returns 95 % intervals of the clustering accuracy and of the separation.

    Evolutions are drawn anew from each class with replacement, and the drawn points are clustered
    again; the coordinates stay. Where all points are right every time that says too much: the
    interval of the accuracy is made to hold the exact binomial one of the points, from 1/2 on. That
    of the separation has no width if the coordinates of each class are all the same.

    Args:
        coordinates: (points,) numbers, or (points, components), of which the first counts.
        truth: (points,) classes 0 and 1.
        seed: The seed of the resampling.

    Returns:
        The interval of the accuracy and that of the separation.

    Raises:
        ValueError: If the truth does not hold both classes, or a coordinate is not finite.

    Example:
        >>> points, truth = [0.0, 0.1, 0.2, 5.0, 5.1, 5.2], [0, 0, 0, 1, 1, 1]
        >>> (low, high), _ = clustering_intervals(points, truth, seed=0)
        >>> round(low, 2), high
        (0.54, 1.0)
    """
    values = _line(coordinates)
    classes = _two_classes(truth, values.size)
    rng = np.random.default_rng(seed)
    members = [np.flatnonzero(classes == kind) for kind in (0, 1)]
    accuracies, separations = np.empty(RESAMPLES), np.empty(RESAMPLES)
    for sample in range(RESAMPLES):
        drawn = np.concatenate([rng.choice(group, group.size) for group in members])
        points, labels = values[drawn], classes[drawn]
        accuracies[sample] = clustering_accuracy(cluster(points), labels)
        separations[sample] = separation(points, labels)
    low, high = interval(accuracies)
    right = round(clustering_accuracy(cluster(values), classes) * values.size)
    least, most = binomial_interval(right, values.size)
    return (max(0.5, min(low, least)), max(high, most)), interval(separations)
