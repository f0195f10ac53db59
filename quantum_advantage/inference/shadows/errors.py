"""The errors of estimates from random Pauli bases: from what is known, not from the sample alone.

A setting whose random basis agrees with the w letters of a string Q contributes 3ʷ times the mean
sign of its K shots, any other one 0. The spread of the contributions of a sample is no honest error
where hits are rare: a string that was never hit shows no spread at all. Most of what the spread
would tell is known beforehand.

One string (derived here). Given a hit, the mean sign s̄ of a setting has the mean v = tr(Q ρ) and
E s̄² = q = v² + (1 - v²)/K, whatever the other letters of the basis are. So a contribution has the
second moment 3ʷ q exactly: 3ʷ for K = 1, without any sampling. For K > 1 the v² in q is bounded
from above by m² + e², m the mean sign over all hits and e its error; 1 where nothing was hit. The
stated variance of a contribution is

    max{3ʷ q, second moment of the sample} - min{v̂², m²},

with v̂ the estimate. The second moment of the sample is larger than 3ʷ q where more settings hit
than 3⁻ʷ of them; without it one chance hit of a string that 0.1 hits were expected of would be far
outside its error (coverage 86 % at w = 8, T = 1000). What is subtracted for v² is at most 1. As
m² ≤ q, it is 0 for the identity alone, which every setting knows.

A sum Σ c_a Q_a (derived here). The second moment of its contributions is Σ_ab c_a c_b M_ab, where
M_ab = E(contribution of a · contribution of b) is 0 unless the letters of a and b agree where both
act, and else at most 3^k with k their common qubits (see ``sample_complexity.second_moments``). The
stated variance is

    second moment of the sample
    + Σ_a c_a² max{0, 3^{w_a} q_a - second moment of a in the sample}
    + Σ_{a ≠ b} |c_a c_b| 3^k    over the agreeing pairs that no setting hit together
    - min{v̂², Σ_{a, b commute} |c_a c_b|, (Σ_a c_a m_a)²}.

The second moment of the sample is unbiased, and no line that is added is negative, so that the
first three are at least the true second moment on average. What is subtracted does not exceed v̂²,
and v² is at most the bound in the middle: v² ≤ tr(O² ρ) = Σ_ab c_a c_b tr(Q_a Q_b ρ), in which
anticommuting pairs cancel. The stated variance is at least that of the sample, and it is never
taken below that of any one of the terms alone, so that it is 0 for multiples of the identity alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.bits import Words, count_ones, parity
from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.core.standard_errors import sign_errors
from quantum_advantage.inference.shadows.packed import SignCounts
from quantum_advantage.inference.shadows.terms import Floats

# Of pairs of terms that more settings are expected to hit, one in a thousand is missed at most.
SELDOM = 7.0


@dataclass(frozen=True, eq=False)
class StringMoments:
    """What is known of the contributions of single strings.

    Attributes:
        values: (strings,) the estimates v̂.
        signs: (strings,) the mean signs m over the hits, 0 where there are none.
        sampled: (strings,) the second moments of the sample.
        known: (strings,) 3ʷ q.

    Example:
        >>> one = np.ones(1)
        >>> moments = StringMoments(0.5 * one, 0.5 * one, 3 * one, 3 * one)  # w = 1, v = 1/2
        >>> moments.variances().tolist()
        [2.75]
    """

    values: Floats
    signs: Floats
    sampled: Floats
    known: Floats

    def of(self, rows: npt.NDArray[np.int64]) -> StringMoments:
        """Returns the moments of some of the strings, by their numbers."""
        parts = self.values, self.signs, self.sampled, self.known
        return StringMoments(*(part[rows] for part in parts))

    def variances(self) -> Floats:
        """Returns the stated variances of a contribution of each string, see the module.

        Returns:
            (strings,) variances.
        """
        squares = np.minimum(self.values**2, self.signs**2)
        return np.asarray(np.maximum(self.known, self.sampled) - squares)


def string_moments(
    counts: SignCounts, weights: npt.NDArray[np.int64], settings: int, times: int
) -> StringMoments:
    """Computes the moments of strings from how often they were hit, and with which signs.

    Args:
        counts: The counts of ``packed.count_signs``.
        weights: (strings,) the weights of the strings.
        settings: The number of settings.
        times: K, the shots of each setting.

    Example:
        >>> counts = SignCounts(np.array([100]), np.array([25]), np.array([25]))
        >>> string_moments(counts, np.array([1]), settings=300, times=1).values.tolist()
        [0.5]
    """
    scale = 3.0**weights
    hits = counts.hits
    # A setting that hits contributes (times - 2 m)/times with m minus signs.
    total = (times * hits - 2 * counts.minus) / times
    squares = (times**2 * hits - 4 * times * counts.minus + 4 * counts.minus_squared) / times**2
    means = total / np.maximum(hits, 1)
    errors = np.where(hits > 0, sign_errors(means, np.maximum(hits, 1) * times), 1.0)
    largest = np.minimum(means**2 + errors**2, 1.0)
    known = scale * (largest + (1 - largest) / times)
    whole = weights == 0
    return StringMoments(
        total / settings * scale,
        means,
        squares / settings * scale**2,
        np.where(whole, 1.0, known),
    )


def sum_variance(
    strings: PauliStrings,
    coefficients: Floats,
    moments: StringMoments,
    contributions: Floats,
    hits: Words,
) -> float:
    """Returns the stated variance of a contribution to a sum, see the module.

    Args:
        strings: Its strings, without the identity.
        coefficients: (strings,) their coefficients.
        moments: The moments of the strings.
        contributions: (settings,) what the settings contribute to the sum.
        hits: (strings, words) which settings hit each string, packed.

    Example:
        >>> one, hits = np.ones(1), np.array([[0b111]], dtype=np.uint64)  # of 9 settings
        >>> moments = StringMoments(one, one, 3 * one, 3 * one)
        >>> values = np.array([3.0] * 3 + [0.0] * 6)
        >>> sum_variance(PauliStrings.from_text("Z"), one, moments, values, hits)  # 3 - 1
        2.0
    """
    if not len(strings):
        return 0.0
    size, squares = contributions.size, coefficients**2
    short = np.maximum(moments.known - moments.sampled, 0.0)
    never, commuting = _pair_sums(strings, np.abs(coefficients), size, hits)
    second = float((contributions**2).mean() + squares @ short) + never
    known = min(
        float(contributions.mean()) ** 2, commuting, float(coefficients @ moments.signs) ** 2
    )
    return max(second - known, float((squares * moments.variances()).max()))


def _pair_sums(
    strings: PauliStrings, sizes: Floats, settings: int, hits: Words
) -> tuple[float, float]:
    """Returns two sums over pairs (a, b) of terms.

    Args:
        strings: The strings.
        sizes: (strings,) |c_a|.
        settings: The number of settings.
        hits: (strings, words) which settings hit each string, packed.

    Returns:
        Σ |c_a c_b| 3^k over agreeing pairs a ≠ b that no setting hit, and Σ |c_a c_b| over
        commuting pairs, a = b among them.
    """
    x, z = strings.x, strings.z
    support, never, commuting = x | z, 0.0, 0.0
    for i in range(len(strings)):
        common = support & support[i]
        differs = ((x ^ x[i]) | (z ^ z[i])) & common
        product = sizes * sizes[i]
        # Strings commute if their letters differ on an even number of common qubits.
        commuting += float(product[parity(differs) == 0].sum())
        agree = ~differs.any(axis=1)
        agree[i] = False
        either = count_ones(support | support[i])
        rare = np.flatnonzero(agree & (settings * 3.0**-either < SELDOM))
        rare = rare[~(hits[rare] & hits[i]).any(axis=1)]
        never += float((product[rare] * 3.0 ** count_ones(common[rare])).sum())
    return never, commuting
