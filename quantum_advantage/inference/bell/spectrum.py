"""The squares tr(P ρ)² of all 4ⁿ Pauli strings at once, from one record of Bell measurements.

Places: the string with the x bits x and the z bits z, bit i for qubit i, stands at x + 2ⁿ z.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.core.pauli_matrices import qubits_of_numbers
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.walsh_hadamard import transform_in_place, walsh_hadamard
from quantum_advantage.inference.checks import check_qubits, check_record, check_some
from quantum_advantage.measurements.records import BellRecord

# 4¹² numbers in double precision are 128 MB, 4¹⁴ in single precision 1 GiB.
MOST_IN_DOUBLE, MOST_QUBITS = 12, 14
# A slice of sums has so many times as many numbers as there are shots; its bits, from
# what fits the cache to 128 MiB; and the sums of it that are turned and read at once.
SLICE, LEAST_BITS, MOST_BITS, AT_ONCE = 8, 18, 25, 2**16
# Whole numbers up to this are exact in single precision.
MOST_IN_SINGLE = 2**24


def all_squares(record: BellRecord) -> npt.NDArray[np.float64] | npt.NDArray[np.float32]:
    """Estimates tr(P ρ)² for all 4ⁿ Pauli strings from one Bell record.

    Source: derived here. The sign of a string on the outcome (a, b) is
    (-1)^{x·a + z·b} (-1)^{x·z}, the table in :mod:`quantum_advantage.measurements.bell`. With the
    outcome at the place a + 2ⁿ b the first factor is that of the Walsh-Hadamard transform from
    outcomes to strings; the second, the sign of the letters Y, depends on the string alone and is
    its sign on the outcome 0. One transform of the histogram of the outcomes thus sums the signs
    of all strings, in n 4ⁿ steps; it is computed in slices, see :func:`sums_in_slices`.

    Args:
        record: The Bell outcomes of at most 14 pairs.

    Returns:
        (4ⁿ,) the estimates that :func:`~quantum_advantage.inference.bell.squares.squares` gives,
        the string at the place x + 2ⁿ z, see :func:`square_index`. Their standard errors are
        ``standard_errors.sign_errors`` of them and T; the identity, at place 0, is known. Beyond 12
        pairs they are rounded to single precision; the sums behind them are exact.

    Raises:
        ValueError: If it is not a Bell record, or has more than 14 qubits or no shots, or beyond 12
            qubits more than 2²⁴ shots.

    Example:
        >>> import cirq
        >>> from quantum_advantage import measure_bell
        >>> a, b = cirq.LineQubit.range(2)
        >>> pair = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b))
        >>> record = measure_bell(pair, cirq.Simulator(seed=1), 1000)
        >>> squares = all_squares(record)
        >>> places = square_index(PauliStrings.from_text(["XX", "YY", "ZZ"]))
        >>> squares[places].tolist()
        [1.0, 1.0, 1.0]
    """
    check_record(record, BellRecord)
    check_qubits("record", record.qubits, MOST_QUBITS)
    exact = record.shots <= MOST_IN_SINGLE
    if record.qubits > MOST_IN_DOUBLE and not exact:
        raise UsageError(
            f"record of {record.qubits} qubits must hold at most {MOST_IN_SINGLE} shots, not "
            f"{record.shots}; take the first of them"
        )
    double = record.qubits <= MOST_IN_DOUBLE
    values = np.empty(4**record.qubits, dtype=np.float64 if double else np.float32)
    for first, sums in sums_in_slices(record):
        means_of_sums(sums, record.shots, values[first : first + sums.size])
    return values


def sums_in_slices(record: BellRecord) -> Iterator[tuple[int, npt.NDArray[np.floating]]]:
    """Sums the signs of all strings over the outcomes, some strings at a time.

    Source: derived here. Let s be a power of two, and u and c below s. But for the letters Y, the
    string at the place u + s v has the sign (-1)^{u·c} (-1)^{v·d} on the outcome at the place
    c + s d. So the sums of all strings with one v are the transform of s numbers only: of the
    histogram of the low parts c, in which an outcome counts (-1)^{v·d}. For T shots all slices take
    (4ⁿ/s) (T + s log₂ s) steps. With s near T the outcomes do the work of the high levels of the
    transform, and a slice is close to the cache.

    Args:
        record: The Bell outcomes, at least one.

    Yields:
        The place of the first string, and some 2¹⁶ sums from there on, in the order of places:
        whole numbers between -T and T. The array is used again.

    Example:
        >>> from quantum_advantage.core.bits import pack_bits
        >>> record = BellRecord(1, pack_bits([[0], [0]]), pack_bits([[0], [0]]))  # Φ⁺ twice
        >>> [(first, sums.tolist()) for first, sums in sums_in_slices(record)]  # I, X and Z, Y
        [(0, [2.0, 2.0]), (2, [2.0, -2.0])]
    """
    outcomes = _places(record)
    single = record.shots <= MOST_IN_SINGLE
    wanted = min(max((SLICE * record.shots).bit_length(), LEAST_BITS), MOST_BITS)
    bits = min(2 * record.qubits, max(record.qubits, wanted))
    low, high = outcomes & (2**bits - 1), outcomes >> bits
    sums = np.empty(2**bits, dtype=np.float32 if single else np.float64)
    signs = np.array([1, -1], dtype=sums.dtype)
    for part in range(4**record.qubits >> bits):
        sums[:] = 0
        np.add.at(sums, low, signs[np.bitwise_count(high & part) & 1])
        transform_in_place(sums)
        first = part << bits
        for start, block in _turned_blocks(sums, record.qubits, first >> record.qubits):
            yield first + start, block


def _turned_blocks(
    sums: npt.NDArray[np.floating], qubits: int, first: int
) -> Iterator[tuple[int, npt.NDArray[np.floating]]]:
    """Multiplies the sum of the string x, z by (-1)^{x·z}, in place, some at a time.

    The factor is the product of those of the low bits and of the high bits.

    Args:
        sums: (m 2ⁿ,) sums for all x and m values of z, with m a power of two.
        qubits: The number n of qubits.
        first: The first z, a multiple of m.

    Yields:
        The place of the first of some sums, and these sums.
    """
    low, high = qubits // 2, qubits - qubits // 2
    of_low, of_high = (_parities(bits, sums.dtype.char) for bits in (low, high))
    table = sums.reshape(-1, 2**high, 2**low)
    step = min(2**low, max(1, AT_ONCE >> qubits))
    for start in range(0, len(table), step):
        above, below = divmod(first + start, 2**low)
        block = table[start : start + step]
        block *= of_high[above][:, None]
        block *= of_low[below : below + len(block), None]
        yield start << qubits, block.reshape(-1)


def means_of_sums(
    sums: npt.NDArray[np.floating], shots: int, means: npt.NDArray[np.floating]
) -> None:
    """Divides sums of signs by the number T of shots, so that the means may take their place.

    The rounding is that of a mean of bits, 1 - 2 · (minus signs)/T.

    Example:
        >>> sums = np.array([4.0, -2.0])
        >>> means_of_sums(sums, 4, sums)
        >>> sums.tolist()
        [1.0, -0.5]
    """
    np.subtract(shots, sums, out=means)
    means /= shots
    np.subtract(1, means, out=means)


def outcome_counts(record: BellRecord) -> npt.NDArray[np.int64]:
    """Returns how often each Bell outcome came.

    Args:
        record: The Bell outcomes of at most 12 pairs.

    Returns:
        (4ⁿ,) counts, the outcome (a, b) at the place a + 2ⁿ b.

    Raises:
        ValueError: If it is not a Bell record, or has more than 12 qubits or no shots.

    Example:
        >>> from quantum_advantage.core.bits import pack_bits
        >>> outcome_counts(BellRecord(1, pack_bits([[0], [1]]), pack_bits([[1], [1]]))).tolist()
        [0, 0, 1, 1]
    """
    check_record(record, BellRecord)
    check_qubits("record", record.qubits, MOST_IN_DOUBLE)
    return np.bincount(_places(record), minlength=4**record.qubits)


def _places(record: BellRecord) -> npt.NDArray[np.int64]:
    """Returns the place a + 2ⁿ b of every outcome, (shots,)."""
    check_some(record.shots)
    places = record.system[:, 0] + record.memory[:, 0] * np.uint64(2**record.qubits)
    return places.astype(np.int64)


def sign_sums(counts: npt.NDArray[np.int64], qubits: int) -> npt.NDArray[np.float64]:
    """Returns the sums of the signs of all strings over Bell outcomes, from their histogram.

    Args:
        counts: (..., 4ⁿ) how often each outcome (a, b) came, at the place a + 2ⁿ b.
        qubits: The number n of qubits.

    Returns:
        (..., 4ⁿ) the sum for the string at the place x + 2ⁿ z; see :func:`all_squares`.

    Example:
        >>> sign_sums(np.array([1, 0, 0, 0]), 1).tolist()  # I, X, Z, Y on Φ⁺
        [1.0, 1.0, 1.0, -1.0]
    """
    sums = walsh_hadamard(counts)
    _turn_signs(sums, qubits)
    return np.asarray(sums)


def _turn_signs(sums: npt.NDArray[np.floating], qubits: int) -> None:
    """Multiplies the sum of the string x, z by (-1)^{x·z}, in place.

    The factor is the product of those of the low bits and of the high bits.
    """
    low, high = qubits // 2, qubits - qubits // 2
    table = sums.reshape(-1, 2**high, 2**low, 2**high, 2**low)
    for bits, rows, columns in (
        (high, (2**high, 1), (2**high, 1)),
        (low, (1, 2**low), (1, 2**low)),
    ):
        table *= _parities(bits, sums.dtype.char).reshape(*rows, *columns)


@functools.cache
def _parities(bits: int, dtype: str) -> npt.NDArray[Any]:
    """Returns (-1)^{x·z} for all z and x of so many bits."""
    signs = walsh_hadamard(np.eye(2**bits, dtype=dtype))
    signs.setflags(write=False)
    return signs


def outcome_chances(products: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Returns the exact distribution of Bell outcomes of ρ ⊗ σ.

    Source: derived here. P ⊗ P has the mean tr(P ρ) tr(P σ), and the projector onto an outcome is
    4⁻ⁿ Σ_P e_P P ⊗ P with the signs e_P of :mod:`quantum_advantage.measurements.bell`, so that an
    outcome has the probability 4⁻ⁿ Σ_P e_P tr(P ρ) tr(P σ).

    Args:
        products: (4ⁿ,) tr(P ρ) tr(P σ), the string at the place x + 2ⁿ z.

    Returns:
        (4ⁿ,) probabilities, the outcome (a, b) at the place a + 2ⁿ b.

    Raises:
        UsageError: If there are not 4ⁿ products for an n from 1 to 10.

    Example:
        Two qubits in |0⟩: Φ⁺ and Φ⁻, the outcomes (a, b) = (0, 0) and (1, 0):

        >>> outcome_chances([1.0, 0.0, 1.0, 0.0]).tolist()
        [0.5, 0.5, 0.0, 0.0]
    """
    means = np.asarray(products, dtype=np.float64)
    qubits = qubits_of_numbers(means.size)
    nothing = np.zeros(means.size, dtype=np.int64)
    nothing[0] = 1
    # The signs of the strings on the outcome 0, which are those of the letters Y.
    chances = walsh_hadamard(np.multiply(means, sign_sums(nothing, qubits))) / means.size
    return np.asarray(np.maximum(chances, 0.0))


