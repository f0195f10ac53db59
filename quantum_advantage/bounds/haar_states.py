"""What no experiment without a quantum memory can learn about a Haar-random state, with proofs.

Setting ``purity``: a fair coin decides whether nature hides a pure state ψ on n qubits, Haar-random
and drawn anew for each game, or I/d with d = 2ⁿ. Setting ``principal component``: n qubits are a
flag and n - 1 others, d' = 2ⁿ⁻¹, ψ is Haar-random on the others and a fair coin chooses between

    ρ₀ = ½ |0⟩⟨0| ⊗ ψ + ½ |1⟩⟨1| ⊗ I/d'    and    ρ₁ = ½ |1⟩⟨1| ⊗ ψ + ½ |0⟩⟨0| ⊗ I/d'.

A conventional learner measures T copies one at a time, each with any POVM, chosen adaptively, with
unlimited classical computing, and guesses the coin.

Theorem (derived here). With g_d(T) = ∏_{j<T} (1 + j/d)⁻¹ the largest probability of a right answer
is at most 1/2 + [1 - g_d(T)]/2 for ``purity``, and at most 1/2 + [1 - E g_d'(max(S, T - S))]/2 with
S binomial (T trials, chance 1/2) for ``principal component``.

Proof.
1. A POVM can be refined to rank-one elements w|φ⟩⟨φ|, so a transcript is a list φ₁…φ_T. Given the
   transcript the POVMs are fixed; their weights w cancel in the likelihood of a Haar-random ψ
   relative to I/d, in which every outcome has a positive chance:
   L = d^T E ∏|⟨φ_i|ψ⟩|² = d^T tr[(⊗φ_i) Π_sym]/dim_sym, because E ψ^{⊗T} = Π_sym/dim_sym. Writing
   Π_sym as the mean of the T! permutations gives the trace perm(G)/T! with the Gram matrix
   G_ij = ⟨φ_i|φ_j⟩, and dim_sym = d(d + 1)…(d + T - 1)/T!, so L = perm(G) g_d(T).
2. The permanent of a positive semidefinite matrix is at least the product of its diagonal (Marcus,
   Bull. AMS 69, 494, 1963; Lieb, J. Math. Mech. 16, 127, 1966), which is 1 here: L ≥ g_d(T).
3. The best guess between likelihoods L and L' relative to a reference is right with probability
   1/2 + D/2, D = 1 - E_ref min(L, L'). For ``purity`` the reference is I/d, L' = 1 and g_d ≤ 1, so
   D ≤ 1 - g_d(T).
4. For ``principal component`` both states are block-diagonal in the flag, so an element M acts as
   the sum of the elements |f⟩⟨f| ⊗ ⟨f|M|f⟩, f = 0, 1. These form a POVM whose outcomes (f, M) tell
   no less than M; refined as in 1 its elements are w |f⟩⟨f| ⊗ |φ⟩⟨φ|, so that a transcript is a
   list of pairs (f_i, φ_i).
5. The reference is I/2ⁿ. Relative to it an outcome (f, φ) has the likelihood d' |⟨φ|ψ⟩|² under ρ₀
   if f = 0 and 1 if f = 1: the factor ½ is on both sides. So 1 and 2 applied to the S outcomes with
   f = 0 give L₀ ≥ g_d'(S), and to the T - S others L₁ ≥ g_d'(T - S) under ρ₁. As g_d' decreases,
   min(L₀, L₁) ≥ g_d'(max(S, T - S)).
6. Under the reference each flag is a fair coin whatever came before, because the elements with
   flag f sum to |f⟩⟨f| ⊗ I, whatever the POVM. So S is binomial, and 3 gives the claim. ∎

The bounds on the likelihoods hold for every transcript, so adaptivity is covered, and choosing
POVMs at random only averages. Both results are of order 2^{n/2} copies; for ``purity`` that order
without constants is due to Chen, Cotler, Huang and Li, arXiv 2111.05881. Two copies measured
jointly are not covered.

Between whole numbers of copies the accuracy is interpolated linearly, so that its inverse compares
with a sample complexity read from a linearly interpolated curve.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.usage import UsageError

# Beyond it 2ⁿ is no floating-point number.
MOST_QUBITS = 1000
# Terms of ln g added one by one; the sum of the others is replaced by an integral.
_SUMMED = 64
# Copies beyond which the binomial average is one over a normal distribution.
_NORMAL_FROM = 2**20
# Standard deviations kept of the binomial distribution; the mass beyond is below 2e-23.
_WIDTH = 10
# Quadrature of an integral over (0, 1), and of one over half a normal distribution.
_LEGENDRE = tuple(np.polynomial.legendre.leggauss(24))
_NODES, _WEIGHTS = (_LEGENDRE[0] + 1) / 2, _LEGENDRE[1] / 2
_NORMAL = tuple(np.polynomial.legendre.leggauss(64))
_DEVIATIONS = (_NORMAL[0] + 1) * _WIDTH / 2
_DENSITIES = _NORMAL[1] * np.exp(-(_DEVIATIONS**2) / 2)  # not normalised


def check_qubits(qubits: int, fewest: int) -> None:
    """Refuses numbers of qubits below the fewest or above 1000.

    Raises:
        ValueError: If the qubits are out of range.

    Example:
        >>> check_qubits(0, 1)
        Traceback (most recent call last):
        quantum_advantage.core.usage.UsageError: qubits must lie between 1 and 1000, not 0
    """
    if not fewest <= qubits <= MOST_QUBITS:
        raise UsageError(f"qubits must lie between {fewest} and {MOST_QUBITS}, not {qubits}")


def collision_gain(copies: npt.NDArray[np.float64], *, dimension: float) -> npt.NDArray[np.float64]:
    """Returns 1 - g_d(T), g_d(T) = ∏_{j<T} (1 + j/d)⁻¹, to an absolute accuracy of 1e-12.

    The first terms of -ln g are added one by one, the others by the midpoint form of the
    Euler-Maclaurin formula, Σ_{a≤j<b} f(j) = ∫ f - [f'(v) - f'(u)]/24 between u = a - ½ and
    v = b - ½, whose next term is below 0.0025/(d + 63)³ for f(x) = ln(1 + x/d). The integral is a
    Gauss-Legendre sum of positive terms: no difference of large numbers appears.

    Args:
        copies: (m,) numbers T ≥ 0; whole numbers unless above 64, where g is continued.
        dimension: d ≥ 1.

    Example:
        >>> collision_gain(np.array([0.0, 2.0]), dimension=4.0).round(6).tolist()  # 1 - 1/(1 + 1/4)
        [0.0, 0.2]
    """
    # Further copies change no digit, and without them the product below stays finite.
    most = np.minimum(copies, max(_SUMMED, 64 * dimension))
    head = np.append(0.0, np.cumsum(np.log1p(np.arange(_SUMMED) / dimension)))
    first = head[np.minimum(most, _SUMMED).astype(np.int64)]
    start, length = _SUMMED - 0.5, np.maximum(most - _SUMMED, 0)
    points = start + length[:, None] * _NODES
    slope = 1 / (dimension + start) / (dimension + start + length)
    rest = length * (np.log1p(points / dimension) @ _WEIGHTS + slope / 24)
    return -np.expm1(-first - rest)


def _purity_gain(copies: int, qubits: int) -> float:
    """Returns the bound on D = 2p - 1 in the setting ``purity``."""
    return float(collision_gain(np.array([float(copies)]), dimension=2.0**qubits)[0])


def _larger_halves(copies: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Returns values of max(S, T - S) for a binomial S and their weights, which need a total.

    Up to 2²⁰ copies the values are all those within ten standard deviations √T/2. For more, S is
    replaced by a normal variable of the same mean and deviation. For functions of z = (2S - T)/√T
    that alters a mean by parts of order 1/T of their slope, and that of 1 - g is below 1/√T, as
    T²/(4d) exp(-T²/8d) < 1: together of order T^{-3/2}. The sum shows 1.4e-10 at 2²⁰ copies.
    """
    if copies > _NORMAL_FROM:
        return copies / 2 + _DEVIATIONS * (math.sqrt(copies) / 2), _DENSITIES
    lowest = (copies + 1) // 2
    highest = min(copies, lowest + math.ceil(_WIDTH * math.sqrt(copies) / 2))
    larger = np.arange(lowest, highest + 1, dtype=np.float64)
    ratios = np.log((copies - larger[:-1]) / larger[1:])
    weights = np.exp(np.append(0.0, np.cumsum(ratios)))
    if copies % 2 == 0:
        weights[0] /= 2  # every other value stands for two values of S
    return larger, weights


