"""How many photons find the companion of a star, by what they are asked.

A pair of stored photons of a single star never shows an odd number of singlets in a Bell
measurement, whatever the star looks like; with a companion it does with probability
p = c(1 - c)(1 - o²), so that one such pair is a detection. What single photons of an unknown star
need at least is in :mod:`quantum_advantage.companion_bounds`; the two ways known here are

- collisions: photons of an unknown star repeat their outcome in a random basis with probability
  (1 + tr ρ²)/(d + 1) on average over Haar-random ψ₀ and bases, a little less often with a
  companion;
- learning the star and nulling it: single photons find a pure state with an infidelity of at least
  (d - 1)/T (Gill and Massar, PRA 61, 042312 (2000)), and what then passes the null tells.
"""

from __future__ import annotations

import numpy as np
from scipy.special import betainc, btdtrib, ndtri

from quantum_advantage.inference.bell import BellRecord, purity

POWER, FALSE_ALARMS = 0.95, 0.05


def odd_share(record: BellRecord) -> tuple[float, float]:
    """Estimates the chance of an odd number of singlets from Bell measurements of pairs.

    Returns:
        The share (1 - estimated purity)/2 of the pairs, and its standard error.
    """
    share = (1 - purity(record)[0]) / 2
    return share, share_error(share, record.shots)


def share_error(share: float, shots: int) -> float:
    """Returns the standard error of a share, which is not 0 where none of the shots counted.

    √[x(1 - x)/T] with x = (k + 1)/(T + 2) for k of T shots, Laplace's rule of succession.
    """
    x = (share * shots + 1) / (shots + 2)
    return float(np.sqrt(x * (1 - x) / shots))


def shots_to_detect(chance: float, dark: float = 0.0) -> float:
    """Returns the shots that find 95 % of the companions with at most 5 % false alarms, exactly.

    A detection is at least k events; k is the smallest that keeps the false alarms. Without dark
    events k = 1 and the shots are ln 0.05/ln(1 - chance). The law of k or more events in T shots is
    an incomplete beta function, continued to a T that need not be whole.

    Args:
        chance: The chance of an event in a shot with a companion, dark ones included.
        dark: That with a single star.

    Raises:
        ValueError: If the chances are not 0 <= dark < chance < 1.
    """
    if not 0 <= dark < chance < 1:
        raise ValueError(f"chances must obey 0 <= dark < chance < 1, not {dark} and {chance}")
    low, high = 0, 1
    while _false_alarms(high, chance, dark) > FALSE_ALARMS:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if _false_alarms(middle, chance, dark) > FALSE_ALARMS:
            low = middle
        else:
            high = middle
    return _shots(high, chance)


def _shots(events: int, chance: float) -> float:
    """Returns the T at which so many events or more have the wanted probability."""
    return float(btdtrib(events, POWER, chance) + events - 1)


def _false_alarms(events: int, chance: float, dark: float) -> float:
    """Returns the probability of so many dark events or more in that many shots."""
    return float(betainc(events, _shots(events, chance) - events + 1, dark))


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
    """
    best = np.inf
    for t in np.unique(np.geomspace(2, 2.0 ** (qubits / 2) * 1e4 / chance, 400).round()):
        mean, variance = collision_moments(float(t), qubits)
        bases = variance * (2 * ndtri(POWER) / (chance * mean)) ** 2
        best = min(best, max(1.0, bases) * t)
    return float(best)


def photons_by_nulling(chance: float, qubits: int) -> float:
    """Returns the photons with which learning the star and nulling it finds a companion.

    The learner is granted more than is known to be possible: the infidelity f = (d - 1)/T' of the
    best tomography of a pure state from T' single photons, which is reached at large T' alone, and
    that it knows f. The null lets f pass from a single star, f + s with a companion, s the smaller
    eigenvalue of ρ; f is the best.

    Args:
        chance: p = s(1 - s).
        qubits: The number n of qubits.
    """
    s = (1 - np.sqrt(1 - 4 * chance)) / 2
    leaks = s * np.geomspace(1e-2, 10, 40)
    return float(min((2**qubits - 1) / f + shots_to_detect(f + s * (1 - f), f) for f in leaks))
