"""What no learner does that measures single copies with any POVM, however adaptively.

Setting: the game ``two`` of :mod:`quantum_advantage.bounds.hidden_pauli`. This bound is sharper
than :mod:`quantum_advantage.bounds.paired_hits` for the signals and targets that it has
certificates for, because it keeps the likelihood of the secret sign as it is.

Theorem (derived here). Let x = T/(2ⁿ + 1), N = 4ⁿ - 1 and D = 2·accuracy - 1. For every law F of a
positive number and every cost λ > 0

    D ≤ N/(N-1) · [W + 1 - E L* - G(F) + λ x],

where G(F) = E|L* - L*'|/2 for independent L*, L*' of law F, and W is the value of this control
problem: begin with A = B = 1; stop with the reward r(L) = 2 E max(L* - L, 0), L = (A + B)/2, or pay
λ p² for a step to A (1 + α p), B (1 - α p), where p in [-1, 1] is random, with the mean zero given
the past, and its law is one's own choice.

Proof.
1. A POVM can be refined to rank-one elements w|φ⟩⟨φ|, so a transcript is a list φ₁…φ_T. With
   p_i = ⟨φ_i|P|φ_i⟩ its likelihood relative to I/2ⁿ, averaged over the secret sign, is
   L_P = (A + B)/2 with A = ∏(1 + α p_i) and B = ∏(1 - α p_i).
2. D is the mean over pairs P ≠ Q and over transcripts of I/2ⁿ of 1 - min(L_P, L_Q). As the mean of
   L is 1, that is the mean of |L_P - L_Q|/2. Drawing P and Q independently instead costs at most
   the factor N/(N-1), as pairs P = Q contribute 0.
3. For one transcript the mean over independent P and Q is G of the law of L_P over a random string.
   G(F) = ∫ F(l) (1 - F(l)) dl is concave, so the mean over transcripts is at most G(F₁) with F₁ the
   law of L_P over a random string and a random transcript.
4. Under I/2ⁿ an element w|φ⟩⟨φ| comes out with probability w/2ⁿ, and the elements sum to the
   identity: whatever came before, the mean of p is tr(P)/2ⁿ = 0. So for each P, L_P comes from a
   policy of the control problem, and F₁ is a mixture of such laws. The mean of Σ p_i² is x, since
   the squares ⟨φ|P|φ⟩² of a pure state have the mean 1/(2ⁿ + 1) over the N strings.
5. By concavity G(F₁) ≤ E|L₁ - L*| - G(F) with independent L₁ of law F₁ and L* of law F. As
   |l - l*| = l - l* + 2 max(l* - l, 0) and E L₁ = 1, E|L₁ - L*| = 1 - E L* + E r(L₁), and a mixture
   of policies with E Σ p² = x reaches at most E r(L₁) ≤ W + λ x. ∎

Corollary. The bound holds for every signal α' ≤ α too, even one that differs by string and copy:
t = α' p has |t| ≤ α and the mean zero given the past, and costs λ t²/α'² ≥ (λ/α²) t², so that W is
not larger. ∎

A *certificate* is a law F, a cost λ and a function that bounds W from above:
:mod:`quantum_advantage.bounds.supersolution` says what such a function must fulfil, and proves it.
The files in ``certificates`` hold them; ``benchmarks/any_measurement_certificates.py`` finds them
anew. Of each only λ and the bracket at x = 0, the *offset*, are needed: :data:`LINES`. Any
certificate holds at every target and every n ≥ 1; it is tight only near the target it was made for.
In the best policies known to the control problem A grows continuously, against the risk of p = -1.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from fractions import Fraction
from importlib import resources
from typing import Any

import numpy as np

from quantum_advantage.bounds.splines import Edge, Sheet
from quantum_advantage.bounds.supersolution import is_supersolution

# Coefficients in the files are multiples of 1/UNIT, which halving leaves exact.
UNIT = 2**20


@dataclass(frozen=True)
class Line:
    """A linear bound D ≤ N/(N-1) (offset + cost x) that a certificate proves.

    Attributes:
        name: The certificate's file, without its ending.
        alpha: The signal α.
        offset: The bracket of the theorem at x = 0, rounded up.
        cost: λ.
    """

    name: str
    alpha: Fraction
    offset: Fraction
    cost: Fraction


LINES = (
    Line("alpha_0.9_70", Fraction(9, 10), Fraction("0.106586"), Fraction("0.53217")),
    Line("alpha_0.9_90", Fraction(9, 10), Fraction("0.482001"), Fraction("0.18387")),
)


def proven_offset(line: Line) -> Fraction | None:
    """Proves a certificate, and returns the offset that it shows, in exact arithmetic.

    Args:
        line: Its name, signal and cost.

    Returns:
        W + 1 - E L* - G(F), with the value of the certificate's function for W; None if the
        function could not be proven to bound W. It takes seconds.
    """
    folder = resources.files("quantum_advantage.bounds") / "certificates"
    found = json.loads((folder / f"{line.name}.json").read_text("utf-8"))
    total = sum(weight for _, weight in found["law"])
    law = [(Fraction(value, 1000), Fraction(weight, total)) for value, weight in found["law"]]
    sheet, edge = _functions(found)
    proven = is_supersolution(
        sheet,
        edge,
        alpha=float(line.alpha),
        cost=float(line.cost / line.alpha**2),
        law=tuple((float(value), float(weight)) for value, weight in law),
    )
    if not proven:
        return None
    mean = sum((value * weight for value, weight in law), Fraction(0))
    spread = sum((p * q * abs(v - w) for v, p in law for w, q in law), Fraction(0)) / 2
    # S(0, 0), between the first two coefficients in v; the first two in θ are the same.
    start = Fraction(found["sheet"][0][0] + found["sheet"][0][1], 2 * UNIT)
    return start + 1 - mean - spread


def _functions(found: dict[str, Any]) -> tuple[Sheet, Edge]:
    """Returns S and R of a file."""
    angle, depth, step = (float(Fraction(*found[key])) for key in ("angle", "depth", "step"))
    sheet = Sheet(np.array(found["sheet"], dtype=np.float64) / UNIT, angle, depth)
    return sheet, Edge(np.array(found["edge"], dtype=np.float64) / UNIT, found["start"], step)


def _lines(alpha: float) -> list[tuple[float, float]]:
    """Returns offset and cost of all certificates for a signal, or for a larger one."""
    return [
        (float(line.offset), float(line.cost))
        for line in LINES
        if alpha <= line.alpha or math.isclose(line.alpha, alpha, rel_tol=1e-12)
    ]


def largest_gap(hits: float, alpha: float) -> float:
    """Returns the least upper bound on D without the factor N/(N-1) that a certificate proves.

    Args:
        hits: x = T/(2ⁿ + 1) ≥ 0.
        alpha: The signal α in (0, 1).

    Returns:
        Infinity if there is no certificate for this α or a larger one.

    Example:
        >>> largest_gap(0.5, 0.9) < 0.4 < largest_gap(0.56, 0.9), largest_gap(0.5, 0.95)
        (True, inf)
    """
    return min((offset + cost * hits for offset, cost in _lines(alpha)), default=math.inf)


def hits_for(gap: float, alpha: float) -> float:
    """Returns the least x at which :func:`largest_gap` allows a gap, at least 0: the inverse.

    Args:
        gap: The value of D without the factor N/(N-1), in [0, 1).
        alpha: The signal α in (0, 1).

    Example:
        >>> round(hits_for(0.4, 0.9), 4), round(hits_for(0.8, 0.9), 3)
        (0.5514, 1.729)
    """
    return max(0.0, *((gap - offset) / cost for offset, cost in _lines(alpha)), 0.0)
