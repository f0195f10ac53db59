"""What the files of a run say, section by section.

A section is made of what can be read. What cannot is told in a line of its own, as is all that was
lost: jobs that failed, answers that cannot be read, points beyond the budget.
"""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from quantum_advantage.backends.devices.job_files import RUN, Job, read_jobs, read_run
from quantum_advantage.certify.choices import FOLDER as CERTIFICATES
from quantum_advantage.certify.files import read_certificate
from quantum_advantage.core.files import read_file, read_text
from quantum_advantage.core.usage import UsageError
from quantum_advantage.preflight.files import read_preflight
from quantum_advantage.reports.elements import (
    heading,
    listing,
    paragraph,
    picture,
    preformatted,
    table,
)
from quantum_advantage.study.accuracy import Point, read_summary
from quantum_advantage.study.errors import EstimatePoint, is_summary_of_estimates, read_estimates
from quantum_advantage.study.kinds import read_dataset
from quantum_advantage.study.provenance import provenance_path, read_provenance

SUMMARY = "_summary.csv"
T = TypeVar("T")


@dataclass
class Reading:
    """What is read of a folder.

    Attributes:
        folder: The output folder of a run.
        files: The files that were read, with the SHA-256 of what was in them.
        lost: A line for each thing that was lost or cannot be read.

    Example:
        >>> reading = Reading(Path("out"))
        >>> reading.tried(read_text, Path("there_is_no_such_file")) is None, reading.lost
        (True, ['there_is_no_such_file cannot be read: No such file or directory'])
    """

    folder: Path
    files: dict[Path, str] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)

    def tried(self, read: Callable[[Path], T], path: Path) -> T | None:
        """Returns what is read, or None, with a line among what was lost."""
        try:
            return read(path)
        except OSError as error:
            self.lost.append(f"{error.filename} cannot be read: {error.strerror}")
        except UsageError as error:
            self.lost.append(str(error))
        return None

    def text(self, path: Path) -> str | None:
        """Returns a file, and notes its digest."""
        text = self.tried(read_text, path)
        if text is not None:
            self.files[path] = hashlib.sha256(text.encode()).hexdigest()
        return text

    def noted(self, path: Path) -> bytes | None:
        """Returns the octets of a file, and notes their digest."""
        octets = self.tried(read_file, path)
        if octets is not None:
            self.files[path] = hashlib.sha256(octets).hexdigest()
        return octets

    def image(self, path: Path, alt: str) -> str:
        """Returns a picture of the folder, or nothing where there is none."""
        octets = self.noted(path) if path.exists() else None
        return "" if octets is None else picture(octets, alt)

    def table(self, path: Path, caption: str) -> str:
        """Returns a CSV file as a table, its cells as they stand."""
        text = self.text(path)
        if text is None:
            return ""
        try:
            head, *rows = csv.reader(text.splitlines(), strict=True)
        except (ValueError, csv.Error):
            self.lost.append(f"{path} is no table of comma-separated values")
            return ""
        return table(caption, head, rows)

    def shown(self, path: Path) -> str:
        """Returns a path as seen from the folder."""
        return str(path.relative_to(self.folder)) if path.is_relative_to(self.folder) else str(path)


def results(reading: Reading) -> str:
    """Returns the figure and the summary of each experiment of a folder."""
    parts = []
    for path in sorted((reading.folder / "data").glob(f"*{SUMMARY}")):
        points = reading.tried(_read_points, path)
        if points is None:
            continue
        name = path.name.removesuffix(SUMMARY)
        parts += [
            heading(name),
            reading.image(reading.folder / f"{name}.svg", f"the figure of {name}; numbers below"),
            reading.table(path, f"{reading.shown(path)}, with 95 % intervals"),
        ]
        reading.lost += [
            f"{p.spec.protocol}, n = {p.spec.qubits}, {p.spec.backend}: {p.target:.0%} was not "
            f"reached within {p.copies_low:g} copies"
            for p in points
            if isinstance(p, Point) and p.copies is None
        ]
    return "".join(parts) or paragraph("The folder holds no summary of an experiment.")


def _read_points(path: Path) -> Sequence[Point] | Sequence[EstimatePoint]:
    return read_estimates(path) if is_summary_of_estimates(path) else read_summary(path)


def preflights(reading: Reading) -> str:
    """Returns the preflights of a folder: the chip's map and the numbers of its pairs."""
    parts = []
    for path in sorted((reading.folder / "preflight").glob("*.csv")):
        record = reading.tried(read_preflight, path)
        if record is None:
            continue
        parts += [
            heading(f"{record.backend}, {record.pairs} pairs"),
            reading.image(
                path.with_suffix(".svg"), f"the pairs in use on the map of {record.backend}"
            ),
            reading.table(path, reading.shown(path)),
        ]
    return "".join(parts)


def jobs(reading: Reading) -> str:
    """Returns the jobs of a folder on real processors: what they were, and how long they took."""
    return "".join(
        _jobs_of(reading, path.parent) for path in sorted(reading.folder.glob(f"jobs/*/{RUN}"))
    )


