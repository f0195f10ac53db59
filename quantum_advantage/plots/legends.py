"""Legends, and words in figures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes

from quantum_advantage.plots.palette import NEUTRAL

if TYPE_CHECKING:
    from quantum_advantage.study.accuracy import Point


def legend_marks(ax: Axes, points: Iterable[Point]) -> None:
    """Adds the entries that tell circuits from the law, of those that the points come from."""
    present = {p.spec.source for p in points}
    marks = (("circuit", "circuits", NEUTRAL), ("law", "exact law", "white"))
    for source, label, face in marks:
        if source in present:
            legend_entry(ax, "o", label, markerfacecolor=face, markersize=3.6)


def legend_entry(ax: Axes, line: str, label: str, colour: str = NEUTRAL, **options: Any) -> None:
    """Adds an entry without data to the legend.

    Args:
        ax: Where the legend is.
        line: Line and marker, as ``ax.plot`` reads them.
        label: What the entry says.
        colour: Of the entry.
        **options: For ``ax.plot``.
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
    """Adds a legend if there is something to name; ``options`` go to ``ax.legend``."""
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

    Example:
        >>> listed([20, 4, 2, 4])
        '2, 4 and 20'
    """
    *most, last = map(str, sorted(set(numbers)))
    return f"{', '.join(most)} and {last}" if most else last
