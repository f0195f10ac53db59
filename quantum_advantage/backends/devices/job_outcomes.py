"""The results of the jobs of a run: the answers of the service, and the outcomes in them."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from quantum_advantage.backends.devices.job_files import Job
from quantum_advantage.core.files import read_file, write_file
from quantum_advantage.core.npy import read_npz

# What a job's outcomes and the service's answer may take, in bytes.
MOST_OUTCOMES = 2**30


def raw_path(folder: Path, job: Job) -> Path:
    """Returns where the service's answer to a job is kept.

    Args:
        folder: The folder of the run.
        job: The job.

    Example:
        >>> job = Job("0" * 20, "89abcdef", 2, "1" * 20, points=10, repetitions=500, seconds=2.5)
        >>> raw_path(Path("run"), job).name
        '00000000000000000000.2.raw'
    """
    return folder / f"{job.name}.{job.attempt}.raw"


def outcomes_path(folder: Path, job: Job) -> Path:
    """Returns where the outcomes of a job are kept.

    Args:
        folder: The folder of the run.
        job: The job.

    Example:
        >>> job = Job("0" * 20, "89abcdef", 2, "1" * 20, points=10, repetitions=500, seconds=2.5)
        >>> outcomes_path(Path("run"), job).name
        '00000000000000000000.npz'
    """
    return folder / f"{job.name}.npz"


def write_outcomes(folder: Path, job: Job, outcomes: Mapping[str, npt.NDArray[np.uint8]]) -> str:
    """Writes the outcomes of a job, and returns their digest.

    Args:
        folder: The folder of the run.
        job: The job.
        outcomes: For each name (repetitions, qubits) bits.

    Raises:
        OSError: If they cannot be written.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> job = Job("0" * 20, "89abcdef", 1, "1" * 20, points=1, repetitions=2, seconds=2.5)
        >>> digest = write_outcomes(folder, job, {"m": np.array([[0], [1]], np.uint8)})
        >>> read_outcomes(folder, job, {"m": (2, 1)})["m"].tolist()
        [[0], [1]]
    """
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, **outcomes)
    write_file(outcomes_path(folder, job), content.getvalue())
    return _digest(content.getvalue())


def read_outcomes(
    folder: Path, job: Job, shapes: Mapping[str, tuple[int, int]]
) -> dict[str, npt.NDArray[np.uint8]]:
    """Reads the outcomes of a job.

    Args:
        folder: The folder.
        job: The job.
        shapes: For each name (repetitions, qubits), as the job's portion says.

    Returns:
        For each name its bits.

    Raises:
        ValueError: If the file is damaged, or of another job.
        OSError: If it cannot be read.

    Example:
        >>> import tempfile
        >>> from dataclasses import replace
        >>> folder = Path(tempfile.mkdtemp())
        >>> job = Job("0" * 20, "89abcdef", 1, "1" * 20, points=1, repetitions=2, seconds=2.5)
        >>> _ = write_outcomes(folder, job, {"m": np.array([[0], [1]], np.uint8)})
        >>> read_outcomes(folder, replace(job, digest="0" * 16), {"m": (2, 1)})
        Traceback (most recent call last):
        ValueError: it does not match the digest of its job
    """
    path = outcomes_path(folder, job)
    if job.digest and _digest(read_file(path, MOST_OUTCOMES)) != job.digest:
        raise ValueError("it does not match the digest of its job")
    largest = max((shots * width for shots, width in shapes.values()), default=0)
    found = read_npz(path, shapes, most=MOST_OUTCOMES, largest=largest)
    check_outcomes(found, shapes)
    return found


def check_outcomes(
    outcomes: Mapping[str, npt.NDArray[Any]], shapes: Mapping[str, tuple[int, int]]
) -> None:
    """Refuses outcomes that are no bits in the shapes of a job.

    Args:
        outcomes: For each name what should be (repetitions, qubits) bits.
        shapes: The shapes.

    Raises:
        ValueError: If names, shapes or values differ.

    Example:
        >>> check_outcomes({"m": np.array([[0], [2]], np.uint8)}, {"m": (2, 1)})
        Traceback (most recent call last):
        ValueError: its outcomes 'm' must be bits
    """
    found = {name: array.shape for name, array in outcomes.items()}
    if found != dict(shapes):
        raise ValueError(f"its outcomes must have the shapes {dict(shapes)}, not {found}")
    for name, array in outcomes.items():
        if array.dtype != np.uint8 or (array.size and array.max() > 1):
            raise ValueError(f"its outcomes {name!r} must be bits")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
