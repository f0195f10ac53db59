"""Controls: what carries the advantage, and what does not.

Entanglement between the copies, a question that comes after the measuring, and strings of high
weight are all needed; each control takes one of them away.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from quantum_advantage.experiment import Curve, Experiment, FigureData, run_script

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def curves(sizes: tuple[int, ...], circuits_to: int) -> tuple[Curve, ...]:
    """Returns the curves of one size."""
    return (
        Curve("product_two_copy", sizes, circuits_to),
        Curve("local_observables", sizes, 20),
        Curve("known_question", sizes, 20),
        Curve("different_hidden", sizes, 20, max_copies=320),
        Curve("no_signal", sizes, 20, max_copies=320),
    )


EXPERIMENT = Experiment(
    name="controls",
    about="Controls of the separation: no entanglement, known question, low weight, no signal.",
    task="observables:alpha=0.9,game=two",
    curves=curves((2, 4, 8, 12), 6),
    quick=curves((2, 4), 4),
    full=curves((2, 4, 6, 8, 10, 12), 8),
)


def draw(data: FigureData) -> Figure:
    """Draws the copies of the controls on the left, the accuracies that stay at one half right."""
    import numpy as np

    from quantum_advantage import plots
    from quantum_advantage.bounds import copies_required
    from quantum_advantage.tasks.observables.games import read_task

    figure = plots.new_figure(7.2, 3.0, 2, width_ratios=(1.25, 1))
    left, right = figure.axes
    task = read_task(data.points[0].task)
    most = max(p.qubits for p in data.points)
    n = np.arange(2, most + 1)
    bound = [copies_required(0.7, qubits=int(m), alpha=task.alpha, game=task.game) for m in n]
    plots.shade_below(left, n, bound, 0.5, "proven bound for entanglement-free protocols")
    for name in ("product_two_copy", "local_observables", "known_question"):
        points = plots.of_protocol(data.points, name, target=0.7)
        plots.plot_points(left, points, [p.qubits for p in points])
    plots.legend_marks(left)
    left.set(yscale="log", xlabel="number of qubits $n$", ylabel="copies for 70 % right answers")
    left.set_ylim(1, 1e6)
    left.set_xticks(range(2, most + 1, 2))
    left.set_title(
        "Without entanglement the cost is exponential;\neasier questions cost a constant"
    )
    left.legend(loc="upper left", labelspacing=0.25)
    seen: set[str] = set()
    for curve in data.curves:
        name = curve.key.protocol
        if name in ("different_hidden", "no_signal"):
            plots.plot_accuracy(right, curve, label="_" if name in seen else None)
            seen.add(name)
    right.axhline(0.5, color="#999999", linewidth=0.6, zorder=0)
    right.set(xscale="log", xlabel="copies", ylabel="share of right answers", ylim=(0.4, 0.75))
    right.axhline(0.7, color="#999999", linewidth=0.6, linestyle=":", zorder=0)
    right.set_title("Nothing to find: accuracy stays at one half\n(every $n$, Bell measurement)")
    right.legend(loc="upper left", labelspacing=0.25)
    return figure


if __name__ == "__main__":
    sys.exit(run_script(EXPERIMENT, draw))
