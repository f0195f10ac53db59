"""Samplers that turn native requests into jobs on a real processor, or add up what they would cost.

A job's name is the SHA-256 of its circuit, parameter sets and repetitions, with the seed that it
belongs to, so that a run that is started again needs the same jobs; ``job_folder`` sends each of
them once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import cirq
import numpy as np
import numpy.typing as npt
from cirq_google.api import v2

from quantum_advantage.backends.devices.job_files import Job, JobError, read_jobs
from quantum_advantage.backends.devices.job_folder import JobFolder
from quantum_advantage.backends.devices.packing import Portion, portions_of
from quantum_advantage.backends.devices.service import Handle, Service
from quantum_advantage.circuits.request import Request, measured_qubits
from quantum_advantage.circuits.sweeps import Part, assembled
from quantum_advantage.core.bits import Words, words_for

__all__ = [
    "Cost",
    "CostSampler",
    "Handle",
    "Job",
    "JobError",
    "JobFolder",
    "JobSampler",
    "Service",
    "circuit_hash",
    "read_jobs",
]


@dataclass(frozen=True)
class Cost:
    """What requests would cost.

    Attributes:
        jobs: The number of jobs.
        points: Parameter sets.
        repetitions: Repetitions in all.
        request_bytes: The largest request.
        seconds: Google's own estimate of the time on the processor.

    Example:
        >>> one = Cost(jobs=2, points=1000, repetitions=20_000, request_bytes=9000, seconds=12.5)
        >>> (one + one).jobs, (one + one).request_bytes
        (4, 9000)
    """

    jobs: int
    points: int
    repetitions: int
    request_bytes: int
    seconds: float

    def __add__(self, other: Cost) -> Cost:
        """Returns the cost of both."""
        return Cost(
            self.jobs + other.jobs,
            self.points + other.points,
            self.repetitions + other.repetitions,
            max(self.request_bytes, other.request_bytes),
            self.seconds + other.seconds,
        )


class JobSampler:
    """Runs native requests as jobs.

    Args:
        folder: Where the jobs are kept.
        seed: What the requests belong to; equal requests of different seeds are different jobs.
    """

    def __init__(self, folder: JobFolder, seed: int) -> None:
        """See the class."""
        self._folder = folder
        self._seed = seed
        self._asked = 0

    def sample_table(self, request: Request) -> dict[str, Words]:
        """Runs one request; see :meth:`sample_tables`.

        Args:
            request: A native request.

        Returns:
            For each measurement key the packed bits, (shots, words).

        Raises:
            JobError: If a job could not be sent, run or fetched; the others are collected first.
        """
        return self.sample_tables([request])[0]

    def sample_tables(self, requests: Sequence[Request]) -> list[dict[str, Words]]:
        """Sends requests in as few jobs as the service allows, then waits for all of them.

        Args:
            requests: Native requests, of any circuits.

        Returns:
            For each request and measurement key the packed bits, (shots, words).

        Raises:
            JobError: If a job could not be sent, run or fetched; the others are collected first.
        """
        found: list[list[tuple[Part, dict[str, npt.NDArray[np.uint8]]]]] = [[] for _ in requests]
        waiting, trouble = [], []
        for portion in portions_of(requests):
            self._asked += 1
            circuit = _hash_of_circuits(portion)
            job = Job(
                _name(portion, circuit, self._seed, self._asked),
                self._folder.key,
                1,
                circuit,
                portion.points,
                portion.repetitions,
                portion.seconds,
            )
            try:
                waiting.append((portion, self._folder.outcomes(job, portion)))
            except JobError as error:
                trouble.append(error)
                break
        for portion, outcomes in waiting:
            try:
                for number, part, bits in portion.split(outcomes()):
                    found[number].append((part, bits))
            except JobError as error:
                trouble.append(error)
        if trouble:
            raise JobError(f"{trouble[0]}; {self._folder.finished()}") from trouble[0]
        return [assembled(request, own) for request, own in zip(requests, found, strict=True)]


class CostSampler:
    """Adds up what native requests would cost, and runs nothing: all its bits are 0.

    Example:
        >>> q, meter = cirq.GridQubit(0, 0), CostSampler()
        >>> circuit = cirq.Circuit(cirq.X(q), cirq.measure(q, key="m"))
        >>> meter.sample_table(Request(circuit, (), (), shots=3))["m"].ravel().tolist()
        [0, 0, 0]
        >>> meter.cost.jobs, meter.cost.points, meter.cost.repetitions
        (1, 1, 3)
    """

    def __init__(self) -> None:
        """Starts at nothing."""
        self.cost = Cost(0, 0, 0, 0, 0.0)

    def sample_table(self, request: Request) -> dict[str, Words]:
        """Adds the cost of a request.

        Args:
            request: A native request.

        Returns:
            For each measurement key packed zeros, (shots, words).
        """
        return self.sample_tables([request])[0]

    def sample_tables(self, requests: Sequence[Request]) -> list[dict[str, Words]]:
        """Adds the cost of requests that run together.

        Args:
            requests: Native requests, of any circuits.

        Returns:
            For each request and measurement key packed zeros, (shots, words).
        """
        sizes: dict[tuple[tuple[int, int, int], ...], int] = {}
        for portion in portions_of(requests):
            # A number takes as many bytes as any other: most jobs of a request have one size.
            shapes = [part.members.shape for part in portion.parts]
            alike = tuple((n, *shape) for n, shape in zip(portion.numbers, shapes, strict=True))
            if alike not in sizes:
                context = v2.run_context_to_proto(portion.sweeps(), portion.each())
                sizes[alike] = context.ByteSize()
            size = sizes[alike]
            self.cost += Cost(1, portion.points, portion.repetitions, size, portion.seconds)
        return [
            {
                key: np.zeros((request.shots, words_for(len(qubits))), dtype=np.uint64)
                for key, qubits in measured_qubits(request.circuit).items()
            }
            for request in requests
        ]


def circuit_hash(circuit: cirq.AbstractCircuit) -> str:
    """Returns the first 20 hexadecimal digits of a circuit's SHA-256.

    Example:
        >>> a, b = cirq.LineQubit.range(2)
        >>> one, other = cirq.Circuit(cirq.X(a), cirq.Z(b)), cirq.Circuit(cirq.Z(b), cirq.X(a))
        >>> circuit_hash(one) == circuit_hash(other), len(circuit_hash(one))
        (True, 20)
    """
    moments = [sorted(repr(op) for op in moment) for moment in circuit]
    return hashlib.sha256(json.dumps(moments).encode()).hexdigest()[:20]


def _hash_of_circuits(portion: Portion) -> str:
    """Returns the hash of a job's circuit; of several, that of their hashes in turn."""
    hashes = list(dict.fromkeys(map(circuit_hash, portion.circuits())))
    if len(hashes) == 1:
        return hashes[0]
    return hashlib.sha256(json.dumps(hashes).encode()).hexdigest()[:20]


def _name(portion: Portion, circuit: str, seed: int, number: int) -> str:
    points = [
        [
            circuit_hash(part.request.circuit),
            [dial.positions for dial in part.request.dials],
            [column[part.rows].tolist() for column in part.request.table],
            part.members.shape[1],
        ]
        for part in portion.parts
    ]
    asked = [circuit, points, seed, number]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:20]
