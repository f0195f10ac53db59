"""How often something shows that a single star never shows, and how many shots find a companion.

A pair of stored photons of a single star never shows an odd number of singlets in a Bell
measurement, whatever the star looks like; with a companion it does with probability
p = c(1 - c)(1 - o²), so that one such pair is a detection. Ways to do without stored photons are in
:mod:`quantum_advantage.inference.sensing.single_photons`.
"""

from __future__ import annotations

from scipy.special import betainc, btdtrib

from quantum_advantage.core.standard_errors import sign_error
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.bell.squares import purity
from quantum_advantage.measurements.records import BellRecord

POWER, FALSE_ALARMS = 0.95, 0.05


def odd_share(record: BellRecord) -> tuple[float, float]:
    """Estimates the chance of an odd number of singlets from Bell measurements of pairs.

    Returns:
        The share (1 - estimated purity)/2 of the pairs, and its standard error.

    Raises:
        ValueError: As :func:`~quantum_advantage.inference.bell.squares.purity`.

    Example:
        >>> import cirq
        >>> from quantum_advantage import measure_bell
        >>> a, b = cirq.LineQubit.range(2)
        >>> pair = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b))
        >>> record = measure_bell(pair, cirq.Simulator(seed=1), 1000)
        >>> share, error = odd_share(record)
        >>> share, error > 0
        (0.0, True)
    """
    value, error = purity(record)
    return (1 - value) / 2, error / 2


def share_error(share: float, shots: int) -> float:
    """Returns the standard error of a share, which is not 0 where none of the shots counted.

    The share x is (1 - m)/2 for the mean m of signs: half the error of
    :mod:`quantum_advantage.core.standard_errors`.

    Args:
        share: The share of the shots that counted, in [0, 1].
        shots: The number of shots.

    Raises:
        UsageError: If the share does not lie in [0, 1].

    Example:
        >>> round(share_error(0.0, 97), 4)
        0.0196
    """
    if not 0 <= share <= 1:
        raise UsageError(f"share must lie in [0, 1], not {share}")
    return sign_error(1 - 2 * share, shots) / 2


def shots_to_detect(chance: float, dark: float = 0.0) -> float:
    """Returns the shots that find 95 % of the companions with at most 5 % false alarms, exactly.

    A detection is at least k events; k is the smallest that keeps the false alarms. Without dark
    events k = 1 and the shots are ln 0.05/ln(1 - chance). The law of k or more events in T shots is
    an incomplete beta function, continued to a T that need not be whole.

    Args:
        chance: The chance of an event in a shot with a companion, dark ones included.
        dark: That with a single star.

    Raises:
        ValueError: If the chances are not 0 <= dark < chance < 1.

    Example:
        >>> round(shots_to_detect(0.01), 1)  # ln 0.05/ln 0.99
        298.1
    """
    if not 0 <= dark < chance < 1:
        raise UsageError(f"chances must obey 0 <= dark < chance < 1, not {dark} and {chance}")
    low, high = 0, 1
    while _false_alarms(high, chance, dark) > FALSE_ALARMS:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if _false_alarms(middle, chance, dark) > FALSE_ALARMS:
            low = middle
        else:
            high = middle
    return _shots(high, chance)


def _shots(events: int, chance: float) -> float:
    """Returns the T at which so many events or more have the wanted probability."""
    return float(btdtrib(events, POWER, chance) + events - 1)


def _false_alarms(events: int, chance: float, dark: float) -> float:
    """Returns the probability of so many dark events or more in that many shots."""
    return float(betainc(events, _shots(events, chance) - events + 1, dark))
