"""What the tasks about Haar-random states share: two hypotheses, and how a batch is played.

A fair coin decides between two kinds of system, a fresh Haar-random state is drawn for every trial,
and the learner says which kind it was. A protocol turns its record into scores, one after each
number of shots; the answer is 1 where the score is positive, 0 where it is negative, and the toss
of a coin where it is zero up to rounding.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

import cirq
import numpy as np
import numpy.typing as npt
from scipy import special

from quantum_advantage.circuits.request import Record, Request
from quantum_advantage.circuits.results import check_sampler
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
from quantum_advantage.inference.hidden_pauli.likelihoods import IMPOSSIBLE, choose
from quantum_advantage.measurements.bell import SYSTEM
from quantum_advantage.systems.preparation import Preparation
from quantum_advantage.systems.random_states import brickwork_gates
from quantum_advantage.tasks.base import Couplings, FromLaw, Source, whole_copies
from quantum_advantage.tasks.seeds import Seeds

Prefixes = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
# What a protocol reads from a record: arrays of shape (trials, shots, ...).
Outcomes = tuple[npt.NDArray[Any], ...]
Options = Mapping[str, int]

# Shots, and values of the dial that chooses the system, that are in memory at once.
SHOTS_AT_ONCE = 1 << 18
ANGLES_AT_ONCE = 100_000
# Outcomes are numbered by 64-bit integers.
LAW_MOST_QUBITS = 40
# A state vector of one copy.
CIRCUIT_MOST_QUBITS = 26
# A first budget lies so far above the expected sample complexity.
HEADROOM = 1.75
LEAST_BUDGET = 10


class HaarProtocol(Protocol):
    """How copies are measured, and how the record becomes a score."""

    def request(self, preparation: Preparation, shots: int, rng: np.random.Generator) -> Request:
        """Says what to run: ``shots`` shots for every system, system by system."""
        ...

    def read(self, record: Record, trials: int) -> Outcomes:
        """Reads from a record what the score needs."""
        ...

    def scores(self, outcomes: Outcomes, prefixes: Prefixes) -> Floats:
        """Returns (trials, prefixes) scores, positive in favour of hypothesis 1."""
        ...


class ExactLaw(Protocol):
    """Draws the scores of a protocol without circuits."""

    def __call__(self, truth: Integers, prefixes: Prefixes, rng: np.random.Generator) -> Floats:
        """Returns (trials, prefixes) scores, one record for each trial."""
        ...


@dataclass(frozen=True)
class Entry:
    """One protocol of a task.

    Attributes:
        make: Makes the protocol from its options and the number of qubits.
        law: Makes its exact law likewise; None where none is known.
        copies_per_shot: Copies that a shot uses.
        guess: The expected copies for 70 % right answers at n qubits; where the search begins.
        about: How it measures and what it reads.
        defaults: Its options; 0 stands for a value that depends on n.
        choose: The value of such an option.
        most_qubits: The largest n that runs as circuits.
        law_most_qubits: The largest n of the exact law.
    """

    make: Callable[[Options, int], HaarProtocol]
    law: Callable[[Options, int], ExactLaw] | None
    copies_per_shot: int
    guess: Callable[[int], float]
    about: str
    defaults: Mapping[str, int] = field(default_factory=dict)
    choose: Callable[[int], int] = lambda qubits: 1
    most_qubits: int = CIRCUIT_MOST_QUBITS
    law_most_qubits: int = LAW_MOST_QUBITS


def outcome_numbers(record: Record, trials: int) -> Integers:
    """Returns the outcomes of the system's qubits as numbers, (trials, shots)."""
    return record.bits[SYSTEM][:, 0].astype(np.int64).reshape(trials, -1)


def log_odds(minus: Integers, shots: Prefixes, means: tuple[float, float]) -> Floats:
    """Returns the log-likelihood ratio of independent signs with mean means[1] against means[0].

    Args:
        minus: (trials, prefixes) how many signs were -1.
        shots: (prefixes,) how many there were.
        means: Their mean under hypothesis 0 and under hypothesis 1.
    """
    null, other = means
    floor = math.exp(-IMPOSSIBLE)
    up = math.log(max((1 + other) / 2, floor)) - math.log(max((1 + null) / 2, floor))
    down = math.log(max((1 - other) / 2, floor)) - math.log(max((1 - null) / 2, floor))
    return (shots - minus) * up + minus * down


