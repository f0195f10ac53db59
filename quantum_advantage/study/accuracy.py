"""Accuracy against copies, and its summary: sample complexities with intervals and bounds."""

from __future__ import annotations

import functools
import math
import sys
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from quantum_advantage.backends.names import NAMES, read_backend
from quantum_advantage.core.fields import number, whole
from quantum_advantage.core.notebook import html_table
from quantum_advantage.core.statistics import (
    LogLinearFit,
    bootstrap_accuracy,
    crossings,
    fit_log_linear,
    interval,
)
from quantum_advantage.study.dataset import Dataset
from quantum_advantage.study.rows import (
    MOST_COPIES,
    MOST_SEED,
    MOST_TRIALS,
    DecisionRow,
    check_identity,
)
from quantum_advantage.study.spec import BATCHES, CurveSpec, PointSpec
from quantum_advantage.study.tables import (
    check_interval,
    columns_of,
    read_records,
    values_of,
    write_table,
)
from quantum_advantage.tasks.registry import load_task

Floats = npt.NDArray[np.float64]

ENVELOPE = "best conventional"


@dataclass(frozen=True, eq=False, repr=False)
class AccuracyCurve:
    """Accuracy against copies, over all rungs of a ladder.

    Attributes:
        key: What was played.
        copies: (points,) numbers of copies.
        correct: (batches, points) right answers.
        trials: (batches, points) trials; 0 where a batch was not played so far.
    """

    key: CurveSpec
    copies: npt.NDArray[np.int64]
    correct: npt.NDArray[np.int64]
    trials: npt.NDArray[np.int64]

    def __repr__(self) -> str:
        trials = self.trials.sum(axis=0).max()
        return f"AccuracyCurve({self.key}: {trials} trials, to {self.copies[-1]} copies)"

    def check(self) -> None:
        """Raises a ``ValueError`` that names the field if a value cannot be."""
        check_identity("curve", self.key)
        whole(self.key.batch_size, "batch_size", 1, MOST_TRIALS)
        whole(self.key.seed, "seed", 0, MOST_SEED)
        if self.copies.ndim != 1 or (np.diff(self.copies, prepend=0) < 1).any():
            raise ValueError("copies must be whole numbers that grow, the first at least 1")
        shapes = self.correct.shape, self.trials.shape
        if self.correct.ndim != 2 or shapes != ((len(self.correct), self.copies.size),) * 2:
            raise ValueError(f"correct and trials must have shape (batches, {self.copies.size})")
        if (self.correct < 0).any() or (self.correct > self.trials).any():
            raise ValueError("correct must lie between 0 and trials")
        if not self.trials.any(axis=0).all():
            raise ValueError("trials must not be 0 in all batches")

    @property
    def accuracy(self) -> Floats:
        """(points,) the share of right answers."""
        return np.asarray(self.correct.sum(axis=0) / self.trials.sum(axis=0))

    @functools.cached_property
    def resampled(self) -> Floats:
        """(resamples, points) accuracies, by bootstrap over whole batches."""
        return bootstrap_accuracy(self.correct, self.trials, _resampling_seed(self.key))


def _resampling_seed(key: CurveSpec) -> int:
    """Returns the seed of a curve's bootstrap; the intervals of committed summaries hang on it."""
    text = (
        f"CurveKey(task={key.task!r}, protocol={key.protocol!r}, qubits={key.qubits!r}, "
        f"backend={key.backend!r}, source={key.source!r}, games={key.batch_size!r}, "
        f"seed={key.seed!r})"
    )
    return zlib.crc32(text.encode())


