"""Ways to read records of many unknown evolutions: one number for each evolution.

Bell measurements after two uses leave every pair in 00 if the evolution is time-reversal symmetric
and nothing is noisy. Single uses on |0…0⟩, measured in the basis of Y on every qubit, leave an
outcome and its complement, all bits flipped, equally likely. Every reading is a number for each
evolution; two groups of them (:mod:`.clustering`) answer which evolutions are symmetric.

Noise leaves the *mean* of the bits of a symmetric evolution below one half long after outcomes
without any error have become rare, because an error spoils only the bits that it reaches: the share
of outcomes that are all 0 falls exponentially with the number of gates, the mean of the bits of a
circuit of fixed depth does not depend on the number of qubits (derived here).

*The flag.* The number of singlets, outcomes 11, is even without noise, because U Uᵀ is symmetric
for every U. A record may drop the shots in which it is odd; each dropped shot is spent all the
same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.bits import pack_bits
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference import checks
from quantum_advantage.inference.haar.real_amplitudes import complement_log_ratio
from quantum_advantage.inference.learning.kernel_pca import feature_coordinates, moment_features

Floats = npt.NDArray[np.float64]
Octets = npt.NDArray[np.uint8]
Integers = npt.NDArray[np.int64]
# Of the bits of a record, (evolutions, shots, bits), a number for each evolution.
Reading = Callable[[Octets], Floats]


def _read_pairs(bits: npt.ArrayLike) -> Octets:
    found = checks.bits("bits", bits, ("evolutions", "shots", "bits"))
    if not all(found.shape) or found.shape[2] % 2:
        raise UsageError(f"bits must be (evolutions, shots, 2n), not of shape {found.shape}")
    return found


def even_singlets(bits: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Tells which shots have an even number of singlets.

    Args:
        bits: (evolutions, shots, 2n) bits, those of the systems before those of the memories.

    Returns:
        (evolutions, shots) booleans.

    Raises:
        UsageError: If the bits are of another shape or not bits.

    Example:
        >>> even_singlets([[[1, 0, 1, 0], [1, 1, 1, 1], [0, 1, 1, 0]]]).tolist()
        [[False, True, True]]
    """
    found = _read_pairs(bits)
    pairs = found.shape[2] // 2
    return np.asarray((found[..., :pairs] & found[..., pairs:]).sum(axis=2) % 2 == 0)


def mean_weights(bits: npt.ArrayLike) -> Floats:
    """Returns the mean of all bits of each evolution.

    Args:
        bits: (evolutions, shots, 2n) bits.

    Returns:
        (evolutions,) means, 0 for a symmetric evolution without noise and near 1/2 for others.

    Raises:
        UsageError: If the bits are of another shape or not bits.

    Example:
        >>> mean_weights([[[0, 0], [0, 0]], [[1, 0], [0, 1]]]).tolist()
        [0.0, 0.5]
    """
    return np.asarray(_read_pairs(bits).mean(axis=(1, 2)))


def zero_shares(bits: npt.ArrayLike) -> Floats:
    """Returns the share of the shots of each evolution that are all 0.

    Args:
        bits: (evolutions, shots, 2n) bits.

    Raises:
        UsageError: If the bits are of another shape or not bits.

    Example:
        >>> zero_shares([[[0, 0], [0, 0]], [[1, 0], [0, 0]]]).tolist()
        [1.0, 0.5]
    """
    return np.asarray((~_read_pairs(bits).any(axis=2)).mean(axis=1))


def _even_means(bits: Octets) -> Floats:
    """Returns (evolutions, 2n) the means of the bits over the shots whose singlets are even.

    An evolution without such a shot gets 1/2, which knows nothing.
    """
    kept = even_singlets(bits)
    number = kept.sum(axis=1)
    sums = np.einsum("est,es->et", bits, kept, dtype=np.float64)
    return np.where(number[:, None] > 0, sums / np.maximum(number, 1)[:, None], 0.5)


