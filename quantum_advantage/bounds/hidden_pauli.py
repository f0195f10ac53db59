"""What no experiment without a quantum memory can do, with constants and proofs.

Setting: a hidden Pauli string P, uniform over the 4ⁿ - 1 strings other than the identity, and a
secret fair sign s = ±1 define ρ = (I + s α P)/2ⁿ. A conventional learner measures T copies one at a
time, each with any POVM, chosen adaptively, with unlimited classical computing; the question is
revealed only afterwards. In the game ``two`` it must say which of two strings {P, Q}, in random
order, is the hidden one; in the game ``one`` whether the system was ρ or I/2ⁿ, knowing P.

Theorem (derived here). With N = 4ⁿ - 1, x = T/(2ⁿ + 1), h the function :func:`concave_gain` and Φ
that of :mod:`quantum_advantage.bounds.paired_hits`, the largest probability of a right answer is at
most 1/2 + h(x)/2 in the game ``one`` and 1/2 + min{h(2x), N/(N-1) Φ(x)}/2 in the game ``two``. For
α ≤ 0.9 :mod:`quantum_advantage.bounds.any_measurement` proves a third bound of the game ``two`` for
the same learners. The functions here use the smallest of all, at every n and target.

Proof.
1. A POVM can be refined to rank-one elements w|φ⟩⟨φ|, so a transcript is a list φ₁…φ_T. With
   p_i = ⟨φ_i|P|φ_i⟩ its likelihood relative to I/2ⁿ, averaged over the sign, is
   L_P = [∏(1 + α p_i) + ∏(1 - α p_i)]/2 ≥ ∏(1 - α² p_i²)^{1/2} =: ℓ_P ≤ 1 (arithmetic and geometric
   mean).
2. The best answer is right with probability 1/2 + D/2, where D = 1 - E₀[min(L, L')] over
   transcripts drawn from I/2ⁿ: L' = 1 in the game ``one``, L' = L_Q in the game ``two``.
3. (1 - α² u)^{1/2} is concave in u, hence at least 1 - c u on [0, 1] with r = (1 - α²)^{1/2} and
   c = 1 - r. A product ∏(1 - c u_i) is E[r^S] for a sum S of independent Bernoulli(u_i) variables,
   u_i = p_i²: so ℓ_P ≥ E[r^{S_P}]. For every pure φ the mean of ⟨φ|P|φ⟩² over the N strings is
   (2ⁿ - 1)/N = 1/(2ⁿ + 1), since the squares of all 4ⁿ expectation values sum to 2ⁿ. Over a random
   string the mean of S_P is therefore x, whatever the transcript.
4. First bound. In the game ``one`` min(L_P, 1) ≥ ℓ_P, in the game ``two`` min(L_P, L_Q) ≥ ℓ_P ℓ_Q
   because both factors are at most one. So D ≤ E[g(S)], g(S) = 1 - r^S = h(S) at integers, with S
   the hits of one string, or of both. h is concave, and Jensen over S and over the strings gives
   D ≤ h(E S), with E S = x, or 2x.
5. Second bound, for the game ``two``. min(L_P, L_Q) ≥ min(E r^{S_P}, E r^{S_Q}) ≥ E r^max(S_P, S_Q)
   with S_P and S_Q independent given the strings. Fix the transcript and draw P and Q independently
   and uniformly from all N strings: then S_P and S_Q are independent with one common law, of mean
   x, and E[1 - r^max] ≤ Φ(x). Pairs with P = Q have the probability 1/N and terms that are not
   negative; without them the mean is at most N/(N-1) Φ(x). ∎

Of these two bounds of the game ``two`` the second is the smaller one except for very few copies,
where the factor N/(N-1) counts, and for n up to 3 near certainty.

The bound is uniform over transcripts, so adaptivity is covered. It needs the secret sign. The proof
also holds at α = 1, where r = 0. Two copies measured jointly are not covered, which is the point.

Corollary (processes; derived here, on the instance of Huang et al., arXiv 2112.00778, theorem 3).
Nature hides the process E(x) = tr(x) ρ instead. In each of T uses a conventional learner prepares
any state σ of the n qubits and of ancillas, applies the process to the n qubits and measures all of
it with any POVM; σ and the POVM may depend on all outcomes so far, and nothing but outcomes is kept
from use to use. Then one question is revealed, with or without an input x: which |tr(Q E(x))| is
larger. The same bound holds with T uses for T copies.

Proof. Write σ as a sum of products Σ A_k ⊗ B_k, A_k on the n qubits. E is linear, so (E ⊗ 1)(σ) =
Σ tr(A_k) ρ ⊗ B_k = ρ ⊗ τ, where τ is what σ leaves on the ancillas: a state that the learner knows.
An element M of its POVM comes out with probability tr[M (ρ ⊗ τ)] = tr(M' ρ), where M' is the
partial trace of M (1 ⊗ τ) over the ancillas. With τ = Σ t_k |k⟩⟨k| it is Σ t_k ⟨k|M|k⟩, which is
positive, and the M' sum to the identity. So a use is one copy of ρ measured with a POVM of the
learner's choice, and the theorem applies. E(x) = ρ for every state x, so that x tells nothing. ∎

Ancillas or outputs that are kept for a later use are a quantum memory, and not covered.
"""

