"""The error of a mean of signs, and of anything else that is bounded: never 0 by accident.

The usual error √[(1 - m²)/T] of a mean m of T signs is 0 where all signs agree, which says that the
mean is known exactly. The one stated here makes value ± 1.96 errors an interval that is right at
the edges too. For signs it is

    error = {z |m| + √[T (1 - m²) + z²]}/(T + 3),    z = 1.959964.

Source: derived here from Wilson, J. Am. Stat. Assoc. 22, 209 (1927). The interval of all means μ
with |m - μ| ≤ z √[(1 - μ²)/T] has the ends {m T ± z √[T (1 - m²) + z²]}/(T + z²); the larger one of
its distances from m is z times the error above with T + z² = T + 3.84 in the denominator. A
symmetric interval about m covers a little less than Wilson's own where T is small: 91.2 % at worst
for T ≥ 10. With T + 3 it is 93.2 % or more for every mean and every T from 10 on, by exact sums
over the binomial law, at a mean width of 1.05 times that of the exact interval of Clopper and
Pearson (``docs/coverage.md``). T signs that all agree have the error 3.92/(T + 3).

For values x that lie within ±b, half-way between their bounds being 0, the same with the variance
of the sample s² in the place of 1 - m²: {z |m| + √[T s² + z² b²]}/(T + 3). For signs it is the rule
above; for others it is like adding z² shots, half of them at either bound (Agresti and Coull, Am.
Stat. 52, 119 (1998)).
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

# A normal variable lies within so many standard deviations in 95 % of cases.
DEVIATIONS = 1.959964
# Wilson's z² = 3.84, made smaller so that the symmetric interval covers as well (see the module).
ADDED = 3.0

Floats = npt.NDArray[np.float64]


def bounded_errors(
    means: npt.ArrayLike, variances: npt.ArrayLike, bounds: npt.ArrayLike, shots: npt.ArrayLike
) -> Floats:
    """Returns the errors of means of bounded values, see the module.

    Args:
        means: (...) mean values.
        variances: (...) mean squared distances of the values from their mean.
        bounds: (...) what the values do not exceed in size.
        shots: (...) the numbers T of values, at least 1.

    Returns:
        (...) errors, 0 only where the bound is 0.

    Example:
        >>> bounded_errors([0.0, 0.5], [1.0, 0.75], 1.0, 1000).round(3).tolist()
        [0.032, 0.028]
    """
    m, s, b, t = (np.asarray(x, dtype=float) for x in (means, variances, bounds, shots))
    spread = np.sqrt(t * np.maximum(s, 0.0) + (DEVIATIONS * b) ** 2)
    return np.asarray((DEVIATIONS * np.abs(m) + spread) / (t + ADDED))


def sign_errors(means: npt.ArrayLike, shots: npt.ArrayLike) -> Floats:
    """Returns the errors of means of signs ±1, see the module.

    Args:
        means: (...) mean signs.
        shots: (...) the numbers T of signs, at least 1.

    Example:
        >>> sign_errors([0.0, 1.0], 97).round(4).tolist()
        [0.1004, 0.0392]
    """
    m = np.asarray(means, dtype=float)
    return bounded_errors(m, 1 - m**2, 1.0, shots)


def sign_error(mean: float, shots: int) -> float:
    """Returns the error of one mean of signs, infinite if there are none.

    Example:
        >>> round(sign_error(1.0, 97), 4), sign_error(0.0, 0)
        (0.0392, inf)
    """
    return float(sign_errors(mean, shots)) if shots else math.inf
