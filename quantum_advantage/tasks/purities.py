"""How mixed is a state, and how mixed are its parts? Estimates from one record of it.

Nature draws a random state from a brickwork circuit of ``depth`` layers (0 stands for the depth at
which such states look Haar-random), mixed with a share ``mixing`` of I/d. The task ``purities``
estimates the purities of the first k qubits for all k from one record, beside their exact values:
for a Haar-random state the entropies follow the Page curve, for a shallow circuit the area law.
"""

from __future__ import annotations

import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from quantum_advantage.circuits.request import Record, Request
from quantum_advantage.circuits.run import run
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.bell.squares import purity
from quantum_advantage.inference.shadows import hit_purity
from quantum_advantage.inference.shadows.hit_purity import hit_purities
from quantum_advantage.inference.shadows.purity import grouped_purities, shadow_purities
from quantum_advantage.measurements.bell import MEMORY, SYSTEM, bell_basis_change
from quantum_advantage.measurements.records import BellRecord
from quantum_advantage.systems.preparation import Preparation
from quantum_advantage.systems.random_states import BrickworkStates, random_states
from quantum_advantage.tasks.base import Estimated, EstimatingTask, Source, sampler_of
from quantum_advantage.tasks.protocol import Chosen, Limits, Option, Protocol
from quantum_advantage.tasks.shared.purity_measurements import PauliBases
from quantum_advantage.tasks.shared.requests import copy_qubits, request_copies
from quantum_advantage.tasks.shared.seeds import Seeds

Floats = npt.NDArray[np.float64]

# A state vector of one copy, whose parts are computed exactly.
MOST_QUBITS = 20


class PurityMeasurement(typing.Protocol):
    """How copies are measured, and how purities are read from the record of one state."""

    def request(self, preparation: Preparation, shots: int, rng: np.random.Generator) -> Request:
        """Says what to run: ``shots`` shots for every system, system by system."""
        ...

    def estimates(self, record: Record, sizes: Sequence[int]) -> Floats:
        """Returns the purities of the first k qubits.

        Args:
            record: The record of one state.
            sizes: The sizes k.

        Returns:
            (sizes, 2): the purity and its standard error, for each size.
        """
        ...


@dataclass(frozen=True)
class BellPurities:
    """Two copies in the Bell basis: the mean singlet parity of a part is its purity.

    Attributes:
        qubits: The number n of qubits.

    Example:
        A random pure state of two qubits: its first qubit is mixed, the whole is pure.

        >>> from quantum_advantage.backends.opening import open_backend
        >>> rng = np.random.default_rng(1)
        >>> state = random_states(2, np.zeros(1), rng, rng)
        >>> measured = BellPurities(2)
        >>> (record,) = run([measured.request(state, 500, rng)], open_backend("qsim").make(1))
        >>> (part, error), (whole, _) = measured.estimates(record, [1, 2])
        >>> bool(abs(part - state.purities()[0, 0]) < 4 * error), float(whole)  # no singlet at all
        (True, 1.0)
    """

    qubits: int

    def request(self, preparation: Preparation, shots: int, rng: np.random.Generator) -> Request:
        """Requests Bell measurements of pairs of copies."""
        return request_copies(preparation, 2, shots, bell_basis_change(*copy_qubits(self.qubits)))

    def estimates(self, record: Record, sizes: Sequence[int]) -> Floats:
        """Returns (sizes, 2): the purity of the first k qubits and its error, for each size k."""
        bell = BellRecord(self.qubits, record.bits[SYSTEM], record.bits[MEMORY])
        return np.array([purity(bell, range(k)) for k in sizes])


@dataclass(frozen=True)
class RandomPauliCopies:
    """One copy in random Pauli bases.

    Attributes:
        qubits: The number n of qubits.
        times: How often in a row each random basis is used.
    """

    qubits: int
    times: int

    def request(self, preparation: Preparation, shots: int, rng: np.random.Generator) -> Request:
        """Requests single copies in random Pauli bases."""
        return PauliBases(self.qubits, (0, 1), self.times).request(preparation, shots, rng)

    def read(self, record: Record) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
        """Returns bases and bits of the record of one system, (shots, qubits)."""
        bases, bits = PauliBases(self.qubits, (0, 1)).read(record, 1)
        return bases[0], bits[0]


