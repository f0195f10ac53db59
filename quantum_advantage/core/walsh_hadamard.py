"""The Walsh-Hadamard transform: H on every qubit of a vector, and sums over all subsets."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.usage import UsageError

# Bits that one matrix product transforms; 2⁵ rows keep the product within the cache.
BITS_AT_ONCE = 5


@functools.cache
def _signs(bits: int, dtype: str) -> npt.NDArray[Any]:
    matrix = np.ones((1, 1), dtype=dtype)
    for _ in range(bits):
        matrix = np.block([[matrix, matrix], [matrix, -matrix]])
    matrix.setflags(write=False)
    return matrix


def walsh_hadamard(values: npt.ArrayLike) -> npt.NDArray[Any]:
    """Returns Σ_j (-1)^{j·k} v_j for every k, where j·k is the parity of the common bits.

    Five bits at a time are transformed by one product with the matrix of signs. The result
    is transposed, which moves these bits to the other end. After all bits the order is the original
    one again, without extra copies.

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
    array = np.asarray(values)
    if array.dtype.kind not in "fc":
        array = array.astype(np.float64)
    size = array.shape[-1] if array.ndim else 0
    if size < 1 or size & (size - 1):
        raise UsageError(f"values must have a power of two along the last axis, not {size}")
    if array.dtype.kind == "c":
        planes = np.stack([array.real, array.imag])
        real, imaginary = walsh_hadamard(planes)
        out = np.empty(array.shape, dtype=array.dtype)
        out.real, out.imag = real, imaginary
        return out
    left = size.bit_length() - 1
    # (2ⁿ, ...): the bits that are still to be transformed stand in front.
    work = np.ascontiguousarray(array.reshape(-1, size).T)
    while left:
        bits = min(left, BITS_AT_ONCE)
        work = work.reshape(2**bits, -1).T @ _signs(bits, array.dtype.str)
        left -= bits
    return work.reshape(array.shape)
