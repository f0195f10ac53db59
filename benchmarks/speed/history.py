"""The history: a file to which each run adds a line of JSON, and from which nothing is removed."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from quantum_advantage.core.files import CHECK, check_of, parse_json, read_text, write_all
from quantum_advantage.core.usage import UsageError
from speed import machine

ROOT = Path(__file__).resolve().parents[2]
KEYS = {"date", "version", "commit", "machine", "load", "results", "skipped"}

Record = Mapping[str, Any]


def new_record(
    results: Mapping[str, Any], skipped: Mapping[str, str], load: float | None
) -> dict[str, Any]:
    """Makes the record of a run that ends now.

    Args:
        results: What was measured, by workload.
        skipped: Why others were not, by workload.
        load: The load of the machine before the run.
    """
    try:
        package: str | None = version("quantum-advantage")
    except PackageNotFoundError:
        package = None
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "version": package,
        "commit": _commit(),
        "machine": machine.describe(),
        "load": load,
        "results": dict(results),
        "skipped": dict(skipped),
    }


def _commit() -> str | None:
    """Returns the commit that is checked out, with a plus if files differ from it."""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        text = subprocess.run(
            ["git", "describe", "--always", "--dirty=+", "--abbrev=12", "--exclude=*"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
            timeout=20,
        ).stdout
        return text.strip() or None
    return None


def line_of(record: Record) -> str:
    """Writes a record as the line of the file, with the check of its values."""
    return json.dumps({**record, CHECK: check_of(record)}, allow_nan=False) + "\n"


def read_history(path: Path) -> list[dict[str, Any]]:
    """Reads all records, the oldest first.

    Args:
        path: The file; one that does not exist has no records.

    Raises:
        UsageError: If a line is not a record that this program wrote.
        OSError: If the file cannot be read.
    """
    try:
        text = read_text(path)
    except FileNotFoundError:
        return []
    records = []
    for number, line in enumerate(text.splitlines(keepends=True), start=1):
        record = _record(line)
        if record is None:
            raise UsageError(
                f"{path} is damaged in line {number}: restore the line, or take it out; "
                "nothing was changed"
            )
        records.append(record)
    return records


def _record(line: str) -> dict[str, Any] | None:
    """Returns the record of a whole line, or None if it is damaged."""
    try:
        values = parse_json(line)
    except ValueError:
        return None
    if not (line.endswith("\n") and isinstance(values, dict)):
        return None
    check = values.pop(CHECK, None)
    if check != check_of(values) or not set(values) >= KEYS:
        return None
    return values


def append(path: Path, record: Record) -> None:
    """Adds a record as the last line; what stands in the file is not touched.

    Two programs that add at the same time wait for each other. If the disk refuses a part of the
    line, the file is cut back to what it was.

    Args:
        path: The file; it is made if it does not exist.
        record: The record.

    Raises:
        UsageError: If a line of the file is damaged.
        OSError: If it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        read_history(path)
        end = os.fstat(handle).st_size
        try:
            write_all(handle, line_of(record).encode())
            os.fsync(handle)
        except BaseException as error:
            os.ftruncate(handle, end)
            if isinstance(error, OSError) and error.filename is None:
                raise type(error)(error.errno, error.strerror, str(path)) from error
            raise
    finally:
        os.close(handle)
