"""Results on disk: CSV rows that are appended batch by batch and checked row by row.

The rows of a batch are appended in one write. A write that fails, as on a full disk, is undone.
What a killed process leaves behind, a torn row or a part of a batch, is cut off before anything is
appended, and the batch is played again. A batch that is not whole does not count. A row that comes
twice must be equal both times, and is not written twice.
"""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic

from quantum_advantage.core.files import write_all
from quantum_advantage.core.usage import UsageError
from quantum_advantage.study.lines import R, format_row, header_of, parse_row
from quantum_advantage.study.spec import Spec
from quantum_advantage.study.tables import MOST_LINE

_Key = tuple[str, int, str]


@dataclass(frozen=True)
class Kind(Generic[R]):
    """What a dataset holds.

    Attributes:
        row: Its rows.
        noun: What they are, in messages.
        in_order: Returns the rows of one batch in order; None if they are not all of it.

    Example:
        >>> from quantum_advantage.study.kinds import DECISIONS, ESTIMATES
        >>> DECISIONS.noun, ESTIMATES.noun
        ('counts', 'estimates')
    """

    row: type[R]
    noun: str
    in_order: Callable[[list[R]], list[R] | None]


class Dataset(Generic[R]):
    """The rows of one experiment, in memory and, if a path is given, on disk.

    Example:
        A batch counts once it is whole, that is after all numbers of copies that a budget has:

        >>> from quantum_advantage.study.kinds import decisions
        >>> from quantum_advantage.study.rows import DecisionRow
        >>> spec = Spec("purity", "bell", 10, "law", budget=4, batch_size=50, seed=1)
        >>> played = decisions("mine")
        >>> played.append([DecisionRow.of("mine", spec, 0, copies=2, shots=1, correct=38)])
        >>> played.whole_batches()
        {}
        >>> played.append([DecisionRow.of("mine", spec, 0, copies=4, shots=2, correct=45)])
        >>> [row.correct for row in played.whole_batches()[spec][0]]
        [38, 45]
    """

    def __init__(self, kind: Kind[R], experiment: str, path: Path | None = None) -> None:
        """Reads what is there.

        Args:
            kind: What the rows are.
            experiment: The name that every row must carry.
            path: The CSV file; None keeps the rows in memory.

        Attributes:
            path: The CSV file, or None.
            torn: The number of the first row, counted from 1 with the header, of a
                batch that a killed process left unfinished; None if there is none.

        Raises:
            ValueError: If the file is of another kind or experiment, or a row is damaged.
            OSError: If the file cannot be read.
        """
        self.kind = kind
        self.experiment = experiment
        self.torn: int | None = None
        self.path = path
        # The byte at which the last row ends, and whether a line end follows it.
        self._whole = 0
        self._ended = True
        # The latest run of rows of one batch: their keys, and the byte and row where it begins.
        self._last: list[_Key] = []
        self._last_start = 0
        self._last_number = 0
        self._rows: dict[_Key, R] = {}
        self._stream: io.FileIO | None = None
        if path is not None and path.exists():
            self._read(path)

    def _read(self, path: Path) -> None:
        self.torn, self._whole, self._ended, self._last = None, 0, True, []
        with path.open("rb") as stream:
            self._read_header(path, stream.readline(MOST_LINE))
            number = 1
            while octets := stream.readline(MOST_LINE):
                number += 1
                self._read_line(path, octets, number)

    def _read_header(self, path: Path, octets: bytes) -> None:
        header = header_of(self.kind.row).encode()
        if octets.endswith(b"\n"):
            if octets.rstrip(b"\r\n") == header:
                self._whole = len(octets)
                return
        elif header.startswith(octets):
            self.torn = 1 if octets else None
            return
        mark = ", without the mark of its byte order" if octets.startswith(b"\xef\xbb\xbf") else ""
        raise UsageError(
            f"{path} is not a file of {self.kind.noun}: its first line must be "
            f"{header.decode()}{mark}"
        )

    def _read_line(self, path: Path, octets: bytes, number: int) -> None:
        where = f"row {number} of {path}"
        ended = octets.endswith(b"\n")
        if len(octets) == MOST_LINE and not ended:
            raise UsageError(f"{where} is longer than {MOST_LINE} bytes")
        # A file that was edited on Windows has other line ends.
        line = octets.removesuffix(b"\n").removesuffix(b"\r").decode(errors="replace")
        try:
            row = parse_row(self.kind.row, line, where)
        except UsageError:
            if ended:
                raise
            self.torn = number
            return
        if row.experiment != self.experiment:
            raise UsageError(
                f"{where} belongs to experiment {row.experiment!r}, not to "
                f"{self.experiment!r}; choose another output folder"
            )
        key = self._key(row)
        if not self._last or self._last[-1][:2] != key[:2]:
            self._last, self._last_start, self._last_number = [], self._whole, number
        if key not in self._rows:
            self._last.append(key)
        self._add(row, where)
        self._whole += len(octets)
        self._ended = ended

    @staticmethod
    def _key(row: R) -> _Key:
        return row.spec.id, row.batch, row.place

    def _add(self, row: R, where: str) -> None:
        if self._rows.setdefault(self._key(row), row) != row:
            raise UsageError(f"{where} contradicts an earlier row of the same batch")

    def open(self) -> None:
        """Opens and locks the file for appending; cuts off what a killed process left of a batch.

        Raises:
            ValueError: If another process is collecting into the file.
            OSError: If the file cannot be written.

        Example:
            >>> import tempfile
            >>> from quantum_advantage.study.kinds import decisions
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     first, second = (decisions("mine", Path(folder, "mine.csv")) for _ in range(2))
            ...     first.open()
            ...     try:
            ...         second.open()
            ...     except ValueError as error:
            ...         print(error)
            ...     first.close()
            /.../mine.csv is in use by another run; wait for it
        """
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._stream = self.path.open("ab", buffering=0)
        try:
            fcntl.flock(self._stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.close()
            raise UsageError(f"{self.path} is in use by another run; wait for it") from None
        try:
            # Another run may have added rows since they were read.
            self._rows.clear()
            self._read(self.path)
            self._cut_part_of_a_batch()
            if self.path.stat().st_size > self._whole:
                self._stream.truncate(self._whole)
            if not self._whole:
                self._write(header_of(self.kind.row) + "\n")
            elif not self._ended:
                self._write("\n")
        except BaseException:
            self.close()
            raise

    def _cut_part_of_a_batch(self) -> None:
        """Forgets the rows at the end of the file if they are but a part of their batch."""
        if not self._last:
            return
        spec, batch, _ = self._last[-1]
        there = [row for key, row in self._rows.items() if key[:2] == (spec, batch)]
        if self._whole_batch(there) is not None:
            return
        for key in self._last:
            del self._rows[key]
        self._whole, self._ended = self._last_start, True
        self.torn = self._last_number

    def close(self) -> None:
        """Closes the file."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def _write(self, text: str) -> None:
        """Appends to the file; takes back a write that fails."""
        if self._stream is None:
            return
        handle = self._stream.fileno()
        end = os.fstat(handle).st_size
        try:
            write_all(handle, text.encode())
            os.fsync(handle)
        except BaseException as error:
            with contextlib.suppress(OSError):
                os.ftruncate(handle, end)
            if isinstance(error, OSError):
                raise OSError(error.errno, error.strerror, str(self.path)) from error
            raise

    def append(self, rows: list[R]) -> None:
        """Adds the rows of one batch, on disk in one write; rows that are there already are kept.

        Raises:
            ValueError: If a row contradicts an earlier one, or could not be read back.
            OSError: If the rows cannot be written; then none of them is added.
        """
        fresh: dict[_Key, R] = {}
        for row in rows:
            row.check()
            key = self._key(row)
            if (self._rows.get(key) or fresh.setdefault(key, row)) != row:
                where = f"{row.place} of batch {row.batch} of {row.spec.id}"
                raise UsageError(f"{where} contradicts an earlier row of the same batch")
        self._write("".join(map(format_row, fresh.values())))
        self._rows.update(fresh)

    def __iter__(self) -> Iterator[R]:
        return iter(self._rows.values())

    def _whole_batch(self, rows: list[R]) -> list[R] | None:
        try:
            return self.kind.in_order(rows)
        except UsageError as error:
            place = f"{self.path}, " if self.path else ""
            where = f"{place}batch {rows[0].batch} of {rows[0].spec.id}"
            raise UsageError(f"{where}: {error}") from None

    def whole_batches(self) -> dict[Spec, dict[int, list[R]]]:
        """Returns for each spec its whole batches, each with its rows in order.

        Raises:
            ValueError: If a row is of an unknown task or protocol.
        """
        batches: dict[tuple[str, int], list[R]] = {}
        for row in self:
            batches.setdefault((row.spec.id, row.batch), []).append(row)
        whole: dict[Spec, dict[int, list[R]]] = {}
        for (_, batch), rows in sorted(batches.items()):
            if (ordered := self._whole_batch(rows)) is not None:
                whole.setdefault(rows[0].spec, {})[batch] = ordered
        return whole
