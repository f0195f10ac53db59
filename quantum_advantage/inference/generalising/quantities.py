"""What can be asked of a new system: correlators, purities and entropies of pairs, and the energy.

Every one of the first three is learned from records by what the same quantity is in the frames of
all pairs of one shape; the energy is the sum of predicted correlators of the bonds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quantum_advantage.inference.generalising.frames import Pair
from quantum_advantage.inference.generalising.targets import pair_correlators
from quantum_advantage.inference.shadows.reduced import purity
from quantum_advantage.measurements.records import ShadowRecord

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Correlator:
    """⟨XX + YY + ZZ⟩/3 of two sites.

    Attributes:
        first: One site.
        second: The other.

    Example:
        >>> Correlator(0, 1).pair
        (0, 1)
    """

    first: int
    second: int

    @property
    def pair(self) -> Pair:
        """The two sites."""
        return self.first, self.second

    @staticmethod
    def targets(records: Sequence[ShadowRecord], pairs: Sequence[Pair]) -> Floats:
        """Returns (systems, pairs, 2): what records say of pairs, and its standard error."""
        return pair_correlators(records, pairs)

    @staticmethod
    def bounded(values: Floats) -> Floats:
        """Returns values moved into the range that quantum states have, [-1, 1]."""
        return np.clip(values, -1, 1)


@dataclass(frozen=True)
class PairPurity:
    """tr(ρ²) of the state of two sites, 2 to the power of minus its second Rényi entropy.

    Targets are unbiased for every state, from random bases (``shadows.purity``).

    Attributes:
        first: One site.
        second: The other.

    Example:
        >>> PairPurity(2, 5).pair
        (2, 5)
    """

    first: int
    second: int

    @property
    def pair(self) -> Pair:
        """The two sites."""
        return self.first, self.second

    @staticmethod
    def targets(records: Sequence[ShadowRecord], pairs: Sequence[Pair]) -> Floats:
        """Returns (systems, pairs, 2): what records say of pairs, and its standard error."""
        return np.array([[purity(record, list(pair)) for pair in pairs] for record in records])

    @staticmethod
    def bounded(values: Floats) -> Floats:
        """Returns values moved into [1/4, 1]."""
        return np.clip(values, 0.25, 1)


@dataclass(frozen=True)
class Energy:
    """⟨H⟩ of H = Σ J (XX + YY + ZZ) over the bonds of the grid.

    Example:
        >>> Energy()
        Energy()
    """


PairQuantity = Correlator | PairPurity
Quantity = PairQuantity | Energy
