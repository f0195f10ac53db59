"""Counts on disk: one CSV row for each batch and number of copies, checked row by row.

A batch's rows are appended in one write. A row carries the CRC-32 of the rest of it, so that an
edited row is found and named; a torn last row is cut off before anything is appended, and its batch
is played again. A batch that is not whole does not count. A row that comes twice must be equal.
"""

from __future__ import annotations

import csv
import fcntl
import io
import os
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

from quantum_advantage.study.spec import Spec, shots_played, spec_id


@dataclass(frozen=True)
class Row:
    """The counts of one batch after so many copies.

    Attributes are the columns of the file; ``copies`` is the length of the prefix, ``budget`` that
    of the record, ``systems`` the number of distinct hidden systems.
    """

    experiment: str
    task: str
    protocol: str
    qubits: int
    backend: str
    source: str
    budget: int
    batch: int
    copies: int
    shots: int
    systems: int
    trials: int
    correct: int
    seed: int
    spec_id: str

    @classmethod
    def of(
        cls, experiment: str, spec: Spec, batch: int, copies: int, shots: int, correct: int
    ) -> Row:
        """Returns the row of one batch of a spec, every trial of which had a system of its own."""
        return cls(
            experiment,
            spec.task,
            spec.protocol,
            spec.qubits,
            spec.backend,
            spec.source,
            spec.budget,
            batch,
            copies,
            shots,
            spec.games,
            spec.games,
            correct,
            spec.seed,
            spec_id(spec),
        )

    @property
    def spec(self) -> Spec:
        """The spec that the row belongs to; its id is ``spec_id``."""
        return Spec(
            self.task,
            self.protocol,
            self.qubits,
            self.backend,
            self.budget,
            self.trials,
            self.seed,
        )


COLUMNS = tuple(f.name for f in fields(Row))
_NUMBERS = tuple(f.type == "int" for f in fields(Row))


def _line(values: Iterable[object]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(list(values))
    return text.getvalue()


HEADER = _line((*COLUMNS, "check"))


def format_row(row: Row) -> str:
    """Returns the row's line, with its check and line end."""
    line = _line(astuple(row))
    return f"{line},{zlib.crc32(line.encode()):08x}\n"


def _parse(line: str, number: int, path: Path) -> Row:
    body, _, check = line.rpartition(",")
    if f"{zlib.crc32(body.encode()):08x}" != check:
        raise ValueError(
            f"row {number} of {path} does not match its check {check!r}: it was edited or torn; "
            "restore it, or remove the line to have its batch played again"
        )
    (values,) = csv.reader([body])
    try:
        cells: list[Any] = [int(v) if n else v for v, n in zip(values, _NUMBERS, strict=True)]
        row = Row(*cells)
    except (ValueError, TypeError):
        raise ValueError(f"row {number} of {path} must have the columns {HEADER}") from None
    if row.spec_id != spec_id(row.spec):
        raise ValueError(f"row {number} of {path} has a spec_id that is not that of its columns")
    return row


class Counts:
    """The counts of one experiment, in memory and, if a path is given, on disk."""

    def __init__(self, experiment: str, path: Path | None = None) -> None:
        """Reads what is there.

        Args:
            experiment: The name that every row must carry.
            path: The CSV file; None keeps the counts in memory.

        Raises:
            ValueError: If the file is of another kind or experiment, or a row is damaged.
            OSError: If the file cannot be read.
        """
        self.experiment = experiment
        self.torn: int | None = None
        self._path = path
        self._whole = 0
        self._rows: dict[tuple[str, int, int], Row] = {}
        self._stream: io.FileIO | None = None
        if path is not None and path.exists():
            self._read(path)

    def _read(self, path: Path) -> None:
        content = path.read_bytes()
        self.torn = None
        self._whole = content.rfind(b"\n") + 1
        lines = content[: self._whole].decode(errors="replace").splitlines()
        if content[self._whole :]:
            self.torn = len(lines) + 1
        if lines and lines[0] != HEADER:
            raise ValueError(f"{path} is not a file of counts: its first line must be {HEADER}")
        if not lines and content and not HEADER.encode().startswith(content):
            raise ValueError(f"{path} is not a file of counts: its first line must be {HEADER}")
        for number, line in enumerate(lines[1:], start=2):
            row = _parse(line, number, path)
            if row.experiment != self.experiment:
                raise ValueError(
                    f"row {number} of {path} belongs to experiment {row.experiment!r}, not to "
                    f"{self.experiment!r}; choose another output folder"
                )
            self._add(row, f"row {number} of {path}")

    def _add(self, row: Row, where: str) -> None:
        key = (row.spec_id, row.batch, row.copies)
        if self._rows.setdefault(key, row) != row:
            raise ValueError(f"{where} contradicts an earlier row of the same batch")

    def open(self) -> None:
        """Opens the file for appending, alone; cuts off a torn last row.

        Raises:
            ValueError: If another process is collecting into the file.
            OSError: If the file cannot be written.
        """
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._stream = self._path.open("ab", buffering=0)
        try:
            fcntl.flock(self._stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.close()
            raise ValueError(f"{self._path} is in use by another run; wait for it") from None
        # Another run may have added rows since they were read.
        self._rows.clear()
        self._read(self._path)
        if self._path.stat().st_size > self._whole:
            self._stream.truncate(self._whole)
        if not self._whole:
            self._write(HEADER + "\n")

    def close(self) -> None:
        """Closes the file."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def _write(self, text: str) -> None:
        if self._stream is not None:
            content = text.encode()
            if self._stream.write(content) != len(content):
                raise OSError(f"{self._path} could not be written; is the disk full?")
            os.fsync(self._stream.fileno())

    def append(self, rows: list[Row]) -> None:
        """Adds the rows of one batch, on disk in one write.

        Raises:
            ValueError: If a row contradicts an earlier one.
            OSError: If the rows cannot be written.
        """
        for row in rows:
            self._add(row, f"copies {row.copies} of batch {row.batch} of {row.spec_id}")
        self._write("".join(map(format_row, rows)))

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows.values())

    def whole_batches(self) -> dict[Spec, dict[int, list[Row]]]:
        """Returns for each spec its whole batches, each with its rows in order of copies."""
        batches: dict[tuple[str, int], list[Row]] = {}
        for row in self:
            batches.setdefault((row.spec_id, row.batch), []).append(row)
        whole: dict[Spec, dict[int, list[Row]]] = {}
        for (_, batch), rows in sorted(batches.items()):
            rows.sort(key=lambda row: row.copies)
            per_shot = rows[0].copies // rows[0].shots
            expected = [per_shot * shots for shots in shots_played(rows[0].budget, per_shot)]
            if [row.copies for row in rows] == expected:
                whole.setdefault(rows[0].spec, {})[batch] = rows
        return whole