from __future__ import annotations

import math

from quantum_advantage.bounds import any_measurement, paired_hits
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import open_interval, real_number, whole_number

GAMES = ("two", "one")
# Beyond it 2ⁿ is no floating-point number.
MOST_QUBITS = 1000
# Its square is a number yet.
LEAST_ALPHA = 1e-100


def check_setting(alpha: float, game: str, qubits: int) -> tuple[float, int]:
    """Returns α and n as Python's own numbers: powers of 2 beyond 64 bits must not wrap around.

    Args:
        alpha: The signal α in (0, 1).
        game: ``two`` or ``one``.
        qubits: The number n of qubits.

    Raises:
        UsageError: If an argument is out of range.

    Example:
        >>> check_setting(0.9, "two", 20)
        (0.9, 20)
    """
    alpha, qubits = open_interval("alpha", alpha, 0, 1), whole_number("qubits", qubits)
    if alpha < LEAST_ALPHA:
        raise UsageError(f"alpha must be at least {LEAST_ALPHA}, not {alpha}")
    if game not in GAMES:
        raise UsageError(f"game must be one of {', '.join(GAMES)}, not {game!r}")
    if not 1 <= qubits <= MOST_QUBITS:
        raise UsageError(f"qubits must lie between 1 and {MOST_QUBITS}, not {qubits}")
    return alpha, qubits


def concave_gain(hits: float, alpha: float) -> float:
    """Returns h(y), the piecewise-linear interpolation of g(S) = 1 - (1 - α²)^{S/2} at integers S.

    Args:
        hits: y ≥ 0, the mean number of informative outcomes.
        alpha: The signal α in (0, 1).

    Example:
        >>> concave_gain(0, 0.9), round(concave_gain(2, 0.9), 6)  # α² at 2
        (0.0, 0.81)
    """
    rate = math.log1p(-(alpha**2)) / 2
    below = math.floor(hits)
    left, right = -math.expm1(below * rate), -math.expm1((below + 1) * rate)
    return left + (hits - below) * (right - left)


def largest_conventional_accuracy(
    copies: float, *, qubits: int, alpha: float = 0.9, game: str = "two"
) -> float:
    """Returns the largest probability of a right answer without quantum memory.

    Args:
        copies: T, the copies measured, one at a time.
        qubits: The number n of qubits.
        alpha: The signal α in (0, 1).
        game: ``two`` or ``one``.

    Returns:
        The least of all bounds, with x = T/(2ⁿ + 1).

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> from quantum_advantage import largest_conventional_accuracy
        >>> round(largest_conventional_accuracy(1000, qubits=20), 4)
        0.5005
    """
    alpha, qubits = check_setting(alpha, game, qubits)
    hits = real_number("copies", copies) / (2**qubits + 1)
    return accuracy_of_hits(hits, qubits=qubits, alpha=alpha, game=game)


