"""Controls: what carries the advantage, and what does not.

Entanglement between the copies, a question that comes after the measuring, and strings of high
weight are all needed; each control takes one of them away. For weak signals single copies win.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from quantum_advantage.experiment.declaration import AccuracyData, Curve, Experiment, Search
from quantum_advantage.experiment.runner import run_script

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


NOTHING = ("different_hidden", "no_signal")


def curves(sizes: tuple[int, ...], circuits_to: int) -> tuple[Curve, ...]:
    """Returns the curves of one size."""
    return (
        Curve("product_two_copy", sizes, circuits_to=circuits_to),
        Curve("local_observables", sizes, circuits_to=20),
        Curve("known_question", sizes, circuits_to=20),
        *(Curve(name, sizes, Search(max_copies=80), circuits_to=20) for name in NOTHING),
    )


EXPERIMENT = Experiment(
    name="controls",
    about="Controls of the separation: no entanglement, known question, low weight, no signal.",
    task="observables:alpha=0.9,game=two",
    curves=curves((2, 4, 8, 12), 6),
    quick=curves((2, 4), 4),
    full=curves((2, 4, 6, 8, 10, 12), 8),
    seconds=12,
)


def draw(data: AccuracyData) -> Figure:
    """Draws the copies of the controls, the accuracies at one half, and weak signals."""
    import numpy as np

    from quantum_advantage import plots
    from quantum_advantage.bounds.hidden_pauli import copies_required
    from quantum_advantage.tasks.observables.games import read_task

    figure = plots.new_figure(7.2, 5.4, 2, rows=2)
    entangled, easier, nothing, weak = figure.axes
    task = read_task(data.points[0].spec.task)
    most = max(p.spec.qubits for p in data.points)
    n = np.arange(2, most + 1)
    bound = [copies_required(0.7, qubits=int(m), alpha=task.alpha, game=task.game) for m in n]
    plots.shade_below(entangled, n, bound, 0.5, "proven bound, applies")
    panels = ((entangled, ("product_two_copy",)), (easier, ("local_observables", "known_question")))
    for ax, names in panels:
        for name in names:
            points = plots.of_protocol(data.points, name, target=0.7)
            plots.plot_points(ax, points)
        drawn = [p for name in names for p in plots.of_protocol(data.points, name, target=0.7)]
        plots.legend_marks(ax, drawn)
        ax.set(yscale="log", xlabel="number of qubits $n$", xticks=range(2, most + 1, 2))
        ax.set_ylim(1, 1e6)
        plots.add_legend(ax, loc="upper left", labelspacing=0.25)
    entangled.set(title="No entanglement: exponential", ylabel="copies for 70 % right answers")
    easier.set(title="An easier question: constant\n(the bound does not apply)")
    _draw_nothing(nothing, data)
    nothing.set_xticks(range(2, most + 1, 2))
    _draw_weak_signals(weak, task.game)
    plots.letter_panels(figure)
    return figure


def _draw_nothing(ax: Axes, data: AccuracyData) -> None:
    """Draws the accuracies after the most copies that were played, which stay at one half."""
    import numpy as np

    from quantum_advantage import plots

    seen: set[str] = set()
    for curve in data.curves:
        name = curve.key.protocol
        if name not in NOTHING:
            continue
        style = plots.style_of(name)
        at = curve.key.qubits + 0.3 * (NOTHING.index(name) - 0.5)
        low, high = np.quantile(curve.resampled[:, -1], [0.025, 0.975])
        plots.draw_interval(ax, at, low, high, style.colour, 0.9)
        label = plots.label_once(seen, name, style.label)
        face = style.colour if name == NOTHING[0] else "white"
        look = {"color": style.colour, "markerfacecolor": face, "markersize": 5}
        ax.plot(at, curve.accuracy[-1], " ", marker=style.marker, label=label, **look)
    for level, line in ((0.5, "-"), (0.7, ":")):
        plots.draw_level(ax, level, line)
    ax.set(xlabel="number of qubits $n$", ylabel="share of right answers", ylim=(0.4, 0.8))
    played = [int(c.copies[-1]) for c in data.curves if c.key.protocol in NOTHING]
    copies = f", {plots.listed(played)} copies" if played else ""
    ax.set_title(f"Nothing to find: one half\n(Bell measurement{copies})")
    plots.add_legend(ax, loc="upper left", labelspacing=0.25)


def _draw_weak_signals(ax: Axes, game: str) -> None:
    """Draws copies against the signal: two copies cost α⁻⁴, single ones 2ⁿ α⁻²."""
    import numpy as np

    from quantum_advantage import plots
    from quantum_advantage.tasks.observables.exact_adaptive import best_known_cost
    from quantum_advantage.tasks.observables.forecast import bell_copies

    signals = np.geomspace(0.04, 0.95, 12)
    look = {"markerfacecolor": "white", "markersize": 3.6, "linewidth": 0.8}
    noiseless = np.ones((1, 4))
    # A shot takes two.
    bell = [max(2, bell_copies(0.7, noiseless, float(alpha))) for alpha in signals]
    label = "Bell measurement, every $n$"
    ax.plot(signals, bell, "o-", color=plots.palette.WARM, label=label, **look)
    cost = np.array([best_known_cost(0.7, float(alpha), game) for alpha in signals])
    for n, line in ((2, "v:"), (4, "s--"), (8, "^-.")):
        label = f"best known, one copy, $n$ = {n}"
        ax.plot(signals, cost * (2**n + 1), line, color=plots.palette.COOL, label=label, **look)
    ax.set(xscale="log", yscale="log", xlabel="signal α", ylabel="copies for 70 % right answers")
    ax.set_ylim(1, 2e7)
    ax.set_title("Weak signals: single copies win\n(exact law)")
    ax.legend(loc="upper right", labelspacing=0.25)


if __name__ == "__main__":
    sys.exit(run_script(EXPERIMENT, draw))
