"""Whole pictures of summaries: every protocol in its style, with bounds, axes and legend."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import cycle
from typing import TYPE_CHECKING, Any, TypeVar

from matplotlib.axes import Axes

from quantum_advantage.plots.accuracies import plot_accuracy
from quantum_advantage.plots.bounds import draw_bound
from quantum_advantage.plots.errors import plot_errors
from quantum_advantage.plots.legends import add_legend, label_once, legend_marks, percent
from quantum_advantage.plots.points import plot_points
from quantum_advantage.plots.styles import style_of
from quantum_advantage.study.accuracy import noisy_place

if TYPE_CHECKING:
    from quantum_advantage.study.accuracy import AccuracyCurve, Point
    from quantum_advantage.study.errors import EstimatePoint
    from quantum_advantage.study.spec import PointSpec

T = TypeVar("T")
_LINES = ("-", "--", ":", "-.")


def draw_points(ax: Axes, points: Sequence[Point]) -> None:
    """Draws sample complexities against qubits, with the bounds that hold there.

    Args:
        ax: Where to draw.
        points: Points of any protocols, tasks, places and targets.
    """
    of_spec, lines = _identities(p.spec for p in points), _Lines()
    for name, same in _series(points, lambda p: (*of_spec(p.spec), f"to {percent(p.target)}")):
        same.sort(key=lambda p: (p.spec.qubits, p.spec.source))
        plot_points(ax, same, label=name, line=lines.next(same[0].spec.protocol))
        # Arrows alone would not move the limits of the axes.
        missed = [(p.spec.qubits, 2 * (p.copies_low or 1)) for p in same if p.copies is None]
        if missed:
            ax.update_datalim(missed)
    labelled: set[str] = set()
    for _, known in _groups(points, lambda p: (p.spec.task, p.target)):
        bounds = sorted({(p.spec.qubits, p.bound) for p in known if p.bound is not None})
        if bounds:
            label = label_once(labelled, "bound", "bound without quantum memory")
            draw_bound(ax, [n for n, _ in bounds], [bound for _, bound in bounds], label)
    legend_marks(ax, points)
    ax.set(yscale="log", xlabel="number of qubits $n$", ylabel="copies")
    ax.locator_params(axis="x", integer=True)
    add_legend(ax)


def draw_estimates(ax: Axes, points: Sequence[EstimatePoint]) -> None:
    """Draws errors of estimates against copies, or against qubits where the copies are all alike.

    Args:
        ax: Where to draw.
        points: Points of any protocols, tasks, places and quantities.
    """
    by_copies = len({p.copies for p in points}) > 1
    of_spec = _identities(p.spec for p in points)

    def place(p: EstimatePoint) -> int:
        return p.copies if by_copies else p.spec.qubits

    def identity(p: EstimatePoint) -> tuple[str, ...]:
        # Where n is on the axis, the quantity may name it.
        quantity = p.quantity if by_copies else p.quantity.partition(":")[0]
        return (*of_spec(p.spec), quantity, f"$n$ = {p.spec.qubits}" if by_copies else "")

    lines = _Lines()
    for name, same in _series(points, identity):
        same.sort(key=place)
        line = lines.next(same[0].spec.protocol)
        plot_errors(ax, same, [place(p) for p in same], label=name, line=line)
    ax.set(yscale="log", ylabel="root-mean-square error")
    if by_copies:
        ax.set(xscale="log", xlabel="copies")
    else:
        ax.set_xlabel("number of qubits $n$")
        ax.locator_params(axis="x", integer=True)
    add_legend(ax)


def draw_curves(ax: Axes, curves: Sequence[AccuracyCurve]) -> None:
    """Draws accuracies against copies, each with its 95 % band.

    Args:
        ax: Where to draw.
        curves: Curves of any protocols, tasks, places and numbers of qubits.
    """
    of_spec, lines = _identities(c.key for c in curves), _Lines()
    for name, same in _series(curves, lambda c: (*of_spec(c.key), f"$n$ = {c.key.qubits}")):
        for curve in same:
            plot_accuracy(ax, curve, label=name, line=lines.next(curve.key.protocol))
            name = "_"
    ax.set(xscale="log", xlabel="copies", ylabel="share of right answers")
    add_legend(ax)


class _Lines:
    """Another line for every further series of one protocol, whose colour they share."""

    def __init__(self) -> None:
        self._left: dict[str, Any] = {}

    def next(self, protocol: str) -> str:
        return next(self._left.setdefault(protocol.partition(":")[0], cycle(_LINES)))


def _identities(specs: Iterable[PointSpec]) -> Callable[[PointSpec], tuple[str, ...]]:
    """Returns what tells series apart, the protocol's label first.

    Options of a protocol count where it has several of them at one n: others follow from n.
    """
    names: dict[tuple[str, str, int], set[str]] = {}
    for spec in specs:
        place = spec.task, spec.protocol.partition(":")[0], spec.qubits
        names.setdefault(place, set()).add(spec.protocol)
    several = {bare for (_, bare, _), found in names.items() if len(found) > 1}

    def identity(spec: PointSpec) -> tuple[str, ...]:
        bare, _, options = spec.protocol.partition(":")
        label = style_of(spec.protocol).label
        return label, options if bare in several else "", spec.task, noisy_place(spec.backend)

    return identity


def _groups(items: Iterable[T], key: Callable[[T], Any]) -> Iterable[tuple[Any, list[T]]]:
    """Returns items of one key together, in the order in which they first come."""
    found: dict[Any, list[T]] = {}
    for item in items:
        found.setdefault(key(item), []).append(item)
    return found.items()


def _series(
    items: Iterable[T], identity: Callable[[T], tuple[str, ...]]
) -> list[tuple[str, list[T]]]:
    """Returns items of one identity together, named by what differs between them."""
    groups = list(_groups(items, identity))
    differs = [len(set(parts)) > 1 for parts in zip(*(key for key, _ in groups), strict=True)]
    differs[0] = True
    return [
        (", ".join(part for part, kept in zip(key, differs, strict=True) if kept and part), same)
        for key, same in groups
    ]
