"""Bell outcomes of two uses of a Haar-random evolution, drawn without circuits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

# Random numbers that are in memory at once, unless a single evolution needs more.
NUMBERS_AT_ONCE = 1 << 18


def zero_chances(trials: int, qubits: int, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Draws for Haar-random evolutions U the chance that all bits of a shot are 0.

    It is |tr(U Uᵀ)/d|². Given U the shots are independent, so that the number of all-zero ones
    among T is binomial with this chance; its mean over U is 2/(d(d + 1)), the chance that T shots
    are all zero E|tr(U Uᵀ)/d|^{2T}.

    Source: U Uᵀ has the eigenvalues of the circular ensemble with β = 1. Killip and Nenciu, Int.
    Math. Res. Not. 2004, 2665, Theorem 1: these are the eigenvalues of a five-diagonal matrix with
    independent Verblunsky coefficients α₀ … α_{d-1}, whose phases are uniform and where |α_k|² is
    Beta(1, (d - 1 - k)/2), and 1 for the last. Its trace is -Σ_k α_{k-1} ᾱ_k with α_{-1} = -1.
    (For the mean all products are uncorrelated, and E|α_k|² = 2/(d + 1 - k).)

    Args:
        trials: The number of evolutions.
        qubits: The number n of qubits; d = 2ⁿ numbers are drawn for each.
        rng: The source of randomness.

    Returns:
        (trials,) chances.

    Example:
        >>> chances = zero_chances(20_000, 1, np.random.default_rng(0))
        >>> round(float(chances.mean()), 1)  # 2/(d (d + 1)) for d = 2
        0.3
    """
    size = 2**qubits
    exponents = np.append(2 / np.arange(size - 1, 0, -1), np.inf)
    chances = np.empty(trials)
    at_once = max(1, NUMBERS_AT_ONCE // size)
    for start in range(0, trials, at_once):
        shape = (min(at_once, trials - start), size)
        coefficients = np.exp(2j * np.pi * rng.random(shape))
        coefficients *= np.sqrt(1 - rng.random(shape) ** exponents)
        trace = (coefficients[:, :-1] * coefficients[:, 1:].conj()).sum(axis=1)
        chances[start : start + at_once] = np.abs((coefficients[:, 0].conj() - trace) / size) ** 2
    return chances
