"""Errors of estimates, and their summary: one row for each quantity of each curve point."""

from __future__ import annotations

import math
import sys
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np

from quantum_advantage.core.fields import full_name, number, whole
from quantum_advantage.core.notebook import html_table
from quantum_advantage.core.standard_errors import DEVIATIONS
from quantum_advantage.core.statistics import bootstrap_accuracy, interval
from quantum_advantage.study.dataset import Dataset
from quantum_advantage.study.rows import MOST_COPIES, EstimateRow, check_identity
from quantum_advantage.study.spec import BATCHES, PointSpec, Spec
from quantum_advantage.study.tables import (
    check_interval,
    columns_of,
    first_lines,
    read_records,
    values_of,
    write_table,
)

# Where an estimator is exact, truth and estimate differ by rounding alone.
ROUNDING = 1e-9


@dataclass(frozen=True, repr=False)
class EstimatePoint:
    """One row of a summary: a quantity, estimated from so many copies, over all systems.

    ``value`` is the mean estimate with its 95 % interval ``low`` to ``high``, ``truth`` the mean of
    the exact values; ``rmse`` is the root of the mean squared error with its 95 % interval;
    ``covered`` is the share of systems whose truth lies within 1.96 stated standard errors of the
    estimate. Intervals come from resampling at least 20 batches, and are None for fewer.

    Example:
        >>> numbers = 40, 20, 0.81, 0.8, 0.83, 0.82, 0.034, 0.03, 0.037, 0.95
        >>> spec = PointSpec("whole_purity", "bell", 4, "qsim")
        >>> EstimatePoint("trial", spec, "purity:first=4", *numbers)
        EstimatePoint(bell, n = 4, qsim: purity:first=4 0.81, truth 0.82, rms error 0.034,
        40 copies)
    """

    experiment: str
    spec: PointSpec
    quantity: str
    copies: int
    systems: int
    value: float
    low: float | None
    high: float | None
    truth: float
    rmse: float
    rmse_low: float | None
    rmse_high: float | None
    covered: float

    def __repr__(self) -> str:
        return (
            f"EstimatePoint({self.spec}: {self.quantity} {self.value:.4g}, truth {self.truth:.4g}, "
            f"rms error {self.rmse:.3g}, {self.copies} copies)"
        )

    def _repr_html_(self) -> str:
        return html_table(values_of(self))

    def check(self) -> None:
        """Raises a ``ValueError`` that names the column if a value cannot be."""
        check_identity(self.experiment, self.spec)
        full_name(self.quantity, "quantity")
        whole(self.copies, "copies", 1, MOST_COPIES)
        whole(self.systems, "systems", 1, MOST_COPIES)
        number(self.covered, "covered", 0, 1)
        number(self.rmse, "rmse", 0, sys.float_info.max)
        check_interval(self.low, None, self.high, "value")
        check_interval(self.rmse_low, None, self.rmse_high, "rmse")


ESTIMATE_COLUMNS = tuple(columns_of(EstimatePoint))


def covers(row: EstimateRow) -> bool:
    """Tells whether the truth lies within 1.96 stated standard errors of the estimate."""
    return abs(row.value - row.truth) <= DEVIATIONS * row.error + ROUNDING


@dataclass(frozen=True)
class ShareKey:
    """What the sets have in common whose shares may be added.

    Attributes:
        point: Task, protocol, number of qubits and backend.
        copies: Copies per record.
        quantity: What the share is of.

    Example:
        >>> ShareKey(PointSpec("grouping", "bell", 4, "qsim"), 100, "weight").point.qubits
        4
    """

    point: PointSpec
    copies: int
    quantity: str