_JOB_HEAD = (
    "job", "state", "settings", "repetitions", "estimated s", "created", "finished", "took s",
    "calibration", "ran under", "attempt", "reason",
)  # fmt: skip


def _jobs_of(reading: Reading, folder: Path) -> str:
    run, made = reading.tried(read_run, folder), reading.tried(read_jobs, folder)
    if run is None or made is None:
        return ""
    made = sorted(made, key=lambda job: (job.created, job.name))
    states = Counter(job.state for job in made)
    reading.lost += [
        f"job {job.job_id} {job.state}: {job.reason or 'its result was never fetched'}"
        for job in made
        if job.state != "done"
    ]
    reading.lost += [
        f"job {job.job_id} had to be sent {job.attempt} times" for job in made if job.attempt > 1
    ]
    if len(moments := {job.calibrated for job in made if job.calibrated}) > 1:
        reading.lost.append(
            f"{reading.shown(folder)}: the calibration changed during the run "
            f"({', '.join(sorted(moments))})"
        )
    said = {**run["service"], "begun": run.get("started", ""), "calibrated": run["calibrated"]}
    return "".join(
        [
            heading(reading.shown(folder)),
            listing(f"{key}: {value}" for key, value in said.items() if value),
            paragraph(
                f"{len(made)} jobs ({', '.join(f'{n} {state}' for state, n in states.items())}), "
                f"{sum(job.repetitions for job in made)} repetitions, "
                f"{sum(job.seconds for job in made):.0f} s on the processor by Google's estimate."
            ),
            table(f"the jobs of {reading.shown(folder)}", _JOB_HEAD, map(_job_row, made)),
        ]
    )


def _job_row(job: Job) -> Sequence[str]:
    return (
        job.job_id, job.state, str(job.points), str(job.repetitions), f"{job.seconds:.1f}",
        job.created, job.finished, _seconds_between(job.created, job.finished), job.calibrated,
        job.ran, str(job.attempt), job.reason,
    )  # fmt: skip


def _seconds_between(begin: str, end: str) -> str:
    try:
        return (
            f"{(datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds():.0f}"
        )
    except (ValueError, TypeError):
        return ""


def certificates(reading: Reading) -> str:
    """Returns the certificates of a folder as they were printed."""
    parts = []
    for path in sorted((reading.folder / CERTIFICATES).glob("*.json")):
        if reading.tried(read_certificate, path.with_suffix("")) is None:
            continue
        reading.noted(path)
        parts += [
            heading(path.stem),
            reading.image(path.with_suffix(".svg"), "the right answers beside the proven bound"),
            preformatted(reading.text(path.with_suffix(".txt")) or ""),
        ]
    return "".join(parts)


def claims(reading: Reading) -> str:
    """Returns the table of claims, if the folder has one."""
    path = reading.folder / "claims.md"
    text = reading.text(path) if path.exists() else None
    lines = [line.strip("| ").split(" | ") for line in (text or "").splitlines() if line[:1] == "|"]
    return table(reading.shown(path), lines[0], lines[2:]) if len(lines) > 2 else ""


_SPEC_HEAD = ("spec", "circuit", "sampler", "batches", "s a batch", "first", "last", "environment")


def provenance(reading: Reading) -> str:
    """Returns what made the rows: circuits, samplers, versions, days."""
    parts = []
    for path in sorted((reading.folder / "data").glob("*.csv")):
        beside = provenance_path(path)
        if path.name.endswith(SUMMARY) or not beside.exists():
            continue
        reading.noted(path)
        rows_read = reading.tried(read_dataset, path)
        if rows_read is not None and rows_read.torn is not None:
            reading.lost.append(
                f"{reading.shown(path)}: row {rows_read.torn} begins an unfinished batch; the "
                "same command plays it again"
            )
        found = reading.tried(read_provenance, beside)
        if found is None:
            continue
        reading.noted(beside)
        rows = [
            (
                spec, entry.origin.circuit[:12], entry.origin.sampler[:12], str(entry.batches),
                f"{entry.seconds:.3g}", str(entry.first), str(entry.last),
                ", ".join(str(k + 1) for k in entry.environments),
            )
            for spec, entry in found.entries.items()
        ]  # fmt: skip
        parts += [
            heading(reading.shown(path)),
            paragraph(f"{0 if rows_read is None else len(list(rows_read))} rows, all checked."),
            table("what made the rows (first 12 digits of the digests)", _SPEC_HEAD, rows),
            *(
                table(f"environment {k}", tuple(versions), [tuple(versions.values())])
                for k, versions in enumerate(found.environments, start=1)
            ),
        ]
    return "".join(parts)


def read_files(reading: Reading) -> str:
    """Returns the files that the page quotes, with their digests."""
    rows = [(reading.shown(path), digest) for path, digest in sorted(reading.files.items())]
    return table("files and their SHA-256", ("file", "SHA-256"), rows)


def lost(reading: Reading) -> str:
    """Returns what was lost, or that nothing was."""
    lines: Iterable[str] = dict.fromkeys(reading.lost)
    if not reading.lost:
        return paragraph(
            "Nothing: every file was read, every job is done, every point was reached."
        )
    return f'<div class="lost">{listing(lines)}</div>'
