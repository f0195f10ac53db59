"""The folder of a run on a real processor: each job is sent once, its result kept as it arrives.

A run that is started again needs the same jobs. A job's id is on disk before it is sent: one
that was sent before the machine died is fetched by its id, and one that never arrived is sent again
under the same id, so that the service itself would refuse a copy.

The service's answer is kept before anything else is done with it. An answer that cannot be read
stays there, and the job is not sent again: it was paid for. The files are those of ``job_files``
and ``job_outcomes``; none of them names the Google Cloud project.
"""

from __future__ import annotations

import contextlib
import math
import secrets
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from quantum_advantage.backends.devices.folder_lock import locked, unlock
from quantum_advantage.backends.devices.job_files import (
    RUN,
    Job,
    JobError,
    one_line,
    read_jobs,
    read_run,
    write_job,
    write_run,
)
from quantum_advantage.backends.devices.job_outcomes import (
    MOST_OUTCOMES,
    check_outcomes,
    outcomes_path,
    raw_path,
    read_outcomes,
    write_outcomes,
)
from quantum_advantage.backends.devices.packing import RULE, Portion
from quantum_advantage.backends.devices.service import Handle, Service
from quantum_advantage.core.files import read_file, write_file
from quantum_advantage.core.usage import UsageError

Bits = npt.NDArray[np.uint8]
T = TypeVar("T")


