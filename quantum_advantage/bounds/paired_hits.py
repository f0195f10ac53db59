"""How far the likelihoods of two strings can differ when both have the same mean number of hits.

Let S and S' be independent numbers of hits with one common law on 0, 1, 2, … of mean x, and
r = (1 - α²)^{1/2} in (0, 1). This module has the largest mean of 1 - r^max(S, S'):

    Φ(x) = max over F of Σ_k c rᵏ (1 - F_k²)  subject to  Σ_k (1 - F_k) = x,  c = 1 - r,

where F_k = Pr[S ≤ k], because E[1 - r^max] = Σ_k (rᵏ - rᵏ⁺¹) Pr[max > k] and Pr[max ≤ k] = F_k².

Solution (derived here). The functional is concave and the constraint linear, so the stationary
point F_k = min(1, μ r⁻ᵏ) is the maximiser; it increases with k, as a distribution must. Let K be
the number of k with μ r⁻ᵏ < 1 and G = Σ_{k<K} r⁻ᵏ = r (r⁻ᴷ - 1)/c. Then

    x = K - μ G,    Φ(x) = 1 - rᴷ - c (K - x)²/G,    (K = 1: Φ(x) = c (2x - x²) for x ≤ c)

and at the largest x of each K, where μ = rᴷ, the value is (1 - rᴷ)(1 - rᴷ⁺¹).

Weak signals. For r near 1 these sums cancel. Hits that may take any real value ≥ 0 can only do
better, and there the maximum has a closed form: with y = x ln(1/r) and m the solution of
-ln(1 - m) - m = y it is m². For α < 0.01 this upper bound on Φ is used; it exceeds Φ by less than
1 part in 10⁴.
Proof. With s = S ln(1/r) and F(t) = Pr[s ≤ t] the functional is ∫ e⁻ᵗ (1 - F²) dt at ∫ (1 - F) dt
= y, its maximiser min(1, (1 - m) eᵗ), and both integrals end at t = -ln(1 - m). ∎
"""

from __future__ import annotations

import math
from collections.abc import Callable

# Below this signal hits are taken as real numbers.
WEAK = 0.01
# The series of -ln(1 - m) - m is used below it.
_SMALL = 1e-3
# exp(-y) is no floating-point number beyond it.
_CERTAIN = 750.0


def _rate(alpha: float) -> float:
    """Returns ln(1/r)."""
    return -math.log1p(-(alpha**2)) / 2


def largest_gap(hits: float, alpha: float) -> float:
    """Returns Φ(x), or for α < 0.01 the upper bound on it for real-valued hits.

    Args:
        hits: x ≥ 0, the mean number of hits of one string.
        alpha: The signal α in (0, 1).

    Example:
        >>> round(largest_gap(0.4606, 0.9), 3)  # two strings told apart in 70 % of the games
        0.4
    """
    rate = _rate(alpha)
    if alpha < WEAK:
        return _root(hits * rate) ** 2
    if hits * rate > _CERTAIN:
        return 1.0
    step = -math.expm1(-rate)
    # K is the least number whose largest x is not below the given one.
    count = _least(lambda k: k + math.expm1(-k * rate) * math.exp(-rate) / step >= hits)
    gain = -math.expm1(-count * rate)
    missing = step * max(count - hits, 0.0) ** 2
    # (K - x)² c/G with 1/G = c rᴷ⁻¹/(1 - rᴷ), which cannot overflow.
    return min(1.0, gain - missing * step * math.exp(-(count - 1) * rate) / gain)


def hits_for(gap: float, alpha: float) -> float:
    """Returns the x at which Φ(x), or its upper bound for α < 0.01, has a value: the inverse.

    Args:
        gap: The value, in [0, 1).
        alpha: The signal α in (0, 1).

    Example:
        >>> round(hits_for(0.4, 0.9), 4), round(hits_for(0.8, 0.9), 3)
        (0.4606, 1.667)
    """
    rate = _rate(alpha)
    if alpha < WEAK:
        share = math.sqrt(gap)
        return _logarithm(share) / rate
    step = -math.expm1(-rate)
    # K is the least number whose largest Φ is not below the given one.
    count = _least(lambda k: math.expm1(-k * rate) * math.expm1(-(k + 1) * rate) >= gap)
    gain = -math.expm1(-count * rate)
    inverse = step * math.exp(-(count - 1) * rate) / gain
    return count - math.sqrt(max(gain - gap, 0.0) / (step * inverse))


def _least(reached: Callable[[float], bool]) -> float:
    """Returns the least whole number from 1 on that reaches what all larger ones reach too."""
    low, high = 0.0, 1.0
    while not reached(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = float(math.floor((low + high) / 2))
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high


def _logarithm(share: float) -> float:
    """Returns -ln(1 - m) - m."""
    if share < _SMALL:
        return share**2 * (1 / 2 + share * (1 / 3 + share * (1 / 4 + share / 5)))
    return -math.log1p(-share) - share


def _root(value: float) -> float:
    """Returns the m in [0, 1] with -ln(1 - m) - m = y."""
    low, high = 0.0, 1.0
    # Halving until no floating-point number lies between.
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if _logarithm(middle) < value else (low, middle)
    return high
