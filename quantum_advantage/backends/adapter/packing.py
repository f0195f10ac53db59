"""A request in few jobs: equal parameter sets run together, many circuits in one job, in limits.

A job has one number of repetitions for all its circuits, as the batches of most services have. A
parameter set that is wanted r times is run either in one circuit of r repetitions, or in one
circuit for each binary digit of r, of 1, 2, 4, … repetitions: then a request needs no more kinds of
jobs than the largest r has digits, however the numbers differ. What takes fewer jobs is chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quantum_advantage.circuits.request import Request, distinct_rows
from quantum_advantage.circuits.sweeps import MOST_REPETITIONS, Part
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import whole_number

Numbers = npt.NDArray[np.int64]
# From how often each parameter set is wanted, and the most repetitions of a circuit, to
# repetitions, the parameter sets that run so often, and the shots that each has had before.
Way = Callable[[Numbers, int], Iterator[tuple[int, Numbers, Numbers]]]


@dataclass(frozen=True)
class ServiceLimits:
    """What a service takes.

    Attributes:
        circuits_per_job: Circuits in a job.
        shots_per_circuit: Repetitions of a circuit.
        qubits: Qubits of a circuit; None for no limit.
        jobs: Jobs that one request may take; a request that needs more is refused before anything
            is sent.

    Raises:
        UsageError: If one is no whole number of at least 1.

    Example:
        >>> ServiceLimits(circuits_per_job=0)
        Traceback (most recent call last):
        quantum_advantage.core.usage.UsageError: circuits_per_job must be at least 1, not 0
    """

    circuits_per_job: int = 1
    shots_per_circuit: int = MOST_REPETITIONS
    qubits: int | None = None
    jobs: int = 100

    def __post_init__(self) -> None:
        for name in ("circuits_per_job", "shots_per_circuit", "jobs"):
            whole_number(name, getattr(self, name), 1)
        if self.qubits is not None:
            whole_number("qubits", self.qubits, 1)


@dataclass(frozen=True)
class Price:
    """What a service is asked for.

    Attributes:
        jobs: Jobs.
        circuits: Circuits in all of them.
        shots: Shots of all circuits.

    Example:
        >>> print(Price(1, 20, 1000) + Price(2, 20, 1000))
        3 jobs, 40 circuits, 2000 shots
    """

    jobs: int = 0
    circuits: int = 0
    shots: int = 0

    def __add__(self, other: Price) -> Price:
        return Price(
            self.jobs + other.jobs, self.circuits + other.circuits, self.shots + other.shots
        )

    def __mul__(self, times: int) -> Price:
        return Price(self.jobs * times, self.circuits * times, self.shots * times)

    def __str__(self) -> str:
        parts = ((self.jobs, "job"), (self.circuits, "circuit"), (self.shots, "shot"))
        return ", ".join(f"{number} {word}{'' if number == 1 else 's'}" for number, word in parts)


def price_of(jobs: list[Part]) -> Price:
    """Returns the price of the jobs that :func:`packed` found."""
    return Price(
        len(jobs), sum(len(job.rows) for job in jobs), sum(job.members.size for job in jobs)
    )


def packed(request: Request, limits: ServiceLimits) -> list[Part]:
    """Packs a request into jobs.

    Args:
        request: The request.
        limits: What a job may hold.

    Returns:
        For each job its parameter sets and the shots that they stand for. Which of the shots of one
        parameter set gets which of its outcomes does not matter: they are exchangeable.

    Raises:
        UsageError: If the request needs more jobs than the limits allow.

    Example:
        Three parameter sets, wanted 1, 2 and 3 times:

        >>> import cirq
        >>> from quantum_advantage.circuits.request import Dial
        >>> turn = Dial("turn", ("t",), ((0.0,), (0.5,), (1.0,)))
        >>> table = (np.array([0, 1, 1, 2, 2, 2], np.uint8),)
        >>> request = Request(cirq.Circuit(), (turn,), table, shots=6)
        >>> [job.members.shape for job in packed(request, ServiceLimits())]  # a circuit a job
        [(1, 1), (1, 2), (1, 3)]
        >>> [job.members.shape for job in packed(request, ServiceLimits(circuits_per_job=10))]
        [(2, 2), (2, 1)]
    """
    jobs = min(
        (list(_cut(request, limits, way)) for way in (_whole, _binary)),
        key=lambda found: (len(found), price_of(found).circuits),
    )
    if len(jobs) > limits.jobs:
        raise UsageError(
            f"request would take {price_of(jobs)}, and at most {limits.jobs} jobs are allowed; "
            "nothing was sent. Pack circuits into batches, measure each setting several times, or "
            "allow more by ServiceLimits(jobs=...)"
        )
    return jobs


def _cut(request: Request, limits: ServiceLimits, way: Way) -> Iterator[Part]:
    """Yields jobs whose repetitions are chosen in one way."""
    first, kinds = distinct_rows(request.table, request.shots)
    counts = np.bincount(kinds, minlength=first.size).astype(np.int64)
    order = np.argsort(kinds, kind="stable")
    starts = np.cumsum(counts) - counts
    for repetitions, chosen, had in way(counts, limits.shots_per_circuit):
        for begin in range(0, chosen.size, limits.circuits_per_job):
            some = slice(begin, begin + limits.circuits_per_job)
            shots = (starts[chosen[some]] + had[some])[:, None] + np.arange(repetitions)
            yield Part(request, first[chosen[some]], order[shots])


def _whole(counts: Numbers, most: int) -> Iterator[tuple[int, Numbers, Numbers]]:
    """Runs every parameter set in one circuit."""
    for count in np.unique(counts).tolist():
        chosen = np.flatnonzero(counts == count)
        for begin in range(0, count, most):
            yield min(most, count - begin), chosen, np.full(chosen.size, begin)


def _binary(counts: Numbers, most: int) -> Iterator[tuple[int, Numbers, Numbers]]:
    """Runs parameter sets by the binary digits of their numbers, largest powers of two first."""
    largest = 1 << (most.bit_length() - 1)
    had = np.zeros_like(counts)
    repetitions = largest
    while repetitions:
        chosen = np.flatnonzero(counts - had >= repetitions)
        if chosen.size:
            yield repetitions, chosen, had[chosen]
            had[chosen] += repetitions
        # The largest number repeats until every parameter set has less than that left.
        if not chosen.size or repetitions < largest:
            repetitions //= 2
