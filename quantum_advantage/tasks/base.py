"""A task as the study engine sees it: one that decides, or one that estimates."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
import numpy.typing as npt
from scipy import special

from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import open_interval
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

# The ratio of a first budget and the expected sample complexity.
HEADROOM = 1.75
LEAST_BUDGET = 10


class DecidingTask(Task):
    """A task whose question has a right answer: every trial has a system of its own.

    Example:
        A Haar-random pure state of ten qubits, or the maximally mixed one? T Bell shots find an odd
        number of singlets, which excludes a pure state, with the chance 1 - 2⁻ᵀ:

        >>> from quantum_advantage.tasks.registry import load_deciding
        >>> seeds = Seeds(*np.random.SeedSequence(1).spawn(4))
        >>> task = load_deciding("purity")
        >>> played = task.play("bell", 10, np.array([1, 5]), 4000, 0, seeds, FromLaw())
        >>> np.abs(played.correct / 4000 - [1 - 1 / 4, 1 - 1 / 64]) < 0.03
        array([ True,  True])
    """

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

        Raises:
            UsageError: If there is no such protocol, an option or n does not fit, or the target
                does not lie in (1/2, 1).

        Example:
            >>> from quantum_advantage.tasks.registry import load_deciding
            >>> task = load_deciding("purity")
            >>> [task.first_budget("collisions", n, 0.7) for n in (8, 12)]  # grows as 2^(n/2)
            [51, 202]
        """
        target = open_interval("target", target, 0.5, 1)
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
        """Plays one batch of trials, see :meth:`Task.play`; all batches are played alike.

        Raises:
            UsageError: As :meth:`Task.play`, or if the numbers of shots do not increase from 1 on.
        """
        chosen = self.read_playable(protocol, qubits, int(prefixes[-1]), source)
        if prefixes[0] < 1 or (np.diff(prefixes) <= 0).any():
            raise UsageError(f"prefixes must increase from 1 on, not {prefixes}")
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

        Raises:
            UsageError: If the sampler sends back something else than it was asked for.
        """


class EstimatingTask(Task):
    """A task with quantities to estimate, which reads a record when it is complete.

    Example:
        The characteristic function of a channel of one mode, from 10 000 uses on squeezed light:

        >>> from quantum_advantage.tasks.registry import load_estimating
        >>> seeds = Seeds(*np.random.SeedSequence(1).spawn(4))
        >>> task = load_estimating("displacement")
        >>> shots = np.array([10_000])
        >>> answers = task.play("squeezed_pairs", 1, shots, 1, 0, seeds, FromLaw())
        >>> for row in answers.rows:
        ...     print(row.quantity, abs(row.value - row.truth) < 4 * row.error)
        real True
        imaginary True
    """

    @abstractmethod
    def quantities(self, protocol: str, qubits: int) -> tuple[str, ...]:
        """Returns the names of what the protocol estimates."""

    def kept(
        self, protocol: str, qubits: int, systems: int, batch: int
    ) -> tuple[tuple[int, str], ...]:
        """Returns which rows of a batch are kept: all of them.

        Args:
            protocol: The protocol's full name.
            qubits: The number n of qubits.
            systems: The number of systems in the batch.
            batch: The number of the batch.

        Returns:
            Pairs of a system and a quantity, system by system.

        Example:
            >>> from quantum_advantage.tasks.registry import load_estimating
            >>> load_estimating("companion").kept("bell", 3, systems=2, batch=0)
            ((0, 'rate'), (1, 'rate'))
        """
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
            UsageError: As :meth:`Task.play`, or if there is more than one number of shots.
        """
        if len(prefixes) != 1:
            raise UsageError(f"prefixes must be one number of shots for {self}, not {prefixes}")
        shots = int(prefixes[0])
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

        Raises:
            UsageError: If the sampler sends back something else than it was asked for.
        """

    def numbers(
        self, found: Estimated, quantities: tuple[str, ...]
    ) -> dict[tuple[int, str], tuple[float, float, float]]:
        """Returns value, stated error and truth for each system and quantity.

        Args:
            found: The estimates, (systems, quantities).
            quantities: The names of the quantities, in that order.

        Example:
            >>> from quantum_advantage.tasks.registry import load_estimating
            >>> found = Estimated(np.array([[0.3]]), np.array([[0.1]]), np.array([[0.2]]))
            >>> load_estimating("companion").numbers(found, ("rate",))
            {(0, 'rate'): (0.3, 0.1, 0.2)}
        """
        triples = np.stack([found.values, found.errors, found.truths], axis=-1).tolist()
        return {
            (system, quantity): tuple(triple)
            for system, row in enumerate(triples)
            for quantity, triple in zip(quantities, row, strict=True)
        }
