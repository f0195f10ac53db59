"""Errors of estimates, and intervals of single values."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from matplotlib.axes import Axes

from quantum_advantage.plots.styles import style_of

if TYPE_CHECKING:
    from quantum_advantage.study.errors import EstimatePoint

# Below it an error is rounding.
NO_ERROR = 1e-8


def plot_errors(
    ax: Axes,
    points: Sequence[EstimatePoint],
    x: Sequence[float] | None = None,
    *,
    label: str | None = None,
    line: str = "-",
    face: str | None = None,
) -> None:
    """Draws root-mean-square errors with their intervals, and a line through them.

    An error of exactly 0 is an arrow downwards from the lower edge.

    Args:
        ax: Where to draw.
        points: The points of one protocol.
        x: The position of each point; its number of qubits by default.
        label: For the legend; the protocol's own by default.
        line: The line style.
        face: The colour of the markers' faces, if not the protocol's.

    Example:
        >>> from quantum_advantage.plots.figures import new_figure
        >>> from quantum_advantage.study.errors import EstimatePoint
        >>> from quantum_advantage.study.spec import PointSpec
        >>> spec = PointSpec("purity", "bell", 2, "qsim")
        >>> about = "trial", spec, "purity", 1000, 40
        >>> point = EstimatePoint(*about, 0.51, 0.5, 0.52, 0.5, 0.04, 0.03, 0.05, 0.95)
        >>> (ax,) = new_figure(3, 2).axes
        >>> plot_errors(ax, [point])
        >>> ax.lines[0].get_ydata().tolist(), [float(y) for y in ax.lines[1].get_ydata()]
        ([0.04], [0.03, 0.05])
    """
    if not points:
        return
    style = style_of(points[0].spec.protocol)
    x = [p.spec.qubits for p in points] if x is None else x
    shown = [(at, p) for at, p in zip(x, points, strict=True) if p.rmse > NO_ERROR]
    ax.plot(
        [at for at, _ in shown],
        [p.rmse for _, p in shown],
        line,
        color=style.colour,
        marker=style.marker,
        markersize=3.6,
        markerfacecolor=face or style.colour,
        linewidth=0.9,
        label=style.label if label is None else label,
    )
    for at, p in shown:
        if p.rmse_low is not None and p.rmse_high is not None:
            draw_interval(ax, at, p.rmse_low, p.rmse_high, style.colour)
    for at, p in zip(x, points, strict=True):
        if p.rmse <= NO_ERROR:
            ax.annotate(
                "",
                (at, 0.0),
                (at, 0.09),
                xycoords=("data", "axes fraction"),
                textcoords=("data", "axes fraction"),
                arrowprops={"arrowstyle": "->", "color": style.colour, "linewidth": 0.9},
            )


def bell_errors(points: Iterable[EstimatePoint]) -> list[float]:
    """Returns the exact root-mean-square errors of purities from Bell measurements.

    Source: a shot of two copies shows a sign whose mean is the purity p, so that the mean of T
    signs has the variance (1 - p²)/T.

    Args:
        points: Points of purities; T is half of their copies.

    Returns:
        One error for each point.

    Example:
        >>> from quantum_advantage.study.errors import EstimatePoint
        >>> from quantum_advantage.study.spec import PointSpec
        >>> spec = PointSpec("purity", "bell", 2, "qsim")
        >>> about = "trial", spec, "purity", 1000, 40
        >>> point = EstimatePoint(*about, 0.61, 0.6, 0.62, 0.6, 0.04, 0.03, 0.05, 0.95)
        >>> [round(error, 4) for error in bell_errors([point])]  # √[(1 - 0.6²)/500]
        [0.0358]
    """
    return [math.sqrt((1 - p.truth**2) / (p.copies / 2)) for p in points]


def draw_interval(
    ax: Axes, x: float, low: float, high: float, colour: object, width: float = 0.7
) -> None:
    """Draws an interval as an upright line.

    Args:
        ax: Where to draw.
        x: The position of the value.
        low: The lower end.
        high: The upper end.
        colour: As matplotlib reads colours.
        width: Of the line, in points.

    Example:
        >>> from quantum_advantage.plots.figures import new_figure
        >>> (ax,) = new_figure(3, 2).axes
        >>> draw_interval(ax, 4, 0.1, 0.3, "black")
        >>> [float(y) for y in ax.lines[0].get_ydata()]
        [0.1, 0.3]
    """
    ax.plot([x, x], [low, high], color=colour, linewidth=width)
