"""What sensors that share no entanglement can learn, with proofs where they are short.

**The sum of random phases.** In every shot n sensors take random phases of which only the sum Φ is
fixed (:mod:`quantum_advantage.systems.sensor_array`): the corner |1…1⟩⟨0…0| of their state is
multiplied by v exp(iΦ), v = exp(-nσ²/2), its adjoint likewise, the diagonal stays, and all other
coherence is lost.

Theorem (derived here). If neither the probe nor the readout entangles the sensors with one another,
a shot has at most the Fisher information F = v² 4¹⁻ⁿ/(1 - 2¹⁻ⁿ v) on Φ, n ≥ 2. The readout may be
any separable POVM, local operations and classical communication included, every sensor may keep
ancillas of its own, and both may depend on earlier shots.

Proof.
1. A separable probe is a mixture of product states and Fisher information is convex, so let sensor
   i with its ancillas be in the pure state √qᵢ |0⟩|u⟩ + √(1-qᵢ) |1⟩|w⟩. Refined to products of
   rank-one elements, the readout has elements E = ω ⊗ᵢ |eᵢ⟩⟨eᵢ|. With the amplitudes
   fᵢ = √qᵢ ⟨eᵢ|0,u⟩ and gᵢ = √(1-qᵢ) ⟨eᵢ|1,w⟩ its probability is the diagonal part plus the corner,
   p_E = ω [∏ (|fᵢ|² + |gᵢ|²) + 2 v Re(exp(iΦ) ∏ gᵢ fᵢ*)].
2. By |fᵢ gᵢ| ≤ (|fᵢ|² + |gᵢ|²)/2 the second term is at most ε = 2¹⁻ⁿ v times the first, A_E. The
   derivative of p_E by Φ is at most ε A_E too, so its square over p_E is at most ε² A_E/(1 - ε).
3. The A_E are the probabilities at v = 0 and sum to 1, so F ≤ ε²/(1 - ε). A choice that depends on
   earlier shots averages informations that all obey this. ∎

A readout that entangles may use all of the corner. With Q = ∏ qᵢ and R = ∏ (1-qᵢ) it is a qubit of
weight Q + R with the coherence v √(QR), whose quantum Fisher information is 4 v² QR/(Q + R) ≤
2 v² √(QR) ≤ 2¹⁻ⁿ v², as qᵢ(1-qᵢ) ≤ 1/4. With entangled sensors the weight is at most 1 and the
information at most v². All three are reached, up to 1 - ε in the first: see
:mod:`quantum_advantage.inference.phase_sum`.

**Random displacements of light.** A channel displaces n modes by a random α with the density p(α),
and λ(β) = E exp(α†β - β†α) is asked at points |β|² ≤ κn, after the measuring. Published bound (Oh,
Chen, Wong, Zhou, Huang, Nielsen, Liu, Neergaard-Nielsen, Andersen, Jiang and Preskill, arXiv
2402.18809): without ancillas entangled with the modes, whatever the probes and however adaptive,
an error of at most ε with probability 2/3 needs N ≥ 0.01 ε⁻² (1 + 1.98 κ)ⁿ samples, for n ≥ 8 and
0 < ε ≤ 0.24. It does not speak of other ancillas: a single qubit coupled to the modes is one.
"""

from __future__ import annotations

import math

# Where the published bound on random displacements holds.
LEAST_MODES, LARGEST_ERROR = 8, 0.24


def largest_separate_information(sensors: int, visibility: float = 1.0) -> float:
    """Returns the largest Fisher information of a shot on Φ without entanglement of sensors.

    Args:
        sensors: The number n of sensors, at least 2.
        visibility: v, in (0, 1].

    Returns:
        v² 4¹⁻ⁿ/(1 - 2¹⁻ⁿ v); the theorem at the head of this module.

    Raises:
        ValueError: If an argument is out of range.
    """
    if sensors < 2:
        raise ValueError(f"sensors must be at least 2, not {sensors}")
    if not 0 < visibility <= 1:
        raise ValueError(f"visibility must lie in (0, 1], not {visibility}")
    ratio = 2.0 ** (1 - sensors) * visibility
    return ratio**2 / (1 - ratio)


def least_separate_error(shots: int, sensors: int, visibility: float = 1.0) -> float:
    """Returns the least error of unbiased estimates of cos Φ without entanglement of sensors.

    The bound of Cramér and Rao: the variance at Φ is at least sin² Φ/(T F). Its mean over Φ takes
    1/2 for sin² Φ.

    Args:
        shots: T.
        sensors: The number n of sensors, at least 2.
        visibility: v, in (0, 1].

    Returns:
        The root of the mean square over uniformly distributed Φ.

    Raises:
        ValueError: If an argument is out of range.
    """
    if shots < 1:
        raise ValueError(f"shots must be at least 1, not {shots}")
    return math.sqrt(0.5 / (shots * largest_separate_information(sensors, visibility)))


def samples_without_entanglement(modes: int, kappa: float, error: float) -> float:
    """Returns the least samples of a random displacement without entangled ancillas.

    Args:
        modes: The number n of modes, at least 8.
        kappa: κ, the largest |β|²/n that may be asked.
        error: ε, in (0, 0.24].

    Returns:
        0.01 ε⁻² (1 + 1.98 κ)ⁿ, arXiv 2402.18809.

    Raises:
        ValueError: If an argument is out of range.
    """
    if modes < LEAST_MODES:
        raise ValueError(f"modes must be at least {LEAST_MODES}, not {modes}")
    if kappa <= 0:
        raise ValueError(f"kappa must be above 0, not {kappa}")
    if not 0 < error <= LARGEST_ERROR:
        raise ValueError(f"error must lie in (0, {LARGEST_ERROR}], not {error}")
    return 0.01 / error**2 * (1 + 1.98 * kappa) ** modes
