"""Predicting observables: copies against the number of qubits, with and without a quantum memory.

The central result of Huang et al., Science 376, 1182 (2022): a Bell measurement of two copies needs
a constant number of copies, whatever the size, while every experiment that measures one copy at a
time needs exponentially many.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from quantum_advantage.experiment import Curve, Experiment, FigureData, run_script

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CONVENTIONAL = ("mutually_unbiased", "random_clifford", "mutually_unbiased_cycled", "local_pauli")


def curves(bell: tuple[int, ...], conventional: tuple[int, ...], circuits_to: int) -> tuple:
    """Returns the curves of one size."""
    return (
        Curve("bell", bell, circuits_to=100, targets=(0.7, 0.9)),
        *(Curve(name, conventional, circuits_to=circuits_to) for name in CONVENTIONAL),
    )


EXPERIMENT = Experiment(
    name="predicting_observables",
    about="Copies needed to predict Pauli observables of an unknown n-qubit state.",
    task="observables:alpha=0.9,game=two",
    curves=curves((2, 4, 6, 8, 10, 12, 14, 16, 18, 20), (2, 4, 6, 8, 10, 20, 50), 8),
    quick=curves((2, 4, 8, 20), (2, 4, 8, 20), 4),
    full=curves((2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 50), (2, 4, 6, 8, 10, 20, 50), 10),
)


def draw(data: FigureData) -> Figure:
    """Draws copies against n on the left, accuracy against copies on the right."""
    from quantum_advantage import plots

    figure = plots.new_figure(7.2, 3.5, 2, width_ratios=(1.25, 1))
    left, right = figure.axes
    _draw_copies(left, data, most=20)
    left.set_title("Copies needed for 70 % right answers")
    left.legend(loc="upper left", bbox_to_anchor=(0.0, 1.0), handlelength=1.5, labelspacing=0.25)
    _draw_accuracy(right, data)
    right.set_title("Accuracy against copies")
    return figure


def _draw_copies(ax: Axes, data: FigureData, most: int) -> None:
    import numpy as np

    from quantum_advantage import plots
    from quantum_advantage.bounds import copies_required

    shown = [p for p in data.points if p.qubits <= most]
    alpha, game = _parameters(data)
    n = np.arange(2, most + 1)
    bound = [copies_required(0.7, qubits=int(k), alpha=alpha, game=game) for k in n]
    for name in reversed(CONVENTIONAL):
        points = plots.of_protocol(shown, name, target=0.7)
        plots.plot_points(ax, points, [p.qubits for p in points])
    plots.shade_below(ax, n, bound, 0.5, "proven bound without memory")
    for target, line, label in ((0.9, ":", "Bell, 90 %"), (0.7, "-", "Bell, two copies at a time")):
        points = plots.of_protocol(shown, "bell", target=target)
        plots.plot_points(ax, points, [p.qubits for p in points], line=line, label=label)
    plots.legend_marks(ax)
    ax.text(
        0.97 * most,
        6.5,
        "impossible without\nquantum memory",
        ha="right",
        va="bottom",
        fontsize=7.5,
        color="#12355b",
    )
    ax.set(yscale="log", xlabel="number of qubits $n$", ylabel="copies", xlim=(1.4, most + 0.6))
    ax.set_ylim(1, 3e8)
    ax.set_xticks(range(2, most + 1, 2))


def _draw_accuracy(ax: Axes, data: FigureData) -> None:
    import numpy as np

    from quantum_advantage import plots
    from quantum_advantage.bounds import largest_conventional_accuracy

    alpha, game = _parameters(data)
    for curve in data.curves:
        name, n = curve.key.protocol.partition(":")[0], curve.key.qubits
        wanted = {"bell": (20,), "mutually_unbiased": (4, 8, 10), "local_pauli": (4, 8, 10)}
        if n not in wanted.get(name, ()):
            continue
        label = {"bell": "Bell, $n$ = 20"}.get(name)
        if name != "bell" and n == 8:
            label = plots.style_of(name).label
        plots.plot_accuracy(ax, curve, label=label or "_")
        if name == "mutually_unbiased":
            at = int(np.argmin(np.abs(curve.accuracy - 0.76)))
            ax.annotate(
                f"$n$ = {n}",
                (curve.copies[at], curve.accuracy[at]),
                (-4, 5),
                textcoords="offset points",
                ha="right",
                fontsize=7,
                color=plots.style_of(name).colour,
            )
    for n in (4, 8, 10):
        copies = np.geomspace(1, 2**n, 60)
        best = [largest_conventional_accuracy(t, qubits=n, alpha=alpha, game=game) for t in copies]
        label = "proven bound, $n$ = 4, 8, 10" if n == 8 else None
        ax.plot(copies, best, "--", color="#12355b", linewidth=0.7, alpha=0.7, label=label)
    ax.axhline(0.7, color="#999999", linewidth=0.6, zorder=0)
    ax.set(xscale="log", xlabel="copies", ylabel="share of right answers", ylim=(0.49, 1.005))
    ax.set_xlim(1, 8192)
    ax.legend(loc="lower right", labelspacing=0.25, bbox_to_anchor=(1.02, 0.0))


def _parameters(data: FigureData) -> tuple[float, str]:
    from quantum_advantage.tasks.observables.games import read_task

    task = read_task(data.points[0].task)
    return task.alpha, task.game


if __name__ == "__main__":
    sys.exit(run_script(EXPERIMENT, draw))
