"""Works through batches that are missing, in this process or by an executor."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar

from quantum_advantage.backends.backend import Backend
from quantum_advantage.study.provenance import (
    Provenance,
    provenance_path,
    read_provenance,
    sampler_of,
)
from quantum_advantage.study.rows import CheckedRow, RowFile
from quantum_advantage.study.spec import BATCHES, Spec

R = TypeVar("R", bound=CheckedRow)


@dataclass(frozen=True)
class Progress:
    """What has happened so far.

    Attributes:
        done: Batches played or found.
        known: Batches that are known to be wanted.
        spec: The spec of the latest batch.
        left: Batches of every spec that are known to be wanted and not played.
        seconds: How long the latest batch took.
    """

    done: int
    known: int
    spec: Spec
    left: Mapping[Spec, int] = field(default_factory=dict)
    seconds: float = 0.0


class Work(Protocol[R]):
    """Which batches are still to be played."""

    def take(self) -> list[tuple[Spec, int]]:
        """Returns the batches that are to be played and were not returned before."""
        ...

    def add(self, rows: list[R]) -> Progress:
        """Takes the rows of a batch; others may be wanted now."""
        ...

    def left(self) -> Mapping[Spec, int]:
        """Returns how many batches of every spec are known to be wanted and not played."""
        ...

    def found(self) -> Mapping[Spec, int]:
        """Returns how many whole batches there are of every spec that is known to be wanted."""
        ...


def number_of_batches(trials: int, games: int) -> int:
    """Returns the whole batches for at least so many trials, never fewer than 20."""
    return max(BATCHES, -(-trials // games))


def _timed(
    play: Callable[[str, Spec, int, Backend | None], list[R]], *arguments: Any
) -> tuple[list[R], float]:
    """Plays a batch; returns its rows and the seconds that it took."""
    start = time.perf_counter()
    rows = play(*arguments)
    return rows, time.perf_counter() - start


def work_through(
    work: Work[R],
    results: RowFile[R],
    play: Callable[[str, Spec, int, Backend | None], list[R]],
    *,
    executor: Executor | None,
    backend: Backend | None,
    report: Callable[[Progress], None],
    expect: Callable[[Mapping[Spec, int]], None] = lambda left: None,
) -> None:
    """Plays batches until none is wanted, and keeps their rows and where they come from.

    Args:
        work: Which batches are wanted.
        results: Where rows go; must be open. Their provenance lies beside them.
        play: Plays a batch; gets the experiment, the spec, the batch and the backend.
        executor: Where batches are played; by default one after the other in this process.
        backend: Where circuits run, if not where the specs' names say.
        report: Called after every batch.
        expect: Told, before the first batch, how many of every spec are wanted.

    Raises:
        ValueError: If something cannot be played, or something else made rows that are there.
        OSError: If rows cannot be written.
    """
    provenance = read_provenance(provenance_path(results.path)) if results.path else Provenance()
    sampler, known = sampler_of(backend), set[Spec]()

    def take() -> list[tuple[Spec, int]]:
        # What made the rows that are there is compared before any is added to them.
        fresh = {spec: number for spec, number in work.found().items() if spec not in known}
        known.update(fresh)
        provenance.begin(fresh, sampler)
        return work.take()

    def finish(played: tuple[list[R], float]) -> None:
        rows, seconds = played
        results.append(rows)
        provenance.add(rows[0].spec, seconds)
        report(replace(work.add(rows), left=work.left(), seconds=seconds))

    try:
        taken = take()
        expect(work.left())
        _play(taken, results.experiment, play, take, finish, executor, backend)
    finally:
        provenance.write()


def _play(
    taken: list[tuple[Spec, int]],
    experiment: str,
    play: Callable[[str, Spec, int, Backend | None], list[R]],
    take: Callable[[], list[tuple[Spec, int]]],
    finish: Callable[[tuple[list[R], float]], None],
    executor: Executor | None,
    backend: Backend | None,
) -> None:
    """Plays batches, in this process or by an executor, until ``take`` returns no more."""
    if executor is None:
        while taken:
            for spec, batch in taken:
                finish(_timed(play, experiment, spec, batch, backend))
            taken = take()
        return
    pending: set[Future[Any]] = set()
    try:
        while True:
            pending |= {
                executor.submit(_timed, play, experiment, spec, batch, backend)
                for spec, batch in taken
            }
            if not pending:
                return
            finished, pending = wait(pending, return_when=FIRST_COMPLETED)
            for future in finished:
                finish(future.result())
            taken = take()
    finally:
        for future in pending:
            future.cancel()