@dataclass(frozen=True, repr=False)
class Point:
    """One row of a summary: a sample complexity.

    ``copies`` is None where the target was missed within the budget, which is then ``copies_low``;
    ``copies_low`` and ``copies_high`` are the 95 % interval, None where there is none; ``bound`` is
    in copies, None where no bound applies.

    Example:
        >>> from quantum_advantage import copies_needed
        >>> point = copies_needed("bell", qubits=2, trials=100, games=5)
        >>> (point.spec.protocol, point.spec.qubits, point.target, point.trials)
        ('bell', 2, 0.7, 100)
        >>> point.copies_low <= point.copies <= point.copies_high
        True
        >>> point
        Point(bell, n = 2, qsim: 2 copies for accuracy 0.7, 95 % interval 1.379 to 3.2)
    """

    experiment: str
    spec: PointSpec
    target: float
    copies: float | None
    copies_low: float | None
    copies_high: float | None
    trials: int
    bound: float | None

    def __repr__(self) -> str:
        low, high = (
            f"{end:.4g}" if end is not None else "-" for end in (self.copies_low, self.copies_high)
        )
        found = f"more than {low}" if self.copies is None else f"{self.copies:.4g}"
        known = self.copies is not None and self.copies_low is not None
        spread = f", 95 % interval {low} to {high}" if known else ""
        return f"Point({self.spec}: {found} copies for accuracy {self.target:g}{spread})"

    def _repr_html_(self) -> str:
        return html_table(values_of(self))

    @property
    def copies_per_shot(self) -> int:
        """Copies that a shot of the protocol takes.

        Raises:
            UsageError: If the task or the protocol is not known here.
        """
        return load_task(self.spec.task).copies_per_shot(self.spec.protocol, self.spec.qubits)

    @property
    def in_whole_shots(self) -> int | None:
        """The copies rounded up to whole shots, at least one; None where the target was missed.

        The copies themselves are interpolated, and may be less than a shot takes.
        """
        if self.copies is None:
            return None
        per_shot = self.copies_per_shot
        return per_shot * max(1, math.ceil(self.copies / per_shot))

    def check(self) -> None:
        """Raises a ``ValueError`` that names the column if a value cannot be."""
        check_identity(self.experiment, self.spec)
        number(self.target, "target", 0, 1)
        whole(self.trials, "trials", 1, MOST_COPIES)
        for name in ("copies", "copies_low", "copies_high", "bound"):
            if (value := getattr(self, name)) is not None:
                number(value, name, 0, sys.float_info.max)
        check_interval(self.copies_low, None, self.copies_high, "copies")


SUMMARY_COLUMNS = tuple(columns_of(Point))


def accuracy_curves(counts: Dataset[DecisionRow]) -> list[AccuracyCurve]:
    """Returns the accuracy curves of the counts.

    A rung belongs to its curve when it has at least 20 whole batches, or as many as any other rung
    if none has; one that has just begun does not touch those that are finished.
    """
    rungs: dict[CurveSpec, list[dict[int, list[DecisionRow]]]] = defaultdict(list)
    for spec, batches in counts.whole_batches().items():
        rungs[spec.curve].append(batches)
    curves = []
    for key in sorted(rungs):
        least = min(BATCHES, max(map(len, rungs[key])))
        used = [batches for batches in rungs[key] if len(batches) >= least]
        present = sorted(set().union(*used))
        rows = [[r for batches in used for r in batches.get(b, ())] for b in present]
        copies = np.unique([row.copies for batch in rows for row in batch])
        correct = np.zeros((len(present), copies.size), dtype=np.int64)
        trials = np.zeros_like(correct)
        for b, batch in enumerate(rows):
            places = np.searchsorted(copies, [row.copies for row in batch])
            np.add.at(correct[b], places, [row.correct for row in batch])
            np.add.at(trials[b], places, [row.trials for row in batch])
        curves.append(AccuracyCurve(key, copies, correct, trials))
    return curves


def sample_complexity(curve: AccuracyCurve, target: float) -> tuple[float, Floats]:
    """Returns the copies at which a curve reaches the target, and bootstrap samples of them."""
    value = float(crossings(curve.copies, curve.accuracy, target))
    return value, crossings(curve.copies, curve.resampled, target)


def point_of(experiment: str, curve: AccuracyCurve, target: float) -> Point:
    """Returns the summary of one curve at one target."""
    key = curve.key
    value, samples = sample_complexity(curve, target)
    low: float | None = None
    high: float | None = None
    if not math.isfinite(value):
        low = float(curve.copies[-1])
    elif len(curve.correct) >= BATCHES:
        low, high = interval(samples)
    return Point(
        experiment,
        key.point,
        target,
        value if math.isfinite(value) else None,
        low,
        high if high is not None and math.isfinite(high) else None,
        int(curve.trials[:, -1].sum()),
        load_task(key.task).bound(key.protocol, key.qubits, target),
    )


