"""The Walsh-Hadamard transform in steps that numba compiles (the extra ``fast``).

A level of a transform replaces the numbers a, b at places that differ in one bit by a + b, a - b.
Levels of low bits run in a piece of the first cache, the next ones in a piece of the second. Those
of high bits run in a tile that gathers a few columns of all rows, eight levels for each way through
memory.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]
Step = TypeVar("Step", bound=Callable[..., None])

# Bits of a piece of the first cache and of the second, in the largest type; levels of a tile, its
# numbers, and its columns in the second cache.
FIRST, SECOND, AT_ONCE = 11, 16, 8
TILE, COLUMNS = 4096, 64


try:
    from numba import njit
except ImportError:
    AVAILABLE = False

    def _compiled(function: Step) -> Step:
        return function
else:
    AVAILABLE = True
    _compiled = njit(cache=True, nogil=True)


@_compiled
def levels(values: Floats, first: int, last: int) -> None:
    """Runs the levels of the bits from ``first`` to ``last - 1``."""
    for level in range(first, last):
        half = 1 << level
        for start in range(0, values.size, 2 * half):
            upper = values[start : start + half]
            lower = values[start + half : start + 2 * half]
            for k in range(half):
                a, b = upper[k], lower[k]
                upper[k] = a + b
                lower[k] = a - b


@_compiled
def eights(values: Floats) -> None:
    """Runs the first three levels."""
    for start in range(0, values.size, 8):
        v = values[start : start + 8]
        a0, a1, a2, a3 = v[0] + v[1], v[0] - v[1], v[2] + v[3], v[2] - v[3]
        a4, a5, a6, a7 = v[4] + v[5], v[4] - v[5], v[6] + v[7], v[6] - v[7]
        b0, b1, b2, b3 = a0 + a2, a1 + a3, a0 - a2, a1 - a3
        b4, b5, b6, b7 = a4 + a6, a5 + a7, a4 - a6, a5 - a7
        v[0], v[1], v[2], v[3] = b0 + b4, b1 + b5, b2 + b6, b3 + b7
        v[4], v[5], v[6], v[7] = b0 - b4, b1 - b5, b2 - b6, b3 - b7


@_compiled
def copy(source: Floats, target: Floats) -> None:
    """Copies one array into another."""
    for k in range(source.size):
        target[k] = source[k]


@_compiled
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


@_compiled
def pieces(source: Floats, target: Floats, bits: int, tile: Floats) -> None:
    """Transforms pieces of 2^bits numbers, ``bits`` at most ``SECOND``, into another place."""
    low = min(bits, FIRST)
    for piece in range(0, source.size, 1 << bits):
        for start in range(piece, piece + (1 << bits), 1 << low):
            small = target[start : start + (1 << low)]
            copy(source[start : start + (1 << low)], small)
            if low >= 3:
                eights(small)
                levels(small, 3, low)
            else:
                levels(small, 0, low)
        if bits > low:
            whole = target[piece : piece + (1 << bits)]
            columns(whole, low, bits - low, 0, 1 << low, tile[: COLUMNS << (bits - low)])
