"""Connected correlations between two parts of a state, from one record of random Pauli bases."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cirq
import numpy as np

from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.shadows.expectations import (
    check_random,
    contributions,
    expectation,
    expectations,
)
from quantum_advantage.inference.shadows.terms import Floats, Observable, list_observables
from quantum_advantage.measurements.records import ShadowRecord

_LETTERS = {"X": cirq.X, "Y": cirq.Y, "Z": cirq.Z}


def _connected(product: Floats, first: Floats, second: Floats) -> float:
    """Estimates ⟨AB⟩ - ⟨A⟩⟨B⟩ from what the settings contribute to the three."""
    size = product.size
    if size < 2:
        return math.nan
    a, b = float(first.mean()), float(second.mean())
    return float(product.mean()) - (size * a * b - float((first * second).mean())) / (size - 1)


def _error(record: ShadowRecord, product: Observable, a: Observable, b: Observable) -> float:
    """Returns the error of :func:`correlations` for one pair of observables."""
    if record.settings < 2:
        return math.inf
    (mean_a, error_a), (mean_b, error_b) = expectations(record, [a, b]).tolist()
    linear = cirq.PauliSum.wrap(product) - mean_b * _sum(a) - mean_a * _sum(b)
    return math.hypot(expectation(record, linear)[1], error_a * error_b)


def _sum(observable: Observable) -> cirq.PauliSum:
    return cirq.PauliSum.wrap(observable)


def correlations(
    record: ShadowRecord,
    first: Observable | Sequence[Observable],
    second: Observable | Sequence[Observable],
) -> Floats:
    """Estimates the connected correlations ⟨AB⟩ - ⟨A⟩⟨B⟩ of pairs of observables.

    Source: derived here. With the contributions a, b and p of the settings to A, B and AB the
    product ⟨A⟩⟨B⟩ is estimated without bias by the mean of a_i b_j over i ≠ j. The first-order
    (delta method) influence of a setting is p - ⟨B⟩ a - ⟨A⟩ b, what it contributes to the
    observable AB - ⟨B⟩ A - ⟨A⟩ B with the estimates in the place of the means; its error is that of
    ``shadows.expectations``. The second order, the product of the errors of A and B, is added in
    squares.

    Args:
        record: The shadow record, with random bases.
        first: The observables A, Hermitian strings or sums, usually on one clump of qubits; one or
            many.
        second: The observables B, one for each A, usually on another clump.

    Returns:
        (pairs, 2): the estimate and its standard error, for one setting not a number and infinite.

    Raises:
        ValueError: If there are not as many B as A, the bases are not random, or A, B or AB is not
            Hermitian or acts outside the record's qubits.

    Example:
        >>> from quantum_advantage import measure_shadow
        >>> a, b = cirq.LineQubit.range(2)
        >>> pair = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b))
        >>> record = measure_shadow(pair, cirq.Simulator(seed=1), 2000, seed=2)
        >>> ((value, error),) = correlations(record, cirq.Z(a), cirq.Z(b))  # exactly 1
        >>> print(f"{value:.2f} ± {error:.2f}")
        0.97 ± 0.06
    """
    check_random(record)
    ones, others = list_observables(first), list_observables(second)
    if len(ones) != len(others):
        raise UsageError(f"second must have {len(ones)} observables as first, not {len(others)}")
    found = []
    for a, b in zip(ones, others, strict=True):
        product = _sum(a) * _sum(b)
        values = contributions(record, [product, a, b])
        found.append((_connected(*values.T), _error(record, product, a, b)))
    return np.array(found).reshape(-1, 2)


def two_point(record: ShadowRecord, letter: str) -> Floats:
    """Estimates ⟨P_i P_j⟩ - ⟨P_i⟩⟨P_j⟩ of one letter P for all pairs of qubits.

    Args:
        record: The shadow record of n qubits, with random bases.
        letter: ``X``, ``Y`` or ``Z``.

    Returns:
        (n, n, 2): the estimates as :func:`correlations` gives them, symmetric in i and j, and their
        standard errors; on the diagonal 1 - ⟨P_i⟩².

    Raises:
        ValueError: If the bases are not random or the letter is another one.

    Example:
        >>> from quantum_advantage import measure_shadow
        >>> a, b = cirq.LineQubit.range(2)
        >>> pair = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b))
        >>> record = measure_shadow(pair, cirq.Simulator(seed=1), 2000, seed=2)
        >>> two_point(record, "X").shape
        (2, 2, 2)
    """
    check_random(record)
    if letter not in _LETTERS:
        raise UsageError(f"letter must be X, Y or Z, not {letter!r}")
    pauli, qubits = _LETTERS[letter], record.qubits
    found = np.empty((len(qubits), len(qubits), 2))
    for i, a in enumerate(qubits):
        for j, b in enumerate(qubits[: i + 1]):
            found[i, j] = found[j, i] = correlations(record, pauli(a) * 1.0, pauli(b) * 1.0)[0]
    return found
