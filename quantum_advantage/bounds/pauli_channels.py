"""What it takes to learn Pauli channels with fewer than n ancillas, with constants and proofs.

Setting: a hidden Pauli string P, uniform over the N = 4ⁿ - 1 strings other than the identity, and a
secret fair sign s = ±1 define the channel

    Λ(ρ) = 2⁻ⁿ [tr(ρ) 1 + s α tr(P ρ) P] = Σ_R p_R R ρ R,    p_R = 4⁻ⁿ [1 + s α (-1)^⟨P,R⟩],

with the eigenvalue s α at P and 0 at all other strings; ⟨P, R⟩ is 1 if P and R anticommute, else 0.
A learner uses it T times. For every use it prepares any state of the n qubits and of k ancillas,
lets the channel act on the n qubits and measures all n + k with any POVM; both may depend on all
outcomes so far, and nothing but outcomes is kept from use to use. The question is revealed only
afterwards: in the game ``two`` which of two strings is the hidden one, in the game ``one`` whether
the channel was Λ or the completely depolarising one, α = 0.

Theorem 1 (derived here). Let M_k = (4ⁿ - 1)/(2ⁿ⁺ᵏ - 1). All bounds of
:mod:`quantum_advantage.bounds.hidden_pauli` hold with x = T/M_k for T/(2ⁿ + 1), those of
:mod:`quantum_advantage.bounds.paired_hits` and :mod:`quantum_advantage.bounds.any_measurement`
included. For k = 0 M is 2ⁿ + 1; for k = n it is 1, and the bound says little.

Proof.
1. A mixed input is a mixture of pure ones, drawn by the learner, and a POVM can be refined to
   rank-one elements w|ψ⟩⟨ψ|. Let φ be the pure input of a use, φ_B its state on the ancillas, and
   t_R = |⟨ψ|R ⊗ 1|φ⟩|². The element has the probability w Σ_R p_R t_R. Relative to the depolarising
   channel, p_R = 4⁻ⁿ, that is 1 + s α q with q = Σ_R τ_R (-1)^⟨P,R⟩ and τ_R = t_R/Σ t, so that q is
   real and |q| ≤ 1. (Where Σ t = 0 the element never comes out.) The inputs and POVMs follow from
   outcomes alone, so the likelihood of a transcript, relative to the depolarising channel, is
   ∏(1 + s α q_i) for the sign s: in the words of ``hidden_pauli`` and ``any_measurement``, p_i is
   replaced by q_i.
2. Σ_R (R ⊗ 1) φ (R ⊗ 1) = 2ⁿ 1 ⊗ φ_B, hence Σ t = 2ⁿ ⟨ψ|1 ⊗ φ_B|ψ⟩. As ⟨φ|1 ⊗ φ_B⁻¹|φ⟩ (the
   inverse on the support) is the rank of φ_B, at most 2ᵏ, φ ≤ 2ᵏ 1 ⊗ φ_B, and the same holds with
   (R ⊗ 1) φ (R ⊗ 1) on the left. So τ_R ≤ 2ᵏ⁻ⁿ.
3. The sum of q² over all 4ⁿ strings P is 4ⁿ Σ_R τ_R² (Parseval) ≤ 4ⁿ 2ᵏ⁻ⁿ Σ τ = 2ⁿ⁺ᵏ, and q = 1 for
   P = 1. So the mean of q² over the N strings is at most (2ⁿ⁺ᵏ - 1)/(4ⁿ - 1) = 1/M_k, whatever the
   input, the POVM and the outcome; over a transcript the mean of Σ q_i² is at most x.
4. ``hidden_pauli`` and ``paired_hits`` use |p_i| ≤ 1, the independence of the hypotheses of what is
   chosen, and a mean of Σ p_i² of x. h and Φ increase with x, so that a smaller mean allows less.
5. ``any_measurement`` uses besides that each p_i has the mean 0 given the past, under I/2ⁿ. Here,
   under the depolarising channel, an element comes out with the probability w 4⁻ⁿ Σ_R t_R, and the
   elements of a POVM sum to the identity: the mean of q is 4⁻ⁿ Σ_R (-1)^⟨P,R⟩ tr[(R ⊗ 1) φ (R ⊗ 1)]
   = 4⁻ⁿ Σ_R (-1)^⟨P,R⟩ = 0 for P ≠ 1. So for each P its likelihood comes from a policy of the same
   control problem, at a cost of at most λ x on average over P. The mean of L_P is 1, and the other
   steps know nothing of the measurement. ∎

Step 2 asks for the Schmidt rank of the input alone: 2ᵏ bounds the *dimension* of the entanglement
(more ancillas of a smaller rank do not help), not its amount (cf. arXiv 2507.11089).

Theorem 1 is about experiments that do not concatenate uses. If several uses act one after the other
before a measurement, with processing in between, few ancillas are enough: with O(log n/ε²) of them
Õ(n²/ε²) measurements see every eigenvalue to ±ε (Chen and Gong, arXiv 2309.14326). A cost of 2ⁿ⁻ᵏ
is thus no law about k ancillas, but about k ancillas that are fresh for every use. Without any
ancilla Ω(2ⁿ/ε²) measurements are needed even then (ibid.); the corollary below has constants.

Theorem 2 (derived here). If all inputs are stabiliser states of the n + k qubits and all
measurements are in stabiliser bases, the bounds of :mod:`quantum_advantage.bounds.stabiliser_bases`
hold with x = T/M_k, however adaptive the choice.
Proof. For stabiliser states φ and ψ the t_R that are not 0 are equal, and their R form a coset of a
subgroup H: those R ⊗ 1 that map φ to a state that is not orthogonal to ψ. So q is ±1 for the P that
commute with all of H, and 0 for the others: a hit or nothing, as there. Step 3 bounds the mean
number of hits by x, step 5 makes each sign a fair coin. ∎

Theorem 3 (derived here). A learner who knows the sign s beforehand has in the game ``two``

    2·accuracy - 1 ≤ √(1 - e^(-2 c x)),    c = -α - ln(1 - α).

Proof. With s = 1 the relative entropy of the transcripts' law under the depolarising channel to
that under Λ is the mean of -Σ ln(1 + α q_i) = Σ [α q_i - ln(1 + α q_i)] - α Σ q_i. The last sum has
the mean 0 (step 5). [α q - ln(1 + α q)]/q² decreases in q on [-1, 1], so it is at most c, its value
at -1. So the relative entropy K_P has a mean of at most c x over the strings P. For two strings the
overlap Σ √(p p') of both laws is the mean of √(L_P L_Q) under the depolarising channel, at least
exp[-(K_P + K_Q)/2] by Jensen, and their distance is at most √(1 - overlap²), hence at most
√(1 - e^(-K_P - K_Q)), which is concave in K_P + K_Q: Jensen over the pairs, where each string is
uniform. For s = -1 the same with -q. ∎

Corollary (concatenated uses, no ancillas). Let the learner hold n qubits alone, use the channel any
number of times in turn with any operations of its choice on these qubits, measurements included.
Theorem 3 holds with x = T'/(2ⁿ + 1), where T' ≤ T is the number of measurements; for a secret sign
too, which is no easier.
Proof. A use leaves 2⁻ⁿ [1 + s α t P] where t = tr(P σ) in [-1, 1] belongs to the state σ before it,
so that |α t| ≤ α, and a channel without outcomes changes t of the next use alone. A measurement
after a use with the outcome M = K†K has the likelihood 1 + s α t r, r = tr(M P)/tr(M), relative to
the depolarising channel; t follows from P, s and the outcomes so far. Under the depolarising
channel r has the mean tr(P)/2ⁿ = 0 given the past, hence t r has too, and over P the mean of
(t r)² ≤ r² is at most 1/(2ⁿ + 1), as M is a mixture of pure states. Measurements that follow each
other without a use count as one. With q = t r the proof above goes through. ∎
"""

