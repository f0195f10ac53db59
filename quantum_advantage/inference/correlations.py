"""Connected correlations between two parts of a state, from one record of random Pauli bases."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cirq
import numpy as np

from quantum_advantage.inference.shadows import ShadowRecord, contributions
from quantum_advantage.inference.terms import Floats, Observable
from quantum_advantage.usage import UsageError

_LETTERS = {"X": cirq.X, "Y": cirq.Y, "Z": cirq.Z}


def _connected(product: Floats, first: Floats, second: Floats) -> tuple[float, float]:
    """Estimates ⟨AB⟩ - ⟨A⟩⟨B⟩ from what the settings contribute to the three."""
    size = product.size
    a, b = float(first.mean()), float(second.mean())
    if size < 2:
        return math.nan, math.inf
    pairs = (size * a * b - float((first * second).mean())) / (size - 1)
    influence = product - b * first - a * second
    return float(product.mean()) - pairs, float(influence.std(ddof=1)) / math.sqrt(size)


def correlations(
    record: ShadowRecord, first: Sequence[Observable], second: Sequence[Observable]
) -> Floats:
    """Estimates the connected correlations ⟨AB⟩ - ⟨A⟩⟨B⟩ of pairs of observables.

    Source: derived here. With the contributions a, b and p of the settings to A, B and AB the
    product ⟨A⟩⟨B⟩ is estimated without bias by the mean of a_i b_j over i ≠ j. The first-order
    (delta method) influence of a setting is p - ⟨B⟩ a - ⟨A⟩ b; its spread gives the error, with
    all covariances in it.

    Args:
        record: The shadow record, with random bases.
        first: The observables A, Hermitian strings or sums, usually on one clump of qubits.
        second: The observables B, one for each A, usually on another clump.

    Returns:
        (pairs, 2): the estimate and its standard error.

    Raises:
        ValueError: If there are not as many B as A, the bases are not random, or A, B or AB is not
            Hermitian or acts outside the record's qubits.
    """
    if len(first) != len(second):
        raise UsageError(f"second must have {len(first)} observables as first, not {len(second)}")
    found = []
    for a, b in zip(first, second, strict=True):
        product = cirq.PauliSum.wrap(a) * cirq.PauliSum.wrap(b)
        values = contributions(record, [product, a, b])
        found.append(_connected(*values.T))
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
        ValueError: If the bases are not random or the letter is none.
    """
    if letter not in _LETTERS:
        raise UsageError(f"letter must be X, Y or Z, not {letter!r}")
    pauli, qubits = _LETTERS[letter], record.qubits
    singles = contributions(record, [pauli(q) * 1.0 for q in qubits]).T
    found = np.empty((len(qubits), len(qubits), 2))
    known = np.ones(record.settings)
    for i, a in enumerate(qubits):
        found[i, i] = _connected(known, singles[i], singles[i])
        for j in range(i):
            product = contributions(record, [pauli(a) * pauli(qubits[j])])[:, 0]
            found[i, j] = found[j, i] = _connected(product, singles[i], singles[j])
    return found
