"""Whether records that are to be joined hold the same settings twice.

Joined with itself, or with a slice of itself, a record would state errors that are too small by √2
or more. Two records of one seed have the same random bases, and their settings are not independent
either, whatever the outcomes.

The chance in honest data (derived here). Let every setting be drawn independently, and let two of
them be equal with a chance of at most q: 3⁻ⁿ for the bases of random Pauli measurements of n
qubits. Then k settings in a row of one record equal k in a row of another, at given places, with a
chance of at most qᵏ, and N settings in all offer fewer than N²/2 pairs of places. Records are
refused for runs of k settings with N² qᵏ/2 at most LEAST_CHANCE. Shorter records, as of a few shots
of a few qubits, may agree by chance, and are refused only if they are the same arrays.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.usage import UsageError

Words = npt.NDArray[np.uint64]

# Honest records are refused no more often than this.
LEAST_CHANCE = 1e-9
_ODD = np.uint64(0x9E3779B97F4A7C15)
_MULTIPLIER = np.uint64(0xBF58476D1CE4E5B9)


def refuse_twice(
    arrays: Sequence[Words], settings: Sequence[Words], chance: float, what: str
) -> None:
    """Refuses records of which two hold the same run of settings.

    Args:
        arrays: An array of each record, (...) of any shape, whose memory no other record may share.
        settings: For each record (settings, words), all that identifies its settings.
        chance: At most the chance that two settings of honest records are equal, below 1.
        what: What agrees, for messages.

    Raises:
        UsageError: If two records are the same arrays, or share a run that honest ones do not.

    Example:
        >>> bases = np.arange(100, dtype=np.uint64)[:, None]
        >>> refuse_twice([bases, bases.copy()], [bases, bases], 1 / 3, "bases")
        Traceback (most recent call last):
        quantum_advantage.core.usage.UsageError: records 0 and 1 have the same bases ...
    """
    for i, one in enumerate(arrays):
        for j in range(i):
            if np.shares_memory(one, arrays[j]):
                raise _twice(j, i, 1, what)
    rows = np.concatenate([np.ascontiguousarray(part) for part in settings])
    total = len(rows)
    length = _length(total, chance)
    hashes = _row_hashes(rows)
    windows, owners, starts = [], [], []
    begin = 0
    for number, part in enumerate(settings):
        places = np.arange(begin, begin + max(0, len(part) - length + 1))
        windows.append(_window_hashes(hashes[begin : begin + len(part)], length))
        owners.append(np.full(places.size, number))
        starts.append(places)
        begin += len(part)
    window, owner, start = (np.concatenate(parts) for parts in (windows, owners, starts))
    order = np.lexsort((owner, window))
    window, owner, start = window[order], owner[order], start[order]
    alike = np.flatnonzero((window[1:] == window[:-1]) & (owner[1:] != owner[:-1]))
    for k in alike.tolist():
        first, second = (slice(s, s + length) for s in (int(start[k]), int(start[k + 1])))
        # Hashes may be equal by accident.
        if (rows[first] == rows[second]).all():
            raise _twice(int(owner[k]), int(owner[k + 1]), length, what)


def _length(total: int, chance: float) -> int:
    """Returns the shortest run that honest records share with a chance below LEAST_CHANCE."""
    if total < 2 or chance == 0:
        return 1
    return max(1, math.ceil(math.log(2 * LEAST_CHANCE / total**2) / math.log(chance)))


def _twice(one: int, other: int, length: int, what: str) -> UsageError:
    return UsageError(
        f"records {one} and {other} have the same {what} in {length} or more settings in a row: "
        "one record, a part of it, or one seed taken twice, which would count twice; if they are "
        "separate measurements all the same, say independent=True"
    )


def _row_hashes(rows: Words) -> Words:
    found = np.zeros(len(rows), dtype=np.uint64)
    for column in rows.T:
        found = (found ^ column) * _MULTIPLIER + _ODD
        found ^= found >> np.uint64(31)
    return found


def _window_hashes(hashes: Words, length: int) -> Words:
    count = max(0, len(hashes) - length + 1)
    found = np.zeros(count, dtype=np.uint64)
    for i in range(length if count else 0):
        found = found * _ODD + hashes[i : i + count]
    return found
