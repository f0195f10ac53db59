"""Exact log-likelihood ratios of 'this Pauli string is the hidden one' against 'it is not'.

A *hit* is an outcome that is a sign ±1 of the string. If the string is not hidden, a hit is a fair
coin. If it is, a hit of one copy has the mean s α with an unknown fair sign s, and a hit of two
copies (a Bell outcome, or a product of two single-copy signs) has the mean α².
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.usage import UsageError

Floats = npt.NDArray[np.float64]

# Equal evidence reached by different sums differs by rounding only.
TIE = 1e-9
# The log-likelihood of what a hypothesis excludes: records may hold a few such shots.
IMPOSSIBLE = 100.0


def known_mean(hits: npt.ArrayLike, pluses: npt.ArrayLike, mean: npt.ArrayLike) -> Floats:
    """Returns ln[(1+m)^a (1-m)^{K-a}] for K hits, a of them +1, whose mean is m.

    Args:
        hits: K, an array of any shape (...).
        pluses: a, from 0 to K, an array that broadcasts with it.
        mean: m, likewise.

    Returns:
        (...) natural logarithms, relative to fair coins.

    Raises:
        ValueError: If the mean is not strictly between -1 and 1, or a not from 0 to K.

    Example:
        >>> known_mean(2, 2, 0.5).round(4).tolist()  # 2 ln 1.5
        0.8109
    """
    return _logarithm(*_checked(hits, pluses, mean))


def _checked(
    hits: npt.ArrayLike, pluses: npt.ArrayLike, mean: npt.ArrayLike
) -> tuple[Floats, Floats, Floats]:
    m = np.asarray(mean, dtype=float)
    if not (np.abs(m) < 1).all():
        raise UsageError(f"mean must lie strictly between -1 and 1, not {m}")
    k, a = np.asarray(hits, dtype=float), np.asarray(pluses, dtype=float)
    if not ((a >= 0) & (a <= k)).all():
        raise UsageError("pluses must lie between 0 and the hits")
    return k, a, m


def _logarithm(hits: Floats, pluses: Floats, mean: Floats) -> Floats:
    found = pluses * np.log1p(mean) + (hits - pluses) * np.log1p(-mean)
    return np.asarray(found, dtype=np.float64)


def unknown_sign(hits: npt.ArrayLike, pluses: npt.ArrayLike, alpha: float) -> Floats:
    """Returns ln{[(1+α)^a (1-α)^{K-a} + (1-α)^a (1+α)^{K-a}]/2} for K hits, a of them +1.

    Args:
        hits: K, an array of any shape (...).
        pluses: a, from 0 to K, an array that broadcasts with it.
        alpha: α.

    Returns:
        (...) natural logarithms, relative to fair coins.

    Raises:
        ValueError: If alpha is not strictly between -1 and 1, or a not from 0 to K.

    Example:
        >>> unknown_sign(2, [0, 1, 2], 0.5).round(3).tolist()
        [0.223, -0.288, 0.223]
    """
    k, a, m = _checked(hits, pluses, alpha)
    both = np.logaddexp(_logarithm(k, a, m), _logarithm(k, a, -m))
    return np.asarray(both - np.log(2), dtype=np.float64)


def choose(scores: Floats, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Decides by the larger score, ties at random.

    Args:
        scores: (trials, 2, prefixes) log-likelihoods of the two candidates, or (trials, 1,
            prefixes) log-likelihood ratios of one candidate against none.
        rng: The learner's randomness, for ties.

    Returns:
        (trials, prefixes): the number of the chosen candidate, or 1 for 'hidden' and 0 for 'none'.

    Example:
        >>> scores = np.array([[[1.0], [2.0]], [[0.5], [-3.0]]])
        >>> choose(scores, np.random.default_rng(0)).tolist()
        [[1], [0]]
    """
    lead = scores[:, 1] - scores[:, 0] if scores.shape[1] == 2 else scores[:, 0]
    coin = rng.integers(0, 2, lead.shape)
    return np.where(np.abs(lead) <= TIE, coin, lead > 0).astype(np.int64)
