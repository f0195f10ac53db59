"""Jobs on a real processor: each is sent once, its result is on disk as it arrives.

A folder holds the jobs of one run. A job's name is the SHA-256 of what it asks for, with the seed
that it belongs to; a run that is started again asks for the same jobs. Its id is chosen here and on
disk before it is sent: a job that was sent before the machine died is fetched by its id, and one
that never arrived is sent again under the same id, so that the service itself would refuse a copy.

    run.json    processor, configuration, calibration, the pairs chosen when the run began, and a
                random key that tells the ids of this run from those of every other
    NAME.json   one job: ids, times, circuit hash, repetitions, state
    NAME.npz    its result

No file names the Google Cloud project.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import io
import json
import os
import secrets
import threading
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Protocol

import cirq
import numpy as np
import numpy.typing as npt
from cirq_google.api import v2
from cirq_google.engine import runtime_estimator

from quantum_advantage.pauli import Words, words_for
from quantum_advantage.sampling import (
    Part,
    Request,
    assembled,
    measured_qubits,
    outcomes_of,
    parts_of,
    sweep_of,
)
from quantum_advantage.usage import UsageError

# The paper's own size of a sweep; a lost job costs no more than this.
POINTS_PER_JOB = 500
_RUN = "run.json"
# What reading a damaged archive may raise.
_DAMAGE = (
    OSError,
    ValueError,
    KeyError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
)


class JobError(UsageError):
    """A job that could not be sent, run or fetched; everything finished is on disk."""


class Handle(Protocol):
    """A job at the service."""

    def results(self) -> Sequence[cirq.Result]:
        """Waits for the results, one for each parameter set."""
        ...

    def times(self) -> tuple[str, str]:
        """Returns when the job was created and last updated, as ISO times."""
        ...


class Service(Protocol):
    """A processor that runs jobs."""

    def describe(self) -> Mapping[str, str]:
        """Returns processor, configuration, and run or snapshot."""
        ...

    def calibrated(self) -> str:
        """Returns the time of the current calibration, as an ISO time, or an empty text."""
        ...

    def send(
        self, job: Job, circuit: cirq.AbstractCircuit, sweep: cirq.Sweepable, repetitions: int
    ) -> Handle:
        """Sends a job under its ids; returns the one that is there if they are known already."""
        ...

    def find(self, job: Job) -> Handle | None:
        """Returns the job of these ids, or None if the service does not know it."""
        ...

    def explain(self, error: Exception) -> str | None:
        """Returns what an error of the service means, in one line; None if it is not one."""
        ...

    def has_failed(self, error: Exception) -> bool:
        """Tells whether an error says that the job itself failed, so that it must be sent anew."""
        ...


@dataclass(frozen=True)
class Job:
    """One job, as it is on disk.

    Attributes:
        name: The first 20 hexadecimal digits of the hash of what it asks for.
        key: The key of its run.
        attempt: Counts the times it was sent anew after it had failed.
        circuit: The hash of the native circuit.
        points: The number of parameter sets.
        repetitions: Repetitions of each.
        seconds: Google's own estimate of its time on the processor.
        calibrated: The calibration at the time it was sent.
        created: When the service created it.
        finished: When the service finished it.
        state: ``planned``, ``sent``, ``done`` or ``failed``.
        reason: Why it failed.
    """

    name: str
    key: str
    attempt: int
    circuit: str
    points: int
    repetitions: int
    seconds: float
    calibrated: str = ""
    created: str = ""
    finished: str = ""
    state: str = "planned"
    reason: str = ""

    @property
    def program_id(self) -> str:
        """The program's id at the service; jobs of one circuit share it."""
        return f"qa-{self.circuit}"

    @property
    def job_id(self) -> str:
        """The job's id at the service."""
        return f"qa-{self.key}-{self.name}-{self.attempt}"


@dataclass(frozen=True)
class Cost:
    """What requests would cost.

    Attributes:
        jobs: The number of jobs.
        points: Parameter sets.
        repetitions: Repetitions in all.
        request_bytes: The largest request.
        seconds: Google's own estimate of the time on the processor.
    """

    jobs: int
    points: int
    repetitions: int
    request_bytes: int
    seconds: float


