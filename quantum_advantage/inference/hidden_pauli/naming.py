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
import numpy.typing as npt
import scipy

from quantum_advantage.core.bits import Words, count_ones, pack_bits, unpack_bits
from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.core.statistics import binomial_chances
from quantum_advantage.core.usage import UsageError

# 2n + 1 generators in one word.
MOST_QUBITS = 31
TRIES = 64
# Words of generators that are brought into systematic form together: as many as stay in the cache.
_WORDS_AT_ONCE = 2**13
_ONE = np.uint64(1)


def information_sets(
    qubits: int, system: Words, memory: Words, rng: np.random.Generator, tries: int = TRIES
) -> PauliStrings:
    """Names for every system the string of which most of its Bell outcomes have the sign +1.

    Args:
        qubits: The number n of qubits, at most 31.
        system: (systems, shots, 1) packed outcomes a, or (shots, 1) of one system.
        memory: Packed outcomes b of the same shape.
        rng: The learner's randomness.
        tries: Random sets of places that are tried.

    Returns:
        One string for each system, the best that was found; among equals the first.

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
    shots = system.shape[-2]
    if not shots:
        raise UsageError("system must hold at least one outcome, not 0")
    a, b = (unpack_bits(part.reshape(-1, shots, 1), qubits) for part in (system, memory))
    columns = np.concatenate([a, b, np.ones((*a.shape[:2], 1), dtype=np.uint8)], axis=2)
    generators = pack_bits(columns.swapaxes(1, 2))
    places = np.tile(np.arange(shots), (tries, 1))
    named = []
    at_once = max(1, _WORDS_AT_ONCE // (tries * generators.shape[1]))
    for start in range(0, len(generators), at_once):
        some = generators[start : start + at_once]
        orders = np.stack([rng.permuted(places, axis=1) for _ in some])
        named.append(_lightest(qubits, shots, *_systematic(some, orders)))
    x, z = np.concatenate(named, axis=1)[..., None]
    return PauliStrings(qubits, x, z, np.zeros(len(x), dtype=np.uint8))


def _lightest(qubits: int, shots: int, rows: Words, names: Words) -> Words:
    """Returns x and z of the string that belongs to the lightest sum of one or two words.

    Args:
        qubits: The number n of qubits.
        shots: The length of the words.
        rows: (systems, tries, 2n + 1, words) packed words.
        names: (systems, tries, 2n + 1) of which generators each of them is the sum.

    Returns:
        (2, systems) bits x and z, each in one word.
    """
    # With the empty word beside the words the sums of two are also the words alone.
    rows = np.pad(rows, ((0, 0), (0, 0), (0, 1), (0, 0)))
    names = np.pad(names, ((0, 0), (0, 0), (0, 1)))
    first, second = np.triu_indices(names.shape[-1], 1)
    sums, named = rows[:, :, first] ^ rows[:, :, second], names[..., first] ^ names[..., second]
    low = np.uint64((1 << qubits) - 1)
    x, z, ones = named & low, named >> np.uint64(qubits) & low, named >> np.uint64(2 * qubits)
    belongs = (np.bitwise_count(x & z) & _ONE == ones) & (x | z != 0)
    minus = np.where(belongs, count_ones(sums), shots + 1).reshape(len(rows), -1)
    best = (np.arange(len(rows)), minus.argmin(axis=1))
    x, z, belongs = (part.reshape(len(rows), -1)[best] for part in (x, z, belongs))
    # If no sum belongs to a string, which takes very few outcomes, any string is as good.
    return np.stack([np.where(belongs, x, _ONE), np.where(belongs, z, np.uint64(0))])


def _systematic(generators: Words, orders: npt.NDArray[np.int64]) -> tuple[Words, Words]:
    """Brings generators into systematic form on random places, by Gaussian elimination.

    Args:
        generators: (systems, k, words) packed words.
        orders: (systems, tries, bits) in which order the places of the bits are tried.

    Returns:
        (systems, tries, k, words) equivalent generators, and (systems, tries, k) of which of the
        given ones each is the sum, bit i for the i-th.
    """
    systems, tries, _ = orders.shape
    k = generators.shape[1]
    # The words one after the other, and the names as one more: all are added in the same way.
    names = np.broadcast_to(_ONE << np.arange(k, dtype=np.uint64), (systems, 1, k))
    table = np.concatenate([generators.transpose(2, 0, 1), names.transpose(1, 0, 2)])
    table = np.repeat(table, tries, axis=1)
    every = np.arange(systems * tries)
    free = np.ones((systems * tries, k), dtype=np.uint64)
    for place in orders.reshape(systems * tries, -1).T:
        if not free.any():
            break
        word, shift = place // 64, (place % 64).astype(np.uint64)
        has = table[word, every] >> shift[:, None] & _ONE
        open_ones = has & free
        pivot = np.argmax(open_ones, axis=1)
        # Where no free generator has a one at the place, nothing is added.
        found = open_ones[every, pivot]
        free[every, pivot] ^= found
        has[every, pivot] = 0
        has *= found[:, None]
        pivots = table[:, every, pivot]
        for part, added in zip(table, pivots, strict=True):
            part ^= has * added[:, None]
    rows = table.reshape(-1, systems, tries, k).transpose(1, 2, 3, 0)
    return rows[..., :-1], rows[..., -1]


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
    hidden = binomial_chances(shots, (1 + alpha**2) / 2)
    others = (4.0**qubits - 2) * scipy.special.bdtrc(pluses - 1, shots, 0.5)
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
