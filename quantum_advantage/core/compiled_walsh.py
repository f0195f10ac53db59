"""The Walsh-Hadamard transform in steps that numba compiles (the extra ``fast``).

A level of a transform replaces the numbers a, b at places that differ in one bit by a + b, a - b.
Levels of low bits run in a piece of the first cache, the next ones in a piece of the second. Those
of high bits run in a tile that gathers some columns of all rows, six levels for each way through
memory. Most levels run three at a time, so that a number is read and written once for three sums.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from quantum_advantage.core import compiling
from quantum_advantage.core.compiling import compiled

Floats = npt.NDArray[np.floating]

AVAILABLE = compiling.AVAILABLE
# Bits of a piece of the first cache, and most bits of one of the second; levels of a tile.
FIRST, SECOND, AT_ONCE = 12, 18, 6
TILE = 2**FIRST


def _three_levels(half: int) -> Callable[[Floats], None]:
    """Returns what runs the levels of three bits, the first of them that of the number ``half``.

    Compiled, the number is a constant. Then it is known that the eight rows do not overlap, and the
    loop over the columns becomes vector instructions.
    """

    @compiled
    def run(values: Floats) -> None:
        for start in range(0, values.size, 8 * half):
            v = values[start : start + 8 * half]
            for k in range(half):
                a0, a1, a2, a3 = v[k], v[k + half], v[k + 2 * half], v[k + 3 * half]
                a4, a5, a6, a7 = v[k + 4 * half], v[k + 5 * half], v[k + 6 * half], v[k + 7 * half]
                b0, b1, b2, b3 = a0 + a1, a0 - a1, a2 + a3, a2 - a3
                b4, b5, b6, b7 = a4 + a5, a4 - a5, a6 + a7, a6 - a7
                a0, a1, a2, a3 = b0 + b2, b1 + b3, b0 - b2, b1 - b3
                a4, a5, a6, a7 = b4 + b6, b5 + b7, b4 - b6, b5 - b7
                v[k], v[k + half], v[k + 2 * half], v[k + 3 * half] = (
                    a0 + a4,
                    a1 + a5,
                    a2 + a6,
                    a3 + a7,
                )
                v[k + 4 * half], v[k + 5 * half] = a0 - a4, a1 - a5
                v[k + 6 * half], v[k + 7 * half] = a2 - a6, a3 - a7

    return run


levels_3_to_5, levels_6_to_8, levels_9_to_11, levels_12_to_14, levels_15_to_17 = (
    _three_levels(2**first) for first in range(3, 18, 3)
)


@compiled
def two_levels(values: Floats, first: int) -> None:
    """Runs the levels of the bits ``first`` and ``first + 1``."""
    half = 1 << first
    for start in range(0, values.size, 4 * half):
        a, b = values[start : start + half], values[start + half : start + 2 * half]
        c, d = (
            values[start + 2 * half : start + 3 * half],
            values[start + 3 * half : start + 4 * half],
        )
        for k in range(half):
            p, q, r, s = a[k] + b[k], a[k] - b[k], c[k] + d[k], c[k] - d[k]
            a[k], b[k], c[k], d[k] = p + r, q + s, p - r, q - s


@compiled
def one_level(values: Floats, bit: int) -> None:
    """Runs the level of one bit."""
    half = 1 << bit
    for start in range(0, values.size, 2 * half):
        upper, lower = values[start : start + half], values[start + half : start + 2 * half]
        for k in range(half):
            a, b = upper[k], lower[k]
            upper[k], lower[k] = a + b, a - b


@compiled
def levels(values: Floats, first: int, last: int) -> None:
    """Runs the levels of the bits from ``first`` to ``last - 1``."""
    bit = first
    while bit < last:
        three = bit + 3 <= last
        if three and bit == 3:
            levels_3_to_5(values)
            bit += 3
        elif three and bit == 6:
            levels_6_to_8(values)
            bit += 3
        elif three and bit == 9:
            levels_9_to_11(values)
            bit += 3
        elif three and bit == 12:
            levels_12_to_14(values)
            bit += 3
        elif three and bit == 15:
            levels_15_to_17(values)
            bit += 3
        elif bit % 3 < 2 and bit + 2 <= last:
            two_levels(values, bit)
            bit += 2
        else:
            one_level(values, bit)
            bit += 1


@compiled
def begin(source: Floats, target: Floats) -> None:
    """Runs the first three levels, from one place to another."""
    for eight in range(source.size // 8):
        k = 8 * eight
        a0, a1, a2, a3 = source[k], source[k + 1], source[k + 2], source[k + 3]
        a4, a5, a6, a7 = source[k + 4], source[k + 5], source[k + 6], source[k + 7]
        b0, b1, b2, b3 = a0 + a1, a0 - a1, a2 + a3, a2 - a3
        b4, b5, b6, b7 = a4 + a5, a4 - a5, a6 + a7, a6 - a7
        a0, a1, a2, a3 = b0 + b2, b1 + b3, b0 - b2, b1 - b3
        a4, a5, a6, a7 = b4 + b6, b5 + b7, b4 - b6, b5 - b7
        target[k], target[k + 1], target[k + 2], target[k + 3] = a0 + a4, a1 + a5, a2 + a6, a3 + a7
        target[k + 4], target[k + 5] = a0 - a4, a1 - a5
        target[k + 6], target[k + 7] = a2 - a6, a3 - a7


@compiled
def begin_second(source: Floats, target: Floats) -> None:
    """Runs the second and the third level, from one place to another."""
    for eight in range(source.size // 8):
        k = 8 * eight
        a0, a1, a2, a3 = source[k], source[k + 1], source[k + 2], source[k + 3]
        a4, a5, a6, a7 = source[k + 4], source[k + 5], source[k + 6], source[k + 7]
        b0, b1, b2, b3 = a0 + a2, a1 + a3, a0 - a2, a1 - a3
        b4, b5, b6, b7 = a4 + a6, a5 + a7, a4 - a6, a5 - a7
        target[k], target[k + 1], target[k + 2], target[k + 3] = b0 + b4, b1 + b5, b2 + b6, b3 + b7
        target[k + 4], target[k + 5] = b0 - b4, b1 - b5
        target[k + 6], target[k + 7] = b2 - b6, b3 - b7


@compiled
def copy(source: Floats, target: Floats) -> None:
    """Copies one array into another."""
    for k in range(source.size):
        target[k] = source[k]


@compiled
def columns(values: Floats, level: int, bits: int, first: int, last: int, tile: Floats) -> None:
    """Runs ``bits`` levels from ``level`` on, of the columns from ``first`` to ``last - 1``.

    Args:
        values: (2^(level + bits),) rows of 2^level columns.
        level: The bit of the first of these levels.
        bits: How many levels.
        first: The first column, a multiple of those of a tile.
        last: The column behind the last.
        tile: Space for all rows of some columns.
    """
    rows = 1 << bits
    width = tile.size >> bits
    own = 0
    while 1 << own < width:
        own += 1
    for column in range(first, last, width):
        for row in range(rows):
            place = (row << level) + column
            copy(values[place : place + width], tile[row * width : (row + 1) * width])
        levels(tile, own, own + bits)
        for row in range(rows):
            place = (row << level) + column
            copy(tile[row * width : (row + 1) * width], values[place : place + width])


@compiled
def pieces(source: Floats, target: Floats, first: int, last: int) -> None:
    """Runs the levels from ``first`` to ``last - 1`` of pieces, into the same or another place.

    Args:
        source: Whole pieces of 2^last numbers.
        target: Where the transform goes.
        first: The bit of the first level, 0 or 1.
        last: The bit behind the last level, from 3 to ``SECOND``.
    """
    small = min(last, FIRST)
    whole = max(1 << last, TILE)
    for piece in range(0, source.size, whole):
        end = min(piece + whole, source.size)
        for start in range(piece, end, TILE):
            some = target[start : min(start + TILE, end)]
            if first == 0:
                begin(source[start : min(start + TILE, end)], some)
            else:
                begin_second(source[start : min(start + TILE, end)], some)
            levels(some, 3, small)
        if last > small:
            levels(target[piece:end], small, last)
