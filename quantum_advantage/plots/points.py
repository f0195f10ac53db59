"""Sample complexities with their intervals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from matplotlib.axes import Axes

from quantum_advantage.plots.styles import style_of

if TYPE_CHECKING:
    from quantum_advantage.study.accuracy import Point


def plot_points(
    ax: Axes,
    points: Sequence[Point],
    x: Sequence[float] | None = None,
    *,
    label: str | None = None,
    line: str = "-",
    size: float = 4.2,
) -> None:
    """Draws sample complexities with their intervals, and a line through them.

    Circuit points are filled, law points hollow; a point beyond the budget is an arrow upwards.
    What is interpolated below the copies of one shot is drawn at one shot, which is the least that
    can be measured.

    Args:
        ax: Where to draw.
        points: The points of one protocol.
        x: The position of each point; its number of qubits by default.
        label: For the legend; the protocol's own by default.
        line: The line style.
        size: Of the markers, in points.

    Example:
        >>> from quantum_advantage.plots.figures import new_figure
        >>> from quantum_advantage.study.accuracy import Point
        >>> from quantum_advantage.study.spec import PointSpec
        >>> names = "observables:alpha=0.9,game=two", "bell"
        >>> points = [
        ...     Point("trial", PointSpec(*names, n, "qsim"), 0.7, copies, 1.5, 2.5, 100, None)
        ...     for n, copies in ((2, 2.0), (4, 2.2))
        ... ]
        >>> (ax,) = new_figure(3, 2).axes
        >>> plot_points(ax, points)
        >>> line = ax.lines[0]
        >>> line.get_label(), line.get_xdata().tolist(), line.get_ydata().tolist()
        ('Bell measurement, two copies', [2, 4], [2.0, 2.2])
    """
    if not points:
        return
    style = style_of(points[0].spec.protocol)
    x = [p.spec.qubits for p in points] if x is None else x
    reached = [
        (at, max(p.copies, p.copies_per_shot))
        for at, p in zip(x, points, strict=True)
        if p.copies is not None
    ]
    ax.plot(
        [at for at, _ in reached],
        [copies for _, copies in reached],
        # In a legend, what was never reached is what stands in the axes: an arrow.
        line if reached else " ",
        color=style.colour,
        label=style.label if label is None else label,
        marker=style.marker if reached else r"$\uparrow$",
        markersize=size if reached else 6,
        markevery=[],
    )
    # Without room at its ends, so that a short one still has a shaft.
    arrow = {"arrowstyle": "->", "linewidth": 0.8, "shrinkA": 0, "shrinkB": 0}
    for at, p in zip(x, points, strict=True):
        face = style.colour if p.spec.source == "circuit" else "white"
        if p.copies is None:
            ax.annotate(
                "",
                (at, 2 * (p.copies_low or 1)),
                (at, p.copies_low or 1),
                arrowprops=arrow | {"color": style.colour},
                # Before the markers of curves that pass there.
                zorder=6,
            )
            continue
        low = p.copies_low if p.copies_low is not None and p.copies_high is not None else p.copies
        high = p.copies_high if p.copies_high is not None else p.copies
        low, copies, high = (max(c, p.copies_per_shot) for c in (low, p.copies, high))
        ax.errorbar(
            at,
            copies,
            yerr=[[max(copies - low, 0)], [max(high - copies, 0)]],
            marker=style.marker,
            color=style.colour,
            markerfacecolor=face,
            markeredgewidth=0.9,
            elinewidth=0.8,
            capsize=1.6,
            linestyle="none",
            markersize=size,
            zorder=3,
        )


def of_protocol(
    points: Iterable[Point], protocol: str, *, target: float | None = None
) -> list[Point]:
    """Returns a protocol's points in order of qubits, circuits before law where both exist.

    Args:
        points: The points.
        protocol: The bare name of the protocol.
        target: Only points of this target accuracy; by default of all.

    Example:
        >>> from quantum_advantage.study.accuracy import Point
        >>> from quantum_advantage.study.spec import PointSpec
        >>> task = "observables:alpha=0.9,game=two"
        >>> points = [
        ...     Point("trial", PointSpec(task, protocol, n, "qsim"), 0.7, 2.0, 1.5, 2.5, 100, None)
        ...     for protocol, n in (("bell", 4), ("bell", 2), ("local_pauli:times=1", 2))
        ... ]
        >>> [point.spec.qubits for point in of_protocol(points, "bell")]
        [2, 4]
    """
    chosen = [
        p
        for p in points
        if p.spec.protocol.partition(":")[0] == protocol and (target is None or p.target == target)
    ]
    return sorted(chosen, key=lambda p: (p.spec.qubits, p.spec.source))
