"""How many photons find the companion of an unknown star, if they are measured one at a time.

What they need at least is in :mod:`quantum_advantage.bounds.companion`. None of the three ways here
is shown to be the best. With p = c(1 - c)(1 - o²) the state of a photon has the eigenvalues 1 - s
and s, p = s(1 - s), and Haar-random eigenvectors: a companion that overlaps looks like a fainter
one, of the share s, that does not.

- Collisions: photons of an unknown star repeat their outcome in a random basis with probability
  (1 + tr ρ²)/(d + 1) on average over Haar-random ψ₀ and bases, a little less often with a
  companion.
- The whole histogram of the outcomes in one random basis, read by its likelihood ratio.
- Learning the star and nulling it: a pure state is found with a mean infidelity of at least
  (d - 1)/(T + d) from T photons (Bruss and Macchiavello, Phys. Lett. A 253, 249 (1999)), and what
  then passes the null tells.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from quantum_advantage.bounds.companion import orthogonal_share
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.sensing.companion import POWER, shots_to_detect

# A mean that moves by so many standard deviations is found with 95 % power, 5 % false alarms.
_DEVIATIONS = 2 * float(ndtri(POWER))
# The largest share of the star's light behind its null that is tried.
_LARGEST_LEAK = 0.99


def collision_moments(photons: float, qubits: int) -> tuple[float, float]:
    """Returns mean and variance of the equal pairs among photons of a single star in one basis.

    Source: derived here. In a random basis the outcome probabilities of a pure state are uniform on
    the simplex, so with S₂ and S₃ the sums of their squares and cubes E S₂ = 2/(d+1),
    E S₃ = 6/[(d+1)(d+2)] and E S₂² = 4(d+5)/[(d+1)(d+2)(d+3)]. Given them, T outcomes have
    B = T(T-1)/2 pairs, of which S₂ are equal, with the variance B(S₂ - S₂²) +
    T(T-1)(T-2)(S₃ - S₂²); B² Var S₂ adds to it.

    Args:
        photons: T.
        qubits: The number n of qubits, d = 2ⁿ.

    Example:
        >>> mean, variance = collision_moments(2, qubits=1)
        >>> round(mean, 6)  # 2/(d + 1)
        0.666667
    """
    d, t = 2.0**qubits, photons
    pairs = t * (t - 1) / 2
    second, third = 2 / (d + 1), 6 / (d + 1) / (d + 2)
    square = 4 * (d + 5) / (d + 1) / (d + 2) / (d + 3)
    variance = pairs * (second - square) + 2 * pairs * (t - 2) * (third - square)
    return pairs * second, variance + pairs**2 * (square - second**2)


def photons_by_collisions(chance: float, qubits: int) -> float:
    """Returns the photons with which collisions in random bases find a companion.

    Source: derived here. A companion makes the fraction p of the equal pairs disappear, as
    1 + tr ρ² = 2(1 - p). In K independent random bases with t photons each the counts add up. The
    moments are exact, that of a single star serving for both; 95 % power and 5 % false alarms are
    taken from the normal distribution; t is the best.

    Args:
        chance: p.
        qubits: The number n of qubits.

    Raises:
        UsageError: If p does not lie in (0, 1/4].

    Example:
        >>> few, many = (photons_by_collisions(0.0075, qubits=n) for n in (40, 42))
        >>> round(many / few, 1)  # 2^(n/2)
        2.0
    """
    _check_chance(chance)
    best = np.inf
    for t in np.unique(np.geomspace(2, 2.0 ** (qubits / 2) * 1e4 / chance, 400).round()):
        mean, variance = collision_moments(float(t), qubits)
        bases = variance * (_DEVIATIONS / (chance * mean)) ** 2
        best = min(best, max(1.0, bases) * t)
    return float(best)


def photons_by_histogram(chance: float, qubits: int) -> float:
    """Returns the photons with which a histogram of single outcomes finds a companion.

    Source: derived here, for many modes and faint companions. The d outcome probabilities of a
    Haar-random star are independent exponential variables, of the mean 1/d, up to their common sum.
    So T = μd photons give counts with the geometric law of mean μ, whose generating function is
    1/a, a = 1 + μ(1 - z); with a companion they are sums of two geometric counts of the means
    μ(1 - s) and μs, with 1/[a + p μ²(1 - z)²] ≈ 1/a - p μ²(1 - z)²/a².

    With q = μ/(1 + μ) the difference is -p q² Σ_{j≥2} (1 - q) q^{j-2} (1 - z)^j/(1 - qz)^{j+1}, as
    (1 - qz) = (1 - q) + q(1 - z). Here (1 - z)^j/(1 - qz)^{j+1} generates the geometric law times
    the Meixner polynomial of degree j, up to a factor. They are orthogonal, and the sum of squares
    over the law is q^{-j}/(1 - q)². So the information of a count, the sum of squared differences
    over the law, is p² q⁴ Σ_{j≥2} q^{j-4} = p² q²/(1 - q) = p² μ²/(1 + μ). Equal pairs are j = 2
    alone, p² μ²/(1 + μ)². The polynomials of degree 0 and 1 are missing, so that it does not matter
    that the counts sum to T.

    The likelihood ratio of d counts has 95 % power and 5 % false alarms of a normal distribution if
    d p² μ²/(1 + μ) = 3.29², or T²/(d + T) = (3.29/p)². That is first order in sμ. Where μ would
    exceed 1/(10 s), several bases keep it there, and T = (1 + 10 s)(3.29/p)².

    Args:
        chance: p.
        qubits: The number n of qubits, d = 2ⁿ.

    Raises:
        UsageError: If p does not lie in (0, 1/4].

    Example:
        >>> few, many = (photons_by_histogram(0.0075, qubits=n) for n in (40, 42))
        >>> round(many / few, 1)  # 2^(n/2)
        2.0
    """
    _check_chance(chance)
    needed = (_DEVIATIONS / chance) ** 2
    one_basis = (needed + np.sqrt(needed**2 + 4 * needed * 2.0**qubits)) / 2
    return float(max(one_basis, needed * (1 + 10 * orthogonal_share(chance))))


def photons_by_nulling(chance: float, qubits: int) -> float:
    """Returns the photons with which learning the star and nulling it finds a companion.

    The learner is granted more than is known to be possible: the mean infidelity f of the best
    measurement of T' photons, f = (d - 1)/(T' + d), which is one of all of them together; that the
    companion does not disturb it; and that f is known. The null lets f pass from a single star,
    f + s(1 - f) with a companion; f is the best.

    Args:
        chance: p = s(1 - s).
        qubits: The number n of qubits, d = 2ⁿ.

    Raises:
        UsageError: If p does not lie in (0, 1/4].

    Example:
        >>> few, many = (photons_by_nulling(0.0075, qubits=n) for n in (24, 26))
        >>> round(many / few, 1)  # 2^(n/2)
        2.0
    """
    _check_chance(chance)
    s = orthogonal_share(chance)
    largest = min(_LARGEST_LEAK, 1 - 2.0**-qubits)
    return min(null_photons(float(f), s, qubits) for f in np.geomspace(s / 100, largest, 200))


def null_photons(leak: float, share: float, qubits: int) -> float:
    """Returns the photons to learn the star to the infidelity f and then to find a companion.

    Args:
        leak: f, above 0 and at most 1 - 1/d, that of no photons at all.
        share: s, that of a companion orthogonal to its star.
        qubits: The number n of qubits, d = 2ⁿ.

    Raises:
        UsageError: If f or s is out of range.

    Example:
        >>> null_photons(0.1, 0.01, qubits=10) > null_photons(0.1, 0.1, qubits=10)
        True
    """
    d = 2.0**qubits
    # The largest leak is reached up to rounding.
    if not (0 < leak <= (1 - 1 / d) * (1 + 1e-12) and 0 < share < 1):
        raise UsageError(
            f"leak must lie in (0, 1 - 2^-{qubits}] and share in (0, 1), not {leak} and {share}"
        )
    return (d - 1) / leak - d + shots_to_detect(leak + share * (1 - leak), leak)


def _check_chance(chance: float) -> None:
    """Refuses what is no chance p = c(1 - c)(1 - o²) of a companion.

    Raises:
        UsageError: If it does not lie in (0, 1/4].
    """
    if not 0 < chance <= 0.25:
        raise UsageError(f"chance must lie in (0, 1/4], not {chance}")
