"""What no learner does that measures single copies in stabiliser bases, however adaptively.

Setting: the game ``two`` of :mod:`quantum_advantage.bounds.hidden_pauli`. The learner measures T
copies of (I + s α P)/2ⁿ one at a time, each in any stabiliser basis (the common eigenbasis of 2ⁿ
commuting Pauli strings), chosen with unlimited computing from all outcomes so far. This class holds
all conventional protocols of this project, so that the bound says how much a better choice of
bases could still win.

Theorem (derived here). Let x = T/(2ⁿ + 1), N = 4ⁿ - 1 and D = 2·accuracy - 1. For every law F of a
positive number and every cost λ > 0

    D ≤ N/(N-1) · [W - G(F) + λ x],

where G(F) = E|L* - L*'|/2 for independent L*, L*' of law F, and W is the value of this stopping
problem: begin with no hits; stop at a plus and b minus signs with the reward E|L(a, b) - L*|,
L(a, b) = [(1+α)ᵃ (1-α)ᵇ + (1-α)ᵃ (1+α)ᵇ]/2, or pay λ for one more hit, whose sign is a fair coin.

Proof.
1. A basis either measures the string P with the outcome ±1 (a hit), or tells nothing of it. So the
   likelihood of a transcript relative to I/2ⁿ, averaged over the secret sign, is L_P = L(a, b) with
   the plus and minus signs of its hits.
2. D is the mean over pairs P ≠ Q and over transcripts of I/2ⁿ of 1 - min(L_P, L_Q). As the mean of
   L is 1, that is the mean of |L_P - L_Q|/2. Drawing P and Q independently instead costs at most
   the factor N/(N-1), as pairs P = Q contribute 0.
3. For one transcript the mean over independent P and Q is G of the law of L_P over a random string.
   G(F) = ∫ F(l) (1 - F(l)) dl is concave, so the mean over transcripts is at most G(F₁) with F₁ the
   law of L_P over a random string and a random transcript.
4. Under I/2ⁿ each sign is a fair coin, whatever came before. So for each P, L_P comes from a policy
   of the stopping problem, and F₁ is a mixture of such laws. Their mean number of hits is x, as a
   basis holds 2ⁿ - 1 of the N strings.
5. By concavity G(F₁) ≤ E|L₁ - L*| - G(F) with independent L₁ of law F₁ and L* of law F. A mixture
   of policies with x hits in the mean reaches at most E|L₁ - L*| ≤ W + λ x. ∎

W in exact arithmetic: |l - l*| = (l - l*) + 2 max(l* - l, 0), and L(a, b) is the mean of L(a+1, b)
and L(a, b+1). So W = 1 - E L* + U, with U the value for the reward 2 E max(L* - l, 0), which is
at most 2 E L*. Taking this largest value at a horizon of many hits can only raise U. All numbers
are rational, and :func:`offset` returns W - G(F) exactly. F and λ are the *certificate*: any choice
is valid, a good one is tight. Those below are the optimum of the dual problem, rounded.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from fractions import Fraction

from quantum_advantage.core.usage import UsageError


@dataclass(frozen=True)
class Certificate:
    """A law F of likelihoods and a cost λ, which prove one linear bound.

    Attributes:
        alpha: The signal α.
        cost: λ, the price of a hit.
        law: (a, b, weight) for each value L(a, b) in the support of F; weights are relative.
        horizon: Hits after which the stopping problem is given its largest value.
    """

    alpha: Fraction
    cost: Fraction
    law: tuple[tuple[int, int, int], ...]
    horizon: int


# Tight at targets of 70 % and 90 % at α = 0.9; written by benchmarks/stabiliser_certificates.py.
# fmt: off
_LAW_70 = (
    (0, 0, 67693), (1, 1, 16154), (2, 1, 8077), (3, 1, 4038), (4, 0, 1314), (4, 2, 681),
    (5, 0, 670), (5, 2, 514), (6, 0, 346), (6, 2, 257), (7, 2, 128), (8, 1, 128),
)
# fmt: on
# fmt: off
_LAW_90 = (
    (0, 0, 23895), (1, 1, 38052), (2, 1, 19026), (3, 2, 4757), (4, 2, 4757), (5, 0, 68),
    (5, 2, 3550), (6, 0, 53), (6, 3, 1174), (7, 0, 36), (7, 3, 1313), (8, 0, 24), (8, 3, 1085),
    (9, 0, 15), (9, 1, 131), (9, 3, 756), (10, 0, 8), (10, 1, 57), (10, 4, 243), (11, 0, 5),
    (11, 1, 39), (11, 4, 268), (12, 0, 3), (12, 1, 23), (12, 2, 167), (12, 4, 177), (13, 0, 1),
    (13, 1, 11), (13, 2, 105), (13, 5, 44), (14, 0, 1), (14, 1, 4), (14, 2, 8), (14, 5, 44),
    (15, 1, 2), (15, 2, 4), (15, 5, 33), (16, 1, 1), (16, 2, 2), (16, 3, 16), (16, 5, 18),
    (17, 1, 1), (17, 3, 3), (17, 6, 5), (18, 6, 5), (19, 4, 5), (19, 6, 2), (20, 6, 1),
)
# fmt: on
CERTIFICATES = (
    Certificate(Fraction(9, 10), Fraction(3431, 10000), _LAW_70, 30),
    Certificate(Fraction(9, 10), Fraction(303, 2500), _LAW_90, 44),
)


def likelihood(plus: int, minus: int, alpha: Fraction) -> Fraction:
    """Returns L(a, b), the likelihood of a plus and b minus signs relative to fair coins.

    Args:
        plus: a.
        minus: b.
        alpha: The signal α.

    Example:
        >>> likelihood(2, 0, Fraction(9, 10))  # 1 + α²
        Fraction(181, 100)
    """
    up, down = 1 + alpha, 1 - alpha
    return (up**plus * down**minus + down**plus * up**minus) / 2


@functools.cache
def offset(certificate: Certificate) -> Fraction:
    """Returns W - G(F) of a certificate, in exact arithmetic.

    Args:
        certificate: The law F and the cost λ.

    Example:
        >>> idle = Certificate(Fraction(1, 2), Fraction(1), ((0, 0, 1),), 4)
        >>> offset(idle)  # F is certain, and a hit costs more than it can win
        Fraction(0, 1)
    """
    alpha, total = certificate.alpha, sum(weight for _, _, weight in certificate.law)
    law = [(likelihood(a, b, alpha), Fraction(w, total)) for a, b, w in certificate.law]
    mean = sum((value * chance for value, chance in law), Fraction(0))
    spread = sum((p * q * abs(v - w) for v, p in law for w, q in law), Fraction(0)) / 2

    def reward(value: Fraction) -> Fraction:
        return 2 * sum((p * (v - value) for v, p in law if v > value), Fraction(0))

    best = [2 * mean] * (certificate.horizon + 1)
    for hits in reversed(range(certificate.horizon)):
        best = [
            max(
                reward(likelihood(plus, hits - plus, alpha)),
                (best[plus] + best[plus + 1]) / 2 - certificate.cost,
            )
            for plus in range(hits + 1)
        ]
    return best[0] + 1 - mean - spread


def copies_required_in_stabiliser_bases(
    target: float, *, qubits: int, alpha: float = 0.9
) -> float | None:
    """Returns the copies below which no learner in stabiliser bases reaches the target.

    The game is ``two``. At n = 20, α = 0.9: 0.954 (2ⁿ + 1) copies for 70 % and 2.77 (2ⁿ + 1) for
    90 %; between and beyond these targets the same certificates prove less than is true.

    Args:
        target: The accuracy, in (1/2, 1).
        qubits: The number n of qubits.
        alpha: The signal α in (0, 1).

    Returns:
        The largest that a certificate proves, at least 0; None if there is none for this α.

    Raises:
        UsageError: If an argument is out of range.

    Example:
        >>> copies = copies_required_in_stabiliser_bases(0.7, qubits=20)
        >>> round(copies / (2**20 + 1), 3)
        0.954
    """
    if not 0.5 < target < 1:
        raise UsageError(f"target must lie strictly between 0.5 and 1, not {target}")
    if qubits < 1:
        raise UsageError(f"qubits must be at least 1, not {qubits}")
    strings = 4**qubits - 1
    gap = (2 * Fraction(target) - 1) * Fraction(strings - 1, strings)
    proven = [
        (gap - offset(certificate)) / certificate.cost * (2**qubits + 1)
        for certificate in CERTIFICATES
        if math.isclose(float(certificate.alpha), alpha, rel_tol=1e-12)
    ]
    return float(max(*proven, Fraction(0))) if proven else None
