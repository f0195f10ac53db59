"""Outcomes of Haar-random states drawn without the states: Pólya's urn.

The outcome probabilities of a random state follow a Dirichlet law, and sampling from probabilities
of such a law needs no more than the outcomes so far.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.usage import UsageError

Integers = npt.NDArray[np.int64]


def urn_outcomes(
    trials: int, shots: int, size: int, rng: np.random.Generator, concentration: float = 1.0
) -> Integers:
    """Draws outcomes whose probabilities are random, with fresh ones for every trial.

    Source: derived here. The squared amplitudes of a complex Haar-random state in any orthonormal
    basis are Dirichlet(1, …, 1), uniform on the simplex; those of a real one in a real basis are
    Dirichlet(1/2, …, 1/2), because they are squares of Gaussian numbers, two or one of them for
    each outcome, divided by their sum. Sampling from Dirichlet(c, …, c) is Pólya's urn: the next
    outcome, after j of them, is a fresh uniform one with probability c d/(c d + j), and else equal
    to one of the j before, chosen evenly.

    Args:
        trials: The number of states.
        shots: Outcomes of each.
        size: d, the number of possible outcomes.
        rng: The source of randomness.
        concentration: c > 0, 1 for complex and 1/2 for real states.

    Returns:
        (trials, shots) outcomes.

    Raises:
        UsageError: If the concentration is not above 0.

    Example:
        >>> pairs = urn_outcomes(20_000, 2, size=4, rng=np.random.default_rng(0))
        >>> equal = (pairs[:, 0] == pairs[:, 1]).mean()  # 2/(d + 1) for complex states
        >>> round(float(equal), 1)
        0.4
    """
    if not concentration > 0:
        raise UsageError(f"concentration must be above 0, not {concentration}")
    before = np.arange(shots)
    weight = concentration * size
    fresh = rng.random((trials, shots)) * (weight + before) < weight
    source = np.where(fresh, before, (rng.random((trials, shots)) * before).astype(np.int64))
    while True:
        # A copy of a copy is a copy of the first; their chains halve in length every time.
        further = np.take_along_axis(source, source, axis=1)
        if (further == source).all():
            break
        source = further
    values = rng.integers(0, size, (trials, shots))
    return np.take_along_axis(values, source, axis=1)


def conjugate_outcomes(trials: int, shots: int, qubits: int, rng: np.random.Generator) -> Integers:
    """Draws outcomes of real Haar-random states with every qubit measured in the basis of Y.

    Source: derived here. The vectors of the complementary outcomes b and ~b are complex conjugates
    of one another and orthogonal, so they are (r + i s)/√2 and (r - i s)/√2 with real, orthonormal
    r and s, and the r and s of all 2ⁿ⁻¹ pairs are a real orthonormal basis. For a real ψ either
    outcome has the probability [(r·ψ)² + (s·ψ)²]/2. The pairs thus have as probabilities sums of
    two squared amplitudes in a real basis, which are Dirichlet(1, …, 1) on the 2ⁿ⁻¹ pairs, and
    given the pair the outcome is a fair coin.

    Args:
        trials: The number of states.
        shots: Outcomes of each.
        qubits: The number n of qubits.
        rng: The source of randomness.

    Returns:
        (trials, shots) outcomes below 2ⁿ.

    Example:
        >>> pairs = conjugate_outcomes(20_000, 2, qubits=2, rng=np.random.default_rng(0))
        >>> equal = (pairs[:, 0] == pairs[:, 1]).mean()
        >>> complement = (pairs[:, 0] == 3 - pairs[:, 1]).mean()  # as likely: 2/(d + 2) both
        >>> round(float(equal), 1), round(float(complement), 1)
        (0.3, 0.3)
    """
    pairs = urn_outcomes(trials, shots, 2 ** (qubits - 1), rng)
    return np.where(rng.random((trials, shots)) < 0.5, pairs, 2**qubits - 1 - pairs)
