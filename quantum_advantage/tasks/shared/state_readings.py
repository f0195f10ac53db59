"""Coordinates of unlabelled states, read from one shadow record of each in several ways.

One record serves all of them, so that they differ by what they read alone:

- ``kernel_1``, ``kernel_10``, ``kernel_100``: the first principal coordinate of the shadow kernel
  with γ = 1 and τ = 1, 10, 100. The one that claims are about, fixed beforehand, is τ = 10.
- ``one_qubit_10``, ``one_qubit_100``: the same with the inner exponential to first order, which is
  a function of the one-qubit states alone.
- ``own_value``: K_ii, the kernel's inner mean of a state with itself, without any other state.
- ``linear``: the first principal coordinate of the means of all Pauli strings on one qubit and on
  the two qubits of a bond.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from quantum_advantage.inference.learning.state_groups import (
    linear_coordinate,
    local_means,
    principal_coordinate,
)
from quantum_advantage.inference.shadows.agreements import count_agreements
from quantum_advantage.inference.shadows.shadow_kernel import (
    first_order,
    mean_exponentials,
    one_qubit_overlaps,
    shadow_kernel,
)
from quantum_advantage.measurements.records import ShadowRecord

Floats = npt.NDArray[np.float64]

TAUS = (1, 10, 100)
# Fixed before any data, for what is claimed.
CLAIMED_TAU = 10
CLAIMED = f"kernel_{CLAIMED_TAU}"
FIRST_ORDER_TAUS = (10, 100)
READINGS = (
    *(f"kernel_{tau}" for tau in TAUS),
    *(f"one_qubit_{tau}" for tau in FIRST_ORDER_TAUS),
    *("own_value", "linear"),
)


def coordinates_of(
    records: Sequence[ShadowRecord], bonds: Sequence[tuple[int, int]]
) -> Mapping[str, Floats]:
    """Returns a coordinate of every state by each of the readings.

    Args:
        records: One record for each state.
        bonds: The pairs of qubits that ``linear`` looks at.

    Returns:
        For each name of :data:`READINGS` (states,) coordinates, of which the sign means nothing.

    Raises:
        UsageError: If there are less than two states, or the records do not fit.

    Example:
        Four products of one-qubit states, two of them fully mixed:

        >>> from quantum_advantage.measurements.shadow_records import shadow_of_arrays
        >>> rng = np.random.default_rng(0)
        >>> bases = rng.integers(0, 3, (4, 300, 6), dtype=np.uint8)
        >>> outcomes = rng.integers(0, 2, (4, 300, 6), dtype=np.uint8)
        >>> outcomes[:2][bases[:2] == 2] = 0  # |000000⟩
        >>> found = coordinates_of([shadow_of_arrays(*pair) for pair in zip(bases, outcomes)], ())
        >>> for name in READINGS:
        ...     assert abs(np.diff(found[name][:2])) < abs(found[name][1] - found[name][2])
    """
    means = mean_exponentials(count_agreements(records))
    found = {f"kernel_{tau}": principal_coordinate(shadow_kernel(means, tau)) for tau in TAUS}
    first = first_order(one_qubit_overlaps(records))
    for tau in FIRST_ORDER_TAUS:
        found[f"one_qubit_{tau}"] = principal_coordinate(shadow_kernel(first, tau))
    found["own_value"] = np.diag(means)
    features = np.stack([local_means(record, bonds) for record in records])
    return found | {"linear": linear_coordinate(features)}
