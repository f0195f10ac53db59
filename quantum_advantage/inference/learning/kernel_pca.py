"""Unlabelled records on a line: kernel principal component analysis of measured bits.

One point for each unknown evolution, from the outcomes of its shots alone. What tells evolutions
apart comes out as the first coordinate, if the kernel sees it. Two kernels:

- Moments: the mean and the variance of every measured bit, each standardised over the evolutions,
  and exp(-|f - f'|²/m) for m such features.
- Shots: exp{(τ/T²) Σ_{t,t'} exp[(γ/n) Σ_i k(s_i^t, s_i^{t'})]}, the shadow kernel of Huang, Kueng,
  Torlai, Albert and Preskill, Science 377, eabk3333 (2022), arXiv 2106.12627, with k = 1 for equal
  Bell outcomes of a pair and else 0. It contains products of all orders over the pairs, so that it
  sees correlations that no single bit has. The inner mean is a scalar product ⟨μ, μ'⟩ of mean
  embeddings; divided by the roots of its diagonal the kernel is exp(-τ|μ - μ'|²/2). That is used
  here, with τ in units of the mean of |μ - μ'|² over all pairs of evolutions:
  exp(-τ|μ - μ'|²/⟨|μ - μ'|²⟩).
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.extras import import_extra
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference import checks

Floats = npt.NDArray[np.float64]
Octets = npt.NDArray[np.uint8]
# γ and τ of the kernel of shots.
GAMMA = 3.0
TAU = 2.0
# Shots of which all values with those of another evolution are within the cache.
SHOTS_AT_ONCE = 128
# Coordinates below it, relative to the kernel's root, are rounding.
NOTHING = 1e-7
_EXTRA = "learning", "kernel principal component analysis"


def _read_bits(bits: npt.ArrayLike, *, even: bool = False) -> Octets:
    found = checks.bits("bits", bits, ("evolutions", "shots", "bits"))
    if not all(found.shape):
        raise UsageError(f"bits must have shape (evolutions, shots, bits), not {found.shape}")
    if even and found.shape[2] % 2:
        raise UsageError(f"bits of pairs must be even in number, not {found.shape[2]}")
    return found


def moment_features(bits: Octets) -> Floats:
    """Returns the mean and the variance of every bit.

    Args:
        bits: (evolutions, shots, m) bits.

    Returns:
        (evolutions, 2m): the means, then the variances mean (1 - mean).

    Raises:
        ValueError: If the bits are of another shape or not bits.

    Example:
        >>> moment_features(np.array([[[1], [0], [0], [0]]])).tolist()
        [[0.25, 0.1875]]
    """
    bits = _read_bits(bits)
    means = bits.mean(axis=1)
    return np.concatenate([means, means * (1 - means)], axis=1)


def feature_coordinates(features: npt.ArrayLike) -> Floats:
    """Returns the first kernel principal coordinate of features, with the kernel exp(-|f - f'|²/m).

    Args:
        features: (evolutions, m) features, which are standardised first; a constant one is ignored.

    Returns:
        (evolutions,) coordinates; their common sign means nothing.

    Raises:
        ValueError: If there are less than two evolutions.
        UsageError: If scikit-learn, the extra ``learning``, is not installed.

    Example:
        >>> found = feature_coordinates([[0.0], [0.1], [1.0], [1.1]])
        >>> found.shape, bool(found[0] * found[1] > 0 > found[0] * found[2])
        ((4,), True)
    """
    values = np.asarray(features, dtype=np.float64)
    preprocessing = import_extra("sklearn.preprocessing", *_EXTRA)
    scaled = preprocessing.StandardScaler().fit_transform(values)
    squares = ((scaled[:, None] - scaled) ** 2).sum(axis=2)
    return kernel_coordinates(np.exp(-squares / values.shape[1]))


def kernel_coordinates(kernel: Floats) -> Floats:
    """Returns the first principal coordinate of a kernel: its centred matrix, diagonalised.

    Args:
        kernel: (evolutions, evolutions) values of the kernel, a positive semidefinite matrix.

    Returns:
        (evolutions,) coordinates; their common sign means nothing.

    Raises:
        ValueError: If there are less than two evolutions.
        UsageError: If scikit-learn, the extra ``learning``, is not installed.

    Example:
        >>> kernel = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
        >>> found = kernel_coordinates(kernel)
        >>> bool(abs(found[0] - found[1]) < 1e-9 < abs(found[0] - found[2]))
        True
    """
    if len(kernel) < 2:
        raise UsageError(f"evolutions must be at least 2, not {len(kernel)}")
    decomposition = import_extra("sklearn.decomposition", *_EXTRA)
    analysis = decomposition.KernelPCA(1, kernel="precomputed", eigen_solver="dense")
    found = np.asarray(analysis.fit_transform(kernel), dtype=np.float64)[:, 0]
    # Where all points are equal there is nothing but rounding to see.
    seen = np.abs(found).max() >= NOTHING * math.sqrt(np.abs(kernel).max())
    return found if seen else np.zeros_like(found)


def _sums_by_shots(symbols: Octets, gains: Floats) -> Floats:
    """Returns the sums over all pairs of shots: products of one-hot codes count equal symbols."""
    evolutions, shots, _ = symbols.shape
    equal = np.log(gains[0, 0])
    letters = np.arange(len(gains), dtype=np.uint8)
    codes = (symbols[..., None] == letters).astype(np.float32).reshape(evolutions, shots, -1)
    sums = np.empty((evolutions, evolutions))
    for one in range(evolutions):
        left = codes[one] * np.float32(equal)
        for two in range(one, evolutions):
            total = 0.0
            for start in range(0, shots, SHOTS_AT_ONCE):
                values = left[start : start + SHOTS_AT_ONCE] @ codes[two].T
                total += float(np.exp(values, out=values).sum(dtype=np.float64))
            sums[one, two] = sums[two, one] = total
    return sums


def _sums_by_counts(symbols: Octets, gains: Floats) -> Floats:
    """Returns the same sums: the counts of all outcomes, multiplied by the gains site by site."""
    evolutions, _, sites = symbols.shape
    letters = len(gains)
    numbers = symbols.astype(np.int64) @ letters ** np.arange(sites)[::-1]
    sums = np.empty((evolutions, evolutions))
    for one in range(evolutions):
        values = np.bincount(numbers[one], minlength=letters**sites).astype(np.float64)
        for _ in range(sites):
            # The first site is multiplied and moved to the end, once for every site.
            values = values.reshape(letters, -1).T @ gains
        sums[one] = values.ravel()[numbers].sum(axis=1)
    return sums


def _mean_overlaps(symbols: Octets) -> Floats:
    """Returns the means over all pairs of shots of the inner exponential.

    Args:
        symbols: (evolutions, shots, n) outcomes 0 to 3 of pairs.
    """
    evolutions, shots, sites = symbols.shape
    gains = np.where(np.eye(4) == 1, np.exp(GAMMA / sites), 1.0)
    # Measured: a count takes as long for each site as a pair of shots, twice that beyond the cache.
    few = 4 * sites * 4**sites <= evolutions * shots**2
    return (_sums_by_counts if few else _sums_by_shots)(symbols, gains) / shots**2


def bell_kernel(bits: Octets) -> Floats:
    """Returns the analogue of the shadow kernel for Bell outcomes: 1 for equal outcomes of a pair.

    It sees that all pairs of a shot are 00 at once, and so stands more noise than the moments: with
    20 + 20 Haar-random evolutions of 6 to 8 qubits, 100 shots of which one in ten is not lost, and
    readout errors of 3 % it divides 96 to 98 % correctly, the moments 81 to 86 %.

    Args:
        bits: (evolutions, shots, 2n) bits, those of the first n qubits before those of their
            partners.

    Returns:
        (evolutions, evolutions) values.

    Raises:
        ValueError: If the bits are of another shape or not bits.

    Example:
        >>> bits = np.array([[[0, 0], [0, 0]], [[0, 0], [0, 0]], [[1, 1], [1, 1]]])
        >>> bell_kernel(bits).round(3).tolist()
        [[1.0, 1.0, 0.05], [1.0, 1.0, 0.05], [0.05, 0.05, 1.0]]
    """
    bits = _read_bits(bits, even=True)
    pairs = bits.shape[2] // 2
    symbols = 2 * bits[..., :pairs] + bits[..., pairs:]
    overlaps = _mean_overlaps(symbols)
    lengths = np.diag(overlaps)
    squares = np.maximum(lengths[:, None] + lengths - 2 * overlaps, 0)
    evolutions = lengths.size
    middle = squares.sum() / max(evolutions * (evolutions - 1), 1)
    return np.asarray(np.exp(-TAU * squares / middle)) if middle else np.ones_like(squares)
