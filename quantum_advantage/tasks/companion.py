"""Does an unknown star have a companion? Two photons at a time, or one where the star is known.

The task ``companion`` estimates how often a shot shows something that a single point star never
shows: with ``bell``, an odd number of singlets between two stored photons of an unknown star; with
``known_star``, a photon behind the null of a star that is known. ``share`` is the companion's share
of the light (0 for a single star), ``overlap`` its overlap with the star, ``background`` the share
of photons that come from neither. Every record has a star of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import cirq
import numpy as np

from quantum_advantage.circuits.request import Record, Request
from quantum_advantage.circuits.run import run
from quantum_advantage.core.naming import known_protocol, read_options, read_task_options, shortest
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.sensing.companion import odd_share, share_error
from quantum_advantage.measurements.bell import MEMORY, SYSTEM, bell_basis_change
from quantum_advantage.measurements.records import BellRecord
from quantum_advantage.systems.companions import CompanionStates
from quantum_advantage.systems.random_states import random_states
from quantum_advantage.tasks.base import Couplings, Estimated, EstimationTask
from quantum_advantage.tasks.requests import copy_qubits, request_copies
from quantum_advantage.tasks.seeds import Seeds

MOST_QUBITS = 20

ABOUT = {
    "bell": "Two photons in the Bell basis. Estimate: the share of pairs with an odd number of\n"
    "singlets (11), of mean (1 - tr ρ²)/2; without background c(1-c)(1-o²), and 0 for one star.",
    "known_star": "One photon behind U⁻¹, with the U|0…0⟩ of the star known to the learner, a\n"
    "null. Estimate: the share of photons that are not in |0…0⟩; without background the mean\n"
    "is c(1-o²).",
}


class Companion(EstimationTask):
    """The task ``companion``: a faint companion of an unknown star."""

    NAME: ClassVar[str] = "companion"
    DEFAULTS: ClassVar[Mapping[str, float]] = {"background": 0.0, "overlap": 0.5, "share": 0.01}

    def __init__(self, text: str) -> None:
        """Reads the task's name with its options.

        Raises:
            ValueError: If an option is unknown or out of range.
        """
        options = read_task_options(text, self.NAME, self.DEFAULTS)
        self._options = {key: float(value) for key, value in options.items()}
        for key, value in self._options.items():
            if not 0 <= value <= 1:
                raise UsageError(f"{key} of {text!r} must lie in [0, 1], not {value}")

    def __str__(self) -> str:
        return shortest(self.NAME, self._options, self.DEFAULTS)

    def couplings(self, protocol: str) -> Couplings:
        """Returns what the circuits of the protocol couple: states of chains, and their copies."""
        return "more"

    def _read(self, protocol: str) -> str:
        name = known_protocol(protocol, ABOUT)
        read_options(protocol, {})
        return name

    def resolve(self, protocol: str, qubits: int) -> str:
        """Returns the full name of a protocol; there are no options.

        Raises:
            ValueError: If the protocol is unknown.
        """
        return self._read(protocol)

    def quantities(self, protocol: str, qubits: int) -> tuple[str, ...]:
        """Returns ``rate`` alone: events in a shot."""
        return ("rate",)

    def copies_per_shot(self, protocol: str) -> int:
        """Returns how many photons a shot of the protocol uses."""
        return 2 if self._read(protocol) == "bell" else 1

    def check(self, protocol: str, qubits: int, copies: int, *, circuits: bool) -> None:
        """Refuses what cannot be played, before anything runs.

        Raises:
            ValueError: If there are no circuits of that size.
        """
        least = self.copies_per_shot(protocol)
        if not circuits:
            raise UsageError(f"backend law knows no exact law of {self.NAME}; use qsim")
        if not 1 <= qubits <= MOST_QUBITS:
            raise UsageError(f"qubits must lie between 1 and {MOST_QUBITS}, not {qubits}")
        if copies < least:
            raise UsageError(f"copies must be at least {least} for {protocol}, not {copies}")

    def _draw(
        self, qubits: int, systems: int, nature: np.random.Generator, copies: np.random.Generator
    ) -> CompanionStates:
        mixing = np.full(systems, self._options["background"])
        stars = random_states(qubits, mixing, nature, copies)
        return CompanionStates(stars, self._options["share"], self._options["overlap"])

    def _request(self, protocol: str, states: CompanionStates, shots: int) -> Request:
        system, memory = copy_qubits(states.qubits)
        if self._read(protocol) == "bell":
            return request_copies(states, 2, shots, bell_basis_change(system, memory))
        return request_copies(states, 1, shots, states.nulled(system, "a").moments)

    def circuit(self, protocol: str, qubits: int) -> cirq.Circuit:
        """Returns the parametrised circuit of one shot, as it is run."""
        rng = np.random.default_rng(0)
        return self._request(protocol, self._draw(qubits, 1, rng, rng), 1).circuit

    def explain(self, protocol: str, qubits: int) -> str:
        """Returns in a few lines how the protocol measures and what it estimates."""
        return ABOUT[self._read(protocol)]

    def seconds(self, protocol: str, qubits: int, shots: int) -> float:
        """Returns roughly how long a record takes: as that of a purity, 2 ns an amplitude."""
        return 2e-9 * shots * qubits * 2.0**qubits

    def estimate(
        self,
        protocol: str,
        qubits: int,
        shots: int,
        systems: int,
        seeds: Seeds,
        sampler: cirq.Sampler,
    ) -> Estimated:
        """Draws stars, measures a record of each and estimates how often something shows.

        Args:
            protocol: The protocol's name.
            qubits: The number n of qubits that hold a photon.
            shots: The shots of each record.
            systems: The number of stars.
            seeds: The sources of randomness.
            sampler: Where the circuits run.

        Returns:
            The rates, with their stated errors and the exact values.
        """
        nature, copies, _ = seeds.generators()
        states = self._draw(qubits, systems, nature, copies)
        (record,) = run([self._request(protocol, states, shots)], sampler)
        bell = protocol == "bell"
        truths = states.odd_chances() if bell else states.click_chances()
        read = _odd if bell else _clicks
        found = np.array([read(part, qubits) for part in record.split(systems)])
        return Estimated(found[:, :1], found[:, 1:], truths[:, None])


def _odd(record: Record, qubits: int) -> tuple[float, float]:
    return odd_share(BellRecord(qubits, record.bits[SYSTEM], record.bits[MEMORY]))


def _clicks(record: Record, qubits: int) -> tuple[float, float]:
    share = float((record.bits[SYSTEM] != 0).any(axis=1).mean())
    return share, share_error(share, record.shots)
