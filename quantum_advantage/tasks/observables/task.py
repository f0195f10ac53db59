"""The task ``observables``: how a batch of games is played, and what is proven about them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import ClassVar, cast

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.bounds import hidden_pauli
from quantum_advantage.circuits.request import DialSampler, Record, Request
from quantum_advantage.circuits.run import run
from quantum_advantage.core.naming import canonical
from quantum_advantage.core.statistics import crossings
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import open_interval
from quantum_advantage.systems.preparation import Preparation
from quantum_advantage.tasks.base import (
    HEADROOM,
    DecidingTask,
    FromLaw,
    Source,
    sampler_of,
    whole_copies,
)
from quantum_advantage.tasks.observables.calibrated import CalibratedBell
from quantum_advantage.tasks.observables.catalogue import GROUPED, QUESTION_KNOWN, describe
from quantum_advantage.tasks.observables.evidence import Evidence, Scores, decide
from quantum_advantage.tasks.observables.games import (
    Family,
    Games,
    ObservablesTask,
    draw_games,
    read_task,
)
from quantum_advantage.tasks.observables.protocols import (
    InRounds,
    KnownQuestion,
    Measuring,
    ObservablesProtocol,
)
from quantum_advantage.tasks.protocol import Bound, Chosen, Protocol
from quantum_advantage.tasks.shared.assumptions import (
    AFTERWARDS,
    ANYBODY,
    COUNTED,
    INDEPENDENT,
    TRUST,
)
from quantum_advantage.tasks.shared.calibration import read_damping
from quantum_advantage.tasks.shared.seeds import Seeds

Prefixes = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
ExactEvidence = Callable[[Games, Prefixes, np.random.Generator], Evidence]

# Rows of a table that are in memory at once.
SHOTS_PER_REQUEST = 1 << 18
LARGEST_BUDGET = 60  # octaves
PREDICTION_TRIALS = 2000
LEAST_BUDGET = 20
# Just above the margin beyond which no further rung is needed.
ENOUGH = 0.065


class Observables(DecidingTask):
    """The task ``observables``: its measurements are ``ObservablesProtocol``.

    Attributes:
        games: The parameters of the task.

    Example:
        One noiseless Bell shot is right with probability 1/2 + α²/4 = 0.7025:

        >>> seeds = Seeds(*np.random.SeedSequence(1).spawn(4))
        >>> task = Observables("observables")
        >>> played = task.play("bell", 10, np.array([1]), 10_000, 0, seeds, FromLaw())
        >>> bool(abs(played.correct[0] / 10_000 - 0.7025) < 0.02)
        True
    """

    NAME: ClassVar[str] = "observables"
    DEFAULTS: ClassVar[Mapping[str, float | int | str]] = {"alpha": 0.9, "game": "two"}

    def __init__(self, text: str) -> None:
        """Reads the task's name, for example ``observables:alpha=0.9,game=two``.

        Raises:
            UsageError: If an option is unknown or out of range.
        """
        super().__init__(text)
        self.games = self._read_games(text)

    def _read_games(self, text: str) -> ObservablesTask:
        return read_task(text)

    def __str__(self) -> str:
        return canonical(self.NAME, self.options)

    def describe(self) -> Iterable[Protocol]:
        """Returns all protocols of the task."""
        return describe(self.games)

    def measurement(self, chosen: Chosen, games: Games) -> ObservablesProtocol:
        """Returns how a protocol measures; the control that knows the question looks into games.

        Args:
            chosen: The protocol.
            games: The games, of which only that control sees more than the copies.

        Example:
            >>> rng = np.random.default_rng(1)
            >>> task = Observables("observables")
            >>> games = draw_games(task.games, "hidden", 3, 1, rng, rng)
            >>> type(task.measurement(task.read("bell", 3), games)).__name__
            'Bell'
            >>> type(task.measurement(task.read("known_question", 3), games)).__name__
            'KnownQuestion'
        """
        measurement: ObservablesProtocol = chosen.measurement()
        if isinstance(measurement, KnownQuestion):
            return KnownQuestion(games.candidates)
        return measurement

    def request(
        self,
        measurement: Measuring,
        preparation: Preparation,
        shots: int,
        learner: np.random.Generator,
    ) -> Request:
        """Says what to run: measurements of copies."""
        return measurement.request(preparation, shots, learner)

    def request_shot(self, chosen: Chosen, rng: np.random.Generator) -> Request:
        """Requests one shot of one game."""
        games = self._draw(chosen, 1, rng, rng)
        return self.request(self.measurement(chosen, games), games.preparation, 1, rng)

    def _draw(
        self,
        chosen: Chosen,
        trials: int,
        nature: np.random.Generator,
        copies: np.random.Generator,
    ) -> Games:
        family = family_of(chosen.protocol)
        return draw_games(self.games, family, chosen.qubits, trials, nature, copies)

    def decide(
        self, evidence: Evidence | Scores, rng: np.random.Generator
    ) -> npt.NDArray[np.int64]:
        """Answers the question at every prefix, ties at random; see ``evidence.decide``.

        Args:
            evidence: What the records say of the revealed strings.
            rng: The learner's randomness.

        Returns:
            (trials, prefixes) answers, to be compared with the truth of the games.
        """
        return decide(evidence, self.games.alpha, rng)

    def seconds(self, protocol: str, qubits: int, copies: int, *, circuits: bool) -> float:
        """Returns 0: the states are mixtures of product states, and no copy needs a vector."""
        return 0.0

    def first_budget(
        self, protocol: str, qubits: int, target: float, damping: Floats | None = None
    ) -> int:
        """Returns the copies of the ladder's first rung.

        1.75 times the sample complexity that a short draw from the exact distribution predicts, and
        at least 20 copies. Noise flattens the accuracy curve, so that the budget then also reaches
        the accuracy at which the ladder ends. It decides only where the search begins. A protocol
        without an exact distribution begins as :meth:`DecidingTask.first_budget` says.

        Args:
            protocol: The protocol's full name.
            qubits: The number n of qubits.
            target: The accuracy to reach.
            damping: (qubits, 4) factors that the noise is expected to have, or None.

        Raises:
            UsageError: If there is no such protocol, an option or n does not fit, or the target
                does not lie in (1/2, 1).
        """
        target = open_interval("target", target, 0.5, 1)
        chosen = self.read(protocol, qubits, target)
        other = chosen.protocol.search_as
        known = chosen if other is None else self.read(other, qubits, target)
        if known.protocol.exact is None:
            return super().first_budget(protocol, qubits, target, damping)
        exact = _exact(known, damping)
        rng = np.random.default_rng(0)
        games = self._draw(chosen, PREDICTION_TRIALS, rng, rng)
        for octaves in range(4, min(LARGEST_BUDGET, 16 + 5 * qubits // 4) + 1, 4):
            shots = np.unique(np.rint(2 ** np.arange(0, octaves, 0.25)).astype(np.int64))
            answers = self.decide(exact(games, shots, rng), rng)
            accuracy = (answers == games.truth[:, None]).mean(axis=0)
            played = chosen.protocol.copies_per_shot * shots
            copies = HEADROOM * float(crossings(played, accuracy, target))
            if damping is not None and target + ENOUGH < 1:
                copies = max(copies, float(crossings(played, accuracy, target + ENOUGH)))
            if math.isfinite(copies):
                return max(LEAST_BUDGET, whole_copies(copies))
        return LEAST_BUDGET

    def count_right(
        self, chosen: Chosen, prefixes: Prefixes, trials: int, seeds: Seeds, source: Source
    ) -> npt.NDArray[np.int64]:
        """Plays games, each with a fresh system, record and question."""
        nature, copies, learner = seeds.generators()
        games = self._draw(chosen, trials, nature, copies)
        if isinstance(source, FromLaw):
            evidence = _exact(chosen, source.damping)(games, prefixes, learner)
            answers = self.decide(evidence, learner)
            return np.asarray((answers == games.truth[:, None]).sum(axis=0))
        correct = np.zeros(prefixes.size, dtype=np.int64)
        shots = int(prefixes[-1])
        at_once = max(1, SHOTS_PER_REQUEST // shots)
        factors: Floats | None = None
        sampler = sampler_of(source)
        for start in range(0, trials, at_once):
            part = games.select(slice(start, start + at_once))
            measurement = self.measurement(chosen, part)
            requests = [self.request(measurement, part.preparation, shots, learner)]
            if isinstance(measurement, CalibratedBell) and factors is None:
                requests.append(measurement.calibration(chosen.qubits, learner))
            record, *calibration = run(requests, sampler)
            if isinstance(measurement, InRounds):
                measure = partial(self._measure, part.preparation, learner, sampler)
                record = measurement.finished(record, part.trials, shots, measure)
            for known in calibration:
                factors = read_damping(known, chosen.qubits).factors()
            # Only now is the question revealed.
            found = measurement.evidence(record, part.candidates, prefixes)
            if factors is not None and isinstance(found, Evidence):
                found = found.damped(factors, part.candidates)
            answers = self.decide(found, learner)
            correct += (answers == part.truth[:, None]).sum(axis=0)
        return correct

    def _measure(
        self,
        preparation: Preparation,
        learner: np.random.Generator,
        sampler: cirq.Sampler | DialSampler,
        measurement: Measuring,
        shots: int,
    ) -> Record:
        """Measures so many shots of every system."""
        [record] = run([self.request(measurement, preparation, shots, learner)], sampler)
        return record

    def bound_in(self, chosen: Chosen) -> Bound:
        """Returns what learners without a quantum memory can reach in these games.

        Raises:
            UsageError: If a control plays other games than those of the theorem.
        """
        name, control = chosen.protocol.name, chosen.protocol.control
        if control == QUESTION_KNOWN:
            raise UsageError(
                f"no bound is proven for the games of {name}: the question is told beforehand"
            )
        if control == GROUPED:
            raise UsageError(
                f"no bound is proven for the games of {name}: copies of one setting share a "
                "product state, and are not independent"
            )
        if control is not None:
            raise UsageError(
                f"no bound is proven for the games of {name}: it does not hide one string drawn "
                "uniformly from all"
            )
        n, alpha, game = chosen.qubits, self.games.alpha, self.games.game
        largest = hidden_pauli.largest_conventional_accuracy
        return Bound(
            partial(largest, qubits=n, alpha=alpha, game=game),
            partial(hidden_pauli.copies_required, qubits=n, alpha=alpha, game=game),
            "copies",
            ANYBODY,
            "",
            f"(I ± a·P)/2^n with a = {alpha}, game {game}, any adaptive learner",
            "quantum_advantage.bounds.hidden_pauli, derived there",
            self._assumptions("copy was"),
            TRUST,
        )

    def _assumptions(self, copy_was: str) -> tuple[str, ...]:
        """Returns what must hold of the games.

        Args:
            copy_was: How a copy is made, as in ``copy was``.
        """
        question = (
            "the strings were revealed in random order, the other one drawn uniformly"
            if self.games.game == "two"
            else "a fair secret coin hid the string or nothing, and the string was revealed"
        )
        return (
            f"every {copy_was} (I + s·a·P)/2^n with a at most {self.games.alpha:g}, P uniform over "
            "all strings but the identity and s a fair secret sign, both drawn anew for each game",
            question,
            AFTERWARDS,
            INDEPENDENT,
            COUNTED,
        )


def family_of(protocol: Protocol) -> Family:
    """Returns what nature hides.

    Example:
        >>> known = Observables("observables").protocols
        >>> family_of(known["bell"]), family_of(known["different_hidden"])
        ('hidden', 'different')
    """
    control = protocol.control
    return "hidden" if control in (None, QUESTION_KNOWN, GROUPED) else cast(Family, control)


def _exact(chosen: Chosen, damping: Floats | None) -> ExactEvidence:
    """Returns the exact distribution of the evidence, with noise where it knows any."""
    exact: ExactEvidence = chosen.exact()
    if damping is None or not chosen.limits.exact_noise:
        return exact
    return partial(chosen.exact(), damping=damping)
