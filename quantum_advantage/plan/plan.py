"""Plans: what an experiment will cost and prove, before a single copy is spent.

The accuracy that is expected under the noise of the backend decides everything else: the number of
right answers in N games is binomial, or a mixture of binomials where the accuracy is not known
exactly, so the certificate has a known distribution too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import scipy

from quantum_advantage.backends.names import BackendName, read_backend
from quantum_advantage.certify.certificate import (
    CONFIDENCE,
    accuracy_name,
    excluded_copies,
    fewest_games,
    least_right,
)
from quantum_advantage.core.fields import number, whole
from quantum_advantage.core.naming import parse
from quantum_advantage.core.notebook import html_table
from quantum_advantage.core.statistics import lower_limit
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import open_interval, whole_number
from quantum_advantage.plan.expected import (
    PLAYED,
    Expected,
    check_foreseen,
    expect,
    expect_after_preflight,
    expected_damping,
    needs_playing,
    play_beforehand,
    right_answers,
)
from quantum_advantage.plan.shots import ENOUGH, best_played, best_shots, only
from quantum_advantage.preflight.costs import RunCost, run_cost
from quantum_advantage.preflight.files import PreflightRecord
from quantum_advantage.study.rows import MOST_COPIES
from quantum_advantage.study.search import copies_needed
from quantum_advantage.study.spec import BATCHES, Spec
from quantum_advantage.study.tables import check_interval
from quantum_advantage.tasks.observables.exact_adaptive import best_known_cost
from quantum_advantage.tasks.observables.games import GAME_TASKS, read_task
from quantum_advantage.tasks.registry import load_deciding

GAMES = 1000
SWEEP = (2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 18, 20, 22, 24, 28, 32, 36, 40, 45, 49, 50)


@dataclass(frozen=True, repr=False)
class Plan:
    """What an experiment is expected to cost and to prove.

    Attributes:
        task: The task's full name.
        protocol: The quantum-enhanced protocol.
        qubits: The number n of qubits of one copy.
        backend: Where it runs.
        confidence: Of the certificate.
        shots: Shots in a game.
        copies: Copies in a game.
        games: The number of games, in whole batches.
        accuracy: The expected accuracy.
        accuracy_low: The lower end of the central 95 % of what such a run measures, with what is
            not known of the accuracy beforehand.
        accuracy_high: The upper end.
        played: Whether the accuracy was found by games played beforehand.
        largest_conventional: p_max of as many copies.
        factor: The certified factor where the accuracy is as expected; 0 if nothing is certified.
        factor_low: The factor at the lower end.
        factor_high: The factor at the upper end.
        power: The chance that these games are certified.
        least_games: The fewest games that are certified with a chance of 95 %; None if none are.
        bound: Copies in a game that any conventional experiment takes at least for this accuracy.
        conventional: Copies that the best conventional protocol known takes for it, or for 99.5 %
            where that is less; None if not known.
        cost: What the games cost on a processor; None elsewhere.

    Example:
        >>> p = plan("observables", "qsim:readout=0.05", qubits=8, whole=False)
        >>> f"{p.copies} copies in each of {p.games} games, right in {p.accuracy:.1%}"
        '8 copies in each of 1000 games, right in 69.1%'
        >>> round(p.bound)  # copies that it takes at least without a quantum memory
        133
    """

    task: str
    protocol: str
    qubits: int
    backend: BackendName
    confidence: float
    shots: int
    copies: int
    games: int
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    played: bool
    largest_conventional: float
    factor: float
    factor_low: float
    factor_high: float
    power: float
    least_games: int | None
    bound: float
    conventional: float | None
    cost: RunCost | None

    def __repr__(self) -> str:
        return (
            f"Plan({self.protocol}, n = {self.qubits}, {self.backend}: {self.games} games of "
            f"{self.copies} copies, accuracy {self.accuracy:.4g}, factor {self.factor:.3g})"
        )

    def _repr_html_(self) -> str:
        return html_table(vars(self))

    def check(self) -> None:
        """Raises a ``ValueError`` that names the field if a value cannot be."""
        for name in ("qubits", "shots", "copies", "games"):
            whole(getattr(self, name), name, 1, MOST_COPIES)
        for name in ("confidence", "accuracy", "accuracy_low", "accuracy_high", "power"):
            number(getattr(self, name), name, 0, 1)
        check_interval(self.accuracy_low, None, self.accuracy_high, "accuracy")
        check_interval(self.factor_low, None, self.factor_high, "factor")

    def __str__(self) -> str:
        """What is expected, in a line, with the accuracy at which the factor stands."""
        return (
            f"n = {self.qubits}: factor {self.factor:.4g} at {accuracy_name(self.accuracy)}, from "
            f"{self.games} games of {self.copies} copies at {100 * self.confidence:.10g} %"
        )


def plan(
    task: str,
    backend: str | PreflightRecord,
    qubits: int,
    *,
    confidence: float = CONFIDENCE,
    games: int = GAMES,
    protocol: str = "bell",
    copies: int | None = None,
    whole: bool = True,
    report: Callable[[str], None] = lambda line: None,
) -> Plan:
    """Chooses the shots in a game that make the expected certified factor largest, if not given.

    Numbers that count may be floats that are whole, such as ``1e4``.

    Args:
        task: The task's name.
        backend: The backend's name, or what a preflight found of one: then its first pairs.
        qubits: The number n of qubits.
        confidence: Of the certificate, in (1/2, 1).
        games: The number of games, rounded up to whole batches, at least 20 of them.
        protocol: The quantum-enhanced protocol.
        copies: Copies in a game; by default those of the largest factor.
        whole: Whether to compute the cost on a processor and the copies of the best conventional
            protocol.
        report: Called with a line about what takes long.

    Raises:
        ValueError: If an argument does not fit, the circuits do not run there, the protocol has no
            quantum memory, or no bound is proven for its games.

    Example:
        Games of one noiseless Bell shot, two copies, prove most:

        >>> p = plan("observables", "qsim", 6, whole=False)
        >>> p.copies, round(p.accuracy, 4), p.factor > 5, p.power > 0.99
        (2, 0.7025, True, True)
    """
    confidence = open_interval("confidence", confidence, 0.5, 1)
    qubits, games = whole_number("qubits", qubits, 1), whole_number("games", games, BATCHES)
    loaded = load_deciding(task)
    full = str(loaded)
    record = backend.first(qubits) if isinstance(backend, PreflightRecord) else None
    name = _name_of(backend, record)
    if name.on_device and loaded.couplings(protocol) == "more":
        raise UsageError(
            f"{protocol} of {full} does not run on {name.base}: its circuits are more than gates "
            "on pairs and on a chain or a grid of them"
        )
    learners = loaded.bound_of(protocol, qubits)
    per_shot = loaded.copies_per_shot(protocol, qubits)
    if per_shot == 1:
        raise UsageError(f"{protocol} has no quantum memory, and no certificate to plan")
    copies = None if copies is None else whole_number("copies", copies, 1)
    if copies is not None and copies % per_shot:
        raise UsageError(f"copies must be whole shots of {per_shot} copies, not {copies}")
    given = None if copies is None else copies // per_shot
    batch = -(-games // BATCHES)
    games, level = BATCHES * batch, 1 - confidence

    def factor(accuracy: float, shots: int) -> float:
        # Rounding must not lose a right answer.
        limit = lower_limit(math.floor(accuracy * games + 1e-6), games, level)
        excluded = excluded_copies(learners, limit)
        return excluded / (per_shot * shots) if excluded >= per_shot * shots else 0.0

    def best(foresee: Callable[[Sequence[int]], Expected]) -> Expected:
        return best_shots(foresee, factor) if given is None else foresee((given,))

    loaded.check(protocol, qubits, circuits=name.base != "law", noise=False)
    played = record is None and needs_playing(full, protocol, name, qubits)
    if played:
        unknown = "this noise" if name.noisy or name.on_device else protocol
        report(f"n = {qubits}: playing games on circuits, since no law knows {unknown}")
        play = partial(play_beforehand, full, protocol, name, qubits)
        found = best_played(play, factor) if given is None else only(play(given, PLAYED), -1)
    elif record is not None:
        check_foreseen(full, protocol)
        known = record.factors
        chosen = best(lambda grid: expect(full, protocol, qubits, grid, known))
        found = expect_after_preflight(full, protocol, int(chosen.shots[0]), record)
    else:
        damping = expected_damping(name, qubits)
        found = best(lambda grid: expect(full, protocol, qubits, grid, damping))
    shots, accuracy, likely = int(found.shots[0]), float(found.accuracy[0]), found.likely[:, 0]
    low, high = (right_answers(likely, games, share) / games for share in (0.025, 0.975))
    copies = per_shot * shots
    largest = learners.largest_accuracy(copies)
    least = least_right(games, largest, level)
    spec = Spec(full, protocol, qubits, str(name), copies, batch, 0)
    return Plan(
        task=full,
        protocol=protocol,
        qubits=qubits,
        backend=name,
        confidence=confidence,
        shots=shots,
        copies=copies,
        games=games,
        accuracy=accuracy,
        accuracy_low=low,
        accuracy_high=high,
        played=played,
        largest_conventional=largest,
        factor=factor(accuracy, shots),
        factor_low=factor(low, shots),
        factor_high=factor(high, shots),
        power=float(np.mean(scipy.special.bdtrc(least - 1, games, likely))),
        least_games=fewest_games(accuracy, largest, level),
        bound=learners.copies_for(min(accuracy, 1 - 1e-12)) if accuracy > 0.5 else 0.0,
        conventional=_best_conventional(full, qubits, accuracy) if whole else None,
        cost=run_cost(spec, BATCHES) if whole and name.on_device else None,
    )


def _name_of(backend: str | PreflightRecord, record: PreflightRecord | None) -> BackendName:
    if isinstance(backend, str):
        return read_backend(backend).resolve(circuits=True)
    return replace(read_backend(backend.backend), pairs=record.places if record else ())


def _best_conventional(task: str, qubits: int, accuracy: float) -> float | None:
    """Returns the copies of the best conventional protocol known; None where no law tells them.

    For this accuracy, or for ENOUGH where that is less.
    """
    if accuracy <= 0.5:
        return None
    accuracy = min(accuracy, ENOUGH)
    name = parse(task)[0]
    try:
        if name in GAME_TASKS:
            read = read_task(task)
            return best_known_cost(accuracy, read.alpha, read.game) * (2**qubits + 1)
        best = load_deciding(task).BEST_CONVENTIONAL
        if best is None:
            return None
        return copies_needed(
            best,
            qubits,
            backend="law",
            task=task,
            target=accuracy,
            trials=2000,
            games=100,
        ).copies
    except ValueError:
        return None


def sweep(
    task: str,
    backend: str | PreflightRecord,
    *,
    confidence: float = CONFIDENCE,
    games: int = GAMES,
    protocol: str = "bell",
) -> list[Plan]:
    """Plans the same experiment for growing n, as far as the backend and the law go.

    Args:
        task: The task's name.
        backend: As for :func:`plan`.
        confidence: Of the certificates, in (1/2, 1).
        games: The number of games at each n, rounded up to whole batches, at least 20 of them.
        protocol: The quantum-enhanced protocol.

    Returns:
        Plans of growing n, at least one.

    Raises:
        ValueError: If no n can be planned; see :func:`plan`.
    """
    plans: list[Plan] = []
    refused: list[ValueError] = []
    for n in SWEEP:
        try:
            plans.append(
                plan(
                    task,
                    backend,
                    n,
                    confidence=confidence,
                    games=games,
                    protocol=protocol,
                    whole=False,
                )
            )
        except ValueError as error:
            # Below the least n of the task, or beyond the pairs of the processor or the law.
            if plans:
                break
            refused.append(error)
    if not plans:
        # If no n can be planned, the mistake is in the other arguments.
        raise refused[0]
    return plans
