"""The search for the sample complexity: a ladder of specs for each curve, batch by batch.

A rung is a spec with its budget and a fixed number of whole batches. The next rung, with four times
the budget, exists only if the finished one stays below the target plus a margin (half way to 1 for
targets above 0.9). The ladder looks at complete rungs alone, so that neither workers nor kills can
change it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace

from quantum_advantage.backends.backend import Backend, check_own
from quantum_advantage.study.batches import play_batch
from quantum_advantage.study.counts import Counts, Row
from quantum_advantage.study.spec import Spec, next_budget
from quantum_advantage.study.working import Progress, number_of_batches, work_through

MARGIN = 0.05


@dataclass(frozen=True)
class Ladder:
    """The search for one sample complexity.

    Attributes:
        first: The first rung.
        target: The accuracy to reach.
        max_copies: No rung has more copies per record.
    """

    first: Spec
    target: float
    max_copies: int


def collect(
    ladders: Iterable[Ladder],
    counts: Counts,
    trials: int,
    *,
    executor: Executor | None = None,
    backend: Backend | None = None,
    report: Callable[[Progress], None] = lambda progress: None,
    expect: Callable[[Mapping[Spec, int]], None] = lambda left: None,
) -> None:
    """Collects what is missing for every ladder.

    Args:
        ladders: The searches.
        counts: Where the counts are and go; must be open.
        trials: Trials for each rung, rounded up to whole batches.
        executor: Where batches are played; by default one after the other in this process.
        backend: Where circuits run, if not where the specs' names say.
        report: Called after every batch.
        expect: Told, before the first batch, how many of every spec are wanted.

    Raises:
        ValueError: If something cannot be played.
        OSError: If counts cannot be written.
    """
    if backend is not None:
        check_own(backend)
    search = _Search(list(ladders), trials, counts.whole_batches())
    work_through(
        search, counts, play_batch, executor=executor, backend=backend, report=report, expect=expect
    )


class _Search:
    """Which batches exist, and which of them are still to be played."""

    def __init__(
        self,
        ladders: list[Ladder],
        trials: int,
        whole: dict[Spec, dict[int, list[Row]]],
    ) -> None:
        self._trials = trials
        self._whole = whole
        # The rung on which every ladder stands.
        self._rungs = {ladder: ladder.first for ladder in ladders}
        self._fresh: list[tuple[Spec, int]] = []
        self._known = 0
        self._done = 0
        self._waiting: dict[Spec, int] = {}
        for ladder in ladders:
            self._climb(ladder)

    def take(self) -> list[tuple[Spec, int]]:
        """Returns the batches that are to be played and were not returned before.

        The curves take turns, so that a drift of the place where they run hits all alike; later
        rungs follow when they are known to exist.
        """
        taken, self._fresh = self._fresh, []
        return sorted(taken, key=lambda work: work[1])

    def left(self) -> dict[Spec, int]:
        """Returns how many batches of every spec are known to be wanted and not played."""
        return {spec: absent for spec, absent in self._waiting.items() if absent}

    def found(self) -> dict[Spec, int]:
        """Returns how many whole batches there are of every spec that is known to be wanted."""
        return {spec: len(self._whole.get(spec, ())) for spec in self._waiting}

    def add(self, rows: list[Row]) -> Progress:
        """Takes the rows of a batch; climbs where they complete a rung."""
        spec, batch = rows[0].spec, rows[0].batch
        self._whole.setdefault(spec, {})[batch] = rows
        self._done += 1
        self._waiting[spec] -= 1
        if not self._waiting[spec]:
            for ladder, rung in list(self._rungs.items()):
                if rung == spec:
                    self._climb(ladder)
        return Progress(self._done, self._known, spec)

    def _climb(self, ladder: Ladder) -> None:
        """Moves a ladder up to the first rung that is not complete, unless it ends before."""
        batches = number_of_batches(self._trials, ladder.first.games)
        while True:
            rung = self._rungs[ladder]
            played = self._whole.get(rung, {})
            absent = [b for b in range(batches) if b not in played]
            if rung not in self._waiting:
                self._known += batches
                self._waiting[rung] = len(absent)
                self._done += batches - len(absent)
                self._fresh += [(rung, b) for b in absent]
            if self._waiting[rung]:
                return
            ends = [played[b][-1] for b in range(batches)]
            accuracy = sum(row.correct for row in ends) / sum(row.trials for row in ends)
            budget = next_budget(rung.budget)
            enough = min(ladder.target + MARGIN, (1 + ladder.target) / 2)
            if accuracy >= enough or budget > ladder.max_copies:
                return
            self._rungs[ladder] = replace(rung, budget=budget)
