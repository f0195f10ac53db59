"""What it takes to see the sign of a hidden string, where the string is revealed afterwards.

Setting: a Pauli string P, uniform over the N = 4ⁿ - 1 strings other than the identity, and a secret
fair sign s = ±1 define ρ = (I + s α P)/2ⁿ. After T copies have been measured P is revealed, and the
learner says what s is. Chen, Gong and Zhang (arXiv 2412.19022) show for shadow tomography that
measurements of two copies at a time need Ω(2^(n/2)) copies if all of them are fixed beforehand,
and O(n) if they may depend on earlier outcomes. Here are sharper statements on this game, for
α < 1, with constants.

Write x = T/(2ⁿ + 1). For every pure state φ of n qubits the mean of ⟨φ|P|φ⟩² over the N strings is
at most 1/(2ⁿ + 1), because the squares of all 4ⁿ values sum to 2ⁿ; for a mixed one it is less.

Theorem 1 (derived here). All measurements are fixed beforehand, or drawn beforehand at random; each
of them is any POVM on one copy or on two. Then a learner with unlimited computing is right with
probability at most 1/2 + √[1 - (1 - y)²]/2, y = min{1, α² x/(1 - α²)}.

Proof.
1. A POVM can be refined to rank-one elements w|ψ⟩⟨ψ|. On two copies, with a = ⟨ψ|P ⊗ I|ψ⟩,
   b = ⟨ψ|I ⊗ P|ψ⟩, d = a + b and e = ⟨ψ|P ⊗ P|ψ⟩, an element has the probability
   (w/4ⁿ)(u + s α d), u = 1 + α² e. P ⊗ I and I ⊗ P commute, and (P ⊗ I + I ⊗ P)²/4 is the projector
   (1 + P ⊗ P)/2, so that |d| ≤ 1 + e.
2. The fidelity Σ √(p₊ p₋) of the laws for both signs is F = Σ (w/4ⁿ) √(u² - α² d²), and
   u - √(u² - α² d²) = α² d²/(u + √(u² - α² d²)). Here u ≥ 1 - α², and u² - α² d² ≥
   u² - α² (1 + e)² = (1 - α²)(1 - α² e²) ≥ (1 - α²)². So the difference is at most
   α² d²/[2 (1 - α²)] ≤ α² (a² + b²)/(1 - α²). The elements sum to the identity: Σ (w/4ⁿ) u = 1, and
   1 - F ≤ κ Σ (w/4ⁿ)(a² + b²), κ = α²/(1 - α²). Over a random P the mean is at most 2κ/(2ⁿ + 1).
   One copy alone: 1 - F ≤ Σ (w/2ⁿ) [1 - √(1 - α² a²)], whose mean is at most α²/(2ⁿ + 1) ≤
   κ/(2ⁿ + 1).
3. Measurements that are fixed are independent, and their fidelities multiply: ∏ F ≥ 1 - Σ (1 - F),
   of mean at least 1 - y. The best answer is right with probability 1/2 + D/2, where D ≤
   √(1 - (∏ F)²), a concave function of the fidelity: Jensen over P. ∎

Theorem 2 (derived here). One copy at a time, any POVM, chosen adaptively: at most
1/2 + √[1 - (1 - h(x))²]/2, h being ``hidden_pauli.concave_gain``.

Proof. The fidelity of the laws of transcripts is the mean over transcripts from I/2ⁿ of
∏ (1 - α² p_i²)^{1/2}, the ℓ_P of :mod:`quantum_advantage.bounds.hidden_pauli`. Its mean over P is
at least 1 - h(x) for every transcript, by steps 3 and 4 there. End as in step 3 above. ∎

Theorem 3 (derived here). Stabiliser measurements of one or two copies, fixed beforehand: at most
v(x), the piecewise-linear interpolation of v(0) = 1/2 and v(k) = Pr[Bin(k, (1 + α)/2) > k/2] at odd
k. So (2p - 1)/α · (2ⁿ + 1) copies are needed for an accuracy p ≤ (1 + α)/2, and they are enough:
unbiased bases, measured once each, reach it.

Proof. The law of the outcome of a group S of strings on two copies depends on s through those of
P ⊗ I and I ⊗ P that lie in S, its *hits*, which are independent coins of mean s α: characters of
all other elements vanish but for P ⊗ P, of mean α² for both signs. S holds at most 2ⁿ - 1 strings
Q ⊗ I, and as many I ⊗ Q, as these commute. Over a random P the mean number of hits of T copies is
at most x. After k hits the majority is right with v(k), v(k + 1) = v(k) at odd k, and v(k) at odd k
is concave. Jensen. ∎

All of them fail as they must for a learner who names P from Bell measurements of pairs and then
looks at its sign (:mod:`quantum_advantage.inference.hidden_pauli.naming`): that takes O(n) copies.
Between theorems 1 and 3 lies a factor of 24 at α = 0.9 and 70 %; theorem 1 is empty at α = 1.
"""

