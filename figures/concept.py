"""Draws the concept sketch: measure first, against a quantum memory and a joint measurement."""

from __future__ import annotations

import sys
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from quantum_advantage.plots import new_figure, render
from quantum_advantage.plots.palette import COOL, INK, WARM


def box(ax: Axes, x: float, y: float, text: str, colour: str, width: float = 1.5) -> None:
    """Draws a labelled box centred at (x, y)."""
    ax.add_patch(
        FancyBboxPatch(
            (x - width / 2, y - 0.36),
            width,
            0.72,
            boxstyle="round,pad=0.02,rounding_size=0.12",
            facecolor="white",
            edgecolor=colour,
            linewidth=1.1,
        )
    )
    ax.text(x, y, text, ha="center", va="center", color=colour, fontsize=7)


def arrow(ax: Axes, start: tuple[float, float], stop: tuple[float, float]) -> None:
    """Draws an arrow."""
    style = {"arrowstyle": "-|>", "color": INK, "linewidth": 0.9, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", stop, start, arrowprops=style)


def draw() -> Figure:
    """Draws both learners, one below the other."""
    figure = new_figure(7.2, 2.5)
    (ax,) = figure.axes
    ax.set(xlim=(0, 12.2), ylim=(-0.75, 3.9))
    ax.axis("off")
    rows = ((2.8, COOL, "conventional: measure first"), (0.4, WARM, "quantum-enhanced"))
    for y, colour, title in rows:
        ax.text(0.1, y + 0.72, title, color=colour, fontsize=8, weight="bold")
        box(ax, 0.9, y, "unknown\nsystem", INK)
        box(ax, 9.3, y, "record of\nclassical bits", INK)
        box(ax, 11.4, y, "question,\nthen answer", INK)
        arrow(ax, (10.07, y), (10.63, y))
    box(ax, 5.1, 2.8, "one copy at a time,\neach measured at once,\nin any basis", COOL, 2.9)
    arrow(ax, (1.67, 2.8), (3.63, 2.8))
    ax.text(2.65, 2.95, r"$\rho$", ha="center", color=INK)
    arrow(ax, (6.57, 2.8), (8.53, 2.8))
    box(ax, 3.9, 0.4, "quantum memory\nkeeps a copy", WARM, 1.9)
    box(ax, 6.9, 0.4, "joint Bell\nmeasurement", WARM, 1.7)
    arrow(ax, (1.67, 0.55), (2.93, 0.55))
    ax.text(2.3, 0.7, r"$\rho$", ha="center", color=INK)
    arrow(ax, (4.87, 0.55), (6.03, 0.55))
    ax.plot([1.67, 2.2, 2.2, 5.2, 5.2], [0.25, 0.25, -0.55, -0.55, 0.25], color=INK, linewidth=0.9)
    arrow(ax, (5.2, 0.25), (6.03, 0.25))
    ax.text(3.9, -0.45, r"$\rho$", ha="center", color=INK)
    arrow(ax, (7.77, 0.4), (8.53, 0.4))
    ax.text(5.1, 2.0, r"copies: order $2^n$", ha="center", color=COOL, fontsize=7.5)
    ax.text(6.9, -0.45, "copies: a constant", ha="center", color=WARM, fontsize=7.5)
    return figure


if __name__ == "__main__":
    render(draw, Path(__file__).with_suffix(""))
    sys.exit(0)
