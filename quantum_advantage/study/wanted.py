"""Which batches are wanted: those of fixed budgets, and those of ladders.

A rung of a ladder is a spec with its budget and a fixed number of whole batches. The next rung,
with four times the budget, exists only if the finished one stays below the target plus a margin
(half way to 1 for targets above 0.9). The ladder looks only at complete rungs, so that neither
the number of workers nor an interruption can change it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from quantum_advantage.study.rows import DecisionRow, Row
from quantum_advantage.study.spec import BATCHES, Spec
from quantum_advantage.tasks.registry import load_task

MARGIN = 0.05


@dataclass(frozen=True)
class Fixed:
    """A record of one budget.

    Attributes:
        first: The spec, which is the only one.

    Example:
        >>> spec = Spec("purity", "bell", 10, "law", budget=16, batch_size=50, seed=1)
        >>> Fixed(spec).after(spec, [])
    """

    first: Spec

    def after(self, rung: Spec, batches: Sequence[Sequence[Row]]) -> Spec | None:
        """Returns None: nothing follows a finished budget."""
        return None


@dataclass(frozen=True)
class Ladder:
    """The search for one sample complexity.

    Attributes:
        first: The first rung.
        target: The accuracy to reach.
        max_copies: No rung has more copies per record.

    Example:
        A rung whose accuracy stays below the target plus 0.05 is followed by one of four times as
        many copies:

        >>> spec = Spec("purity", "collisions", 10, "law", budget=10, batch_size=50, seed=1)
        >>> ladder = Ladder(spec, target=0.7, max_copies=1000)
        >>> low, high = (
        ...     [[DecisionRow.of("mine", spec, 0, copies=10, shots=10, correct=right)]]
        ...     for right in (30, 40)
        ... )
        >>> ladder.after(spec, low).budget, ladder.after(spec, high)
        (40, None)
    """

    first: Spec
    target: float
    max_copies: int

    def after(self, rung: Spec, batches: Sequence[Sequence[DecisionRow]]) -> Spec | None:
        """Returns the rung that follows a finished one, None if the search ends there.

        Args:
            rung: The finished rung.
            batches: The rows of its batches.
        """
        ends = [rows[-1] for rows in batches]
        accuracy = sum(row.correct for row in ends) / sum(row.trials for row in ends)
        budget = next_budget(rung.budget)
        enough = min(self.target + MARGIN, (1 + self.target) / 2)
        if accuracy >= enough or budget > self.max_copies:
            return None
        return replace(rung, budget=budget)


def number_of_batches(trials: int, batch_size: int, least: int = BATCHES) -> int:
    """Returns the whole batches for at least so many trials.

    Args:
        trials: The trials.
        batch_size: Trials in a batch.
        least: Never fewer batches.

    Example:
        >>> number_of_batches(1010, 50), number_of_batches(1, 50)
        (21, 20)
    """
    return max(least, -(-trials // batch_size))


def batches_of(spec: Spec, trials: int) -> int:
    """Returns the batches of a point: those of its trials, never fewer than its task asks for.

    Args:
        spec: The spec.
        trials: The trials of the point.

    Raises:
        UsageError: If there is no such task.

    Example:
        >>> batches_of(Spec("purity", "bell", 10, "law", budget=2, batch_size=50, seed=1), 1010)
        21
    """
    least = load_task(spec.task).least_batches(spec.protocol, spec.qubits)
    return number_of_batches(trials, spec.batch_size, least)


class Wanted:
    """The batches that are wanted, and which of them are still to be played.

    Args:
        curves: Fixed budgets and ladders.
        trials: Trials for each budget, rounded up to whole batches.
        whole: The whole batches that are there, by spec and number.

    Example:
        >>> spec = Spec("purity", "bell", 10, "law", budget=2, batch_size=50, seed=1)
        >>> wanted = Wanted([Fixed(spec)], trials=1000, whole={})
        >>> len(wanted.take()), wanted.left()[spec], wanted.found()[spec]
        (20, 20, 0)
        >>> wanted.add([DecisionRow.of("mine", spec, 0, copies=2, shots=1, correct=38)])
        >>> wanted.done, wanted.known, wanted.left()[spec]
        (1, 20, 19)
    """

    def __init__(
        self,
        curves: Iterable[Fixed | Ladder],
        trials: int,
        whole: dict[Spec, dict[int, list[Any]]],
    ) -> None:
        """See the class."""
        self._trials = trials
        self._whole = whole
        # The current budget of every curve.
        self._rungs: dict[Fixed | Ladder, Spec] = {curve: curve.first for curve in curves}
        self._fresh: list[tuple[Spec, int]] = []
        self._waiting: dict[Spec, int] = {}
        self.known = 0
        self.done = 0
        for curve in list(self._rungs):
            self._climb(curve)

    def take(self) -> list[tuple[Spec, int]]:
        """Returns the batches that are to be played and were not returned before.

        The curves take turns, so that a drift of the hardware affects all of them equally. Later
        rungs follow when they are known to be wanted.
        """
        taken, self._fresh = self._fresh, []
        return sorted(taken, key=lambda work: work[1])

    def left(self) -> dict[Spec, int]:
        """Returns how many batches of every spec are known to be wanted and not played."""
        return {spec: absent for spec, absent in self._waiting.items() if absent}

    def found(self) -> dict[Spec, int]:
        """Returns how many whole batches there are of every spec that is known to be wanted."""
        return {spec: len(self._whole.get(spec, ())) for spec in self._waiting}

    def add(self, rows: list[Row]) -> None:
        """Takes the rows of a batch; climbs where they complete a rung."""
        spec, batch = rows[0].spec, rows[0].batch
        self._whole.setdefault(spec, {})[batch] = rows
        self.done += 1
        self._waiting[spec] -= 1
        if not self._waiting[spec]:
            for curve, rung in list(self._rungs.items()):
                if rung == spec:
                    self._climb(curve)

    def _climb(self, curve: Fixed | Ladder) -> None:
        """Moves a curve up to the first budget that is not complete, unless it ends before."""
        batches = batches_of(curve.first, self._trials)
        while True:
            rung = self._rungs[curve]
            played = self._whole.get(rung, {})
            absent = [b for b in range(batches) if b not in played]
            if rung not in self._waiting:
                self.known += batches
                self._waiting[rung] = len(absent)
                self.done += batches - len(absent)
                self._fresh += [(rung, b) for b in absent]
            if self._waiting[rung]:
                return
            following = curve.after(rung, [played[b] for b in range(batches)])
            if following is None:
                return
            self._rungs[curve] = following


def next_budget(budget: int) -> int:
    """Returns the budget of the next rung of the ladder.

    Example:
        >>> next_budget(20)
        80
    """
    return 4 * budget
