"""What is the flag of the principal component? With and without a quantum memory.

The second theorem of Huang et al., arXiv 2112.00778, on an instance of this project: the first
qubit is a flag. With its value c the other n - 1 qubits are in a Haar-random state ψ, with its
other value they are maximally mixed, ρ_c = ½ |c⟩⟨c| ⊗ ψ + ½ |1-c⟩⟨1-c| ⊗ I/d' with d' = 2ⁿ⁻¹. The
principal component is |c⟩ ⊗ ψ; the question is c. tr(Z ρ_c) = 0 for the flag, so the flag alone
says nothing; but tr(Z ρ_c²)/tr(ρ_c²) = ±(1 - 2/(d' + 1)).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

import cirq
import numpy as np

from quantum_advantage.bounds.haar_states import (
    copies_for_principal_component,
    largest_principal_accuracy,
)
from quantum_advantage.circuits.request import Record, Request
from quantum_advantage.inference.haar.collisions import times_seen_before
from quantum_advantage.measurements.bell import (
    MEMORY,
    SYSTEM,
    bell_basis_change,
    singlet_parity,
)
from quantum_advantage.measurements.flag import flag_basis_change, flag_value
from quantum_advantage.systems.flagged_states import FlaggedStates
from quantum_advantage.systems.haar_outcomes import urn_outcomes
from quantum_advantage.systems.preparation import Preparation
from quantum_advantage.systems.random_states import random_states
from quantum_advantage.tasks.protocol import Bound, Chosen, Protocol
from quantum_advantage.tasks.shared.assumptions import (
    ANYBODY,
    COUNTED,
    INDEPENDENT,
    haar_random,
    if_haar_random,
)
from quantum_advantage.tasks.shared.haar import (
    LIMITS,
    Floats,
    HaarTask,
    Integers,
    Outcomes,
    Prefixes,
    log_odds,
    outcome_numbers,
)
from quantum_advantage.tasks.shared.requests import copy_qubits, request_copies

_PAIRS = (
    "Two copies; the flags in {|00⟩, |11⟩, Ψ⁺, Ψ⁻} (bits 00, 10, 01, 11; v = +1, -1, 0, 0),\n"
    "all other pairs in the Bell basis."
)


@dataclass(frozen=True)
class FlagAndSwap(ABC):
    """Two copies: the flags in {|00⟩, |11⟩, Ψ⁺, Ψ⁻}, all other pairs in the Bell basis.

    Attributes:
        qubits: The number n of qubits, the flag included.

    Example:
        Where ψ stands beside the flag 0, an odd parity never comes with both flags 0 (value 1):

        >>> from quantum_advantage.backends.opening import open_backend
        >>> from quantum_advantage.circuits.run import run
        >>> rng = np.random.default_rng(1)
        >>> task, truth = PrincipalComponent("principal_component"), np.array([0])
        >>> measured = SignOfRatio(3)
        >>> request = measured.request(task.prepare(truth, 3, rng, rng), 200, rng)
        >>> (record,) = run([request], open_backend("qsim").make(1))
        >>> value, parity = measured.read(record, trials=1)
        >>> bool(parity[value == 1].any()), bool(parity[value == -1].any())
        (False, True)
    """

    qubits: int

    def request(self, preparation: Preparation, shots: int, rng: np.random.Generator) -> Request:
        """Requests the joint measurement of pairs of copies."""
        system, memory = copy_qubits(self.qubits)
        flag = cirq.Circuit(flag_basis_change(system[0], memory[0]))
        rest = cirq.Circuit(bell_basis_change(system[1:], memory[1:]))
        return request_copies(preparation, 2, shots, list(flag.zip(rest)))

    def read(self, record: Record, trials: int) -> Outcomes:
        """Reads the value of the flags (+1, -1, 0) and the parity of the other pairs' singlets."""
        system, memory = record.bits[SYSTEM], record.bits[MEMORY]
        first = ((words[:, 0] & np.uint64(1)).astype(np.uint8) for words in (system, memory))
        rest = np.full(system.shape[1], ~np.uint64(0))
        rest[0] ^= np.uint64(1)
        parity = singlet_parity(system, memory, rest)
        return flag_value(*first).reshape(trials, -1), parity.reshape(trials, -1)

    def drawn(self, truth: Integers, shots: int, rng: np.random.Generator) -> Outcomes:
        """Draws values and parities from their exact distribution.

        Both flags are fair coins. Where both copies show ψ the parity is even; else its sign has
        the mean 1/d', since tr(ψ I/d') = tr((I/d')²) = 1/d'. Unequal flags leave Ψ⁺ or Ψ⁻, value 0.

        Args:
            truth: (trials,) the value c of the flag beside ψ.
            shots: The number of shots of each trial.
            rng: The randomness of the outcomes.

        Returns:
            (trials, shots) values +1, -1 or 0, and (trials, shots) parities, 1 for odd.

        Example:
            Beside |00⟩ (value 1) the parity is even where c = 0, and both parities come where c =
            1:

            >>> rng = np.random.default_rng(1)
            >>> value, parity = FlagLikelihood(5).drawn(np.array([0, 1]), 100, rng)
            >>> [bool(parity[trial][value[trial] == 1].any()) for trial in (0, 1)]
            [False, True]
        """
        flags = rng.integers(0, 2, (2, truth.size, shots), dtype=np.uint8)
        value = np.where(flags[0] != flags[1], 0, 1 - 2 * flags[0].astype(np.int8))
        pure = (flags == truth[:, None]).all(axis=0)
        odd = (1 - 2.0 ** (1 - self.qubits)) / 2
        return value, ((rng.random(value.shape) < odd) & ~pure).astype(np.uint8)

    def exact_scores(self, truth: Integers, prefixes: Prefixes, rng: np.random.Generator) -> Floats:
        """Draws the scores from their exact distribution, without circuits.

        Args:
            truth: (trials,) the value c of the flag beside ψ.
            prefixes: (prefixes,) increasing numbers of shots.
            rng: The randomness of the outcomes.

        Returns:
            (trials, prefixes) scores, positive in favour of c = 1.
        """
        return self.scores(self.drawn(truth, int(prefixes[-1]), rng), prefixes)

    @abstractmethod
    def scores(self, outcomes: Outcomes, prefixes: Prefixes) -> Floats:
        """Returns scores, (trials, prefixes), positive in favour of c = 1."""


