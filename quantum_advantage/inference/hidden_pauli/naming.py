"""Naming the hidden string from Bell measurements, without a list of all 4ⁿ strings.

Nature hides ρ = (I + s α P)/2ⁿ. A Bell outcome (a, b) of two copies gives the string Q = (x, z) the
sign bit x·a + z·b + x·z (mod 2). For P it is 0 with probability (1 + α²)/2, for any other string
but the identity a fair coin. So the sign bits of T outcomes, as words of T bits, form a linear code
with 2n + 1 generators: the columns of the bits a and b, and the word 1…1 that stands for x·z. P is
the codeword with the fewest ones that belongs to a string: the maximum of the likelihood, and of
the posterior, with both signs s alike.

Finding it is the problem of learning parity with noise, which is believed to be hard: no
algorithm polynomial in n is known at constant noise. ``information_sets`` solves it as Lee and
Brickell (Eurocrypt 1988) find light codewords: it brings the generators into systematic form on
random places and looks at all sums of one or two of them. A try finds P if at most two of its signs
at these 2n + 1 places are -1, with a probability that falls as a power of 2ⁿ: at α = 0.9 it is
about a quarter at n = 20 for a typical record, but 1/50 at n = 50.

Theorem (derived here): what T outcomes are enough for. Given the signs of P, those of any other
string are independent fair coins, since the sign of Q P is one as well: the product of the signs of
Q and P is up to a constant that of Q P, of mean tr(Q P ρ)² = 0. The likelihood names P unless one
of the 4ⁿ - 2 others has at least as many signs +1. By the union bound the chance of it is at least

    1 - Σ_w Pr[W = w] min{1, (4ⁿ - 2) Pr[B ≥ w]}, W ~ Bin(T, (1 + α²)/2), B ~ Bin(T, 1/2).

T = O(n) outcomes are enough for any chance below 1, as Hoeffding's inequality shows with w at the
middle of both means: 4ⁿ exp(-T α⁴/8) and exp(-T α⁴/8) have to be small.
"""

from __future__ import annotations

import functools

import numpy as np
from scipy import stats

from quantum_advantage.core.bits import Words, count_ones, pack_bits, unpack_bits
from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.core.usage import UsageError

# 2n + 1 generators in one word.
MOST_QUBITS = 31
TRIES = 64
_ONE = np.uint64(1)


def information_sets(
    qubits: int, system: Words, memory: Words, rng: np.random.Generator, tries: int = TRIES
) -> PauliStrings:
    """Names the string of which most Bell outcomes of one system have the sign +1.

    Args:
        qubits: The number n of qubits, at most 31.
        system: (shots, 1) packed outcomes a of one system.
        memory: (shots, 1) packed outcomes b.
        rng: The learner's randomness.
        tries: Random sets of places that are tried.

    Returns:
        One string, the best that was found; among equals the first.

    Raises:
        UsageError: If there are more than 31 qubits, or no shots.

    Example:
        The eight outcomes of two pairs on which X⊗Z has the sign +1:

        >>> system = np.array([[0], [0], [1], [1], [2], [2], [3], [3]], dtype=np.uint64)
        >>> memory = np.array([[0], [1], [2], [3], [0], [1], [2], [3]], dtype=np.uint64)
        >>> information_sets(2, system, memory, np.random.default_rng(1)).text()
        ['XZ']
    """
    if not 1 <= qubits <= MOST_QUBITS:
        raise UsageError(f"qubits must lie between 1 and {MOST_QUBITS}, not {qubits}")
    if not len(system):
        raise UsageError("system must hold at least one outcome, not 0")
    bits = np.concatenate([unpack_bits(system, qubits), unpack_bits(memory, qubits)], axis=1)
    generators = np.concatenate([bits.T, np.ones((1, len(bits)), dtype=np.uint8)])
    rows, names = _systematic(pack_bits(generators), len(bits), rng, tries)
    # With the empty word beside the generators the sums of two are also the generators alone.
    rows = np.pad(rows, ((0, 0), (0, 1), (0, 0)))
    names = np.pad(names, ((0, 0), (0, 1)))
    first, second = np.triu_indices(len(generators) + 1, 1)
    sums, named = rows[:, first] ^ rows[:, second], names[:, first] ^ names[:, second]
    low = np.uint64((1 << qubits) - 1)
    x, z, ones = named & low, named >> np.uint64(qubits) & low, named >> np.uint64(2 * qubits)
    belongs = (np.bitwise_count(x & z) & _ONE == ones) & (x | z != 0)
    minus = np.where(belongs, count_ones(sums), len(bits) + 1)
    best = np.unravel_index(np.argmin(minus), minus.shape)
    # If no sum belongs to a string, which takes very few outcomes, any string is as good.
    found = (x[best], z[best]) if belongs[best] else (_ONE, np.uint64(0))
    x_bits, z_bits = (np.array([[word]], dtype=np.uint64) for word in found)
    return PauliStrings(qubits, x_bits, z_bits, np.zeros(1, dtype=np.uint8))


