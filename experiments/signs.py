"""The sign of a hidden string that is revealed afterwards: copies against the number of qubits.

Chen, Gong and Zhang, arXiv 2412.19022: measurements of two copies at a time that depend on earlier
outcomes need O(n) copies, those that are fixed beforehand exponentially many. Bell measurements
name the string, a few further copies show its sign; Bell measurements alone never do.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from quantum_advantage.experiment.declaration import AccuracyData, Curve, Experiment, Search
from quantum_advantage.experiment.runner import run_script

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ADAPTIVE, FIXED, BLIND, KNOWN = "named_string", "mutually_unbiased_cycled", "bell", "known_question"
TARGETS = (0.7, 0.9)
ALPHA = 0.9
# No rung of the ladders has more copies.
NAMED_COPIES, BLIND_COPIES = 400, 2000


def curves(
    adaptive: tuple[int, ...], fixed: tuple[int, ...], circuits_to: int
) -> tuple[Curve, ...]:
    """Returns the curves of one size.

    Args:
        adaptive: Numbers of qubits of the adaptive protocol.
        fixed: Numbers of qubits of those that are fixed beforehand.
        circuits_to: The largest of them that run as circuits.
    """
    both = Search(TARGETS)
    return (
        Curve(ADAPTIVE, adaptive, Search(TARGETS, NAMED_COPIES)),
        Curve(FIXED, fixed, both, circuits_to=circuits_to),
        Curve("random_clifford", fixed, both, circuits_to=circuits_to),
        Curve(BLIND, adaptive, Search((0.7,), BLIND_COPIES), circuits_to=4),
        Curve(KNOWN, adaptive, circuits_to=100),
    )


EXPERIMENT = Experiment(
    name="signs",
    about="Copies needed for the sign of a hidden string that is revealed afterwards.",
    task="hidden_sign:alpha=0.9",
    curves=curves((2, 4, 8, 12, 16, 20), (2, 4, 6, 8, 12, 20), 6),
    quick=curves((2, 4), (2, 4), 4),
    full=curves((2, 3, 4, 6, 8, 10, 12, 14, 16, 18, 20), (2, 3, 4, 6, 8, 10, 12, 16, 20), 10),
    trials=1000,
    batch_size=50,
    seconds=30,
)


def draw(data: AccuracyData) -> Figure:
    """Draws copies against n, and those of the adaptive protocol on a linear scale."""
    from quantum_advantage import plots

    figure = plots.new_figure(7.2, 3.5, 2, width_ratios=(1.25, 1))
    growth, linear = figure.axes
    _draw_growth(growth, data)
    _draw_linear(linear, data)
    plots.letter_panels(figure)
    return figure


def _draw_growth(ax: Axes, data: AccuracyData) -> None:
    import numpy as np

    from quantum_advantage import plots
    from quantum_advantage.bounds.hidden_sign import fixed_copies_required, fixed_stabiliser_copies

    n = np.arange(2, 22)
    bound = [fixed_copies_required(0.7, qubits=int(k), alpha=ALPHA) for k in n]
    plots.shade_below(ax, n, bound, 0.1, "proven bound, fixed beforehand")
    least = [fixed_stabiliser_copies(0.7, qubits=int(k), alpha=ALPHA) for k in n]
    colour = plots.style_of(FIXED).colour
    ax.plot(n, least, ":", color=colour, linewidth=0.8, label="bound for stabiliser bases, fixed")
    label = "order $2^{n/2}$, arXiv 2412.19022"
    ax.plot(n, 2 ** (n / 2), "-.", color=plots.palette.REFERENCE, linewidth=0.8, label=label)
    for name in ("random_clifford", FIXED, BLIND, ADAPTIVE, KNOWN):
        plots.plot_points(ax, plots.of_protocol(data.points, name, target=0.7))
    for name in ("random_clifford", FIXED):
        points = plots.of_protocol(data.points, name, target=0.9)
        plots.plot_points(ax, points, label="_", line="--", size=2.4)
    plots.legend_marks(ax, [p for p in data.points if p.target == 0.7])
    ax.set(yscale="log", xlabel="number of qubits $n$", xlim=(1, 21), ylim=(0.2, 1e11))
    ax.set(title="Copies for 70 % right signs (dashed: 90 %)", ylabel="copies")
    ax.set_xticks(range(2, 21, 2))
    ax.legend(loc="upper left", labelspacing=0.25, borderaxespad=0.2)


def _draw_linear(ax: Axes, data: AccuracyData) -> None:
    import numpy as np

    from quantum_advantage import plots
    from quantum_advantage.tasks.hidden_sign import named_rounds

    colour = plots.style_of(ADAPTIVE).colour
    n = range(1, 22)
    for target, line in ((0.9, "--"), (0.7, "-")):
        points = plots.of_protocol(data.points, ADAPTIVE, target=target)
        plots.plot_points(ax, points, label="_", line=" ")
        enough = [2 * sum(named_rounds(target, ALPHA, k)) for k in n]
        label = f"{plots.percent(target)}: enough"
        ax.plot(n, enough, line, color=colour, linewidth=0.8, zorder=1, label=label)
    most = 2 * sum(named_rounds(0.9, ALPHA, 21))
    ax.set(xlabel="number of qubits $n$", ylabel="copies", xlim=(0, 21.5), ylim=(0, 1.15 * most))
    ax.set(title="String named, then looked at")
    ax.set_xticks(np.arange(2, 21, 2))
    ax.legend(loc="upper left", labelspacing=0.25, borderaxespad=0.2)


if __name__ == "__main__":
    sys.exit(run_script(EXPERIMENT, draw))
