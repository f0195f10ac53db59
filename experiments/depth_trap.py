"""The depth trap: what evolutions of a fixed depth leak to a learner without a quantum memory.

The exponential cost of the conventional protocols needs evolutions whose depth grows with their
size. At a fixed depth the means of single bits stay visible at every size, and a constant number of
uses tells real from general evolutions without any memory.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from quantum_advantage.experiment.declaration import AccuracyData, Curve, Experiment
from quantum_advantage.experiment.runner import run_script

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DEEP, SHALLOW, PUBLIC = (
    "time_reversal",
    "time_reversal:depth=5",
    "time_reversal:ensemble=public",
)
LABELS = {DEEP: "depth $2n$", SHALLOW: "depth 5", PUBLIC: "depth 5, circuits of the paper"}


def curves(
    deep: tuple[int, ...], shallow: tuple[int, ...], law: tuple[int, ...]
) -> tuple[Curve, ...]:
    """Returns the curves of one size."""
    return (
        Curve("y_marginals", deep, circuits_to=20, task=DEEP),
        Curve("y_marginals", law, circuits_to=0, task=DEEP, batch_size=500),
        Curve("y_marginals", shallow, circuits_to=20, task=SHALLOW),
        Curve("y_marginals", shallow, circuits_to=20, task=PUBLIC),
    )


EXPERIMENT = Experiment(
    name="depth_trap",
    about="Uses for the means of single bits to find the symmetry, at fixed and at growing depth.",
    task=DEEP,
    curves=curves((4, 6), (4, 6, 8, 10), (8, 10)),
    quick=curves((4,), (4, 6), (8, 10)),
    full=curves((4, 6, 8), (4, 6, 8, 10, 12, 14, 16), (8, 10, 12, 14)),
    trials=500,
    batch_size=25,
    seconds=14,
)


def draw(data: AccuracyData) -> Figure:
    """Draws the leak of every qubit, and uses against n."""
    from quantum_advantage import plots

    figure = plots.new_figure(7.2, 2.9, 2)
    leak, uses = figure.axes
    _draw_leak(leak)
    _draw_uses(uses, data)
    plots.letter_panels(figure)
    return figure


def _draw_leak(ax: Axes) -> None:
    """Draws the exact mean of <Y>^2 at the edge of a line against n."""
    import cirq
    import numpy as np

    from quantum_advantage.plots import palette
    from quantum_advantage.systems.lattice import line_layers, repeated
    from quantum_advantage.systems.moments import outcome_moments

    sizes = range(4, 21, 2)
    gate = cirq.unitary(cirq.ISWAP)
    for depth, marker, colour in (
        (3, "^", palette.DEPTH_3),
        (5, "s", palette.DEPTH_5),
        (9, "D", palette.DEPTH_9),
        (0, "o", palette.DEPTH_2N),
    ):
        found = [
            outcome_moments(n, repeated(line_layers(n), depth or 2 * n), gate, False).y_squares
            for n in sizes
        ]
        label = f"depth {depth}" if depth else "depth $2n$"
        look = {"marker": marker, "color": colour, "ms": 3.6, "lw": 0.9}
        ax.plot(sizes, [f.max() for f in found], label=label, **look)
    haar = [1 / (2.0**n + 1) for n in sizes]
    label = "Haar-random, $1/(2^n+1)$"
    ax.plot(sizes, haar, ":", color=palette.EXACT, linewidth=0.9, label=label)
    ax.set(yscale="log", xlabel="number of qubits $n$", title="Largest mean of a bit, squared")
    ax.set(ylabel=r"mean of $\langle Y\rangle^2$, general evolutions", ylim=(3e-7, 1))
    ax.set_xticks(np.arange(4, 21, 4))
    ax.legend(loc="lower left", labelspacing=0.25)


def _draw_uses(ax: Axes, data: AccuracyData) -> None:
    from quantum_advantage import plots

    for task, marker, line, colour in (
        (DEEP, "o", "-", plots.palette.DEPTH_2N),
        (SHALLOW, "s", "--", plots.palette.DEPTH_5),
        (PUBLIC, "v", ":", plots.palette.DEPTH_PUBLIC),
    ):
        points = plots.of_protocol([p for p in data.points if p.spec.task == task], "y_marginals")
        reached = [p for p in points if p.copies is not None]
        ax.plot(
            [p.spec.qubits for p in reached],
            [p.copies for p in reached if p.copies is not None],
            line,
            color=colour,
            linewidth=0.9,
            marker=marker,
            markersize=3.8,
            markevery=[],
            label=LABELS[task],
        )
        for p in reached:
            face = colour if p.spec.source == "circuit" else "white"
            low, high = p.copies_low or p.copies, p.copies_high or p.copies
            plots.draw_interval(ax, p.spec.qubits, low, high, colour, 0.8)
            look = {"color": colour, "markerfacecolor": face, "markersize": 3.8}
            ax.plot(p.spec.qubits, p.copies, marker, **look)
    ax.set(yscale="log", xlabel="number of qubits $n$", ylabel="uses for 70 % right answers")
    ax.set_title("Single bits, without a memory")
    ax.legend(loc="lower right")


if __name__ == "__main__":
    sys.exit(run_script(EXPERIMENT, draw))
