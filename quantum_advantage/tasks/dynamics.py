"""Learning dynamics without labels: one point for each of a set of unknown evolutions.

Source: Huang et al., arXiv 2112.00778 (its second experiment). Half of the evolutions of a set are
time-reversal symmetric (real), half are general, from the ensembles of ``systems.evolutions``;
nobody tells which. From the measured bits alone every evolution gets a coordinate, and the points
on the line are divided into two groups. Estimated is the ``accuracy`` of a set: the share of its
evolutions in the right one of the two groups, for the better way to name them. Of the first sets
the ``coordinate`` of every evolution is kept besides; its truth is the evolution's kind.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.circuits.request import Record, Request
from quantum_advantage.circuits.run import run
from quantum_advantage.core.naming import known_protocol, read_options, read_task_options, shortest
from quantum_advantage.core.pauli import unpack_bits
from quantum_advantage.core.usage import UsageError
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
from quantum_advantage.tasks.base import Couplings, Estimated, EstimationTask
from quantum_advantage.tasks.evolution_requests import (
    bell_uses_on_chain,
    request_bell_uses,
    request_single_uses,
)
from quantum_advantage.tasks.families import FAMILY_DEFAULTS, Family
from quantum_advantage.tasks.haar import outcome_numbers
from quantum_advantage.tasks.seeds import Seeds

Floats = npt.NDArray[np.float64]
Octets = npt.NDArray[np.uint8]

# The points of so many sets are kept; one accuracy says all that is asked of the others.
SHOWN_SETS = 2


def bell_bits(record: Record, systems: int, qubits: int) -> Octets:
    """Returns (systems, shots, 2n) bits of Bell outcomes, those of the system's qubits first."""
    both = [unpack_bits(record.bits[key], qubits) for key in (SYSTEM, MEMORY)]
    return np.concatenate(both, axis=1).reshape(systems, -1, 2 * qubits)


def single_bits(record: Record, systems: int, qubits: int) -> Octets:
    """Returns (systems, shots, n) bits of single uses."""
    return unpack_bits(record.bits[SYSTEM], qubits).reshape(systems, -1, qubits)


@dataclass(frozen=True)
class _Entry:
    uses_per_shot: Literal[1, 2]
    coordinates: Callable[[Record, int, int], Floats]
    about: str
    on_chain: bool = False


def _bell_moments(record: Record, systems: int, qubits: int) -> Floats:
    return feature_coordinates(moment_features(bell_bits(record, systems, qubits)))[:, 0]


def _bell_shots(record: Record, systems: int, qubits: int) -> Floats:
    return kernel_coordinates(bell_kernel(bell_bits(record, systems, qubits)))[:, 0]


def _y_moments(record: Record, systems: int, qubits: int) -> Floats:
    return feature_coordinates(moment_features(single_bits(record, systems, qubits)))[:, 0]


def _complements(record: Record, systems: int, qubits: int) -> Floats:
    outcomes = outcome_numbers(record, systems)
    return complement_log_ratio(outcomes, [outcomes.shape[1]], qubits)[:, 0]


ENTRIES = {
    "bell": _Entry(
        2,
        _bell_moments,
        "U on both halves of n Bell pairs, Bell measurements. Coordinate: the first kernel\n"
        "principal coordinate of the means and variances of all 2n bits, with a Gaussian kernel.",
    ),
    "bell_shots": _Entry(
        2,
        _bell_shots,
        "As bell, with the kernel of all pairs of shots, which sees correlations of the bits.",
    ),
    "bell_on_chain": _Entry(
        2,
        _bell_moments,
        "As bell on a chain of pairs: U on the systems, SWAP with the memories, U on the systems\n"
        "again, so that memories need no couplers of their own. For evolutions on a line.",
        on_chain=True,
    ),
    "bell_shots_on_chain": _Entry(
        2,
        _bell_shots,
        "As bell_on_chain, with the kernel of all pairs of shots.",
        on_chain=True,
    ),
    "y_marginals": _Entry(
        1,
        _y_moments,
        "U|0...0> in the Y basis. Coordinate: the first kernel principal coordinate of the means\n"
        "and variances of all n bits, with a Gaussian kernel.",
    ),
    "complement_collisions": _Entry(
        1,
        _complements,
        "U|0...0> in the Y basis. Coordinate: the log-likelihood ratio of the equal and\n"
        "complementary pairs of outcomes, real against complex Haar-random states.",
    ),
}