def _principal_gain(copies: int, qubits: int) -> float:
    """Returns the bound on D = 2p - 1 in the setting ``principal component``."""
    larger, weights = _larger_halves(copies)
    gains = collision_gain(larger, dimension=2.0 ** (qubits - 1))
    return float((weights * gains).sum() / weights.sum())


def interpolated_accuracy(gain: Callable[[int, int], float], copies: float, qubits: int) -> float:
    """Returns 1/2 + D/2, linear between whole numbers of copies.

    Args:
        gain: D at whole numbers of copies and of qubits.
        copies: The copies measured.
        qubits: The number n of qubits.

    Raises:
        ValueError: If the copies are negative or not finite.

    Example:
        >>> interpolated_accuracy(lambda copies, qubits: copies / 10, 2.5, qubits=1)
        0.625
    """
    if not 0 <= copies < math.inf:
        raise UsageError(f"copies must be finite and not negative, got {copies}")
    below = math.floor(copies)
    left, right = gain(below, qubits), gain(below + 1, qubits)
    return 0.5 + (left + (copies - below) * (right - left)) / 2


def least_copies(gain: Callable[[int, int], float], target: float, qubits: int) -> float:
    """Inverts :func:`interpolated_accuracy`.

    Args:
        gain: D at whole numbers of copies and of qubits.
        target: The accuracy, in (1/2, 1).
        qubits: The number n of qubits.

    Raises:
        ValueError: If the target is out of range.

    Example:
        >>> least_copies(lambda copies, qubits: copies / 10, 0.625, qubits=1)
        2.5
    """
    if not 0.5 < target < 1:
        raise UsageError(f"target must lie strictly between 0.5 and 1, not {target}")
    wanted = 2 * target - 1
    low, high = 0, 2 ** (qubits // 2 + 1)
    while gain(high, qubits) < wanted:
        low, high = high, 2 * high
    # Whole numbers of more than 50 bits are told apart to a relative 1e-15 only.
    while high - low > max(1, low >> 50):
        middle = (low + high) // 2
        if gain(middle, qubits) < wanted:
            low = middle
        else:
            high = middle
    left, right = gain(low, qubits), gain(high, qubits)
    return low + (wanted - left) / (right - left) * (high - low)


def largest_purity_accuracy(copies: float, *, qubits: int) -> float:
    """Returns the largest probability to tell a Haar-random pure state from I/2ⁿ without memory.

    Args:
        copies: T, the copies measured, one at a time; interpolated linearly between whole numbers.
        qubits: The number n of qubits, 1 to 1000.

    Returns:
        1/2 + [1 - g_d(T)]/2 with d = 2ⁿ; the theorem at the head of this module.

    Raises:
        ValueError: If the copies are negative or not finite, or the qubits out of range.

    Example:
        >>> round(largest_purity_accuracy(1000, qubits=20), 3)
        0.689
    """
    check_qubits(qubits, 1)
    return interpolated_accuracy(_purity_gain, copies, qubits)


def copies_to_test_purity(target: float, *, qubits: int) -> float:
    """Returns the copies below which no conventional experiment tells pure from fully mixed.

    The inverse of :func:`largest_purity_accuracy`: 1.01 · 2^{n/2} copies at a target of 0.7.

    Args:
        target: The accuracy, in (1/2, 1).
        qubits: The number n of qubits, 1 to 1000.

    Raises:
        ValueError: If the target or the qubits are out of range.

    Example:
        >>> round(copies_to_test_purity(0.7, qubits=20))
        1036
    """
    check_qubits(qubits, 1)
    return least_copies(_purity_gain, target, qubits)


def largest_principal_accuracy(copies: float, *, qubits: int) -> float:
    """Returns the largest probability to find the flag of a random pure state without memory.

    Args:
        copies: T, the copies measured, one at a time; interpolated linearly between whole numbers.
        qubits: The number n of qubits, the flag among them, 2 to 1000.

    Returns:
        1/2 + [1 - E g_d'(max(S, T - S))]/2 with d' = 2ⁿ⁻¹, to an absolute accuracy of 1e-9; the
        theorem at the head of this module.

    Raises:
        ValueError: If the copies are negative or not finite, or the qubits out of range.

    Example:
        >>> round(largest_principal_accuracy(1000, qubits=20), 3)
        0.611
    """
    check_qubits(qubits, 2)
    return interpolated_accuracy(_principal_gain, copies, qubits)


def copies_for_principal_component(target: float, *, qubits: int) -> float:
    """Returns the copies below which no conventional experiment finds the flag of the pure part.

    The inverse of :func:`largest_principal_accuracy`: 1.40 · 2^{n/2} copies at a target of 0.7
    and n = 20, 1.43 · 2^{n/2} for large n.

    Args:
        target: The accuracy, in (1/2, 1).
        qubits: The number n of qubits, the flag among them, 2 to 1000.

    Raises:
        ValueError: If the target or the qubits are out of range.

    Example:
        >>> round(copies_for_principal_component(0.7, qubits=20))
        1435
    """
    check_qubits(qubits, 2)
    return least_copies(_principal_gain, target, qubits)
