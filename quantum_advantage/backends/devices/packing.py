"""Cuts requests into jobs that Google's service takes.

Outside a reservation a job may have 1,500,000 repetitions in all and take 5 minutes ('Concepts' of
the documentation of Google's Quantum Computing Service, read in November 2026). The time is
cirq-google's own estimate. A job holds any number of sweeps, each with a circuit and a number of
repetitions of its own, so that requests of several circuits, with parameter sets that repeat
unequally, are as few jobs as these limits allow.
"""

from __future__ import annotations

import functools
import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
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
    measured_widths,
    outcomes_of,
    parts_of,
    sweep_of,
)
from quantum_advantage.core.usage import UsageError

# Jobs cut by another rule have other names, and would be paid for again.
RULE = f"5 minutes by cirq-google {cirq_google.__version__}"
MOST_SECONDS = 300.0
# A few megabytes of parameters; the service takes 10.
MOST_POINTS = 10_000
# What cirq-google counts for every job, whatever it runs.
_LATENCY = 1.5

Bits = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Portion:
    """What one job runs.

    Attributes:
        parts: Its parameter sets, those of one circuit and one number of repetitions together.
        numbers: For each part the number of its request among those that were cut.
        seconds: Google's own estimate of its time on the processor.

    Example:
        >>> circuit = cirq.Circuit(cirq.measure(cirq.LineQubit(0), key="m"))
        >>> (portion,) = portions_of([Request(circuit, (), (), shots=100)])
        >>> portion.points, portion.repetitions, round(portion.seconds, 2)
        (1, 100, 1.59)
        >>> portion.shapes()
        {'0 m': (100, 1)}
    """

    parts: tuple[Part, ...]
    numbers: tuple[int, ...]
    seconds: float

    @property
    def points(self) -> int:
        """The number of parameter sets."""
        return sum(part.rows.size for part in self.parts)

    @property
    def repetitions(self) -> int:
        """Repetitions in all, over all parameter sets."""
        return sum(part.members.size for part in self.parts)

    def circuits(self) -> list[cirq.Circuit]:
        """Returns the circuit of each part."""
        return [part.request.circuit for part in self.parts]

    def sweeps(self) -> list[cirq.Sweepable]:
        """Returns the sweep of each part."""
        return [sweep_of(part.request, part.rows.tolist()) for part in self.parts]

    def each(self) -> list[int]:
        """Returns for each part the repetitions of each of its parameter sets."""
        return [part.members.shape[1] for part in self.parts]

    def shapes(self) -> dict[str, tuple[int, int]]:
        """Returns the shape of each table of outcomes, (repetitions in all, qubits).

        A table is named by the number of the request and the measurement key, as in '0 m'.
        """
        shots = Counter[int]()
        for number, part in zip(self.numbers, self.parts, strict=True):
            shots[number] += part.members.size
        circuits = dict(zip(self.numbers, self.circuits(), strict=True))
        return {
            f"{number} {key}": (shots[number], width)
            for number, circuit in circuits.items()
            for key, width in measured_widths(circuit).items()
        }

    def outcomes(self, results: object, sender: str) -> dict[str, Bits]:
        """Returns the tables of outcomes, the parts of a request one after the other.

        Args:
            results: What the service returned, which should be one result for each parameter set,
                part by part.
            sender: Who returned it, for messages.

        Raises:
            UsageError: If it is not an answer to the parts; see :func:`results.read_results`.
        """
        given = one_for_each(results, self.points, sender)
        ends = np.cumsum([part.rows.size for part in self.parts]).tolist()
        found: dict[str, list[Bits]] = {name: [] for name in self.shapes()}
        for number, part, (start, stop) in zip(
            self.numbers, self.parts, pairwise([0, *ends]), strict=True
        ):
            for key, bits in outcomes_of(given[start:stop], part, sender).items():
                found[f"{number} {key}"].append(bits.reshape(-1, bits.shape[-1]))
        return {name: np.concatenate(tables) for name, tables in found.items()}

    def split(self, outcomes: Mapping[str, Bits]) -> Iterator[tuple[int, Part, dict[str, Bits]]]:
        """Yields each part with its outcomes.

        Args:
            outcomes: The tables.

        Yields:
            The number of its request, the part, and for each key (points, repetitions, qubits).
        """
        start = Counter[int]()
        for number, part in zip(self.numbers, self.parts, strict=True):
            rows = slice(start[number], start[number] + part.members.size)
            shape = (*part.members.shape, -1)
            keys = measured_widths(part.request.circuit)
            yield number, part, {k: outcomes[f"{number} {k}"][rows].reshape(shape) for k in keys}
            start[number] += part.members.size


