"""The engine: plays the batches that are wanted and not there, here or by an executor."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field
from typing import Any

from quantum_advantage.backends.backend import Backend, check_own
from quantum_advantage.study.batches import play_batch
from quantum_advantage.study.dataset import Dataset
from quantum_advantage.study.provenance import (
    Provenance,
    provenance_path,
    read_provenance,
    sampler_of,
)
from quantum_advantage.study.rows import Row
from quantum_advantage.study.spec import Spec
from quantum_advantage.study.wanted import Fixed, Ladder, Wanted


@dataclass(frozen=True)
class Progress:
    """What has happened so far.

    Attributes:
        done: Batches played or found.
        known: Batches that are known to be wanted.
        spec: The spec of the latest batch.
        left: Batches of every spec that are known to be wanted and not played.
        seconds: How long the latest batch took.

    Example:
        >>> spec = Spec("purity", "bell", 10, "law", budget=16, batch_size=50, seed=1)
        >>> now = Progress(done=3, known=20, spec=spec, left={spec: 17}, seconds=0.1)
        >>> f"{now.done} of {now.known} batches"
        '3 of 20 batches'
    """

    done: int
    known: int
    spec: Spec
    left: Mapping[Spec, int] = field(default_factory=dict)
    seconds: float = 0.0


def _timed(
    experiment: str, spec: Spec, batch: int, backend: Backend | None
) -> tuple[list[Row], float]:
    """Plays a batch; returns its rows and the seconds that it took."""
    start = time.perf_counter()
    rows = play_batch(experiment, spec, batch, backend)
    return rows, time.perf_counter() - start


def collect(
    curves: Iterable[Fixed | Ladder],
    dataset: Dataset[Any],
    trials: int,
    *,
    executor: Executor | None = None,
    backend: Backend | None = None,
    report: Callable[[Progress], None] = lambda progress: None,
    expect: Callable[[Mapping[Spec, int]], None] = lambda left: None,
) -> None:
    """Collects what is missing of every curve, and keeps rows and where they come from.

    Args:
        curves: What is wanted: fixed budgets and ladders.
        dataset: Where rows are and go; must be open. Their provenance lies beside them.
        trials: Trials (systems, where a task estimates) for each budget, in whole batches.
        executor: Where batches are played; by default one after the other in this process.
        backend: Where circuits run, if not where the specs' names say.
        report: Called after every batch.
        expect: Told, before the first batch, how many of every spec are wanted.

    Raises:
        ValueError: If something cannot be played, or something else made rows that are there.
        OSError: If rows cannot be written.

    Example:
        Twenty batches of 50 trials, of four copies each, from the exact distribution:

        >>> from quantum_advantage.study.kinds import decisions
        >>> spec = Spec("purity", "bell", 10, "law", budget=4, batch_size=50, seed=1)
        >>> played = decisions("mine")
        >>> collect([Fixed(spec)], played, trials=1000)
        >>> ends = [rows[-1] for rows in played.whole_batches()[spec].values()]
        >>> accuracy = sum(row.correct for row in ends) / 1000
        >>> abs(accuracy - 7 / 8) < 0.04  # two shots take I/d for pure in 1/4 of trials
        True
    """
    if backend is not None:
        check_own(backend)
    wanted = Wanted(curves, trials, dataset.whole_batches())
    provenance = read_provenance(provenance_path(dataset.path)) if dataset.path else Provenance()
    sampler, known = sampler_of(backend), set[Spec]()

    def take() -> list[tuple[Spec, int]]:
        # The origin of earlier rows is compared before any row is added to them.
        fresh = {spec: number for spec, number in wanted.found().items() if spec not in known}
        known.update(fresh)
        provenance.begin(fresh, sampler)
        return wanted.take()

    def finish(played: tuple[list[Row], float]) -> None:
        rows, seconds = played
        spec = rows[0].spec
        dataset.append(rows)
        provenance.add(spec, seconds)
        wanted.add(rows)
        report(Progress(wanted.done, wanted.known, spec, wanted.left(), seconds))

    try:
        taken = take()
        expect(wanted.left())
        if executor is None:
            while taken:
                for spec, batch in taken:
                    finish(_timed(dataset.experiment, spec, batch, backend))
                taken = take()
        else:
            _play_by(executor, taken, dataset.experiment, backend, take, finish)
    finally:
        provenance.write()


def _play_by(
    executor: Executor,
    taken: list[tuple[Spec, int]],
    experiment: str,
    backend: Backend | None,
    take: Callable[[], list[tuple[Spec, int]]],
    finish: Callable[[tuple[list[Row], float]], None],
) -> None:
    """Plays batches by an executor until ``take`` returns no more."""
    pending: set[Future[Any]] = set()
    try:
        while True:
            pending |= {
                executor.submit(_timed, experiment, spec, batch, backend) for spec, batch in taken
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
