"""How mixed is a state, and how mixed are its parts? Estimates from one record of it.

Nature draws a random state from a brickwork circuit of ``depth`` layers (0 stands for the depth at
which such states look Haar-random), mixed with a share ``mixing`` of I/d. The task ``purities``
estimates the purities of the first k qubits for all k from one record, beside their exact values:
for a Haar-random state the entropies follow the Page curve, for a shallow circuit the area law. The
task ``whole_purity`` estimates that of all qubits alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.circuits.request import Record, Request
from quantum_advantage.circuits.run import run
from quantum_advantage.core.naming import (
    canonical,
    known_protocol,
    parse,
    read_options,
    read_task_options,
    shortest,
)
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.bell.squares import purity
from quantum_advantage.inference.haar.collisions import unbiased_purity
from quantum_advantage.inference.shadows.purity import grouped_purities, shadow_purities
from quantum_advantage.measurements.bell import MEMORY, SYSTEM, bell_basis_change
from quantum_advantage.measurements.records import BellRecord
from quantum_advantage.measurements.stabiliser import MOST_QUBITS as MOST_STABILISER_QUBITS
from quantum_advantage.systems.preparation import Preparation
from quantum_advantage.systems.random_states import BrickworkStates, random_states
from quantum_advantage.tasks.base import Couplings, Estimated, EstimationTask
from quantum_advantage.tasks.purity import PauliBases, UnbiasedCollisions
from quantum_advantage.tasks.requests import copy_qubits, request_copies
from quantum_advantage.tasks.seeds import Seeds

Floats = npt.NDArray[np.float64]

# A state vector of one copy, whose parts are computed exactly.
MOST_QUBITS = 20


@dataclass(frozen=True)
class BellPurities:
    """Two copies in the Bell basis: the mean singlet parity of a part is its purity.

    Attributes:
        qubits: The number n of qubits.
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
class PauliPurities:
    """One copy in random Pauli bases: the mean over pairs of shots of a product over the part.

    Attributes:
        qubits: The number n of qubits.
        times: How often in a row each random basis is used: once for classical shadows, more often
            for grouped randomised measurements.
    """

    qubits: int
    times: int

    def request(self, preparation: Preparation, shots: int, rng: np.random.Generator) -> Request:
        """Requests single copies in random Pauli bases."""
        return PauliBases(self.qubits, (0, 1), self.times).request(preparation, shots, rng)

    def estimates(self, record: Record, sizes: Sequence[int]) -> Floats:
        """Returns (sizes, 2): the purity of the first k qubits and its error, for each size k."""
        bases, bits = (array[0] for array in PauliBases(self.qubits, (0, 1)).read(record, 1))
        if self.times == 1:
            return shadow_purities(bases, bits, sizes)
        # A basis that has just begun would need a weight of its own.
        whole = len(bits) // self.times
        return grouped_purities(
            bits[: whole * self.times].reshape(whole, self.times, self.qubits), sizes
        )


