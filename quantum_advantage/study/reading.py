"""Reads files of results, whatever their experiment."""

from __future__ import annotations

from pathlib import Path

from quantum_advantage.core.usage import UsageError
from quantum_advantage.study.counts import Counts, Row
from quantum_advantage.study.estimate_summary import ESTIMATE_COLUMNS
from quantum_advantage.study.estimates import EstimateRow
from quantum_advantage.study.lines import first_lines, header_of
from quantum_advantage.study.summary import SUMMARY_COLUMNS


def read_counts(path: Path) -> Counts:
    """Reads a file of counts, whatever its experiment.

    Raises:
        ValueError: If it holds something else, with the reason.
        OSError: If it cannot be read.
    """
    header, first = first_lines(path)
    if header in (",".join(SUMMARY_COLUMNS), ",".join(ESTIMATE_COLUMNS)):
        raise UsageError(f"{path} is a summary; name the counts that it was made from")
    if header == header_of(EstimateRow):
        raise UsageError(
            f"{path} holds estimates; certify takes games with right and wrong answers"
        )
    if header != header_of(Row):
        raise UsageError(f"{path} holds no counts: its first line must be {header_of(Row)}")
    # What the rows themselves must be is checked where they are read.
    return Counts(first.partition(",")[0], path)
