"""Lines of the files of results: what a row looks like, and what it may hold.

A row carries the CRC-32 of the rest of it. A line is accepted only if it is, character by
character, the line that its row would be written as: no blanks, signs, underscores or digits of
other scripts, no cell quoted without need.
"""

from __future__ import annotations

import csv
import functools
import io
import math
import sys
import zlib
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import fields
from operator import attrgetter
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

from quantum_advantage.backends.names import NAMES, read_backend
from quantum_advantage.core.arguments import MOST_QUBITS
from quantum_advantage.core.fields import choice, full_name, shown, text, whole, word
from quantum_advantage.core.files import read_text, write_file
from quantum_advantage.core.usage import UsageError
from quantum_advantage.study.spec import Spec, spec_id

# Numbers of copies, shots, systems and trials stay within the whole numbers of numpy.
MOST_COPIES = 2**62
MOST_TRIALS = 2**40
MOST_BATCHES = 2**40
MOST_SEED = 2**128
# The longest line, in bytes.
MOST_LINE = 16_384

_spec_id = functools.lru_cache(maxsize=4096)(spec_id)


class CheckedRecord(Protocol):
    """A frozen dataclass of strings, ints and floats, whose fields are the columns of a file."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    def check(self) -> None:
        """Raises a ``ValueError`` that names the column if a value cannot be."""
        ...


class CheckedRow(CheckedRecord, Protocol):
    """A row of results."""

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
S = TypeVar("S", bound="CheckedRecord")


def joined(values: Iterable[object]) -> str:
    """Returns values as one line of CSV, without its end."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(list(values))
    return line.getvalue()


@functools.cache
def _columns(kind: type[CheckedRow]) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind))


@functools.cache
def _readers(kind: type[CheckedRow]) -> tuple[Any, ...]:
    known = {"int": int, "float": float}
    # Names come again in every row.
    return tuple(known.get(str(f.type), sys.intern) for f in fields(kind))


def header_of(kind: type[CheckedRow]) -> str:
    """Returns the first line of a file of such rows, without its end."""
    return joined([*_columns(kind), "check"])


def format_row(row: CheckedRow) -> str:
    """Returns the row's line, with its check and line end; floats keep all their digits."""
    line = joined(attrgetter(*_columns(type(row)))(row))
    return f"{line},{zlib.crc32(line.encode()):08x}\n"


def parse_row(kind: type[R], line: str, where: str) -> R:
    """Reads a line that :func:`format_row` wrote.

    Args:
        kind: What the row is.
        line: The line without its end.
        where: Which line of which file it is, for messages.

    Raises:
        UsageError: If it does not match its check, or is no line of such a row.
    """
    body, _, check = line.rpartition(",")
    if f"{zlib.crc32(body.encode()):08x}" != check:
        raise UsageError(
            f"{where} does not match its check {shown(check)}: it was edited or torn; restore it, "
            "or remove the line to have its batch played again"
        )
    try:
        (values,) = csv.reader([body], strict=True)
        row = kind(*(read(v) for v, read in zip(values, _readers(kind), strict=True)))
    except (ValueError, TypeError, csv.Error):
        raise UsageError(f"{where} must have the columns {header_of(kind)}") from None
    try:
        row.check()
    except ValueError as error:
        raise UsageError(f"{where}: {error}") from None
    if format_row(row) != f"{line}\n":
        raise UsageError(f"{where} is not written as this program writes it: {shown(body)}")
    if row.spec_id != _spec_id(row.spec):
        raise UsageError(f"{where} has a spec_id that is not that of its columns")
    return row


def check_spec(experiment: str, spec: Spec, source: str, batch: int) -> None:
    """Checks what all rows have in common.

    Raises:
        ValueError: If a value cannot be, with the name of its column.
    """
    check_names(experiment, spec.task, spec.protocol, spec.backend)
    choice(source, "source", spec.source)
    whole(spec.qubits, "qubits", 1, MOST_QUBITS)
    whole(spec.budget, "budget", 1, MOST_COPIES)
    whole(spec.games, "trials or systems", 1, MOST_TRIALS)
    whole(spec.seed, "seed", 0, MOST_SEED)
    whole(batch, "batch", 0, MOST_BATCHES)


@functools.lru_cache(maxsize=4096)
def check_names(experiment: str, task: str, protocol: str, backend: str) -> None:
    """Checks names against the grammar of names: they may become parts of names of files.

    Raises:
        ValueError: If one does not follow it.
    """
    word(experiment, "experiment")
    full_name(task, "task")
    full_name(protocol, "protocol")
    check_backend(backend)


