"""Phases without labels along a chain: where does a set of ground states fall into two groups?

The states are ground states of rings with alternating couplings, whose ratio r is drawn
log-uniformly from ``low`` to ``high``; δ is the ``anisotropy`` (``systems.alternating_chain``). At
r = 1, exactly, the trivial phase ends and the symmetry-protected one begins. The learner gets
single copies in random Pauli bases and divides the states into two groups, by the same readings as
in the task ``phases``. Its ``transition`` is the place along r where one group by the claimed
kernel ends and the other begins; ``linear_transition`` that by a linear function of one copy, and
``fidelity_transition`` that of the exact states with the kernel |⟨ψ|ψ'⟩|², without any shots.

In a range that is balanced about r = 1 any reading that treats both phases alike finds 1 on
average, as the ring with 1/r is that with r, shifted by one site. So the question is what is found
in a range that is not. Here, unlike behind random circuits, the phases differ by a local
observable: which bonds hold the singlets.

Rings are no circuits: outcomes are drawn from the exact distribution.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import ClassVar

import numpy as np

from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.learning.clustering import cluster, group_boundary
from quantum_advantage.inference.learning.state_groups import principal_coordinate
from quantum_advantage.inference.sensing.companion import share_error
from quantum_advantage.measurements.shadow_records import shadow_of_arrays
from quantum_advantage.measurements.vector_shadows import outcomes_of
from quantum_advantage.systems.alternating_chain import (
    MOST_QUBITS,
    chain_ground_state,
    check_ring,
)
from quantum_advantage.tasks.base import Estimated, EstimatingTask, Source
from quantum_advantage.tasks.protocol import Chosen, Limits, Protocol
from quantum_advantage.tasks.shared.seeds import Seeds
from quantum_advantage.tasks.shared.state_readings import (
    CLAIMED,
    READINGS,
    coordinates_of,
)

# The coordinates of so many sets are kept; of the others only what is found of the set is.
SHOWN_SETS = 2
TRANSITIONS = ("transition", "linear_transition", "fidelity_transition")


class ChainPhases(EstimatingTask):
    """The task ``chain_phases``: groups of ground states along a ratio of couplings.

    Example:
        >>> task = ChainPhases("chain_phases:high=3")
        >>> str(task), task.quantities("local_pauli", 8)[-1]
        ('chain_phases:high=3.0', 'coordinate')
    """

    HAS_CIRCUITS: ClassVar[bool] = False
    NAME: ClassVar[str] = "chain_phases"
    DEFAULTS: ClassVar[Mapping[str, float | int | str]] = {
        "anisotropy": 0.5,
        "high": 2.0,
        "low": 0.5,
    }

    def __init__(self, text: str) -> None:
        """Reads the task's name with its options.

        Raises:
            ValueError: If an option is unknown or out of range.
        """
        super().__init__(text)
        self.anisotropy, self.high, self.low = (
            float(self.options[key]) for key in ("anisotropy", "high", "low")
        )
        if not -1 < self.anisotropy <= 1:
            raise UsageError(f"anisotropy of {text!r} must lie in (-1, 1], not {self.anisotropy}")
        if not 0 < self.low < 1 < self.high < math.inf:
            raise UsageError(
                f"low and high of {text!r} must lie on both sides of 1, not at {self.low} and "
                f"{self.high}"
            )

    def describe(self) -> Iterable[Protocol]:
        """Returns the protocol of the task: single copies in random Pauli bases."""
        yield Protocol(
            "local_pauli",
            "Single copies, every qubit of every shot in a random Pauli basis. Each state becomes\n"
            "a point on a line by the shadow kernel or a control, the points form two groups.",
            copies_per_shot=1,
            measurement=lambda o, n: outcomes_of,
            exact=lambda o, n: outcomes_of,
            limits=Limits(least_qubits=4, exact_qubits=MOST_QUBITS, least_copies=2),
        )

    def read(self, protocol: str, qubits: int, target: float | None = None) -> Chosen:
        """Reads the name of a protocol, see :meth:`Task.read`; refuses an odd ring.

        Raises:
            UsageError: As :meth:`Task.read`, or if n is odd or not from 4 to 16.
        """
        chosen = super().read(protocol, qubits, target)
        check_ring(qubits)
        return chosen

    def quantities(self, protocol: str, qubits: int) -> tuple[str, ...]:
        """Returns accuracies and transitions, of a set, and ``coordinate``, of a state."""
        return (*READINGS, *TRANSITIONS, "coordinate")

    def kept(
        self, protocol: str, qubits: int, systems: int, batch: int
    ) -> tuple[tuple[int, str], ...]:
        """Returns which rows of a set are kept: those of the set, and points of the first sets."""
        points = tuple((s, "coordinate") for s in range(systems)) if batch < SHOWN_SETS else ()
        return tuple((0, quantity) for quantity in (*READINGS, *TRANSITIONS)) + points

    def seconds(self, protocol: str, qubits: int, copies: int, *, circuits: bool) -> float:
        """Returns roughly how long one state takes: 20 ms at n = 12, four times that at n = 14."""
        return 0.01 + 5e-6 * 2.0**qubits

    def estimate(
        self, chosen: Chosen, shots: int, systems: int, seeds: Seeds, source: Source
    ) -> Estimated:
        """Draws a set of states, measures each, and divides them into two groups by each reading.

        Returns:
            Accuracies and transitions, equal for all states of the set, and coordinates by the
            claimed kernel, with the sign that makes the group of large r the upper one. The truth
            of an accuracy and of a transition is 1, that of a coordinate r. The error of a
            transition is the resolution of the set alone; a coordinate states none.
        """
        nature, _, learner = seeds.generators()
        sampler = np.random.default_rng(seeds.sampler)
        qubits = chosen.qubits
        logarithms = nature.uniform(math.log(self.low), math.log(self.high), systems)
        protected = logarithms > 0
        vectors = np.array(
            [chain_ground_state(qubits, math.exp(x), self.anisotropy) for x in logarithms]
        )
        records, the_only = [], np.zeros(shots, dtype=np.int64)
        for vector in vectors.astype(np.complex128):
            bases = learner.integers(0, 3, (shots, qubits), dtype=np.uint8)
            bits = outcomes_of(vector[None], the_only, bases, sampler)
            records.append(shadow_of_arrays(bases, bits))
        bonds = [(site, (site + 1) % qubits) for site in range(qubits)]
        coordinates = coordinates_of(records, bonds)
        groups = {name: cluster(x) for name, x in coordinates.items()}
        fidelities = cluster(principal_coordinate((vectors @ vectors.T) ** 2))
        agreeing = {name: float((labels == protected).mean()) for name, labels in groups.items()}
        shares = [max(agreeing[name], 1 - agreeing[name]) for name in READINGS]
        found = [groups[CLAIMED], groups["linear"], fidelities]
        places, widths = np.array([group_boundary(logarithms, labels) for labels in found]).T
        transitions = np.exp(places)
        upper = 1 if agreeing[CLAIMED] >= 0.5 else -1
        of_set = [*shares, *transitions]
        errors = [*(share_error(share, systems) for share in shares), *transitions * widths]
        return Estimated(
            np.column_stack([np.tile(of_set, (systems, 1)), upper * coordinates[CLAIMED]]),
            np.column_stack([np.tile(errors, (systems, 1)), np.full(systems, math.inf)]),
            np.column_stack([np.ones((systems, len(of_set))), np.exp(logarithms)]),
        )
