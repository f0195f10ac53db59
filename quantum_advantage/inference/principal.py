"""The mean of a Pauli string in the principal component, from pairs of copies.

In the state ρ²/tr(ρ²) the principal component of ρ outweighs all the rest: eigenvalues λ enter with
λ², so what the second one contributes shrinks from λ₂/λ₁ to (λ₂/λ₁)².
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class PrincipalRecord:
    """Joint outcomes of SWAP and of a Pauli string O on pairs of copies.

    Attributes:
        swaps: (shots,) ±1, the SWAP eigenvalue of all pairs, with mean tr(ρ²).
        values: (shots,) +1, -1 or 0, the eigenvalue of (O⊗I + I⊗O) SWAP/2, with mean tr(O ρ²).
    """

    swaps: npt.NDArray[np.int8]
    values: npt.NDArray[np.int8]

    @property
    def shots(self) -> int:
        """The number T of shots; each used two copies."""
        return self.swaps.shape[0]


def principal_expectation(record: PrincipalRecord) -> tuple[float, float]:
    """Estimates tr(O ρ²)/tr(ρ²), the mean of O in the state ρ²/tr(ρ²).

    Source: virtual distillation, Huggins et al., Physical Review X 11, 041036 (2021). Both means
    come from the same shots; to first order the ratio r of means errs by the mean of
    (value - r swap)/tr(ρ²), which gives the standard error (delta method). Its bias is of order
    1/(T tr(ρ²)²).

    Args:
        record: The outcomes.

    Returns:
        The ratio and its standard error; both infinite where the estimated purity is not positive.
    """
    swaps, values = record.swaps.astype(float), record.values.astype(float)
    purity = float(swaps.mean())
    if purity <= 0 or record.shots < 2:
        return np.inf, np.inf
    ratio = float(values.mean()) / purity
    residual = (values - ratio * swaps) / purity
    return ratio, float(residual.std(ddof=1) / np.sqrt(record.shots))
