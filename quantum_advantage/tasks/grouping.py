"""Groups of unknown evolutions from one record of each, read in several ways.

As the task ``dynamics``, for processors: a record on a noisy processor of forty qubits takes long
to simulate, so that every record is read in all the ways of
:mod:`quantum_advantage.inference.learning.readings`. Half of the evolutions of a set are
time-reversal symmetric; nobody says which. For every reading the accuracy of a set is estimated:
the share of its evolutions in the right one of two groups, for the better way to name them.

Single uses are also read at the edge alone (``edge``): the qubits with the fewest neighbours, whose
bits keep most of what a circuit of fixed depth leaks.

For the first sets three numbers of every evolution are kept: its ``coordinate`` by the moments, and
of Bell measurements its mean bit (``weight_of``) and its share of outcomes that are all 0
(``zeros_of``). Their truth is the evolution's kind, 1 for a symmetric one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np

from quantum_advantage.circuits.request import Record, Request
from quantum_advantage.circuits.run import run
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.learning.clustering import cluster
from quantum_advantage.inference.learning.readings import (
    BELL_READINGS,
    SINGLE_READINGS,
    Floats,
    Octets,
    Reading,
)
from quantum_advantage.inference.sensing.companion import share_error
from quantum_advantage.systems.evolutions import Evolutions
from quantum_advantage.systems.lattice import lattice_layers
from quantum_advantage.tasks.base import Estimated, EstimatingTask, Source, sampler_of
from quantum_advantage.tasks.dynamics import SHOWN_SETS, Y_USES, bell_bits, single_bits
from quantum_advantage.tasks.protocol import Chosen, Couplings, Limits, Protocol
from quantum_advantage.tasks.shared.evolution_requests import (
    bell_uses_on_chain,
    request_bell_uses,
)
from quantum_advantage.tasks.shared.families import FAMILY_DEFAULTS, Family
from quantum_advantage.tasks.shared.seeds import Seeds

# Numbers of single evolutions that are kept, and the readings that they come from.
OF_EVOLUTIONS = {"coordinate": "moments", "weight_of": "weight", "zeros_of": "zeros"}


@dataclass(frozen=True)
class ReadUses:
    """How evolutions are used, and how their records are read.

    Attributes:
        request: Requests so many shots of every evolution.
        bits: Of a record, the number of evolutions and that of qubits, the bits.
        readings: The ways to read them, by name.

    Example:
        >>> uses = Grouping("grouping").read("single_uses", 4).measurement()
        >>> list(uses.readings)
        ['moments', 'complements', 'collisions', 'edge']
    """

    request: Callable[[Evolutions, int], Request]
    bits: Callable[[Record, int, int], Octets]
    readings: Mapping[str, Reading]


def edge_qubits(geometry: str, qubits: int) -> list[int]:
    """Returns the qubits of a lattice with the fewest neighbours.

    Args:
        geometry: As in :func:`quantum_advantage.systems.lattice.lattice_layers`.
        qubits: The number n of qubits.

    Example:
        >>> edge_qubits("line", 5), edge_qubits("grid", 6)
        ([0, 4], [0, 2, 3, 5])
    """
    bonds = {frozenset(bond) for layer in lattice_layers(geometry, qubits) for bond in layer}
    neighbours = [sum(q in bond for bond in bonds) for q in range(qubits)]
    return [q for q, number in enumerate(neighbours) if number == min(neighbours)]


def _edge_moments(edge: list[int], bits: Octets) -> Floats:
    return SINGLE_READINGS["moments"](bits[:, :, edge])


class Grouping(EstimatingTask):
    """The task ``grouping``: real and general evolutions, told apart from one record of each.

    Example:
        >>> task = Grouping("grouping:ensemble=public")
        >>> task.copies_per_shot("bell_on_chain", 4), task.copies_per_shot("single_uses", 4)
        (2, 1)
        >>> task.quantities("bell_on_chain", 4)[:3]
        ('moments', 'weight', 'zeros')
    """

    NAME: ClassVar[str] = "grouping"
    DEFAULTS: ClassVar[Mapping[str, float | int | str]] = FAMILY_DEFAULTS

    def __init__(self, text: str) -> None:
        """Reads the task's name with its options.

        Raises:
            ValueError: If an option is unknown or out of range.
        """
        super().__init__(text)
        self.family = Family.read(text, self.options)

    def describe(self) -> Iterable[Protocol]:
        """Returns all protocols of the task."""
        family = self.family
        one_side: Couplings = "chain" if family.on_line else "grid"

        def bell(
            name: str,
            request: Callable[[int], Callable[[Evolutions, int], Request]],
            couplings: Couplings,
            about: str,
        ) -> Protocol:
            return Protocol(
                name,
                about,
                copies_per_shot=2,
                measurement=lambda o, n: ReadUses(request(n), bell_bits, BELL_READINGS),
                limits=Limits(
                    least_qubits=2,
                    least_copies=4,
                    refusal=family.why_no_chain(name) if name == "bell_on_chain" else None,
                ),
                couplings=couplings,
            )

        yield bell(
            "bell",
            lambda n: request_bell_uses,
            "more",
            "U on both halves of n Bell pairs, Bell measurements.",
        )
        yield bell(
            "bell_on_chain",
            lambda n: bell_uses_on_chain,
            "chain",
            "As bell on a chain of pairs: U on the systems, SWAP with the memories, U again.",
        )
        yield bell(
            "bell_on_grid",
            family.uses_on_grid,
            "grid",
            "As bell on a block of a square lattice, with swaps in the pairs of a row.",
        )

        def single(options: Mapping[str, object], n: int) -> ReadUses:
            edge = partial(_edge_moments, edge_qubits(family.geometry, n))
            return ReadUses(Y_USES, single_bits, {**SINGLE_READINGS, "edge": edge})

        yield Protocol(
            "single_uses",
            "U|0...0> in the Y basis, read in all ways known here.",
            copies_per_shot=1,
            measurement=single,
            limits=Limits(least_qubits=2, least_copies=2),
            couplings=one_side,
        )

    def least_batches(self, protocol: str, qubits: int) -> int:
        """Returns 5 sets of single uses, and a single one of pairs beyond n = 8 or depth 8.

        A set holds many evolutions, and one of forty noisy qubits takes some twenty seconds.

        Args:
            protocol: The protocol's full name.
            qubits: The number n of qubits.
        """
        small = qubits <= 8 and self.family.depth(qubits) <= 8
        return 5 if small or self.copies_per_shot(protocol, qubits) == 1 else 1

    def quantities(self, protocol: str, qubits: int) -> tuple[str, ...]:
        """Returns the readings, of a set, and the numbers of single evolutions."""
        readings = tuple(self.read(protocol, qubits).measurement().readings)
        return (*readings, *(name for name, of in OF_EVOLUTIONS.items() if of in readings))

    def kept(
        self, protocol: str, qubits: int, systems: int, batch: int
    ) -> tuple[tuple[int, str], ...]:
        """Returns which rows of a set are kept: its accuracies, and numbers of the first sets."""
        quantities = self.quantities(protocol, qubits)
        of_sets = tuple((0, name) for name in quantities if name not in OF_EVOLUTIONS)
        of_each = tuple(name for name in quantities if name in OF_EVOLUTIONS)
        if batch >= SHOWN_SETS:
            return of_sets
        return (*of_sets, *((s, name) for s in range(systems) for name in of_each))

    def numbers(
        self, found: Estimated, quantities: tuple[str, ...]
    ) -> dict[tuple[int, str], tuple[float, float, float]]:
        """Returns value, stated error and truth: of accuracies, whose truth is 1, and of numbers.

        The error of an accuracy of m evolutions is that of a share of m, as if they were
        independent. That of a number, which estimates nothing, is infinite.
        """
        kinds = found.truths[:, 0]
        rows: dict[tuple[int, str], tuple[float, float, float]] = {}
        for name, column in zip(quantities, found.values.T, strict=True):
            if name in OF_EVOLUTIONS:
                for s, (x, kind) in enumerate(zip(column.tolist(), kinds.tolist(), strict=True)):
                    rows[s, name] = x, math.inf, kind
            else:
                share = float((column == kinds).mean())
                rows[0, name] = share, share_error(share, kinds.size), 1.0
        return rows

    def request_shot(self, chosen: Chosen, rng: np.random.Generator) -> Request:
        """Requests one shot of a real evolution."""
        uses: ReadUses = chosen.measurement()
        return uses.request(self.family.draw([True], chosen.qubits, rng), 1)

    def seconds(self, protocol: str, qubits: int, copies: int, *, circuits: bool) -> float:
        """Returns roughly how long one evolution takes, noiseless or on a noisy processor.

        Measured on one core: 5 ms, and 0.4 ns for each amplitude and one-qubit gate of a vector.
        Larger ones are chains of tensors, 0.4 s for each trajectory.
        """
        uses = self.copies_per_shot(protocol, qubits)
        gates = uses * qubits * (self.family.depth(qubits) + 1)
        if uses * qubits > 20:
            return 0.4 * copies / uses
        return 0.005 + 4e-10 * 2.0 ** (uses * qubits) * gates

    def estimate(
        self, chosen: Chosen, shots: int, systems: int, seeds: Seeds, source: Source
    ) -> Estimated:
        """Draws a set of evolutions, measures each, and divides them into two groups.

        Half of the evolutions are real, the smaller half if their number is odd.

        Returns:
            For each reading the groups, named for the better; then the numbers of each evolution.

        Raises:
            UsageError: If there are fewer than two evolutions.
        """
        if systems < 2:
            raise UsageError(f"systems must be at least 2 to make groups, not {systems}")
        nature = np.random.default_rng(seeds.nature)
        symmetric = nature.permutation(np.arange(systems) < systems // 2)
        evolutions = self.family.draw(symmetric, chosen.qubits, nature)
        uses: ReadUses = chosen.measurement()
        (record,) = run([uses.request(evolutions, shots)], sampler_of(source))
        bits = uses.bits(record, systems, chosen.qubits)
        read = {name: reading(bits) for name, reading in uses.readings.items()}
        groups = [_named(cluster(numbers), symmetric) for numbers in read.values()]
        numbers = [read[of] for of in OF_EVOLUTIONS.values() if of in read]
        values = np.stack([*groups, *numbers], axis=1).astype(np.float64)
        truths = np.broadcast_to(symmetric[:, None].astype(np.float64), values.shape)
        errors = np.where(np.arange(values.shape[1]) < len(groups), 0.0, np.inf)
        return Estimated(values, np.broadcast_to(errors, values.shape), truths)


def _named(groups: np.ndarray, symmetric: np.ndarray) -> np.ndarray:
    """Names two groups such that as many evolutions as possible are right."""
    return 1 - groups if 2 * (groups == symmetric).sum() < symmetric.size else groups
