"""Random displacements of n modes of light, with a pattern hidden in their distribution.

Every use of the channel displaces the modes by a fresh random α ∈ ℂⁿ. The question is the
characteristic function λ(β) = E exp(α†β - β†α) at a point that is revealed after the measuring.

The instance with three peaks (arXiv 2402.18809 and 2502.07770): a Gaussian p₀ with
E|αⱼ|² = 1/(2σ²), and p(α) = [1 + 4 s ε₀ sin(2 Im α†γ)] p₀(α) with a hidden γ, a hidden sign s and
ε₀ ≤ 1/4. With exp(α†γ - γ†α) = exp(2i Im α†γ) the sine is [exp(2i Im α†γ) - exp(-2i Im α†γ)]/2i,
and each term shifts the argument of λ₀(β) = exp(-|β|²/2σ²) by ±γ:

    λ(β) = λ₀(β) + 2i s ε₀ [λ₀(β - γ) - λ₀(β + γ)].

There is no circuit of qubits here: displacements are drawn from the law itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.usage import UsageError

Complexes = npt.NDArray[np.complex128]


@dataclass(frozen=True, eq=False)
class ThreePeaks:
    """Channels with three peaks in λ, one for each system.

    Displacements are dimensionless: |α|² is a mean number of photons.

    Attributes:
        points: (systems, n) complex, γ of each channel.
        signs: (systems,) s = ±1.
        signal: ε₀ in [0, 1/4].
        width: σ > 0, the width of the peaks.
        nature: The source of the displacements.

    Raises:
        UsageError: If ``signal`` or ``width`` is out of range.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> gamma, s = np.array([[2.0 + 1.0j]]), np.array([1])
        >>> channel = ThreePeaks(gamma, s, signal=0.25, width=0.5, nature=rng)
        >>> [round(channel.characteristic(k * gamma[0], 0).imag, 2) for k in (-1, 0, 1)]  # ±2 s ε₀
        [-0.5, 0.0, 0.5]
        >>> alpha = channel.draw(4000, 0)  # the mean of exp(α†γ - γ†α) estimates λ(γ)
        >>> alpha.shape, round(float(np.exp(2j * (alpha.conj() @ gamma[0]).imag).mean().imag), 1)
        ((4000, 1), 0.5)
    """

    points: Complexes
    signs: npt.NDArray[np.int64]
    signal: float
    width: float
    nature: np.random.Generator

    def __post_init__(self) -> None:
        if not 0 <= self.signal <= 0.25:
            raise UsageError(f"signal must lie in [0, 0.25], not {self.signal}")
        if not self.width > 0:
            raise UsageError(f"width must be above 0, not {self.width}")

    @property
    def systems(self) -> int:
        """The number of channels."""
        return self.points.shape[0]

    def draw(self, copies: int, system: int) -> Complexes:
        """Draws the displacements of fresh uses of one channel.

        Source: derived here. As p₀ is even and f(α) = 4 s ε₀ sin(2 Im α†γ) odd, an α from p₀ that
        is kept with probability (1 + f)/2 and turned into -α otherwise has the density
        p₀ (1 + f)/2 + p₀ (1 + f)/2 = p.

        Args:
            copies: The number of uses.
            system: The number of the channel.

        Returns:
            (copies, n) complex α.
        """
        gamma = self.points[system]
        parts = self.nature.standard_normal((2, copies, gamma.size)) / (2 * self.width)
        alpha = parts[0] + 1j * parts[1]
        wave = 4 * self.signs[system] * self.signal * np.sin(2 * (alpha.conj() @ gamma).imag)
        kept = self.nature.random(copies) < (1 + wave) / 2
        return np.asarray(np.where(kept[:, None], alpha, -alpha))

    def characteristic(self, beta: Complexes, system: int) -> complex:
        """Returns λ(β) of one channel, by the formula at the head of this module.

        Args:
            beta: (n,) complex.
            system: The number of the channel.

        Raises:
            UsageError: If ``beta`` is a point of another number of modes.
        """
        gamma = self.points[system]
        if beta.shape != gamma.shape:
            raise UsageError(f"beta must have shape {gamma.shape}, not {beta.shape}")

        def peak(center: Complexes) -> float:
            return float(np.exp(-np.vdot(center, center).real / (2 * self.width**2)))

        side = peak(beta - gamma) - peak(beta + gamma)
        return peak(beta) + 2j * float(self.signs[system]) * self.signal * side


def random_channels(
    modes: int,
    systems: int,
    kappa: float,
    signal: float,
    width: float,
    seed: int | np.random.Generator,
    uses: np.random.Generator,
) -> ThreePeaks:
    """Draws channels with γ in a random direction at the largest distance, |γ|² = κn.

    Args:
        modes: The number n of modes.
        systems: The number of channels.
        kappa: κ > 0.
        signal: ε₀ in [0, 1/4].
        width: σ > 0.
        seed: Draws γ and s.
        uses: The source of the displacements.

    Raises:
        UsageError: If ``modes``, ``kappa``, ``signal`` or ``width`` is out of range.

    Example:
        >>> uses = np.random.default_rng(2)
        >>> channels = random_channels(3, 5, kappa=2.0, signal=0.2, width=0.5, seed=1, uses=uses)
        >>> channels.points.shape
        (5, 3)
        >>> (abs(channels.points) ** 2).sum(axis=1).round(6).tolist()  # κn = 6
        [6.0, 6.0, 6.0, 6.0, 6.0]
    """
    if modes < 1:
        raise UsageError(f"modes must be at least 1, not {modes}")
    if not kappa > 0:
        raise UsageError(f"kappa must be above 0, not {kappa}")
    rng = np.random.default_rng(seed)
    parts = rng.standard_normal((2, systems, modes))
    points = parts[0] + 1j * parts[1]
    points *= np.sqrt(kappa * modes) / np.linalg.norm(points, axis=1, keepdims=True)
    return ThreePeaks(points, rng.choice([-1, 1], systems), signal, width, uses)
