"""What single photons can say about the companion of an unknown star, with proofs.

Setting: a fair coin decides whether nature hands out copies of an unknown pure state ψ₀ on n qubits
(one photon of a star, caught in 2ⁿ modes) or of ρ = (1 - c) ψ₀ + c ψ₁, a star with a companion that
sends the share c of the photons. ψ₀ is Haar-random, |⟨ψ₀|ψ₁⟩| = o, the part of ψ₁ orthogonal to ψ₀
is Haar-random too, and both are drawn anew for each game. A conventional learner, who knows c and
o, measures T photons one at a time, each with any POVM, chosen adaptively, with unlimited classical
computing, and guesses the coin.

Theorem (derived here). Let p = c(1 - c)(1 - o²), s = [1 - √(1 - 4p)]/2 and d = 2ⁿ. The largest
probability of a right answer is at most 1/2 + [1 - E R(T, K)]/2, where K is binomial (T trials,
chance s) and R(T, k) = ∏_{j<k} [1 + (j - 1)/d]/[1 + (T - k + j)/d]. For T = 1 it is 1/2.

Proof.
1. ρ has rank two and tr ρ² = 1 - 2p, so its eigenvalues are 1 - s and s. Its eigenvectors χ₀ and χ₁
   are a Haar-random orthonormal pair, because the law of (ψ₀, ψ₁) is invariant under unitaries. So
   every photon is equivalently in χ₁ with probability s and in χ₀ otherwise. Let the learner be
   told which one, for every photon; for a single star let it be told the outcomes of independent
   coins with the same chances. More information can only help.
2. A POVM can be refined to rank-one elements, so a transcript is a list of unit vectors φ₁…φ_T with
   labels; the weights cancel in likelihoods. Let k photons have the label 1 and a = T - k the label
   0; G is the Gram matrix of all φᵢ, G₀ and G₁ are those of the two kinds. For a single star the
   likelihood relative to I/d is L = perm(G) g_d(T), g_d(T) = ∏_{j<T} (1 + j/d)⁻¹ (step 1 at the
   head of :mod:`quantum_advantage.bounds.haar_states`), beside the chance of the labels.
3. With a companion it is L' = dᵀ E ∏₀ |⟨φᵢ|χ₀⟩|² ∏₁ |⟨φᵢ|χ₁⟩|². Given χ₀, χ₁ is Haar-random in its
   complement of dimension d - 1, so the mean over it is perm(G⊥)/∏_{j<k} (d - 1 + j) with the Gram
   matrix G⊥ of the φᵢ projected there. G₁ - G⊥ is positive semidefinite, and the permanent does not
   decrease when such a matrix is added (perm(G) is T! ⟨e₁…e_T|Π G⊗…⊗G Π|e₁…e_T⟩ with the
   symmetric projection Π, and tensor powers are monotone). So perm(G⊥) ≤ perm(G₁), and the mean
   over χ₀ leaves L' ≤ perm(G₀) g_d(a) perm(G₁) ∏_{j<k} [1 + (j - 1)/d]⁻¹.
4. perm(G) ≥ perm(G₀) perm(G₁) (Lieb, J. Math. Mech. 16, 127, 1966). Hence
   L/L' ≥ g_d(T)/g_d(a) ∏_{j<k} [1 + (j - 1)/d] = R(T, k) for every transcript.
5. The best guess is right with probability 1/2 + D/2, D = 1 - E' min(1, L/L') with transcripts
   drawn as with a companion. As R ≤ 1, D ≤ 1 - E R(T, K). One photon is in I/d on average, with
   and without a companion: D = 0. ∎

-ln R is about k(T - k)/d, so that the bound grows as √(d/s), 2^{n/2} at a given share. Two photons
stored together need order 1/p at any n (:mod:`quantum_advantage.inference.sensing.companion`):
there is a proven advantage for d well above 1/s alone.

What it does not cover: a star that is known, whose light can be projected out, so that every photon
of the companion shows itself with probability 1 - o²; states that are not Haar-random.
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import numpy.typing as npt
import scipy
from scipy.special import gammaln

from quantum_advantage.bounds.haar_states import check_qubits, interpolated_accuracy, least_copies
from quantum_advantage.core.usage import UsageError

Floats = npt.NDArray[np.float64]

# Beyond it ln R is a difference of numbers too large.
MOST_QUBITS = 30


def odd_chance(share: float, overlap: float) -> float:
    """Returns p = c(1 - c)(1 - o²), the chance of an odd number of singlets in a Bell measurement.

    Source: derived here. A Bell measurement of two copies shows an odd number of singlets, the
    antisymmetric subspace, with probability (1 - tr ρ²)/2, and tr ρ² = (1-c)² + c² + 2c(1-c) o².

    Args:
        share: c, the companion's share of the photons.
        overlap: o = |⟨ψ₀|ψ₁⟩|.

    Raises:
        ValueError: If an argument lies outside [0, 1].

    Example:
        >>> round(odd_chance(0.01, 0.5), 6)
        0.007425
    """
    for name, value in (("share", share), ("overlap", overlap)):
        if not 0 <= value <= 1:
            raise UsageError(f"{name} must lie in [0, 1], not {value}")
    return share * (1 - share) * (1 - overlap**2)


def odd_chance_with_background(
    chance: Floats | float, background: Floats | float, qubits: int
) -> Floats:
    """Returns the chance of an odd number of singlets if some photons are equally likely anywhere.

    Source: derived here. With the share q of background, in I/d, tr ρ² is (1-q)² (1 - 2p) plus
    [1 - (1-q)²]/d, so that (1 - tr ρ²)/2 is (1-q)² p + [1 - (1-q)²](1 - 1/d)/2.

    Args:
        chance: p without background, a number or (stars,).
        background: q, a number or (stars,).
        qubits: The number n of qubits that hold a photon, d = 2ⁿ.

    Returns:
        (stars,), or a number if both are.

    Example:
        >>> round(float(odd_chance_with_background(0.0, 0.05, 6)), 5)  # light from anywhere alone
        0.04799
    """
    left = (1 - np.asarray(background)) ** 2
    return np.asarray(left * chance + (1 - left) * (1 - 2.0**-qubits) / 2)


def orthogonal_share(chance: float) -> float:
    """Returns s = [1 - √(1 - 4p)]/2, the share of a companion orthogonal to its star with that p.

    Args:
        chance: p, at most 1/4.

    Example:
        >>> orthogonal_share(0.25), orthogonal_share(0.0)
        (0.5, 0.0)
    """
    return (1 - math.sqrt(1 - 4 * chance)) / 2


def _gain(copies: int, qubits: int, share: float) -> float:
    """Returns the bound on D = 2p - 1 for orthogonal companions of the share s."""
    if copies < 2:
        return 0.0
    d = 2.0**qubits
    low, high = (int(scipy.stats.binom.ppf(q, copies, share)) for q in (1e-13, 1 - 1e-13))
    k = np.arange(low, high + 1)
    weights = scipy.stats.binom.pmf(k, copies, share)
    # The powers of d in both products cancel.
    ratio = gammaln(d - 1 + k) - gammaln(d - 1) - gammaln(d + copies) + gammaln(d + copies - k)
    return float((weights * -np.expm1(np.minimum(ratio, 0))).sum() / weights.sum())


def _checked_share(share: float, overlap: float, qubits: int) -> float:
    check_qubits(qubits, 1)
    if qubits > MOST_QUBITS:
        raise UsageError(f"qubits must be at most {MOST_QUBITS}, not {qubits}")
    chance = odd_chance(share, overlap)
    if chance == 0:
        raise UsageError(f"share {share} at overlap {overlap} leaves no companion to find")
    return orthogonal_share(chance)


def largest_companion_accuracy(
    copies: float, *, qubits: int, share: float, overlap: float
) -> float:
    """Returns the largest probability to tell a star with a companion from a single one.

    Args:
        copies: T, the photons, measured one at a time; interpolated between whole numbers.
        qubits: The number n of qubits that hold a photon, 1 to 30.
        share: c, the companion's share of the photons.
        overlap: o = |⟨ψ₀|ψ₁⟩|.

    Returns:
        The bound of the theorem at the head of this module.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> largest_companion_accuracy(1, qubits=6, share=0.01, overlap=0.5)
        0.5
        >>> round(largest_companion_accuracy(1000, qubits=20, share=0.01, overlap=0.5), 3)
        0.504
    """
    orthogonal = _checked_share(share, overlap, qubits)
    return interpolated_accuracy(partial(_gain, share=orthogonal), copies, qubits)


def photons_to_find_companion(target: float, *, qubits: int, share: float, overlap: float) -> float:
    """Returns the photons below which no conventional experiment finds the companion.

    The inverse of :func:`largest_companion_accuracy`.

    Args:
        target: The accuracy, in (1/2, 1). A test that finds 95 % of the companions with 5 % false
            alarms has 0.95.
        qubits: The number n of qubits that hold a photon, 1 to 30.
        share: c, the companion's share of the photons.
        overlap: o = |⟨ψ₀|ψ₁⟩|.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> few, many = (
        ...     photons_to_find_companion(0.95, qubits=n, share=0.01, overlap=0.5) for n in (16, 18)
        ... )
        >>> round(many / few, 1)  # 2^(n/2)
        2.0
    """
    orthogonal = _checked_share(share, overlap, qubits)
    return least_copies(partial(_gain, share=orthogonal), target, qubits)
