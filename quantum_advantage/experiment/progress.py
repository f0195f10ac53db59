"""How a script collects: its workers, its price beforehand, the time left, and its clean end.

At import this module needs the standard library alone.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, nullcontext
from typing import TYPE_CHECKING, Any

from quantum_advantage.experiment.options import Options

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from quantum_advantage.experiment.venues import Venues
    from quantum_advantage.study.dataset import Dataset
    from quantum_advantage.study.engine import Progress
    from quantum_advantage.study.spec import Spec

# Jobs that are waited for at once on a real processor.
JOBS_AT_ONCE = 8


def collecting(
    results: Dataset[Any],
    options: Options,
    venues: Venues,
    collect: Callable[..., None],
    write: Callable[[str], None] | None = None,
) -> None:
    """Opens the results, collects into them with a progress report, and closes them.

    Args:
        results: Where rows go.
        options: What is asked.
        venues: Where circuits run.
        collect: Called with ``executor``, ``backend``, ``report`` and ``expect``.
        write: Takes lines about the progress; by default they go to standard error, where a
            terminal gets a bar.

    Raises:
        ChildProcessError: If a worker process was killed.
    """
    from quantum_advantage.study.service_price import service_lines

    # A cluster that cannot be reached is refused before there is a file.
    executor, workers = _executor(options, venues)
    try:
        with closing(results), executor or nullcontext():
            results.open()
            if results.torn is not None:
                sys.stderr.write(
                    f"{results.experiment}: row {results.torn} of the {results.kind.noun} was torn "
                    "by a kill; it is dropped and its batch is played again\n"
                )
            lines = service_lines(venues.own)
            unknown = venues.engine is not None or venues.own is not None
            reporter = Reporter(results.experiment, None if unknown else workers, write, lines)
            with closing(reporter):
                collect(
                    executor=executor,
                    backend=venues.engine or venues.own,
                    report=reporter,
                    expect=reporter.expect,
                )
    except ChildProcessError as killed:
        raise ChildProcessError(
            f"{killed}; all finished batches are kept, and the same command goes on from there"
        ) from None


def _executor(options: Options, venues: Venues) -> tuple[Executor | None, int]:
    """Returns what plays batches, None for this process, and how many it plays at once."""
    if venues.engine is not None:
        from quantum_advantage.study.workers import JobThreads

        return JobThreads(JOBS_AT_ONCE), JOBS_AT_ONCE
    if venues.own is not None:
        # A client of a service need not be safe in several threads, nor go to other processes.
        return None, 1
    if options.cluster is not None:
        from quantum_advantage.study.cluster import cluster_executor

        cluster = cluster_executor(options.cluster)
        return cluster, cluster.threads
    if options.workers == 1:
        return None, 1
    from quantum_advantage.study.workers import process_pool

    return process_pool(options.workers), min(options.workers, os.cpu_count() or 1)


class Reporter:
    """A progress bar on a terminal, plain lines elsewhere; the price of a long run before either.

    Args:
        name: The experiment.
        workers: How many batches run at once; None on a real processor, whose queue nobody knows.
        write: Takes lines in place of standard error.
        also: More lines about what is wanted.
    """

    def __init__(
        self,
        name: str,
        workers: int | None,
        write: Callable[[str], None] | None = None,
        also: Callable[[Mapping[Spec, int]], Iterable[str]] = lambda wanted: (),
    ) -> None:
        """See the class."""
        from tqdm import tqdm

        from quantum_advantage.study.price import Teller

        barred = write is None and sys.stderr.isatty()
        self._bar = tqdm(desc=name, unit="batch") if barred else None
        self._name, self._teller = name, Teller(write or self._write, workers, also)

    def expect(self, wanted: Mapping[Spec, int]) -> None:
        """Tells, before the first batch, how long all of them will take if that is long."""
        self._teller.expect(wanted)

    def __call__(self, progress: Progress) -> None:
        """Tells how far the work is, and what is left of it where that is long."""
        if self._bar is None:
            self._teller(progress)
            return
        self._bar.total = progress.known
        where = f"{progress.spec.protocol} n={progress.spec.qubits}"
        self._bar.set_postfix_str(where + self._teller.left(progress))
        self._bar.update(progress.done - self._bar.n)

    def _write(self, line: str) -> None:
        if self._bar is not None:
            self._bar.write(f"{self._name}: {line}", file=sys.stderr)
        else:
            sys.stderr.write(f"{self._name}: {line}\n")
            sys.stderr.flush()

    def close(self) -> None:
        """Ends the bar."""
        if self._bar is not None:
            self._bar.close()