@dataclass(frozen=True)
class SignOfRatio(FlagAndSwap):
    """The sign of the estimated tr(Z ρ²), the numerator of the principal component's mean of Z.

    Example:
        One trial, two shots: |00⟩ beside an even parity, and unequal flags, which say nothing.

        >>> outcomes = np.array([[1, 0]]), np.array([[0, 1]])
        >>> SignOfRatio(5).scores(outcomes, np.array([1, 2])).tolist()  # below 0: c = 0
        [[-1.0, -1.0]]
    """

    def scores(self, outcomes: Outcomes, prefixes: Prefixes) -> Floats:
        """Returns minus the sum of the flags' values times the parities' signs."""
        value, parity = outcomes
        total = np.cumsum(value * (1.0 - 2.0 * parity), axis=1)
        return np.asarray(-total[:, prefixes - 1])


@dataclass(frozen=True)
class FlagLikelihood(FlagAndSwap):
    """The exact likelihood of the same data: an odd parity beside |00⟩ excludes c = 0.

    Example:
        >>> even, odd = (np.array([[1]]), np.array([[0]])), (np.array([[1]]), np.array([[1]]))
        >>> FlagLikelihood(5).scores(even, np.array([1]))[0, 0] < 0  # c = 0 is more likely
        np.True_
        >>> FlagLikelihood(5).scores(odd, np.array([1]))[0, 0] > 90  # c = 0 is excluded
        np.True_
    """

    def scores(self, outcomes: Outcomes, prefixes: Prefixes) -> Floats:
        """Returns the log-likelihood ratio of c = 1 against c = 0.

        Beside |11⟩ the parity is even for c = 1 and has mean 1/d' for c = 0; beside |00⟩ the other
        way round; elsewhere it says nothing.
        """
        value, parity = outcomes
        means = 2.0 ** (1 - self.qubits), 1.0
        total = np.zeros((value.shape[0], prefixes.size))
        for flag in (1, -1):
            shots = np.cumsum(value == flag, axis=1)[:, prefixes - 1]
            odd = np.cumsum((value == flag) & (parity == 1), axis=1)[:, prefixes - 1]
            total -= flag * log_odds(odd, shots, means)
        return total


