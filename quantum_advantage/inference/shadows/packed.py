"""Many Pauli strings at once from packed Pauli measurements, 64 settings to a word.

A setting is one product of Pauli bases, used for one shot or several. It measures a string when its
bases agree with every letter of it. With one bit vector over the settings for each qubit and letter
('this basis was that letter') and one for each qubit and shot of a setting (the outcomes), the hits
of a string are the AND of as many vectors as it has letters, its sign bits their XOR, and its sums
are counts of ones. The vectors are made, and all strings asked, block by block, so that they stay
within the cache and memory does not grow with the record. An optional compiled kernel
(``pip install quantum-advantage[fast]``) does the same in one pass; the counts are equal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.bits import Words, count_ones, pack_bits
from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.inference.shadows.compiled import count_compiled

# A vector of 2¹⁷ shots has 16 KiB: those of 50 qubits fit the second cache.
SHOTS_AT_ONCE = 2**17
STRINGS_AT_ONCE = 16
# So many columns are read one by one in less time than a square is transposed.
FEW_COLUMNS = 8

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class SignCounts:
    """What the settings that measured a string saw, for many strings.

    With m the number of minus signs among the shots of a setting, summed over the hits:

    Attributes:
        hits: (strings,) the number of settings that measured the string.
        minus: (strings,) Σ m.
        minus_squared: (strings,) Σ m².

    Example:
        >>> SignCounts(np.array([100]), np.array([25]), np.array([25])).hits.tolist()
        [100]
    """

    hits: Integers
    minus: Integers
    minus_squared: Integers


def transpose_bits(words: Words, bits: int) -> Words:
    """Transposes a matrix of packed bits.

    Source: the recursive exchange of off-diagonal blocks, of 32, 16, ..., 1 bits, in Warren,
    Hacker's Delight, section 7-3, here on all 64 x 64 squares at once.

    Args:
        words: (rows, words) packed rows.
        bits: The number of columns that are wanted.

    Returns:
        (bits, ⌈rows/64⌉) packed columns; bits beyond the last row are zero.

    Example:
        >>> transpose_bits(np.array([[0b01], [0b11]], dtype=np.uint64), 2).tolist()
        [[3], [2]]
    """
    rows, width = words.shape
    across = -(-rows // 64)
    if bits <= FEW_COLUMNS:
        columns = (words[:, 0] >> np.arange(bits, dtype=np.uint64)[:, None]) & np.uint64(1)
        return pack_bits(columns.astype(np.uint8))[:, :across]
    square = np.zeros((64, width, across), dtype=np.uint64)
    whole = rows // 64
    square[:, :, :whole] = words[: 64 * whole].reshape(whole, 64, width).transpose(1, 2, 0)
    square[: rows - 64 * whole, :, whole:] = words[64 * whole :, :, None]
    mask, step = np.uint64(2**64 - 1), 32
    while step:
        shift = np.uint64(step)
        mask ^= mask << shift
        halves = square.reshape(32 // step, 2, step * width * across)
        low, high = halves[:, 0], halves[:, 1]
        moved = low >> shift
        moved ^= high
        moved &= mask
        high ^= moved
        moved <<= shift
        low ^= moved
        step //= 2
    return square.transpose(1, 0, 2).reshape(64 * width, across)[:bits]


def sum_planes(planes: Words) -> list[Words]:
    """Adds up bits, 64 sums at once: (planes, w) words to the binary digits of the sums, (w,) each.

    Numbers are added in pairs, digit by digit with a carry, until one is left.

    Example:
        >>> planes = np.array([[1], [1], [1]], dtype=np.uint64)
        >>> [digits.tolist() for digits in sum_planes(planes)]  # 3 = 11 in binary digits
        [[1], [1], [0]]
    """
    digits = [planes]
    while digits[0].shape[0] > 1:
        half = digits[0].shape[0] // 2
        carry: Words | None = None
        added = []
        for digit in digits:
            a, b = digit[:half], digit[half : 2 * half]
            both, either = a & b, a ^ b
            added.append(either if carry is None else either ^ carry)
            carry = both if carry is None else both | (either & carry)
        assert carry is not None
        added.append(carry)
        if digits[0].shape[0] % 2:
            rest = [digit[-1:] for digit in digits] + [np.zeros_like(carry[:1])]
            added = [np.concatenate(pair) for pair in zip(added, rest, strict=True)]
        digits = added
    return [digit[0] for digit in digits]


@dataclass(frozen=True, eq=False)
class _Block:
    """Bit vectors over some settings: (3n, w) basis 3j + k of qubit j; (n, times, w) outcomes."""

    matches: Words
    outcomes: Words


def _blocks(
    bases: tuple[Words, Words], outcomes: Words, times: int, qubits: int
) -> Iterator[_Block]:
    settings = bases[0].shape[0]
    step = max(1, SHOTS_AT_ONCE // (64 * times)) * 64
    for start in range(0, settings, step):
        rows = slice(start, min(start + step, settings))
        x, z = (transpose_bits(part[rows], qubits) for part in bases)
        matches = np.stack([x & ~z, x & z, z & ~x], axis=1)
        shots = outcomes[rows.start * times : rows.stop * times]
        columns = [transpose_bits(shots[k::times], qubits) for k in range(times)]
        across = x.shape[1]
        planes = columns[0][:, None] if times == 1 else np.stack(columns, axis=1)
        yield _Block(matches.reshape(3 * qubits, across), planes)


def _support(strings: PauliStrings) -> Iterator[tuple[Integers, Integers, Integers]]:
    """Yields for every weight above 0 the strings of it, (m,), their qubits and letters, (m, w)."""
    letters = strings.letters()
    weights = (letters != 0).sum(axis=1)
    for weight in sorted(set(weights.tolist()) - {0}):
        chosen = np.flatnonzero(weights == weight)
        some = letters[chosen]
        places = np.nonzero(some)[1].reshape(-1, weight)
        found = some[some != 0].reshape(-1, weight).astype(np.int64)
        # Neighbours in this order use the same vectors, which are then still in the first cache.
        order = np.lexsort((3 * places + found).T[::-1])
        yield chosen[order], places[order], found[order]


def _combine(rows: Sequence[Words], chosen: Sequence[int], operation: np.ufunc, out: Words) -> None:
    first, *others = chosen
    if not others:
        out[...] = rows[first]
        return
    operation(rows[first], rows[others[0]], out=out)
    for row in others[1:]:
        operation(out, rows[row], out=out)


def _count_single(block: _Block, matches: Integers, qubits: Integers) -> tuple[Integers, Integers]:
    """Counts the hits and minus signs of strings of one weight; one shot for each setting."""
    basis_rows, outcome_rows = list(block.matches), list(block.outcomes[:, 0])
    across = block.matches.shape[1]
    strings = matches.shape[0]
    hits, minus = np.zeros(strings, dtype=np.int64), np.zeros(strings, dtype=np.int64)
    hit, sign = np.empty((2, STRINGS_AT_ONCE, across), dtype=np.uint64)
    ones = np.empty((STRINGS_AT_ONCE, across), dtype=np.uint8)
    hit_rows, sign_rows = list(hit), list(sign)
    basis_places, outcome_places = matches.tolist(), qubits.tolist()
    for start in range(0, strings, STRINGS_AT_ONCE):
        some = min(STRINGS_AT_ONCE, strings - start)
        for i in range(some):
            _combine(basis_rows, basis_places[start + i], np.bitwise_and, hit_rows[i])
            _combine(outcome_rows, outcome_places[start + i], np.bitwise_xor, sign_rows[i])
        np.bitwise_and(sign[:some], hit[:some], out=sign[:some])
        for words, counts in ((hit, hits), (sign, minus)):
            np.bitwise_count(words[:some], out=ones[:some])
            counts[start : start + some] = ones[:some].sum(axis=1, dtype=np.uint32)
    return hits, minus


def _count_several(
    block: _Block, matches: Integers, qubits: Integers
) -> tuple[Integers, Integers, Integers]:
    """Counts hits, minus signs and their squares of strings of one weight; several shots each."""
    found = np.zeros((3, matches.shape[0]), dtype=np.int64)
    for i, (basis, places) in enumerate(zip(matches, qubits, strict=True)):
        hit = np.bitwise_and.reduce(block.matches[basis], axis=0)
        planes = block.outcomes[places[0]] & hit
        for place in places[1:]:
            planes ^= block.outcomes[place] & hit
        digits = sum_planes(planes)
        found[0, i] = count_ones(hit)
        found[1, i] = sum(int(count_ones(d)) << j for j, d in enumerate(digits))
        found[2, i] = sum(
            int(count_ones(d & e)) << (j + k)
            for j, d in enumerate(digits)
            for k, e in enumerate(digits)
        )
    return found[0], found[1], found[2]


def count_signs(
    bases: tuple[Words, Words], outcomes: Words, strings: PauliStrings, times: int = 1
) -> SignCounts:
    """Counts for many Pauli strings the settings that measured them, and their minus signs.

    Args:
        bases: Packed x bits and z bits of the measured strings, (settings, words) each.
        outcomes: (settings * times, words) packed outcomes, setting by setting.
        strings: The strings on n qubits; their phases do not matter. The identity is measured by
            every setting, with sign +1.
        times: Shots for each setting.

    Returns:
        The counts.

    Example:
        >>> from quantum_advantage.core.bits import pack_bits
        >>> from quantum_advantage.measurements.pauli_basis import pack_bases
        >>> bases, outcomes = pack_bases([[2, 2, 0]]), pack_bits([[0], [1], [1]])  # Z, Z, X
        >>> counts = count_signs(bases, outcomes, PauliStrings.from_text("Z"), 1)
        >>> counts.hits.tolist(), counts.minus.tolist()
        ([2], [1])
    """
    settings = bases[0].shape[0]
    size = len(strings)
    totals = np.zeros((3, size), dtype=np.int64)
    totals[0, strings.weight() == 0] = settings
    groups = [(rows, 3 * q + letter - 1, q) for rows, q, letter in _support(strings)]
    for block in _blocks(bases, outcomes, times, strings.qubits) if groups else ():
        for rows, matches, qubits in groups:
            if times > 1:
                totals[:, rows] += _count_several(block, matches, qubits)
            elif count_compiled is not None:
                totals[:2, rows] += count_compiled(
                    block.matches, block.outcomes[:, 0], matches, qubits
                )
            else:
                totals[:2, rows] += _count_single(block, matches, qubits)
    if times == 1:
        totals[2] = totals[1]
    return SignCounts(*totals)