class JobFolder:
    """The jobs of one run on disk. One process at a time; its threads share it.

    Args:
        folder: Where the jobs are; made if it is not there.
        service: The processor.
        max_minutes: Cap on the estimated device time of all jobs in the folder, or None.

    Raises:
        ValueError: If the folder belongs to another processor, or another process uses it.
    """

    def __init__(self, folder: Path, service: Service, max_minutes: float | None = None) -> None:
        """See the class."""
        self.folder = folder
        self._service = service
        self._most = None if max_minutes is None else 60 * max_minutes
        self._guard = threading.RLock()
        folder.mkdir(parents=True, exist_ok=True)
        fresh = _lock(folder)
        try:
            self._jobs = {job.name: job for job in read_jobs(folder)}
            self._run = self._open_run()
        except BaseException:
            if fresh:
                _unlock(folder)
            raise
        self._calibrations = {self._run["calibrated"]}

    def close(self) -> None:
        """Lets another process use the folder."""
        _unlock(self.folder)

    @property
    def key(self) -> str:
        """The key of the run, part of the ids of its jobs."""
        return str(self._run["key"])

    def _open_run(self) -> dict[str, Any]:
        described = dict(self._service.describe())
        path = self.folder / _RUN
        if not path.exists():
            run = {
                "service": described,
                "key": secrets.token_hex(4),
                "calibrated": self._service.calibrated(),
                "started": _now(),
                "pinned": {},
            }
            _write(path, json.dumps(run, indent=1).encode())
            return run
        try:
            run = json.loads(path.read_text())
            there = {name: run[name] for name in ("service", "key", "calibrated", "pinned")}
        except (ValueError, KeyError, TypeError):
            raise UsageError(f"{path} is damaged; restore it, or choose another --out") from None
        if there["service"] != described:
            raise UsageError(
                f"{path} belongs to {_words(there['service'])}, not to {_words(described)}; choose "
                "another --out for another processor or configuration"
            )
        return dict(run)

    def pinned(self, key: str, choose: Callable[[], Any]) -> Any:
        """Returns what was chosen under a key when the run began; chooses it now if it was not.

        Args:
            key: What is chosen.
            choose: Returns a value that JSON can hold.
        """
        with self._guard:
            if key not in self._run["pinned"]:
                self._run["pinned"][key] = choose()
                _write(self.folder / _RUN, json.dumps(self._run, indent=1).encode())
            return self._run["pinned"][key]

    def outcomes(
        self, job: Job, request: Request, part: Part
    ) -> Callable[[], dict[str, npt.NDArray[np.uint8]]]:
        """Sends a job, unless it was sent before.

        Args:
            job: What is asked for.
            request: The native request.
            part: The part of it that the job runs.

        Returns:
            A function that waits for the outcomes, for each key (points, repetitions, qubits), and
            has them on disk before it returns them.

        Raises:
            JobError: If the job cannot be sent.
        """
        keys = {key: len(qubits) for key, qubits in measured_qubits(request.circuit).items()}
        with self._guard:
            known = self._jobs.get(job.name)
            if known is not None and known.state == "done":
                done = known
                return lambda: self._load(done, keys)
            handle = None
            if known is not None and known.state != "failed":
                with self._explained(known):
                    handle = self._service.find(known)
            if known is None or handle is None:
                known, handle = self._send(job, request, part)
        sent, fetched = known, handle
        return lambda: self._collect(sent, fetched, part, keys)

    def _send(self, job: Job, request: Request, part: Part) -> tuple[Job, Handle]:
        """Sends a job: a new one, one that failed under a new id, or one that never arrived."""
        known = self._jobs.get(job.name)
        if known is not None and known.state == "failed":
            job = replace(job, attempt=known.attempt + 1, seconds=known.seconds + job.seconds)
        elif known is not None:
            job = replace(job, attempt=known.attempt, seconds=known.seconds)
        others = sum(other.seconds for other in self._jobs.values() if other.name != job.name)
        if self._most is not None and others + job.seconds > self._most:
            raise JobError(
                f"the next job would take the device time to {(others + job.seconds) / 60:.1f} "
                f"minutes, by Google's estimate, beyond --max-minutes {self._most / 60:g}"
            )
        with self._explained(job):
            calibrated = self._service.calibrated()
        if calibrated not in self._calibrations:
            self._calibrations.add(calibrated)
            warnings.warn(
                f"the calibration changed during the run, from {self._run['calibrated']} to "
                f"{calibrated}; jobs say which one they ran under",
                stacklevel=2,
            )
        job = replace(job, calibrated=calibrated)
        # The id is on disk before the job is sent.
        self._keep(job)
        sweep = sweep_of(request, part.rows.tolist())
        with self._explained(job):
            handle = self._service.send(job, request.circuit, sweep, part.members.shape[1])
        self._keep(job := replace(job, state="sent", created=_now()))
        return job, handle

    def _collect(
        self, job: Job, handle: Handle, part: Part, keys: Mapping[str, int]
    ) -> dict[str, npt.NDArray[np.uint8]]:
        with self._explained(job):
            try:
                results = handle.results()
                created, finished = handle.times()
            except Exception as error:
                if self._service.has_failed(error):
                    reason = self._service.explain(error) or ""
                    self._keep(replace(job, state="failed", reason=" ".join(reason.split())))
                raise
        try:
            outcomes = outcomes_of(results, part, "the service")
        except ValueError as error:
            # Fetched again, the result would be the same.
            self._keep(replace(job, state="failed", reason=str(error)))
            raise JobError(f"job {job.job_id}: {error}") from error
        with self._guard:
            _write_outcomes(self._path(job, "npz"), outcomes)
            self._keep(replace(job, state="done", created=created, finished=finished))
        return outcomes

    def _load(self, job: Job, keys: Mapping[str, int]) -> dict[str, npt.NDArray[np.uint8]]:
        path = self._path(job, "npz")
        wanted = {key: (job.points, job.repetitions, width) for key, width in keys.items()}
        try:
            with np.load(path, allow_pickle=False) as data:
                found = {key: data[key] for key in data.files}
            if {key: array.shape for key, array in found.items()} != wanted:
                raise UsageError("it does not hold the outcomes of that job")
        except _DAMAGE as error:
            raise JobError(
                f"{path} is damaged ({error}); remove it and {self._path(job, 'json').name}, and "
                f"job {job.job_id} is fetched again"
            ) from error
        return found

    @contextlib.contextmanager
    def _explained(self, job: Job) -> Iterator[None]:
        """Turns an error of the service into one line; nothing that finished is lost."""
        try:
            yield
        except JobError:
            raise
        except Exception as error:
            reason = self._service.explain(error)
            if reason is None:
                raise
            raise JobError(f"job {job.job_id}: {reason}") from error

    def finished(self) -> str:
        """Returns what is kept, in words."""
        done = sum(job.state == "done" for job in self._jobs.values())
        return (
            f"{done} finished jobs are kept in {self.folder}, and the same command goes on from "
            "there"
        )

    def _keep(self, job: Job) -> None:
        with self._guard:
            self._jobs[job.name] = job
            shown = asdict(job) | {"program_id": job.program_id, "job_id": job.job_id}
            _write(self._path(job, "json"), json.dumps(shown, indent=1).encode())

    def _path(self, job: Job, kind: str) -> Path:
        return self.folder / f"{job.name}.{kind}"


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
    """Adds up what native requests would cost, and runs nothing: all its bits are 0."""

    def __init__(self) -> None:
        """Starts at nothing."""
        self.cost = Cost(0, 0, 0, 0, 0.0)

    def sample_table(self, request: Request) -> dict[str, Words]:
        """Adds the cost of a request."""
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


