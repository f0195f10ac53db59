"""One Bell shot of two large state vectors, in steps that numba compiles (the extra ``fast``).

Register a is measured qubit by qubit. H on the first qubit of a vector of two halves g and h leaves
g + h and g - h, up to a factor: their squared norms are the weights of its outcomes, and the half
that was found is the vector of the qubits that are left. Real and imaginary parts are alike to H,
so a vector of m amplitudes is one of 2m real numbers here.

Sums have a fixed order and no step fuses a product with a sum, so every processor finds the same
weights for the same amplitudes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.compiling import compiled

Complexes = npt.NDArray[np.complex64]
Floats = npt.NDArray[np.float32]

# Numbers in the first cache, and sums side by side: as many as fill the registers.
CHUNK, LANES = 1024, 32


@compiled
def half_weights(first: Floats, second: Floats, lanes: Floats) -> tuple[float, float]:
    """Returns Σ (a + b)² and Σ (a - b)² over the numbers a, b of two halves.

    Args:
        first: (m,) numbers, m a power of two.
        second: (m,) numbers.
        lanes: (2, LANES) space for sums.
    """
    width = min(LANES, first.size)
    lanes[:] = 0
    sums, differences = lanes[0, :width], lanes[1, :width]
    for start in range(0, first.size, width):
        some, others = first[start : start + width], second[start : start + width]
        for lane in range(width):
            a, b = some[lane], others[lane]
            sums[lane] += (a + b) * (a + b)
            differences[lane] += (a - b) * (a - b)
    plus, minus = 0.0, 0.0
    for lane in range(width):
        plus += sums[lane]
        minus += differences[lane]
    return plus, minus


@compiled
def multiply(
    system: Complexes, memory: Complexes, x: int, out: Complexes, parts: Floats, lanes: Floats
) -> tuple[float, float]:
    """Writes ψ(y) φ(y xor x) and returns the weights of its first qubit's outcomes after H.

    Args:
        system: (2ⁿ,) amplitudes ψ, n at least 1.
        memory: (2ⁿ,) amplitudes φ.
        x: From 0 to 2ⁿ - 1.
        out: (2ⁿ,) what is written.
        parts: (2ⁿ⁺¹,) the same memory, as real numbers.
        lanes: (2, LANES) space for sums.
    """
    half = out.size // 2
    chunk = min(CHUNK, half)
    low = x & (chunk - 1)
    zero, one = 0.0, 0.0
    for first in range(0, half, chunk):
        second = first + half
        for start in (first, second):
            moved = memory[start ^ (x - low) : (start ^ (x - low)) + chunk]
            some, product = system[start : start + chunk], out[start : start + chunk]
            for k in range(chunk):
                product[k] = some[k] * moved[k ^ low]
        plus, minus = half_weights(
            parts[2 * first : 2 * (first + chunk)], parts[2 * second : 2 * (second + chunk)], lanes
        )
        zero += plus
        one += minus
    return zero, one


@compiled
def keep(values: Floats, sign: float, lanes: Floats) -> tuple[float, float]:
    """Keeps g + h or g - h of two halves, and returns the weights of the next qubit's outcomes.

    Args:
        values: (4m,) numbers; the first half is written.
        sign: 1 for the outcome 0, -1 for the outcome 1.
        lanes: (2, LANES) space for sums.
    """
    half, quarter = values.size // 2, values.size // 4
    chunk = min(CHUNK, quarter)
    factor = np.float32(sign)
    zero, one = 0.0, 0.0
    for first in range(0, quarter, chunk):
        second = first + quarter
        for start in (first, second):
            kept = values[start : start + chunk]
            other = values[start + half : start + half + chunk]
            for k in range(chunk):
                kept[k] += factor * other[k]
        plus, minus = half_weights(
            values[first : first + chunk], values[second : second + chunk], lanes
        )
        zero += plus
        one += minus
    return zero, one
