"""Legends, and words in figures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes

from quantum_advantage.plots.palette import NEUTRAL

if TYPE_CHECKING:
    from quantum_advantage.study.accuracy import Point


def legend_marks(ax: Axes, points: Iterable[Point]) -> None:
    """Adds the entries for circuits and for the exact law, if points come from both.

    Args:
        ax: Where the legend is.
        points: The points of the figure.

    Example:
        >>> from quantum_advantage.plots.figures import new_figure
        >>> from quantum_advantage.study.accuracy import Point
        >>> from quantum_advantage.study.spec import PointSpec
        >>> spec = PointSpec("observables:alpha=0.9,game=two", "bell", 2, "qsim")
        >>> exact = PointSpec("observables:alpha=0.9,game=two", "bell", 4, "law")
        >>> points = [Point("trial", s, 0.7, 2.0, 1.5, 2.5, 100, None) for s in (spec, exact)]
        >>> (ax,) = new_figure(3, 2).axes
        >>> legend_marks(ax, points)
        >>> [line.get_label() for line in ax.lines]
        ['circuits', 'exact law']
    """
    if len({p.spec.source for p in points}) > 1:
        for label, face in (("circuits", NEUTRAL), ("exact law", "white")):
            legend_entry(ax, "o", label, markerfacecolor=face, markersize=3.6)


def legend_entry(ax: Axes, line: str, label: str, colour: str = NEUTRAL, **options: Any) -> None:
    """Adds an entry without data to the legend.

    Args:
        ax: Where the legend is.
        line: Line and marker, as ``ax.plot`` reads them.
        label: What the entry says.
        colour: Of the entry.
        **options: For ``ax.plot``.

    Example:
        >>> from quantum_advantage.plots.figures import new_figure
        >>> (ax,) = new_figure(3, 2).axes
        >>> legend_entry(ax, "--", "proven bound")
        >>> ax.get_legend_handles_labels()[1]
        ['proven bound']
    """
    ax.plot([], [], line, color=colour, label=label, **options)


def label_once(labelled: set[str], name: str, label: str | None = None) -> str | None:
    """Returns a label the first time that a name comes, and then one that no legend shows.

    Args:
        labelled: The names that came before; this one is added.
        name: What comes.
        label: Its label; None for the protocol's own.

    Example:
        >>> labelled = set()
        >>> [label_once(labelled, name, name.upper()) for name in ("a", "b", "a")]
        ['A', 'B', '_']
    """
    shown = "_" if name in labelled else label
    labelled.add(name)
    return shown


def add_legend(ax: Axes, **options: Any) -> None:
    """Adds a legend if there is something to name.

    Args:
        ax: Where to draw.
        **options: For ``ax.legend``.

    Example:
        >>> from quantum_advantage.plots.figures import new_figure
        >>> (ax,) = new_figure(3, 2).axes
        >>> add_legend(ax)
        >>> ax.get_legend() is None  # nothing to name
        True
    """
    if ax.get_legend_handles_labels()[0]:
        ax.legend(**options)


def percent(share: float) -> str:
    """Returns a share in per cent, as ``70 %``.

    Example:
        >>> percent(0.7)
        '70 %'
    """
    return f"{share:.0%}".replace("%", " %")


def thousands(number: int) -> str:
    """Returns a whole number with spaces between groups of three digits.

    Example:
        >>> thousands(12500)
        '12 500'
    """
    return f"{number:,}".replace(",", " ")


def listed(numbers: Iterable[int]) -> str:
    """Returns different numbers in order, as ``4``, ``4 and 20`` or ``2, 4 and 20``.

    Args:
        numbers: At least one number.

    Example:
        >>> listed([20, 4, 2, 4])
        '2, 4 and 20'
    """
    *most, last = map(str, sorted(set(numbers)))
    return f"{', '.join(most)} and {last}" if most else last
