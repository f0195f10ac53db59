"""Does an unknown star have a companion? Two photons at a time, or one where the star is known.

The task ``companion`` estimates the rate of an event that a single point star never causes: with
``bell``, an odd number of singlets between two stored photons of an unknown star; with
``known_star``, a photon behind the null of a star that is known. ``share`` is the companion's
share of the light (0 for a single star), ``overlap`` its overlap with the star, ``background`` the
share of photons that come from neither. Every record has a star of its own.
"""

from __future__ import annotations

import typing
from collections.abc import Iterable, Mapping
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from quantum_advantage.bounds.companion import odd_chance, odd_chance_with_background
from quantum_advantage.circuits.request import Record, Request
from quantum_advantage.circuits.run import run
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.sensing.companion import odd_share, share_error
from quantum_advantage.measurements.bell import MEMORY, SYSTEM, bell_basis_change
from quantum_advantage.measurements.records import BellRecord
from quantum_advantage.systems.companions import CompanionStates
from quantum_advantage.systems.random_states import random_states
from quantum_advantage.tasks.base import Estimated, EstimatingTask, Source, sampler_of
from quantum_advantage.tasks.protocol import Chosen, Limits, Protocol
from quantum_advantage.tasks.shared.requests import copy_qubits, request_copies
from quantum_advantage.tasks.shared.seeds import Seeds

Floats = npt.NDArray[np.float64]

MOST_QUBITS = 20


class CompanionMeasurement(typing.Protocol):
    """How photons are measured, and how the rate of events is read from the record."""

    def request(self, states: CompanionStates, shots: int) -> Request:
        """Says what to run: ``shots`` shots for every star, star by star."""
        ...

    def rate(self, record: Record, qubits: int) -> tuple[float, float]:
        """Returns the rate of events in the record of one star, and its standard error."""
        ...

    def truths(self, states: CompanionStates) -> Floats:
        """Returns (stars,) the exact probabilities of an event in a shot."""
        ...


class OddSinglets:
    """Two photons in the Bell basis; the event is an odd number of singlets.

    Example:
        Photons of a single star never show it; 1000 pairs from a star with a companion do:

        >>> import cirq
        >>> from quantum_advantage.backends.opening import open_backend
        >>> rng = np.random.default_rng(1)
        >>> stars = random_states(2, np.zeros(1), rng, rng)
        >>> for share in (0.0, 0.5):
        ...     states = CompanionStates(stars, share, overlap=0.5)
        ...     request = OddSinglets().request(states, 1000)
        ...     (record,) = run([request], open_backend("qsim").make(1))
        ...     rate, error = OddSinglets().rate(record, 2)
        ...     (truth,) = OddSinglets().truths(states)  # c (1 - c) (1 - o²)
        ...     print(round(float(truth), 4), abs(rate - truth) < 4 * error)
        0.0 True
        0.1875 True
    """

    def request(self, states: CompanionStates, shots: int) -> Request:
        """Requests Bell measurements of pairs of photons."""
        return request_copies(states, 2, shots, bell_basis_change(*copy_qubits(states.qubits)))

    def rate(self, record: Record, qubits: int) -> tuple[float, float]:
        """Returns the share of pairs with an odd number of singlets, and its standard error."""
        return odd_share(BellRecord(qubits, record.bits[SYSTEM], record.bits[MEMORY]))

    def truths(self, states: CompanionStates) -> Floats:
        """Returns (stars,) the exact chances of an odd number."""
        chance = odd_chance(states.share, states.overlap)
        return odd_chance_with_background(chance, states.stars.mixing, states.qubits)


