"""What one record of Bell measurements says about all parts of a state: purities and entropies.

The mean singlet parity on a subset A of the pairs estimates tr(ρ_A²). One record therefore gives
the purity of all 2ⁿ subsets, and these the second Rényi entropies and mutual informations.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.standard_errors import DEVIATIONS, bounded_errors
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.walsh_hadamard import walsh_hadamard
from quantum_advantage.inference.bell.squares import purity
from quantum_advantage.inference.checks import Part, check_qubits, check_record, check_some, places
from quantum_advantage.measurements.records import BellRecord

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
        (2ⁿ,) the estimates that :func:`~quantum_advantage.inference.bell.squares.purity` gives: bit
        i of the place says whether qubit i is in A, so that place 0, the empty subset, holds 1.
        Their standard errors are ``standard_errors.sign_errors`` of them and T, but for place 0.

    Raises:
        ValueError: If it is not a Bell record, or has more than 20 qubits or no shots.

    Example:
        >>> import cirq
        >>> from quantum_advantage import measure_bell
        >>> a, b = cirq.LineQubit.range(2)
        >>> pair = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b))
        >>> record = measure_bell(pair, cirq.Simulator(seed=1), 1000)
        >>> all_purities(record).round(1).tolist()  # of no qubit, a, b, and both
        [1.0, 0.5, 0.5, 1.0]
    """
    check_record(record, BellRecord)
    check_qubits("record", record.qubits, MOST_QUBITS)
    check_some(record.shots)
    singlets = (record.system & record.memory)[:, 0].astype(np.int64)
    sums = walsh_hadamard(np.bincount(singlets, minlength=2**record.qubits))
    # In this form the rounding is that of a mean of bits, 1 - 2 · (minus signs)/T.
    return 1 - (record.shots - sums) / record.shots


def entropy_of_purity(value: float, error: float, qubits: int) -> tuple[float, float]:
    """Turns an estimate of a purity into one of the second Rényi entropy in bits.

    Source: derived here. -log₂ is monotonic, so that the entropy lies between those of the ends of
    the interval p ± z e wherever the purity lies in the interval. The stated error is the larger
    distance from the estimate to an end, over z = 1.96; of a purity it is only the part between
    2⁻ᵏ and 1 that counts. For small errors it is that of the delta method, e/(p ln 2).

    Args:
        value: The estimate p of the purity.
        error: Its standard error e.
        qubits: The number k of qubits.

    Returns:
        The estimate -log₂ p and its error; both infinite if p is not positive.

    Example:
        >>> entropy_of_purity(0.5, 0.0, 1)
        (1.0, 0.0)
    """
    if value <= 0:
        return math.inf, math.inf
    reach = DEVIATIONS * error
    least = min(value, max(value - reach, 2.0**-qubits))
    most = max(value, min(value + reach, 1.0))
    return -math.log2(value), math.log2(max(value / least, most / value)) / DEVIATIONS


def renyi_entropy(record: BellRecord, qubits: Part = None) -> tuple[float, float]:
    """Estimates the second Rényi entropy S₂(A) = -log₂ tr(ρ_A²) in bits from one Bell record.

    Args:
        record: The Bell outcomes.
        qubits: The qubits in A, as for ``bell.purity``; all of them if not given.

    Returns:
        The estimate and its standard error by :func:`entropy_of_purity`. The estimate is biased
        upwards by about half the squared error times ln 2.

    Raises:
        ValueError: As ``bell.purity``.

    Example:
        >>> import cirq
        >>> from quantum_advantage import measure_bell
        >>> a, b = cirq.LineQubit.range(2)
        >>> pair = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b))
        >>> record = measure_bell(pair, cirq.Simulator(seed=1), 1000)
        >>> value, error = renyi_entropy(record, [a])  # exactly 1 bit
        >>> print(f"{value:.2f} ± {error:.2f}")
        1.02 ± 0.08
    """
    check_record(record, BellRecord)
    chosen = places(qubits, record.qubits, record.held)
    return entropy_of_purity(*purity(record, chosen), len(chosen))


