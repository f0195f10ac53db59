"""Maps of chips."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.ticker import MaxNLocator

from quantum_advantage.plots.palette import COOL, COUPLER, SPARE_QUBIT, WARM

# (row, column) of a qubit.
Place = tuple[int, int]


def draw_chip(
    ax: Axes,
    couplers: Iterable[tuple[Place, Place]],
    pairs: Sequence[tuple[Place, Place]],
    *,
    values: Sequence[float] | None = None,
    flagged: Sequence[bool] | None = None,
    chain: bool = False,
    label: str = "factor on the copies",
) -> None:
    """Draws pairs on the map of a chip: systems filled, memories open.

    Args:
        ax: Where to draw.
        couplers: All couplers, as ((row, column), (row, column)).
        pairs: The pairs in use, (system, memory).
        values: A number for each pair, shown in the colour of its link.
        flagged: Pairs that stand out; crossed out.
        chain: Whether the systems form a chain, whose links are drawn too.
        label: What the numbers are.

    Example:
        >>> from quantum_advantage.plots.figures import new_figure
        >>> (ax,) = new_figure(3, 2).axes
        >>> couplers = [((0, 0), (0, 1)), ((0, 1), (0, 2)), ((0, 2), (0, 3))]
        >>> draw_chip(ax, couplers, [couplers[0], couplers[2]], flagged=[False, True])
        >>> sum(line.get_marker() == "x" for line in ax.lines)  # one pair is crossed out
        1
    """
    links = list(couplers)
    for (r, c), (s, d) in links:
        ax.plot([c, d], [r, s], color=COUPLER, linewidth=0.8, zorder=1)
    nodes = sorted({place for link in links for place in link})
    ax.scatter([c for _, c in nodes], [r for r, _ in nodes], s=7, color=SPARE_QUBIT, zorder=2)
    if chain:
        systems = [system for system, _ in pairs]
        ax.plot([c for _, c in systems], [r for r, _ in systems], color=COOL, lw=1.4, zorder=3)
    colours: list[Any] = [WARM] * len(pairs)
    if values is not None:
        finite = [value for value in values if np.isfinite(value)]
        # One bad pair must not make all the others look alike.
        most = min(max(finite, default=1), 1.6 * float(np.median(finite or [1])))
        span = Normalize(min(finite, default=0), most, clip=True)
        scale = ScalarMappable(span, "viridis_r")
        colours = [scale.cmap(span(value)) for value in values]
        ax.figure.colorbar(scale, ax=ax, shrink=0.7, label=label, extend="max")
    for (system, memory), colour in zip(pairs, colours, strict=True):
        (r, c), (s, d) = system, memory
        ax.plot([c, d], [r, s], color=colour, linewidth=3.2, zorder=4, solid_capstyle="round")
        ax.plot(c, r, "o", color=colour, markersize=5, zorder=5)
        ax.plot(d, s, "o", color=colour, markerfacecolor="white", markersize=5, zorder=4.5)
    for (system, memory), bad in zip(pairs, flagged or [False] * len(pairs), strict=True):
        if bad:
            middle = (system[1] + memory[1]) / 2, (system[0] + memory[0]) / 2
            ax.plot(*middle, "x", color="black", markersize=11, markeredgewidth=1.6, zorder=6)
    ax.set(xlabel="column", ylabel="row", aspect="equal")
    ax.invert_yaxis()
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(integer=True))
