"""Values of all pairs of shots in random Pauli bases; what they estimate is said in ``purity``.

The factors of a pair are scalar products of a few features of either shot, so that the values of
many pairs are matrix products. In one basis they depend on the Hamming distance alone, which on
packed bits is a count of ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.bits import count_ones, pack_bits

Floats = npt.NDArray[np.float64]
Octets = npt.NDArray[np.uint8]

# Pairs at once: their values stay within the cache, and the products below the size at which BLAS
# starts threads, which take far longer to agree than to multiply.
PAIRS_AT_ONCE = 2**16


def _features(bases: Octets | None, bits: Octets) -> tuple[Floats, Floats]:
    """Returns the features of every qubit and shot, (n, records, shots, m), and weights, (m,)."""
    signs = np.moveaxis(1.0 - 2.0 * bits, -1, 0)
    if bases is None:
        return np.stack([np.ones_like(signs), signs], axis=-1), np.array([0.5, 1.5])
    chosen = np.moveaxis(bases, -1, 0)
    columns = [np.ones_like(signs), *(signs * (chosen == basis) for basis in range(3))]
    return np.stack(columns, axis=-1), np.array([0.5, 4.5, 4.5, 4.5])


def lower_blocks(
    bases: Octets | None, bits: Octets, sizes: Sequence[int]
) -> Iterator[tuple[slice, slice, int, Floats]]:
    """Yields the values of all pairs of an earlier and a later shot, block by block.

    Args:
        bases: (records, shots, n) bases 0, 1, 2; None where all shots of a record share one.
        bits: (records, shots, n) outcomes.
        sizes: Numbers of qubits; a value is the product over the first so many.

    Yields:
        The records, the later shots, the place in ``sizes`` and (records, later shots, shots up to
        these) values, zero unless the column is earlier than the row.
    """
    records, shots, _ = bits.shape
    together = max(1, PAIRS_AT_ONCE // max(1, shots**2))
    height = max(1, PAIRS_AT_ONCE // max(1, shots))
    for first in range(0, records, together):
        chosen = slice(first, first + together)
        features, weights = _features(None if bases is None else bases[chosen], bits[chosen])
        for start in range(0, shots, height):
            rows = slice(start, min(start + height, shots))
            product: Floats | None = None
            for number, qubit in enumerate(features[: max(sizes)], start=1):
                factor = (qubit[:, rows] * weights) @ qubit[:, : rows.stop].swapaxes(1, 2)
                product = factor if product is None else np.multiply(product, factor, out=product)
                if number in sizes:
                    yield chosen, rows, sizes.index(number), np.tril(product, start - 1)


def sums_with_earlier(bases: Octets | None, bits: Octets, sizes: Sequence[int]) -> Floats:
    """Returns (sizes, records, shots): for every shot the sum over its pairs with earlier ones."""
    sums = np.zeros((len(sizes), *bits.shape[:2]))
    for chosen, rows, place, values in lower_blocks(bases, bits, sizes):
        sums[place, chosen, rows] = values.sum(axis=2)
    return sums


def sums_by_distances(bits: Octets, qubits: int) -> Floats:
    """Sums 2ᵏ (-2)^-D over all pairs of shots of each basis, D their Hamming distance.

    Args:
        bits: (settings, shots, n) outcomes.
        qubits: The number k of qubits, the first ones.

    Returns:
        (settings,) sums.

    Example:
        >>> bits = np.array([[[0, 0], [0, 1], [1, 1]]], dtype=np.uint8)
        >>> sums_by_distances(bits, 2).tolist()  # -2 + 1 - 2
        [-3.0]
    """
    settings, shots, _ = bits.shape
    values = 2.0**qubits * (-2.0) ** -np.arange(qubits + 1.0)
    sums = np.zeros(settings)
    together = max(1, PAIRS_AT_ONCE // shots)
    for first in range(0, settings, together):
        words = pack_bits(bits[first : first + together, :, :qubits])
        for apart in range(1, shots):
            distances = count_ones(words[:, apart:] ^ words[:, :-apart])
            sums[first : first + together] += values[distances].sum(axis=1)
    return sums