def mutual_information(record: BellRecord, first: Part, second: Part) -> tuple[float, float]:
    """Estimates the second Rényi mutual information S₂(A) + S₂(B) - S₂(AB) in bits.

    Source: derived here. A shot has the signs s_A, s_B and, as A and B are disjoint,
    s_AB = s_A s_B, with the means p_A, p_B and p_AB. By the delta method a shot has the influence
    (s_AB/p_AB - s_A/p_A - s_B/p_B)/ln 2; its mean is known, -1/ln 2, and its error is that of a
    bounded value (:mod:`quantum_advantage.core.standard_errors`), the bounds being the least and
    the largest influence of the four pairs of signs. Where a purity may be as small as p - z e, its
    inverse may be larger by the factor 1/(1 - z e/p); the error is multiplied by the largest of the
    three factors. It is at most what makes the interval hold all that is possible, from -k to k for
    the k qubits of A and B, as where a purity may be 0.

    Args:
        record: The Bell outcomes.
        first: The qubits in A, as for ``bell.purity``.
        second: The qubits in B.

    Returns:
        The estimate and its standard error, which accounts for the common shots. If an estimate of
        a purity is not positive there is no value: not a number, and an infinite error. If A or B
        is empty it is 0, without error.

    Raises:
        ValueError: If A and B have a qubit in common, and as ``bell.purity``.

    Example:
        >>> import cirq
        >>> from quantum_advantage import measure_bell
        >>> a, b = cirq.LineQubit.range(2)
        >>> pair = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b))
        >>> record = measure_bell(pair, cirq.Simulator(seed=1), 1000)
        >>> value, error = mutual_information(record, [a], [b])  # exactly 2 bits
        >>> print(f"{value:.2f} ± {error:.2f}")
        2.05 ± 0.19
    """
    check_record(record, BellRecord)
    parts = [
        places(part, record.qubits, record.held, name=name)
        for name, part in (("first", first), ("second", second))
    ]
    if common := sorted(set(parts[0]) & set(parts[1])):
        raise UsageError(f"first and second must have no qubit in common, but both have {common}")
    found = [purity(record, part) for part in (*parts, [*parts[0], *parts[1]])]
    if not (parts[0] and parts[1]):
        return 0.0, 0.0
    a, b, ab = (p for p, _ in found)
    if min(a, b, ab) <= 0:
        return math.nan, math.inf
    value = math.log2(ab / (a * b))
    # With purities of k qubits from 2⁻ᵏ to 1 it lies between -k and k, k those of A and B.
    possible = (abs(value) + len(parts[0]) + len(parts[1])) / DEVIATIONS
    largest = max(DEVIATIONS * error / p for p, error in found)
    if largest >= 1:
        return value, possible
    means, signs = np.array([a, b, ab]), np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]])
    slope = np.array([-1, -1, 1]) / means / math.log(2)
    influences = np.column_stack([signs, signs.prod(axis=1)]) @ slope
    # The four pairs of signs have the chances [1 ± p_A ± p_B + (the product of both) p_AB]/4.
    chances = (1 + np.column_stack([signs, signs.prod(axis=1)]) @ means) / 4
    mean = float(chances @ influences)
    variance = float(chances @ (influences - mean) ** 2)
    middle, bound = (influences.max() + influences.min()) / 2, np.ptp(influences) / 2
    error = float(bounded_errors(mean - middle, variance, bound, record.shots))
    return value, min(error / (1 - largest), possible)


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

    Example:
        >>> page_purity(0, 4), page_purity(2, 4) == 8 / 17
        (1.0, True)
    """
    if not 0 <= part <= qubits:
        raise UsageError(f"part must lie between 0 and the {qubits} qubits, not {part}")
    return (2**part + 2 ** (qubits - part)) / (2**qubits + 1)