from __future__ import annotations

import math

from quantum_advantage.bounds.hidden_pauli import check_setting, concave_gain, hits_of_gain
from quantum_advantage.core.values import open_interval, real_number


def _accuracy(loss: float) -> float:
    """Returns the largest accuracy at a mean fidelity of 1 - loss."""
    return 0.5 + math.sqrt(loss * (2 - loss)) / 2


def _loss(target: float) -> float:
    """Returns the loss of fidelity that an accuracy takes at least, the inverse."""
    gain = 2 * open_interval("target", target, 0.5, 1) - 1
    # 1 - √(1 - g²), without its rounding at small g.
    return gain**2 / (1 + math.sqrt(1 - gain**2))


def largest_fixed_accuracy(copies: float, *, qubits: int, alpha: float = 0.9) -> float:
    """Returns theorem 1: one or two copies at a time, all measurements fixed beforehand.

    Args:
        copies: T, all copies measured.
        qubits: The number n of qubits.
        alpha: The signal α in (0, 1).

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> round(largest_fixed_accuracy(140, qubits=20), 3)  # O(n) copies: next to nothing
        0.517
    """
    alpha, qubits = check_setting(alpha, "one", qubits)
    share = real_number("copies", copies) / (2**qubits + 1)
    return _accuracy(min(1.0, share * alpha**2 / (1 - alpha**2)))


def fixed_copies_required(target: float, *, qubits: int, alpha: float = 0.9) -> float:
    """Returns the inverse of :func:`largest_fixed_accuracy`.

    Args:
        target: The accuracy, in (1/2, 1).
        qubits: The number n of qubits.
        alpha: The signal α in (0, 1).

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> round(fixed_copies_required(0.7, qubits=20))
        20534
    """
    alpha, qubits = check_setting(alpha, "one", qubits)
    return _loss(target) * (1 - alpha**2) / alpha**2 * (2**qubits + 1)


def largest_single_copy_accuracy(copies: float, *, qubits: int, alpha: float = 0.9) -> float:
    """Returns theorem 2: one copy at a time, any measurements, chosen adaptively.

    Args:
        copies: T, all copies measured.
        qubits: The number n of qubits.
        alpha: The signal α in (0, 1).

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> round(largest_single_copy_accuracy(140, qubits=20), 3)
        0.506
    """
    alpha, qubits = check_setting(alpha, "one", qubits)
    hits = real_number("copies", copies) / (2**qubits + 1)
    return _accuracy(concave_gain(hits, alpha))


def single_copies_required(target: float, *, qubits: int, alpha: float = 0.9) -> float:
    """Returns the inverse of :func:`largest_single_copy_accuracy`.

    Args:
        target: The accuracy, in (1/2, 1).
        qubits: The number n of qubits.
        alpha: The signal α in (0, 1).

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> round(single_copies_required(0.7, qubits=20) / 2**20, 3)
        0.148
    """
    alpha, qubits = check_setting(alpha, "one", qubits)
    return hits_of_gain(_loss(target), alpha) * (2**qubits + 1)


def fixed_stabiliser_copies(target: float, *, qubits: int, alpha: float = 0.9) -> float:
    """Returns theorem 3: stabiliser measurements of one or two copies, fixed beforehand.

    Args:
        target: The accuracy, in (1/2, 1).
        qubits: The number n of qubits.
        alpha: The signal α in (0, 1).

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> [round(fixed_stabiliser_copies(p, qubits=20) / 2**20, 3) for p in (0.7, 0.9, 0.98)]
        [0.444, 0.889, 2.404]
    """
    alpha, qubits = check_setting(alpha, "one", qubits)
    target = open_interval("target", target, 0.5, 1)
    hits, below = 1, 0.5
    while (above := majority(hits, alpha)) < target:
        hits, below = hits + 2, above
    before = hits - 2 if hits > 1 else 0
    share = before + (hits - before) * (target - below) / (above - below)
    return share * (2**qubits + 1)


def majority(signs: int, alpha: float) -> float:
    """Returns the chance that the majority of independent signs of mean ±α is right.

    Args:
        signs: Their number; of an even number a tie is answered by a coin.
        alpha: The signal α in (0, 1).

    Example:
        >>> [round(majority(k, 0.9), 4) for k in (0, 1, 2, 3)]
        [0.5, 0.95, 0.95, 0.9928]
    """
    right, chance = (1 + alpha) / 2, 0.0
    for pluses in range(signs + 1):
        weight = 1.0 if 2 * pluses > signs else 0.5 if 2 * pluses == signs else 0.0
        chance += (
            weight * math.comb(signs, pluses) * right**pluses * (1 - right) ** (signs - pluses)
        )
    return chance
