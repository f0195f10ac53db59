"""A processor of Google's Quantum Engine as a service that runs jobs.

This module, ``engine``, ``answers`` and ``schedule`` alone call the engine of cirq-google.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import cirq
import cirq_google
from cirq_google.engine.engine_client import EngineException
from cirq_google.engine.stream_manager import StreamError
from google.api_core.exceptions import GoogleAPICallError
from google.auth.exceptions import GoogleAuthError

from quantum_advantage.backends.devices.answers import EngineHandle, decode_results
from quantum_advantage.backends.devices.calibration import (
    Device,
    calibration_time,
    describe,
)
from quantum_advantage.backends.devices.jobs import Job
from quantum_advantage.backends.devices.metrics import read_metrics
from quantum_advantage.backends.devices.packing import Portion
from quantum_advantage.backends.devices.schedule import coming_up, out_of_service
from quantum_advantage.backends.names import (
    BackendName,
)
from quantum_advantage.core.usage import UsageError

CALIBRATION_SECONDS = 300
# What cirq-google says of a job that ended without a result.
_FAILURE = re.compile(r"Job \S+ (on processor \S+ )?failed")
_PROJECT = re.compile(r"projects/[^/\s]+")
LOGIN = "run: gcloud auth application-default login"


class EngineService:
    """A processor of Google's Quantum Engine; the only place that calls it.

    Jobs are created by unary calls, not over a stream, so that a job is known to exist when its
    creation returns.

    Args:
        engine: The engine, or a local one of the same interface.
        name: The processor, and its configuration if one is named.

    Raises:
        UsageError: If the processor or the configuration cannot be reached.
    """

    def __init__(self, engine: Any, name: BackendName) -> None:
        """See the class."""
        self._engine = engine
        self._name = name
        options: dict[str, Any] = {}
        if name.config:
            revision = _revision(name.snapshot, name.run)
            options = {"device_config_name": name.config, "device_config_revision": revision}
        try:
            self._processor = engine.get_processor(name.processor)
            self._sampler = self._processor.get_sampler(**options)
            self._config = self._find_config()
            device = (
                self._processor.get_device()
                if self._config is None
                else self._config.effective_device
            )
            calibration = self._calibration()
        except Exception as error:
            if isinstance(error, KeyError):
                raise UsageError(f"{name}: there is no such processor") from error
            reason = self.explain(error)
            if reason is None:
                raise
            raise UsageError(f"{name}: {reason}") from error
        self.device = _describe_engine(name.processor, device, calibration)
        self._checked = time.monotonic()
        self._health: tuple[float, str] | None = None

    def _find_config(self) -> Any:
        """Returns the configuration as it is now; None for a local processor, which has none."""
        if not hasattr(self._processor, "get_config"):
            return None
        sampler = self._sampler
        found = self._processor.get_config(
            config_name=sampler.device_config_name,
            device_config_revision=_revision(sampler.snapshot_id, sampler.run_name),
        )
        if found is None and self._name.config:
            raise UsageError(f"there is no configuration {self._name.config!r} of that name")
        return found

    def _calibration(self) -> cirq_google.Calibration | None:
        """Returns the calibration now."""
        if self._config is None:
            return self._processor.get_current_calibration()
        return self._config.calibration

    def describe(self) -> dict[str, str]:
        """Returns processor, configuration, and run or snapshot."""
        sampler = self._sampler
        return {
            "processor": self._name.processor,
            "config": str(sampler.device_config_name),
            "run": str(sampler.run_name),
            "snapshot": str(sampler.snapshot_id),
        }

    def calibrated(self) -> str:
        """Returns the time of the current calibration, looked up every few minutes."""
        if self._config is not None and time.monotonic() - self._checked > CALIBRATION_SECONDS:
            self._config = self._find_config()
            self._checked = time.monotonic()
        moment = calibration_time(self._calibration())
        return "" if moment is None else moment.isoformat(timespec="seconds")

    def unavailable(self) -> str:
        """Returns why the processor takes no jobs now, looked up every few minutes."""
        if self._health is None or time.monotonic() - self._health[0] > CALIBRATION_SECONDS:
            self._health = time.monotonic(), out_of_service(self._name.processor, self._processor)
        return self._health[1]

    def send(self, job: Job, portion: Portion) -> EngineHandle:
        """Sends a job under its ids; returns the one that is there if they are known already.

        Args:
            job: The job.
            portion: What it runs.
        """
        circuits, sweeps, each = portion.circuits(), portion.sweeps(), portion.each()
        one = len({id(circuit) for circuit in circuits}) == 1
        program: Any = circuits[0] if one else circuits
        try:
            sent = self._processor.run_sweep(
                program=program,
                program_id=job.program_id,
                job_id=job.job_id,
                params=sweeps[0] if len(sweeps) == 1 else sweeps,
                repetitions=each[0] if len(each) == 1 else each,
                job_labels={"experiment": "quantum-advantage", "circuit": job.circuit},
                run_name=self._sampler.run_name,
                snapshot_id=self._sampler.snapshot_id,
                device_config_name=self._sampler.device_config_name,
            )
        except EngineException as error:
            found = self.find(job) if error.code == HTTPStatus.CONFLICT else None
            if found is None:
                raise
            return found
        return EngineHandle(sent)

    def find(self, job: Job) -> EngineHandle | None:
        """Returns the job of these ids, or None if the service does not know it."""
        try:
            found = self._engine.get_program(job.program_id).get_job(job.job_id)
            found.create_time()
        except KeyError:
            return None
        except EngineException as error:
            if error.code == HTTPStatus.NOT_FOUND:
                return None
            raise
        return EngineHandle(found)

    def decode(self, raw: bytes, portion: Portion) -> Sequence[cirq.Result]:
        """Reads what a job's ``fetch`` returned, one result for each parameter set in turn.

        Args:
            raw: The answer.
            portion: What the job ran.

        Raises:
            ValueError: If it cannot be read.
        """
        return decode_results(raw, portion)

    def notices(self) -> list[str]:
        """Returns what is planned for the processor in the next day, one line each.

        What the service does not tell is left out: nothing hangs on it.
        """
        try:
            return coming_up(self._name.processor, self._processor)
        except Exception as error:
            if self.explain(error) is None:
                raise
            return []

    def explain(self, error: Exception) -> str | None:
        """Returns what an error of the service means, in one line; None if it is not one."""
        text = self._without_project(" ".join(str(error).split()).rstrip("."))
        if isinstance(error, GoogleAuthError):
            return f"the credentials do not work ({text}); {LOGIN}"
        code = getattr(error, "code", None)
        if isinstance(error, (EngineException, GoogleAPICallError)):
            meanings: dict[int, str] = {
                HTTPStatus.UNAUTHORIZED: f"the credentials have expired; {LOGIN}",
                HTTPStatus.FORBIDDEN: "the project has no access to this processor",
                HTTPStatus.NOT_FOUND: "there is no such project, processor or configuration",
                HTTPStatus.TOO_MANY_REQUESTS: "the quota is spent; wait, or ask for more",
            }
            meaning = meanings.get(code) if isinstance(code, int) else None
            return f"{meaning} ({text})" if meaning else f"the service refused ({text})"
        if isinstance(error, TimeoutError):
            return f"no answer in time ({text or 'time-out'})"
        if isinstance(error, OSError):
            return f"the connection was lost ({text})"
        if isinstance(error, (RuntimeError, ValueError, StreamError)):
            return text
        return None

    def has_failed(self, error: Exception) -> bool:
        """Tells whether an error says that the job itself failed, so that it must be sent anew."""
        return isinstance(error, RuntimeError) and _FAILURE.match(str(error)) is not None

    def _without_project(self, text: str) -> str:
        """Takes the project out of an error, which goes into files."""
        text = _PROJECT.sub("projects/-", text)
        return text.replace(self._name.project, "-") if self._name.project else text


def _revision(snapshot: str, run: str) -> cirq_google.Snapshot | cirq_google.Run:
    """Returns which revision of a configuration is meant; a snapshot goes before a run."""
    return cirq_google.Snapshot(snapshot) if snapshot else cirq_google.Run(run)


def _describe_engine(
    name: str, device: cirq.Device, calibration: cirq_google.Calibration | None
) -> Device:
    """Describes a real processor; a calibration under unknown names leaves it without errors."""
    metrics = read_metrics({} if calibration is None else calibration)
    properties = metrics.noise_properties("legacy")
    return describe(name, device, properties, calibration_time(calibration), metrics.names)
