"""A task as the study engine sees it: one that decides, or one that estimates."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
import numpy.typing as npt
from scipy import special

from quantum_advantage.tasks.answers import (
    Answers,
    Decisions,
    Estimate,
    Estimated,
    Estimates,
    FromLaw,
    Source,
    sampler_of,
    whole_copies,
)
from quantum_advantage.tasks.protocol import Chosen, Couplings
from quantum_advantage.tasks.shared.prefixes import shots_played
from quantum_advantage.tasks.shared.seeds import Seeds
from quantum_advantage.tasks.task import Task

__all__ = [
    "Answers",
    "Couplings",
    "DecidingTask",
    "Decisions",
    "Estimate",
    "Estimated",
    "Estimates",
    "EstimatingTask",
    "FromLaw",
    "Source",
    "Task",
    "sampler_of",
    "whole_copies",
]

# A first budget lies so far above the expected sample complexity.
HEADROOM = 1.75
LEAST_BUDGET = 10


class DecidingTask(Task):
    """A task whose question has a right answer: every trial has a system of its own."""

    def first_budget(
        self,
        protocol: str,
        qubits: int,
        target: float,
        damping: npt.NDArray[np.float64] | None = None,
    ) -> int:
        """Returns the copies of the ladder's first rung.

        1.75 times the expected sample complexity, scaled from 70 % to the target as the z-score is,
        and at least 10 copies. It decides only where the search begins.

        Args:
            protocol: The protocol's full name.
            qubits: The number n of qubits.
            target: The accuracy to reach.
            damping: (qubits, 4) factors that the noise is expected to have, or None.
        """
        guess = self.read(protocol, qubits, target).protocol.guess
        if guess is None:
            return LEAST_BUDGET
        scale = special.ndtri(target) / special.ndtri(0.7)
        return max(LEAST_BUDGET, whole_copies(HEADROOM * scale * guess(qubits)))

    def answered_after(self, budget: int, copies_per_shot: int) -> list[int]:
        """Returns the numbers of shots at which the accuracy is looked at."""
        return shots_played(budget, copies_per_shot)

    def play(
        self,
        protocol: str,
        qubits: int,
        prefixes: npt.NDArray[np.int64],
        systems: int,
        batch: int,
        seeds: Seeds,
        source: Source,
    ) -> Decisions:
        """Plays one batch of trials, see :meth:`Task.play`; all batches are played alike."""
        chosen = self.read_playable(protocol, qubits, int(prefixes[-1]), source)
        return Decisions(self.count_right(chosen, prefixes, systems, seeds, source))

    @abstractmethod
    def count_right(
        self,
        chosen: Chosen,
        prefixes: npt.NDArray[np.int64],
        trials: int,
        seeds: Seeds,
        source: Source,
    ) -> npt.NDArray[np.int64]:
        """Plays trials, each with a fresh system and record.

        Args:
            chosen: The protocol, which can be played so.
            prefixes: (prefixes,) increasing numbers of shots after which the question is answered.
            trials: The number of trials.
            seeds: The sources of randomness.
            source: Where the circuits run, or the exact distribution.

        Returns:
            (prefixes,) the number of right answers.
        """


class EstimatingTask(Task):
    """A task with quantities to estimate, which reads a record when it is complete."""

    @abstractmethod
    def quantities(self, protocol: str, qubits: int) -> tuple[str, ...]:
        """Returns the names of what the protocol estimates."""

    def kept(
        self, protocol: str, qubits: int, systems: int, batch: int
    ) -> tuple[tuple[int, str], ...]:
        """Returns which rows of a batch are kept, (system, quantity) in order: all of them."""
        quantities = self.quantities(protocol, qubits)
        return tuple((system, quantity) for system in range(systems) for quantity in quantities)

    def answered_after(self, budget: int, copies_per_shot: int) -> list[int]:
        """Returns the number of shots of the complete record alone."""
        return [budget // copies_per_shot]

    def play(
        self,
        protocol: str,
        qubits: int,
        prefixes: npt.NDArray[np.int64],
        systems: int,
        batch: int,
        seeds: Seeds,
        source: Source,
    ) -> Estimates:
        """Plays one batch of systems, see :meth:`Task.play`; records are read after the last shot.

        Raises:
            UsageError: As :meth:`Task.play`.
            ValueError: If there is more than one number of shots.
        """
        (shots,) = (int(shots) for shots in prefixes)
        chosen = self.read_playable(protocol, qubits, shots, source)
        found = self.estimate(chosen, shots, systems, seeds, source)
        numbers = self.numbers(found, self.quantities(protocol, qubits))
        kept = self.kept(protocol, qubits, systems, batch)
        return Estimates(tuple(Estimate(*place, *numbers[place]) for place in kept))

    @abstractmethod
    def estimate(
        self, chosen: Chosen, shots: int, systems: int, seeds: Seeds, source: Source
    ) -> Estimated:
        """Draws fresh systems, measures a record of each and estimates all quantities.

        Args:
            chosen: The protocol, which can be played so.
            shots: The shots of each record.
            systems: The number of systems.
            seeds: The sources of randomness.
            source: Where the circuits run, or the exact distribution.

        Returns:
            The estimates, with their stated errors and the exact values.
        """

    def numbers(
        self, found: Estimated, quantities: tuple[str, ...]
    ) -> dict[tuple[int, str], tuple[float, float, float]]:
        """Returns value, stated error and truth for each (system, quantity)."""
        triples = np.stack([found.values, found.errors, found.truths], axis=-1).tolist()
        return {
            (system, quantity): tuple(triple)
            for system, row in enumerate(triples)
            for quantity, triple in zip(quantities, row, strict=True)
        }
