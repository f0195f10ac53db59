"""Measure first, ask questions later: thousands of Pauli strings from one record.

Random Pauli bases on single copies predict all strings of low weight, as many as one likes: the
error grows as 3^(w/2) with the weight and not with the number of strings or qubits. High weight is
a wall. A record of Bell measurements of as many copies has the same error at every weight, on the
squares of the expectation values.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from quantum_advantage.experiment.declaration import Curve, ErrorData, Experiment, Fixed
from quantum_advantage.experiment.runner import run_script

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from quantum_advantage.study.errors import EstimatePoint

GHZ, ISING = "string_errors:depolarize=0.01", "string_errors:state=ising"
QUBITS = {GHZ: 50, ISING: 10}
TITLES = {GHZ: "Noisy GHZ state, 50 qubits", ISING: "Critical Ising ring, 10 qubits"}


def curves(copies: tuple[int, ...], sizes: tuple[tuple[str, int], ...]) -> tuple[Curve, ...]:
    """Returns what is estimated at one size."""
    return tuple(
        Curve(protocol, (n,), Fixed(copies), task=task)
        for task, n in sizes
        for protocol in ("local_pauli", "bell")
    )


EXPERIMENT = Experiment(
    name="classical_shadows",
    about="Errors of thousands of Pauli strings, predicted from one record, by weight.",
    task=GHZ,
    curves=curves((300, 1000, 3000, 10_000), tuple(QUBITS.items())),
    quick=curves((300, 1000), ((GHZ, 20), (ISING, 6))),
    full=curves((300, 1000, 3000, 10_000, 30_000, 100_000), tuple(QUBITS.items())),
    trials=20,
    batch_size=1,
    seconds=27,
)


def draw(data: ErrorData) -> Figure:
    """Draws errors against copies for every weight, and against the weight."""
    from quantum_advantage import plots

    figure = plots.new_figure(7.2, 3.2, 3, width_ratios=(1, 1, 0.95))
    ghz, ising, wall = figure.axes
    for ax, task in ((ghz, GHZ), (ising, ISING)):
        points = [p for p in data.points if p.spec.task == task]
        n = max((p.spec.qubits for p in points), default=QUBITS[task])
        _draw_copies(ax, [p for p in points if p.spec.qubits == n])
        title = TITLES[task].replace(str(QUBITS[task]), str(n))
        ax.set(title=title, xlabel="copies")
    ghz.set_ylabel("error of an expectation value (rms)")
    _draw_weights(wall, data)
    plots.letter_panels(figure)
    return figure


def _weight(point: EstimatePoint) -> int:
    from quantum_advantage.core.naming import parse

    return int(parse(point.quantity)[1]["weight"])


def _draw_copies(ax: Axes, points: list[EstimatePoint]) -> None:
    """Draws the measured errors as points and the exact standard errors as thin lines."""
    import matplotlib
    import numpy as np

    from quantum_advantage import plots

    palette = plots.palette
    colours = matplotlib.colormaps["viridis"]
    weights = sorted({_weight(p) for p in points})
    for protocol, marker in (("local_pauli", "P"), ("bell", "o")):
        for weight in weights:
            shown = [p for p in points if p.spec.protocol == protocol and _weight(p) == weight]
            shown.sort(key=lambda p: p.copies)
            colour = colours(0.92 - 0.092 * weight) if protocol == "local_pauli" else palette.WARM
            x = [p.copies for p in shown]
            ax.plot(x, [p.truth for p in shown], color=colour, linewidth=0.7, zorder=1)
            ax.plot(x, [p.value for p in shown], marker, color=colour, markersize=3.2, zorder=2)
            if shown and protocol == "local_pauli":
                ax.annotate(
                    f"$w$ = {weight}" if weight == weights[0] else str(weight),
                    (shown[-1].copies, shown[-1].truth),
                    (4, 0),
                    textcoords="offset points",
                    va="center",
                    color=palette.INK,
                )
    ax.set(xscale="log", yscale="log", ylim=(1e-3, 30))
    if points:
        most = max(p.copies for p in points)
        ax.set_xlim(min(p.copies for p in points) / 1.4, most * 3)
        for marker, label, colour in (
            ("P", r"single copies, of tr($Q\rho$)", palette.ALL_WEIGHTS),
            ("o", r"two copies, of tr$(Q\rho)^2$, all $w$", palette.WARM),
        ):
            plots.legend_entry(ax, marker, label, colour, ms=3.2)
        ax.legend(loc="upper right", handletextpad=0.2, borderaxespad=0.1)
    ax.set_yticks(10.0 ** np.arange(-3, 2))


def _draw_weights(ax: Axes, data: ErrorData) -> None:
    """Draws the errors of the largest records against the weight, with the guide 3^(w/2)."""
    import numpy as np

    from quantum_advantage import plots

    points = [p for p in data.points if p.spec.task == GHZ]
    most = max((p.copies for p in points), default=0)
    for protocol in ("local_pauli", "bell"):
        largest = [p for p in points if p.spec.protocol == protocol and p.copies == most]
        largest.sort(key=_weight)
        style = plots.style_of(protocol)
        at = [_weight(p) for p in largest]
        ax.plot(at, [p.value for p in largest], style.marker, color=style.colour, ms=4)
        for x, p in zip(at, largest, strict=True):
            if p.low is not None and p.high is not None:
                plots.draw_interval(ax, x, p.low, p.high, style.colour, 0.8)
        ax.plot([], [], style.marker, color=style.colour, ms=4, label=style.label)
    w = np.arange(0, 14)
    growth, colour = np.sqrt(3.0**w / max(most, 1)), plots.style_of("local_pauli").colour
    ax.plot(w, growth, ":", color=colour, lw=0.9, label="$(3^w/T)^{1/2}$")
    plots.draw_level(ax, 1)
    ax.text(0.75, 1.15, "as large as any value", color=plots.palette.LEVEL_TEXT, fontsize=6.5)
    ax.set(yscale="log", xlabel="weight $w$ of the string", xlim=(0.5, 12), ylim=(1e-3, 30))
    ax.set_title(f"$T$ = {plots.thousands(most)} copies")
    ax.set_xticks(range(2, 13, 2))
    ax.legend(loc="upper left", borderaxespad=0.1)


if __name__ == "__main__":
    sys.exit(run_script(EXPERIMENT, draw))