def check_backend(name: str) -> None:
    """Checks the name of a backend as files hold it; others' backends have names of one word.

    Raises:
        UsageError: If it is none.
    """
    try:
        text(name, "backend", r"[^\s/\\]+")
    except ValueError as error:
        raise UsageError(f"{error}; no blanks, no slashes") from None
    if name.partition(":")[0] in NAMES and str(read_backend(name)) != name:
        raise UsageError(f"backend {shown(name)} must be written as {str(read_backend(name))!r}")


def check_shots(budget: int, copies: int, shots: int) -> None:
    """Checks the numbers of copies and shots of a row.

    Raises:
        ValueError: If a shot would use no copy, a part of one, or more than the budget.
    """
    whole(copies, "copies", 1, budget)
    whole(shots, "shots", 1, copies)
    if copies % shots:
        raise ValueError(f"copies must be a multiple of shots, not {copies} for {shots}")


def write_table(columns: Sequence[str], records: Iterable[object], path: Path) -> None:
    """Writes one line of a summary for each record, replacing the old file in one step.

    Args:
        columns: The names of the attributes that are written; None is an empty cell, and floats
            have six significant digits.
        records: What is summarised.
        path: The CSV file.
    """
    lines = [joined(columns)]
    lines += [joined(cell_of(getattr(record, column)) for column in columns) for record in records]
    write_file(path, "".join(f"{line}\n" for line in lines))


def cell_of(value: object) -> str:
    """Returns a value of a summary as its cell."""
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def read_table(path: Path, columns: Sequence[str], what: str) -> list[tuple[str, list[str]]]:
    """Reads the lines of a table.

    Args:
        path: The CSV file.
        columns: What its first line must be.
        what: What the file should be, for messages, as in 'a summary'.

    Returns:
        For each line after the first where it is, for messages, and its cells.

    Raises:
        UsageError: If the file is of another kind, or a line has other columns or does not read.
        OSError: If it cannot be read.
    """
    lines = read_text(path).replace("\r\n", "\n").split("\n")
    if lines[0] != joined(columns):
        raise UsageError(f"{path} is not {what}: its columns must be {', '.join(columns)}")
    if lines[-1]:
        raise UsageError(f"{path} was cut off in line {len(lines)}; make it anew, or restore it")
    found = []
    for number, line in enumerate(lines[1:-1], start=2):
        where = f"line {number} of {path}"
        try:
            (cells,) = csv.reader([line], strict=True)
        except (ValueError, csv.Error):
            cells = []
        if len(cells) != len(columns) or joined(cells) != line:
            raise UsageError(f"{where} must have the columns {', '.join(columns)}")
        found.append((where, cells))
    return found


def first_lines(path: Path) -> tuple[str, str]:
    """Returns the first two lines of a file, without their ends and cut off at the longest length.

    Raises:
        OSError: If it cannot be read.
    """
    with path.open("rb") as stream:
        first, second = (
            stream.readline(MOST_LINE).rstrip(b"\r\n").decode(errors="replace") for _ in range(2)
        )
    return first, second


def _float(cell: str) -> float:
    value = float(cell)
    if not math.isfinite(value):
        raise ValueError
    return value


def read_records(path: Path, kind: type[S], what: str) -> list[S]:
    """Reads what :func:`write_table` wrote of all fields of a dataclass.

    Args:
        path: The CSV file.
        kind: The dataclass, of strings, ints, and floats that may be None; it checks itself.
        what: What the file should be, for messages, as in 'a summary'.

    Raises:
        UsageError: If the file is of another kind, or a cell is not written as this program does.
        OSError: If it cannot be read.
    """
    columns = [(f.name, str(f.type)) for f in fields(kind)]
    readers: dict[str, Callable[[str], Any]] = {
        "str": str,
        "int": int,
        "float": _float,
        "float | None": lambda cell: _float(cell) if cell else None,
    }
    records = []
    for where, cells in read_table(path, [name for name, _ in columns], what):
        values = []
        for (name, form), cell in zip(columns, cells, strict=True):
            try:
                values.append(readers[form](cell))
            except ValueError:
                values.append(_UNREADABLE)
            if cell_of(values[-1]) != cell:
                raise UsageError(f"{where}: {name} must be of type {form}, not {shown(cell)}")
        record = kind(*values)
        try:
            record.check()
        except ValueError as error:
            raise UsageError(f"{where}: {error}") from None
        records.append(record)
    return records


# Stands for a cell of another type; it is written as no cell is.
_UNREADABLE = object()


def check_interval(low: float | None, value: float | None, high: float | None, name: str) -> None:
    """Checks that an interval holds its value and is not upside down; None is absent.

    Raises:
        ValueError: If it is.
    """
    given = [end for end in (low, value, high) if end is not None]
    if given != sorted(given):
        raise ValueError(f"{name} must lie between its ends, not {value} in {low} to {high}")
