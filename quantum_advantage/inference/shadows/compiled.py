"""Compiled kernels of ``packed`` and ``agreements``; None without numba (the extra ``fast``)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.bits import Words
from quantum_advantage.core.compiling import compiled

Integers = npt.NDArray[np.int64]
Kernel = Callable[[Words, Words, Integers, Integers], Integers]
PairKernel = Callable[[Words, Words, int, Integers], None]

# Words whose hits and signs are kept at once, within the first cache.
WORDS_AT_ONCE = 256


def _count(matches: Words, outcomes: Words, rows: Integers, qubits: Integers) -> Integers:
    """Counts hits and minus signs of strings of one weight, (2, strings); see ``packed``."""
    strings, weight = rows.shape
    across = matches.shape[1]
    counts = np.zeros((2, strings), dtype=np.int64)
    hit = np.empty(WORDS_AT_ONCE, dtype=np.uint64)
    sign = np.empty(WORDS_AT_ONCE, dtype=np.uint64)
    for i in range(strings):
        hits, minus = np.uint64(0), np.uint64(0)
        first, last = rows[i, 0], rows[i, weight - 1]
        a, b = qubits[i, 0], qubits[i, weight - 1]
        if weight == 1:
            for t in range(across):
                m = matches[first, t]
                hits += ones(m)
                minus += ones(m & outcomes[a, t])
        elif weight == 2:
            for t in range(across):
                m = matches[first, t] & matches[last, t]
                hits += ones(m)
                minus += ones(m & (outcomes[a, t] ^ outcomes[b, t]))
        elif weight == 3:
            middle, c = rows[i, 1], qubits[i, 1]
            for t in range(across):
                m = matches[first, t] & matches[middle, t] & matches[last, t]
                hits += ones(m)
                minus += ones(m & (outcomes[a, t] ^ outcomes[b, t] ^ outcomes[c, t]))
        else:
            for start in range(0, across, WORDS_AT_ONCE):
                some = min(WORDS_AT_ONCE, across - start)
                for t in range(some):
                    hit[t] = matches[first, start + t] & matches[last, start + t]
                    sign[t] = outcomes[a, start + t] ^ outcomes[b, start + t]
                for k in range(1, weight - 1):
                    row, qubit = rows[i, k], qubits[i, k]
                    for t in range(some):
                        hit[t] &= matches[row, start + t]
                        sign[t] ^= outcomes[qubit, start + t]
                for t in range(some):
                    hits += ones(hit[t])
                    minus += ones(hit[t] & sign[t])
        counts[0, i], counts[1, i] = hits, minus
    return counts


def _count_pairs(rows: Words, columns: Words, qubits: int, counts: Integers) -> None:
    """Counts pairs of shots by their agreement S at place n + S of ``counts``; see ``agreements``.

    Args:
        rows: (3, shots, words) x bits and z bits of the bases, and outcomes, of one record.
        columns: (3, words, shots) those of the other.
        qubits: The number n of qubits.
        counts: (2n + 1,) what is counted up.
    """
    shots, width = rows.shape[1:]
    across = columns.shape[2]
    places = np.empty(across, dtype=np.int64)
    for t in range(shots):
        # Unused bits of the words are equal in all shots, and so agree.
        places[:] = 2 * qubits - 64 * width
        for j in range(width):
            x, z, bits = rows[0, t, j], rows[1, t, j], rows[2, t, j]
            for k in range(across):
                same = ~((x ^ columns[0, j, k]) | (z ^ columns[1, j, k]))
                other = same & (bits ^ columns[2, j, k])
                places[k] += np.int64(ones(same)) - 2 * np.int64(ones(other))
        for k in range(across):
            counts[places[k]] += 1


count_compiled: Kernel | None = None
pairs_compiled: PairKernel | None = None
try:
    from numba import types
    from numba.extending import intrinsic
except ImportError:
    pass
else:

    @intrinsic
    def ones(typingctx, word):  # type: ignore[no-untyped-def]
        """The machine's count of ones."""

        def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            return builder.ctpop(arguments[0])

        return types.uint64(types.uint64), generate

    count_compiled = compiled(_count)
    pairs_compiled = compiled(_count_pairs)
