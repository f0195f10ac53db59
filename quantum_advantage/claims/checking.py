"""What checks of claims need: where the data is, what was found, what the counts on disk say."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from quantum_advantage.certify.played import read_counts
from quantum_advantage.core.statistics import LogLinearFit, binomial_interval
from quantum_advantage.study.accuracy import (
    AccuracyCurve,
    Exponent,
    Point,
    accuracy_curves,
    exponents,
    point_of,
)

OBSERVABLES = "observables:alpha=0.9,game=two"
ALPHA = 0.9
TARGET = 0.7
# The seed of all fresh runs.
SEED = 2022


@dataclass(frozen=True)
class Setting:
    """Where the data is, and how much is played anew.

    Attributes:
        data: The folder with the counts of the experiments.
        quick: Whether fresh runs are small.

    Example:
        >>> Setting(Path("figures/data"), quick=True).size(quick=400, full=2000)
        400
    """

    data: Path
    quick: bool

    def size(self, quick: int, full: int) -> int:
        """Returns a size of a fresh run."""
        return quick if self.quick else full


@dataclass(frozen=True)
class Found:
    """What a check measured.

    Attributes:
        value: The measured value with its interval, as text.
        met: Whether the criterion is met.

    Example:
        >>> Found("0.71 (0.68 to 0.74)", met=True).met
        True
    """

    value: str
    met: bool


class NoDataError(ValueError):
    """The counts exist, but without the points that a claim is about.

    Example:
        >>> issubclass(NoDataError, ValueError)
        True
    """


@functools.lru_cache(maxsize=16)
def _curves(path: Path, changed: float) -> tuple[str, tuple[AccuracyCurve, ...]]:
    counts = read_counts(path)
    return counts.experiment, tuple(accuracy_curves(counts))


def curves_of(setting: Setting, experiment: str, task: str) -> tuple[AccuracyCurve, ...]:
    """Returns the accuracy curves of an experiment and task.

    Args:
        setting: Where the counts are.
        experiment: The name of the experiment, which is that of its file.
        task: The task's full name.

    Raises:
        OSError: If the counts are not there.
        ValueError: If the file holds something else, or a row is damaged.
    """
    path = setting.data / f"{experiment}.csv"
    return tuple(c for c in _curves(path, path.stat().st_mtime)[1] if c.key.task == task)


def points_of(setting: Setting, experiment: str, task: str = OBSERVABLES) -> list[Point]:
    """Returns the sample complexities of an experiment.

    Args:
        setting: Where the counts are.
        experiment: The name of the experiment, which is that of its file.
        task: The task's full name.
        target: The accuracy to reach.

    Raises:
        NoDataError: If there are none.
        OSError: If the counts are not there.
        ValueError: If the file holds something else, or a row is damaged.
    """
    points = [point_of(experiment, c, TARGET) for c in curves_of(setting, experiment, task)]
    if not points:
        raise NoDataError(f"no points of {task}")
    return points


def slope_of(curves: Iterable[AccuracyCurve], protocol: str, qubits: Sequence[int]) -> Exponent:
    """Returns how the copies of a protocol, or of the best conventional one, grow.

    Args:
        curves: Accuracy curves of one experiment.
        protocol: The protocol's full name, or ``ENVELOPE`` for the best conventional one.
        qubits: The numbers n of qubits that count.
        target: The accuracy to reach.

    Returns:
        The fit of log₂(copies) against n.

    Raises:
        NoDataError: If there are fewer than three sizes, or one of them misses the target.
    """
    chosen = [c for c in curves if c.key.qubits in qubits]
    for curve in chosen:
        if curve.key.protocol == protocol and point_of("", curve, TARGET).copies is None:
            raise NoDataError(f"{protocol} misses the target at n = {curve.key.qubits}")
    found = exponents(chosen, lambda key: [TARGET])
    for exponent in found:
        if exponent.protocol == protocol and not exponent.place:
            return exponent
    raise NoDataError(f"fewer than three sizes of {protocol}")


def slope_near(fit: LogLinearFit, qubits: Sequence[int], middle: float, width: float) -> Found:
    """Returns a slope with its interval and sizes, and whether it lies within middle ± width.

    Args:
        fit: The fit of log₂(copies) against n.
        qubits: The numbers n of qubits, increasing.
        middle: The slope that is expected, in octaves of copies a qubit.
        width: How far off it may lie.

    Example:
        >>> import numpy as np
        >>> from quantum_advantage.core.statistics import fit_log_linear
        >>> n, copies = [2, 4, 6, 8], np.array([4.0, 16, 64, 256])
        >>> fit = fit_log_linear(n, copies, np.stack([copies, copies]))
        >>> slope_near(fit, n, middle=1, width=0.1)
        Found(value='+1.000 (+1.000 to +1.000), n = 2..8', met=True)
    """
    text = f"{fit.slope:+.3f} ({fit.low:+.3f} to {fit.high:+.3f}), n = {qubits[0]}..{qubits[-1]}"
    return Found(text, abs(fit.slope - middle) <= width)


def share_text(right: int, games: int, digits: int = 4) -> str:
    """Returns the share of right answers with its exact 95 % interval.

    Raises:
        ValueError: Unless 0 <= right <= games and games >= 1.

    Example:
        >>> share_text(702, 1000, digits=3)
        '0.702 (0.673 to 0.730)'
    """
    low, high = binomial_interval(right, games)
    return f"{right / games:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"