def square_index(strings: PauliStrings) -> npt.NDArray[np.int64]:
    """Returns the places x + 2ⁿ z of Pauli strings among all 4ⁿ, shape (strings,).

    Bit i of x and of z is that of qubit i; phases do not matter.

    Raises:
        ValueError: If the strings act on more than 12 qubits.

    Example:
        >>> square_index(PauliStrings.from_text(["II", "XI", "ZI", "YY"])).tolist()
        [0, 1, 4, 15]
    """
    check_qubits("strings", strings.qubits, MOST_QUBITS)
    places = strings.x[:, 0] + strings.z[:, 0] * np.uint64(2**strings.qubits)
    return places.astype(np.int64)


def largest_error(strings: int, shots: int, failure: float = 0.05) -> float:
    """Returns the error that no estimate of many exceeds, except with a small probability.

    Source: derived here. By Hoeffding's inequality the mean of T independent signs is off by more
    than ε with probability at most 2 exp(-T ε²/2). For M means of the same shots, however
    correlated, the probabilities add to at most 2M exp(-T ε²/2), which is δ at the error returned.

    Args:
        strings: The number M of estimates, 4ⁿ for all strings.
        shots: The number T of Bell shots.
        failure: The probability δ that an estimate is further off.

    Returns:
        √[2 ln(2M/δ)/T].

    Raises:
        ValueError: If the strings or shots are fewer than one or the failure is not in (0, 1).

    Example:
        >>> round(largest_error(4**6, 4000), 3)
        0.077
    """
    for name, number in (("strings", strings), ("shots", shots)):
        if number < 1:
            raise UsageError(f"{name} must be at least 1, not {number}")
    if not 0 < failure < 1:
        raise UsageError(f"failure must lie strictly between 0 and 1, not {failure}")
    return math.sqrt(2 * (math.log(2 * strings) - math.log(failure)) / shots)
