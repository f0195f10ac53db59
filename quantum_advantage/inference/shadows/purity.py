"""The purity from single copies in random Pauli bases: a mean over pairs of shots.

Every pair of shots contributes a product over the qubits. In one random basis that both shots share
(grouped randomised measurements) the factor is 2 for equal bits and -1 for different ones,

    2ⁿ (-2)^{-D} at Hamming distance D    (Brydges et al., Science 364, 260 (2019)),

and with a fresh basis for every shot (classical shadows) it is 5 for the same basis and bit, -4 for
the same basis and another bit, 1/2 for another basis (Huang, Kueng, Preskill, Nature Physics 16,
1050 (2020): the trace of the product of two single-qubit snapshots).

Both have the mean tr ρ². Proof (derived here). With signs s = ±1 for the bits the factors are
1/2 + 3/2 s s' and 1/2 + 9/2 [same basis] s s'. In one of three random bases the mean of s s' is
that of (XX + YY + ZZ)/3, and two random bases are the same with chance 1/3, so either factor has
the mean of (II + XX + YY + ZZ)/2, which is the SWAP of the qubit; tr(SWAP ρ ⊗ ρ) = tr ρ². ∎

The sums over pairs are those of ``counted``, which is the faster the more shots there are for each
kind of outcome, or of ``shot_pairs``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.standard_errors import DEVIATIONS
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import whole_number
from quantum_advantage.inference import checks
from quantum_advantage.inference.haar.collisions import pair_mean_variance, sums_at
from quantum_advantage.inference.shadows import counted
from quantum_advantage.inference.shadows.shot_pairs import (
    lower_blocks,
    sums_by_distances,
    sums_with_earlier,
)

Floats = npt.NDArray[np.float64]
Octets = npt.NDArray[np.uint8]


def read_sizes(sizes: Sequence[int], qubits: int) -> list[int]:
    """Reads the numbers of qubits of parts, in a sequence or an array.

    Raises:
        UsageError: If there is none, or one is no whole number between 1 and ``qubits``.

    Example:
        >>> read_sizes(np.array([1, 3]), qubits=3)
        [1, 3]
    """
    if not isinstance(sizes, Iterable):
        raise UsageError(f"sizes must be a list of whole numbers, not {sizes!r}")
    found = [whole_number("sizes", size, 1, qubits) for size in sizes]
    if not found:
        raise UsageError("sizes must be at least one whole number")
    return found


def _read_bases(bases: npt.ArrayLike, bits: Octets, axes: tuple[str, ...]) -> Octets:
    if (shape := np.shape(bases)) != bits.shape:
        raise UsageError(f"bases must have the shape {bits.shape} of the bits, not {shape}")
    return checks.bases("bases", bases, axes)


def grouped_purities(bits: Octets, sizes: Sequence[int]) -> Floats:
    """Estimates purities of parts from random Pauli bases, each used for several shots.

    Source: the mean over pairs of distinct shots of each basis (Elben et al., Phys. Rev. A 99,
    052323 (2019)), then over the bases, which are independent.

    Args:
        bits: (settings, shots, n) outcomes; uniformly random Pauli bases, one for each setting.
        sizes: Numbers k of qubits; a part consists of the first k.

    Returns:
        (sizes, 2): the estimate of tr(ρ_A²) of each part A and its standard error
        √[s²/M + (D/M)² + (δ/M)²] for M settings of K shots. s² is the variance of their values, D
        the largest distance of one from the mean, as if one more setting were as far off; and
        δ = 3y/K with y the largest size of a value, or 1: by so much falls the value y = 2ᵏ of a
        setting whose shots all agree if one of them has another bit. So it is never 0. The values
        are skew: of a pure product state a setting with many shots has the relative variance
        1.5ᵏ - 1, most of it from rare bases, and fewer than some 10·1.5ᵏ settings do not show it
        (``docs/coverage.md``). An interval that would lie outside the possible purities is made to
        reach them. Infinite for one setting.

    Raises:
        ValueError: If the bits are of another shape or not bits, a size is out of range, or a
            setting has less than two shots.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> ((value, error),) = grouped_purities(rng.integers(0, 2, (300, 10, 2)), [1])
        >>> print(f"{value:.2f} ± {error:.2f}")  # I/2: exactly 1/2
        0.50 ± 0.01
    """
    bits = checks.bits("bits", bits, ("settings", "shots", "qubits"))
    settings, shots, qubits = bits.shape
    sizes = read_sizes(sizes, qubits)
    if settings < 1 or shots < 2:
        raise UsageError(
            f"bits must have at least 1 setting of 2 shots, not {settings} of {shots} shots"
        )
    means = np.stack([_sums_in_settings(bits, k) for k in sizes]) / (shots * (shots - 1) / 2)
    errors = np.full(len(sizes), np.inf)
    if settings > 1:
        spread = means.std(axis=1, ddof=1) / np.sqrt(settings)
        farthest = np.abs(means - means.mean(axis=1, keepdims=True)).max(axis=1)
        one_bit = 3 * np.maximum(np.abs(means).max(axis=1), 1.0) / shots
        errors = np.hypot(spread, np.hypot(farthest, one_bit) / settings)
    values = means.mean(axis=1)
    return np.stack([values, reach_purities(values, errors, np.asarray(sizes))], axis=1)


def _sums_in_settings(bits: Octets, qubits: int) -> Floats:
    """Returns (settings,) sums over the pairs of shots of each basis."""
    counts = counted.pay(2**qubits, bits.shape[1])
    return (counted.sums_in_settings if counts else sums_by_distances)(bits, qubits)


def reach_purities(values: Floats, errors: Floats, qubits: npt.NDArray[np.int64]) -> Floats:
    """Makes errors large enough for value ± 1.96 errors to reach a possible purity.

    An interval outside 2⁻ᵏ to 1 is certainly wrong; one that is made to reach the nearer end holds
    the truth at least as often.

    Args:
        values: (parts,) estimates.
        errors: (parts,) their errors.
        qubits: (parts,) the numbers k of qubits.

    Example:
        >>> reach_purities(np.array([1.5]), np.array([0.1]), np.array([1])).round(3).tolist()
        [0.255]
    """
    beyond = np.maximum(values - 1, 2.0**-qubits - values)
    return np.maximum(errors, beyond / DEVIATIONS)


def grouped_purity(bits: Octets) -> tuple[float, float]:
    """Estimates the purity tr ρ² from random Pauli bases, each used for several shots.

    Args:
        bits: (settings, shots, n) outcomes; uniformly random Pauli bases, one for each setting.

    Returns:
        The estimate and its standard error, as :func:`grouped_purities` of all qubits.

    Raises:
        ValueError: If the bits are of another shape or not bits, or a setting has less than two
            shots.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> value, error = grouped_purity(rng.integers(0, 2, (300, 10, 1)))  # I/2: exactly 1/2
        >>> print(f"{value:.2f} ± {error:.2f}")
        0.48 ± 0.02
    """
    bits = checks.bits("bits", bits, ("settings", "shots", "qubits"))
    ((value, error),) = grouped_purities(bits, [bits.shape[-1]]).tolist()
    return value, error


def grouped_purity_prefixes(bits: Octets, times: int, prefixes: npt.ArrayLike) -> Floats:
    """Estimates the purity from the first shots, with a new random basis after so many of them.

    The mean over all pairs of shots of one basis, that of a basis just begun among them.

    Args:
        bits: (trials, shots, n) outcomes, in the order of time.
        times: How many shots in a row share a uniformly random Pauli basis.
        prefixes: (prefixes,) how many shots to use, from 1 to ``shots``.

    Returns:
        (trials, prefixes) estimates, 0 where there is no pair.

    Raises:
        ValueError: If the bits are of another shape or not bits, ``times`` is less than 1, or a
            prefix is not between 1 and the number of shots.

    Example:
        >>> bits = np.array([[[0], [0], [1]]])
        >>> grouped_purity_prefixes(bits, times=3, prefixes=[1, 2, 3]).tolist()
        [[0.0, 2.0, 0.0]]
    """
    bits = checks.bits("bits", bits, ("trials", "shots", "qubits"))
    if times < 1:
        raise UsageError(f"times must be at least 1, not {times}")
    trials, shots, qubits = bits.shape
    times = min(times, max(shots, 1))
    settings = -(-shots // times)
    # The shots that complete the last basis come after all others: no sum that is read has them.
    whole = np.pad(bits, ((0, 0), (0, settings * times - shots), (0, 0)))
    (sums,) = sums_with_earlier(None, whole.reshape(trials * settings, times, qubits), [qubits])
    pairs = sums_at(np.arange(shots)[None] % times, prefixes)
    return np.asarray(sums_at(sums.reshape(trials, -1)[:, :shots], prefixes) / np.maximum(pairs, 1))


def shadow_purities(bases: Octets, bits: Octets, sizes: Sequence[int]) -> Floats:
    """Estimates purities of parts from one shot in each of many random Pauli bases.

    Args:
        bases: (shots, n) uniformly random bases, 0, 1, 2 for X, Y, Z.
        bits: (shots, n) outcomes.
        sizes: Numbers k of qubits; a part consists of the first k.

    Returns:
        (sizes, 2): the estimate of tr(ρ_A²) of each part A, the mean over all pairs of shots, and
        its standard error by :func:`shadow_purity_error`.

    Raises:
        ValueError: If the shapes differ, a basis or bit is wrong, a size is out of range, or there
            are less than 2 shots.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> bases, bits = rng.integers(0, 3, (500, 2)), rng.integers(0, 2, (500, 2))
        >>> for value, error in shadow_purities(bases, bits, [1, 2]):  # exactly 1/2 and 1/4
        ...     print(f"{value:.3f} ± {error:.3f}")
        0.497 ± 0.008
        0.271 ± 0.033
    """
    bits = checks.bits("bits", bits, ("shots", "qubits"))
    bases = _read_bases(bases, bits, ("shots", "qubits"))
    shots, qubits = bits.shape
    sizes = read_sizes(sizes, qubits)
    if shots < 2:
        raise UsageError(f"bits must have at least 2 shots, not {shots}")
    totals, rows, squares = _shadow_moments(bases, bits, sizes)
    errors = shadow_purity_error(totals, rows, squares, shots, np.asarray(sizes))
    return np.stack([totals / (shots * (shots - 1)), errors], axis=1)


def _shadow_moments(bases: Octets, bits: Octets, sizes: Sequence[int]) -> Floats:
    """Returns (3, sizes): sums over all pairs of shots as in :func:`shadow_purity_error`."""
    moments = np.zeros((3, len(sizes)))
    pairwise = []
    for place, k in enumerate(sizes):
        if counted.pay(6**k, len(bits)):
            moments[:, place] = counted.shadow_moments(bases, bits, k)
        else:
            pairwise.append(place)
    some = [sizes[i] for i in pairwise]
    sums, squares = np.zeros((len(some), len(bits))), np.zeros(len(some))
    for _, rows, place, values in lower_blocks(bases[None], bits[None], some) if some else ():
        sums[place, rows] += values[0].sum(axis=1)
        sums[place, : rows.stop] += values[0].sum(axis=0)
        squares[place] += 2 * float(np.einsum("ij,ij->", values[0], values[0]))
    moments[:, pairwise] = sums.sum(axis=1), (sums**2).sum(axis=1), squares
    return moments


def shadow_purity_error(
    total: npt.ArrayLike,
    rows: npt.ArrayLike,
    squares: npt.ArrayLike,
    shots: int,
    qubits: npt.ArrayLike,
) -> Floats:
    """Returns the standard error of a mean over all pairs of shots in fresh random bases.

    Source: derived here. The variance has two parts, see
    :func:`~quantum_advantage.inference.haar.collisions.pair_mean_variance`. The first, of which a
    sample tells, is taken from it, and never as less than 0. The second is 2 (E h² - p²)/(T (T -
    1)), in which the value h of a pair has a known mean square: with a factor f in {5, -4, 1/2} of
    a qubit and s s' the product of both signs f² is 41/2 + 9/2 s s' if the bases are the same, else
    1/4. In one of three random bases the mean of s s' is that of (XX + YY + ZZ)/3 = (2 SWAP - I)/3,
    so that f² has the mean of (13/2) I + SWAP and E h² = Σ_S (13/2)^(k - |S|) tr(ρ_S²) over all
    parts S of the k qubits. As 2^-|S| ≤ tr(ρ_S²) ≤ 1, it lies between 7ᵏ, and 7.5ᵏ for product
    states. Here it is 7.5ᵏ, or the mean square of the sample if that is larger, so that one pair
    with a rare large value does not lie far outside its error; p² counts as 1 at most.

    From few shots the estimate of the first part is often 0. So the variance is at least that of
    the jackknife, 4 (T - 1)/[T (T - 2)²] times the sum of the squared distances of the shots' mean
    values from the mean (Arvesen, Ann. Math. Stat. 40, 2076 (1969)), which is not below the true
    one on average (Efron and Stein, Ann. Stat. 9, 586 (1981)) and up to twice as large where the
    first part is 0. An interval that would lie outside the possible purities is made to reach them.

    Args:
        total: (...) the sums of the values over all pairs, each twice.
        rows: (...) the sums over the shots of the squares of the sums over their pairs.
        squares: (...) the sums of the squares over all pairs, each twice.
        shots: T, at least 2.
        qubits: (...) the numbers k of qubits.

    Example:
        >>> error = shadow_purity_error(total=3.0, rows=6.0, squares=75.0, shots=3, qubits=1)
        >>> bool(error > 0)
        True
    """
    pairs = shots * (shots - 1)
    s, r = np.asarray(total, dtype=float), np.asarray(rows, dtype=float)
    mean = s / pairs
    linear = np.maximum(pair_mean_variance(total, rows, squares, shots)[0], 0.0) * (shots > 3)
    largest = np.maximum(7.5 ** np.asarray(qubits, dtype=float), np.asarray(squares) / pairs)
    variances = linear + 2 * (largest - np.minimum(mean**2, 1.0)) / pairs
    spread = np.maximum(r - s**2 / shots, 0.0) / (shots - 1) ** 2
    jackknife = 4 * (shots - 1) * spread / (shots * max(shots - 2, 1) ** 2)
    errors = np.sqrt(np.maximum(variances, jackknife))
    return reach_purities(mean, errors, np.asarray(qubits))


def shadow_purity(bases: Octets, bits: Octets) -> tuple[float, float]:
    """Estimates the purity tr ρ² from one shot in each of many random Pauli bases.

    Args:
        bases: (shots, n) uniformly random bases, 0, 1, 2 for X, Y, Z.
        bits: (shots, n) outcomes.

    Returns:
        The estimate and its standard error, as :func:`shadow_purities` of all qubits.

    Raises:
        ValueError: If the shapes differ, a basis or bit is wrong, or there are less than 2 shots.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> bases, bits = rng.integers(0, 3, (500, 2)), rng.integers(0, 2, (500, 2))
        >>> value, error = shadow_purity(bases, bits)  # exactly 1/4
        >>> print(f"{value:.3f} ± {error:.3f}")
        0.271 ± 0.033
    """
    bits = checks.bits("bits", bits, ("shots", "qubits"))
    ((value, error),) = shadow_purities(bases, bits, [bits.shape[-1]]).tolist()
    return value, error


def shadow_purity_prefixes(bases: Octets, bits: Octets, prefixes: npt.ArrayLike) -> Floats:
    """Estimates the purity from the first shots of random Pauli bases, by all of their pairs.

    Args:
        bases: (trials, shots, n) uniformly random bases, 0, 1, 2 for X, Y, Z.
        bits: (trials, shots, n) outcomes.
        prefixes: (prefixes,) how many shots to use, from 1 to ``shots``.

    Returns:
        (trials, prefixes) estimates, 0 where there is no pair.

    Raises:
        ValueError: If the shapes differ, a basis or bit is wrong, or a prefix is not between 1 and
            the number of shots.

    Example:
        >>> bases, bits = np.array([[[2], [2], [0]]]), np.array([[[0], [0], [1]]])
        >>> shadow_purity_prefixes(bases, bits, [1, 2, 3]).tolist()  # of 5; of 5, 1/2 and 1/2
        [[0.0, 5.0, 2.0]]
    """
    bits = checks.bits("bits", bits, ("trials", "shots", "qubits"))
    bases = _read_bases(bases, bits, ("trials", "shots", "qubits"))
    pairs = sums_at(np.arange(bits.shape[1])[None], prefixes)
    (sums,) = sums_with_earlier(bases, bits, [bits.shape[-1]])
    return np.asarray(sums_at(sums, prefixes) / np.maximum(pairs, 1))