class JobFolder:
    """The jobs of one run on disk. One process at a time; its threads share it.

    Args:
        folder: Where the jobs are; made if it is not there.
        service: The processor.
        max_minutes: Cap on the estimated device time of all jobs in the folder, or None.

    Raises:
        UsageError: If the folder belongs to another processor, or another process uses it.
    """

    def __init__(self, folder: Path, service: Service, max_minutes: float | None = None) -> None:
        """See the class."""
        if max_minutes is not None and not 0 < max_minutes < math.inf:
            raise UsageError(f"max_minutes must be a number of minutes above 0, not {max_minutes}")
        self.folder = folder
        self._service = service
        self._most = None if max_minutes is None else 60 * max_minutes
        self._guard = threading.RLock()
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder):
            self._run = self._open_run()
            self._check_rule()
            self._jobs = {job.name: job for job in read_jobs(folder)}
            for job in self._jobs.values():
                if job.key != self.key:
                    raise UsageError(
                        f"{folder / job.name}.json belongs to another run than {folder / RUN}; "
                        "restore or remove it"
                    )
        self._calibrations = {self._run["calibrated"]}

    def close(self) -> None:
        """Lets another process use the folder."""
        unlock(self.folder)

    @property
    def key(self) -> str:
        """The key of the run, part of the ids of its jobs."""
        return str(self._run["key"])

    def _open_run(self) -> dict[str, Any]:
        described = dict(self._service.describe())
        run = read_run(self.folder)
        if run is None:
            run = {
                "service": described,
                "key": new_key(),
                "calibrated": self._service.calibrated(),
                "started": _now(),
                "cut": RULE,
                "pinned": {},
            }
            write_run(self.folder, run)
        if run["service"] != described:
            raise UsageError(
                f"{self.folder / RUN} belongs to {_words(run['service'])}, not to "
                f"{_words(described)}; choose another --out for another processor or configuration"
            )
        return run

    def _check_rule(self) -> None:
        """Refuses a run whose jobs were cut otherwise: it would pay for them once more."""
        cut = self._run.get("cut", "an earlier rule")
        if cut != RULE and any(path.name != RUN for path in self.folder.glob("*.json")):
            raise UsageError(
                f"the jobs in {self.folder} were cut by {cut}, not by {RULE}, and would be paid "
                "for again; go on with the versions that began them, or choose another --out"
            )
        self._run["cut"] = RULE

    def pinned(self, key: str, choose: Callable[[], Any]) -> Any:
        """Returns what was chosen under a key when the run began; chooses it now if it was not.

        Args:
            key: What is chosen.
            choose: Returns a value that JSON can hold.
        """
        with self._guard:
            if key not in self._run["pinned"]:
                self._run["pinned"][key] = choose()
                write_run(self.folder, self._run)
            return self._run["pinned"][key]

    def outcomes(self, job: Job, portion: Portion) -> Callable[[], dict[str, Bits]]:
        """Sends a job, unless it was sent before.

        Args:
            job: The job.
            portion: What the job runs.

        Returns:
            A function that waits for the outcomes, in tables of the shapes of the portion, and has
            them on disk before it returns them.

        Raises:
            JobError: If the job cannot be sent.
        """
        with self._guard:
            known = self._jobs.get(job.name)
            if known is not None:
                self._check_same(known, job)
                if known.state == "done":
                    done = known
                    return lambda: self._load(done, portion)
                if known.state == "broken" or (
                    known.state != "failed" and raw_path(self.folder, known).exists()
                ):
                    kept = known
                    return lambda: self._read(kept, portion)
            handle = None
            if known is not None and known.state != "failed":
                with self._explained(known):
                    handle = self._service.find(known)
            if known is None or handle is None:
                known, handle = self._send(job, portion)
        sent, fetched = known, handle
        return lambda: self._collect(sent, fetched, portion)

    def _check_same(self, known: Job, job: Job) -> None:
        """Refuses a job on disk whose content is not that of its name."""
        asked = ("circuit", "points", "repetitions")
        if any(getattr(known, name) != getattr(job, name) for name in asked):
            raise UsageError(
                f"{self._json(known)} asks for something else than its name says; restore or "
                "remove it"
            )

    def _send(self, job: Job, portion: Portion) -> tuple[Job, Handle]:
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
            if reason := self._service.unavailable():
                raise JobError(f"job {job.job_id} was not sent: {reason}")
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
        with self._explained(job):
            handle = self._service.send(job, portion)
        self._keep(job := replace(job, state="sent", created=_now()))
        return job, handle

    def _collect(self, job: Job, handle: Handle, portion: Portion) -> dict[str, Bits]:
        """Waits for a job and keeps what the service answers, before it is read."""
        with self._explained(job):
            try:
                raw = handle.fetch(portion)
            except Exception as error:
                if self._service.has_failed(error):
                    reason = self._service.explain(error) or ""
                    self._keep(replace(job, state="failed", reason=one_line(reason)))
                raise
        with self._guard:
            write_file(raw_path(self.folder, job), raw)
        return self._read(self._with_facts(job, handle), portion)

    def _with_facts(self, job: Job, handle: Handle) -> Job:
        """Returns a job with what the service knows of it; its result does not hang on that."""
        created, finished = self._told(handle.times, ("", ""))
        ran = one_line(self._told(handle.configuration, ""))
        return replace(job, created=created or job.created, finished=finished, ran=ran)

    def _told(self, ask: Callable[[], T], unknown: T) -> T:
        try:
            return ask()
        except Exception as error:
            if self._service.explain(error) is None:
                raise
            return unknown

    def _read(self, job: Job, portion: Portion) -> dict[str, Bits]:
        """Reads the answer that is kept; the job is done when its outcomes are on disk."""
        raw = raw_path(self.folder, job)
        try:
            results = self._service.decode(read_file(raw, MOST_OUTCOMES), portion)
            outcomes = portion.outcomes(results, "the service")
            check_outcomes(outcomes, portion.shapes())
        except (ValueError, FileNotFoundError) as error:
            reason = one_line(str(error))
            self._keep(replace(job, state="broken", reason=reason))
            raise JobError(
                f"job {job.job_id} ran, and its result in {raw} cannot be read: {reason}; it is "
                f"not sent again, unless you remove {raw.name} and {self._json(job).name} to have "
                "it run, and paid for, once more"
            ) from error
        with self._guard:
            digest = write_outcomes(self.folder, job, outcomes)
            self._keep(replace(job, state="done", reason="", digest=digest))
            raw.unlink(missing_ok=True)
        return outcomes

    def _load(self, job: Job, portion: Portion) -> dict[str, Bits]:
        path = outcomes_path(self.folder, job)
        try:
            return read_outcomes(self.folder, job, portion.shapes())
        except (OSError, ValueError) as error:
            raise JobError(
                f"{path} is damaged ({one_line(str(error))}); remove it and "
                f"{self._json(job).name}, and job {job.job_id} is fetched again"
            ) from error

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
            write_job(self.folder, job)

    def _json(self, job: Job) -> Path:
        return self.folder / f"{job.name}.json"


def new_key() -> str:
    """Returns a random key for a run.

    Example:
        >>> len(new_key()), new_key() == new_key()
        (8, False)
    """
    return secrets.token_hex(4)


def _words(described: Mapping[str, str]) -> str:
    return ", ".join(f"{key} {value}" for key, value in described.items() if value)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
