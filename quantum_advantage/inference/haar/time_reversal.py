"""Is an evolution time-reversal symmetric? What Bell outcomes of two uses of it say.

Both halves of n pairs Φ⁺ pass the evolution U, and every pair is measured in the Bell basis. The
state is (U⊗U)|Φ⁺⟩ = (U Uᵀ⊗I)|Φ⁺⟩, so the outcome (a, b) has the probability |tr(σ U Uᵀ)|²/4ⁿ with
the Pauli string σ that has the x bits b and the z bits a.

- A symmetric U is real up to a phase, U Uᵀ = I: all bits are 0, always.
- For a Haar-random U a shot is uniform over the d(d + 1)/2 outcomes with an even number of singlets
  (11), d = 2ⁿ. Proof (derived here): the average of (U⊗U)|Φ⁺⟩⟨Φ⁺|(U⊗U)† commutes with all W⊗W and
  lives on the symmetric subspace, where these act irreducibly, so it is the projector on that space
  over its dimension d(d + 1)/2. A product of Bell states is symmetric if its number of singlets is
  even, and antisymmetric otherwise. ∎ In particular E Pr(all 0) = 2/(d(d + 1)).
- Whatever U is, U Uᵀ is symmetric and the number of singlets even: an odd one is an error.

Noise is taken as 'the ideal outcome with probability F, else a uniform one; then every bit flips
with probability e'. The law of the Hamming weight of all 2n bits is known for both kinds, and the
scores read the weight alone; they are positive in favour of a symmetric U. Several shots of one
general U are not quite independent, but the scores take them so, with the law of one shot, averaged
over U.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import scipy

from quantum_advantage.core.bits import Words, count_ones
from quantum_advantage.core.statistics import binomial_chances
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.checks import whole_numbers
from quantum_advantage.inference.haar.collisions import sums_at
from quantum_advantage.inference.hidden_pauli.likelihoods import IMPOSSIBLE

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

# Quadrature over a fidelity between 0 and 1.
_LEGENDRE = tuple(np.polynomial.legendre.leggauss(16))
_FIDELITIES, _WEIGHTS = (_LEGENDRE[0] + 1) / 2, _LEGENDRE[1] / 2


def hamming_weights(system: Words, memory: Words) -> Integers:
    """Returns the number of ones among the 2n bits of every shot.

    Args:
        system: (..., words) packed outcomes a.
        memory: (..., words) packed outcomes b.

    Returns:
        (...) weights, from 0 to 2n.

    Example:
        >>> from quantum_advantage.core.bits import pack_bits
        >>> hamming_weights(pack_bits([[1, 0]]), pack_bits([[1, 1]])).tolist()
        [3]
    """
    return count_ones(system) + count_ones(memory)


def weight_laws(qubits: int, fidelity: float = 1.0, readout: float = 0.0) -> Floats:
    """Returns the law of the Hamming weight of a shot, of a general and a symmetric evolution.

    Source: derived here. Under a symmetric evolution the weight is binomial with e, in a uniform
    outcome with 1/2. For a general one let A = 1 - e + e z and B = e + (1 - e) z generate the bit
    that is read for 0 and for 1. The law 2/(d(d + 1)) · [1 + ∏ s]/2 over all outcomes, s = -1 for
    11 and else +1, has the generating function
    [(A² + 2AB + B²)ⁿ + (A² + 2AB - B²)ⁿ]/(d(d + 1)), in which the first sum is (1 + z)².

    Args:
        qubits: The number n of qubits.
        fidelity: F, the probability of the ideal outcome.
        readout: e, the probability that a bit flips.

    Returns:
        (2, 2n + 1) probabilities of the weights 0 to 2n: general, symmetric.

    Raises:
        ValueError: If a probability is out of range.

    Example:
        >>> weight_laws(1).round(3).tolist()  # 2/(d(d + 1)) of all 0 for a general evolution
        [[0.333, 0.667, 0.0], [1.0, 0.0, 0.0]]
    """
    if not 0 <= fidelity <= 1:
        raise UsageError(f"fidelity must lie in [0, 1], not {fidelity}")
    if not 0 <= readout <= 0.5:
        raise UsageError(f"readout must lie in [0, 0.5], not {readout}")
    size = 2.0**qubits
    uniform = binomial_chances(2 * qubits, 0.5)
    symmetric = binomial_chances(2 * qubits, readout)
    zero, one = np.array([1 - readout, readout]), np.array([readout, 1 - readout])
    pair = (np.convolve(zero, zero + 2 * one) - np.convolve(one, one)) / 4
    signed = np.ones(1)
    for _ in range(qubits):
        signed = np.convolve(signed, pair)
    # Weights that only odd outcomes have are impossible without flips, and not negative either.
    general = np.maximum(uniform + signed, 0) * size / (size + 1)
    return fidelity * np.stack([general, symmetric]) + (1 - fidelity) * uniform


def _check_weights(weights: npt.NDArray[np.integer], qubits: int) -> None:
    whole_numbers("weights", weights)
    if weights.size and not 0 <= weights.min() <= weights.max() <= 2 * qubits:
        wrong = weights.min() if weights.min() < 0 else weights.max()
        raise UsageError(
            f"weights of {qubits} pairs must lie between 0 and {2 * qubits}, not {wrong}"
        )


def _log(laws: Floats) -> Floats:
    """Returns logarithms, of the impossible one that is finite."""
    return np.asarray(np.log(np.maximum(laws, math.exp(-IMPOSSIBLE))))


def weight_log_odds(
    weights: npt.NDArray[np.integer],
    prefixes: npt.ArrayLike,
    qubits: int,
    *,
    fidelity: float = 1.0,
    readout: float = 0.0,
) -> Floats:
    """Returns the log-likelihood ratio of the Hamming weights, for noise that is known.

    Without noise it is ln(d(d + 1)/2) for every shot with all bits 0, and one other shot excludes a
    symmetric evolution. With noise this is the best that the weights can do.

    Args:
        weights: (trials, shots) weights from 0 to 2n.
        prefixes: (prefixes,) how many shots to use, from 1 to ``shots``.
        qubits: The number n of qubits.
        fidelity: F, the probability of the ideal outcome.
        readout: e, the probability that a bit flips.

    Returns:
        (trials, prefixes) natural logarithms, positive in favour of a symmetric evolution.

    Raises:
        ValueError: If a weight, a prefix or a probability is out of range.

    Example:
        >>> weight_log_odds(np.array([[0, 0]]), [1, 2], 1).round(3).tolist()  # ln 3 a shot
        [[1.099, 2.197]]
    """
    _check_weights(weights, qubits)
    general, symmetric = _log(weight_laws(qubits, fidelity, readout))
    return np.asarray(sums_at((symmetric - general)[weights], prefixes))


def averaged_weight_log_odds(
    weights: npt.NDArray[np.integer],
    prefixes: npt.ArrayLike,
    qubits: int,
    *,
    readout: float = 0.0,
) -> Floats:
    """Returns the log-likelihood ratio of the Hamming weights where the fidelity F is unknown.

    Both likelihoods are averaged over F, uniform between 0 and 1, so that the shots themselves say
    how noisy they are. Where F exceeds some 0.1 that costs hardly any shots more than to know it:
    general evolutions show nearly the same weights at every F.

    Args:
        weights: (trials, shots) weights from 0 to 2n.
        prefixes: (prefixes,) how many shots to use, from 1 to ``shots``.
        qubits: The number n of qubits.
        readout: e, the probability that a bit flips.

    Returns:
        (trials, prefixes) natural logarithms, positive in favour of a symmetric evolution.

    Raises:
        ValueError: If a weight, a prefix or the probability is out of range.

    Example:
        >>> averaged_weight_log_odds(np.array([[0, 0], [2, 2]]), [2], 1).round(1).tolist()
        [[1.6], [0.0]]
    """
    _check_weights(weights, qubits)
    tables = np.stack([_log(weight_laws(qubits, f, readout)) for f in _FIDELITIES], axis=1)
    general, symmetric = (
        scipy.special.logsumexp(
            [sums_at(table[weights], prefixes) for table in kind],
            axis=0,
            b=_WEIGHTS[:, None, None],
        )
        for kind in tables
    )
    return np.asarray(symmetric - general)
