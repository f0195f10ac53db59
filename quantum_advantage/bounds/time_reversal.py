"""How often an unknown evolution must be used, without a quantum memory, to see its symmetry.

Setting: a fair coin decides whether nature hides a time-reversal symmetric evolution, a Haar-random
real orthogonal matrix on n qubits, or a general one, a Haar-random unitary, drawn anew for each
game; d = 2ⁿ. A conventional learner applies it T times to one fixed input state |x⟩ with real
amplitudes, without entangled ancillas, and measures after every use with any POVM, chosen
adaptively, with unlimited classical computing. Then it guesses the coin.

Theorem (derived here). With g(T) = ∏_{j<T} (1 + 2j/d)⁻¹ the largest probability of a right answer
is at most 1/2 + [1 - g(T)]/2.

Proof.
1. As |x⟩ is real, every use leaves the same state ψ = U|x⟩, which is Haar-random on the real unit
   sphere if U is symmetric and on the complex one if not. A POVM can be refined to rank-one
   elements w|φ⟩⟨φ|, so a transcript is a list of unit vectors φ₁…φ_T, complex in general. Given the
   transcript the POVMs are fixed, and their weights w cancel in the likelihood relative to I/d,
   L = d^T E ∏_i |⟨φ_i|ψ⟩|².
2. Symmetric: write φ_i = a_i + i b_i with real a_i and b_i, so that |⟨φ_i|ψ⟩|² = (a_i·ψ)² +
   (b_i·ψ)² for a real ψ, and the product is the sum over all choices c_i ∈ {a_i, b_i} of
   ∏ (c_i·ψ)². A vector γ of d independent standard normal numbers is |γ| ψ, its factors are
   independent, and E|γ|^{2T} = d(d + 2)…(d + 2T - 2). So E ∏ (c_i·ψ)² is E ∏ (c_i·γ)² over
   ∏_{j<T} (d + 2j).
3. The Gaussian product inequality for squares, E ∏ X_i² ≥ ∏ E X_i² for jointly normal X_i of mean
   zero (Frenkel, Math. Res. Lett. 15, 351 (2008)), makes this at least ∏ |c_i|² / ∏ (d + 2j). The
   sum over all choices of ∏ |c_i|² is ∏ (|a_i|² + |b_i|²) = 1, hence L ≥ d^T/∏ (d + 2j) = g(T).
4. General: L' ≥ ∏_{j<T} (1 + j/d)⁻¹ by the permanent of the Gram matrix of the φ_i (steps 1 and 2
   at the head of :mod:`quantum_advantage.bounds.haar_states`), and this is at least g(T).
5. The best guess is right with probability 1/2 + D/2, D = 1 - E_ref min(L, L') over transcripts
   drawn from I/d. As min(L, L') ≥ g(T) for each of them, D ≤ 1 - g(T). ∎

The bound on the likelihoods holds for every transcript, so adaptivity of the measurements is
covered. It is of order 2^{n/2}: 70 % needs 0.715 · 2^{n/2} uses. Counting complementary outcomes in
the basis of Y takes 1.8 · 2^{n/2}.

What it does not cover. With several inputs the states are not independent copies: images of
orthogonal vectors stay orthogonal. A complex input is such a pair, its real and imaginary part: for
|x⟩ = |i…i⟩ and two outcomes that are complex conjugates, such as b and ~b in the basis of Y, L is
d(d - 2)/((d + 2)(d - 1)), below g(2) = d/(d + 2). Half of an entangled state leaves one that is not
Haar-random on the larger space. For all of these the proven order is that of
:func:`adaptive_reference`.
"""

from __future__ import annotations

import numpy as np

from quantum_advantage.bounds.haar_states import (
    check_qubits,
    collision_gain,
    interpolated_accuracy,
    least_copies,
)


def _gain(uses: int, qubits: int) -> float:
    """Returns the bound on D = 2p - 1: 1 - ∏ (1 + j/(d/2))⁻¹."""
    return float(collision_gain(np.array([float(uses)]), dimension=2.0 ** (qubits - 1))[0])


def largest_reversal_accuracy(uses: float, *, qubits: int) -> float:
    """Returns the largest probability to tell symmetric from general evolutions without memory.

    Args:
        uses: T, the uses of the evolution on one fixed real input; interpolated linearly between
            whole numbers.
        qubits: The number n of qubits, 1 to 1000.

    Returns:
        1/2 + [1 - ∏_{j<T} (1 + 2j/d)⁻¹]/2 with d = 2ⁿ; the theorem at the head of this module.

    Raises:
        ValueError: If the uses are negative or not finite, or the qubits out of range.

    Example:
        >>> round(largest_reversal_accuracy(500, qubits=20), 3)
        0.606
    """
    check_qubits(qubits, 1)
    return interpolated_accuracy(_gain, uses, qubits)


def uses_to_find_reversal(target: float, *, qubits: int) -> float:
    """Returns the uses below which no conventional experiment on a real input sees the symmetry.

    The inverse of :func:`largest_reversal_accuracy`: 0.715 · 2^{n/2} uses at a target of 0.7.

    Args:
        target: The accuracy, in (1/2, 1).
        qubits: The number n of qubits, 1 to 1000.

    Raises:
        ValueError: If the target or the qubits are out of range.

    Example:
        >>> round(uses_to_find_reversal(0.7, qubits=20))
        733
    """
    check_qubits(qubits, 1)
    return least_copies(_gain, target, qubits)


def adaptive_reference(*, qubits: int) -> float:
    """Returns 2^{2n/7}: how the uses grow at least with any inputs and ancillas, without constants.

    A reference line, not a bound with constants: Chen, Cotler, Huang and Li, arXiv 2111.05881,
    prove Ω(2^{2n/7}) uses for learners without a quantum memory that tell Haar-random unitary,
    orthogonal and symplectic matrices apart, with adaptive inputs and measurements.

    Args:
        qubits: The number n of qubits, 1 to 1000.

    Raises:
        ValueError: If the qubits are out of range.

    Example:
        >>> adaptive_reference(qubits=14)
        16.0
    """
    check_qubits(qubits, 1)
    return float(2 ** (2 * qubits / 7))
