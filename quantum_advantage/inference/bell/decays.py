"""Signals that decay by the same factor with every layer: A λ^d, fitted at several depths.

Source: derived here. For a given λ the best amplitude is linear in the data, A = Σ w y λ^d/Σ w λ^2d
with the weights w = 1/σ², so χ² is a function of λ alone. Its minimum is the estimate, and the
interval holds all λ where χ² is at most t² above it (profile likelihood). It stays honest where
little is left of a signal: then nearly every λ fits. Preparation and readout are in A.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy

from quantum_advantage.core.usage import UsageError

Floats = npt.NDArray[np.float64]

# Where λ is looked for; estimates of λ near 1 may come out above it.
_MOST = 1.2
_GRID = 601
_ZOOMS, _FINER = 4, 21
_BISECTIONS = 45


@dataclass(frozen=True, eq=False)
class Decays:
    """Fits of A λ^d.

    Attributes:
        amplitudes: (...) A.
        factors: (...) λ, by which a signal decays with every layer.
        low: (...) the lower ends of the 95 % intervals of λ.
        high: (...) the upper ends.
        p_values: (...) the probability that data of such a decay fit no better, by χ².

    Example:
        >>> one = Decays(*(np.array([v]) for v in (0.9, 0.98, 0.97, 0.99, 0.6)))
        >>> one.factors.tolist()
        [0.98]
    """

    amplitudes: Floats
    factors: Floats
    low: Floats
    high: Floats
    p_values: Floats


def setting_means(signs: npt.ArrayLike, shots: int) -> tuple[Floats, Floats]:
    """Returns the mean of signs over random settings, and its standard error.

    The error is read from the scatter between settings, so that it holds whatever the settings do
    to the signal. It is never taken below that of independent signs, which are read as if two more
    of either kind had been seen.

    Args:
        signs: (settings, ...) the mean sign of the shots of each setting.
        shots: Shots of a setting.

    Returns:
        The means and the standard errors, (...) each.

    Raises:
        UsageError: If there is one setting alone.

    Example:
        >>> mean, error = setting_means([[0.8], [0.6], [0.7], [0.7]], shots=100)
        >>> mean.round(3).tolist(), error.round(3).tolist()
        ([0.7], [0.041])
    """
    values = np.asarray(signs, dtype=np.float64)
    settings = values.shape[0]
    if settings < 2:
        raise UsageError(f"settings must be at least 2, not {settings}")
    mean = values.mean(axis=0)
    scatter = values.var(axis=0, ddof=1) / settings
    total = settings * shots
    independent = (1 - (mean * total / (total + 4)) ** 2) / total
    return mean, np.sqrt(np.maximum(scatter, independent))


def fit_decays(
    depths: npt.ArrayLike, means: npt.ArrayLike, errors: npt.ArrayLike, settings: int
) -> Decays:
    """Fits A λ^d to the means of signs at several depths, with 95 % intervals.

    Args:
        depths: (depths,) the numbers d of layers.
        means: (..., depths) the means.
        errors: (..., depths) their standard errors, above 0.
        settings: The number of settings that each error was read from, for Student's t.

    Raises:
        UsageError: If there are fewer than two depths, a mean is not finite, or an error is not
            above 0 and finite.

    Example:
        >>> d = np.array([0, 2, 4, 8])
        >>> found = fit_decays(d, 0.9 * 0.98**d, np.full(4, 0.002), settings=100)
        >>> [v.round(4).item() for v in (found.amplitudes, found.factors, found.low, found.high)]
        [0.9, 0.98, 0.9792, 0.9808]
    """
    d, y = np.asarray(depths, dtype=np.float64), np.asarray(means, dtype=np.float64)
    if d.size < 2 or np.unique(d).size < 2:
        raise UsageError(f"depths must be at least two different numbers, not {d.tolist()}")
    known = np.asarray(errors, dtype=np.float64)
    if not np.isfinite(y).all() or not ((known > 0) & np.isfinite(known)).all():
        raise UsageError("means must be finite, and errors above 0")
    w = 1 / known**2
    whole = (w * y**2).sum(axis=-1)

    def explained(factor: Floats) -> Floats:
        """Returns the part of χ² that the best amplitude takes away, for λ of (..., trials)."""
        powers = factor[..., None] ** d
        product = (w[..., None, :] * y[..., None, :] * powers).sum(axis=-1)
        return np.asarray(product**2 / (w[..., None, :] * powers**2).sum(axis=-1))

    def spread(middle: Floats, half: float) -> Floats:
        steps = np.linspace(-half, half, 2 * _FINER - 1)
        return np.clip(middle[..., None] + steps, 0.0, _MOST)

    step = _MOST / (_GRID - 1)
    trials = np.broadcast_to(np.linspace(0.0, _MOST, _GRID), (*whole.shape, _GRID))
    best = _pick(trials, explained(trials))
    for _ in range(_ZOOMS):
        trials = spread(best, step)
        best = _pick(trials, explained(trials))
        step /= _FINER - 1
    most = explained(best[..., None])[..., 0]
    allowed = float(scipy.special.stdtrit(settings - 1, 0.975)) ** 2

    def end(limit: float) -> Floats:
        """Returns where χ² has risen by t² on the way to a limit, or the limit."""
        inside, outside = best.copy(), np.full_like(best, limit)
        for _ in range(_BISECTIONS):
            middle = (inside + outside) / 2
            fits = most - explained(middle[..., None])[..., 0] <= allowed
            inside, outside = np.where(fits, middle, inside), np.where(fits, outside, middle)
        return outside

    powers = best[..., None] ** d
    amplitudes = (w * y * powers).sum(axis=-1) / (w * powers**2).sum(axis=-1)
    p_values = scipy.special.chdtrc(max(d.size - 2, 1), np.maximum(whole - most, 0.0))
    if d.size == 2:
        p_values = np.ones_like(best)
    return Decays(amplitudes, best, end(0.0), end(_MOST), np.asarray(p_values))


def _pick(trials: Floats, scores: Floats) -> Floats:
    best = scores.argmax(axis=-1)[..., None]
    return np.asarray(np.take_along_axis(trials, best, axis=-1)[..., 0])
