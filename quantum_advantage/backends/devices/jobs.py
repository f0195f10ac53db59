"""Samplers that turn native requests into jobs on a real processor, or add up what they would cost.

A job's name is the SHA-256 of its circuit, parameter sets and repetitions, with the seed that it
belongs to, so that a run that is started again needs the same jobs; ``job_folder`` sends each of
them once.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

import cirq
import numpy as np
from cirq_google.api import v2
from cirq_google.engine import runtime_estimator

from quantum_advantage.backends.devices.job_files import Job, JobError, read_jobs
from quantum_advantage.backends.devices.job_folder import JobFolder
from quantum_advantage.backends.devices.service import Handle, Service
from quantum_advantage.circuits.request import Request, measured_qubits
from quantum_advantage.circuits.sweeps import Part, assembled, parts_of, sweep_of
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

# The paper's own size of a sweep; a lost job costs no more than this.
POINTS_PER_JOB = 500


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
        >>> Cost(jobs=2, points=1000, repetitions=20_000, request_bytes=9000, seconds=12.5).jobs
        2
    """

    jobs: int
    points: int
    repetitions: int
    request_bytes: int
    seconds: float


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
        """Sends every part of a request, then waits for all of them.

        Args:
            request: A native request.

        Returns:
            For each measurement key the packed bits, (shots, words).

        Raises:
            JobError: If a job could not be sent, run or fetched; the others are collected first.
        """
        circuit, estimate = circuit_hash(request.circuit), _Estimate(request.circuit)
        waiting, found, trouble = [], [], []
        for part in parts_of(request, POINTS_PER_JOB):
            self._asked += 1
            points, repetitions = part.members.shape
            name = _name(request, part, circuit, self._seed, self._asked)
            job = Job(
                name,
                self._folder.key,
                1,
                circuit,
                points,
                repetitions,
                estimate(points, repetitions),
            )
            try:
                waiting.append((part, self._folder.outcomes(job, request, part)))
            except JobError as error:
                trouble.append(error)
                break
        for part, outcomes in waiting:
            try:
                found.append((part, outcomes()))
            except JobError as error:
                trouble.append(error)
        if trouble:
            raise JobError(f"{trouble[0]}; {self._folder.finished()}") from trouble[0]
        return assembled(request, found)


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
        estimate, sizes = _Estimate(request.circuit), {}
        for part in parts_of(request, POINTS_PER_JOB):
            points, repetitions = part.members.shape
            if (points, repetitions) not in sizes:
                sweep = sweep_of(request, part.rows.tolist())
                context = v2.run_context_to_proto(sweep, repetitions)
                sizes[points, repetitions] = context.ByteSize()
            size = max(self.cost.request_bytes, sizes[points, repetitions])
            self.cost = Cost(
                self.cost.jobs + 1,
                self.cost.points + points,
                self.cost.repetitions + points * repetitions,
                size,
                self.cost.seconds + estimate(points, repetitions),
            )
        return {
            key: np.zeros((request.shots, words_for(len(qubits))), dtype=np.uint64)
            for key, qubits in measured_qubits(request.circuit).items()
        }


class _Estimate:
    """Google's own estimate of the time of a sweep, in seconds."""

    def __init__(self, circuit: cirq.AbstractCircuit) -> None:
        self._circuit = circuit
        self._known: dict[tuple[int, int], float] = {}

    def __call__(self, points: int, repetitions: int) -> float:
        key = points, repetitions
        if key not in self._known:
            sweep = cirq.Points("any", [0.0] * points)
            self._known[key] = float(
                runtime_estimator.estimate_run_sweep_time(self._circuit, sweep, repetitions)
            )
        return self._known[key]


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


def _name(request: Request, part: Part, circuit: str, seed: int, number: int) -> str:
    points = [column[part.rows].tolist() for column in request.table]
    positions = [dial.positions for dial in request.dials]
    asked = [circuit, positions, points, part.members.shape, seed, number]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:20]
