"""What sensors that share no entanglement can learn of the sum of random phases, with proofs.

In every shot n sensors take random phases of which only the sum Φ is fixed
(:mod:`quantum_advantage.systems.sensor_array`): the corner |1…1⟩⟨0…0| of their state is multiplied
by v exp(iΦ), v = exp(-nσ²/2), its adjoint likewise, the diagonal stays, and all other coherence is
lost.

Theorem (derived here). If neither the probe nor the readout entangles the sensors with one another,
a shot has at most the Fisher information F = v² 4¹⁻ⁿ on Φ, and every estimate of cos Φ from T shots
has a mean square error of at least 1/(2 + 2 T F) on average over uniformly distributed Φ. Shots
are read one by one. The readout may be any separable POVM, local operations and classical
communication included, every sensor may keep ancillas of its own, and probe and readout may depend
on earlier shots.

Proof.
1. A separable probe is a mixture of product states and Fisher information is convex, so let sensor
   i with its ancillas be in the pure state √qᵢ |0⟩|u⟩ + √(1-qᵢ) |1⟩|w⟩. Refined to products of
   rank-one elements, the readout has elements E = ω ⊗ᵢ |eᵢ⟩⟨eᵢ|. With the amplitudes
   fᵢ = √qᵢ ⟨eᵢ|0,u⟩ and gᵢ = √(1-qᵢ) ⟨eᵢ|1,w⟩ its probability is the diagonal part plus the corner,
   p_E = A_E + Re(exp(iΦ) c_E), A_E = ω ∏ (|fᵢ|² + |gᵢ|²), c_E = 2 v ω ∏ gᵢ fᵢ*.
2. By |fᵢ gᵢ| ≤ (|fᵢ|² + |gᵢ|²)/2, |c_E| ≤ ε A_E with ε = 2¹⁻ⁿ v ≤ 1. Let p_E = A_E (1 + x_E). The
   derivative of p_E by Φ is minus Im(exp(iΦ) c_E), so its square is at most A_E² (ε² - x_E²) and
   F ≤ Σ A_E h(x_E) with h(x) = (ε² - x²)/(1 + x).
3. h(x) = 1 - x - (1 - ε²)/(1 + x) is concave. The A_E are the probabilities at v = 0 and sum to 1
   as the p_E do, so Σ A_E x_E = 0 and F ≤ h(0) = ε² by Jensen's inequality. A choice that depends
   on earlier shots averages informations that all obey this, so T shots have at most T F.
4. The inequality of van Trees with the weight w = -sin Φ, the derivative of cos Φ. Let p be the
   probability of all T outcomes and δ any estimate from them. As p, w and cos Φ have the period 2π,
   integration by parts has no boundary terms: E (δ - cos Φ) ∂(wp)/p = E w² = 1/2, where E averages
   over Φ and outcomes. So by Cauchy and Schwarz E (δ - cos Φ)² ≥ 1/(4 E [w' + w ∂ ln p]²). At every
   Φ the mean of ∂ ln p is 0 and that of its square at most T F, which leaves E w'² + T F E w² =
   (1 + T F)/2. ∎

Without shots the bound is the error of the answer 0. The information is reached, by X readouts at
Φ = π/2. A readout that entangles may use all of the corner: with Q = ∏ qᵢ and R = ∏ (1-qᵢ) it is a
qubit of weight Q + R with the coherence v √(QR), whose quantum Fisher information is
4 v² QR/(Q + R) ≤ 2 v² √(QR) ≤ 2¹⁻ⁿ v², as qᵢ(1-qᵢ) ≤ 1/4. With entangled sensors the weight is at
most 1 and the information at most v². Both are reached: see
:mod:`quantum_advantage.inference.sensing.phase_sum`.
"""

from __future__ import annotations

import math

from quantum_advantage.core.usage import UsageError


def largest_separate_information(sensors: int, visibility: float = 1.0) -> float:
    """Returns the largest Fisher information of a shot on Φ without entanglement of sensors.

    Args:
        sensors: The number n of sensors.
        visibility: v, in (0, 1].

    Returns:
        v² 4¹⁻ⁿ; the theorem at the head of this module.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> largest_separate_information(1), largest_separate_information(4)
        (1.0, 0.015625)
    """
    if sensors < 1:
        raise UsageError(f"sensors must be at least 1, not {sensors}")
    if not 0 < visibility <= 1:
        raise UsageError(f"visibility must lie in (0, 1], not {visibility}")
    return 4.0 ** (1 - sensors) * visibility**2


def least_separate_error(shots: int, sensors: int, visibility: float = 1.0) -> float:
    """Returns the least error of any estimate of cos Φ without entanglement of sensors.

    Args:
        shots: T.
        sensors: The number n of sensors.
        visibility: v, in (0, 1].

    Returns:
        √[1/(2 + 2 T F)], the root of the mean square over uniformly distributed Φ; the theorem at
        the head of this module.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> round(least_separate_error(0, sensors=4), 4)  # that of the answer 0
        0.7071
        >>> round(least_separate_error(1000, sensors=4), 4)
        0.1734
    """
    if shots < 0:
        raise UsageError(f"shots must be at least 0, not {shots}")
    return math.sqrt(0.5 / (1 + shots * largest_separate_information(sensors, visibility)))