from __future__ import annotations

import math

from quantum_advantage.bounds.hidden_pauli import (
    accuracy_of_hits,
    check_setting,
    hits_required,
)
from quantum_advantage.bounds.stabiliser_bases import copies_required_in_stabiliser_bases
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import open_interval, real_number, whole_number


def uses_per_hit(*, qubits: int, ancillas: int = 0) -> float:
    """Returns M_k = (4ⁿ - 1)/(2ⁿ⁺ᵏ - 1), 2ⁿ + 1 without ancillas and about 2ⁿ⁻ᵏ with k.

    Args:
        qubits: The number n of qubits.
        ancillas: The number k of fresh ancillas of a use, 0 to n.

    Raises:
        UsageError: If an argument is out of range.

    Example:
        >>> [uses_per_hit(qubits=4, ancillas=k) for k in (0, 4)]
        [17.0, 1.0]
    """
    _, qubits = check_setting(0.5, "two", qubits)
    ancillas = whole_number("ancillas", ancillas)
    if not 0 <= ancillas <= qubits:
        raise UsageError(f"ancillas must lie between 0 and {qubits}, not {ancillas}")
    # Python divides its whole numbers exactly, then rounds once.
    return (4**qubits - 1) / (2 ** (qubits + ancillas) - 1)


def largest_accuracy(
    uses: float, *, qubits: int, ancillas: int = 0, alpha: float = 0.9, game: str = "two"
) -> float:
    """Returns theorem 1: the largest probability of a right answer with k fresh ancillas a use.

    Args:
        uses: T, all uses of the channel.
        qubits: The number n of qubits.
        ancillas: The number k of ancillas, 0 to n.
        alpha: The signal α in (0, 1), an upper bound on the eigenvalue.
        game: ``two`` or ``one``.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> round(largest_accuracy(100, qubits=10, ancillas=2), 3)
        0.657
    """
    alpha, qubits = check_setting(alpha, game, qubits)
    hits = real_number("uses", uses) / uses_per_hit(qubits=qubits, ancillas=ancillas)
    return accuracy_of_hits(hits, qubits=qubits, alpha=alpha, game=game)