def accuracy_of_hits(hits: float, *, qubits: int, alpha: float, game: str) -> float:
    """Returns the same as a function of x, which is all that the proofs use of the measurements.

    Args:
        hits: x ≥ 0: over the N strings, the largest mean of Σ p² of a transcript.
        qubits: The number n of qubits, for N = 4ⁿ - 1.
        alpha: The signal α in (0, 1).
        game: ``two`` or ``one``.

    Example:
        >>> round(accuracy_of_hits(0.5514, qubits=20, alpha=0.9, game="two"), 3)
        0.7
    """
    if game == "one":
        return 0.5 + concave_gain(hits, alpha) / 2
    gap = min(paired_hits.largest_gap(hits, alpha), any_measurement.largest_gap(hits, alpha))
    return 0.5 + min(concave_gain(2 * hits, alpha), _distinct(qubits) * gap) / 2


def copies_required(target: float, *, qubits: int, alpha: float = 0.9, game: str = "two") -> float:
    """Returns the copies below which no conventional experiment reaches the target.

    The inverse of :func:`largest_conventional_accuracy`: at a target of 0.7, α = 0.9 and large n
    0.551 (2ⁿ + 1) copies in the game ``two`` and 0.709 (2ⁿ + 1) in the game ``one``.

    Args:
        target: The accuracy, in (1/2, 1).
        qubits: The number n of qubits.
        alpha: The signal α in (0, 1).
        game: ``two`` or ``one``.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> from quantum_advantage import copies_required
        >>> round(copies_required(0.7, qubits=20))
        578137
    """
    alpha, qubits = check_setting(alpha, game, qubits)
    return hits_required(target, qubits=qubits, alpha=alpha, game=game) * (2**qubits + 1)


def hits_required(target: float, *, qubits: int, alpha: float, game: str) -> float:
    """Returns the inverse of :func:`accuracy_of_hits`: the x that an accuracy takes at least.

    Args:
        target: The accuracy, in (1/2, 1).
        qubits: The number n of qubits.
        alpha: The signal α in (0, 1).
        game: ``two`` or ``one``.

    Raises:
        UsageError: If the target is out of range.

    Example:
        >>> round(hits_required(0.7, qubits=20, alpha=0.9, game="two"), 4)
        0.5514
    """
    gain = 2 * open_interval("target", target, 0.5, 1) - 1
    hits = hits_of_gain(gain, alpha)
    if game == "two":
        gap = gain / _distinct(qubits)
        pairs = paired_hits.hits_for(gap, alpha), any_measurement.hits_for(gap, alpha)
        hits = max(hits / 2, *pairs)
    return hits


def _distinct(qubits: int) -> float:
    """Returns N/(N-1) with N = 4ⁿ - 1."""
    return 1 + 1 / (4**qubits - 2)


def hits_of_gain(gain: float, alpha: float) -> float:
    """Returns the y with h(y) = gain, the inverse of :func:`concave_gain`.

    Args:
        gain: In (0, 1).
        alpha: The signal α in (0, 1).

    Example:
        >>> hits_of_gain(0.81, 0.9)
        2.0
    """
    below = math.floor(2 * math.log1p(-gain) / math.log1p(-(alpha**2)) + 1e-12)
    left, right = concave_gain(below, alpha), concave_gain(below + 1, alpha)
    # For a very weak signal neighbouring values of h agree to all digits.
    return below + ((gain - left) / (right - left) if right > left else 0.0)


def memory_reference(*, qubits: int, memory: int, alpha: float = 0.9) -> float:
    """Returns min(2ⁿ/α², 2ⁿ⁻ᵏ/α⁴): how copies scale with a memory of k qubits, without constants.

    A reference line, not a bound with constants: Chen, Gong and Ye, arXiv 2404.19105, prove this
    scaling up to logarithms for shadow tomography of all Pauli strings with k < n qubits of memory.

    Args:
        qubits: The number n of qubits.
        memory: The number k of memory qubits, 0 to n.
        alpha: The signal α in (0, 1).

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> [memory_reference(qubits=8, memory=k, alpha=0.5) for k in (0, 8)]
        [1024.0, 16.0]
    """
    alpha, qubits = check_setting(alpha, "two", qubits)
    if not 0 <= memory <= qubits:
        raise UsageError(f"memory must lie between 0 and {qubits} qubits, not {memory}")
    return min(2**qubits / alpha**2, 2 ** (qubits - memory) / alpha**4)
