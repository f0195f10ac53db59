"""The purity from single copies in random Pauli bases, string by string: from the hits of each.

The purity of a part of k qubits is 2⁻ᵏ Σ tr(P ρ)² over its 4ᵏ Pauli strings P. Let j of the M
settings, each a random basis used for K shots, hit a string of weight w, so that N = K j signs of P
are known, and let S be their sum. Given the bases these signs are independent with the mean
v = tr(P ρ), so that S² - N, a sum over pairs of shots, has the mean N (N - 1) v². It follows that

    2⁻ᵏ Σ_P a_N (S_P² - N_P)

is unbiased for any weights a of the pairs with E[a_N N (N - 1)] = 1, a mean over the binomial law
of j with the chance 3⁻ʷ. A string with less than two signs contributes nothing, and the others of
its weight count the more for it: there is no bias on average over the bases. The price is variance;
where no string is seldom hit, the estimate is unbiased given the bases too.

All pairs of classical shadows (``purity``) have one weight, 9ʷ/[M (M - 1)] for K = 1, so that the
estimate varies with how often each string happened to be hit. With a_N ∝ 1/[N (N - 1)] it does not,
but then a string with two hits counts as much as one with a hundred.

The weights used here (derived here). For independent signs

    E (S² - N)² = N (N - 1) [N (N - 1) v⁴ + 4 (N - 2) (v² - v⁴) + 2 (1 - v⁴)],

from the products of signs over equal, overlapping and disjoint pairs. The mean of a_N² (S² - N)²
over the strings of a weight and over j is the least, by Lagrange's rule, where a_N is proportional
to the inverse of the mean bracket. Of a product of eigenstates of Pauli matrices, one in 3ʷ strings
has v² = 1 and all others 0, whatever the part, and that makes

    a_N ∝ 1/[m N (N - 1) + 2 (1 - m)],    m = 3⁻ʷ.

Few hits are weighed as pairs, many as strings. The weights are fixed before the data and the
estimate is unbiased for every state, whether or not it looks like such a product.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.statistics import binomial_chances
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference import checks
from quantum_advantage.inference.shadows.purity import reach_purities, read_sizes

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Octets = npt.NDArray[np.uint8]

# 4ⁿ strings are counted, in 2ⁿ steps of all shots: seconds for ten thousand shots.
MOST_QUBITS = 14


@dataclass(frozen=True, eq=False)
class PairWeights:
    """How pairs of shots that hit a string of one weight count, by how many settings hit it.

    Attributes:
        weights: (settings + 1,) the weight a of a pair if j settings hit.
        variance: The variance of a_N (S² - N) for v = 0, 2 E[a_N² N (N - 1)].
        across: The part of it that comes from pairs of different settings.

    Example:
        Two settings of one shot hit both with the chance 1/9; then their pair, which S² - N counts
        twice, counts 9/2:

        >>> pairs = PairWeights.of(weight=1, settings=2, shots=1)
        >>> pairs.weights.round(9).tolist(), round(pairs.variance, 9), round(pairs.across, 9)
        ([0.0, 0.0, 4.5], 9.0, 9.0)
    """

    weights: Floats
    variance: float
    across: float

    @classmethod
    def of(cls, weight: int, settings: int, shots: int) -> PairWeights:
        """Computes the weights of the module.

        Args:
            weight: w, the weight of the strings.
            settings: M, the number of random bases.
            shots: K, how often each is used.
        """
        hits = np.arange(settings + 1.0)
        signs = shots * hits
        pairs = signs * (signs - 1)
        chances = binomial_chances(settings, 3.0**-weight)
        share = 3.0**-weight
        weights = np.where(pairs > 0, 1 / (share * pairs + 2 * (1 - share)), 0.0)
        weights /= chances @ (weights * pairs)
        squares = 2 * chances * weights**2
        across = squares @ (shots**2 * hits * (hits - 1))
        return cls(weights, float(squares @ pairs), float(across))


def _supports(bases: Octets, bits: Octets) -> Iterator[tuple[int, int, Integers, Floats]]:
    """Yields every set of qubits but the empty one, with what the settings say of its strings.

    Args:
        bases: (n, settings) bases.
        bits: (n, shots, settings) outcomes.

    Yields:
        The last qubit of the set, its size, (settings,) numbers of the string that each setting
        hits there, and (settings,) the sums of its signs.
    """
    qubits, shots, settings = bits.shape
    empty = np.zeros(settings, dtype=np.int64), np.zeros((shots, settings), dtype=np.uint8)
    waiting = [(-1, 0, *empty)]
    while waiting:
        last, size, strings, parities = waiting.pop()
        if size:
            yield last, size, strings, shots - 2.0 * parities.sum(axis=0, dtype=np.int64)
        for qubit in range(last + 1, qubits):
            more = 3 * strings + bases[qubit], parities ^ bits[qubit]
            waiting.append((qubit, size + 1, *more))


def hit_purities(bases: npt.ArrayLike, bits: npt.ArrayLike, sizes: Sequence[int]) -> Floats:
    """Estimates purities of parts from random Pauli bases, string by string.

    The variance (derived here) is that of the jackknife over the settings, (M - 1)/M Σ (θ_b - θ̄)²
    with θ_b the estimate without setting b and with the same weights. On average it is not below
    the true one (Efron and Stein, Ann. Stat. 9, 586 (1981)), but it counts twice what comes from
    pairs of settings. How much that is, is known for I/2ᵏ, where different strings are uncorrelated
    and the variance is exactly

        F = 4⁻ᵏ Σ_w C(k, w) 3ʷ · 2 E[a_N² N (N - 1)].

    Half of what F owes to pairs of settings is taken back; the other half is left for skewness.
    The variance is never taken below F, so that it is never 0. An interval that would lie outside
    the possible purities is made to reach them. How often intervals hold is measured in
    ``docs/coverage.md``: with fewer than some 30 settings that are used many times each, too
    seldom, as the sample does not show what the strings that it never hit would have said.

    Args:
        bases: (settings, n) uniformly random bases, 0, 1, 2 for X, Y, Z.
        bits: (settings, shots, n) outcomes; each basis is used for so many shots, often one.
        sizes: Numbers k of qubits; a part consists of the first k.

    Returns:
        (sizes, 2): the estimate of tr(ρ_A²) of each part A, without bias, and its standard error,
        infinite for one setting.

    Raises:
        ValueError: If the shapes differ, a basis or bit is wrong, a size is out of range or larger
            than 14, or there are less than 2 shots.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> bases = rng.integers(0, 3, (500, 2))
        >>> bits = rng.integers(0, 2, (500, 1, 2)) * (bases[:, None] < 2)  # |00⟩: exactly 1
        >>> for value, error in hit_purities(bases, bits, [1, 2]):
        ...     print(f"{value:.3f} ± {error:.3f}")
        0.996 ± 0.007
        1.040 ± 0.039
    """
    bits = checks.bits("bits", bits, ("settings", "shots", "qubits"))
    settings, shots, qubits = bits.shape
    if (shape := np.shape(bases)) != (settings, qubits):
        raise UsageError(f"bases must have the shape {(settings, qubits)} of the bits, not {shape}")
    bases = checks.bases("bases", bases, ("settings", "qubits"))
    sizes = read_sizes(sizes, qubits)
    if (top := max(sizes)) > MOST_QUBITS:
        raise UsageError(f"sizes must be at most {MOST_QUBITS} to count all strings, not {top}")
    if settings * shots < 2:
        raise UsageError(f"bits must have at least 2 shots, not {settings * shots}")
    pairs = [PairWeights.of(w, settings, shots) for w in range(1, top + 1)]
    found, without = np.zeros(top), np.zeros((top, settings))
    columns = bases.T[:top], np.ascontiguousarray(bits.transpose(2, 1, 0)[:top])
    for last, size, strings, sums in _supports(*columns):
        weights = pairs[size - 1].weights
        hits, signs = np.bincount(strings), np.bincount(strings, weights=sums)
        values = weights[hits] * (signs**2 - shots * hits)
        found[last] += values.sum()
        # Each setting changes the one string of the set that it hits.
        fewer = hits[strings] - 1
        rest = weights[fewer] * ((signs[strings] - sums) ** 2 - shots * fewer)
        without[last] += rest - values[strings]
    known, across = np.zeros((2, len(sizes)))
    for place, k in enumerate(sizes):
        strings_of = [math.comb(k, w) * 3**w / 4**k for w in range(1, k + 1)]
        for count, one in zip(strings_of, pairs, strict=False):
            known[place] += count * one.variance
            across[place] += count * one.across
    parts = np.asarray(sizes)
    estimates = (1 + np.cumsum(found)[parts - 1]) / 2.0**parts
    if settings == 1:
        return np.stack([estimates, np.full(parts.size, np.inf)], axis=1)
    left_out = np.cumsum(without, axis=0)[parts - 1] / 2.0 ** parts[:, None]
    jackknife = (settings - 1) * left_out.var(axis=1)
    errors = np.sqrt(np.maximum(jackknife - across / 2, known))
    return np.stack([estimates, reach_purities(estimates, errors, parts)], axis=1)
