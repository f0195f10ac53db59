"""Writes the page about a run."""

from __future__ import annotations

from pathlib import Path

from quantum_advantage.core.files import write_file
from quantum_advantage.core.usage import UsageError
from quantum_advantage.reports import sections
from quantum_advantage.reports.elements import page

NAME = "report.html"


def write_report(folder: Path) -> Path:
    """Writes one page about a run, which needs no other file and no network.

    It holds the figures and summaries, the preflights on the chip's map, the jobs and their times,
    the certificates, the claims, the provenance, and what was lost. Every number on it stands so in
    a file of the folder, whose digest is on the page.

    Args:
        folder: The output folder of experiments.

    Returns:
        The page, ``report.html`` in the folder.

    Raises:
        UsageError: If the folder is none, or holds nothing of a run.
        OSError: If the page cannot be written.

    Example:
        >>> write_report(Path("there_is_no_such_folder"))
        Traceback (most recent call last):
        quantum_advantage.core.usage.UsageError: there_is_no_such_folder is no folder; name the \
--out of an experiment
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder; name the --out of an experiment")
    reading = sections.Reading(folder)
    found = [
        ("Results", sections.results(reading)),
        ("Preflight", sections.preflights(reading)),
        ("Jobs", sections.jobs(reading)),
        ("Certificates", sections.certificates(reading)),
        ("Claims", sections.claims(reading)),
        ("Provenance", sections.provenance(reading)),
    ]
    if not reading.files and not reading.lost:
        raise UsageError(f"{folder} holds nothing of a run; name the --out of an experiment")
    # What was lost is known when all is read, and is the first thing to see.
    whole = [
        ("What was lost", sections.lost(reading)),
        *((name, html) for name, html in found if html),
        ("Files", sections.read_files(reading)),
    ]
    path = folder / NAME
    if path.exists() and "<title>Report of " not in path.read_text("utf-8", errors="replace"):
        raise UsageError(f"{path} is no report of a run; move it away")
    write_file(path, page(f"Report of {folder.resolve().name}", whole))
    return path
