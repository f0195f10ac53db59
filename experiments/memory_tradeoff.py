"""A memory of k qubits: copies against k at n = 8, from single copies to full Bell measurements."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from quantum_advantage.experiment.declaration import AccuracyData, Curve, Experiment
from quantum_advantage.experiment.runner import run_script

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def curves(qubits: int, memories: range, circuits_to: int) -> tuple[Curve, ...]:
    """Returns one curve for each size of the memory."""
    return tuple(Curve(f"memory:qubits={k}", (qubits,), circuits_to=circuits_to) for k in memories)


EXPERIMENT = Experiment(
    name="memory_tradeoff",
    about="Copies needed with a quantum memory of k qubits, k = 0 to n, at n = 8.",
    task="observables:alpha=0.9,game=two",
    curves=curves(8, range(9), 8),
    quick=curves(8, range(3, 9), 8),
    full=curves(8, range(9), 8),
    seconds=14,
)


def draw(data: AccuracyData) -> Figure:
    """Draws copies against the memory, with the line 2^(n-k) through the middle."""
    import numpy as np

    from quantum_advantage import plots
    from quantum_advantage.bounds.hidden_pauli import copies_required, memory_reference
    from quantum_advantage.core.naming import parse
    from quantum_advantage.tasks.observables.games import read_task

    figure = plots.new_figure(plots.COLUMN_WIDTH, 3.0)
    (ax,) = figure.axes
    n = max(p.spec.qubits for p in data.points)
    task = read_task(data.points[0].spec.task)
    points = [p for p in data.points if p.target == 0.7 and p.spec.qubits == n]
    points.sort(key=lambda p: int(parse(p.spec.protocol)[1]["qubits"]))
    k = [int(parse(p.spec.protocol)[1]["qubits"]) for p in points]
    # The line is scaled to the copies in the middle of the sweep.
    reached = [(m, p.copies) for m, p in zip(k, points, strict=True) if p.copies is not None]
    if reached:
        middle, copies = reached[len(reached) // 2]
        ax.plot(
            range(n + 1),
            copies * np.array([2.0 ** (middle - m) for m in range(n + 1)]),
            color=plots.palette.PROPORTIONAL,
            linewidth=1.0,
            label=r"proportional to $2^{n-k}$",
            zorder=0,
        )
    reference = [memory_reference(qubits=n, memory=m, alpha=task.alpha) for m in range(n + 1)]
    label = r"theory, $\min(2^n/\alpha^2,\,2^{n-k}/\alpha^4)$, no constants"
    plots.draw_bound(ax, range(n + 1), reference, label, ":")
    plots.plot_points(ax, points, k, label=f"memory of $k$ qubits, $n$ = {n}")
    bound = copies_required(0.7, qubits=n, alpha=task.alpha, game=task.game)
    plots.draw_bound(ax, [-0.3, 0.3], [bound, bound], "proven bound at $k$ = 0")
    ax.set(yscale="log", xlabel="qubits of memory $k$", ylabel="copies for 70 % right answers")
    ax.set_ylim(0.7, 1500)
    ax.set_title("Every qubit of memory halves the copies")
    ax.legend(loc="lower left", labelspacing=0.25)
    return figure


if __name__ == "__main__":
    sys.exit(run_script(EXPERIMENT, draw))