class Dynamics(EstimationTask):
    """The task ``dynamics``: real and general evolutions, told apart without labels."""

    NAME: ClassVar[str] = "dynamics"
    DEFAULTS: ClassVar[Mapping[str, float | int | str]] = FAMILY_DEFAULTS

    def __init__(self, text: str) -> None:
        """Reads the task's name with its options.

        Raises:
            ValueError: If an option is unknown or out of range.
        """
        self._options = read_task_options(text, self.NAME, self.DEFAULTS)
        self.family = Family.read(text, self._options)

    def __str__(self) -> str:
        return shortest(self.NAME, self._options, self.DEFAULTS)

    def couplings(self, protocol: str) -> Couplings:
        """Returns what the circuits of the protocol couple."""
        entry = self._read(protocol)
        on_chain = entry.on_chain or entry.uses_per_shot == 1
        return "chain" if on_chain and self.family.on_line else "more"

    def _read(self, protocol: str) -> _Entry:
        name = known_protocol(protocol, ENTRIES)
        read_options(protocol, {})
        return ENTRIES[name]

    def resolve(self, protocol: str, qubits: int) -> str:
        """Returns the full name of a protocol; there are no options.

        Raises:
            ValueError: If the protocol is unknown.
        """
        self._read(protocol)
        return protocol

    def quantities(self, protocol: str, qubits: int) -> tuple[str, ...]:
        """Returns ``accuracy``, of a set, and ``coordinate``, of an evolution."""
        return ("accuracy", "coordinate")

    def places(
        self, protocol: str, qubits: int, systems: int, batch: int
    ) -> tuple[tuple[int, str], ...]:
        """Returns which rows of a set are kept: its accuracy, and the points of the first sets."""
        points = tuple((s, "coordinate") for s in range(systems)) if batch < SHOWN_SETS else ()
        return ((0, "accuracy"), *points)

    def numbers(
        self, found: Estimated, protocol: str, qubits: int
    ) -> dict[tuple[int, str], tuple[float, float, float]]:
        """Returns value, stated error and truth: of the accuracy, whose truth is 1, and of points.

        The error of an accuracy of m evolutions is that of a share of m
        (``inference.companion.share_error``), as if they were independent. That of a coordinate,
        which estimates nothing, is infinite.
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

    def copies_per_shot(self, protocol: str) -> int:
        """Returns how many uses a shot of the protocol takes."""
        return self._read(protocol).uses_per_shot

    def check(self, protocol: str, qubits: int, copies: int, *, circuits: bool) -> None:
        """Refuses what cannot be played, before anything runs.

        Raises:
            ValueError: If there are no circuits, or too few uses.
        """
        entry = self._read(protocol)
        if not circuits:
            raise UsageError(f"backend law knows no exact law of {self.NAME}; use qsim")
        if entry.on_chain and not self.family.on_line:
            raise UsageError(
                f"{protocol} is for evolutions on a line, not geometry={self.family.geometry}"
            )
        if qubits < 2:
            raise UsageError(f"qubits must be at least 2 for {self.NAME}, not {qubits}")
        if copies < (least := 2 * entry.uses_per_shot):
            raise UsageError(f"{protocol} needs at least {least} uses, not {copies}")

    def circuit(self, protocol: str, qubits: int) -> cirq.Circuit:
        """Returns the parametrised circuit of one shot, as it is run."""
        evolutions = self.family.draw([True], qubits, 0)
        return self._request(protocol, evolutions, 1).circuit

    def explain(self, protocol: str, qubits: int) -> str:
        """Returns in a few lines how the protocol measures and what the coordinate is."""
        return self._read(protocol).about

    def seconds(self, protocol: str, qubits: int, shots: int) -> float:
        """Returns roughly how long one evolution takes.

        Measured on one core: 5 ms, and 0.4 ns for each amplitude and one-qubit gate; 6 ms for each
        gate of shallow lines beyond 28 qubits.
        """
        copies = self._read(protocol).uses_per_shot
        gates = copies * qubits * (self.family.depth(qubits) + 1)
        of_gate = 4e-10 * 2.0 ** (copies * qubits) if copies * qubits <= 28 else 6e-3
        return 0.005 + of_gate * gates

    def _request(self, protocol: str, evolutions: Evolutions, shots: int) -> Request:
        entry = self._read(protocol)
        if entry.on_chain:
            return bell_uses_on_chain(evolutions, shots)
        if entry.uses_per_shot == 2:
            return request_bell_uses(evolutions, shots)
        return request_single_uses(evolutions, shots, "Y")

    def estimate(
        self,
        protocol: str,
        qubits: int,
        shots: int,
        systems: int,
        seeds: Seeds,
        sampler: cirq.Sampler,
    ) -> Estimated:
        """Draws a set of evolutions, measures each, and divides them into two groups.

        Args:
            protocol: The protocol's name.
            qubits: The number n of qubits.
            shots: The shots for each evolution.
            systems: The evolutions of the set, half of them real (the smaller half if odd).
            seeds: The sources of randomness.
            sampler: Where the circuits run.

        Returns:
            Coordinates, their sign such that the group called symmetric is the upper one, and
            groups. The stated errors of the groups are 0, and those of the coordinates, which
            estimate nothing, infinite.
        """
        nature = np.random.default_rng(seeds.nature)
        symmetric = nature.permutation(np.arange(systems) < systems // 2)
        evolutions = self.family.draw(symmetric, qubits, nature)
        (record,) = run([self._request(protocol, evolutions, shots)], sampler)
        coordinates = self._read(protocol).coordinates(record, systems, qubits)
        groups = cluster(coordinates)
        if 2 * (groups == symmetric).sum() < systems:
            groups, coordinates = 1 - groups, -coordinates
        values = np.stack([coordinates, groups], axis=1)
        truths = np.repeat(symmetric[:, None].astype(np.float64), 2, axis=1)
        errors = np.broadcast_to([np.inf, 0.0], values.shape)
        return Estimated(values, errors, truths)
