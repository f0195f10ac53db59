"""Tables of summaries: one line for each record, read back as strictly as it is written.

The columns of a record are its fields in order; in the place of its spec, those of the spec.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from itertools import pairwise
from operator import attrgetter
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

from quantum_advantage.core.fields import choice, shown
from quantum_advantage.core.files import read_text, write_file
from quantum_advantage.core.usage import UsageError
from quantum_advantage.study.spec import PointSpec

# The longest line, in bytes.
MOST_LINE = 16_384


class CheckedRecord(Protocol):
    """A frozen dataclass of strings, ints and floats, and of the spec that they belong to."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def spec(self) -> PointSpec:
        """What was played."""
        ...

    def check(self) -> None:
        """Raises a ``ValueError`` that names the column if a value cannot be."""
        ...


S = TypeVar("S", bound=CheckedRecord)


def joined(values: Iterable[object]) -> str:
    """Returns values as one line of CSV, without its end.

    Example:
        >>> joined(["bell", 4, "a, b"])
        'bell,4,"a, b"'
    """
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(list(values))
    return line.getvalue()


# The columns that stand for a spec, and their types.
_OF_SPEC = {f.name: str(f.type) for f in fields(PointSpec)} | {"source": "str"}


def columns_of(kind: type[CheckedRecord]) -> dict[str, str]:
    """Returns the columns of a summary, and the type of each as it is written in the class."""
    columns: dict[str, str] = {}
    for f in fields(kind):
        columns |= _OF_SPEC if f.name == "spec" else {f.name: str(f.type)}
    return columns


def values_of(record: CheckedRecord) -> dict[str, Any]:
    """Returns the values of a record by the names of its columns."""
    return {
        name: attrgetter(f"spec.{name}" if name in _OF_SPEC else name)(record)
        for name in columns_of(type(record))
    }


def write_table(kind: type[CheckedRecord], records: Iterable[CheckedRecord], path: Path) -> None:
    """Writes one line of a summary for each record, replacing the old file in one step.

    Args:
        kind: The kind of the records; None is an empty cell, and floats have six significant
            digits.
        records: What is summarised.
        path: The CSV file.

    Raises:
        OSError: If the file cannot be written.

    Example:
        >>> import tempfile
        >>> from dataclasses import dataclass
        >>> @dataclass(frozen=True)
        ... class Point:
        ...     spec: PointSpec
        ...     copies: float
        ...     bound: float | None
        >>> point = Point(PointSpec("purity", "bell", 4, "qsim"), 2.0734567, None)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_table(Point, [point], Path(folder, "points.csv"))
        ...     print(Path(folder, "points.csv").read_text(), end="")
        task,protocol,qubits,backend,source,copies,bound
        purity,bell,4,qsim,circuit,2.07346,
    """
    lines = [joined(columns_of(kind))]
    lines += [joined(map(cell_of, values_of(record).values())) for record in records]
    write_file(path, "".join(f"{line}\n" for line in lines))


def cell_of(value: object) -> str:
    """Returns a value of a summary as its cell.

    Example:
        >>> cell_of(2.0734567), cell_of(None), cell_of("bell")
        ('2.07346', '', 'bell')
    """
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def read_table(path: Path, columns: Sequence[str], what: str) -> list[tuple[str, list[str]]]:
    r"""Reads the lines of a table.

    Args:
        path: The CSV file.
        columns: What its first line must be.
        what: What the file should be, for messages, as in 'a summary'.

    Returns:
        For each line after the first where it is, for messages, and its cells.

    Raises:
        UsageError: If the file is of another kind, or a line has other columns or does not read.
        OSError: If it cannot be read.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder, "points.csv")
        ...     _ = path.write_text("qubits,copies\n4,2.07\n")
        ...     ((where, cells),) = read_table(path, ["qubits", "copies"], "a list of points")
        >>> where.partition(" of ")[0], cells
        ('line 2', ['4', '2.07'])
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
    r"""Returns the first two lines of a file, without their ends and cut off at the longest length.

    Raises:
        OSError: If it cannot be read.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = Path(folder, "points.csv").write_text("qubits,copies\n4,2.07\n6,2.11\n")
        ...     first_lines(Path(folder, "points.csv"))
        ('qubits,copies', '4,2.07')
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
        kind: The dataclass: a spec, strings, ints, and floats that may be None; it checks itself.
            Its module has ``from __future__ import annotations``.
        what: What the file should be, for messages, as in 'a summary'.

    Raises:
        UsageError: If the file is of another kind, or a cell is not written as this program does.
        OSError: If it cannot be read.

    Example:
        >>> import tempfile
        >>> from dataclasses import dataclass
        >>> @dataclass(frozen=True)
        ... class Point:
        ...     spec: PointSpec
        ...     copies: float | None
        ...     def check(self):
        ...         pass
        >>> specs = [PointSpec("purity", "bell", n, "qsim") for n in (4, 6)]
        >>> points = [Point(specs[0], 2.07), Point(specs[1], None)]
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_table(Point, points, Path(folder, "points.csv"))
        ...     read_records(Path(folder, "points.csv"), Point, "a list of points") == points
        True
    """
    columns = columns_of(kind)
    readers: dict[str, Callable[[str], Any]] = {
        "str": str,
        "int": int,
        "float": _float,
        "float | None": lambda cell: _float(cell) if cell else None,
    }
    records = []
    for where, cells in read_table(path, list(columns), what):
        values = {}
        for (name, form), cell in zip(columns.items(), cells, strict=True):
            try:
                values[name] = readers[form](cell)
            except ValueError:
                values[name] = _UNREADABLE
            if cell_of(values[name]) != cell:
                raise UsageError(f"{where}: {name} must be of type {form}, not {shown(cell)}")
        record = _record_of(kind, values)
        try:
            record.check()
            choice(values["source"], "source", record.spec.source)
        except ValueError as error:
            raise UsageError(f"{where}: {error}") from None
        records.append(record)
    return records


# Stands for a cell of another type; no cell is written like it.
_UNREADABLE = object()


def _record_of(kind: type[S], values: Mapping[str, Any]) -> S:
    spec = PointSpec(*(values[f.name] for f in fields(PointSpec)))
    own = {f.name: values[f.name] for f in fields(kind) if f.name != "spec"}
    make: Callable[..., S] = kind
    return make(spec=spec, **own)


def check_interval(low: float | None, value: float | None, high: float | None, name: str) -> None:
    """Checks that an interval holds its value and is not upside down; None is absent.

    Args:
        low: The lower end.
        value: The value.
        high: The upper end.
        name: The name of the value, for messages.

    Raises:
        ValueError: If it does not, or is, or something is not a number.

    Example:
        >>> check_interval(1.9, 2.1, None, "copies")
        >>> try:
        ...     check_interval(1.9, 1.8, 2.4, "copies")
        ... except ValueError as error:
        ...     print(error)
        copies must lie between its ends, not 1.8 in 1.9 to 2.4
    """
    given = [end for end in (low, value, high) if end is not None]
    if not all(low <= high for low, high in pairwise(given)):
        raise ValueError(f"{name} must lie between its ends, not {value} in {low} to {high}")
