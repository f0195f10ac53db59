"""Lines behind the points: what is proven, what is exact, and the level that is asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from quantum_advantage.plots.palette import BOUND, LEVEL


def shade_below(
    ax: Axes, x: npt.ArrayLike, bound: npt.ArrayLike, floor: float, label: str | None
) -> None:
    """Shades the region below a proven bound and draws its edge."""
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
    """
    x, bound = np.asarray(x), np.asarray(bound)
    ax.plot(x, bound, line, color=BOUND, linewidth=width, label=label, **options)


def draw_law(ax: Axes, x: npt.ArrayLike, law: npt.ArrayLike, colour: str) -> None:
    """Draws exact values, (points,), as a thin line behind the measured ones."""
    ax.plot(np.asarray(x), np.asarray(law), color=colour, linewidth=0.5, zorder=1)


def draw_level(ax: Axes, value: float, line: str = "-", width: float = 0.6) -> None:
    """Draws a level line across the axes, behind everything else.

    Args:
        ax: Where to draw.
        value: As an accuracy that is asked for.
        line: The line style.
        width: Of the line, in points.
    """
    ax.axhline(value, color=LEVEL, linewidth=width, linestyle=line, zorder=0)
