"""Predicting observables: copies against the number of qubits, with and without a quantum memory.

The central result of Huang et al., Science 376, 1182 (2022): a Bell measurement of two copies needs
a constant number of copies, whatever the size, while every experiment that measures one copy at a
time needs exponentially many.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from quantum_advantage.experiment.declaration import AccuracyData, Curve, Experiment, Search
from quantum_advantage.experiment.runner import run_script

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CONVENTIONAL = (
    "adaptive_unbiased",
    "mutually_unbiased",
    "random_clifford",
    "mutually_unbiased_cycled",
    "local_pauli",
)


def curves(bell: tuple[int, ...], conventional: tuple[int, ...], circuits_to: int) -> tuple:
    """Returns the curves of one size."""
    return (
        Curve("bell", bell, Search((0.7, 0.9))),
        Curve(CONVENTIONAL[0], conventional, Search((0.7, 0.9)), circuits_to=circuits_to),
        *(Curve(name, conventional, circuits_to=circuits_to) for name in CONVENTIONAL[1:]),
    )


EXPERIMENT = Experiment(
    name="predicting_observables",
    about="Copies needed to predict Pauli observables of an unknown n-qubit state.",
    task="observables:alpha=0.9,game=two",
    curves=curves((2, 4, 6, 8, 10, 12, 14, 16, 18, 20), (2, 4, 6, 8, 10, 20, 50), 8),
    quick=curves((2, 4, 8, 20), (2, 4, 8, 20), 4),
    full=curves((2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 50), (2, 4, 6, 8, 10, 20, 50), 10),
    seconds=46,
)


def draw(data: AccuracyData) -> Figure:
    """Draws copies against n, near by circuits and far by the law, and accuracy against copies."""
    from quantum_advantage import plots

    figure = plots.new_figure(7.2, 3.4, 3, width_ratios=(1.3, 0.6, 1.1))
    near, far, accuracy = figure.axes
    _draw_copies(near, data, 20, 4.2)
    near.set(title="Copies for 70 % right answers", ylabel="copies", ylim=(1, 1e9))
    near.set_xticks(range(2, 21, 2))
    near.legend(loc="upper left", labelspacing=0.25, borderaxespad=0.2)
    text = "impossible without\nquantum memory"
    near.text(19.7, 30, text, ha="right", color=plots.palette.BOUND)
    _draw_copies(far, data, 50, 2.6)
    far.set(title="... to $n$ = 50")
    far.set_ylim(bottom=1)
    far.set_yticks([1, 1e3, 1e6, 1e9, 1e12, 1e15, 1e18])
    _draw_accuracy(accuracy, data)
    accuracy.set_title("Accuracy against copies")
    plots.letter_panels(figure)
    return figure


def _draw_copies(ax: Axes, data: AccuracyData, most: int, size: float) -> None:
    import numpy as np

    from quantum_advantage import plots
    from quantum_advantage.bounds.hidden_pauli import copies_required
    from quantum_advantage.bounds.stabiliser_bases import copies_required_in_stabiliser_bases

    shown = [p for p in data.points if p.spec.qubits <= most]
    alpha, game = _parameters(data)
    n = np.arange(2, most + 1)
    bound = [copies_required(0.7, qubits=int(k), alpha=alpha, game=game) for k in n]
    for name in reversed(CONVENTIONAL):
        points = plots.of_protocol(shown, name, target=0.7)
        plots.plot_points(ax, points, size=size)
    plots.shade_below(ax, n, bound, 0.5, "proven bound without memory")
    stabiliser = [copies_required_in_stabiliser_bases(0.7, qubits=int(k), alpha=alpha) for k in n]
    if game == "two" and None not in stabiliser:
        label = "proven, stabiliser bases alone"
        ax.plot(n, stabiliser, "-.", color=plots.palette.BOUND, linewidth=0.7, label=label)
    dear = plots.of_protocol(shown, CONVENTIONAL[0], target=0.9)
    plots.plot_points(ax, dear, line=":", label="unbiased bases, adaptive: 90 %", size=size)
    for target, line in ((0.9, ":"), (0.7, "-")):
        points = plots.of_protocol(shown, "bell", target=target)
        label = f"Bell, two copies: {plots.percent(target)}"
        plots.plot_points(ax, points, line=line, label=label, size=size)
    plots.legend_marks(ax, shown)
    ax.set(yscale="log", xlabel="number of qubits $n$", xlim=(1, most + 1))


def _draw_accuracy(ax: Axes, data: AccuracyData) -> None:
    import numpy as np

    from quantum_advantage import plots
    from quantum_advantage.bounds.hidden_pauli import largest_conventional_accuracy
    from quantum_advantage.tasks.observables.exact import bell_accuracy

    alpha, game = _parameters(data)
    wanted = {"bell": (4, 20), "adaptive_unbiased": (4, 8, 10), "local_pauli": (4, 8, 10)}
    labelled: set[str] = set()
    for curve in data.curves:
        name, n = curve.key.protocol.partition(":")[0], curve.key.qubits
        if n not in wanted.get(name, ()) or curve.key.protocol.endswith("looks=4"):
            continue
        label = plots.style_of(name).label
        if name == "bell":
            label = f"Bell, $n$ = {plots.listed(plots.sizes_of(data.curves, name, wanted[name]))}"
        plots.plot_accuracy(ax, curve, label=plots.label_once(labelled, name, label))
        if name == "adaptive_unbiased":
            options = {"ha": "left", "color": plots.style_of(name).colour}
            plots.name_end(ax, curve, f"$n$ = {n}", (-3, 5), **options)
    bounded = [n for name in CONVENTIONAL for n in plots.sizes_of(data.curves, name, (4, 8, 10))]
    for n in sorted(set(bounded)):
        # Below the name of the curve.
        copies = np.geomspace(1, 0.7 * 2**n, 60)
        best = [largest_conventional_accuracy(t, qubits=n, alpha=alpha, game=game) for t in copies]
        label = "proven bound" if n == min(bounded) else None
        plots.draw_bound(ax, copies, best, label, width=0.7, alpha=0.7)
    if game == "two" and "bell" in labelled:
        shots = np.arange(1, 11)
        exact = [bell_accuracy(int(t), alpha**2) for t in shots]
        plots.draw_law(ax, 2 * shots, exact, plots.palette.WARM)
    plots.draw_level(ax, 0.7)
    ax.set(xscale="log", xlabel="copies", ylabel="share of right answers", ylim=(0.49, 1.19))
    ax.set_xlim(1, 8192)
    ax.set_yticks([0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
    plots.add_legend(ax, loc="upper right", labelspacing=0.25, borderaxespad=0.1)


def _parameters(data: AccuracyData) -> tuple[float, str]:
    from quantum_advantage.tasks.observables.games import read_task

    task = read_task(data.points[0].spec.task)
    return task.alpha, task.game


if __name__ == "__main__":
    sys.exit(run_script(EXPERIMENT, draw))
