"""Collects estimates: so many systems for each spec, batch by batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor

from quantum_advantage.backends.backend import Backend, check_own
from quantum_advantage.study.batches import estimate_batch
from quantum_advantage.study.estimates import EstimateRow, Estimates
from quantum_advantage.study.spec import Spec
from quantum_advantage.study.working import Progress, number_of_batches, work_through


def collect_estimates(
    specs: Iterable[Spec],
    estimates: Estimates,
    systems: int,
    *,
    executor: Executor | None = None,
    backend: Backend | None = None,
    report: Callable[[Progress], None] = lambda progress: None,
    expect: Callable[[Mapping[Spec, int]], None] = lambda left: None,
) -> None:
    """Collects what is missing of every spec.

    Args:
        specs: What is estimated; the games of a spec are the systems of a batch.
        estimates: Where the rows are and go; must be open.
        systems: Systems for each spec, rounded up to whole batches.
        executor: Where batches are played; by default one after the other in this process.
        backend: Where circuits run, if not where the specs' names say.
        report: Called after every batch.
        expect: Told, before the first batch, how many of every spec are wanted.

    Raises:
        ValueError: If something cannot be played.
        OSError: If rows cannot be written.
    """
    if backend is not None:
        check_own(backend)
    work = _Missing(dict.fromkeys(specs), systems, estimates)
    work_through(
        work,
        estimates,
        estimate_batch,
        executor=executor,
        backend=backend,
        report=report,
        expect=expect,
    )


class _Missing:
    """The batches that are wanted and not there."""

    def __init__(self, specs: Iterable[Spec], systems: int, estimates: Estimates) -> None:
        specs, whole = list(specs), estimates.whole_batches()
        self._found = {spec: len(whole.get(spec, ())) for spec in specs}
        wanted = [(s, b) for s in specs for b in range(number_of_batches(systems, s.games))]
        self._fresh = [(spec, b) for spec, b in wanted if b not in whole.get(spec, ())]
        self._known = len(wanted)
        self._done = len(wanted) - len(self._fresh)
        self._left = Counter(spec for spec, _ in self._fresh)

    def take(self) -> list[tuple[Spec, int]]:
        """Returns all of them at the first call; the specs take turns."""
        taken, self._fresh = self._fresh, []
        return sorted(taken, key=lambda work: work[1])

    def left(self) -> dict[Spec, int]:
        """Returns how many batches of every spec are wanted and not played."""
        return {spec: absent for spec, absent in self._left.items() if absent}

    def found(self) -> dict[Spec, int]:
        """Returns how many whole batches there were of every spec that is wanted."""
        return self._found

    def add(self, rows: list[EstimateRow]) -> Progress:
        """Counts a batch."""
        self._done += 1
        self._left[rows[0].spec] -= 1
        return Progress(self._done, self._known, rows[0].spec)