def summarise(
    counts: Dataset[DecisionRow], targets: Callable[[CurveSpec], Iterable[float]]
) -> list[Point]:
    """Returns the points of every curve.

    Args:
        counts: The counts.
        targets: Gives the targets at which a curve is summarised.
    """
    return [
        point_of(counts.experiment, curve, target)
        for curve in accuracy_curves(counts)
        for target in targets(curve.key)
    ]


@dataclass(frozen=True)
class Exponent:
    """How the copies of a protocol grow with the number of qubits.

    Attributes:
        task: The task's full name.
        protocol: The protocol's bare name, or ``best conventional`` for the lower envelope of the
            protocols to which the bound applies.
        place: The backend if it has noise; empty for noiseless circuits and laws.
        target: The accuracy.
        qubits: The numbers of qubits that were fitted.
        fit: The line log2(copies) = intercept + slope * n.
    """

    task: str
    protocol: str
    place: str
    target: float
    qubits: tuple[int, ...]
    fit: LogLinearFit


def exponents(
    curves: Iterable[AccuracyCurve], targets: Callable[[CurveSpec], Iterable[float]]
) -> list[Exponent]:
    """Fits log2(copies) against n for every protocol and place with three or more sizes.

    Args:
        curves: Accuracy curves.
        targets: Gives the targets at which a curve is read.
    """
    groups: dict[tuple[str, str, str, float], dict[int, tuple[float, Floats]]] = defaultdict(dict)
    all_curves = list(curves)
    reached: set[tuple[str, str, int, str, float]] = set()
    for curve in sorted(all_curves, key=lambda c: c.key.source):
        key = curve.key
        place = noisy_place(key.backend)
        for target in targets(key):
            value, samples = sample_complexity(curve, target)
            if not math.isfinite(value):
                continue
            # Where both got there, the circuits speak; the smaller of the two would be too small.
            point = (key.task, key.protocol, key.qubits, place, target)
            if key.source == "law" and point in reached:
                continue
            if key.source == "circuit":
                reached.add(point)
            names = [key.protocol.partition(":")[0]]
            if load_task(key.task).bound(key.protocol, key.qubits, target) is not None:
                names.append(ENVELOPE)
            for name in names:
                best = groups[key.task, name, place, target]
                other_value, other_samples = best.get(key.qubits, (math.inf, samples))
                best[key.qubits] = min(value, other_value), np.minimum(samples, other_samples)
    fits = []
    for (task, name, place, target), sizes in groups.items():
        if len(sizes) < 3:
            continue
        qubits = sorted(sizes)
        values = [sizes[n][0] for n in qubits]
        samples = np.stack([sizes[n][1] for n in qubits], axis=1)
        fit = fit_log_linear(qubits, values, samples)
        fits.append(Exponent(task, name, place, target, tuple(qubits), fit))
    return sorted(fits, key=lambda e: (e.task, e.place, e.protocol, e.target))


def noisy_place(backend: str) -> str:
    """Returns the backend where its noise is part of the result; empty for others.

    Example:
        >>> noisy_place("law"), noisy_place("stim:readout=0.02")
        ('', 'qsim:readout=0.02')
    """
    if backend.partition(":")[0] not in NAMES:
        # Nobody but its owner knows what noise it has, and it need not be installed.
        return backend
    name = read_backend(backend)
    if not name.is_local:
        return backend
    return str(replace(name, base="qsim")) if name.noisy else ""


def write_summary(points: Iterable[Point], path: Path) -> None:
    """Writes a summary, replacing the old one in one step."""
    write_table(Point, points, path)


def read_summary(path: Path) -> list[Point]:
    """Reads a summary.

    Raises:
        ValueError: If the file is no summary.
        OSError: If it cannot be read.
    """
    return read_records(path, Point, "a summary")
