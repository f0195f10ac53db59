"""The characteristic function λ(β) = E exp(α†β - β†α) of random displacements, from noisy outcomes.

Outcomes are ζ = α + ξ with complex Gaussian noise, E|ξⱼ|² = N in each mode
(:mod:`quantum_advantage.measurements.displacement`). Derived here:

- Unbiased. ξ†β - β†ξ = 2i Im ξ†β, and Im ξ†β is normal with the variance N|β|²/2, so that
  E exp(ξ†β - β†ξ) = exp(-N|β|²). Hence z = exp(N|β|²) exp(ζ†β - β†ζ) has the mean λ(β).
- Mean square. |z|² = exp(2N|β|²), always.
- Variance of the parts. As (Im z)² = [|z|² - Re z²]/2 and z² = exp(2N|β|²) exp(ζ†2β - 2β†ζ), whose
  mean is exp(2N|β|² - 4N|β|²) λ(2β), E(Im z)² = [exp(2N|β|²) - exp(-2N|β|²) Re λ(2β)]/2, and
  E(Re z)² is the same with a plus.

The same record answers for every β.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.standard_errors import bounded_errors
from quantum_advantage.core.usage import UsageError

Complexes = npt.NDArray[np.complex128]
Floats = npt.NDArray[np.float64]


def estimate_characteristic(outcomes: Complexes, beta: Complexes, noise: float) -> Floats:
    """Estimates λ(β) from one record.

    Args:
        outcomes: (shots, n) complex ζ.
        beta: (n,) complex β.
        noise: N, which is taken as known.

    Returns:
        (2, 2): the real and the imaginary part, each with its standard error from the spread of
        values within ±exp(N|β|²), see :mod:`quantum_advantage.core.standard_errors`. λ(0) = 1 is
        known.

    Raises:
        ValueError: If there are no shots, the shapes do not fit or a number is not finite.

    Example:
        >>> outcomes, beta = np.zeros((100, 1), dtype=complex), np.array([0.5 + 0j])
        >>> estimate_characteristic(outcomes, beta, noise=0.0)[:, 0].tolist()
        [1.0, 0.0]
    """
    if outcomes.ndim != 2 or outcomes.shape[1] != beta.size or not len(outcomes):
        raise UsageError(
            f"outcomes must have shape (shots, {beta.size}) with 1 shot at least, not "
            f"{outcomes.shape}"
        )
    if not (np.isfinite(outcomes).all() and np.isfinite(beta).all() and 0 <= noise < np.inf):
        raise UsageError("outcomes, beta and noise must be finite, and noise not negative")
    if not beta.any():
        return np.array([[1.0, 0.0], [0.0, 0.0]])
    angle = 2 * (outcomes.conj() @ beta).imag
    scale = np.exp(noise * np.vdot(beta, beta).real)
    parts = scale * np.stack([np.cos(angle), np.sin(angle)])
    means = parts.mean(axis=1)
    errors = bounded_errors(means, parts.var(axis=1), scale, len(outcomes))
    return np.stack([means, errors], axis=1)


def part_variances(
    beta: Complexes, noise: float, value: complex, value_at_double: complex
) -> tuple[float, float]:
    """Returns the exact variances of one shot's real and imaginary part.

    Args:
        beta: (n,) complex β.
        noise: N.
        value: λ(β).
        value_at_double: λ(2β).

    Raises:
        UsageError: If the noise is negative or not finite.

    Example:
        The identity channel, λ = 1, with heterodyne noise: both parts together vary by e² - 1.

        >>> real, imaginary = part_variances(np.array([1.0 + 0j]), 1.0, 1.0, 1.0 + 0j)
        >>> round(real + imaginary, 3)
        6.389
    """
    if not 0 <= noise < np.inf:
        raise UsageError(f"noise must be finite and not negative, not {noise}")
    power = 2 * noise * float(np.vdot(beta, beta).real)
    half, rest = np.exp(power) / 2, np.exp(-power) * value_at_double.real / 2
    return float(half + rest - value.real**2), float(half - rest - value.imag**2)
