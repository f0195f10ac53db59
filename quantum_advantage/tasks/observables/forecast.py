"""The copies that a noisy Bell measurement will need, from the damping of its pairs.

The mean sign of the hidden string is m = α² Π f over its letters, as
``inference.bell.pauli_fidelities`` derives. The letters are independent and uniform, so -ln m is a
sum of independent terms and its distribution a convolution over the pairs; the accuracy is averaged
over that distribution.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import open_interval
from quantum_advantage.tasks.observables.exact import bell_accuracy

# Bins of -ln m. A term is split between the two bins around it, which keeps its mean.
_WIDTH = 1 / 256
_BINS_TOGETHER = 8
# Weaker signals are counted as exp(-_DEEPEST).
_DEEPEST = 40.0
_MOST_SHOTS = 2**60

Floats = npt.NDArray[np.float64]


def signal_distribution(damping: Floats, alpha: float) -> tuple[Floats, Floats]:
    """Returns the distribution of the mean sign m of a random string other than the identity.

    Args:
        damping: (qubits, 4) factors of I, X, Y, Z on each pair.
        alpha: The signal α.

    Returns:
        (values,) the values of m, and (values,) their probabilities.

    Raises:
        UsageError: If the factors have another shape, or α does not lie in (0, 1].

    Example:
        Without noise every string has the mean sign α²:

        >>> values, chances = signal_distribution(np.ones((3, 4)), alpha=0.9)
        >>> values.round(3).tolist(), chances.tolist()
        ([0.81], [1.0])
    """
    if damping.ndim != 2 or damping.shape[1] != 4:
        raise UsageError(f"damping must have shape (qubits, 4), not {damping.shape}")
    if not 0 < alpha <= 1:
        raise UsageError(f"alpha must lie in (0, 1], not {alpha}")
    with np.errstate(divide="ignore"):
        terms = np.minimum(-np.log(np.clip(damping, 0.0, 1.0)), _DEEPEST) / _WIDTH
    most = 1 + int((np.floor(terms.max(axis=1)) + 1).sum())
    weights = np.zeros(min(most, round(_DEEPEST / _WIDTH) + 2))
    weights[0] = 1.0
    reach = 1  # all bins from there on are empty
    for places in terms:
        moved = np.zeros_like(weights)
        for place in places:
            low = int(place)
            for shift, share in ((low, low + 1 - place), (low + 1, place - low)):
                if not share:
                    continue
                kept = weights[: min(reach, weights.size - shift)]
                moved[shift : shift + kept.size] += share / 4 * kept
                if kept.size < reach:
                    moved[-1] += share / 4 * weights[weights.size - shift :].sum()
        weights = moved
        reach = min(reach + int(places.max()) + 1, weights.size)
    # The identity is never hidden; it is the string without any damping.
    weights[0] = max(weights[0] - 4.0 ** -len(damping), 0.0)
    values = alpha**2 * np.exp(-_WIDTH * np.arange(weights.size))
    # The accuracy varies slowly: neighbouring bins may share their mean.
    starts = np.arange(0, weights.size, _BINS_TOGETHER)
    shares = np.add.reduceat(weights, starts)
    means = np.add.reduceat(weights * values, starts)
    used = shares > 0
    return means[used] / shares[used], shares[used] / shares.sum()


def averaged_accuracy(shots: int, damping: Floats, alpha: float) -> float:
    """Returns the accuracy of the game ``two`` after so many Bell shots, over all hidden strings.

    Args:
        shots: T.
        damping: (qubits, 4) factors of I, X, Y, Z on each pair.
        alpha: The signal α.

    Raises:
        UsageError: If the factors have another shape, or α does not lie in (0, 1].

    Example:
        One noiseless shot is right with probability 1/2 + α²/4; noise makes it worse.

        >>> round(averaged_accuracy(1, np.ones((5, 4)), alpha=0.9), 4)
        0.7025
        >>> averaged_accuracy(1, np.array([[1, 0.8, 0.7, 0.8]] * 5), alpha=0.9) < 0.6
        True
    """
    return float(averaged_accuracies([shots], damping, alpha)[0])


def averaged_accuracies(shots: Sequence[int], damping: Floats, alpha: float) -> Floats:
    """Returns the accuracies of :func:`averaged_accuracy` after several numbers of shots.

    Args:
        shots: (numbers,) numbers T of shots.
        damping: (qubits, 4) factors of I, X, Y, Z on each pair.
        alpha: The signal α.

    Returns:
        (numbers,) accuracies.

    Raises:
        UsageError: If the factors have another shape, or α does not lie in (0, 1].

    Example:
        >>> averaged_accuracies([1, 10], np.ones((5, 4)), alpha=0.9).round(4).tolist()
        [0.7025, 0.9825]
    """
    values, weights = signal_distribution(damping, alpha)
    return np.array([bell_accuracy(t, values) @ weights for t in shots])


def bell_copies(target: float, damping: Floats, alpha: float) -> float:
    """Returns the copies that Bell measurements need under noise: the forecast of an experiment.

    Args:
        target: The accuracy, in (1/2, 1).
        damping: (qubits, 4) factors of I, X, Y, Z on each pair.
        alpha: The signal α.

    Returns:
        Copies, two for each shot, linear between whole shots; infinite if even 2⁶⁰ shots miss it.

    Raises:
        UsageError: If the target does not lie in (1/2, 1), the factors have another shape, or α
            does not lie in (0, 1].

    Example:
        >>> round(bell_copies(0.7, np.ones((5, 4)), alpha=0.9), 2)  # less than one noiseless shot
        1.98
        >>> bell_copies(0.7, np.array([[1.0, 0, 0, 0]] * 5), alpha=0.9)  # nothing but noise
        inf
    """
    target = open_interval("target", target, 0.5, 1)
    values, weights = signal_distribution(damping, alpha)
    return 2 * shots_for(target, lambda shots: float(bell_accuracy(shots, values) @ weights))


def shots_for(target: float, accuracy: Callable[[int], float]) -> float:
    """Returns the shots at which an accuracy that grows from 1/2 on reaches a target.

    Args:
        target: The accuracy, in (1/2, 1).
        accuracy: The accuracy after so many shots, at least one.

    Returns:
        Shots, linear between whole ones; infinite if even 2⁶⁰ shots miss the target.

    Example:
        >>> shots_for(0.75, lambda shots: 1 - 2.0 ** -(shots + 1))
        1.0
    """

    def reached(shots: int) -> float:
        return accuracy(shots) if shots else 0.5

    most = 1
    while reached(most) < target:
        most *= 2
        if most > _MOST_SHOTS:
            return float("inf")
    low, high = most // 2, most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if reached(middle) < target else (low, middle)
    return low + (target - reached(low)) / (reached(high) - reached(low))
