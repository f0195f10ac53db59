"""What random displacements of light reveal without entangled ancillas: a published bound.

A channel displaces n modes by a random α with the density p(α),
and λ(β) = E exp(α†β - β†α) is asked at points |β|² ≤ κn, after the measuring. Published bound (Oh,
Chen, Wong, Zhou, Huang, Nielsen, Liu, Neergaard-Nielsen, Andersen, Jiang and Preskill, arXiv
2402.18809): without ancillas entangled with the modes, whatever the probes and however adaptive,
an error of at most ε with probability 2/3 needs N ≥ 0.01 ε⁻² (1 + 1.98 κ)ⁿ samples, for n ≥ 8 and
0 < ε ≤ 0.24. It does not speak of other ancillas: a single qubit coupled to the modes is one.
"""

from __future__ import annotations

from quantum_advantage.core.usage import UsageError

# Where the published bound holds.
LEAST_MODES, LARGEST_ERROR = 8, 0.24


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

    Example:
        >>> f"{samples_without_entanglement(40, kappa=0.5, error=0.2):.2g}"
        '2.2e+11'
    """
    if modes < LEAST_MODES:
        raise UsageError(f"modes must be at least {LEAST_MODES}, not {modes}")
    if kappa <= 0:
        raise UsageError(f"kappa must be above 0, not {kappa}")
    if not 0 < error <= LARGEST_ERROR:
        raise UsageError(f"error must lie in (0, {LARGEST_ERROR}], not {error}")
    return 0.01 / error**2 * (1 + 1.98 * kappa) ** modes
