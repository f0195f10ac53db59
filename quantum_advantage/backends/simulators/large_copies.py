"""Bell shots of two large state vectors, one at a time; ``two_copy`` says why two are enough.

The register that H turns is measured a few qubits at a time. What is left after an outcome is a
shorter vector, so that only the first qubits cost a way through all amplitudes. With numba (the
extra ``fast``) the steps are compiled.

Both ways find an outcome from the same random numbers: by where a uniform number falls among the
cumulated weights of the outcomes. The weights differ by rounding, and an outcome where the number
falls between the two edges. Measured on random states of 20 qubits, that is one shot in 400 000;
the rounding is that of numpy's sums in single precision, which also differ from one kind of
processor to another.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quantum_advantage.backends.simulators import compiled_copies
from quantum_advantage.backends.simulators.vectors import Complexes, cumulated
from quantum_advantage.core import compiling
from quantum_advantage.core.walsh_hadamard import walsh_hadamard

# Qubits that share one random number; without numba they are measured together.
QUBITS_AT_ONCE = 5

Measure = Callable[["LargeVector", "LargeVector", int, np.random.Generator], int]


@dataclass(frozen=True, eq=False)
class LargeVector:
    """A large state vector as a square of amplitudes.

    Attributes:
        amplitudes: (blocks, 2ᵏ).
        edges: (blocks,) the cumulated probabilities of the blocks.

    Example:
        >>> vector = LargeVector.of(np.array([0, 0, 1, 0], dtype=np.complex64))
        >>> vector.amplitudes.shape, vector.draw(np.random.default_rng(0))
        ((2, 2), 2)
    """

    amplitudes: Complexes
    edges: npt.NDArray[np.float64]

    @classmethod
    def of(cls, amplitudes: Complexes) -> LargeVector:
        """Returns the vector of (2ⁿ,) amplitudes."""
        square = amplitudes.reshape(1 << (amplitudes.size.bit_length() // 2), -1)
        weights = np.einsum("bk,bk->b", square.real, square.real)
        weights += np.einsum("bk,bk->b", square.imag, square.imag)
        return cls(square, np.cumsum(weights, dtype=np.float64))

    def draw(self, rng: np.random.Generator) -> int:
        """Draws an outcome of all qubits: a block, and a place in it."""
        block = _drawn(self.edges, rng)
        return block * self.amplitudes.shape[1] + _drawn(cumulated(self.amplitudes[block]), rng)


def _drawn(cumulated: npt.NDArray[np.float64], rng: np.random.Generator) -> int:
    return int(cumulated.searchsorted(rng.random() * cumulated[-1], side="right"))


def pair_sampler(
    qubits: int,
) -> Callable[[LargeVector, LargeVector, np.random.Generator], tuple[int, int]]:
    """Returns what samples one Bell shot of two vectors, and keeps its space.

    Args:
        qubits: The number n of qubits of each vector.

    Returns:
        A function of ψ, φ and the source of randomness, which returns the outcomes of register a
        and of register b; their first qubit is the most significant bit.

    Example:
        >>> zeros = LargeVector.of(np.array([1, 0, 0, 0], dtype=np.complex64))
        >>> a, b = pair_sampler(2)(zeros, zeros, np.random.default_rng(0))
        >>> b  # Z on both copies agrees
        0
    """
    make = _measuring_compiled if compiling.AVAILABLE else _measuring
    measure = make(qubits)

    def sample(
        system: LargeVector, memory: LargeVector, rng: np.random.Generator
    ) -> tuple[int, int]:
        x = system.draw(rng) ^ memory.draw(rng)
        return measure(system, memory, x, rng), x

    return sample


# With numpy alone.


def _measuring(qubits: int) -> Measure:
    product, spare = np.empty((2, 2**qubits), dtype=np.complex64)

    def measure(system: LargeVector, memory: LargeVector, x: int, rng: np.random.Generator) -> int:
        blocks, width = system.amplitudes.shape
        high, low = divmod(x, width)
        # The xor moves whole blocks, and places alike within all blocks.
        places, rows = np.arange(width) ^ low, product.reshape(blocks, width)
        for row in range(blocks):
            memory.amplitudes[row ^ high].take(places, out=rows[row], mode="clip")
        rows *= system.amplitudes
        return measured_after_h(product, spare, rng)

    return measure


def measured_after_h(amplitudes: Complexes, spare: Complexes, rng: np.random.Generator) -> int:
    """Measures all qubits of a vector after H on each, a few qubits at a time.

    Args:
        amplitudes: (2ⁿ,) amplitudes, which are overwritten.
        spare: (2ⁿ,) space.
        rng: The source of randomness.

    Returns:
        The outcome; the first qubit is the most significant bit.

    Example:
        >>> plus = np.full(4, 0.5, dtype=np.complex64)
        >>> measured_after_h(plus, np.empty_like(plus), np.random.default_rng(0))
        0
    """
    outcome, left = 0, amplitudes.size.bit_length() - 1
    # Real and imaginary parts are alike to a real transform.
    work, space = amplitudes.view(np.float32), spare.view(np.float32)
    while left:
        bits = min(left, QUBITS_AT_ONCE)
        rows = space[: work.size].reshape(2**bits, -1)
        np.matmul(_signs(bits), work.reshape(2**bits, -1), out=rows)
        weights = np.einsum("bk,bk->b", rows, rows)
        found = _drawn(weights.cumsum(dtype=np.float64), rng)
        space, work = work, rows[found]
        outcome, left = outcome << bits | found, left - bits
    return outcome


@functools.cache
def _signs(bits: int) -> npt.NDArray[np.float32]:
    return walsh_hadamard(np.eye(2**bits, dtype=np.float32))


# With numba.


def _measuring_compiled(qubits: int) -> Measure:
    product = np.empty(2**qubits, dtype=np.complex64)
    parts = product.view(np.float32)
    lanes = np.empty((2, compiled_copies.LANES), dtype=np.float32)

    def measure(system: LargeVector, memory: LargeVector, x: int, rng: np.random.Generator) -> int:
        vectors = system.amplitudes.ravel(), memory.amplitudes.ravel()
        zero, one = compiled_copies.multiply(*vectors, x, product, parts, lanes)
        outcome, left, uniform = 0, parts, 0.0
        for qubit in range(qubits):
            if qubit % QUBITS_AT_ONCE == 0:
                uniform = rng.random()
            # Within the interval of its outcome the number is uniform again.
            edge = uniform * (zero + one)
            is_one = one > 0 and edge >= zero
            uniform = (edge - zero) / one if is_one else edge / zero
            outcome = outcome << 1 | is_one
            if qubit + 1 < qubits:
                zero, one = compiled_copies.keep(left, -1.0 if is_one else 1.0, lanes)
                left = left[: left.size // 2]
        return outcome

    return measure
