"""What noise on every copy costs a learner without a quantum memory, with constants and a proof.

Setting: as in :mod:`quantum_advantage.bounds.hidden_pauli`, but each copy passes local depolarising
noise before the learner's measurement, on each of its n qubits τ → f τ + (1 - f) I/2. Here f is the
*share kept*. In Cirq ``depolarize(p)`` has f = 1 - 4p/3.

Theorem (derived here). The bounds of :mod:`quantum_advantage.bounds.hidden_pauli` hold with

    x = T ((1 + f²)ⁿ - 1)/(4ⁿ - 1)

for T/(2ⁿ + 1). So the copies required grow by (4ⁿ - 1)/((2ⁿ + 1) ((1 + f²)ⁿ - 1)), about
(2/(1 + f²))ⁿ.

Proof. The noise multiplies a string of weight |P| by f^|P|, so that an outcome w|φ⟩⟨φ| has p =
f^|P| ⟨φ|P|φ⟩. The proofs of the bounds need of p that |p| ≤ 1, that its mean given the past is 0
under I/2ⁿ, and that the mean of Σ p² over strings is at most x for every transcript; all bounds
increase with x. So let η = f², and let Λ be the noise that keeps the share η. Λ leaves each qubit
alone with probability η and else replaces it by I/2. With φ_S the state of the qubits S that are
left alone,

    Σ_P η^|P| ⟨φ|P|φ⟩² = 2ⁿ ⟨φ|Λ(φ)|φ⟩ = 2ⁿ Σ_S η^|S| ((1 - η)/2)^(n - |S|) tr φ_S²
                       ≤ 2ⁿ (η + (1 - η)/2)ⁿ = (1 + η)ⁿ,

as no purity exceeds 1. The identity contributes 1; dividing the rest by 4ⁿ - 1 strings gives x per
copy. Product states reach it. ∎

Corollary (readout; derived here). The same holds for noiseless copies if every measurement is any
unitary on the n qubits, then a readout of all qubits in which each bit is flipped independently
with probability e, and f = 1 - 2e.
Proof. The element of the outcome b is M = U†(⊗_j (1 ± f Z_j)/2)U, of trace 1, so p = tr(M P). The
squares of p over all 4ⁿ strings sum to 2ⁿ tr M² = 2ⁿ ((1 + f²)/2)ⁿ, with the identity's 1. ∎

Ancillas that read a bit several times evade the corollary, and an error correction before the noise
would evade the theorem: noise that acts later than the first gates is not covered.
"""

from __future__ import annotations

import math

from quantum_advantage.bounds.hidden_pauli import copies_required
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import real_number, whole_number


def informative_share(*, qubits: int, kept: float) -> float:
    """Returns x/T, the largest mean of p² over the strings, for one measured copy.

    Args:
        qubits: The number n of qubits, 1 to 500.
        kept: f, the share of each qubit's state that the noise keeps, in (0, 1].

    Raises:
        UsageError: If an argument is out of range.

    Example:
        >>> informative_share(qubits=3, kept=1.0)  # 1/(2³ + 1)
        0.1111111111111111
    """
    kept = real_number("kept", kept)
    if not 0 < kept <= 1:
        raise UsageError(f"kept must lie in (0, 1], not {kept}")
    qubits = whole_number("qubits", qubits, 1, 500)
    if kept == 1:
        return 1 / (2**qubits + 1)
    # expm1 and log1p keep all digits where little is kept.
    share = math.expm1(qubits * math.log1p(kept**2)) / (4**qubits - 1)
    if share == 0:
        raise UsageError(f"kept must be larger than {kept} for numbers as large as these copies")
    return share


def copies_required_with_noise(
    target: float, *, qubits: int, kept: float, alpha: float = 0.9, game: str = "two"
) -> float:
    """Returns the noisy copies below which no conventional experiment reaches the target.

    Args:
        target: The accuracy, in (1/2, 1).
        qubits: The number n of qubits.
        kept: f, the share of each qubit's state that the noise keeps, in (0, 1].
        alpha: The signal α in (0, 1).
        game: ``two`` or ``one``.

    Raises:
        UsageError: If an argument is out of range.

    Example:
        >>> clean, noisy = (
        ...     copies_required_with_noise(0.7, qubits=20, kept=kept) for kept in (1.0, 0.98)
        ... )
        >>> round(noisy / clean, 2)
        1.49
    """
    qubits = whole_number("qubits", qubits, 1, 500)
    share = informative_share(qubits=qubits, kept=kept)
    return copies_required(target, qubits=qubits, alpha=alpha, game=game) / (
        (2**qubits + 1) * share
    )