def even_moments(bits: npt.ArrayLike) -> Floats:
    """Returns kernel principal coordinates of the moments of the shots whose singlets are even.

    Args:
        bits: (evolutions, shots, 2n) bits.

    Returns:
        (evolutions,) coordinates, as
        :func:`~quantum_advantage.inference.learning.kernel_pca.feature_coordinates`.

    Raises:
        UsageError: If the bits are of another shape or not bits.

    Example:
        >>> rng = np.random.default_rng(1)
        >>> bits = rng.integers(0, 2, (4, 50, 6))
        >>> bits[:2] = 0
        >>> found = even_moments(bits)
        >>> bool(found[0] * found[1] > 0 > found[0] * found[2])
        True
    """
    means = _even_means(_read_pairs(bits))
    return feature_coordinates(np.concatenate([means, means * (1 - means)], axis=1))


def even_weights(bits: npt.ArrayLike) -> Floats:
    """Returns the mean of all bits of the shots whose singlets are even.

    Args:
        bits: (evolutions, shots, 2n) bits.

    Raises:
        UsageError: If the bits are of another shape or not bits.

    Example:
        >>> even_weights([[[0, 0], [1, 1]], [[1, 0], [0, 1]]]).tolist()
        [0.0, 0.5]
    """
    return np.asarray(_even_means(_read_pairs(bits)).mean(axis=1))


def _moments(bits: Octets) -> Floats:
    return feature_coordinates(moment_features(bits))


def equal_pairs(bits: npt.ArrayLike) -> Floats:
    """Returns how many pairs of shots of each evolution have equal outcomes.

    Args:
        bits: (evolutions, shots, n) bits, n at most 63.

    Raises:
        UsageError: If the bits are of another shape or not bits.

    Example:
        >>> equal_pairs([[[0, 1], [0, 1], [0, 1]], [[0, 0], [1, 0], [1, 1]]]).tolist()
        [3.0, 0.0]
    """
    found = []
    for row in outcome_numbers_of(bits):
        _, times = np.unique(row, return_counts=True)
        found.append(float((times * (times - 1) // 2).sum()))
    return np.array(found)


def outcome_numbers_of(bits: npt.ArrayLike) -> Integers:
    """Returns outcomes as numbers, the first qubit in the lowest bit.

    Args:
        bits: (evolutions, shots, n) bits, n at most 63.

    Returns:
        (evolutions, shots) numbers.

    Raises:
        UsageError: If the bits are of another shape or not bits.

    Example:
        >>> outcome_numbers_of([[[1, 0], [0, 1]]]).tolist()
        [[1, 2]]
    """
    found = checks.bits("bits", bits, ("evolutions", "shots", "bits"))
    if not 1 <= found.shape[2] <= 63:
        raise UsageError(f"bits must be those of 1 to 63 qubits, not of {found.shape[2]}")
    return pack_bits(found)[..., 0].astype(np.int64)


def complement_ratios(bits: npt.ArrayLike) -> Floats:
    """Returns the log-likelihood ratios of equal and complementary outcomes of each evolution.

    Args:
        bits: (evolutions, shots, n) bits.

    Returns:
        (evolutions,) as
        :func:`~quantum_advantage.inference.haar.real_amplitudes.complement_log_ratio`.

    Raises:
        UsageError: If the bits are of another shape or not bits.

    Example:
        >>> complement_ratios([[[0, 0, 0], [1, 1, 1]], [[0, 0, 0], [1, 0, 0]]]).round(3).tolist()
        [0.588, -0.105]
    """
    outcomes = outcome_numbers_of(bits)
    qubits = np.asarray(bits).shape[2]
    return complement_log_ratio(outcomes, [outcomes.shape[1]], qubits)[:, 0]


BELL_READINGS: Mapping[str, Reading] = {
    "moments": _moments,
    "weight": mean_weights,
    "zeros": zero_shares,
    "even_moments": even_moments,
    "even_weight": even_weights,
}
SINGLE_READINGS: Mapping[str, Reading] = {
    "moments": _moments,
    "complements": complement_ratios,
    "collisions": equal_pairs,
}