def uses_required(
    target: float, *, qubits: int, ancillas: int = 0, alpha: float = 0.9, game: str = "two"
) -> float:
    """Returns the inverse of :func:`largest_accuracy`: uses below which no learner gets there.

    Args:
        target: The accuracy, in (1/2, 1).
        qubits: The number n of qubits.
        ancillas: The number k of ancillas, 0 to n.
        alpha: The signal α in (0, 1).
        game: ``two`` or ``one``.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        At 70 % and α = 0.9: 0.551 (2ⁿ + 1) without ancillas, each of which saves a factor 2:

        >>> [round(uses_required(0.7, qubits=20, ancillas=k) / 2 ** (20 - k), 4) for k in (0, 9)]
        [0.5514, 0.5514]
    """
    alpha, qubits = check_setting(alpha, game, qubits)
    hits = hits_required(target, qubits=qubits, alpha=alpha, game=game)
    return hits * uses_per_hit(qubits=qubits, ancillas=ancillas)


def stabiliser_uses_required(
    target: float, *, qubits: int, ancillas: int = 0, alpha: float = 0.9
) -> float | None:
    """Returns theorem 2: uses that stabiliser inputs and measurements take in the game ``two``.

    Args:
        target: The accuracy, in (1/2, 1).
        qubits: The number n of qubits.
        ancillas: The number k of ancillas, 0 to n.
        alpha: The signal α in (0, 1).

    Returns:
        None if there is no certificate for this α.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> round(stabiliser_uses_required(0.7, qubits=20, ancillas=9) / 2**11, 3)
        0.954
    """
    copies = copies_required_in_stabiliser_bases(target, qubits=qubits, alpha=alpha)
    if copies is None:
        return None
    return copies / (2**qubits + 1) * uses_per_hit(qubits=qubits, ancillas=ancillas)


def largest_known_sign_accuracy(
    uses: float, *, qubits: int, ancillas: int = 0, alpha: float = 0.9
) -> float:
    """Returns theorem 3: the game ``two`` where the sign is known beforehand.

    Without ancillas it holds for concatenated uses too, with measurements for uses.

    Args:
        uses: T, all uses of the channel.
        qubits: The number n of qubits.
        ancillas: The number k of ancillas, 0 to n.
        alpha: The signal α in (0, 1).

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> round(largest_known_sign_accuracy(1000, qubits=20), 3)
        0.526
    """
    alpha, qubits = check_setting(alpha, "two", qubits)
    hits = real_number("uses", uses) / uses_per_hit(qubits=qubits, ancillas=ancillas)
    return 0.5 + math.sqrt(-math.expm1(-2 * _entropy(alpha) * hits)) / 2


def known_sign_uses_required(
    target: float, *, qubits: int, ancillas: int = 0, alpha: float = 0.9
) -> float:
    """Returns the inverse of :func:`largest_known_sign_accuracy`.

    Args:
        target: The accuracy, in (1/2, 1).
        qubits: The number n of qubits.
        ancillas: The number k of ancillas, 0 to n.
        alpha: The signal α in (0, 1).

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> round(known_sign_uses_required(0.7, qubits=20) / 2**20, 4)
        0.0622
    """
    alpha, qubits = check_setting(alpha, "two", qubits)
    gain = 2 * open_interval("target", target, 0.5, 1) - 1
    hits = -math.log1p(-(gain**2)) / (2 * _entropy(alpha))
    return hits * uses_per_hit(qubits=qubits, ancillas=ancillas)


def _entropy(alpha: float) -> float:
    """Returns c = -α - ln(1 - α)."""
    return -alpha - math.log1p(-alpha)
