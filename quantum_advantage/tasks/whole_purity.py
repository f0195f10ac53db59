"""How mixed is a random state as a whole? As ``tasks.purities``, for all qubits alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from quantum_advantage.circuits.request import Record, Request
from quantum_advantage.inference.haar.collisions import unbiased_purity
from quantum_advantage.measurements.stabiliser import MOST_QUBITS
from quantum_advantage.systems.preparation import Preparation
from quantum_advantage.tasks.protocol import Limits, Protocol
from quantum_advantage.tasks.purities import Purities
from quantum_advantage.tasks.shared.purity_measurements import UnbiasedCollisions

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class UnbiasedPurity:
    """One copy in each of 2ⁿ + 1 unbiased bases in turn: collisions give the purity of the whole.

    Attributes:
        qubits: The number n of qubits.

    Example:
        >>> from quantum_advantage.backends.opening import open_backend
        >>> from quantum_advantage.circuits.run import run
        >>> from quantum_advantage.systems.random_states import random_states
        >>> rng = np.random.default_rng(1)
        >>> pure = random_states(2, np.zeros(1), rng, rng)
        >>> measured = UnbiasedPurity(2)
        >>> (record,) = run([measured.request(pure, 500, rng)], open_backend("qsim").make(1))
        >>> ((purity, error),) = measured.estimates(record, [2])
        >>> bool(abs(purity - 1) < 4 * error)
        True
    """

    qubits: int

    @property
    def _collisions(self) -> UnbiasedCollisions:
        return UnbiasedCollisions(self.qubits, 2**self.qubits + 1)

    def request(self, preparation: Preparation, shots: int, rng: np.random.Generator) -> Request:
        """Requests single copies in all unbiased bases, in turn."""
        return self._collisions.request(preparation, shots, rng)

    def estimates(self, record: Record, sizes: Sequence[int]) -> Floats:
        """Returns (1, 2): the purity of all qubits, the only size, and its error."""
        outcomes, bases = (array[0] for array in self._collisions.read(record, 1))
        return np.array([unbiased_purity(outcomes, bases, self.qubits)])


class WholePurity(Purities):
    """The task ``whole_purity``: how mixed is a random state as a whole?

    Example:
        >>> WholePurity("whole_purity").quantities("mutually_unbiased", 4)
        ('purity:first=4',)
    """

    NAME: ClassVar[str] = "whole_purity"

    def describe(self) -> Iterable[Protocol]:
        """Returns the protocols of ``purities``, and one that knows the whole alone."""
        yield from super().describe()
        yield Protocol(
            "mutually_unbiased",
            "One copy in each of the 2^n + 1 unbiased bases in turn. Estimate: the sum over the "
            "bases of\nthe shares of equal pairs, less 1.",
            copies_per_shot=1,
            measurement=lambda o, n: UnbiasedPurity(n),
            limits=lambda o, n: Limits(circuit_qubits=MOST_QUBITS, least_copies=2 * (2**n + 1)),
        )

    def sizes(self, qubits: int) -> Sequence[int]:
        """Returns n alone."""
        return [qubits]
