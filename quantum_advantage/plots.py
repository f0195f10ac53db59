"""Figures: one style, one colour and one marker for each protocol throughout the project."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from quantum_advantage.core.files import write_file
from quantum_advantage.study.estimate_summary import EstimatePoint
from quantum_advantage.study.summary import AccuracyCurve, Point

# Below it an error is rounding.
NO_ERROR = 1e-8
COLUMN_WIDTH = 3.5  # inches; a text column of a journal
RC: Any = {
    "font.size": 8,
    "axes.labelsize": 8,
    "axes.titlesize": 8.5,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "legend.handlelength": 1.6,
    "lines.linewidth": 1.1,
    "lines.markersize": 4.2,
    "pdf.fonttype": 42,
    "svg.fonttype": "path",
    "svg.hashsalt": "quantum_advantage",
    "savefig.dpi": 300,
}
# Not of a figure's look, but of the window that shows it.
_OF_WINDOWS = {"backend", "backend_fallback", "interactive", "toolbar"}


@dataclass(frozen=True)
class Style:
    """How a protocol is drawn."""

    label: str
    colour: str
    # A letter, or the number of corners, 0 for a polygon or 1 for a star, and the turn in degrees.
    marker: str | tuple[int, int, int]


# Quantum-enhanced in warm colours, conventional in cool ones, controls in grey and brown.
# (row, column) of a qubit.
Place = tuple[int, int]

STYLES = {
    "bell": Style("Bell measurement, two copies", "#d1432b", "o"),
    "bell_sign": Style("two copies, sign of the ratio", "#c2549d", "8"),
    "bell_calibrated": Style("Bell measurement, calibrated", "#8f1d14", "p"),
    "memory": Style("memory of $k$ qubits", "#e08a1e", "D"),
    "mutually_unbiased": Style("unbiased bases, random subset", "#12355b", "s"),
    "random_clifford": Style("random Clifford bases", "#1d8a99", "^"),
    "mutually_unbiased_cycled": Style("unbiased bases, cycled", "#4f86c6", "v"),
    "local_pauli": Style("random Pauli bases", "#6f7d8c", "P"),
    "collisions": Style("collisions, computational basis", "#00796b", "d"),
    "randomized_measurements": Style("random Pauli bases, repeated", "#7a9e3a", "H"),
    "bell_tolerant": Style("Bell measurement, noise unknown", "#5c0a08", (6, 1, 0)),
    "bell_shots": Style("Bell measurement, kernel of shots", "#ff7f66", (4, 1, 45)),
    "bell_on_chain": Style("Bell measurement, chain of pairs", "#b8860b", (7, 0, 0)),
    "bell_shots_on_chain": Style("chain of pairs, kernel of shots", "#a35c00", (5, 1, 180)),
    "complement_collisions": Style("complementary collisions, Y basis", "#2e8b57", (4, 1, 0)),
    "z_collisions": Style("collisions, Z basis", "#9acd32", (8, 1, 0)),
    "y_marginals": Style("means of single bits, Y basis", "#6495ed", (3, 0, 180)),
    "entangled_sensors": Style("entangled sensors", "#b3261e", (5, 0, 180)),
    "joint_readout": Style("separate sensors, joint readout", "#f2a65a", (3, 1, 0)),
    "separate_sensors": Style("separate sensors, X readout", "#2f6690", (3, 1, 180)),
    "separate_sensors_xy": Style("separate sensors, X or Y", "#81a4cd", (9, 1, 0)),
    "known_star": Style("known star, one photon", "#555b6e", (5, 0, 90)),
    "squeezed_pairs": Style("squeezed pairs", "#e0356b", (6, 0, 0)),
    "heterodyne": Style("vacuum, heterodyne detection", "#5aa9a0", (3, 0, 30)),
    "product_two_copy": Style("two copies, no entanglement", "#6a51a3", "X"),
    "known_question": Style("question known beforehand", "#3f3f3f", "<"),
    "local_observables": Style("observables of weight 2", "#8c6d46", ">"),
    "different_hidden": Style("two different hidden strings", "#a0a0a0", "h"),
    "no_signal": Style("no signal", "#c4b5a0", "*"),
    "learned_symbols": Style("learned: product of symbols", "#f2a900", (7, 1, 0)),
    "learned_recurrent": Style("learned: recurrent network", "#7d2e68", (4, 0, 20)),
    "learned_shuffled": Style("learned from shuffled labels", "#bdbdbd", (12, 1, 0)),
    "learned_product": Style("learned from unentangled copies", "#3a3f8f", (10, 1, 0)),
}


def style() -> Any:
    """Returns the value of every parameter of a figure's look, whatever a user's files say."""
    defaults = matplotlib.rcParamsDefault
    return {key: defaults[key] for key in defaults if key not in _OF_WINDOWS} | RC


def style_of(protocol: str) -> Style:
    """Returns the style of a protocol, whatever its options."""
    return STYLES[protocol.partition(":")[0]]


def new_figure(
    width: float,
    height: float,
    columns: int = 1,
    width_ratios: Sequence[float] | None = None,
    *,
    rows: int = 1,
) -> Figure:
    """Returns an empty figure with axes in rows.

    Args:
        width: In inches.
        height: In inches.
        columns: The number of axes in a row.
        width_ratios: Their relative widths.
        rows: The number of rows.
    """
    figure = Figure(figsize=(width, height), layout="constrained")
    figure.subplots(rows, columns, width_ratios=width_ratios)
    return figure


def render(draw: Callable[[], Figure], stem: Path) -> None:
    """Draws in the project's style and writes ``stem.png``, ``.svg`` and ``.pdf``.

    Nothing in the files changes when the same figure is drawn again. A figure that cannot be drawn
    or written leaves the old files as they were.
    """
    stem.parent.mkdir(parents=True, exist_ok=True)
    metadata: dict[str, dict[str, Any]] = {
        "png": {"Software": None},
        "svg": {"Date": None, "Creator": None},
        "pdf": {"CreationDate": None, "Creator": None},
    }
    contents = {}
    with matplotlib.rc_context(style()):
        figure = draw()
        for kind, told in metadata.items():
            image = io.BytesIO()
            figure.savefig(image, format=kind, metadata=told)
            contents[kind] = image.getvalue()
    for kind, content in contents.items():
        write_file(stem.with_suffix(f".{kind}"), content)


def plot_points(
    ax: Axes,
    points: Sequence[Point],
    x: Sequence[float],
    *,
    label: str | None = None,
    line: str = "-",
    size: float = 4.2,
) -> None:
    """Draws sample complexities with their intervals, and a line through them.

    Circuit points are filled, law points hollow; a point beyond the budget is an arrow upwards.

    Args:
        ax: Where to draw.
        points: The points of one protocol.
        x: The position of each point.
        label: For the legend; the protocol's own by default.
        line: The line style.
        size: Of the markers, in points.
    """
    if not points:
        return
    style = style_of(points[0].protocol)
    reached = [(at, p) for at, p in zip(x, points, strict=True) if p.copies is not None]
    ax.plot(
        [at for at, _ in reached],
        [p.copies for _, p in reached if p.copies is not None],
        line,
        color=style.colour,
        label=style.label if label is None else label,
        marker=style.marker,
        markersize=size,
        markevery=[],
    )
    for at, p in zip(x, points, strict=True):
        face = style.colour if p.source == "circuit" else "white"
        if p.copies is None:
            ax.annotate(
                "",
                (at, 2 * (p.copies_low or 1)),
                (at, p.copies_low or 1),
                arrowprops={"arrowstyle": "->", "color": style.colour, "linewidth": 0.8},
            )
            continue
        low = p.copies_low if p.copies_low is not None and p.copies_high is not None else p.copies
        high = p.copies_high if p.copies_high is not None else p.copies
        ax.errorbar(
            at,
            p.copies,
            yerr=[[max(p.copies - low, 0)], [max(high - p.copies, 0)]],
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


def plot_accuracy(
    ax: Axes, curve: AccuracyCurve, *, label: str | None = None, line: str = "-"
) -> None:
    """Draws accuracy against copies with its 95 % band."""
    style = style_of(curve.key.protocol)
    low, high = np.quantile(curve.resampled, [0.025, 0.975], axis=0)
    filled = style.colour if curve.key.source == "circuit" else "white"
    ax.fill_between(curve.copies, low, high, color=style.colour, alpha=0.2, linewidth=0)
    ax.plot(
        curve.copies,
        curve.accuracy,
        line,
        color=style.colour,
        marker=style.marker,
        markersize=3.2,
        markerfacecolor=filled,
        markeredgewidth=0.8,
        label=style.label if label is None else label,
        zorder=3,
    )


def draw_chip(
    ax: Axes,
    couplers: Iterable[tuple[Place, Place]],
    pairs: Sequence[tuple[Place, Place]],
    *,
    values: Sequence[float] | None = None,
    flagged: Sequence[bool] | None = None,
    chain: bool = False,
) -> None:
    """Draws pairs on the map of a chip: systems filled, memories open.

    Args:
        ax: Where to draw.
        couplers: All couplers, as ((row, column), (row, column)).
        pairs: The pairs in use, (system, memory).
        values: A number for each pair, shown in the colour of its link.
        flagged: Pairs that stand out; crossed out.
        chain: Whether the systems form a chain, whose links are drawn too.
    """
    links = list(couplers)
    for (r, c), (s, d) in links:
        ax.plot([c, d], [r, s], color="#d5d9de", linewidth=0.8, zorder=1)
    nodes = sorted({place for link in links for place in link})
    ax.scatter([c for _, c in nodes], [r for r, _ in nodes], s=7, color="#c3c9d0", zorder=2)
    if chain:
        systems = [system for system, _ in pairs]
        ax.plot([c for _, c in systems], [r for r, _ in systems], color="#12355b", lw=1.4, zorder=3)
    colours: list[Any] = ["#d1432b"] * len(pairs)
    if values is not None:
        finite = [value for value in values if np.isfinite(value)]
        # One bad pair must not make all the others look alike.
        most = min(max(finite, default=1), 1.6 * float(np.median(finite or [1])))
        span = Normalize(min(finite, default=0), most, clip=True)
        scale = ScalarMappable(span, "viridis_r")
        colours = [scale.cmap(span(value)) for value in values]
        ax.figure.colorbar(scale, ax=ax, shrink=0.7, label="factor on the copies", extend="max")
    for (system, memory), colour in zip(pairs, colours, strict=True):
        (r, c), (s, d) = system, memory
        ax.plot([c, d], [r, s], color=colour, linewidth=3.2, zorder=4, solid_capstyle="round")
        ax.plot(c, r, "o", color=colour, markersize=5, zorder=5)
        ax.plot(d, s, "o", color=colour, markerfacecolor="white", markersize=5, zorder=5)
    for (system, memory), bad in zip(pairs, flagged or [False] * len(pairs), strict=True):
        if bad:
            middle = (system[1] + memory[1]) / 2, (system[0] + memory[0]) / 2
            ax.plot(*middle, "x", color="black", markersize=11, markeredgewidth=1.6, zorder=6)
    ax.set(xlabel="column", ylabel="row", aspect="equal")
    ax.invert_yaxis()
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(integer=True))


def plot_errors(
    ax: Axes,
    points: Sequence[EstimatePoint],
    x: Sequence[float],
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
        x: The position of each point.
        label: For the legend; the protocol's own by default.
        line: The line style.
        face: The colour of the markers' faces, if not the protocol's.
    """
    if not points:
        return
    style = style_of(points[0].protocol)
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
            ax.plot([at, at], [p.rmse_low, p.rmse_high], color=style.colour, linewidth=0.7)
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


