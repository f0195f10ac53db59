"""Measuring a displacement of light: heterodyne on the vacuum, or half of a squeezed pair.

Every mode is displaced by αⱼ, and the measurement shows ζⱼ = αⱼ + ξⱼ with complex Gaussian noise ξⱼ
of E|ξⱼ|² = N, independent and alike in both quadratures. Derived here, with x = (a + a†)/√2 and
p = (a - a†)/i√2, so that the vacuum has the variance 1/2 in both:

- Two-mode squeezed vacuum has Var(x₁ - x₂) = Var(p₁ + p₂) = exp(-2r). A displacement of the first
  mode adds √2 Re α to x₁ and √2 Im α to p₁. A beam splitter and two homodyne detectors show both
  combinations, and ζ = [(x₁ - x₂) + i (p₁ + p₂)]/√2 has N = exp(-2r).
- Vacuum and heterodyne detection are the case r = 0: N = 1.
- Loss behind the displacement that leaves the share η of the light in both modes turns x into
  √η x + √(1-η) x' with a vacuum x'. The combinations keep √η of their signal and get the variance
  1 - η more; divided by √η, N = exp(-2r) + (1 - η)/η.

The squeezing is given in decibels, 10 log₁₀ exp(2r).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.usage import UsageError


def added_noise(decibels: float, transmission: float = 1.0) -> float:
    """Returns N, the mean square of the noise of one mode.

    Args:
        decibels: The squeezing; 0 for vacuum and heterodyne detection.
        transmission: η, the share of the light that is left in both modes.

    Raises:
        UsageError: If an argument is out of range.

    Example:
        >>> added_noise(0), added_noise(10)
        (1.0, 0.1)
    """
    if not decibels >= 0:
        raise UsageError(f"decibels must be at least 0, not {decibels}")
    if not 0 < transmission <= 1:
        raise UsageError(f"transmission must lie in (0, 1], not {transmission}")
    return float(10 ** (-decibels / 10) + (1 - transmission) / transmission)


def measure_displacements(
    displacements: npt.NDArray[np.complex128], noise: float, seed: int | np.random.Generator
) -> npt.NDArray[np.complex128]:
    """Draws the outcomes ζ of displaced modes from their exact law.

    Args:
        displacements: (shots, n) complex α.
        noise: N, the mean square of the noise of one mode, as :func:`added_noise` gives it.
        seed: The source of the noise.

    Returns:
        (shots, n) complex ζ.

    Raises:
        UsageError: If the noise is negative.

    Example:
        >>> outcomes = measure_displacements(np.full((1000, 1), 2 + 1j), noise=0.1, seed=0)
        >>> outcomes.shape, bool(abs(outcomes.mean() - (2 + 1j)) < 0.05)
        ((1000, 1), True)
    """
    if not noise >= 0:
        raise UsageError(f"noise must be at least 0, not {noise}")
    parts = np.random.default_rng(seed).standard_normal((2, *displacements.shape))
    return np.asarray(displacements + np.sqrt(noise / 2) * (parts[0] + 1j * parts[1]))
