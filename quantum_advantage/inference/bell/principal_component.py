"""The mean of a Pauli string in the principal component, from pairs of copies.

In the state ρ²/tr(ρ²) the principal component of ρ outweighs all the rest: eigenvalues λ enter with
λ², so what the second one contributes shrinks from λ₂/λ₁ to (λ₂/λ₁)².
"""

from __future__ import annotations

import numpy as np

from quantum_advantage.core.standard_errors import DEVIATIONS, bounded_errors, sign_error
from quantum_advantage.inference.checks import check_record, check_some
from quantum_advantage.measurements.records import PrincipalRecord


def principal_expectation(record: PrincipalRecord) -> tuple[float, float]:
    """Estimates tr(O ρ²)/tr(ρ²), the mean of O in the state ρ²/tr(ρ²).

    Source: virtual distillation, Huggins et al., Physical Review X 11, 041036 (2021). Both means
    come from the same shots; to first order the ratio r of means errs by the mean of
    (value - r swap)/p, p the estimate of tr(ρ²) (delta method). Its bias is of order 1/(T p²).
    The error of the mean of value - r swap is that of values within ±(1 + |r|), the error e of p
    that of signs (:mod:`quantum_advantage.core.standard_errors`). Where the purity may be as small
    as p - z e, z = 1.96, the ratio errs by more: the error is divided by 1 - (z e/p)², as Fieller's
    interval of a ratio is (J. R. Stat. Soc. B 16, 175 (1954)). It is at most (1 + |r|)/z, with
    which the interval holds all of [-1, 1], and so what is estimated, whatever the purity.

    Args:
        record: The outcomes.

    Returns:
        The ratio and its standard error; both infinite where the estimated purity is not positive.

    Raises:
        ValueError: If the record is no principal record, or has no shots.

    Example:
        >>> record = PrincipalRecord(np.ones(1000, dtype=np.int8), np.ones(1000, dtype=np.int8))
        >>> value, error = principal_expectation(record)
        >>> print(f"{value:.2f} ± {error:.3f}")
        1.00 ± 0.004
    """
    check_record(record, PrincipalRecord)
    check_some(record.shots)
    swaps, values = record.swaps.astype(float), record.values.astype(float)
    purity = float(swaps.mean())
    if purity <= 0:
        return np.inf, np.inf
    ratio = float(values.mean()) / purity
    square = float(((values - ratio * swaps) ** 2).mean())
    numerator = float(bounded_errors(0.0, square, 1 + abs(ratio), record.shots))
    known = 1 - (DEVIATIONS * sign_error(purity, record.shots) / purity) ** 2
    largest = (1 + abs(ratio)) / DEVIATIONS
    return ratio, min(numerator / purity / known, largest) if known > 0 else largest