def _systematic(
    generators: Words, length: int, rng: np.random.Generator, tries: int
) -> tuple[Words, Words]:
    """Brings generators into systematic form on random places, by Gaussian elimination.

    Args:
        generators: (k, words) packed words.
        length: The number of their bits.
        rng: Draws the places.
        tries: How often.

    Returns:
        (tries, k, words) equivalent generators, and (tries, k) of which of the given ones each is
        the sum, bit i for the i-th.
    """
    k = len(generators)
    rows = np.repeat(generators[None], tries, axis=0)
    names = np.repeat(_ONE << np.arange(k, dtype=np.uint64)[None], tries, axis=0)
    every = np.arange(tries)
    free = np.ones((tries, k), dtype=np.bool_)
    for place in rng.permuted(np.tile(np.arange(length), (tries, 1)), axis=1).T:
        if not free.any():
            break
        word, shift = place // 64, (place % 64).astype(np.uint64)
        has = (rows[every, :, word] >> shift[:, None] & _ONE).astype(np.bool_)
        pivot = np.argmax(has & free, axis=1)
        # Where no free generator has a one at the place, nothing is added.
        found = (has & free)[every, pivot]
        free[every, pivot] &= ~found
        has[every, pivot] = False
        has &= found[:, None]
        rows ^= np.where(has[..., None], rows[every, pivot][:, None], 0).astype(np.uint64)
        names ^= np.where(has, names[every, pivot][:, None], 0).astype(np.uint64)
    return rows, names


def least_naming_chance(shots: int, *, qubits: int, alpha: float) -> float:
    """Returns a chance with which the likelihood of Bell outcomes names the hidden string.

    The theorem at the head of this module: the true chance is at least as large.

    Args:
        shots: The number T of Bell shots.
        qubits: The number n of qubits.
        alpha: The signal α in (0, 1).

    Example:
        >>> [round(least_naming_chance(shots, qubits=10, alpha=0.9), 2) for shots in (30, 40, 60)]
        [0.33, 0.69, 0.98]
    """
    pluses = np.arange(shots + 1)
    hidden = stats.binom.pmf(pluses, shots, (1 + alpha**2) / 2)
    others = (4.0**qubits - 2) * stats.binom.sf(pluses - 1, shots, 0.5)
    return float(hidden @ (1 - np.minimum(others, 1)))


@functools.cache
def shots_to_name(chance: float, *, qubits: int, alpha: float) -> int:
    """Returns the least number of Bell shots that are enough for a chance.

    Args:
        chance: The chance to name the hidden string, in (0, 1).
        qubits: The number n of qubits.
        alpha: The signal α in (0, 1).

    Example:
        In proportion to n:

        >>> [shots_to_name(0.9, qubits=n, alpha=0.9) for n in (10, 20, 40)]
        [50, 92, 172]
    """

    def enough(shots: int) -> bool:
        return least_naming_chance(shots, qubits=qubits, alpha=alpha) >= chance

    most = 1
    while not enough(most):
        most *= 2
    least = most // 2
    # The bound does not grow quite steadily; the first number after the last that is too few.
    while least + 1 < most:
        middle = (least + most) // 2
        least, most = (least, middle) if enough(middle) else (middle, most)
    return most
