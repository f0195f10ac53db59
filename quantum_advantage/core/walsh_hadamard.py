"""The Walsh-Hadamard transform: H on every qubit of a vector, and sums over all subsets.

Large vectors are transformed in two ways through memory: pieces that fit a cache, one by one, and
then the high bits of a few columns at a time. With numba (the extra ``fast``) both are compiled,
and large vectors are shared by two threads. Without it some bits at a time are one product with a
matrix of signs. Both orders of the sums are fixed, and differ by rounding.
"""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt

from quantum_advantage.core import compiled_walsh
from quantum_advantage.core.usage import UsageError

Floats = npt.NDArray[np.floating]

# Bits that one matrix product transforms, and bits of a piece that stays in the cache.
BITS_AT_ONCE, BITS_IN_CACHE = 4, 15
# From so many numbers on the compiled transform has two threads.
SHARED = 2**24


def walsh_hadamard(values: npt.ArrayLike) -> npt.NDArray[Any]:
    """Returns Σ_j (-1)^{j·k} v_j for every k, where j·k is the parity of the common bits.

    Args:
        values: (..., 2ⁿ) real or complex floating-point numbers; others become float64.

    Returns:
        (..., 2ⁿ) in the same precision, not normalised: applied twice it multiplies by 2ⁿ.

    Raises:
        UsageError: If the length of the last axis is not a power of two.

    Example:
        >>> walsh_hadamard([1, 0, 0, 0]).tolist()
        [1.0, 1.0, 1.0, 1.0]
        >>> walsh_hadamard([0, 1, 0, 0]).tolist()
        [1.0, -1.0, 1.0, -1.0]
    """
    given = np.asarray(values)
    numbers = given if given.dtype.kind in "fc" else given.astype(np.float64)
    bits = _bits(numbers)
    source = np.ascontiguousarray(numbers).reshape(-1)
    target = np.empty_like(source) if np.may_share_memory(source, given) else source
    _transform(source, target, bits)
    return target.reshape(given.shape)


def transform_in_place(values: npt.NDArray[Any]) -> None:
    """Replaces numbers by their transform, without memory for a second array.

    Args:
        values: (..., 2ⁿ) real or complex floating-point numbers, in C order.

    Raises:
        UsageError: If the length of the last axis is not a power of two, or they are no
            floating-point numbers in C order.

    Example:
        >>> values = np.array([0.0, 1.0])
        >>> transform_in_place(values)
        >>> values.tolist()
        [1.0, -1.0]
    """
    bits = _bits(values)
    if values.dtype.kind not in "fc" or not values.flags.c_contiguous:
        raise UsageError(
            f"values must be floating-point numbers in C order, not {values.dtype} with strides "
            f"{values.strides}"
        )
    flat = values.reshape(-1)
    _transform(flat, flat, bits)


def _bits(values: npt.NDArray[Any]) -> int:
    size = values.shape[-1] if values.ndim else 0
    if size < 1 or size & (size - 1):
        raise UsageError(f"values must have a power of two along the last axis, not {size}")
    return size.bit_length() - 1


def _transform(source: npt.NDArray[Any], target: npt.NDArray[Any], bits: int) -> None:
    """Transforms rows of 2^bits numbers side by side, into the same or another place."""
    planes = 1 if source.dtype.kind == "c" else 0
    known = source.dtype.char in "fdFD" and source.dtype.isnative
    if compiled_walsh.AVAILABLE and known and bits + planes >= 3:
        # Real and imaginary parts take turns, so that the bits of the places move up by one.
        real = source.dtype.char.lower()
        _compiled(source.view(real), target.view(real), planes, planes + bits)
    elif not planes:
        _by_products(source, target, bits)
    elif source.size < 2**BITS_IN_CACHE:
        both = np.concatenate([source.real, source.imag])
        _by_products(both, both, bits)
        target.real, target.imag = both.reshape(2, -1)
    else:
        _by_products(source.real, target.real, bits)
        _by_products(source.imag, target.imag, bits)


# With numpy alone.


@functools.cache
def _signs(bits: int, dtype: str) -> npt.NDArray[Any]:
    matrix = np.ones((1, 1), dtype=dtype)
    for _ in range(bits):
        matrix = np.block([[matrix, matrix], [matrix, -matrix]])
    matrix.setflags(write=False)
    return matrix


def _by_products(source: Floats, target: Floats, bits: int) -> None:
    """Transforms rows of 2^bits numbers side by side."""
    inner = min(bits, BITS_IN_CACHE)
    at_once = min(source.size, 2**BITS_IN_CACHE)
    spaces = [np.empty(at_once, dtype=source.dtype) for _ in range(2)]
    for start in range(0, source.size, at_once or 1):
        some_rows = source[start : start + at_once]
        own = [space[: some_rows.size] for space in spaces]
        own[0][:] = some_rows
        target[start : start + at_once] = _multiplied(own, inner, 1)
    while inner < bits:
        some = min(bits - inner, BITS_IN_CACHE - BITS_AT_ONCE)
        table = target.reshape(-1, 2**some, 2**inner)
        width = 2 ** (BITS_IN_CACHE - some)
        for rows in table:
            for start in range(0, 2**inner, width):
                few = rows[:, start : start + width]
                spaces[0][:] = few.reshape(-1)
                few[:] = _multiplied(spaces, some, width).reshape(few.shape)
        inner += some


def _multiplied(spaces: Sequence[Floats], bits: int, width: int) -> Floats:
    """Transforms the first space along an axis of 2^bits, behind which ``width`` numbers lie."""
    here, there = spaces
    while bits:
        some = min(bits, BITS_AT_ONCE)
        signs = _signs(some, here.dtype.str)
        if width == 1:
            np.matmul(here.reshape(-1, 2**some), signs, out=there.reshape(-1, 2**some))
        else:
            shape = -1, 2**some, width
            np.matmul(signs, here.reshape(shape), out=there.reshape(shape))
        here, there = there, here
        width *= 2**some
        bits -= some
    return here


# With numba.


def _compiled(source: Floats, target: Floats, first: int, last: int) -> None:
    """Runs the levels from ``first`` to ``last - 1``, by two threads if the numbers are many."""
    most, step = compiled_walsh.SECOND, compiled_walsh.AT_ONCE
    inner = last - step * max(0, -(-(last - most) // step))
    threads = min(2, os.cpu_count() or 1) if source.size >= SHARED else 1
    tiles = [np.empty(compiled_walsh.TILE, dtype=source.dtype) for _ in range(threads)]

    def piece(start: int, end: int, _: Floats) -> None:
        compiled_walsh.pieces(source[start:end], target[start:end], first, inner)

    with contextlib.ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(threads)) if threads > 1 else None
        _share(pool, piece, source.size, max(2**inner, compiled_walsh.TILE), tiles)
        for level in range(inner, last, step):
            for rows in target.reshape(-1, 2 ** (level + step)):
                column = functools.partial(compiled_walsh.columns, rows, level, step)
                _share(pool, column, 2**level, compiled_walsh.TILE >> step, tiles)


def _share(
    pool: ThreadPoolExecutor | None,
    work: Callable[[int, int, Floats], object],
    total: int,
    unit: int,
    tiles: Sequence[Floats],
) -> None:
    """Runs work from 0 to ``total``, in parts of whole units, one for each tile."""
    if pool is None:
        work(0, total, tiles[0])
        return
    count = len(tiles)
    ends = [total // unit * part // count * unit for part in range(count)] + [total]
    list(pool.map(work, ends[:-1], ends[1:], tiles))