@dataclass(frozen=True)
class BlockCollisions:
    """One copy, flag and computational basis: in which block do outcomes repeat more often?

    Attributes:
        qubits: The number n of qubits, the flag included.

    Example:
        The outcome 3 comes twice beside the flag 1, and outcomes beside the flag 0 differ:

        >>> flags, rest = np.array([[1, 0, 1, 0]]), np.array([[3, 5, 3, 6]])
        >>> bool(BlockCollisions(5).scores((flags, rest), np.array([4]))[0, 0] > 0)  # c = 1
        True
    """

    qubits: int

    def request(self, preparation: Preparation, shots: int, rng: np.random.Generator) -> Request:
        """Requests single copies in the computational basis."""
        return request_copies(preparation, 1, shots, [])

    def read(self, record: Record, trials: int) -> Outcomes:
        """Reads the flag and the outcome of the other qubits as a number."""
        numbers = outcome_numbers(record, trials)
        return numbers & 1, numbers >> 1

    def exact_scores(self, truth: Integers, prefixes: Prefixes, rng: np.random.Generator) -> Floats:
        """Draws the scores: fair flags, outcomes beside c from Pólya's urn, others uniform.

        Args:
            truth: (trials,) the value c of the flag beside ψ.
            prefixes: (prefixes,) increasing numbers of shots.
            rng: The randomness of the outcomes.

        Returns:
            (trials, prefixes) scores, positive in favour of c = 1.
        """
        size, shots = 2 ** (self.qubits - 1), int(prefixes[-1])
        flag = rng.integers(0, 2, (truth.size, shots))
        pure = urn_outcomes(truth.size, shots, size, rng)
        mixed = rng.integers(0, size, (truth.size, shots))
        return self.scores((flag, np.where(flag == truth[:, None], pure, mixed)), prefixes)

    def scores(self, outcomes: Outcomes, prefixes: Prefixes) -> Floats:
        """Returns the exact log-likelihood ratio of c = 1 against c = 0."""
        flag, rest = outcomes
        seen = times_seen_before(2 * rest + flag)
        gained = np.log1p(seen) - np.log1p(times_seen_before(flag) / 2 ** (self.qubits - 1))
        return np.asarray(np.cumsum((2 * flag - 1) * gained, axis=1)[:, prefixes - 1])


class PrincipalComponent(HaarTask):
    """The task ``principal_component``: which value of the flag belongs to the random state.

    Example:
        Bell measurements need constantly many copies, collisions 2^(n/2):

        >>> task = PrincipalComponent("principal_component")
        >>> [task.first_budget("collisions", n, 0.7) for n in (8, 12)]
        [62, 247]
        >>> [task.first_budget("bell", n, 0.7) for n in (8, 12)]
        [14, 14]
    """

    NAME: ClassVar[str] = "principal_component"
    BEST_CONVENTIONAL: ClassVar[str | None] = "collisions"

    def describe(self) -> Iterable[Protocol]:
        """Returns all protocols of the task."""
        limits = replace(LIMITS, least_qubits=2)
        yield Protocol(
            "bell",
            f"{_PAIRS}\n"
            "Answer: the larger likelihood; an odd parity beside |00⟩ excludes c = 0, beside\n"
            "|11⟩ it excludes c = 1.",
            copies_per_shot=2,
            measurement=lambda o, n: FlagLikelihood(n),
            exact=lambda o, n: FlagLikelihood(n).exact_scores,
            limits=limits,
            guess=lambda n: 8.0,
        )
        yield Protocol(
            "bell_sign",
            f"{_PAIRS}\n"
            "Answer: the sign of the mean of v times the sign of the other singlets' parity,\n"
            "which estimates tr(Z ρ²), the numerator of the principal component's mean of Z.",
            copies_per_shot=2,
            measurement=lambda o, n: SignOfRatio(n),
            exact=lambda o, n: SignOfRatio(n).exact_scores,
            limits=limits,
            guess=lambda n: 8.0,
        )
        yield Protocol(
            "collisions",
            "One copy, the flag and all other qubits in the computational basis.\n"
            "Answer: the larger likelihood, beside which flag outcomes repeat more often.",
            copies_per_shot=1,
            measurement=lambda o, n: BlockCollisions(n),
            exact=lambda o, n: BlockCollisions(n).exact_scores,
            limits=limits,
            bounded=True,
            guess=lambda n: 2.2 * 2 ** (n / 2),
        )

    def prepare(
        self, truth: Integers, qubits: int, nature: np.random.Generator, copies: np.random.Generator
    ) -> Preparation:
        """Draws a fresh state ψ for every trial and hides it behind the flag."""
        return FlaggedStates(truth, random_states(qubits - 1, np.zeros(truth.size), nature, copies))

    def bound_in(self, chosen: Chosen) -> Bound:
        """Returns what any conventional learner can reach, if states are Haar-random."""
        return Bound(
            partial(largest_principal_accuracy, qubits=chosen.qubits),
            partial(copies_for_principal_component, qubits=chosen.qubits),
            "copies",
            ANYBODY,
            if_haar_random("states"),
            "Haar-random pure states behind the flag, any adaptive learner",
            "quantum_advantage.bounds.haar_states, setting 'principal component', derived there",
            (
                "a fair secret coin chose behind which value of the flag a Haar-random pure "
                "state, drawn anew for each game, stands",
                INDEPENDENT,
                COUNTED,
            ),
            haar_random("states"),
        )
