"""The Pauli strings of the largest squares tr(P ρ)², from Bell records of which not all fit.

All 4ⁿ squares are one Walsh-Hadamard transform (:mod:`~quantum_advantage.inference.bell.spectrum`),
which is computed slice by slice; where only the largest are asked for, no more than one is held.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.core.standard_errors import sign_errors
from quantum_advantage.core.values import whole_number
from quantum_advantage.inference.bell.spectrum import means_of_sums, sums_in_slices
from quantum_advantage.inference.checks import check_qubits, check_record, check_some
from quantum_advantage.measurements.records import BellRecord

Integers = npt.NDArray[np.int64]

# 4¹⁸ strings take four minutes; each qubit more takes four times as long.
MOST_QUBITS = 20


def largest_squares(record: BellRecord, count: int) -> tuple[PauliStrings, npt.NDArray[np.float64]]:
    """Finds the Pauli strings with the largest estimates of tr(P ρ)².

    Memory does not grow with 4ⁿ: some 128 MiB, and what the record and the answer take. Time does.

    Args:
        record: The Bell outcomes of at most 20 pairs.
        count: How many strings; all but the identity, if there are fewer.

    Returns:
        The strings, the largest first, and (strings, 2) the estimates and standard errors that
        :func:`~quantum_advantage.inference.bell.squares.squares` gives. Of equal estimates those
        come first, and are kept, that come first in the order of ``spectrum.square_index``. The
        identity is left out.

    Raises:
        ValueError: If it is not a Bell record, has more than 20 qubits or no shots, or the count is
            less than 1.

    Example:
        >>> import cirq
        >>> from quantum_advantage import measure_bell
        >>> a, b = cirq.LineQubit.range(2)
        >>> pair = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b))
        >>> strings, found = largest_squares(measure_bell(pair, cirq.Simulator(seed=1), 1000), 3)
        >>> strings.text(), found[:, 0].tolist()
        (['XX', 'ZZ', 'YY'], [1.0, 1.0, 1.0])
    """
    check_record(record, BellRecord)
    check_qubits("record", record.qubits, MOST_QUBITS)
    count = whole_number("count", count, 1)
    check_some(record.shots)
    kept = _Largest(min(count, 4**record.qubits - 1))
    for first, sums in sums_in_slices(record):
        if not first:
            sums[0] = -np.inf  # the identity
        kept.offer(sums, first)
    values, places = kept.sorted()
    means_of_sums(values, record.shots, values)
    z, x = (part.astype(np.uint64)[:, None] for part in np.divmod(places, 2**record.qubits))
    strings = PauliStrings(record.qubits, x, z, np.zeros(len(x), dtype=np.uint8))
    return strings, np.stack([values, sign_errors(values, record.shots)], axis=1)


class _Largest:
    """The largest of all numbers offered, of equal ones those of the lowest places."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._values = np.zeros(0)
        self._places = np.zeros(0, dtype=np.int64)
        self._waiting: list[tuple[npt.NDArray[np.float64], Integers]] = []
        self._number = 0
        self._least = -np.inf

    def offer(self, values: npt.NDArray[np.floating], first: int) -> None:
        """Takes numbers that stand behind all places before, from the place ``first`` on."""
        # An equal one further behind is not kept.
        larger = np.flatnonzero(values > self._least)
        if not larger.size:
            return
        self._waiting.append((values[larger].astype(np.float64), larger + first))
        self._number += larger.size
        if self._number >= max(self._count, 2**14):
            self._sort()

    def sorted(self) -> tuple[npt.NDArray[np.float64], Integers]:
        """Returns the numbers kept and their places, the largest first."""
        self._sort()
        return self._values, self._places

    def _sort(self) -> None:
        values, places = zip((self._values, self._places), *self._waiting, strict=True)
        joined, standing = np.concatenate(values), np.concatenate(places)
        # Places rise, so that a stable order keeps equal numbers in theirs.
        order = np.argsort(-joined, kind="stable")[: self._count]
        self._values, self._places = joined[order], standing[order]
        self._waiting, self._number = [], 0
        if order.size == self._count:
            self._least = float(self._values[-1])
