"""Learning a model of an unknown process: uses against the number of qubits.

Theorem 3 of Huang et al., Science 376, 1182 (2022), on the instance of its lower bound: a process
of polynomial time that replaces its input. Joint measurements of two outputs need a constant number
of uses; learners that measure every output before the next use need exponentially many, unless they
know beforehand what will be asked.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from quantum_advantage.experiment.declaration import AccuracyData, Curve, Experiment
from quantum_advantage.experiment.runner import run_script

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CONVENTIONAL = ("mutually_unbiased", "random_clifford", "local_pauli")
SHOWN = (4, 8)


def curves(sizes: tuple[int, ...], conventional: tuple[int, ...], circuits_to: int) -> tuple:
    """Returns the curves of one size."""
    return (
        Curve("bell", sizes, circuits_to=100),
        *(Curve(name, conventional, circuits_to=circuits_to) for name in CONVENTIONAL),
        Curve("known_question", sizes, circuits_to=100),
    )


EXPERIMENT = Experiment(
    name="learning_processes",
    about="Uses of an unknown process needed to predict properties of its outputs.",
    task="processes:alpha=0.9,game=two",
    curves=curves((2, 4, 8, 12, 20), (2, 4, 6, 8, 20), 6),
    quick=curves((2, 4), (2, 4), 4),
    full=curves((2, 4, 6, 8, 10, 12, 14, 16, 18, 20), (2, 4, 6, 8, 10, 12, 16, 20), 10),
    seconds=14,
)


def draw(data: AccuracyData) -> Figure:
    """Draws uses against n, and accuracy against uses."""
    import numpy as np

    from quantum_advantage import plots
    from quantum_advantage.bounds.hidden_pauli import copies_required
    from quantum_advantage.tasks.observables.games import read_task

    figure = plots.new_figure(7.2, 3.4, 2, width_ratios=(1.25, 1))
    growth, accuracy = figure.axes
    task = read_task(data.points[0].spec.task)
    most = max(p.spec.qubits for p in data.points)
    n = np.arange(2, most + 1)
    bound = [copies_required(0.7, qubits=int(k), alpha=task.alpha, game=task.game) for k in n]
    for name in reversed(CONVENTIONAL):
        points = plots.of_protocol(data.points, name, target=0.7)
        plots.plot_points(growth, points)
    plots.shade_below(growth, n, bound, 0.5, "proven bound without memory")
    # Both need two uses: the control's marks are small and on top.
    for name, size in (("bell", 5.6), ("known_question", 2.6)):
        points = plots.of_protocol(data.points, name, target=0.7)
        plots.plot_points(growth, points, size=size)
    plots.legend_marks(growth, [p for p in data.points if p.target == 0.7])
    growth.set(yscale="log", xlabel="number of qubits $n$", xlim=(1, most + 1), ylim=(0.7, 1e9))
    growth.set_xticks(range(2, most + 1, 2))
    growth.set(title="Uses for 70 % right predictions", ylabel="uses of the process")
    growth.legend(loc="upper left", labelspacing=0.25, borderaxespad=0.2)
    if most >= 16:
        x, y = most - 0.3, 60
        text = "impossible without\nquantum memory"
        growth.text(x, y, text, ha="right", color=plots.palette.BOUND)
    _draw_accuracy(accuracy, data, task.alpha, task.game)
    plots.letter_panels(figure)
    return figure


def _draw_accuracy(ax: Axes, data: AccuracyData, alpha: float, game: str) -> None:
    import numpy as np

    from quantum_advantage import plots
    from quantum_advantage.bounds.hidden_pauli import largest_conventional_accuracy

    wanted = {"bell": (4, 20), "mutually_unbiased": SHOWN, "known_question": (4, 20)}
    labelled: set[str] = set()
    for curve in data.curves:
        name, n = curve.key.protocol.partition(":")[0], curve.key.qubits
        if n not in wanted.get(name, ()):
            continue
        sizes = ", ".join(map(str, plots.sizes_of(data.curves, name, wanted[name])))
        both = {"bell": "Bell", "known_question": "question known"}
        label = f"{both[name]}, $n$ = {sizes}" if name in both else None
        plots.plot_accuracy(ax, curve, label=plots.label_once(labelled, name, label))
        if name == "mutually_unbiased":
            plots.name_end(ax, curve, f"$n$ = {n}", color=plots.style_of(name).colour)
    bounded = plots.sizes_of(data.curves, "mutually_unbiased", SHOWN)
    for n in bounded:
        uses = np.geomspace(1, 2**n, 60)
        best = [largest_conventional_accuracy(t, qubits=n, alpha=alpha, game=game) for t in uses]
        label = "proven bound" if n == bounded[0] else None
        plots.draw_bound(ax, uses, best, label, width=0.8)
    plots.draw_level(ax, 0.7)
    ax.set(xscale="log", xlabel="uses of the process", ylabel="share of right predictions")
    ax.set(title="Accuracy against uses", ylim=(0.48, 1.28), xlim=(0.9, 2000))
    ax.set_yticks([0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
    ax.legend(loc="upper left", labelspacing=0.25, borderaxespad=0.2)


if __name__ == "__main__":
    sys.exit(run_script(EXPERIMENT, draw))
