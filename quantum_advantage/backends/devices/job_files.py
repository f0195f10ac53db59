"""The files of a run on a real processor: its description and its jobs.

- ``run.json``: processor, configuration, calibration, the pairs chosen when the run began, and a
  random key in the ids of this run, unlike those of every other.
- ``NAME.json``: one job with its ids, times, circuit hash, repetitions and state.
- ``NAME.N.raw``: the service's answer to attempt N, until it is read.
- ``NAME.npz``: the outcomes. Both are those of ``job_outcomes``.

The JSON files carry a check. Types and ranges of all that is read are checked too: a time that is
no number would lift the cap on device time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path
from typing import Any

from quantum_advantage.core.fields import MOST_LETTERS, choice, number, text, whole
from quantum_advantage.core.fields import shown as shown_value
from quantum_advantage.core.files import read_json, write_json
from quantum_advantage.core.usage import UsageError

RUN = "run.json"
_HASH = r"[0-9a-f]{20}"
_KEY = r"[0-9a-f]{8}"
_DIGEST = r"([0-9a-f]{16})?"
_MOST_ATTEMPTS = 10**6
_MOST_POINTS = 10**9
_MOST_SECONDS = 1e9
_STATES = "planned", "sent", "done", "failed", "broken"
# A factor by which noise damps a letter.
_LARGEST_FACTOR = 1.0


class JobError(UsageError):
    """A job that could not be sent, run or fetched; everything finished is on disk.

    Example:
        >>> issubclass(JobError, UsageError)
        True
    """


@dataclass(frozen=True)
class Job:
    """One job, as it is on disk.

    Attributes:
        name: The first 20 hexadecimal digits of the hash of its circuit, parameter sets and seed.
        key: The key of its run.
        attempt: Counts the times it was sent anew after it had failed.
        circuit: The hash of the native circuit.
        points: The number of parameter sets.
        repetitions: Repetitions in all, over all parameter sets.
        seconds: Google's own estimate of its time on the processor.
        calibrated: The calibration at the time it was sent.
        created: When the service created it.
        finished: When the service finished it; empty if that is not known.
        ran: The configuration that it ran under, as the service tells it; empty if it does not.
        state: ``planned``, ``sent``, ``done``, ``failed``, or ``broken``: it ran, and its result,
            which is kept, cannot be read.
        reason: Why it failed, or cannot be read.
        digest: The first 16 hexadecimal digits of the SHA-256 of the file of its outcomes.

    Example:
        >>> job = Job("0" * 20, "89abcdef", 1, "1" * 20, points=10, repetitions=500, seconds=2.5)
        >>> job.check()
        >>> job.job_id, job.state
        ('qa-89abcdef-00000000000000000000-1', 'planned')
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
    ran: str = ""
    state: str = "planned"
    reason: str = ""
    digest: str = ""

    @property
    def program_id(self) -> str:
        """The program's id at the service; jobs of one circuit share it."""
        return f"qa-{self.circuit}"

    @property
    def job_id(self) -> str:
        """The job's id at the service."""
        return f"qa-{self.key}-{self.name}-{self.attempt}"

    def check(self) -> None:
        """Raises a ``ValueError`` that names the value if one cannot be."""
        text(self.name, "name", _HASH)
        text(self.key, "key", _KEY)
        whole(self.attempt, "attempt", 1, _MOST_ATTEMPTS)
        text(self.circuit, "circuit", _HASH)
        whole(self.points, "points", 1, _MOST_POINTS)
        whole(self.repetitions, "repetitions", 1, _MOST_POINTS)
        number(self.seconds, "seconds", 0, _MOST_SECONDS)
        for name in ("calibrated", "created", "finished", "ran", "reason"):
            text(getattr(self, name), name)
        choice(self.state, "state", *_STATES)
        text(self.digest, "digest", _DIGEST)


def one_line(message: str) -> str:
    """Returns a message as it may stand in a file: one line of printable characters.

    Example:
        >>> one_line(" the quota   is spent ")
        'the quota is spent'
    """
    words = " ".join(message.split())
    return "".join(c if c.isprintable() else "?" for c in words)[:MOST_LETTERS]


