"""Lines behind the points: proven bounds, exact values, and target levels."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from quantum_advantage.plots.palette import BOUND, LEVEL


def shade_below(
    ax: Axes, x: npt.ArrayLike, bound: npt.ArrayLike, floor: float, label: str | None
) -> None:
    """Shades the region below a proven bound and draws its edge.

    Args:
        ax: Where to draw.
        x: (points,) positions.
        bound: (points,) its values.
        floor: The lower edge of the region.
        label: For the legend, or None.

    Example:
        >>> from quantum_advantage.plots.figures import new_figure
        >>> (ax,) = new_figure(3, 2).axes
        >>> shade_below(ax, [2, 4, 6], [2, 6, 23], floor=1, label="proven bound")
        >>> len(ax.collections), ax.lines[0].get_label()
        (1, 'proven bound')
    """
    ax.fill_between(np.asarray(x), floor, np.asarray(bound), color=BOUND, alpha=0.10, linewidth=0)
    draw_bound(ax, x, bound, label)


def draw_bound(
    ax: Axes,
    x: npt.ArrayLike,
    bound: npt.ArrayLike,
    label: str | None,
    line: str = "--",
    width: float = 0.9,
    **options: Any,
) -> None:
    """Draws a bound as a line.

    Args:
        ax: Where to draw.
        x: (points,) positions.
        bound: (points,) its values.
        label: For the legend.
        line: The line style; dotted where the constants of a bound are not known.
        width: Of the line, in points.
        **options: For ``ax.plot``.

    Example:
        >>> from quantum_advantage.plots.figures import new_figure
        >>> (ax,) = new_figure(3, 2).axes
        >>> draw_bound(ax, [2, 4, 6], [2, 6, 23], "scaling without constants", ":")
        >>> ax.lines[0].get_linestyle()
        ':'
    """
    x, bound = np.asarray(x), np.asarray(bound)
    ax.plot(x, bound, line, color=BOUND, linewidth=width, label=label, **options)


def draw_law(ax: Axes, x: npt.ArrayLike, law: npt.ArrayLike, colour: str) -> None:
    """Draws exact values as a thin line behind the measured ones.

    Args:
        ax: Where to draw.
        x: (points,) positions.
        law: (points,) the exact values.
        colour: As matplotlib reads colours.

    Example:
        >>> from quantum_advantage.plots.figures import new_figure
        >>> (ax,) = new_figure(3, 2).axes
        >>> draw_law(ax, [0, 1, 2], [1.0, 0.81, 0.66], "black")
        >>> ax.lines[0].get_ydata().tolist()
        [1.0, 0.81, 0.66]
    """
    ax.plot(np.asarray(x), np.asarray(law), color=colour, linewidth=0.5, zorder=1)


def draw_level(ax: Axes, value: float, line: str = "-", width: float = 0.6) -> None:
    """Draws a level line across the axes, behind everything else.

    Args:
        ax: Where to draw.
        value: For example a target accuracy.
        line: The line style.
        width: Of the line, in points.

    Example:
        >>> from quantum_advantage.plots.figures import new_figure
        >>> (ax,) = new_figure(3, 2).axes
        >>> draw_level(ax, 0.7)
        >>> [float(y) for y in ax.lines[0].get_ydata()]
        [0.7, 0.7]
    """
    ax.axhline(value, color=LEVEL, linewidth=width, linestyle=line, zorder=0)
