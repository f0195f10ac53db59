"""The mean of a Pauli string in the principal component, from pairs of copies.

In the state ρ²/tr(ρ²) the principal component of ρ outweighs all the rest: eigenvalues λ enter with
λ², so what the second one contributes shrinks from λ₂/λ₁ to (λ₂/λ₁)².
"""

from __future__ import annotations

from dataclasses import dataclass

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.inference.checks import check_record
from quantum_advantage.standard_errors import DEVIATIONS, bounded_errors, sign_error
from quantum_advantage.usage import UsageError


@dataclass(frozen=True, eq=False, repr=False)
class PrincipalRecord:
    """Joint outcomes of SWAP and of a Pauli string O on pairs of copies.

    Attributes:
        swaps: (shots,) ±1, the SWAP eigenvalue of all pairs, with mean tr(ρ²).
        values: (shots,) +1, -1 or 0, the eigenvalue of (O⊗I + I⊗O) SWAP/2, with mean tr(O ρ²).
        held: (n,) the qubits of the first copy; None where the record came without them.
        observable: O; None where the record came without it.
    """

    swaps: npt.NDArray[np.int8]
    values: npt.NDArray[np.int8]
    held: tuple[cirq.Qid, ...] | None = None
    observable: cirq.PauliString | None = None

    def __post_init__(self) -> None:
        if self.swaps.ndim != 1 or self.swaps.shape != self.values.shape:
            raise UsageError(
                f"swaps and values must both have shape (shots,), not {self.swaps.shape} and "
                f"{self.values.shape}"
            )
        if not np.isin(self.swaps, (-1, 1)).all() or not np.isin(self.values, (-1, 0, 1)).all():
            raise UsageError("swaps must be 1 or -1, and values 1, -1 or 0")

    def __repr__(self) -> str:
        about = "" if self.observable is None else f" of {self.observable}"
        return f"PrincipalRecord({self.shots} shots{about})"

    @property
    def shots(self) -> int:
        """The number T of shots; each used two copies."""
        return self.swaps.shape[0]


def principal_expectation(record: PrincipalRecord) -> tuple[float, float]:
    """Estimates tr(O ρ²)/tr(ρ²), the mean of O in the state ρ²/tr(ρ²).

    Source: virtual distillation, Huggins et al., Physical Review X 11, 041036 (2021). Both means
    come from the same shots; to first order the ratio r of means errs by the mean of
    (value - r swap)/p, p the estimate of tr(ρ²) (delta method). Its bias is of order 1/(T p²).
    The error of the mean of value - r swap is that of values within ±(1 + |r|), the error e of p
    that of signs (:mod:`quantum_advantage.standard_errors`). Where the purity may be as small as
    p - z e, z = 1.96, the ratio errs by more: the error is divided by 1 - (z e/p)², as Fieller's
    interval of a ratio is (J. R. Stat. Soc. B 16, 175 (1954)). It is at most (1 + |r|)/z, with
    which the interval holds all of [-1, 1], and so what is estimated, whatever the purity.

    Args:
        record: The outcomes.

    Returns:
        The ratio and its standard error; both infinite where the estimated purity is not positive.

    Raises:
        ValueError: If the record is no principal record, or has no shots.
    """
    check_record(record, PrincipalRecord)
    if not record.shots:
        raise UsageError("record must hold at least one shot, not 0")
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