class HaarTask(ABC):
    """A task about Haar-random states, as the study engine sees it."""

    NAME: ClassVar[str]
    LEAST_QUBITS: ClassVar[int] = 1
    DEFAULTS: ClassVar[Mapping[str, float | int | str]] = {}

    def __init__(self, text: str) -> None:
        """Reads the task's name with its options.

        Raises:
            ValueError: If an option is unknown or out of range.
        """
        options = read_task_options(text, self.NAME, self.DEFAULTS)
        self.options = options
        for key, value in options.items():
            if isinstance(value, float) and not 0 <= value < 1:
                raise UsageError(f"{key} of {text!r} must lie in [0, 1), not {value}")

    def __str__(self) -> str:
        return shortest(self.NAME, self.options, self.DEFAULTS)

    def couplings(self, protocol: str) -> Couplings:
        """Returns what the circuits of the protocol couple: states of chains, and their copies."""
        return "more"

    @abstractmethod
    def entries(self) -> Mapping[str, Entry]:
        """Returns all protocols of the task by name."""

    @abstractmethod
    def prepare(
        self, truth: Integers, qubits: int, nature: np.random.Generator, copies: np.random.Generator
    ) -> Preparation:
        """Draws a fresh system for every trial."""

    def gates(self, qubits: int) -> int:
        """Returns the number of one-qubit gates that fix a system."""
        return brickwork_gates(qubits)

    @abstractmethod
    def conventional_bound(self, qubits: int, target: float) -> float | None:
        """Returns the proven least copies of any conventional experiment, if there is a proof."""

    def _read(self, protocol: str, qubits: int) -> tuple[Entry, dict[str, int]]:
        entries = self.entries()
        if qubits < self.LEAST_QUBITS:
            raise UsageError(f"qubits must be at least {self.LEAST_QUBITS}, not {qubits}")
        entry = entries[known_protocol(protocol, entries)]
        options = {key: int(v) for key, v in read_options(protocol, entry.defaults)[1].items()}
        for key, value in options.items():
            options[key] = value or entry.choose(qubits)
            if options[key] < 1:
                raise UsageError(f"{key} of {protocol!r} must be at least 1, not {value}")
        return entry, options

    def resolve(self, protocol: str, qubits: int, target: float) -> str:
        """Returns the full name of a protocol: options that depend on n are filled in.

        Raises:
            ValueError: If the protocol or an option of it is unknown.
        """
        return canonical(parse(protocol)[0], self._read(protocol, qubits)[1])

    def copies_per_shot(self, protocol: str, qubits: int) -> int:
        """Returns how many copies a shot of the protocol uses."""
        return self._read(protocol, qubits)[0].copies_per_shot

    def bound(self, protocol: str, qubits: int, target: float) -> float | None:
        """Returns the proven least copies of a conventional protocol, None for two copies."""
        if self.copies_per_shot(protocol, qubits) > 1:
            return None
        return self.conventional_bound(qubits, target)

    def check(self, protocol: str, qubits: int, *, circuits: bool, noise: bool) -> None:
        """Refuses what cannot be played, before anything runs.

        Raises:
            ValueError: If the protocol has no circuits of that size, or no exact law.
        """
        entry, _ = self._read(protocol, qubits)
        name, _ = parse(protocol)
        if circuits:
            if qubits > entry.most_qubits:
                raise UsageError(
                    f"qubits must be at most {entry.most_qubits} for {name} as circuits, "
                    f"not {qubits}" + ("; backend law goes on" if entry.law else "")
                )
            return
        if entry.law is None:
            raise UsageError(f"backend law knows no exact law of {name}; use qsim")
        if noise:
            raise UsageError(
                f"backend law knows no noise of circuits for {self.NAME}; use qsim, or "
                f"an option of the task: {', '.join(self.DEFAULTS) or 'none'}"
            )
        if qubits > (most := entry.law_most_qubits):
            raise UsageError(f"qubits must be at most {most} for the law, not {qubits}")

    def circuit(self, protocol: str, qubits: int) -> cirq.Circuit:
        """Returns the parametrised circuit of one shot, as it is run."""
        entry, options = self._read(protocol, qubits)
        self.check(protocol, qubits, circuits=True, noise=False)
        rng = np.random.default_rng(0)
        preparation = self.prepare(np.zeros(1, dtype=np.int64), qubits, rng, rng)
        return entry.make(options, qubits).request(preparation, 1, rng).circuit

    def seconds(self, protocol: str, qubits: int, copies: int, *, circuits: bool) -> float:
        """Returns roughly how long the states of one game take, beside the sampling of its bits.

        Copies of single-copy protocols, and about half of all copies of others, need a vector of
        their own. Measured on one core: 2 ns for each amplitude and gate where many vectors evolve
        side by side, to n = 12; beyond, 0.1 ns and 5 ms for the circuit; 0.2 µs for each outcome
        that the exact law of single copies draws, and next to nothing for that of two.
        """
        if not circuits:
            return 2e-7 * copies if self.copies_per_shot(protocol, qubits) == 1 else 0.0
        steps = 1.5 * self.gates(qubits) * 2.0**qubits
        return 0.5 * copies * (2e-9 * steps if qubits <= 12 else 0.005 + 1e-10 * steps)

    def explain(self, protocol: str, qubits: int) -> str:
        """Returns in a few lines how the protocol measures and what it reads."""
        return self._read(protocol, qubits)[0].about

    def first_budget(
        self, protocol: str, qubits: int, target: float, damping: Floats | None = None
    ) -> int:
        """Returns the copies of the ladder's first rung.

        1.75 times the expected sample complexity, scaled from 70 % to the target as the z-score is.
        It decides only where the search begins.
        """
        entry, _ = self._read(protocol, qubits)
        scale = special.ndtri(target) / special.ndtri(0.7)
        return max(LEAST_BUDGET, whole_copies(HEADROOM * scale * entry.guess(qubits)))

    def play(
        self,
        protocol: str,
        qubits: int,
        prefixes: Prefixes,
        trials: int,
        seeds: Seeds,
        source: Source,
    ) -> Integers:
        """Plays a batch of trials, on circuits or from the exact law.

        Args:
            protocol: The protocol's full name.
            qubits: The number n of qubits.
            prefixes: (prefixes,) increasing numbers of shots after which the question is answered.
            trials: The number of trials, each with a fresh system and record.
            seeds: The sources of randomness.
            source: Where the circuits run, or the exact law, which knows no noise here.

        Returns:
            (prefixes,) the number of right answers.

        Raises:
            ValueError: If the source is neither a sampler nor the law, or the protocol cannot be
                played so.
        """
        entry, options = self._read(protocol, qubits)
        drawn = isinstance(source, FromLaw)
        noise = isinstance(source, FromLaw) and source.damping is not None
        self.check(protocol, qubits, circuits=not drawn, noise=noise)
        if not isinstance(source, FromLaw):
            check_sampler(source)
        nature, copies, learner = seeds.generators()
        truth = nature.integers(0, 2, trials)
        chosen, shots = entry.make(options, qubits), int(prefixes[-1])
        at_once = max(1, SHOTS_AT_ONCE // shots)
        if not drawn:
            preparation = self.prepare(truth, qubits, nature, copies)
            at_once = min(at_once, max(1, ANGLES_AT_ONCE // (3 * self.gates(qubits))))
        correct = np.zeros(prefixes.size, dtype=np.int64)
        for start in range(0, trials, at_once):
            rows = slice(start, start + at_once)
            if not isinstance(source, FromLaw):
                request = chosen.request(preparation.select(rows), shots, learner)
                (record,) = run([request], source)
                scores = chosen.scores(chosen.read(record, truth[rows].size), prefixes)
            elif entry.law is not None:
                scores = entry.law(options, qubits)(truth[rows], prefixes, copies)
            answers = choose(scores[:, None], learner)
            correct += (answers == truth[rows, None]).sum(axis=0)
        return correct