class PauliPurities(RandomPauliCopies):
    """One copy in random Pauli bases: the mean over pairs of shots of a product over the part.

    Attributes:
        qubits: The number n of qubits.
        times: How often in a row each random basis is used: once for classical shadows, more often
            for grouped randomised measurements.

    Example:
        >>> from quantum_advantage.backends.opening import open_backend
        >>> rng = np.random.default_rng(1)
        >>> state = random_states(2, np.zeros(1), rng, rng)
        >>> shadows = PauliPurities(2, times=1)
        >>> (record,) = run([shadows.request(state, 500, rng)], open_backend("qsim").make(1))
        >>> found = shadows.estimates(record, [1, 2])
        >>> (np.abs(found[:, 0] - state.purities()[0]) < 4 * found[:, 1]).tolist()
        [True, True]
    """

    def estimates(self, record: Record, sizes: Sequence[int]) -> Floats:
        """Returns (sizes, 2): the purity of the first k qubits and its error, for each size k."""
        bases, bits = self.read(record)
        if self.times == 1:
            return shadow_purities(bases, bits, sizes)
        return grouped_purities(in_groups(bits, self.times), sizes)


class PauliHits(RandomPauliCopies):
    """One copy in random Pauli bases, read string by string: from the hits of each.

    Attributes:
        qubits: The number n of qubits.
        times: How often in a row each random basis is used.

    Example:
        >>> from quantum_advantage.backends.opening import open_backend
        >>> rng = np.random.default_rng(1)
        >>> state = random_states(2, np.zeros(1), rng, rng)
        >>> hits = PauliHits(2, times=4)
        >>> (record,) = run([hits.request(state, 500, rng)], open_backend("qsim").make(1))
        >>> found = hits.estimates(record, [1, 2])
        >>> (np.abs(found[:, 0] - state.purities()[0]) < 4 * found[:, 1]).tolist()
        [True, True]
    """

    def estimates(self, record: Record, sizes: Sequence[int]) -> Floats:
        """Returns (sizes, 2): the purity of the first k qubits and its error, for each size k."""
        bases, bits = self.read(record)
        return hit_purities(in_groups(bases, self.times)[:, 0], in_groups(bits, self.times), sizes)


def in_groups(rows: npt.NDArray[np.uint8], times: int) -> npt.NDArray[np.uint8]:
    """Returns the shots of each basis, without a last basis of fewer shots.

    Such a basis would need a weight of its own.

    Args:
        rows: (shots, n) bases or outcomes, in the order of time.
        times: How often in a row each basis is used.

    Returns:
        (settings, times, n) bases or outcomes.

    Example:
        >>> in_groups(np.array([[0], [1], [1], [0], [0]], dtype=np.uint8), 2)[..., 0].tolist()
        [[0, 1], [1, 0]]
    """
    settings = len(rows) // times
    return rows[: settings * times].reshape(settings, times, -1)


def default_times(qubits: int) -> int:
    """Returns how often in a row each random basis is used by default.

    Near the best for the whole state, whose estimate spreads most (measured at n = 4).

    Example:
        >>> [default_times(n) for n in (2, 4, 8)]
        [6, 16, 128]
    """
    return max(2, round(2 ** (0.75 * qubits + 1)))


