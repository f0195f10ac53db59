"""Lines of files of results.

A row ends with the CRC-32 of the rest of its line. A line is accepted only if it is, character by
character, the line that would be written for its row: no blanks, signs, underscores or digits of
other scripts, no cell quoted without need.
"""

from __future__ import annotations

import csv
import sys
import zlib
from collections.abc import Callable
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar

from quantum_advantage.core.fields import choice, shown
from quantum_advantage.core.usage import UsageError
from quantum_advantage.study.rows import DecisionRow, EstimateRow, Row
from quantum_advantage.study.tables import joined

R = TypeVar("R", bound=Row)

_FLOATS = ("value", "error", "truth")
_TEXTS = ("experiment", "task", "protocol", "backend", "source", "quantity", "spec_id")


class _Form(NamedTuple):
    """How rows of a kind are written and read.

    Attributes:
        values: Gets the values of all columns of a row.
        readers: For each column, what reads a cell.
        own: The columns that are fields of the row, and not of its spec.
    """

    values: Callable[[Row], tuple[object, ...]]
    readers: tuple[Callable[[str], Any], ...]
    own: tuple[str, ...]


def _reader(column: str) -> Callable[[str], Any]:
    # The same names occur in every row.
    return float if column in _FLOATS else sys.intern if column in _TEXTS else int


_FORMS: dict[type[Row], _Form] = {
    kind: _Form(
        attrgetter(*kind.COLUMNS.values()),
        tuple(map(_reader, kind.COLUMNS)),
        tuple(name for name, path in kind.COLUMNS.items() if path == name),
    )
    for kind in (DecisionRow, EstimateRow)
}


def header_of(kind: type[Row]) -> str:
    """Returns the first line of a file of such rows, without its end.

    Example:
        >>> header_of(DecisionRow)
        'experiment,task,protocol,qubits,backend,source,budget,batch,copies,shots,systems,trials,correct,seed,spec_id,check'
    """
    return joined([*kind.COLUMNS, "check"])


def format_row(row: Row) -> str:
    r"""Returns the row's line, with its check and line end; floats keep all their digits.

    Example:
        >>> from quantum_advantage.study.spec import Spec
        >>> spec = Spec("purity", "bell", 10, "law", budget=16, batch_size=50, seed=1)
        >>> format_row(DecisionRow.of("mine", spec, batch=0, copies=4, shots=2, correct=45))
        'mine,purity,bell,10,law,law,16,0,4,2,50,50,45,1,...,...\n'
    """
    line = joined(_FORMS[type(row)].values(row))
    return f"{line},{zlib.crc32(line.encode()):08x}\n"


def parse_row(kind: type[R], line: str, where: str) -> R:
    """Reads a line that :func:`format_row` wrote.

    Args:
        kind: What the row is.
        line: The line without its end.
        where: Which line of which file it is, for messages.

    Raises:
        UsageError: If it does not match its check, or is no line of such a row.

    Example:
        >>> from quantum_advantage.study.spec import Spec
        >>> spec = Spec("purity", "bell", 10, "law", budget=16, batch_size=50, seed=1)
        >>> row = DecisionRow.of("mine", spec, batch=0, copies=4, shots=2, correct=45)
        >>> line = format_row(row).rstrip()
        >>> parse_row(DecisionRow, line, "row 2") == row
        True
        >>> try:
        ...     parse_row(DecisionRow, line.replace(",45,", ",49,"), "row 2")
        ... except ValueError as error:
        ...     print(error)
        row 2 does not match its check ...: it was edited or torn; restore it, ...
    """
    form = _FORMS[kind]
    body, _, check = line.rpartition(",")
    if f"{zlib.crc32(body.encode()):08x}" != check:
        raise UsageError(
            f"{where} does not match its check {shown(check)}: it was edited or torn; restore it, "
            "or remove the line to have its batch played again"
        )
    try:
        (cells,) = csv.reader([body], strict=True)
        read = [reader(cell) for cell, reader in zip(cells, form.readers, strict=True)]
        values = dict(zip(kind.COLUMNS, read, strict=True))
    except (ValueError, TypeError, csv.Error):
        raise UsageError(f"{where} must have the columns {header_of(kind)}") from None
    own = {name: values[name] for name in form.own}
    row = kind(spec=kind.spec_of(values), **own)
    try:
        row.check()
        choice(values["source"], "source", row.spec.source)
    except ValueError as error:
        raise UsageError(f"{where}: {error}") from None
    if values["spec_id"] != row.spec.id:
        raise UsageError(f"{where} has a spec_id that is not that of its columns")
    if joined(form.values(row)) != body:
        raise UsageError(f"{where} is not written as this program writes it: {shown(body)}")
    return row
