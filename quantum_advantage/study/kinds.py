"""The two kinds of datasets: right answers after so many copies, and estimates beside the truth."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from quantum_advantage.core.usage import UsageError
from quantum_advantage.study.accuracy import SUMMARY_COLUMNS
from quantum_advantage.study.dataset import Dataset, Kind
from quantum_advantage.study.errors import ESTIMATE_COLUMNS
from quantum_advantage.study.lines import header_of
from quantum_advantage.study.rows import DecisionRow, EstimateRow
from quantum_advantage.study.tables import first_lines
from quantum_advantage.tasks.registry import load_estimating
from quantum_advantage.tasks.shared.prefixes import shots_played

# A task keeps at least one in so many estimates; a batch with fewer rows cannot be whole.
MOST_LEFT_OUT = 1000


def _decisions_in_order(rows: list[DecisionRow]) -> list[DecisionRow] | None:
    per_shot = rows[0].copies // rows[0].shots
    expected = [per_shot * shots for shots in shots_played(rows[0].spec.budget, per_shot)]
    ordered = sorted(rows, key=lambda row: row.copies)
    return ordered if [row.copies for row in ordered] == expected else None


def _estimates_in_order(rows: list[EstimateRow]) -> list[EstimateRow] | None:
    first = rows[0]
    spec = first.spec
    quantities = load_estimating(spec.task).quantities(spec.protocol, spec.qubits)
    if spec.batch_size * len(quantities) > MOST_LEFT_OUT * len(rows):
        return None
    kept = _kept(spec.task, spec.protocol, spec.qubits, spec.batch_size, first.batch)
    if len(rows) != len(kept):
        return None
    ordered = sorted(rows, key=lambda row: kept.get((row.system, row.quantity), len(kept)))
    return ordered if [(row.system, row.quantity) for row in ordered] == list(kept) else None


@functools.lru_cache
def _kept(
    task: str, protocol: str, qubits: int, systems: int, batch: int
) -> dict[tuple[int, str], int]:
    """Returns the number of every row of a batch in its order."""
    kept = load_estimating(task).kept(protocol, qubits, systems, batch)
    return {place: number for number, place in enumerate(kept)}


DECISIONS = Kind(DecisionRow, "counts", _decisions_in_order)
ESTIMATES = Kind(EstimateRow, "estimates", _estimates_in_order)

# Kinds by the first line of their files.
_KINDS: dict[str, Kind[Any]] = {header_of(kind.row): kind for kind in (DECISIONS, ESTIMATES)}


def decisions(experiment: str, path: Path | None = None) -> Dataset[DecisionRow]:
    """Opens the right answers of an experiment; see :class:`Dataset`.

    Raises:
        ValueError: If the file is of another kind or experiment, or a row is damaged.
        OSError: If the file cannot be read.

    Example:
        >>> len(list(decisions("mine")))  # without a file it is kept in memory
        0
    """
    return Dataset(DECISIONS, experiment, path)


def estimates(experiment: str, path: Path | None = None) -> Dataset[EstimateRow]:
    """Opens the estimates of an experiment; see :class:`Dataset`.

    Raises:
        ValueError: If the file is of another kind or experiment, or a row is damaged.
        OSError: If the file cannot be read.

    Example:
        >>> estimates("mine").kind.noun
        'estimates'
    """
    return Dataset(ESTIMATES, experiment, path)


def read_dataset(path: Path) -> Dataset[Any]:
    """Reads a file of results of either kind, whatever its experiment.

    Raises:
        ValueError: If it holds something else, or a row is damaged.
        OSError: If it cannot be read.

    Example:
        >>> import tempfile
        >>> from quantum_advantage.study.spec import Spec
        >>> spec = Spec("purity", "bell", 10, "law", budget=2, batch_size=50, seed=1)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     played = decisions("mine", Path(folder, "mine.csv"))
        ...     played.open()
        ...     played.append([DecisionRow.of("mine", spec, 0, copies=2, shots=1, correct=38)])
        ...     played.close()
        ...     read = read_dataset(Path(folder, "mine.csv"))
        >>> read.experiment, [row.correct for row in read]
        ('mine', [38])
    """
    header, first = first_lines(path)
    if header in (",".join(SUMMARY_COLUMNS), ",".join(ESTIMATE_COLUMNS)):
        raise UsageError(f"{path} is a summary; name the counts that it was made from")
    if header not in _KINDS:
        raise UsageError(f"{path} holds no counts: its first line must be {header_of(DecisionRow)}")
    # The rows themselves are checked where they are read.
    return Dataset(_KINDS[header], first.partition(",")[0], path)
