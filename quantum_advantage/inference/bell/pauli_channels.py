"""What Bell pairs say about a Pauli channel that acted on one half of each.

The outcome (a, b) of a pair is the letter Z^a X^b that acted on its system (see
:mod:`quantum_advantage.measurements.bell`): without noise every shot is one error string E, drawn
at its rate p_E. The sign (-1)^⟨R,E⟩ = (-1)^{x·a + z·b} of a string R with the bits x and z has the
mean λ_R = Σ_E p_E (-1)^⟨R,E⟩, the eigenvalue of R, and the variance (1 - λ_R²)/T after T shots; all
4ⁿ eigenvalues come from the same shots, each of which is one use of the channel (Chen, Zhou, Seif
and Jiang, arXiv 2108.08488). On a noisy processor these are the error rates and the eigenvalues of
preparation, channel and measurement together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import numpy.typing as npt
from scipy import special

from quantum_advantage.core.bits import count_ones
from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import open_interval, whole_number
from quantum_advantage.core.walsh_hadamard import walsh_hadamard
from quantum_advantage.inference.bell.spectrum import outcome_counts
from quantum_advantage.inference.bell.squares import Strings, read_strings
from quantum_advantage.inference.checks import check_record, check_some
from quantum_advantage.measurements.records import BellRecord

Floats = npt.NDArray[np.float64]

# Signs of strings that are in memory at once.
_SIGNS_AT_ONCE = 1 << 22


@dataclass(frozen=True, eq=False)
class Estimates:
    """Estimates of many eigenvalues or error rates, with intervals that hold for all at once.

    Attributes:
        strings: The Pauli strings.
        values: (strings,) the estimates, without bias.
        low: (strings,) the lower ends of their intervals.
        high: (strings,) the upper ends.

    Example:
        >>> strings = PauliStrings.from_text(["XI", "ZZ"])
        >>> found = Estimates(strings, np.array([0.9, 0.1]), np.zeros(2), np.ones(2))
        >>> found[found.values > 0.5].strings.text()
        ['XI']
    """

    strings: PauliStrings
    values: Floats
    low: Floats
    high: Floats

    def __getitem__(self, chosen: npt.NDArray[np.generic]) -> Estimates:
        """Returns some of the estimates, by a mask or by their places; the intervals stay."""
        return Estimates(
            self.strings[chosen], self.values[chosen], self.low[chosen], self.high[chosen]
        )


def all_error_rates(record: BellRecord) -> Floats:
    """Estimates all 4ⁿ error rates of a Pauli channel: how often each error came.

    Args:
        record: The outcomes of at most 12 pairs.

    Returns:
        (4ⁿ,) the rates, the error with the x bits x and the z bits z at the place x + 2ⁿ z as in
        :func:`~quantum_advantage.inference.bell.spectrum.square_index`.

    Raises:
        UsageError: If it is not a Bell record, or has more than 12 qubits or no shots.

    Example:
        One pair; Z acted in one of four shots, X in another:

        >>> from quantum_advantage.core.bits import pack_bits
        >>> a, b = pack_bits([[1], [0], [0], [0]]), pack_bits([[0], [1], [0], [0]])
        >>> all_error_rates(BellRecord(1, a, b)).tolist()  # I, X, Z, Y
        [0.5, 0.25, 0.25, 0.0]
    """
    side = 2**record.qubits if isinstance(record, BellRecord) else 1
    # The outcome (a, b) is the error with the x bits b and the z bits a.
    counts = outcome_counts(record).reshape(side, side).T
    return np.asarray(counts.ravel() / record.shots)


def all_eigenvalues(record: BellRecord) -> Floats:
    """Estimates all 4ⁿ eigenvalues of a Pauli channel by one Walsh-Hadamard transform.

    Args:
        record: The outcomes of at most 12 pairs.

    Returns:
        (4ⁿ,) the eigenvalues, the string with the x bits x and the z bits z at the place x + 2ⁿ z;
        their standard errors are ``standard_errors.sign_errors`` of them and T.

    Raises:
        UsageError: If it is not a Bell record, or has more than 12 qubits or no shots.

    Example:
        >>> from quantum_advantage.core.bits import pack_bits
        >>> a, b = pack_bits([[1], [0], [0], [0]]), pack_bits([[0], [1], [0], [0]])
        >>> all_eigenvalues(BellRecord(1, a, b)).tolist()  # I, X, Z, Y
        [1.0, 0.5, 0.5, 0.0]
    """
    sums = walsh_hadamard(outcome_counts(record))
    return np.asarray(sums / record.shots)


def rates_of_eigenvalues(eigenvalues: npt.ArrayLike) -> Floats:
    """Returns the error rates of a Pauli channel from its 4ⁿ eigenvalues, exactly.

    Source: derived here. λ_R = Σ_E p_E (-1)^⟨R,E⟩ is a Walsh-Hadamard transform, whose inverse is
    itself up to 4ⁿ; ⟨R, E⟩ pairs the x bits of one string with the z bits of the other.

    Args:
        eigenvalues: (4ⁿ,) in the order of :func:`all_eigenvalues`.

    Returns:
        (4ⁿ,) error rates in the order of :func:`all_error_rates`; estimates may leave some below 0.

    Raises:
        UsageError: If there are not 4ⁿ of them.

    Example:
        >>> rates_of_eigenvalues([1.0, 0.5, 0.5, 0.0]).tolist()
        [0.5, 0.25, 0.25, 0.0]
    """
    values = np.asarray(eigenvalues, dtype=np.float64)
    side = 2 ** ((values.size.bit_length() - 1) // 2)
    if values.ndim != 1 or side**2 != values.size:
        raise UsageError(f"eigenvalues must be 4^n numbers, not of shape {values.shape}")
    return np.asarray(walsh_hadamard(values).reshape(side, side).T.ravel() / values.size)


def eigenvalues(record: BellRecord, strings: Strings, failure: float = 0.05) -> Estimates:
    """Estimates some eigenvalues of a Pauli channel on any number of qubits.

    Each interval is that of Clopper and Pearson for the share of flipped signs at the level
    1 - failure/M, so that with the probability 1 - failure all M intervals hold the eigenvalues,
    however correlated the estimates are.

    Args:
        record: The outcomes.
        strings: The Pauli strings, for example :func:`low_weight_strings`.
        failure: The probability that any of the intervals misses.

    Raises:
        ValueError: If it is not a Bell record or has no shots, the strings act on another number
            of qubits, or the failure does not lie in (0, 1).

    Example:
        >>> from quantum_advantage.core.bits import pack_bits
        >>> a = pack_bits(np.eye(2, dtype=int)[np.arange(400) % 2])  # ZI and IZ in turn
        >>> found = eigenvalues(BellRecord(2, a, 0 * a), ["XI", "XX", "ZZ"])
        >>> found.values.tolist()
        [0.0, -1.0, 1.0]
        >>> found.low.round(2).tolist()
        [-0.12, -1.0, 0.98]
    """
    check_record(record, BellRecord)
    check_some(record.shots)
    read = read_strings(strings, record.qubits)
    flipped = np.zeros(len(read), dtype=np.int64)
    for part in _parts(len(read), record.shots):
        x, z = read.x[part, None], read.z[part, None]
        ones = count_ones(x & record.system) + count_ones(z & record.memory)
        flipped[part] = (ones & 1).sum(axis=1)
    share = open_interval("failure", failure, 0, 1) / max(len(read), 1)
    low, high = _intervals(flipped, record.shots, share)
    values = 1 - 2 * flipped / record.shots
    return Estimates(read, values, 1 - 2 * high, 1 - 2 * low)


def observed_error_rates(record: BellRecord, failure: float = 0.05) -> Estimates:
    """Estimates the rates of all errors that came, of a channel with few of them on many qubits.

    The intervals hold for all 4ⁿ strings at once: an observed rate has that of Clopper and Pearson
    at the level 1 - failure/4ⁿ. The rate of an error that never came is at most
    :func:`largest_unseen_rate`, likewise.

    Args:
        record: The outcomes.
        failure: The probability that any of the intervals misses.

    Returns:
        The estimates, the most frequent error first.

    Raises:
        ValueError: If it is not a Bell record or has no shots, or the failure is not in (0, 1).

    Example:
        >>> from quantum_advantage.core.bits import pack_bits
        >>> a = pack_bits([[0, 0], [0, 0], [1, 0]])
        >>> found = observed_error_rates(BellRecord(2, a, 0 * a))
        >>> found.strings.text(), found.values.round(2).tolist()
        (['II', 'ZI'], [0.67, 0.33])
    """
    check_record(record, BellRecord)
    check_some(record.shots)
    rows = np.concatenate([record.memory, record.system], axis=1)
    found, counts = np.unique(rows, axis=0, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    words = record.memory.shape[1]
    x, z = found[order, :words], found[order, words:]
    strings = PauliStrings(record.qubits, x, z, np.zeros(len(x), dtype=np.uint8))
    share = open_interval("failure", failure, 0, 1) * 0.25**record.qubits
    low, high = _intervals(counts[order], record.shots, share)
    return Estimates(strings, counts[order] / record.shots, low, high)


def largest_unseen_rate(record: BellRecord, failure: float = 0.05) -> float:
    """Returns a rate that no error exceeds which never came, for all 4ⁿ strings at once.

    Source: derived here. An error of the rate p never comes in T shots with (1 - p)^T; for 4ⁿ
    strings these probabilities add to at most the failure where p is what is returned.

    Args:
        record: The outcomes.
        failure: The probability that one of them is more frequent all the same.

    Raises:
        ValueError: If the failure does not lie in (0, 1).

    Example:
        >>> from quantum_advantage.core.bits import pack_bits
        >>> nothing = pack_bits(np.zeros((1000, 20), dtype=int))
        >>> round(largest_unseen_rate(BellRecord(20, nothing, nothing)), 3)
        0.03
    """
    check_record(record, BellRecord)
    if not record.shots:
        return 1.0
    logarithm = np.log(open_interval("failure", failure, 0, 1)) - record.qubits * np.log(4)
    return float(-np.expm1(logarithm / record.shots))


def low_weight_strings(qubits: int, weight: int) -> PauliStrings:
    """Returns all Pauli strings of a weight from 1 to the given one.

    Args:
        qubits: The number n of qubits.
        weight: The largest weight.

    Raises:
        UsageError: If the weight is below 1 or above n.

    Example:
        >>> low_weight_strings(2, 1).text()
        ['XI', 'YI', 'ZI', 'IX', 'IY', 'IZ']
        >>> len(low_weight_strings(50, 2))
        11175
    """
    weight = whole_number("weight", weight)
    if not 1 <= weight <= qubits:
        raise UsageError(f"weight must lie between 1 and {qubits}, not {weight}")
    rows = []
    for w in range(1, weight + 1):
        places = np.array(list(combinations(range(qubits), w)))
        letters = np.array(list(product((1, 2, 3), repeat=w)), dtype=np.uint8)
        row = np.zeros((len(places), len(letters), qubits), dtype=np.uint8)
        where = np.arange(len(places))[:, None, None], np.arange(len(letters))[:, None]
        row[where[0], where[1], places[:, None]] = letters
        rows.append(row.reshape(-1, qubits))
    return PauliStrings.from_letters(np.concatenate(rows))


def _parts(strings: int, shots: int) -> Iterator[slice]:
    step = max(1, _SIGNS_AT_ONCE // shots)
    return (slice(start, start + step) for start in range(0, strings, step))


def _intervals(counts: npt.NDArray[np.int64], shots: int, failure: float) -> tuple[Floats, Floats]:
    """Returns the Clopper-Pearson intervals of many shares at the level 1 - failure."""
    k = counts.astype(float)
    with np.errstate(invalid="ignore"):
        low = np.where(counts == 0, 0.0, special.betaincinv(k, shots - k + 1, failure / 2))
        high = np.where(counts == shots, 1.0, special.betainccinv(k + 1, shots - k, failure / 2))
    return low, high
