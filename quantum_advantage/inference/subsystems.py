"""What one record of Bell measurements says about all parts of a state: purities and entropies.

The mean singlet parity on a subset A of the pairs estimates tr(ρ_A²). One record therefore gives
the purity of all 2ⁿ subsets, and these the second Rényi entropies and mutual informations.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from quantum_advantage.inference.bell import BellRecord, purity
from quantum_advantage.usage import UsageError
from quantum_advantage.walsh import walsh_hadamard

# The histogram and its transform then take some 30 MB.
MOST_QUBITS = 20


def all_purities(record: BellRecord) -> npt.NDArray[np.float64]:
    """Estimates the purity tr(ρ_A²) of every subset A of the qubits from one Bell record.

    Source: derived here. A shot has a singlet where a & b is 1, and its sign on A is the parity of
    the singlets in A: the mean sign is Σ_s N(s) (-1)^{s·A} / T with N(s) the number of shots whose
    singlets are s, so that one Walsh-Hadamard transform of N gives the signs of all A.

    Args:
        record: The Bell outcomes of at most 20 pairs.

    Returns:
        (2ⁿ,) the estimates that :func:`~quantum_advantage.inference.bell.purity` gives: bit i of
        the place says whether qubit i is in A, so that place 0, the empty subset, holds 1. The
        standard error of an estimate p is √[(1 - p²)/(T - 1)].

    Raises:
        ValueError: If the record has more than 20 qubits or no shots.
    """
    if record.qubits > MOST_QUBITS:
        raise UsageError(f"record must have at most {MOST_QUBITS} qubits, not {record.qubits}")
    if not record.shots:
        raise UsageError("record must hold at least one shot, not 0")
    singlets = (record.system & record.memory)[:, 0].astype(np.int64)
    sums = walsh_hadamard(np.bincount(singlets, minlength=2**record.qubits))
    # In this form the rounding is that of a mean of bits, 1 - 2 · (minus signs)/T.
    return 1 - (record.shots - sums) / record.shots


def renyi_entropy(record: BellRecord, qubits: Sequence[int] | None = None) -> tuple[float, float]:
    """Estimates the second Rényi entropy S₂(A) = -log₂ tr(ρ_A²) in bits from one Bell record.

    Args:
        record: The Bell outcomes.
        qubits: The numbers of the qubits in A; all of them if not given.

    Returns:
        The estimate and its standard error by the delta method, that of the purity p over p ln 2.
        The estimate is biased upwards by about half the squared error times ln 2. Both are
        infinite if the estimate of p is not positive.

    Raises:
        ValueError: If a qubit is not in the record.
    """
    value, error = purity(record, qubits)
    if value <= 0:
        return math.inf, math.inf
    return math.log2(1 / value), error / (value * math.log(2))


def mutual_information(
    record: BellRecord, first: Sequence[int], second: Sequence[int]
) -> tuple[float, float]:
    """Estimates the second Rényi mutual information S₂(A) + S₂(B) - S₂(AB) in bits.

    Source: derived here. A shot has the signs s_A, s_B and, as A and B are disjoint,
    s_AB = s_A s_B, with the means p_A, p_B and p_AB. So the mean of a product of two of the three
    is the mean of the third, and the covariance of two is that less the product of their means:
    E s_A s_B = p_AB, E s_A s_AB = p_B, E s_B s_AB = p_A. The delta method applies the covariance
    matrix to the gradient (-1/p_A, -1/p_B, 1/p_AB)/ln 2.

    Args:
        record: The Bell outcomes.
        first: The numbers of the qubits in A.
        second: The numbers of the qubits in B.

    Returns:
        The estimate and its standard error, which accounts for the common shots. If an estimate of
        a purity is not positive there is no value: not a number, and an infinite error.

    Raises:
        ValueError: If A and B have a qubit in common or a qubit is not in the record.
    """
    if common := sorted(set(first) & set(second)):
        raise UsageError(f"first and second must have no qubit in common, but both have {common}")
    a, b, ab = (purity(record, part)[0] for part in (first, second, [*first, *second]))
    if min(a, b, ab) <= 0:
        return math.nan, math.inf
    value = math.log2(ab / (a * b))
    if record.shots < 2:
        return value, math.inf
    means = np.array([a, b, ab])
    products = np.array([[1, ab, b], [ab, 1, a], [b, a, 1]])
    covariance = (products - np.outer(means, means)) / (record.shots - 1)
    slope = np.array([-1, -1, 1]) / means / math.log(2)
    return value, math.sqrt(max(float(slope @ covariance @ slope), 0.0))


def page_purity(part: int, qubits: int) -> float:
    """Returns the mean purity of a part of a Haar-random pure state.

    Source: Lubkin, J. Math. Phys. 19, 1028 (1978). The proof in short: E ψ⊗ψ = (I + SWAP)/(d² + d)
    with d = d_A d_B, and the traces with SWAP on A are d_A d_B² and d_A² d_B.

    Args:
        part: The number of qubits in the part A.
        qubits: The number n of qubits of the pure state.

    Returns:
        (d_A + d_B)/(d_A d_B + 1) with d_A = 2^part and d_B = 2^(n - part).

    Raises:
        ValueError: If the part is negative or larger than the whole.
    """
    if not 0 <= part <= qubits:
        raise UsageError(f"part must lie between 0 and the {qubits} qubits, not {part}")
    return (2**part + 2 ** (qubits - part)) / (2**qubits + 1)
