"""Timing in ABBA order, and what the times say: medians, and the interval of the ratio.

A round is work, other, other, work. A drift of the machine that is linear in time then counts the
same on both sides. The ratio of a round is that of the two sums.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from speed.workload import Prepared, Side

Clock = Callable[[], float]


def processor_time() -> float:
    """Returns the seconds that all cores together worked for this process and its children."""
    kinds = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
    return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, kinds))


# Other programs make the first one run on, and leave the second one almost as it was; but the
# second adds up the threads.
CLOCKS: dict[str, Clock] = {"wall": time.perf_counter, "processor": processor_time}
# A process ends after this many rounds even if there is time left.
MOST_ROUNDS = 50
# The chance with which the interval of a median covers it, and the rounds that this takes.
COVERAGE, LEAST_ROUNDS = 0.95, 6


@dataclass(frozen=True)
class Times:
    """What one process measured.

    Attributes:
        first: Seconds of the very first call, compiling and filling of caches included.
        work: Seconds for a unit of the work, two for each round.
        other: Seconds for a unit of the other side, two for each round.
    """

    first: float
    work: tuple[float, ...]
    other: tuple[float, ...]

    @property
    def ratios(self) -> list[float]:
        """The ratio of each round."""
        pairs = zip(self.work[::2], self.work[1::2], self.other[::2], self.other[1::2], strict=True)
        return [(a + d) / (b + c) for a, d, b, c in pairs]

    @property
    def interval(self) -> tuple[float, float]:
        """The noise of the ratio in this process.

        It is the interval of the median, or with too few rounds for one what single calls would
        have given: from the shortest work over the longest other to the longest over the shortest.
        """
        ratios = self.ratios
        if len(ratios) >= LEAST_ROUNDS:
            return median_interval(ratios)
        return min(self.work) / max(self.other), max(self.work) / min(self.other)


def measured(
    prepared: Prepared,
    rounds: int,
    seconds: float,
    result: Callable[[object], object] = lambda _: None,
    clock: Clock = time.perf_counter,
) -> Times:
    """Warms both sides up with a call, which does not count, and times rounds.

    Args:
        prepared: Both sides.
        rounds: How many rounds there are at least.
        seconds: Further rounds begin until these have passed, or ``MOST_ROUNDS`` are done.
        result: Called once with what the first call of the work returned.
        clock: Tells the time in seconds.
    """
    start = clock()
    found = prepared.work.call()
    first = clock() - start
    result(found)
    del found
    prepared.other.call()
    work: list[float] = []
    other: list[float] = []
    begin = clock()
    while len(work) < 2 * rounds or (clock() - begin < seconds and len(work) < 2 * MOST_ROUNDS):
        work.append(_unit(prepared.work, clock))
        other.append(_unit(prepared.other, clock))
        other.append(_unit(prepared.other, clock))
        work.append(_unit(prepared.work, clock))
    return Times(first, tuple(work), tuple(other))


def _unit(side: Side, clock: Clock) -> float:
    """Returns the seconds for a unit of work."""
    start = clock()
    kept = side.call()
    spent = clock() - start
    # Freeing what was made does not count, as it would not in a program that keeps it.
    del kept
    if side.less is not None:
        start = clock()
        side.less()
        spent -= clock() - start
    return spent / side.units


def median_interval(values: Sequence[float]) -> tuple[float, float]:
    """Returns an interval that covers the median of the law behind some values.

    Source: the sign test. Between the k-th smallest and the k-th largest of r values the median
    lies unless fewer than k lie on one side of it, with the chance 2 P(Binomial(r, 1/2) < k) at
    most. k is the largest for which this is below 5 %.

    Args:
        values: Independent values, at least ``LEAST_ROUNDS``.
    """
    ordered = sorted(values)
    count = len(ordered)
    chance, below, drop = 0.5**count, 0.5**count, 0
    for k in range(1, count // 2):
        chance *= (count - k + 1) / k
        below += chance
        if 2 * below > 1 - COVERAGE:
            break
        drop = k
    return ordered[drop], ordered[-1 - drop]


@dataclass(frozen=True)
class Summary:
    """What all processes measured.

    Attributes:
        seconds: For a unit of the work, the median.
        other: For a unit of the other side, the median.
        ratio: The median over the rounds of all processes.
        low: The lower end of the noise of the ratio.
        high: Its upper end.
    """

    seconds: float
    other: float
    ratio: float
    low: float
    high: float


def summary(processes: Sequence[Times]) -> Summary:
    """Summarises the rounds of all processes.

    The noise reaches from the lowest to the highest end of the interval of each process. What
    differs between processes, like the place of arrays in memory, so counts as noise too, which
    the rounds of one process do not show.

    Args:
        processes: What each process measured, at least one.
    """
    intervals = [times.interval for times in processes]
    return Summary(
        seconds=float(np.median([t for times in processes for t in times.work])),
        other=float(np.median([t for times in processes for t in times.other])),
        ratio=float(np.median([r for times in processes for r in times.ratios])),
        low=min(low for low, _ in intervals),
        high=max(high for _, high in intervals),
    )