# One process at a time holds a folder, until it ends or closes it.
_LOCKS: dict[Path, IO[str]] = {}


def _lock(folder: Path) -> bool:
    """Locks a folder for this process; returns whether it was not locked by it before."""
    path = folder.resolve()
    if path in _LOCKS:
        return False
    file = (folder / "lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise UsageError(f"another process is running jobs in {folder}") from None
    _LOCKS[path] = file
    return True


def _unlock(folder: Path) -> None:
    if (file := _LOCKS.pop(folder.resolve(), None)) is not None:
        file.close()


def read_jobs(folder: Path) -> list[Job]:
    """Reads the jobs of a folder.

    Raises:
        ValueError: If a file is no job.
    """
    jobs = []
    for path in sorted(folder.glob("*.json")):
        if path.name == _RUN:
            continue
        try:
            shown = json.loads(path.read_text())
            jobs.append(Job(**{f.name: shown[f.name] for f in fields(Job)}))
        except (ValueError, KeyError, TypeError):
            raise UsageError(f"{path} is not a job of this program; restore or remove it") from None
    return jobs


def circuit_hash(circuit: cirq.AbstractCircuit) -> str:
    """Returns the first 20 hexadecimal digits of a circuit's SHA-256."""
    moments = [sorted(repr(op) for op in moment) for moment in circuit]
    return hashlib.sha256(json.dumps(moments).encode()).hexdigest()[:20]


def _name(request: Request, part: Part, circuit: str, seed: int, number: int) -> str:
    points = [column[part.rows].tolist() for column in request.table]
    positions = [dial.positions for dial in request.dials]
    asked = [circuit, positions, points, part.members.shape, seed, number]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:20]


def _write(path: Path, content: bytes) -> None:
    """Writes a file whole or not at all."""
    part = path.with_suffix(f"{path.suffix}.part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _write_outcomes(path: Path, outcomes: Mapping[str, npt.NDArray[np.uint8]]) -> None:
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, **outcomes)
    _write(path, content.getvalue())


def _words(described: Mapping[str, str]) -> str:
    return ", ".join(f"{key} {value}" for key, value in described.items() if value)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
