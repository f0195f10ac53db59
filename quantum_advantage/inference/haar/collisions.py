"""How often outcomes of single copies repeat, and what that says about a state.

Two outcomes of one basis are equal with probability Σ_b p(b)². A random pure state, whose
probabilities are uneven, repeats itself more often than the maximally mixed one; summed over a
complete set of unbiased bases the collision probabilities give the purity.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.standard_errors import DEVIATIONS
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.checks import whole_numbers

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


def sums_at(values: npt.NDArray[Any], prefixes: npt.ArrayLike) -> npt.NDArray[Any]:
    """Sums the first values of every row.

    Args:
        values: (trials, shots) numbers.
        prefixes: (prefixes,) how many shots to sum, from 1 to ``shots``.

    Returns:
        (trials, prefixes) sums.

    Raises:
        ValueError: If a prefix is no whole number between 1 and the number of shots.

    Example:
        >>> sums_at(np.array([[1, 2, 3]]), [1, 3]).tolist()
        [[1, 6]]
    """
    ends = whole_numbers("prefixes", prefixes).astype(np.int64)
    shots = values.shape[1]
    if ends.size and not (ends.min() >= 1 and ends.max() <= shots):
        wrong = ends.max() if ends.max() > shots else ends.min()
        raise UsageError(f"prefixes must lie between 1 and the {shots} shots, not {wrong}")
    return np.cumsum(values, axis=1)[:, ends - 1]


def times_seen_before(outcomes: npt.NDArray[np.integer]) -> Integers:
    """Counts for every shot how many earlier shots of its trial had the same outcome.

    A stable sort puts equal outcomes side by side in their order of time, so that the count is the
    distance to the first of its run.

    Args:
        outcomes: (trials, shots) whole numbers.

    Returns:
        (trials, shots) counts.

    Raises:
        ValueError: If the outcomes are not a two-dimensional array of whole numbers.

    Example:
        >>> times_seen_before(np.array([[5, 2, 5, 5]])).tolist()
        [[0, 0, 1, 2]]
    """
    outcomes = whole_numbers("outcomes", outcomes)
    if outcomes.ndim != 2:
        raise UsageError(f"outcomes must have shape (trials, shots), not {outcomes.shape}")
    order, ordered = _sorted_in_time(outcomes)
    places = np.broadcast_to(np.arange(outcomes.shape[1], dtype=np.int64), outcomes.shape)
    first = np.where(ordered[:, 1:] != ordered[:, :-1], places[:, 1:], 0)
    rank = places.copy()
    rank[:, 1:] -= np.maximum.accumulate(first, axis=1)
    seen = np.empty_like(rank)
    np.put_along_axis(seen, order, rank, axis=1)
    return seen


def _sorted_in_time(
    outcomes: npt.NDArray[np.integer],
) -> tuple[npt.NDArray[np.integer], npt.NDArray[np.integer]]:
    """Returns a stable order of every trial, and its outcomes in that order.

    Where an outcome and its time fit one word, words are sorted: several times as fast as finding
    an order.
    """
    shots = outcomes.shape[1]
    if outcomes.size and outcomes.min() >= 0:
        time_bits = (shots - 1).bit_length()
        bits = time_bits + int(outcomes.max()).bit_length()
        if bits <= 64:
            words: npt.NDArray[Any] = outcomes.astype(np.uint32 if bits <= 32 else np.uint64)
            words <<= time_bits
            words |= np.arange(shots, dtype=words.dtype)
            words.sort(axis=1)
            return (words & (2**time_bits - 1)).astype(np.int64), words >> time_bits
    order = np.argsort(outcomes, axis=1, kind="stable")
    return order, np.take_along_axis(outcomes, order, axis=1)


def check_outcomes(outcomes: npt.NDArray[np.integer], qubits: int) -> None:
    """Refuses outcomes that are no outcomes of so many qubits.

    Raises:
        ValueError: If an outcome is no whole number, negative or not below 2ⁿ.

    Example:
        >>> check_outcomes(np.array([[0, 7]]), qubits=3)
        >>> try:
        ...     check_outcomes(np.array([[0, 8]]), qubits=3)
        ... except ValueError as error:
        ...     print(error)
        outcomes of 3 qubits must lie below 2^3, not be 8
    """
    outcomes = whole_numbers("outcomes", outcomes)
    if outcomes.size and not (outcomes.min() >= 0 and int(outcomes.max()) < 2**qubits):
        wrong = outcomes.min() if outcomes.min() < 0 else outcomes.max()
        raise UsageError(f"outcomes of {qubits} qubits must lie below 2^{qubits}, not be {wrong}")


def haar_log_ratio(
    outcomes: npt.NDArray[np.integer], prefixes: npt.ArrayLike, qubits: int
) -> Floats:
    """Returns the log-likelihood ratio of a Haar-random pure state against I/d, d = 2ⁿ.

    Source: derived here. The outcome probabilities of a Haar-random state in a fixed basis are
    uniform on the simplex, so shot t, whose outcome was seen m times among the t before, has the
    chance (m + 1)/(d + t) of Pólya's urn, against 1/d. The logarithms of (m + 1)/(1 + t/d) add up
    to Σ_b ln n_b! - Σ_{t<T} ln(1 + t/d).

    Args:
        outcomes: (trials, shots) outcomes as numbers below 2ⁿ.
        prefixes: (prefixes,) how many shots to use, from 1 to ``shots``.
        qubits: The number n of qubits.

    Returns:
        (trials, prefixes) natural logarithms.

    Raises:
        ValueError: If an outcome is not below 2ⁿ or a prefix not between 1 and the shots.

    Example:
        >>> haar_log_ratio(np.array([[5, 2], [5, 5]]), [2], 3).round(3).tolist()  # ln 8/9, ln 16/9
        [[-0.118], [0.575]]
    """
    check_outcomes(outcomes, qubits)
    seen = times_seen_before(outcomes)
    urn = np.log1p(np.arange(outcomes.shape[1]) / 2.0**qubits)
    return np.asarray(sums_at(np.log1p(seen) - urn, prefixes), dtype=np.float64)


def pair_mean_variance(
    total: npt.ArrayLike, rows: npt.ArrayLike, squares: npt.ArrayLike, shots: npt.ArrayLike
) -> tuple[Floats, Floats]:
    """Estimates the variance of a mean over all pairs of shots (a U-statistic), in two parts.

    Source: Hoeffding, Ann. Math. Stat. 19, 293 (1948): with h a symmetric function of two of T
    independent shots, θ = E h, ζ₁ = E h₁₂h₁₃ - θ² and ζ₂ = E h₁₂² - θ² the variance is
    [4(T-2) ζ₁ + 2 ζ₂]/(T(T-1)). The three moments are estimated without bias by the means of the
    products over distinct shots (derived here by counting the coinciding ones): with S = Σ h_ij,
    Q = Σ h_ij² and R = Σ_i (Σ_j h_ij)² over i ≠ j the sums of products are Q for h₁₂², R - Q for
    h₁₂h₁₃ and S² - 4R + 2Q for h₁₂h₃₄, whose mean is θ². Fewer than four shots tell nothing about
    θ², which is then taken as 0, so that the variance is overstated.

    Args:
        total: (...) the sums S; each pair counts twice.
        rows: (...) the sums R.
        squares: (...) the sums Q; each pair counts twice.
        shots: (...) the numbers T of shots, at least 2.

    Returns:
        (...) estimates of the part with ζ₁ and of the part with ζ₂. The true parts are not
        negative, but their estimates can be.

    Example:
        >>> linear, rest = pair_mean_variance(6.0, 12.0, 6.0, 4)
        >>> round(float(linear + rest), 6)
        0.25
    """
    s, r, q, t = (np.asarray(x, dtype=np.float64) for x in (total, rows, squares, shots))
    pairs = t * (t - 1)
    four = np.where(t > 3, (s**2 - 4 * r + 2 * q) / np.maximum(pairs * (t - 2) * (t - 3), 1), 0)
    linear = 4 * ((r - q) - (t - 2) * pairs * four) / pairs**2
    rest = 2 * (q / pairs - four) / pairs
    return np.asarray(linear), np.asarray(rest)


def unbiased_purity(
    outcomes: npt.NDArray[np.integer], bases: npt.NDArray[np.integer], qubits: int
) -> tuple[float, float]:
    """Estimates the purity tr ρ² from collisions within each of 2ⁿ + 1 unbiased bases.

    Source: a complete set of mutually unbiased bases is a 2-design (Klappenecker and Rötteler,
    Proc. ISIT 2005, 1740), hence Σ_k Σ_b p_k(b)² = 1 + tr ρ². The share of equal pairs estimates
    each Σ_b p_k(b)² without bias.

    Args:
        outcomes: (shots,) outcomes as numbers below 2ⁿ.
        bases: (shots,) the basis of every shot, from 0 to 2ⁿ.
        qubits: The number n of qubits.

    Returns:
        The estimate and its standard error, from the sum V over the bases of the variances of
        :func:`pair_mean_variance`, of whose parts neither counts as less than 0. With w the share
        that one equal pair adds to the estimate, at most, and z = 1.96, the error is
        w z/2 + √[V + (w z/2)²]: Wilson's for rare events, by which k equal pairs of a mean κ are
        |k - κ| ≤ z √κ off. It is w z where no outcome came twice.

    Raises:
        ValueError: If the shapes differ, a number is no whole number or out of range, or a basis
            has less than two shots.

    Example:
        >>> outcomes, bases = np.array([0, 0, 0, 1, 1, 0]), np.array([2, 2, 0, 0, 1, 1])
        >>> value, error = unbiased_purity(outcomes, bases, qubits=1)
        >>> value, error > 1
        (0.0, True)
    """
    outcomes, bases = whole_numbers("outcomes", outcomes), whole_numbers("bases", bases)
    if outcomes.ndim != 1 or outcomes.shape != bases.shape:
        raise UsageError(
            f"outcomes and bases must both have shape (shots,), not {outcomes.shape} and "
            f"{bases.shape}"
        )
    check_outcomes(outcomes, qubits)
    number = 2**qubits + 1
    if bases.size and not (bases.min() >= 0 and int(bases.max()) < number):
        wrong = bases.min() if bases.min() < 0 else bases.max()
        raise UsageError(
            f"bases of {qubits} qubits must lie between 0 and {2**qubits}, not {wrong}"
        )
    shots = np.bincount(bases, minlength=number)
    if (least := shots.min()) < 2:
        raise UsageError(f"basis {shots.argmin()} must have at least 2 shots, not {least}")
    keys = (bases.astype(np.int64) << qubits) + outcomes.astype(np.int64)
    found, counts = np.unique(keys, return_counts=True)
    basis, others = found >> qubits, counts - 1
    total = np.bincount(basis, counts * others, minlength=number)
    rows = np.bincount(basis, counts * others**2, minlength=number)
    parts = pair_mean_variance(total, rows, total, shots)
    variance = sum(max(float(part.sum()), 0.0) for part in parts)
    one = DEVIATIONS / float(least * (least - 1))
    return float((total / (shots * (shots - 1))).sum()) - 1, one + math.hypot(
        math.sqrt(variance), one
    )
