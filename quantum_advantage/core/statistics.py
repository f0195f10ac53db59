"""Statistics: exact binomial intervals, crossings of accuracy curves, bootstrap, slopes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from quantum_advantage.core.usage import UsageError

Floats = npt.NDArray[np.float64]

RESAMPLES = 1000
LEVEL = 0.95


def binomial_interval(correct: int, trials: int, level: float = LEVEL) -> tuple[float, float]:
    """Returns the Clopper-Pearson interval for a proportion, exact in that it covers at the level.

    Args:
        correct: The successes k.
        trials: The trials N.
        level: The coverage, in (0, 1).

    Returns:
        The lower and the upper end; the quantiles of Beta(k, N - k + 1) and Beta(k + 1, N - k)
        (Clopper and Pearson, Biometrika 26, 404 (1934)).

    Raises:
        UsageError: Unless 0 <= correct <= trials, trials >= 1 and 0 < level < 1.

    Example:
        >>> low, high = binomial_interval(70, 100)
        >>> round(low, 3), round(high, 3)
        (0.6, 0.788)
    """
    if not 0 <= correct <= trials or trials < 1:
        raise UsageError(f"correct must lie between 0 and trials, got {correct} of {trials}")
    _check_share("level", level)
    tail = (1 - level) / 2
    low = 0.0 if correct == 0 else special.betaincinv(correct, trials - correct + 1, tail)
    high = 1.0 if correct == trials else special.betaincinv(correct + 1, trials - correct, 1 - tail)
    return float(low), float(high)


def binomial_tail(correct: int, trials: int, chance: float) -> float:
    """Returns Pr[Bin(trials, chance) >= correct], exactly, also far in the tail.

    It is the regularised incomplete beta function I_p(k, N - k + 1).

    Args:
        correct: The successes k.
        trials: The trials N.
        chance: The chance p of a success.

    Raises:
        UsageError: Unless 0 <= correct <= trials, trials >= 1 and 0 <= chance <= 1.

    Example:
        >>> binomial_tail(2, 2, 0.5)
        0.25
    """
    if not 0 <= correct <= trials or trials < 1:
        raise UsageError(f"correct must lie between 0 and trials, got {correct} of {trials}")
    if not 0 <= chance <= 1:
        raise UsageError(f"chance must lie between 0 and 1, not {chance}")
    if correct == 0:
        return 1.0
    return float(special.betainc(correct, trials - correct + 1, chance))


def binomial_chances(trials: int, chance: npt.ArrayLike) -> Floats:
    """Returns the distribution of the number of successes, to a relative error of 1e-14 per trial.

    Its logarithm is k ln p + (N - k) ln(1 - p) - ln B(k + 1, N - k + 1) - ln(N + 1), B being the
    beta function. The routines of SciPy's statistics are exact to the last place for large N, but
    take a third of a second to load, which a command would wait for.

    Args:
        trials: The trials N.
        chance: (...) The chances p of a success, in [0, 1].

    Returns:
        (..., N + 1) The probabilities of 0 to N successes.

    Example:
        >>> binomial_chances(2, [0.5, 1.0]).round(3).tolist()
        [[0.25, 0.5, 0.25], [0.0, 0.0, 1.0]]
    """
    p = np.asarray(chance, dtype=float)[..., None]
    right = np.arange(trials + 1.0)
    ways = -special.betaln(right + 1, trials - right + 1) - np.log1p(trials)
    return np.asarray(np.exp(ways + special.xlogy(right, p) + special.xlog1py(trials - right, -p)))


def lower_limit(correct: int, trials: int, level: float) -> float:
    """Returns the one-sided Clopper-Pearson limit: chances below it are excluded at the level.

    The chance p at which Pr[Bin(trials, p) >= correct] is the level; 0 if nothing was correct.

    Args:
        correct: The successes.
        trials: The trials.
        level: The chance of an error, in (0, 1); 0.05 for 95 % confidence.

    Raises:
        UsageError: Unless 0 <= correct <= trials, trials >= 1 and 0 < level < 1.

    Example:
        >>> round(lower_limit(100, 100, 0.05), 4)  # 0.05^(1/100)
        0.9705
    """
    if not 0 <= correct <= trials or trials < 1:
        raise UsageError(f"correct must lie between 0 and trials, got {correct} of {trials}")
    _check_share("level", level)
    return 0.0 if correct == 0 else float(special.betaincinv(correct, trials - correct + 1, level))


def _check_share(name: str, value: float) -> None:
    if not 0 < value < 1:
        raise UsageError(f"{name} must lie strictly between 0 and 1, not {value}")


def crossings(copies: npt.ArrayLike, accuracy: npt.ArrayLike, target: float) -> Floats:
    """Returns where accuracy curves first reach the target: the sample complexity.

    A curve is linear between the numbers of copies played and starts at (0 copies, 1/2).

    Args:
        copies: (points,) increasing numbers of copies.
        accuracy: (..., points) accuracies.
        target: The accuracy to reach, above 1/2.

    Returns:
        (...) copies, infinite where a curve stays below the target.

    Raises:
        UsageError: If the target is not above 1/2, where every curve starts, the copies do not
            increase from above 0, or the accuracies are of other points.

    Example:
        >>> crossings([2, 4], [[0.625, 0.875], [0.5, 0.625]], 0.75).tolist()
        [3.0, inf]
    """
    if not target > 0.5:
        raise UsageError(f"target must be above 0.5, where every curve starts, not {target}")
    x = np.concatenate([[0.0], np.asarray(copies, dtype=float)])
    if not (np.diff(x) > 0).all():
        raise UsageError(f"copies must increase from above 0, not be {x[1:].tolist()}")
    y = np.asarray(accuracy, dtype=float)
    if y.shape[-1:] != (x.size - 1,):
        raise UsageError(f"accuracy must have {x.size - 1} points, as copies have, not {y.shape}")
    y = np.concatenate([np.full((*y.shape[:-1], 1), 0.5), y], axis=-1)
    reached = y >= target
    right = np.argmax(reached, axis=-1)
    left = np.maximum(right - 1, 0)
    y_right = np.take_along_axis(y, right[..., None], axis=-1)[..., 0]
    y_left = np.take_along_axis(y, left[..., None], axis=-1)[..., 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (target - y_left) / (y_right - y_left)
        value = x[left] + share * (x[right] - x[left])
    return np.where(reached.any(axis=-1), value, np.inf)


def bootstrap_accuracy(
    correct: npt.ArrayLike, trials: npt.ArrayLike, seed: int | np.random.Generator
) -> Floats:
    """Resamples batches, each with all its points.

    Args:
        correct: (batches, points) right answers.
        trials: (batches, points) trials, some at every point.
        seed: The seed of the resampling.

    Returns:
        (RESAMPLES, points) accuracies.

    Example:
        >>> samples = bootstrap_accuracy([[6], [8]] * 10, [[10], [10]] * 10, seed=0)
        >>> samples.shape, round(float(samples.mean()), 2)
        ((1000, 1), 0.7)
    """
    right, played = np.asarray(correct), np.asarray(trials)
    batches = right.shape[0]
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(batches, np.full(batches, 1 / batches), size=RESAMPLES)
    chosen = weights @ played
    overall = right.sum(axis=0) / played.sum(axis=0)
    # A resample may miss all batches of a point that few batches reached.
    return np.where(chosen > 0, (weights @ right) / np.maximum(chosen, 1), overall)


def interval(samples: npt.ArrayLike, level: float = LEVEL) -> tuple[float, float]:
    """Returns the central interval of bootstrap samples; infinite samples are allowed.

    Args:
        samples: (resamples,) samples.
        level: The share of the samples between the two ends.

    Example:
        >>> interval(np.arange(1001))
        (25.0, 975.0)
    """
    ordered = np.sort(np.asarray(samples, dtype=float))
    tail = (1 - level) / 2
    low = ordered[int(np.floor(tail * (ordered.size - 1)))]
    high = ordered[int(np.ceil((1 - tail) * (ordered.size - 1)))]
    return float(low), float(high)


@dataclass(frozen=True)
class LogLinearFit:
    """A least-squares line log2(copies) = intercept + slope * n, with its interval.

    Attributes:
        slope: Doublings of the copies per qubit.
        intercept: log2 of the copies at n = 0.
        low: Lower end of the 95 % interval of the slope.
        high: Upper end of the 95 % interval of the slope.

    Example:
        >>> LogLinearFit(slope=1.0, intercept=0.5, low=0.9, high=1.1).slope
        1.0
    """

    slope: float
    intercept: float
    low: float
    high: float


def fit_log_linear(
    qubits: npt.ArrayLike, copies: npt.ArrayLike, samples: npt.ArrayLike
) -> LogLinearFit:
    """Fits log2(copies) against the number of qubits.

    Args:
        qubits: (points,) numbers of qubits, at least two different ones.
        copies: (points,) sample complexities.
        samples: (resamples, points) bootstrap samples of ``copies``, for the interval of the slope.

    Raises:
        UsageError: If there are fewer than two points or copies are not positive and finite.

    Example:
        >>> fit = fit_log_linear([2, 4, 6], [4, 16, 64], [[4, 16, 64], [4, 16, 64]])
        >>> round(fit.slope, 6), round(fit.low, 6), round(fit.high, 6)
        (1.0, 1.0, 1.0)
    """
    n = np.asarray(qubits, dtype=float)
    values = np.asarray(copies, dtype=float)
    if np.unique(n).size < 2:
        raise UsageError("a slope needs at least two different numbers of qubits")
    if not (np.isfinite(values).all() and (values > 0).all()):
        raise UsageError("copies must be positive and finite to be fitted")
    centred = n - n.mean()
    rows = np.asarray(samples, dtype=float)
    rows = np.log2(rows[(np.isfinite(rows) & (rows > 0)).all(axis=1)])
    slopes = rows @ centred / (centred @ centred)
    slope = float(np.log2(values) @ centred / (centred @ centred))
    low, high = interval(slopes) if slopes.size else (float("nan"), float("nan"))
    return LogLinearFit(slope, float(np.log2(values).mean() - slope * n.mean()), low, high)
