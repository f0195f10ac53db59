"""What a processor that runs jobs must offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import cirq

from quantum_advantage.backends.devices.job_files import Job
from quantum_advantage.backends.devices.packing import Portion


class Handle(Protocol):
    """A job at the service."""

    def fetch(self, portion: Portion) -> bytes:
        """Waits for the result of the job and returns it as the service sent it."""
        ...

    def times(self) -> tuple[str, str]:
        """Returns when the job was created and last updated, as ISO times; empty if not known."""
        ...

    def configuration(self) -> str:
        """Returns the configuration that the job ran under, in words; empty if not known."""
        ...


class Service(Protocol):
    """A processor that runs jobs."""

    def describe(self) -> Mapping[str, str]:
        """Returns processor, configuration, and run or snapshot."""
        ...

    def calibrated(self) -> str:
        """Returns the time of the current calibration, as an ISO time, or an empty text."""
        ...

    def unavailable(self) -> str:
        """Returns why no job can be sent now, in words; an empty text if one can."""
        ...

    def send(self, job: Job, portion: Portion) -> Handle:
        """Sends a job under its ids; returns the one that is there if they are known already.

        Args:
            job: The job.
            portion: What it runs.
        """
        ...

    def find(self, job: Job) -> Handle | None:
        """Returns the job of these ids, or None if the service does not know it."""
        ...

    def decode(self, raw: bytes, portion: Portion) -> Sequence[cirq.Result]:
        """Reads what a job's ``fetch`` returned, one result for each parameter set in turn.

        Raises:
            ValueError: If it cannot be read.
        """
        ...

    def explain(self, error: Exception) -> str | None:
        """Returns what an error of the service means, in one line; None if it is not one."""
        ...

    def has_failed(self, error: Exception) -> bool:
        """Tells whether an error says that the job itself failed, so that it must be sent anew."""
        ...