class Clicks:
    """One photon after the null of a known star; the event is a photon that is not nulled.

    Example:
        >>> from quantum_advantage.backends.opening import open_backend
        >>> rng = np.random.default_rng(1)
        >>> stars = random_states(2, np.zeros(1), rng, rng)
        >>> states = CompanionStates(stars, share=0.2, overlap=0.5)
        >>> (record,) = run([Clicks().request(states, 1000)], open_backend("qsim").make(1))
        >>> rate, error = Clicks().rate(record, 2)
        >>> (truth,) = Clicks().truths(states)  # c (1 - o²)
        >>> round(float(truth), 4), bool(abs(rate - truth) < 4 * error)
        (0.15, True)
    """

    def request(self, states: CompanionStates, shots: int) -> Request:
        """Requests single photons after the null."""
        system, _ = copy_qubits(states.qubits)
        return request_copies(states, 1, shots, states.nulled(system, "a").moments)

    def rate(self, record: Record, qubits: int) -> tuple[float, float]:
        """Returns the share of photons that are not in |0…0⟩, and its standard error."""
        share = float((record.bits[SYSTEM] != 0).any(axis=1).mean())
        return share, share_error(share, record.shots)

    def truths(self, states: CompanionStates) -> Floats:
        """Returns (stars,) the exact chances of a click."""
        return states.click_chances()


class Companion(EstimatingTask):
    """The task ``companion``: a faint companion of an unknown star.

    Example:
        >>> task = Companion("companion:share=0.1")
        >>> task.quantities("bell", 6), task.copies_per_shot("bell", 6)
        (('rate',), 2)
    """

    NAME: ClassVar[str] = "companion"
    DEFAULTS: ClassVar[Mapping[str, float | int | str]] = {
        "background": 0.0,
        "overlap": 0.5,
        "share": 0.01,
    }

    def __init__(self, text: str) -> None:
        """Reads the task's name with its options.

        Raises:
            ValueError: If an option is unknown or out of range.
        """
        super().__init__(text)
        for key, value in self.options.items():
            if not 0 <= float(value) <= 1:
                raise UsageError(f"{key} of {text!r} must lie in [0, 1], not {value}")

    def describe(self) -> Iterable[Protocol]:
        """Returns both protocols of the task."""
        yield Protocol(
            "bell",
            "Two photons in the Bell basis. Estimate: the share of pairs with an odd number of\n"
            "singlets (11), of mean (1 - tr ρ²)/2; without background c(1-c)(1-o²), and 0 for one "
            "star.",
            copies_per_shot=2,
            measurement=lambda o, n: OddSinglets(),
            limits=Limits(circuit_qubits=MOST_QUBITS),
        )
        yield Protocol(
            "known_star",
            "One photon behind U⁻¹, with the U|0…0⟩ of the star known to the learner, a\n"
            "null. Estimate: the share of photons that are not in |0…0⟩; without background the "
            "mean\nis c(1-o²).",
            copies_per_shot=1,
            measurement=lambda o, n: Clicks(),
            limits=Limits(circuit_qubits=MOST_QUBITS),
        )

    def quantities(self, protocol: str, qubits: int) -> tuple[str, ...]:
        """Returns ``rate`` alone: events in a shot."""
        return ("rate",)

    def _draw(
        self, qubits: int, systems: int, nature: np.random.Generator, copies: np.random.Generator
    ) -> CompanionStates:
        background, share, overlap = (
            float(self.options[key]) for key in ("background", "share", "overlap")
        )
        stars = random_states(qubits, np.full(systems, background), nature, copies)
        return CompanionStates(stars, share, overlap)

    def request_shot(self, chosen: Chosen, rng: np.random.Generator) -> Request:
        """Requests one shot of one star."""
        measurement: CompanionMeasurement = chosen.measurement()
        return measurement.request(self._draw(chosen.qubits, 1, rng, rng), 1)

    def seconds(self, protocol: str, qubits: int, copies: int, *, circuits: bool) -> float:
        """Returns roughly how long a record takes: as that of a purity, 2 ns an amplitude."""
        shots = copies // self.copies_per_shot(protocol, qubits)
        return 2e-9 * shots * qubits * 2.0**qubits

    def estimate(
        self, chosen: Chosen, shots: int, systems: int, seeds: Seeds, source: Source
    ) -> Estimated:
        """Draws stars, measures a record of each and estimates the rates of events."""
        nature, copies, _ = seeds.generators()
        states = self._draw(chosen.qubits, systems, nature, copies)
        measurement: CompanionMeasurement = chosen.measurement()
        (record,) = run([measurement.request(states, shots)], sampler_of(source))
        found = np.array([measurement.rate(part, chosen.qubits) for part in record.split(systems)])
        return Estimated(found[:, :1], found[:, 1:], measurement.truths(states)[:, None])