@dataclass(frozen=True)
class UnbiasedPurity:
    """One copy in each of 2ⁿ + 1 unbiased bases in turn: collisions give the purity of the whole.

    Attributes:
        qubits: The number n of qubits.
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


@dataclass(frozen=True)
class _Entry:
    make: Callable[[int, Mapping[str, int]], BellPurities | PauliPurities | UnbiasedPurity]
    copies_per_shot: int
    least_copies: Callable[[int, Mapping[str, int]], int]
    about: str
    defaults: Mapping[str, int] = field(default_factory=dict)
    most_qubits: int = MOST_QUBITS


ENTRIES = {
    "bell": _Entry(
        lambda n, o: BellPurities(n),
        2,
        lambda n, o: 4,
        "Two copies in the Bell basis. The parity of the singlets (11) in a part is the SWAP\n"
        "eigenvalue there; its mean is tr(ρ_A²), with the variance (1 - p²)/T for T shots.",
    ),
    "local_pauli": _Entry(
        lambda n, o: PauliPurities(n, 1),
        1,
        lambda n, o: 4,
        "One copy in a fresh random Pauli basis (classical shadows). Estimate: the mean over all\n"
        "pairs of shots of the product over the part of 5 (same basis and bit), -4 (same basis,\n"
        "other bit) or 1/2 (other basis).",
    ),
    "randomized_measurements": _Entry(
        lambda n, o: PauliPurities(n, o["times"]),
        1,
        lambda n, o: 2 * o["times"],
        "One copy in a random Pauli basis, each basis times=K times in a row. Estimate: the mean\n"
        "of 2^k (-2)^(-D) over pairs of one basis at Hamming distance D on a part of k qubits.",
        {"times": 0},
    ),
}
UNBIASED = _Entry(
    lambda n, o: UnbiasedPurity(n),
    1,
    lambda n, o: 2 * (2**n + 1),
    "One copy in each of the 2^n + 1 unbiased bases in turn. Estimate: the sum over the bases of\n"
    "the shares of equal pairs, less 1.",
    most_qubits=MOST_STABILISER_QUBITS,
)


class Purities(EstimationTask):
    """The task ``purities``: how mixed are the first k qubits of a random state?"""

    NAME: ClassVar[str] = "purities"
    ENTRIES: ClassVar[Mapping[str, _Entry]] = ENTRIES
    DEFAULTS: ClassVar[Mapping[str, float | int]] = {"depth": 0, "mixing": 0.0}

    def __init__(self, text: str) -> None:
        """Reads the task's name with its options.

        Raises:
            ValueError: If an option is unknown or out of range.
        """
        options = read_task_options(text, self.NAME, self.DEFAULTS)
        self.depth, self.mixing = int(options["depth"]), float(options["mixing"])
        if self.depth < 0:
            raise UsageError(f"depth of {text!r} must be at least 0, not {self.depth}")
        if not 0 <= self.mixing <= 1:
            raise UsageError(f"mixing of {text!r} must lie in [0, 1], not {self.mixing}")

    def __str__(self) -> str:
        given = {"depth": self.depth, "mixing": self.mixing}
        return shortest(self.NAME, given, self.DEFAULTS)

    def couplings(self, protocol: str) -> Couplings:
        """Returns what the circuits of the protocol couple: states of chains, and their copies."""
        return "more"

    def _read(self, protocol: str, qubits: int) -> tuple[_Entry, dict[str, int]]:
        entry = self.ENTRIES[known_protocol(protocol, self.ENTRIES)]
        options = {key: int(v) for key, v in read_options(protocol, entry.defaults)[1].items()}
        for key, value in options.items():
            # Near the best for the whole state, whose estimate spreads most (measured at n = 4).
            options[key] = value or max(2, round(2 ** (0.75 * qubits + 1)))
            if options[key] < 2:
                raise UsageError(f"{key} of {protocol!r} must be at least 2, not {value}")
        return entry, options

    def resolve(self, protocol: str, qubits: int) -> str:
        """Returns the full name of a protocol: options that depend on n are filled in.

        Raises:
            ValueError: If the protocol or an option of it is unknown.
        """
        return canonical(parse(protocol)[0], self._read(protocol, qubits)[1])

    def sizes(self, qubits: int) -> Sequence[int]:
        """Returns the sizes k of the parts whose purities are estimated."""
        return range(1, qubits + 1)

    def quantities(self, protocol: str, qubits: int) -> tuple[str, ...]:
        """Returns ``purity:first=k`` for every size k."""
        return tuple(f"purity:first={k}" for k in self.sizes(qubits))

    def copies_per_shot(self, protocol: str) -> int:
        """Returns how many copies a shot of the protocol uses."""
        return self._read(protocol, 1)[0].copies_per_shot

    def check(self, protocol: str, qubits: int, copies: int, *, circuits: bool) -> None:
        """Refuses what cannot be played, before anything runs.

        Raises:
            ValueError: If there are no circuits of that size, or too few copies for an estimate.
        """
        entry, options = self._read(protocol, qubits)
        name = parse(protocol)[0]
        if not circuits:
            raise UsageError(f"backend law knows no exact law of {self.NAME}; use qsim")
        if not 1 <= qubits <= entry.most_qubits:
            raise UsageError(
                f"qubits must lie between 1 and {entry.most_qubits} for {name}, not {qubits}"
            )
        if copies < (least := entry.least_copies(qubits, options)):
            raise UsageError(
                f"{name} needs at least {least} copies at n = {qubits} to estimate its error, "
                f"not {copies}"
            )

    def circuit(self, protocol: str, qubits: int) -> cirq.Circuit:
        """Returns the parametrised circuit of one shot, as it is run."""
        entry, options = self._read(protocol, qubits)
        rng = np.random.default_rng(0)
        return entry.make(qubits, options).request(self._draw(qubits, 1, rng, rng), 1, rng).circuit

    def explain(self, protocol: str, qubits: int) -> str:
        """Returns in a few lines how the protocol measures and what it estimates."""
        return self._read(protocol, qubits)[0].about

    def seconds(self, protocol: str, qubits: int, shots: int) -> float:
        """Returns roughly how long a record of one system takes.

        Measured on one core: 2 ns for each Bell shot, qubit and amplitude, 7 ns for each basis of
        single copies; for shadows 4 ns for each pair of shots and qubit besides.
        """
        size = qubits * 2.0**qubits
        name, options = parse(protocol)
        if name == "bell":
            return 2e-9 * shots * size
        pairs = shots**2 / 2 if name == "local_pauli" else 0
        return 7e-9 * shots / int(options.get("times", 1)) * size + 4e-9 * pairs * qubits

    def _draw(
        self, qubits: int, systems: int, nature: np.random.Generator, copies: np.random.Generator
    ) -> BrickworkStates:
        depth = self.depth or None
        return random_states(qubits, np.full(systems, self.mixing), nature, copies, depth=depth)

    def estimate(
        self,
        protocol: str,
        qubits: int,
        shots: int,
        systems: int,
        seeds: Seeds,
        sampler: cirq.Sampler,
    ) -> Estimated:
        """Draws fresh states, measures a record of each and estimates the purities of its parts.

        Args:
            protocol: The protocol's full name.
            qubits: The number n of qubits.
            shots: The shots of each record.
            systems: The number of states.
            seeds: The sources of randomness.
            sampler: Where the circuits run.

        Returns:
            The estimates, with their stated errors and the exact values.
        """
        entry, options = self._read(protocol, qubits)
        nature, copies, learner = seeds.generators()
        states = self._draw(qubits, systems, nature, copies)
        chosen = entry.make(qubits, options)
        (record,) = run([chosen.request(states, shots, learner)], sampler)
        sizes = self.sizes(qubits)
        found = np.stack([chosen.estimates(one, sizes) for one in record.split(systems)])
        truths = np.stack([states.purities(s)[np.array(sizes) - 1] for s in range(systems)])
        return Estimated(found[..., 0], found[..., 1], truths)


class WholePurity(Purities):
    """The task ``whole_purity``: how mixed is a random state as a whole?"""

    NAME: ClassVar[str] = "whole_purity"
    ENTRIES: ClassVar[Mapping[str, _Entry]] = {**ENTRIES, "mutually_unbiased": UNBIASED}

    def sizes(self, qubits: int) -> Sequence[int]:
        """Returns n alone."""
        return [qubits]
