"""Bell measurements of few settings, each run several times: where circuits are dear, shots cheap.

Every copy of a hidden-Pauli state is a product state drawn anew, and so every Bell shot is a
circuit of its own. A service that bills circuits or queues each as a job would rather run one
circuit many times. Then the shots of one setting share the two product states that were drawn for
it: they are not independent, and the setting is the unit.

The law (derived here). In a setting both copies are eigenstates of the hidden string P, so that its
sign is the same in all of its shots; over settings it has mean α². If both copies are eigenstates
of another string Q, its sign is the same in all shots too, with mean tr(Q ρ)² = 0 over settings,
and the product of both signs, the sign of P Q up to a phase, has mean 0 as well. Otherwise some
letter of Q has mean 0 in the states, and the signs of Q are fair coins, independent of each other
and of the states. In both cases the majority of an odd number of its signs is a fair coin that is
independent of the sign of P. So majorities of settings have the law of signs of independent Bell
shots, setting for shot; the copies are counted shot for shot.

No bound is proven for these games: a learner without a quantum memory that is given the same
product state several times can find out the state.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from quantum_advantage.circuits.request import Record, Request
from quantum_advantage.core.usage import UsageError
from quantum_advantage.measurements.bell import MEMORY, SYSTEM, bell_parity
from quantum_advantage.systems.preparation import Preparation, Repeated
from quantum_advantage.tasks.observables.evidence import Evidence, stack
from quantum_advantage.tasks.observables.exact import exact_bell
from quantum_advantage.tasks.observables.games import Games
from quantum_advantage.tasks.observables.protocols import Bell, Letters, Prefixes, strings_of


def check_times(times: int) -> int:
    """Refuses an even number of shots of a setting, which may have no majority.

    Raises:
        UsageError: If it is even.

    Example:
        >>> check_times(5)
        5
    """
    if times % 2 == 0:
        raise UsageError(f"times must be odd, so that every setting has a majority, not {times}")
    return times


@dataclass(frozen=True)
class GroupedBell:
    """Bell measurements of pairs of product states that are each prepared several times.

    Attributes:
        times: Shots of each setting, an odd number.
    """

    times: int
    copies_per_shot: int = 2

    def request(self, preparation: Preparation, shots: int, rng: np.random.Generator) -> Request:
        """Requests Bell measurements of which ``times`` in a row share their product states."""
        return Bell().request(Repeated(preparation, self.times), shots, rng)

    def evidence(self, record: Record, candidates: Letters, prefixes: Prefixes) -> Evidence:
        """Reads one sign from every whole setting, the majority of its shots."""
        trials, count, _ = candidates.shape
        settings = prefixes // self.times
        shots = record.shots // trials
        whole = shots // self.times
        system, memory = (
            record.bits[key].reshape(trials, shots, -1)[:, : whole * self.times]
            for key in (SYSTEM, MEMORY)
        )
        pairs = []
        for c in range(count):
            signs = bell_parity(*strings_of(candidates, c), system, memory)
            plus = signs.reshape(trials, whole, self.times).sum(axis=2) * 2 < self.times
            pluses = np.zeros((trials, whole + 1), dtype=np.int64)
            np.cumsum(plus, axis=1, out=pluses[:, 1:])
            hits = np.broadcast_to(settings, (trials, settings.size)).astype(np.int64)
            pairs.append((hits, pluses[:, settings]))
        return stack(pairs, np.ones((trials, count), dtype=np.bool_))


def exact_grouped_bell(
    games: Games, prefixes: Prefixes, rng: np.random.Generator, times: int
) -> Evidence:
    """Draws the evidence of :class:`GroupedBell`, see the module."""
    settings, places = np.unique(prefixes // check_times(times), return_inverse=True)
    found = exact_bell(games, settings, rng)
    return Evidence(found.hits[..., places], found.pluses[..., places], found.squared)