def write_job(folder: Path, job: Job) -> None:
    """Writes the description of a job.

    Args:
        folder: The folder of its run.
        job: The job.

    Raises:
        OSError: If it cannot be written.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> job = Job("0" * 20, "89abcdef", 1, "1" * 20, points=10, repetitions=500, seconds=2.5)
        >>> write_job(folder, job)
        >>> read_jobs(folder) == [job]
        True
    """
    shown = asdict(job) | {"program_id": job.program_id, "job_id": job.job_id}
    write_json(folder / f"{job.name}.json", shown)


def read_jobs(folder: Path) -> list[Job]:
    """Reads the jobs of a folder.

    Args:
        folder: The folder of a run.

    Raises:
        UsageError: If a file is no job.
        OSError: If a file cannot be read.

    Example:
        >>> import tempfile
        >>> read_jobs(Path(tempfile.mkdtemp()))
        []
    """
    paths = [path for path in sorted(folder.glob("*.json")) if path.name != RUN]
    return [_read_job(path) for path in paths]


def _read_job(path: Path) -> Job:
    what = "a job of this program"
    shown = read_json(path, what)
    try:
        for f in fields(Job):
            if f.name not in shown and f.default is MISSING:
                raise ValueError(f"{f.name} is missing")
        if unknown := set(shown) - {f.name for f in fields(Job)} - {"program_id", "job_id"}:
            raise ValueError(f"it holds {shown_value(min(unknown))}")
        job = Job(**{f.name: shown[f.name] for f in fields(Job) if f.name in shown})
        job.check()
        if job.name != path.stem:
            raise ValueError(f"its name is {job.name}")
        if (shown.get("program_id"), shown.get("job_id")) != (job.program_id, job.job_id):
            raise ValueError("its ids are not those of its name")
    except ValueError as error:
        raise UsageError(f"{path} is not {what} ({error}); restore or remove it") from None
    return job


def write_run(folder: Path, run: Mapping[str, Any]) -> None:
    """Writes the description of a run.

    Args:
        folder: The folder of the run.
        run: What JSON can hold, by name.

    Raises:
        OSError: If it cannot be written.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> pinned = {"pairs 1": "0.0-0.1"}
        >>> run = {"service": {}, "key": "89abcdef", "calibrated": "", "pinned": pinned}
        >>> write_run(folder, run)
        >>> read_run(folder) == run
        True
    """
    write_json(folder / RUN, run)


def read_run(folder: Path) -> dict[str, Any] | None:
    """Reads the description of a run; None if there is none.

    Args:
        folder: The folder of the run.

    Raises:
        UsageError: If it is damaged.
        OSError: If it cannot be read.

    Example:
        >>> import tempfile
        >>> read_run(Path(tempfile.mkdtemp())) is None
        True
    """
    path = folder / RUN
    if not path.exists():
        return None
    run = read_json(path, "the description of a run")
    try:
        for name in ("service", "pinned"):
            if not isinstance(run.get(name), dict):
                raise ValueError(f"{name} must be an object")
        if unknown := set(run) - {"service", "key", "calibrated", "started", "cut", "pinned"}:
            raise ValueError(f"it holds {shown_value(min(unknown))}")
        text(run.get("key"), "key", _KEY)
        text(run.get("calibrated"), "calibrated")
        text(run.get("cut", ""), "cut")
        for key, value in run["service"].items():
            text(value, key)
        for key, value in run["pinned"].items():
            _check_pinned(key, value)
    except ValueError as error:
        raise UsageError(
            f"{path} is damaged ({error}); restore it, or choose another --out"
        ) from None
    return run


def _check_pinned(key: str, value: Any) -> None:
    """Checks what was chosen when a run began: pairs as a text, or factors of four letters."""
    if key.startswith("damping"):
        for row in value if isinstance(value, list) else () if value is None else (0,):
            if not isinstance(row, list) or len(row) != 4:
                raise ValueError(f"{key} must be rows of four factors")
            for factor in row:
                number(factor, key, -_LARGEST_FACTOR, _LARGEST_FACTOR)
    elif value is not None:
        text(value, key)
