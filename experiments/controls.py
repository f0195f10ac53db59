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


def curves(sizes: tuple[int, ...], circuits_to: int) -> tuple[Curve, ...]:
    """Returns the curves of one size."""
    return (
        Curve("product_two_copy", sizes, circuits_to=circuits_to),
        Curve("local_observables", sizes, circuits_to=20),
        Curve("known_question", sizes, circuits_to=20),
        Curve("different_hidden", sizes, Search(max_copies=80), circuits_to=20),
        Curve("no_signal", sizes, Search(max_copies=80), circuits_to=20),
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
    """Draws the copies of the controls, and the accuracies that stay at one half."""
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
    seen: set[str] = set()
    for curve in data.curves:
        name = curve.key.protocol
        if name in ("different_hidden", "no_signal"):
            plots.plot_accuracy(nothing, curve, label=plots.label_once(seen, name))
    for level, line in ((0.5, "-"), (0.7, ":")):
        plots.draw_level(nothing, level, line)
    nothing.set(xscale="log", xlabel="copies", ylabel="share of right answers", ylim=(0.4, 0.8))
    nothing.set_xlim(1, 200)
    nothing.set_title("Nothing to find: one half\n(Bell measurement, every $n$)")
    if seen:
        nothing.legend(loc="upper left", labelspacing=0.25)
    _draw_weak_signals(weak, task.game)
    return figure


def _draw_weak_signals(ax: Axes, game: str) -> None:
    """Draws copies against the signal: two copies cost α⁻⁴, single ones 2ⁿ α⁻²."""
    import numpy as np

    from quantum_advantage import plots
    from quantum_advantage.tasks.observables.exact_adaptive import best_known_cost
    from quantum_advantage.tasks.observables.forecast import bell_copies

    signals = np.geomspace(0.04, 0.95, 24)
    noiseless = np.ones((1, 4))
    bell = [bell_copies(0.7, noiseless, float(alpha)) for alpha in signals]
    ax.plot(signals, bell, color=plots.palette.WARM, label="Bell measurement, every $n$")
    cost = np.array([best_known_cost(0.7, float(alpha), game) for alpha in signals])
    for n, line in ((2, ":"), (4, "--"), (8, "-.")):
        label = f"best known, one copy, $n$ = {n}"
        ax.plot(signals, cost * (2**n + 1), line, color=plots.palette.COOL, label=label)
    ax.set(xscale="log", yscale="log", xlabel="signal α", ylabel="copies for 70 % right answers")
    ax.set_title("Weak signals: single copies win\n(exact law)")
    ax.legend(loc="upper right", labelspacing=0.25)


if __name__ == "__main__":
    sys.exit(run_script(EXPERIMENT, draw))