def shade_below(
    ax: Axes, x: npt.ArrayLike, bound: npt.ArrayLike, floor: float, label: str | None
) -> None:
    """Shades the region below a proven bound and draws its edge."""
    ax.fill_between(
        np.asarray(x), floor, np.asarray(bound), color="#12355b", alpha=0.10, linewidth=0
    )
    ax.plot(np.asarray(x), np.asarray(bound), "--", color="#12355b", linewidth=0.9, label=label)


def of_protocol(
    points: Iterable[Point], protocol: str, *, target: float | None = None
) -> list[Point]:
    """Returns a protocol's points in order of qubits, circuits before law where both exist."""
    chosen = [
        p
        for p in points
        if p.protocol.partition(":")[0] == protocol and (target is None or p.target == target)
    ]
    return sorted(chosen, key=lambda p: (p.qubits, p.source))


def legend_marks(ax: Axes, points: Iterable[Point]) -> None:
    """Adds the entries that tell circuits from the law, of those that the points come from."""
    present = {p.source for p in points}
    marks = (("circuit", "circuits", "#555555"), ("law", "exact law", "white"))
    for source, label, face in marks:
        if source in present:
            ax.plot([], [], "o", color="#555555", markerfacecolor=face, markersize=3.6, label=label)


def add_legend(ax: Axes, **options: Any) -> None:
    """Adds a legend if there is something to name; ``options`` go to ``ax.legend``."""
    if ax.get_legend_handles_labels()[0]:
        ax.legend(**options)


def listed(numbers: Iterable[int]) -> str:
    """Returns different numbers in order, as ``4``, ``4 and 20`` or ``2, 4 and 20``."""
    *most, last = map(str, sorted(set(numbers)))
    return f"{', '.join(most)} and {last}" if most else last


def sizes_of(curves: Iterable[AccuracyCurve], protocol: str, among: Sequence[int]) -> list[int]:
    """Returns for which of some numbers of qubits a protocol has a curve, in order."""
    found = {c.key.qubits for c in curves if c.key.protocol.partition(":")[0] == protocol}
    return sorted(found & set(among))