def portions_of(requests: Sequence[Request]) -> Iterator[Portion]:
    """Cuts requests into jobs within the limits of the service.

    Args:
        requests: Native requests, of any circuits.

    Raises:
        UsageError: If a single repetition of a circuit would take longer than a job may.

    Example:
        >>> circuit = cirq.Circuit(cirq.measure(cirq.LineQubit(0), key="m"))
        >>> requests = [Request(circuit, (), (), shots) for shots in (2_000_000, 7)]
        >>> [job.repetitions for job in portions_of(requests)]
        [1500000, 500007]
    """
    job = _EMPTY
    for number, request in enumerate(requests):
        seconds = _estimate(request.circuit)
        for part in parts_of(request, MOST_POINTS, _most_repetitions(seconds)):
            rest = part
            while rest.rows.size:
                growing = _Growing(job, number, rest, seconds)
                points = _largest(rest.rows.size, growing.fits)
                job = growing.with_points(points)
                rest = rest.points(slice(points, None))
                if rest.rows.size:
                    yield job
                    job = _EMPTY
    if job.parts:
        yield job


def _most_repetitions(seconds: Callable[[int, int], float]) -> int:
    """Returns how many repetitions of one parameter set a job may have."""
    most = _largest(MOST_REPETITIONS, lambda shots: _LATENCY + seconds(1, shots) <= MOST_SECONDS)
    if most == 0:
        raise UsageError(
            f"one repetition would take {_LATENCY + seconds(1, 1):.0f} s on the processor, by "
            f"Google's estimate, and a job may take {MOST_SECONDS:.0f} s; choose a smaller circuit"
        )
    return most


_EMPTY = Portion((), (), _LATENCY)


@dataclass(frozen=True, eq=False)
class _Growing:
    """A job to which the first points of a part are added."""

    job: Portion
    number: int
    part: Part
    seconds: Callable[[int, int], float]

    def with_points(self, points: int) -> Portion:
        if points == 0:
            return self.job
        added = self.part.points(slice(points))
        longer = self.job.seconds + self.seconds(*added.members.shape)
        return Portion((*self.job.parts, added), (*self.job.numbers, self.number), longer)

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


class _Alike(cirq.Sweep):
    """So many equal points. The estimate counts them, which takes long where each is made anew."""

    def __init__(self, points: int) -> None:
        self._points = points

    def __iter__(self) -> Iterator[cirq.ParamResolver]:
        return itertools.repeat(cirq.ParamResolver(), self._points)

    def __len__(self) -> int:
        return self._points

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Alike) and other._points == self._points

    @property
    def keys(self) -> list[str]:
        return []

    def param_tuples(self) -> Iterator[tuple[()]]:
        return itertools.repeat((), self._points)


def _estimate(circuit: cirq.AbstractCircuit) -> Callable[[int, int], float]:
    """Returns cirq-google's estimate of the seconds of a sweep, without what every job costs."""

    @functools.cache
    def seconds(points: int, repetitions: int) -> float:
        sweep = _Alike(points)
        return float(
            runtime_estimator.estimate_run_sweep_time(circuit, sweep, repetitions, latency=0.0)
        )

    return seconds
