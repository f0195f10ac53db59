"""Results on disk: CSV rows that are appended batch by batch and checked row by row.

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
from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from quantum_advantage.study.spec import Spec, spec_id
from quantum_advantage.usage import UsageError


class CheckedRow(Protocol):
    """A frozen dataclass of strings, ints and floats, whose fields are the columns of a file."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def experiment(self) -> str:
        """The experiment that the row belongs to."""
        ...

    @property
    def batch(self) -> int:
        """The number of its batch."""
        ...

    @property
    def spec_id(self) -> str:
        """The id of the spec that the row is a result of."""
        ...

    @property
    def spec(self) -> Spec:
        """That spec, from the other columns."""
        ...

    @property
    def place(self) -> Hashable:
        """What tells the rows of a batch apart."""
        ...


R = TypeVar("R", bound=CheckedRow)


def _line(values: Iterable[object]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(list(values))
    return text.getvalue()


def header_of(kind: type[CheckedRow]) -> str:
    """Returns the first line of a file of such rows, without its end."""
    return _line([*(f.name for f in fields(kind)), "check"])


def format_row(row: CheckedRow) -> str:
    """Returns the row's line, with its check and line end; floats keep all their digits."""
    line = _line(astuple(row))
    return f"{line},{zlib.crc32(line.encode()):08x}\n"


def write_table(columns: Sequence[str], records: Iterable[object], path: Path) -> None:
    """Writes one line of a summary for each record, replacing the old file in one step.

    Args:
        columns: The names of the attributes that are written; None is an empty cell, and floats
            have six significant digits.
        records: What is summarised.
        path: The CSV file.
    """
    lines = [_line(columns)]
    lines += [_line(_cell(getattr(record, column)) for column in columns) for record in records]
    partial = path.with_suffix(".partial")
    partial.write_text("".join(f"{line}\n" for line in lines))
    partial.replace(path)


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


class RowFile(ABC, Generic[R]):
    """The rows of one experiment, in memory and, if a path is given, on disk."""

    KIND: ClassVar[type[Any]]
    # What the file holds, in messages.
    NOUN: ClassVar[str]

    def __init__(self, experiment: str, path: Path | None = None) -> None:
        """Reads what is there.

        Args:
            experiment: The name that every row must carry.
            path: The CSV file; None keeps the rows in memory.

        Raises:
            ValueError: If the file is of another kind or experiment, or a row is damaged.
            OSError: If the file cannot be read.
        """
        self.experiment = experiment
        self.torn: int | None = None
        self._path = path
        self._whole = 0
        self._rows: dict[tuple[str, int, Hashable], R] = {}
        self._stream: io.FileIO | None = None
        if path is not None and path.exists():
            self._read(path)

    @abstractmethod
    def _order(self, row: R) -> Any:
        """Returns what sorts the rows of a batch."""

    @abstractmethod
    def _is_whole(self, rows: list[R]) -> bool:
        """Tells whether these rows, in order, are a whole batch."""

    def _read(self, path: Path) -> None:
        content = path.read_bytes()
        self.torn = None
        self._whole = content.rfind(b"\n") + 1
        lines = content[: self._whole].decode(errors="replace").splitlines()
        header = header_of(self.KIND)
        if content[self._whole :]:
            self.torn = len(lines) + 1
        foreign = lines[0] != header if lines else not header.encode().startswith(content)
        if foreign:
            raise UsageError(
                f"{path} is not a file of {self.NOUN}: its first line must be {header}"
            )
        for number, line in enumerate(lines[1:], start=2):
            row = self._parse(line, number, path)
            if row.experiment != self.experiment:
                raise UsageError(
                    f"row {number} of {path} belongs to experiment {row.experiment!r}, not to "
                    f"{self.experiment!r}; choose another output folder"
                )
            self._add(row, f"row {number} of {path}")

    def _parse(self, line: str, number: int, path: Path) -> R:
        body, _, check = line.rpartition(",")
        if f"{zlib.crc32(body.encode()):08x}" != check:
            raise UsageError(
                f"row {number} of {path} does not match its check {check!r}: it was edited or "
                "torn; restore it, or remove the line to have its batch played again"
            )
        (values,) = csv.reader([body])
        readers = {"int": int, "float": float}
        kinds = [readers.get(str(f.type), str) for f in fields(self.KIND)]
        try:
            row: R = self.KIND(*(read(v) for v, read in zip(values, kinds, strict=True)))
        except (ValueError, TypeError):
            header = header_of(self.KIND)
            raise UsageError(f"row {number} of {path} must have the columns {header}") from None
        if row.spec_id != spec_id(row.spec):
            raise UsageError(
                f"row {number} of {path} has a spec_id that is not that of its columns"
            )
        return row

    def _add(self, row: R, where: str) -> None:
        key = (row.spec_id, row.batch, row.place)
        if self._rows.setdefault(key, row) != row:
            raise UsageError(f"{where} contradicts an earlier row of the same batch")

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
            raise UsageError(f"{self._path} is in use by another run; wait for it") from None
        # Another run may have added rows since they were read.
        self._rows.clear()
        self._read(self._path)
        if self._path.stat().st_size > self._whole:
            self._stream.truncate(self._whole)
        if not self._whole:
            self._write(header_of(self.KIND) + "\n")

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

    def append(self, rows: list[R]) -> None:
        """Adds the rows of one batch, on disk in one write.

        Raises:
            ValueError: If a row contradicts an earlier one.
            OSError: If the rows cannot be written.
        """
        for row in rows:
            self._add(row, f"{row.place} of batch {row.batch} of {row.spec_id}")
        self._write("".join(map(format_row, rows)))

    def __iter__(self) -> Iterator[R]:
        return iter(self._rows.values())

    def whole_batches(self) -> dict[Spec, dict[int, list[R]]]:
        """Returns for each spec its whole batches, each with its rows in order."""
        batches: dict[tuple[str, int], list[R]] = {}
        for row in self:
            batches.setdefault((row.spec_id, row.batch), []).append(row)
        whole: dict[Spec, dict[int, list[R]]] = {}
        for (_, batch), rows in sorted(batches.items()):
            rows.sort(key=self._order)
            if self._is_whole(rows):
                whole.setdefault(rows[0].spec, {})[batch] = rows
        return whole