def pooled_shares(rows: Iterable[EstimateRow]) -> dict[ShareKey, tuple[int, int]]:
    """Adds up sets of which every row tells the share of its systems that are right.

    Args:
        rows: Rows of accuracies of sets, each set as large as a batch.

    Returns:
        Systems that are right, and all systems, of all sets that were measured alike.

    Example:
        >>> spec = Spec("grouping", "bell", 4, "qsim", budget=100, batch_size=40, seed=1)
        >>> rows = [
        ...     EstimateRow.of("mine", spec, b, 100, 50, 0, "weight", (share, 0.1, 1.0))
        ...     for b, share in enumerate((0.9, 1.0))
        ... ]
        >>> list(pooled_shares(rows).values())
        [(76, 80)]
    """
    found: dict[ShareKey, tuple[int, int]] = {}
    for row in rows:
        key = ShareKey(row.spec.point, row.copies, row.quantity)
        right, systems = found.get(key, (0, 0))
        size = row.spec.batch_size
        found[key] = right + round(row.value * size), systems + size
    return found


def summarise_estimates(estimates: Dataset[EstimateRow]) -> list[tuple[Spec, EstimatePoint]]:
    """Returns the points of every spec, with the spec.

    A quantity whose stated errors are all infinite is left out: it estimates nothing, as the
    coordinate of a point whose truth is a kind.
    """
    points = []
    whole = estimates.whole_batches()
    for spec in sorted(whole, key=astuple):
        quantities: dict[str, list[list[EstimateRow]]] = {}
        for rows in whole[spec].values():
            of_batch: dict[str, list[EstimateRow]] = {}
            for row in rows:
                of_batch.setdefault(row.quantity, []).append(row)
            for quantity, same in of_batch.items():
                quantities.setdefault(quantity, []).append(same)
        points += [
            (spec, _point(estimates.experiment, spec, batches))
            for batches in quantities.values()
            if any(math.isfinite(row.error) for rows in batches for row in rows)
        ]
    return points


def _point(experiment: str, spec: Spec, batches: Sequence[Sequence[EstimateRow]]) -> EstimatePoint:
    first = batches[0][0]
    values = np.array([[row.value for row in rows] for rows in batches])
    truths = np.array([[row.truth for row in rows] for rows in batches])
    means = np.stack([values.mean(axis=1), ((values - truths) ** 2).mean(axis=1)], axis=1)
    spreads: list[float | None] = [None] * 4
    if len(batches) >= BATCHES:
        seed = _resampling_seed(spec, first.quantity)
        value, square = bootstrap_accuracy(means, np.ones_like(means), seed).T
        spreads = [*interval(value), *interval(np.sqrt(square))]
    low, high, rmse_low, rmse_high = spreads
    return EstimatePoint(
        experiment,
        spec.point,
        first.quantity,
        first.copies,
        values.size,
        float(values.mean()),
        low,
        high,
        float(truths.mean()),
        float(np.sqrt(means[:, 1].mean())),
        rmse_low,
        rmse_high,
        float(np.mean([covers(row) for rows in batches for row in rows])),
    )


def _resampling_seed(spec: Spec, quantity: str) -> int:
    """Returns the seed of a bootstrap; the intervals of committed summaries hang on it."""
    text = (
        f"(Spec(task={spec.task!r}, protocol={spec.protocol!r}, qubits={spec.qubits!r}, "
        f"backend={spec.backend!r}, budget={spec.budget!r}, games={spec.batch_size!r}, "
        f"seed={spec.seed!r}), {quantity!r})"
    )
    return zlib.crc32(text.encode())


def write_estimates(points: Iterable[EstimatePoint], path: Path) -> None:
    """Writes a summary, replacing the old one in one step."""
    write_table(EstimatePoint, points, path)


def is_summary_of_estimates(path: Path) -> bool:
    """Tells whether a file begins as a summary of estimates does."""
    return first_lines(path)[0] == ",".join(ESTIMATE_COLUMNS)


def read_estimates(path: Path) -> list[EstimatePoint]:
    """Reads a summary of estimates.

    Raises:
        ValueError: If the file is none, or a cell of it cannot be.
        OSError: If it cannot be read.
    """
    return read_records(path, EstimatePoint, "a summary of estimates")
