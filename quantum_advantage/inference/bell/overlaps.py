"""What a record of Bell measurements on ρ ⊗ σ says, and the signs that two copies of ρ hide.

The first copies are of ρ, the second of another state σ. With σ known the mean of a string is
linear in tr(Q ρ) and shows its sign; without, a majority over single copies of ρ finds the sign.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import plain_array
from quantum_advantage.inference.bell.squares import purity, squares
from quantum_advantage.inference.checks import Part
from quantum_advantage.measurements.records import BellRecord


def overlap(record: BellRecord, qubits: Part = None) -> tuple[float, float]:
    """Estimates the overlap tr(ρ_A σ_A) of two states on a subset A of the qubits.

    The computation is that of the purity, which is the case σ = ρ.

    Args:
        record: The Bell outcomes of pairs in ρ ⊗ σ.
        qubits: The qubits in A, as for ``purity``; all of them if not given.

    Returns:
        The estimate, the mean of the SWAP eigenvalue on A, and its standard error.

    Raises:
        ValueError: As ``purity``.

    Example:
        >>> import cirq
        >>> from quantum_advantage import measure_bell
        >>> q = cirq.LineQubit(0)
        >>> zero, one = cirq.Circuit(cirq.I(q)), cirq.Circuit(cirq.X(q))
        >>> record = measure_bell(zero, cirq.Simulator(seed=1), 400, other=one)
        >>> value, error = overlap(record)  # exactly 0
        >>> print(f"{value:.2f} ± {error:.2f}")
        -0.08 ± 0.05
    """
    return purity(record, qubits)


def products(record: BellRecord, strings: PauliStrings | Iterable[str]) -> npt.NDArray[np.float64]:
    """Estimates tr(Q ρ) tr(Q σ) for many Pauli strings.

    The computation is that of the squares tr(Q ρ)², which are the case σ = ρ.

    Args:
        record: The Bell outcomes of pairs in ρ ⊗ σ.
        strings: The strings Q, packed or as text such as ``XIYZ``; their phases do not matter.

    Returns:
        (strings, 2): the estimate and its standard error for each string; (1, 2) for one text.

    Raises:
        ValueError: If the strings act on another number of qubits than the record.

    Example:
        >>> import cirq
        >>> from quantum_advantage import measure_bell
        >>> q = cirq.LineQubit(0)
        >>> zero, one = cirq.Circuit(cirq.I(q)), cirq.Circuit(cirq.X(q))
        >>> record = measure_bell(zero, cirq.Simulator(seed=1), 400, other=one)
        >>> ((value, error),) = products(record, "Z")  # exactly 1 · (-1)
        >>> print(f"{value:.2f} ± {error:.2f}")
        -1.00 ± 0.01
    """
    return squares(record, strings)


def sign_from_reference(
    record: BellRecord, strings: PauliStrings | Iterable[str], reference: npt.ArrayLike
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Estimates tr(Q ρ), its sign included, by Bell measurements with a known state σ.

    Source: derived here. The mean sign m estimates tr(Q ρ) tr(Q σ) without bias, so m/tr(Q σ)
    estimates tr(Q ρ) without bias, with 1/|tr(Q σ)| times the error of m.

    Args:
        record: The Bell outcomes of pairs in ρ ⊗ σ.
        strings: The strings Q with phase +1 or -1, packed or as text such as ``-XIYZ``.
        reference: (strings,) the known tr(Q σ), the sign of Q included; none of them 0.

    Returns:
        (strings,) the estimates of tr(Q ρ), which may lie outside [-1, 1], and (strings,) their
        standard errors.

    Raises:
        ValueError: If a reference is 0 or not finite, their number is not that of the strings, or
            the strings act on another number of qubits than the record.

    Example:
        >>> import cirq
        >>> from quantum_advantage import measure_bell
        >>> q = cirq.LineQubit(0)
        >>> zero, one = cirq.Circuit(cirq.I(q)), cirq.Circuit(cirq.X(q))
        >>> record = measure_bell(zero, cirq.Simulator(seed=1), 400, other=one)
        >>> values, errors = sign_from_reference(record, ["Z"], [-1.0])  # exactly 1
        >>> print(f"{values[0]:.2f} ± {errors[0]:.2f}")
        1.00 ± 0.01
    """
    means, errors = products(record, strings).T
    given = plain_array("reference", reference)
    if given.dtype.kind not in "biuf":
        raise UsageError(f"reference must be real numbers, not {given.dtype}")
    known = given.astype(np.float64)
    if known.shape != means.shape:
        raise UsageError(
            f"reference must have shape {means.shape}, one for each string, not {known.shape}"
        )
    if (useless := (known == 0) | ~np.isfinite(known)).any():
        place = int(np.argmax(useless))
        raise UsageError(
            f"reference must be finite and not 0, but is {known[place]} for string {place}"
        )
    return means / known, errors / np.abs(known)


def majority_sign(signs: npt.ArrayLike) -> int:
    """Returns the sign that more than half of the outcomes have.

    Args:
        signs: (copies,) bits, 0 for +1 and 1 for -1, one from each measured copy.

    Returns:
        +1 or -1, and 0 for a tie.

    Raises:
        ValueError: If the signs are not a one-dimensional array of bits.

    Example:
        >>> majority_sign([0, 0, 1]), majority_sign([0, 1])
        (1, 0)
    """
    bits = np.asarray(signs)
    if bits.ndim != 1:
        raise UsageError(f"signs must have shape (copies,), not {bits.shape}")
    if not np.isin(bits, (0, 1)).all():
        raise UsageError("signs must be bits, 0 for +1 and 1 for -1")
    return int(np.sign(bits.size - 2 * np.count_nonzero(bits)))
