"""Learning dynamics without labels: one point for each of a set of unknown evolutions.

Source: Huang et al., arXiv 2112.00778 (its second experiment). Half of the evolutions of a set are
time-reversal symmetric (real), half are general, from the ensembles of ``systems.evolutions``;
the learner is not told which. From the measured bits alone every evolution gets a coordinate, and
the points on the line are divided into two groups. The ``accuracy`` of a set is estimated: the
share of its evolutions in the right one of the two groups, for the better way to name them. For
the first sets the ``coordinate`` of every evolution is kept too; its truth is the evolution's kind.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from quantum_advantage.circuits.request import Record, Request
from quantum_advantage.circuits.run import run
from quantum_advantage.core.bits import unpack_bits
from quantum_advantage.inference.haar.real_amplitudes import complement_log_ratio
from quantum_advantage.inference.learning.clustering import cluster
from quantum_advantage.inference.learning.kernel_pca import (
    bell_kernel,
    feature_coordinates,
    kernel_coordinates,
    moment_features,
)
from quantum_advantage.inference.sensing.companion import share_error
from quantum_advantage.measurements.bell import MEMORY, SYSTEM
from quantum_advantage.systems.evolutions import Evolutions
from quantum_advantage.tasks.base import Estimated, EstimatingTask, Source, sampler_of
from quantum_advantage.tasks.protocol import Chosen, Couplings, Limits, Protocol
from quantum_advantage.tasks.shared.evolution_requests import (
    bell_uses_on_chain,
    request_bell_uses,
    request_single_uses,
)
from quantum_advantage.tasks.shared.families import FAMILY_DEFAULTS, Family
from quantum_advantage.tasks.shared.haar import outcome_numbers
from quantum_advantage.tasks.shared.seeds import Seeds

Floats = npt.NDArray[np.float64]
Octets = npt.NDArray[np.uint8]

# The coordinates of so many sets are kept; of the others only the accuracy is.
SHOWN_SETS = 2


def bell_bits(record: Record, systems: int, qubits: int) -> Octets:
    """Returns the bits of Bell outcomes, those of the system's qubits first.

    Args:
        record: The record of all evolutions, one after the other, with equally many shots.
        systems: The number of evolutions.
        qubits: The number n of qubits.

    Returns:
        (systems, shots, 2n) bits.

    Example:
        >>> from quantum_advantage.core.bits import pack_bits
    >>> bits = {SYSTEM: pack_bits([[0, 1], [1, 1]]), MEMORY: pack_bits(np.zeros((2, 2)))}
        >>> bell_bits(Record(2, bits), systems=2, qubits=2).tolist()
        [[[0, 1, 0, 0]], [[1, 1, 0, 0]]]
    """
    both = [unpack_bits(record.bits[key], qubits) for key in (SYSTEM, MEMORY)]
    return np.concatenate(both, axis=1).reshape(systems, -1, 2 * qubits)


def single_bits(record: Record, systems: int, qubits: int) -> Octets:
    """Returns the bits of single uses.

    Args:
        record: The record of all evolutions, one after the other, with equally many shots.
        systems: The number of evolutions.
        qubits: The number n of qubits.

    Returns:
        (systems, shots, n) bits.

    Example:
        >>> from quantum_advantage.core.bits import pack_bits
        >>> record = Record(2, {SYSTEM: pack_bits([[0, 1], [1, 1]])})
        >>> single_bits(record, systems=2, qubits=2).tolist()
        [[[0, 1]], [[1, 1]]]
    """
    return unpack_bits(record.bits[SYSTEM], qubits).reshape(systems, -1, qubits)


def _bell_moments(record: Record, systems: int, qubits: int) -> Floats:
    return feature_coordinates(moment_features(bell_bits(record, systems, qubits)))


def _bell_shots(record: Record, systems: int, qubits: int) -> Floats:
    return kernel_coordinates(bell_kernel(bell_bits(record, systems, qubits)))


def _y_moments(record: Record, systems: int, qubits: int) -> Floats:
    return feature_coordinates(moment_features(single_bits(record, systems, qubits)))


def _complements(record: Record, systems: int, qubits: int) -> Floats:
    outcomes = outcome_numbers(record, systems)
    return complement_log_ratio(outcomes, [outcomes.shape[1]], qubits)[:, 0]


Coordinates = Callable[[Record, int, int], Floats]
# Requests so many single uses of every evolution, measured in the Y basis.
Y_USES = partial(request_single_uses, basis="Y")


@dataclass(frozen=True)
class Uses:
    """How evolutions are used, and which coordinate each of them gets.

    Attributes:
        request: Requests so many shots of every evolution.
        coordinates: Of a record, the number of evolutions and that of qubits: (evolutions,).

    Example:
        Twelve evolutions, half of them real: their coordinates fall into two groups.

        >>> from quantum_advantage.backends.opening import open_backend
        >>> symmetric = np.arange(12) < 6
        >>> uses = Dynamics("dynamics").read("bell", 3).measurement()
        >>> evolutions = Dynamics("dynamics").family.draw(symmetric, 3, seed=1)
        >>> (record,) = run([uses.request(evolutions, 60)], open_backend("qsim").make(1))
        >>> groups = cluster(uses.coordinates(record, 12, 3))
        >>> int((groups == symmetric).sum()) in (0, 12)  # all right, up to the names of the groups
        True
    """

    request: Callable[[Evolutions, int], Request]
    coordinates: Coordinates


class Dynamics(EstimatingTask):
    """The task ``dynamics``: real and general evolutions, told apart without labels.

    Example:
        >>> task = Dynamics("dynamics:geometry=grid")
        >>> task.copies_per_shot("bell", 4), task.quantities("bell", 4)
        (2, ('accuracy', 'coordinate'))
        >>> task.kept("bell", 4, systems=2, batch=0)  # of the first sets the points, too
        ((0, 'accuracy'), (0, 'coordinate'), (1, 'coordinate'))
    """

    NAME: ClassVar[str] = "dynamics"
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
        one_side: Couplings = "chain" if self.family.on_line else "grid"

        def on_pairs(name: str, coordinates: Coordinates, about: str) -> Protocol:
            return Protocol(
                name,
                about,
                copies_per_shot=2,
                measurement=lambda o, n: Uses(request_bell_uses, coordinates),
                limits=Limits(least_qubits=2, least_copies=4),
            )

        def on_chain(name: str, coordinates: Coordinates, about: str) -> Protocol:
            return Protocol(
                name,
                about,
                copies_per_shot=2,
                measurement=lambda o, n: Uses(bell_uses_on_chain, coordinates),
                limits=Limits(
                    least_qubits=2, least_copies=4, refusal=self.family.why_no_chain(name)
                ),
                couplings="chain",
            )

        def on_grid(name: str, coordinates: Coordinates, about: str) -> Protocol:
            return Protocol(
                name,
                about,
                copies_per_shot=2,
                measurement=lambda o, n: Uses(self.family.uses_on_grid(n), coordinates),
                limits=Limits(least_qubits=2, least_copies=4),
                couplings="grid",
            )

        def single(name: str, coordinates: Coordinates, about: str) -> Protocol:
            return Protocol(
                name,
                about,
                copies_per_shot=1,
                measurement=lambda o, n: Uses(Y_USES, coordinates),
                limits=Limits(least_qubits=2, least_copies=2),
                couplings=one_side,
            )

        yield on_pairs(
            "bell",
            _bell_moments,
            "U on both halves of n Bell pairs, Bell measurements. Coordinate: the first kernel\n"
            "principal coordinate of the means and variances of all 2n bits, with a Gaussian "
            "kernel.",
        )
        yield on_pairs(
            "bell_shots",
            _bell_shots,
            "As bell, with the kernel of all pairs of shots, which sees correlations of the bits.",
        )
        yield on_chain(
            "bell_on_chain",
            _bell_moments,
            "As bell on a chain of pairs: U on the systems, SWAP with the memories, U on the "
            "systems\nagain, so that memories need no couplers of their own. For evolutions on a "
            "line.",
        )
        yield on_chain(
            "bell_shots_on_chain",
            _bell_shots,
            "As bell_on_chain, with the kernel of all pairs of shots.",
        )
        yield on_grid(
            "bell_on_grid",
            _bell_moments,
            "As bell on a block of a square lattice: U on the systems, then on the memories, with\n"
            "swaps in the pairs of a row wherever the other qubit must stand beside the next row.",
        )
        yield on_grid(
            "bell_shots_on_grid",
            _bell_shots,
            "As bell_on_grid, with the kernel of all pairs of shots.",
        )
        yield single(
            "y_marginals",
            _y_moments,
            "U|0...0> in the Y basis. Coordinate: the first kernel principal coordinate of the "
            "means\nand variances of all n bits, with a Gaussian kernel.",
        )
        yield single(
            "complement_collisions",
            _complements,
            "U|0...0> in the Y basis. Coordinate: the log-likelihood ratio of the equal and\n"
            "complementary pairs of outcomes, real against complex Haar-random states.",
        )

    def quantities(self, protocol: str, qubits: int) -> tuple[str, ...]:
        """Returns ``accuracy``, of a set, and ``coordinate``, of an evolution."""
        return ("accuracy", "coordinate")

    def kept(
        self, protocol: str, qubits: int, systems: int, batch: int
    ) -> tuple[tuple[int, str], ...]:
        """Returns which rows of a set are kept: its accuracy, and the points of the first sets."""
        points = tuple((s, "coordinate") for s in range(systems)) if batch < SHOWN_SETS else ()
        return ((0, "accuracy"), *points)

    def numbers(
        self, found: Estimated, quantities: tuple[str, ...]
    ) -> dict[tuple[int, str], tuple[float, float, float]]:
        """Returns value, stated error and truth: of the accuracy, whose truth is 1, and of points.

        The error of an accuracy of m evolutions is that of a share of m
        (``inference.sensing.companion.share_error``), as if they were independent. That of a
        coordinate, which estimates nothing, is infinite.
        """
        coordinates, groups = found.values.T
        kinds = found.truths[:, 0]
        share = float((groups == kinds).mean())
        error = share_error(share, kinds.size)
        points = {
            (s, "coordinate"): (float(x), math.inf, float(kind))
            for s, (x, kind) in enumerate(zip(coordinates, kinds, strict=True))
        }
        return {(0, "accuracy"): (share, error, 1.0), **points}

    def request_shot(self, chosen: Chosen, rng: np.random.Generator) -> Request:
        """Requests one shot of a real evolution."""
        uses: Uses = chosen.measurement()
        return uses.request(self.family.draw([True], chosen.qubits, rng), 1)

    def seconds(self, protocol: str, qubits: int, copies: int, *, circuits: bool) -> float:
        """Returns roughly how long one evolution takes.

        Measured on one core: 5 ms, and 0.4 ns for each amplitude and one-qubit gate; 6 ms for each
        gate of shallow lines beyond 28 qubits.
        """
        copies = self.copies_per_shot(protocol, qubits)
        gates = copies * qubits * (self.family.depth(qubits) + 1)
        of_gate = 4e-10 * 2.0 ** (copies * qubits) if copies * qubits <= 28 else 6e-3
        return 0.005 + of_gate * gates

    def estimate(
        self, chosen: Chosen, shots: int, systems: int, seeds: Seeds, source: Source
    ) -> Estimated:
        """Draws a set of evolutions, measures each, and divides them into two groups.

        Half of the evolutions are real, the smaller half if their number is odd.

        Returns:
            Coordinates, their sign such that the group called symmetric is the upper one, and
            groups. The stated errors of the groups are 0, and those of the coordinates, which
            estimate nothing, infinite.
        """
        nature = np.random.default_rng(seeds.nature)
        symmetric = nature.permutation(np.arange(systems) < systems // 2)
        evolutions = self.family.draw(symmetric, chosen.qubits, nature)
        uses: Uses = chosen.measurement()
        (record,) = run([uses.request(evolutions, shots)], sampler_of(source))
        coordinates = uses.coordinates(record, systems, chosen.qubits)
        groups = cluster(coordinates)
        if 2 * (groups == symmetric).sum() < systems:
            groups, coordinates = 1 - groups, -coordinates
        values = np.stack([coordinates, groups], axis=1)
        truths = np.repeat(symmetric[:, None].astype(np.float64), 2, axis=1)
        errors = np.broadcast_to([np.inf, 0.0], values.shape)
        return Estimated(values, errors, truths)
