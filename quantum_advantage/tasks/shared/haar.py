"""What the tasks about Haar-random states share: two hypotheses, and how a batch is played.

A fair coin decides between two kinds of system, a fresh Haar-random state is drawn for every trial,
and the learner says which kind it was. A protocol turns its record into scores, one after each
number of shots; the answer is 1 where the score is positive, 0 where it is negative, and the toss
of a coin where it is zero up to rounding.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from quantum_advantage.circuits.request import Record, Request
from quantum_advantage.circuits.run import run
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.hidden_pauli.likelihoods import IMPOSSIBLE, choose
from quantum_advantage.measurements.bell import SYSTEM
from quantum_advantage.systems.preparation import Preparation
from quantum_advantage.systems.random_states import brickwork_gates
from quantum_advantage.tasks.base import DecidingTask, FromLaw, Source
from quantum_advantage.tasks.protocol import Chosen, Limits
from quantum_advantage.tasks.shared.seeds import Seeds

Prefixes = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
# What a protocol reads from a record: arrays of shape (trials, shots, ...).
Outcomes = tuple[npt.NDArray[Any], ...]

# The largest numbers of shots and of dial values that are in memory at once.
SHOTS_AT_ONCE = 1 << 18
ANGLES_AT_ONCE = 100_000
# Outcomes are numbered by 64-bit integers.
EXACT_MOST_QUBITS = 40
# A state vector of one copy.
CIRCUIT_MOST_QUBITS = 26
# What most protocols of these tasks can play.
LIMITS = Limits(circuit_qubits=CIRCUIT_MOST_QUBITS, exact_qubits=EXACT_MOST_QUBITS)


class HaarMeasurement(Protocol):
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


class ExactScores(Protocol):
    """Draws the scores of a protocol from their exact distribution, without circuits."""

    def __call__(self, truth: Integers, prefixes: Prefixes, rng: np.random.Generator) -> Floats:
        """Returns (trials, prefixes) scores, one record for each trial."""
        ...


def outcome_numbers(record: Record, trials: int) -> Integers:
    """Returns the outcomes of the system's qubits as numbers, qubit 0 in the lowest bit.

    Args:
        record: A record of at most 63 qubits, with the shots of all trials, trial by trial.
        trials: The number of trials.

    Returns:
        (trials, shots) numbers.

    Example:
        >>> from quantum_advantage.core.bits import pack_bits
        >>> bits = pack_bits([[1, 0], [0, 1], [1, 1], [0, 0]])
        >>> outcome_numbers(Record(4, {SYSTEM: bits}), trials=2).tolist()
        [[1, 2], [3, 0]]
    """
    return record.bits[SYSTEM][:, 0].astype(np.int64).reshape(trials, -1)


def log_odds(minus: Integers, shots: Prefixes, means: tuple[float, float]) -> Floats:
    """Returns the log-likelihood ratio of independent signs with mean means[1] against means[0].

    Args:
        minus: (trials, prefixes) how many signs were -1.
        shots: (prefixes,) how many there were.
        means: Their mean under hypothesis 0 and under hypothesis 1.

    Returns:
        (trials, prefixes) natural logarithms, positive in favour of hypothesis 1.

    Example:
        Two signs +1 are 2² times as likely where the mean is 1 as where it is 0; one sign -1
        excludes the mean 1:

        >>> found = log_odds(np.array([[0], [1]]), np.array([2]), (0.0, 1.0))
        >>> round(float(np.exp(found[0, 0])), 6), bool(found[1, 0] < -90)
        (4.0, True)
    """
    null, other = means
    floor = math.exp(-IMPOSSIBLE)
    up = math.log(max((1 + other) / 2, floor)) - math.log(max((1 + null) / 2, floor))
    down = math.log(max((1 - other) / 2, floor)) - math.log(max((1 - null) / 2, floor))
    return (shots - minus) * up + minus * down


class HaarTask(DecidingTask):
    """A task about Haar-random states: its measurements are ``HaarMeasurement``.

    Example:
        >>> from quantum_advantage.tasks.registry import load_task
        >>> task = load_task("purity")
        >>> isinstance(task, HaarTask), task.gates(2)  # seven layers on two qubits
        (True, 14)
    """

    def __init__(self, text: str) -> None:
        """Reads the task's name with its options.

        Raises:
            UsageError: If an option is unknown or out of range.
        """
        super().__init__(text)
        for key, value in self.options.items():
            if isinstance(value, float) and not 0 <= value < 1:
                raise UsageError(f"{key} of {text!r} must lie in [0, 1), not {value}")

    @abstractmethod
    def prepare(
        self, truth: Integers, qubits: int, nature: np.random.Generator, copies: np.random.Generator
    ) -> Preparation:
        """Draws a fresh system for every trial.

        Args:
            truth: (trials,) 0 or 1, the kind of each system.
            qubits: The number n of qubits.
            nature: Draws the systems.
            copies: Draws the hidden bits of the copies, whenever copies are handed out.
        """

    def gates(self, qubits: int) -> int:
        """Returns the number of one-qubit gates that fix a system."""
        return brickwork_gates(qubits)

    def request_shot(self, chosen: Chosen, rng: np.random.Generator) -> Request:
        """Requests one shot of a system of kind 0."""
        measurement: HaarMeasurement = chosen.measurement()
        system = self.prepare(np.zeros(1, dtype=np.int64), chosen.qubits, rng, rng)
        return measurement.request(system, 1, rng)

    def seconds(self, protocol: str, qubits: int, copies: int, *, circuits: bool) -> float:
        """Returns roughly how long the states of one trial take, beside the sampling of its bits.

        Copies of single-copy protocols, and about half of all copies of others, need a vector of
        their own. Measured on one core: 2 ns for each amplitude and gate where many vectors evolve
        side by side, to n = 12; beyond, 0.1 ns and 5 ms for the circuit; 0.2 µs for each outcome
        that the exact distribution of single copies draws, and next to nothing for that of two.
        """
        if not circuits:
            return 2e-7 * copies if self.copies_per_shot(protocol, qubits) == 1 else 0.0
        steps = 1.5 * self.gates(qubits) * 2.0**qubits
        return 0.5 * copies * (2e-9 * steps if qubits <= 12 else 0.005 + 1e-10 * steps)

    def count_right(
        self, chosen: Chosen, prefixes: Prefixes, trials: int, seeds: Seeds, source: Source
    ) -> Integers:
        """Plays trials on circuits or from the exact distribution, which knows no noise here."""
        nature, copies, learner = seeds.generators()
        truth = nature.integers(0, 2, trials)
        shots, gates = int(prefixes[-1]), self.gates(chosen.qubits)
        at_once = max(1, SHOTS_AT_ONCE // shots)
        if not isinstance(source, FromLaw):
            measurement: HaarMeasurement = chosen.measurement()
            preparation = self.prepare(truth, chosen.qubits, nature, copies)
            at_once = min(at_once, max(1, ANGLES_AT_ONCE // (3 * gates)))
        correct = np.zeros(prefixes.size, dtype=np.int64)
        for start in range(0, trials, at_once):
            rows = slice(start, start + at_once)
            if isinstance(source, FromLaw):
                exact: ExactScores = chosen.exact()
                scores = exact(truth[rows], prefixes, copies)
            else:
                request = measurement.request(preparation.select(rows), shots, learner)
                (record,) = run([request], source)
                scores = measurement.scores(measurement.read(record, truth[rows].size), prefixes)
            answers = choose(scores[:, None], learner)
            correct += (answers == truth[rows, None]).sum(axis=0)
        return correct
