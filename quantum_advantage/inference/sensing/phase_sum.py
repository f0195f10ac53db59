"""What parities of an array of sensors say about the sum Φ of their phases.

The array multiplies the corner |1…1⟩⟨0…0| of the sensors' state by v exp(iΦ) and erases all other
coherence (:mod:`quantum_advantage.systems.sensor_array`). Three ways to read it, derived here; each
gives per shot a number with the mean cos Φ:

- Entangled sensors, (|0…0⟩ + |1…1⟩)/√2. The product of the X signs has the mean v cos Φ: on both
  terms X…X exchanges |0…0⟩ and |1…1⟩. Divided by v its square is v⁻².
- Separate sensors |+…+⟩, separate readout. The corner is 2⁻ⁿ, and a product of the signs of
  cos θᵢ X + sin θᵢ Y has the mean 2¹⁻ⁿ v cos(Φ - Σθᵢ): with an even number k of Ys among Xs this is
  (-1)^{k/2} 2¹⁻ⁿ v cos Φ, whichever sensors they are. Times 2ⁿ⁻¹/v its square is 4ⁿ⁻¹/v². Ys change
  nothing, and no other separate protocol does better
  (:mod:`quantum_advantage.bounds.sensor_array`).
- Separate sensors, joint readout in a basis that holds (|0…0⟩ ± |1…1⟩)/√2. These come up with the
  probabilities 2¹⁻ⁿ (1 ± v cos Φ)/2: the sign, or 0 for all other outcomes, has the mean
  2¹⁻ⁿ v cos Φ. Times 2ⁿ⁻¹/v its mean square is 2ⁿ⁻¹/v².

With m the mean square the variance of the mean over T shots is (m - cos² Φ)/T exactly.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.standard_errors import sign_error
from quantum_advantage.core.usage import UsageError

Way = Literal["entangled", "joint", "separate"]
# By how much every further sensor multiplies the mean square of one shot's estimate.
_BASES: dict[Way, float] = {"entangled": 1.0, "joint": 2.0, "separate": 4.0}


def mean_square(sensors: int, visibility: float, way: Way) -> float:
    """Returns m, the mean square of one shot's estimate of cos Φ.

    Args:
        sensors: The number n of sensors.
        visibility: v, in (0, 1].
        way: Entangled sensors, separate ones read jointly, or separate ones read separately.

    Raises:
        UsageError: If the way is unknown, the visibility does not lie in (0, 1], or there is no
            sensor.

    Example:
        >>> [mean_square(4, 1.0, way) for way in ("entangled", "joint", "separate")]
        [1.0, 8.0, 64.0]
    """
    if way not in _BASES:
        raise UsageError(f"way must be one of {', '.join(_BASES)}, not {way!r}")
    if not 0 < visibility <= 1:
        raise UsageError(f"visibility must lie in (0, 1], not {visibility}")
    if sensors < 1:
        raise UsageError(f"sensors must be at least 1, not {sensors}")
    return _BASES[way] ** (sensors - 1) / visibility**2


def sum_cosine(
    signs: npt.NDArray[np.integer],
    sensors: int,
    visibility: float,
    way: Way,
) -> tuple[float, float]:
    """Estimates cos Φ from one record.

    Args:
        signs: (shots,) 1 or -1, and 0 for shots of a joint readout that say nothing.
        sensors: The number n of sensors.
        visibility: v, in (0, 1], which is taken as known.
        way: As for :func:`mean_square`.

    Returns:
        The estimate and its standard error: of signs that of
        :mod:`quantum_advantage.core.standard_errors`, times the factor of the estimate. Of a joint
        readout √[(m - estimate²)/T] with m of :func:`mean_square`, or the mean square of the
        sample if it is larger, and at most 1 in the place of the square of the estimate.

    Raises:
        ValueError: If there are no signs, or other numbers, or a 0 where every shot has a sign; or
            as :func:`mean_square`.

    Example:
        >>> value, error = sum_cosine(np.array([1, 1, 1, -1] * 25), 4, 1.0, "entangled")
        >>> value, round(error, 1)
        (0.5, 0.1)
    """
    exact = mean_square(sensors, visibility, way)
    outcomes = np.asarray(signs)
    known = (-1, 0, 1) if way == "joint" else (-1, 1)
    if outcomes.ndim != 1 or not outcomes.size or not np.isin(outcomes, known).all():
        raise UsageError(f"signs must be of shape (shots,), some of {known}, for the way {way}")
    scale = (1.0 if way == "entangled" else 2.0 ** (sensors - 1)) / visibility
    mean, shots = float(outcomes.mean()), outcomes.size
    if way != "joint":
        return mean * scale, sign_error(mean, shots) * scale
    sampled = float((outcomes != 0).mean()) * scale**2
    square = max(exact, sampled)
    return mean * scale, float(np.sqrt((square - min((mean * scale) ** 2, 1.0)) / shots))
