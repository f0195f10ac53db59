"""Does a random pure state have real amplitudes? What single copies say.

A time-reversal symmetric evolution U is a real matrix, so that U|0…0⟩ has real amplitudes ψ; a
general one leaves a complex state. In the basis of Y on every qubit a real state gives the outcome
b and its complement ~b, all bits flipped, the same probability, because their vectors are complex
conjugates. All scores are positive in favour of a real state; d = 2ⁿ.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from quantum_advantage.inference.haar.collisions import (
    Floats,
    Integers,
    check_outcomes,
    sums_at,
    times_seen_before,
)


def _either_of_pair(outcomes: npt.NDArray[np.integer], qubits: int) -> Integers:
    """Returns the smaller of b and ~b."""
    check_outcomes(outcomes, qubits)
    numbers = outcomes.astype(np.int64)
    return np.minimum(numbers, 2**qubits - 1 - numbers)


def complement_log_ratio(
    outcomes: npt.NDArray[np.integer], prefixes: npt.ArrayLike, qubits: int
) -> Floats:
    """Returns the log-likelihood ratio of real against complex Haar-random states in the basis Y.

    Source: derived here, exact. For a complex state the d probabilities are uniform on the simplex,
    so an outcome that was seen m times among the t before has the chance (m + 1)/(d + t) of Pólya's
    urn. For a real one the d/2 probabilities of the pairs {b, ~b} are uniform on the simplex and
    the outcome is a fair coin given the pair
    (:func:`quantum_advantage.systems.haar_outcomes.conjugate_outcomes` has the proof), so with M
    earlier shots in the same pair the chance is (M + 1)/(d/2 + t)/2 = (M + 1)/(d + 2t). The
    logarithms of (M + 1)/(m + 1) · (1 + t/d)/(1 + 2t/d) add up. A record without complements is
    worth -T(T - 1)/(2d), each pair of rare complements ln 2.

    Args:
        outcomes: (trials, shots) outcomes as numbers below 2ⁿ.
        prefixes: (prefixes,) how many shots to use, from 1 to ``shots``.
        qubits: The number n of qubits.

    Returns:
        (trials, prefixes) natural logarithms, positive in favour of a real state.

    Raises:
        ValueError: If an outcome is not below 2ⁿ or a prefix not between 1 and the shots.

    Example:
        >>> complement_log_ratio(np.array([[0, 7], [0, 1]]), [2], 3).round(3).tolist()
        [[0.588], [-0.105]]
    """
    either = times_seen_before(_either_of_pair(outcomes, qubits))
    gained = np.log1p(either) - np.log1p(times_seen_before(outcomes))
    return np.asarray(sums_at(gained + _urn_ratio(outcomes.shape[1], qubits), prefixes))


def _urn_ratio(shots: int, qubits: int) -> Floats:
    """Returns ln[(d + t)/(d + 2t)] for every t below the shots."""
    share = np.arange(shots) / 2.0**qubits
    return np.log1p(share) - np.log1p(2 * share)


def repetition_log_ratio(
    outcomes: npt.NDArray[np.integer], prefixes: npt.ArrayLike, qubits: int
) -> Floats:
    """Returns the log-likelihood ratio of real against complex states in the computational basis.

    Source: derived here, exact. The probabilities of a real Haar-random state are
    Dirichlet(1/2, …, 1/2), so an outcome that was seen m times among the t before has the chance
    (m + 1/2)/(d/2 + t) = (2m + 1)/(d + 2t); for a complex one it is (m + 1)/(d + t).

    Args:
        outcomes: (trials, shots) outcomes as numbers below 2ⁿ.
        prefixes: (prefixes,) how many shots to use, from 1 to ``shots``.
        qubits: The number n of qubits.

    Returns:
        (trials, prefixes) natural logarithms, positive in favour of a real state.

    Raises:
        ValueError: If an outcome is not below 2ⁿ or a prefix not between 1 and the shots.

    Example:
        >>> repetition_log_ratio(np.array([[3, 3], [3, 4]]), [2], 3).round(3).tolist()
        [[0.3], [-0.105]]
    """
    check_outcomes(outcomes, qubits)
    seen = times_seen_before(outcomes)
    gained = np.log1p(2 * seen) - np.log1p(seen)
    return np.asarray(sums_at(gained + _urn_ratio(outcomes.shape[1], qubits), prefixes))


def marginal_log_ratio(
    outcomes: npt.NDArray[np.integer],
    prefixes: npt.ArrayLike,
    qubits: int,
    squares: npt.ArrayLike | None = None,
) -> Floats:
    """Returns the sum over the qubits of the log-likelihood ratios of their signs of Y.

    Source: derived here, exact for each qubit of a Haar-random state; the sum takes the qubits as
    independent, which they are not quite. The outcomes of one qubit are fair coins for a real
    state. For a complex one the probability of a sign is the sum of d/2 of the d probabilities,
    Beta(d/2, d/2), so a bit that was seen k times among the t before has the chance
    (d/2 + k)/(d + t). Complex states of another ensemble have other means v of ⟨Y⟩²; the Beta law
    with that mean has 1/v - 1 in the place of d.

    Args:
        outcomes: (trials, shots) outcomes in the basis Y as numbers below 2ⁿ.
        prefixes: (prefixes,) how many shots to use, from 1 to ``shots``.
        qubits: The number n of qubits.
        squares: (n,) the mean of ⟨Y⟩² of the complex states for each qubit, that of the lowest bit
            first; by default 1/(d + 1), as for Haar-random ones.

    Returns:
        (trials, prefixes) natural logarithms, positive in favour of a real state.

    Raises:
        ValueError: If an outcome is not below 2ⁿ or a prefix not between 1 and the shots.

    Example:
        >>> marginal_log_ratio(np.array([[0, 7], [0, 0]]), [2], 3).round(3).tolist()
        [[0.353], [-0.316]]
    """
    check_outcomes(outcomes, qubits)
    before = np.arange(outcomes.shape[1])
    sizes = np.full(qubits, 2.0**qubits)
    if squares is not None:
        sizes = 1 / np.asarray(squares, dtype=np.float64) - 1
    gained = np.zeros(outcomes.shape)
    for qubit, size in enumerate(sizes):
        bits = _bit(outcomes, qubit)
        ones = np.cumsum(bits, axis=1) - bits
        seen = np.where(bits == 1, ones, before - ones)
        gained += np.log1p(before / size) - np.log1p(2 * seen / size)
    return np.asarray(sums_at(gained, prefixes))


def _bit(outcomes: npt.NDArray[np.integer], qubit: int) -> Integers:
    return np.asarray((outcomes >> qubit) & 1, dtype=np.int64)
