"""Bits packed into 64-bit words: bit j of the last axis at position j mod 64 of word j // 64."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import plain_array

Words = npt.NDArray[np.uint64]


def words_for(bits: int) -> int:
    """Returns how many 64-bit words hold that many bits (at least one).

    Example:
        >>> words_for(64), words_for(65)
        (1, 2)
    """
    return max(1, -(-bits // 64))


def pack_bits(bits: npt.ArrayLike) -> Words:
    """Packs bits along the last axis into 64-bit words, bit j at position j mod 64 of word j // 64.

    Args:
        bits: (..., n) array of 0 and 1, or of bools. Of octets everything else than 0 counts as 1.

    Returns:
        (..., words_for(n)) uint64 array; unused high bits are zero.

    Raises:
        UsageError: If it holds other numbers, as the eigenvalues 1 and -1, or none.

    Example:
        >>> pack_bits([[1, 0, 1], [0, 1, 0]]).tolist()
        [[5], [2]]
    """
    array = plain_array("bits", bits)
    if array.dtype not in (np.bool_, np.uint8):
        ones = array == 1
        wrong = ~(ones | (array == 0))
        if wrong.any():
            raise UsageError(f"bits must be 0 or 1, not {array[wrong].tolist()[0]!r}")
        array = ones
    return words_of_octets(np.packbits(array, axis=-1, bitorder="little"))


def check_unused(name: str, words: Words, count: int) -> None:
    """Refuses packed bits with a one beyond those that are used.

    Args:
        name: What they are called in a message.
        words: (..., words_for(count)) packed bits.
        count: How many bits are used.

    Raises:
        UsageError: If a bit from ``count`` on is 1.

    Example:
        >>> check_unused("outcomes", pack_bits([1, 1]), 2)
    """
    used = count - 64 * (words.shape[-1] - 1)
    if used < 64 and (words[..., -1] >> np.uint64(used)).any():
        raise UsageError(f"{name} must have no bit beyond the {count} qubits")


def words_of_octets(octets: npt.NDArray[np.uint8]) -> Words:
    """Joins octets to 64-bit words: bit j of a row is bit j mod 8 of its octet j // 8.

    Args:
        octets: (..., k) uint8.

    Returns:
        (..., words_for(8k)) uint64; what no octet fills is zero. It shares the memory of octets
        that fill whole words and lie side by side.

    Example:
        >>> words_of_octets(np.array([[1, 1], [2, 0]], dtype=np.uint8)).tolist()
        [[257], [2]]
    """
    count = octets.shape[-1]
    if count and count % 8 == 0 and octets.flags.c_contiguous:
        return octets.view("<u8").astype(np.uint64, copy=False)
    padded = np.zeros((*octets.shape[:-1], 8 * words_for(8 * count)), dtype=np.uint8)
    padded[..., :count] = octets
    return padded.view("<u8").astype(np.uint64, copy=False)


def unpack_bits(words: Words, count: int) -> npt.NDArray[np.uint8]:
    """Unpacks the first ``count`` bits of the last axis; the inverse of :func:`pack_bits`.

    Args:
        words: (..., words) packed bits.
        count: How many bits, at most 64 for each word.

    Returns:
        (..., count) zeros and ones.

    Raises:
        UsageError: If the words hold fewer bits.

    Example:
        >>> unpack_bits(pack_bits([1, 0, 1]), 3).tolist()
        [1, 0, 1]
    """
    octets = np.ascontiguousarray(words, dtype="<u8").view(np.uint8)
    if count > 8 * octets.shape[-1]:
        raise UsageError(f"count must be at most the {8 * octets.shape[-1]} bits held, not {count}")
    return np.unpackbits(octets, axis=-1, count=count, bitorder="little")


def pick_bits(words: Words, places: Sequence[int]) -> Words:
    """Returns the bits at some places, packed in their order.

    Args:
        words: (..., words) packed bits.
        places: The places, each below 64 for each word.

    Returns:
        (..., words_for(places)) packed bits.

    Example:
        >>> unpack_bits(pick_bits(pack_bits([1, 0, 0, 1]), [3, 1, 0]), 3).tolist()
        [1, 0, 1]
    """
    out = np.zeros((*words.shape[:-1], words_for(len(places))), dtype=np.uint64)
    one = np.uint64(1)
    for new, old in enumerate(places):
        bits = words[..., old // 64] >> np.uint64(old % 64)
        bits &= one
        bits <<= np.uint64(new % 64)
        out[..., new // 64] |= bits
    return out


def bits_from(words: Words, start: int) -> npt.NDArray[np.uint64]:
    """Returns the 64 bits from bit ``start`` on, zero beyond the last word.

    Args:
        words: (..., words) packed bits.
        start: The first bit, below 64 for each word.

    Returns:
        (...) words.

    Example:
        >>> bits_from(pack_bits([0, 0, 1, 1]), 2).tolist()
        3
    """
    first, shift = divmod(start, 64)
    low = words[..., first] >> np.uint64(shift)
    if not shift or first + 1 == words.shape[-1]:
        return low
    return low | words[..., first + 1] << np.uint64(64 - shift)


def count_ones(words: Words) -> npt.NDArray[np.int64]:
    """Counts the ones along the last axis of packed words, (..., words); returns (...).

    Example:
        >>> count_ones(pack_bits([[1, 0, 1], [0, 1, 0]])).tolist()
        [2, 1]
    """
    counts = np.bitwise_count(words)
    if words.shape[-1] == 1:
        return counts[..., 0].astype(np.int64)
    return counts.sum(axis=-1, dtype=np.int64)


def parity(words: Words) -> npt.NDArray[np.uint8]:
    """Tells whether the ones along the last axis of packed words, (..., words), are odd in number.

    Returns:
        (...) uint8, 1 where they are odd.

    Example:
        >>> parity(pack_bits([[1, 0, 1], [0, 1, 0]])).tolist()
        [0, 1]
    """
    folded = words[..., 0] if words.shape[-1] == 1 else np.bitwise_xor.reduce(words, axis=-1)
    return np.asarray(np.bitwise_count(folded) & np.uint8(1))
