"""What an experiment script declares: its curves, in three sizes. Standard library alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from numbers import Real
from operator import index
from typing import TYPE_CHECKING, Any

from quantum_advantage.core.usage import UsageError

if TYPE_CHECKING:
    from pandas import DataFrame

    from quantum_advantage.study.accuracy import AccuracyCurve, Point
    from quantum_advantage.study.errors import EstimatePoint
    from quantum_advantage.study.rows import EstimateRow


def _whole_numbers(name: str, value: Any) -> tuple[int, ...]:
    """Reads one whole number or several, from 1 on; floats that are whole count."""
    # An array without axes is a number.
    several = isinstance(value, Iterable) and getattr(value, "ndim", None) != 0
    return tuple(_whole_number(name, one) for one in (value if several else [value]))


def _whole_number(name: str, value: Any, least: int = 1) -> int:
    """Reads a whole number from ``least`` on; a float that is whole counts."""
    try:
        whole = isinstance(value, Real) and float(value).is_integer()
        number = int(value) if whole else index(value)
    except (TypeError, OverflowError):
        number = least - 1
    if isinstance(value, bool) or number < least:
        raise UsageError(f"{name} must be whole numbers, at least {least}, not {value!r}")
    return number


@dataclass(frozen=True)
class Search:
    """Budgets of a curve that is searched for the copies that a target takes.

    Attributes:
        targets: The accuracies at which the sample complexity is read.
        max_copies: The largest number of copies per record; that of the command line if smaller.

    Raises:
        UsageError: If there is no target, one does not lie between 1/2 and 1, or the largest number
            of copies is no whole number, at least 1.
    """

    targets: tuple[float, ...] = (0.7,)
    max_copies: int = 2**60

    def __post_init__(self) -> None:
        """Takes one target, or any sequence of them."""
        given: Any = self.targets
        targets = tuple(given) if isinstance(given, Iterable) else (given,)
        for target in targets:
            if not isinstance(target, Real) or not 0.5 < float(target) < 1:
                raise UsageError(f"targets must lie between 0.5 and 1, not {target!r}")
        if not targets:
            raise UsageError("targets must be at least one")
        object.__setattr__(self, "targets", targets)
        object.__setattr__(self, "max_copies", _whole_number("max_copies", self.max_copies))


@dataclass(frozen=True)
class Fixed:
    """Budgets of a curve that are given.

    Attributes:
        copies: The numbers of copies; each has records of its own.

    Raises:
        UsageError: If there is none, or one is no whole number, at least 1.

    Example:
        >>> from quantum_advantage import Curve, Fixed
        >>> Curve("bell", (2, 4), Fixed((100, 200))).targets
        ()
    """

    copies: tuple[int, ...]

    def __post_init__(self) -> None:
        """Takes one number of copies, or any sequence of them."""
        object.__setattr__(self, "copies", _whole_numbers("copies", self.copies))
        if not self.copies:
            raise UsageError("copies must be at least one number")


@dataclass(frozen=True)
class Curve:
    """One curve of an experiment: a protocol over several numbers of qubits.

    Attributes:
        protocol: The protocol's name.
        qubits: The numbers of qubits n; none for a curve that is drawn but not played.
        budgets: The copies per record: searched for, or fixed.
        circuits_to: The largest n that runs as circuits with backend ``auto``, the exact law
            beyond; None for all of them.
        backend: Where it runs unless the command line names another place.
        task: The task's full name, if it is not the experiment's.
        fit_from: The smallest n that enters the printed exponent.
        batch_size: Trials in a batch, if not as many as the experiment says; 0 for those.

    Raises:
        UsageError: If a name is no text, a number no whole one, at least 1 for qubits, or the
            budgets are no budgets.

    Example:
        >>> from quantum_advantage import Curve
        >>> Curve("bell", (2, 4)).targets, Curve("bell", 4).qubits
        ((0.7,), (4,))
    """

    protocol: str
    qubits: tuple[int, ...]
    budgets: Search | Fixed = Search()
    circuits_to: int | None = None
    backend: str = "auto"
    task: str = ""
    fit_from: int = 1
    batch_size: int = 0

    def __post_init__(self) -> None:
        """Takes one number of qubits, or any sequence of them."""
        for name in ("protocol", "backend", "task"):
            if not isinstance(getattr(self, name), str):
                raise UsageError(f"{name} must be a text, not {getattr(self, name)!r}")
        for name, least in (("fit_from", 1), ("batch_size", 0), ("circuits_to", 0)):
            if (value := getattr(self, name)) is not None:
                object.__setattr__(self, name, _whole_number(name, value, least))
        if not isinstance(self.budgets, Search | Fixed):
            raise UsageError(f"budgets must be a Search or Fixed, not {self.budgets!r}")
        object.__setattr__(self, "qubits", _whole_numbers("qubits", self.qubits))

    @property
    def targets(self) -> tuple[float, ...]:
        """The accuracies that are searched for; none where the budgets are fixed."""
        return self.budgets.targets if isinstance(self.budgets, Search) else ()

    def by_circuits(self, qubits: int) -> bool:
        """Tells whether n qubits run as circuits with backend ``auto``."""
        return self.circuits_to is None or qubits <= self.circuits_to


@dataclass(frozen=True)
class Experiment:
    """What an experiment script declares.

    Attributes:
        name: The stem of its files.
        about: One line for ``--help``.
        task: The task's full name.
        curves: The curves at the default size.
        quick: The curves at the smallest size; the same if none are given.
        full: The curves behind the committed figure; the same if none are given.
        trials: Trials for each point; systems, where the task estimates.
        batch_size: How many of them make a batch, part of every result's identity.
        seconds: What it takes in its default size on two cores, roughly; 0 if nobody has measured.

    Raises:
        ValueError: If something among the curves is none, trials or the size of a batch are no
            whole numbers, at least 1, or some curves are searched and others have fixed budgets:
            they are different kinds of results, each of which has an experiment of its own.

    Example:
        >>> from quantum_advantage import Curve, Experiment
        >>> Experiment("mine", "One protocol.", "observables", [Curve("bell", [2, 4])]).searches
        True
    """

    name: str
    about: str
    task: str
    curves: tuple[Curve, ...]
    quick: tuple[Curve, ...] = ()
    full: tuple[Curve, ...] = ()
    trials: int = 10_000
    batch_size: int = 500
    seconds: int = 0

    def __post_init__(self) -> None:
        """Fills in sizes that are not given, and checks that all curves are of one kind."""
        given_curves: Any = self.curves
        several = isinstance(given_curves, Iterable)
        curves = tuple(given_curves) if several else (given_curves,)
        for name in ("curves", "quick", "full"):
            given = curves if name == "curves" else tuple(getattr(self, name))
            object.__setattr__(self, name, given or curves)
        for curve in self._all:
            if not isinstance(curve, Curve):
                raise UsageError(f"curves must be a Curve or several, but hold {curve!r}")
        for name in ("trials", "batch_size"):
            object.__setattr__(self, name, _whole_number(name, getattr(self, name)))
        if len({type(curve.budgets) for curve in self._all}) > 1:
            raise ValueError(
                f"curves of {self.name} must all be searched or all have fixed budgets"
            )

    @property
    def _all(self) -> tuple[Curve, ...]:
        return (*self.curves, *self.quick, *self.full)

    @property
    def searches(self) -> bool:
        """Whether sample complexities are searched for; else errors are measured."""
        return any(isinstance(curve.budgets, Search) for curve in self._all)


class _Summarised:
    """What has a summary, which is also what a notebook shows of it."""

    points: Sequence[Point] | Sequence[EstimatePoint]

    def points_frame(self) -> DataFrame:
        """Returns the summary as a data frame, one row for each of the points."""
        from pandas import DataFrame

        from quantum_advantage.study.tables import values_of

        return DataFrame([values_of(point) for point in self.points])

    def _repr_html_(self) -> str:
        return str(self.points_frame().to_html(index=False))


@dataclass(frozen=True, eq=False, repr=False)
class AccuracyData(_Summarised):
    """What a figure of accuracies is drawn from: nothing but the rows on disk.

    Attributes:
        points: The summary.
        curves: The accuracy curves.
    """

    points: Sequence[Point]
    curves: Sequence[AccuracyCurve]

    def curves_frame(self) -> DataFrame:
        """Returns the curves as a data frame, one row for each number of copies."""
        from pandas import DataFrame

        return DataFrame(
            [
                vars(curve.key)
                | {"copies": copies, "correct": correct, "trials": trials}
                | {"accuracy": correct / trials}
                for curve in self.curves
                for copies, correct, trials in zip(
                    curve.copies.tolist(),
                    curve.correct.sum(axis=0).tolist(),
                    curve.trials.sum(axis=0).tolist(),
                    strict=True,
                )
            ]
        )

    def __repr__(self) -> str:
        return f"AccuracyData({len(self.points)} points, {len(self.curves)} curves)"


@dataclass(frozen=True, eq=False, repr=False)
class ErrorData(_Summarised):
    """What a figure of estimates is drawn from: nothing but the rows on disk.

    Attributes:
        points: The summary, one point for each quantity and budget.
        rows: The single estimates behind it.
    """

    points: Sequence[EstimatePoint]
    rows: Sequence[EstimateRow]

    def rows_frame(self) -> DataFrame:
        """Returns the single estimates as a data frame."""
        from pandas import DataFrame

        return DataFrame(
            [
                {
                    "task": row.spec.task,
                    "protocol": row.spec.protocol,
                    "qubits": row.spec.qubits,
                    "backend": row.spec.backend,
                    "copies": row.copies,
                    "batch": row.batch,
                    "system": row.system,
                    "quantity": row.quantity,
                    "value": row.value,
                    "error": row.error,
                    "truth": row.truth,
                }
                for row in self.rows
            ]
        )

    def __repr__(self) -> str:
        return f"ErrorData({len(self.points)} points, {len(self.rows)} estimates)"
