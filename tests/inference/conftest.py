"""Exact laws that several tests of inference share."""

from __future__ import annotations

import numpy as np
import pytest

from quantum_advantage.walsh import walsh_hadamard


def _bell_law(unitary):
    size = len(unitary)
    product = unitary @ unitary.T
    rows = np.arange(size)
    diagonals = np.array([product[rows, rows ^ shift] for shift in range(size)])
    return (np.abs(walsh_hadamard(diagonals)) ** 2 / size**2).ravel()


@pytest.fixture(scope="session")
def bell_law():
    """Pr(a, b) = |tr(σ U Uᵀ)|²/4ⁿ of a unitary; bits 0 to n - 1 of the number are a, the rest b."""
    return _bell_law
