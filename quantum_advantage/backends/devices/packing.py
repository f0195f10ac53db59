"""Cuts a request into jobs that Google's service takes.

Outside a reservation a job may have 1,500,000 repetitions in all and take 5 minutes ('Concepts' of
the documentation of Google's Quantum Computing Service, read in November 2026). The time is
cirq-google's own estimate. A job holds parameter sets with any numbers of repetitions, in one sweep
for each number, so that a request is as few jobs as these limits allow.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import cirq
import cirq_google
import numpy as np
import numpy.typing as npt
from cirq_google.engine import runtime_estimator

from quantum_advantage.circuits.request import Request
from quantum_advantage.circuits.results import one_for_each
from quantum_advantage.circuits.sweeps import (
    MOST_REPETITIONS,
    Part,
    outcomes_of,
    parts_of,
    sweep_of,
)
from quantum_advantage.core.usage import UsageError

# Jobs cut by another rule have other names, and would be paid for again.
RULE = f"5 minutes by cirq-google {cirq_google.__version__}"
MOST_SECONDS = 300.0
# A few megabytes of settings; the service takes 10.
MOST_POINTS = 10_000
# What cirq-google counts for every job, whatever it runs.
_LATENCY = 1.5

Bits = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Portion:
    """The part of a request that one job runs.

    Attributes:
        parts: Its parameter sets, those of one number of repetitions together.
        seconds: Google's own estimate of its time on the processor.

    Example:
        >>> circuit = cirq.Circuit(cirq.measure(cirq.LineQubit(0), key="m"))
        >>> (portion,) = portions_of(Request(circuit, (), (), shots=100))
        >>> portion.points, portion.repetitions, round(portion.seconds, 2)
        (1, 100, 1.59)
    """

    parts: tuple[Part, ...]
    seconds: float

    @property
    def points(self) -> int:
        """The number of parameter sets."""
        return sum(part.rows.size for part in self.parts)

    @property
    def repetitions(self) -> int:
        """Repetitions in all, over all parameter sets."""
        return sum(part.members.size for part in self.parts)

    def sweeps(self) -> tuple[list[cirq.Sweepable], list[int]]:
        """Returns a sweep for each part, and the repetitions of its parameter sets."""
        sweeps = [sweep_of(part.request, part.rows.tolist()) for part in self.parts]
        return sweeps, [part.members.shape[1] for part in self.parts]

    def outcomes(self, results: object, sender: str) -> dict[str, Bits]:
        """Returns for each measurement key the outcomes, (repetitions in all, qubits).

        Args:
            results: What the service returned, which should be one result for each parameter set,
                part by part.
            sender: Who returned it, for messages.

        Raises:
            UsageError: If it is not an answer to the parts; see :func:`results.read_results`.
        """
        given = one_for_each(results, self.points, sender)
        ends = np.cumsum([part.rows.size for part in self.parts]).tolist()
        found = [
            outcomes_of(given[start:stop], part, sender)
            for part, (start, stop) in zip(self.parts, pairwise([0, *ends]), strict=True)
        ]
        return {
            key: np.concatenate([bits[key].reshape(-1, bits[key].shape[-1]) for bits in found])
            for key in found[0]
        }

    def split(self, outcomes: Mapping[str, Bits]) -> Iterator[tuple[Part, dict[str, Bits]]]:
        """Yields each part with its outcomes.

        Args:
            outcomes: For each key those of the job, (repetitions in all, qubits), part by part.

        Yields:
            The part, and for each key (points, repetitions, qubits).
        """
        start = 0
        for part in self.parts:
            stop = start + part.members.size
            shape = (*part.members.shape, -1)
            yield part, {key: bits[start:stop].reshape(shape) for key, bits in outcomes.items()}
            start = stop


def portions_of(request: Request) -> Iterator[Portion]:
    """Cuts a request into jobs within the limits of the service.

    Args:
        request: A native request.

    Raises:
        UsageError: If a single repetition of the circuit would take longer than a job may.

    Example:
        >>> circuit = cirq.Circuit(cirq.measure(cirq.LineQubit(0), key="m"))
        >>> [job.repetitions for job in portions_of(Request(circuit, (), (), shots=2_000_000))]
        [1500000, 500000]
    """
    seconds = _estimate(request.circuit)
    most = _largest(MOST_REPETITIONS, lambda shots: _LATENCY + seconds(1, shots) <= MOST_SECONDS)
    if most == 0:
        raise UsageError(
            f"one repetition would take {_LATENCY + seconds(1, 1):.0f} s on the processor, by "
            f"Google's estimate, and a job may take {MOST_SECONDS:.0f} s; choose a smaller circuit"
        )
    job = Portion((), _LATENCY)
    for part in parts_of(request, MOST_POINTS, most):
        rest = part
        while rest.rows.size:
            jobs = _Growing(job, rest, seconds)
            points = _largest(rest.rows.size, jobs.fits)
            job = jobs.with_points(points)
            rest = rest.points(slice(points, None))
            if rest.rows.size:
                yield job
                job = Portion((), _LATENCY)
    if job.parts:
        yield job


@dataclass(frozen=True, eq=False)
class _Growing:
    """A job to which the first points of a part are added."""

    job: Portion
    part: Part
    seconds: Callable[[int, int], float]

    def with_points(self, points: int) -> Portion:
        if points == 0:
            return self.job
        added = self.part.points(slice(points))
        longer = self.job.seconds + self.seconds(*added.members.shape)
        return Portion((*self.job.parts, added), longer)

    def fits(self, points: int) -> bool:
        job = self.with_points(points)
        return (
            job.points <= MOST_POINTS
            and job.repetitions <= MOST_REPETITIONS
            and job.seconds <= MOST_SECONDS
        )


def _largest(most: int, holds: Callable[[int], bool]) -> int:
    """Returns the largest whole number up to ``most`` for which a condition holds, by bisection.

    It holds for 0, and for every number below one for which it holds.
    """
    if holds(most):
        return most
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


def _estimate(circuit: cirq.AbstractCircuit) -> Callable[[int, int], float]:
    """Returns cirq-google's estimate of the seconds of a sweep, without what every job costs."""

    @functools.cache
    def seconds(points: int, repetitions: int) -> float:
        sweep = cirq.Points("any", [0.0] * points)
        return float(
            runtime_estimator.estimate_run_sweep_time(circuit, sweep, repetitions, latency=0.0)
        )

    return seconds