class Purities(EstimatingTask):
    """The task ``purities``: how mixed are the first k qubits of a random state?

    Example:
        >>> task = Purities("purities:depth=2")
        >>> list(task.sizes(3)), task.resolve("randomized_measurements", 4)
        ([1, 2, 3], 'randomized_measurements:times=16')
    """

    NAME: ClassVar[str] = "purities"
    DEFAULTS: ClassVar[Mapping[str, float | int]] = {"depth": 0, "mixing": 0.0}

    def __init__(self, text: str) -> None:
        """Reads the task's name with its options.

        Raises:
            ValueError: If an option is unknown or out of range.
        """
        super().__init__(text)
        self.depth, self.mixing = int(self.options["depth"]), float(self.options["mixing"])
        if self.depth < 0:
            raise UsageError(f"depth of {text!r} must be at least 0, not {self.depth}")
        if not 0 <= self.mixing <= 1:
            raise UsageError(f"mixing of {text!r} must lie in [0, 1], not {self.mixing}")

    def describe(self) -> Iterable[Protocol]:
        """Returns all protocols of the task."""
        yield Protocol(
            "bell",
            "Two copies in the Bell basis. The parity of the singlets (11) in a part is the SWAP\n"
            "eigenvalue there; its mean is tr(ρ_A²), with the variance (1 - p²)/T for T shots.",
            copies_per_shot=2,
            measurement=lambda o, n: BellPurities(n),
            limits=Limits(circuit_qubits=MOST_QUBITS, least_copies=4),
        )
        yield Protocol(
            "local_pauli",
            "One copy in a fresh random Pauli basis (classical shadows). Estimate: the mean over "
            "all\npairs of shots of the product over the part of 5 (same basis and bit), -4 (same "
            "basis,\nother bit) or 1/2 (other basis).",
            copies_per_shot=1,
            measurement=lambda o, n: PauliPurities(n, 1),
            limits=Limits(circuit_qubits=MOST_QUBITS, least_copies=4),
        )
        yield Protocol(
            "randomized_measurements",
            "One copy in a random Pauli basis, each basis times=K times in a row. Estimate: the "
            "mean\nof 2^k (-2)^(-D) over pairs of one basis at Hamming distance D on a part of k "
            "qubits.",
            copies_per_shot=1,
            measurement=lambda o, n: PauliPurities(n, o["times"]),
            limits=lambda o, n: Limits(circuit_qubits=MOST_QUBITS, least_copies=2 * o["times"]),
            options={"times": Option(0, least=2, choose=lambda n, target: default_times(n))},
        )
        yield Protocol(
            "local_pauli_hits",
            "One copy in a fresh random Pauli basis, as local_pauli. Estimate: 2^-k times the sum "
            "over all\nPauli strings P of the part of tr(P ρ)², each from the shots that hit P.",
            copies_per_shot=1,
            measurement=lambda o, n: PauliHits(n, 1),
            limits=Limits(circuit_qubits=hit_purity.MOST_QUBITS, least_copies=4),
        )
        yield Protocol(
            "repeated_pauli_hits",
            "One copy in a random Pauli basis, each basis times=K times in a row, as "
            "randomized_measurements.\nEstimate: as local_pauli_hits, from all shots whose bases "
            "hit a string.",
            copies_per_shot=1,
            measurement=lambda o, n: PauliHits(n, o["times"]),
            limits=lambda o, n: Limits(
                circuit_qubits=hit_purity.MOST_QUBITS, least_copies=2 * o["times"]
            ),
            options={"times": Option(0, least=2, choose=lambda n, target: default_times(n))},
        )

    def sizes(self, qubits: int) -> Sequence[int]:
        """Returns the sizes k of the parts whose purities are estimated."""
        return range(1, qubits + 1)

    def quantities(self, protocol: str, qubits: int) -> tuple[str, ...]:
        """Returns ``purity:first=k`` for every size k."""
        return tuple(f"purity:first={k}" for k in self.sizes(qubits))

    def request_shot(self, chosen: Chosen, rng: np.random.Generator) -> Request:
        """Requests one shot of one state."""
        measurement: PurityMeasurement = chosen.measurement()
        return measurement.request(self._draw(chosen.qubits, 1, rng, rng), 1, rng)

    def seconds(self, protocol: str, qubits: int, copies: int, *, circuits: bool) -> float:
        """Returns roughly how long a record of one system takes.

        Measured on one core: 2 ns for each Bell shot, qubit and amplitude, 7 ns for each basis of
        single copies; for shadows 4 ns for each pair of shots and qubit besides, by hits 60 ns for
        each basis and set of qubits.
        """
        chosen = self.read(protocol, qubits)
        shots = copies // chosen.protocol.copies_per_shot
        size, name = qubits * 2.0**qubits, chosen.protocol.name
        if name == "bell":
            return 2e-9 * shots * size
        pairs = shots**2 / 2 if name == "local_pauli" else 0
        sets = 2.0**qubits if name.endswith("_hits") else 0
        settings = shots / chosen.options.get("times", 1)
        return settings * (7e-9 * size + 6e-8 * sets) + 4e-9 * pairs * qubits

    def _draw(
        self, qubits: int, systems: int, nature: np.random.Generator, copies: np.random.Generator
    ) -> BrickworkStates:
        depth = self.depth or None
        return random_states(qubits, np.full(systems, self.mixing), nature, copies, depth=depth)

    def estimate(
        self, chosen: Chosen, shots: int, systems: int, seeds: Seeds, source: Source
    ) -> Estimated:
        """Draws fresh states, measures a record of each and estimates the purities of its parts."""
        nature, copies, learner = seeds.generators()
        states = self._draw(chosen.qubits, systems, nature, copies)
        measurement: PurityMeasurement = chosen.measurement()
        (record,) = run([measurement.request(states, shots, learner)], sampler_of(source))
        sizes = self.sizes(chosen.qubits)
        found = np.stack([measurement.estimates(one, sizes) for one in record.split(systems)])
        truths = states.purities()[:, np.array(sizes) - 1]
        return Estimated(found[..., 0], found[..., 1], truths)
