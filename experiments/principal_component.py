"""The principal component of an unknown state: a property of it, with and without a quantum memory.

The second theorem of Huang et al., Science 376, 1182 (2022): joint measurements of two copies need
a constant number of copies, experiments that measure one copy at a time order 2^(n/2). The states
are Haar-random behind one value of a flag and maximally mixed behind the other.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from quantum_advantage.experiment.declaration import AccuracyData, Curve, Experiment, Search
from quantum_advantage.experiment.runner import run_script

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PAIRS = ("bell", "bell_sign")
# Beyond, most copies of a game have a state vector of their own, and 95 % takes many copies.
MOST = 12


def curves(
    pairs: tuple[int, ...],
    many: tuple[int, ...],
    circuits: tuple[int, ...],
    law: tuple[int, ...],
) -> tuple[Curve, ...]:
    """Returns the curves of one size.

    Args:
        pairs: Numbers of qubits of the two-copy measurements, circuits to n = 12.
        many: Those that run as circuits with few copies, for 70 % alone.
        circuits: Those of the collisions, as circuits.
        law: Those of the collisions, from the exact law.
    """
    near = tuple(n for n in pairs if n <= MOST)
    far = tuple(n for n in pairs if n > MOST)
    both = (0.7, 0.95)
    return (
        *(Curve(name, near, Search(both, 1000), circuits_to=MOST, fit_from=6) for name in PAIRS),
        *(
            Curve(name, far, Search(both), circuits_to=0, fit_from=6, batch_size=500)
            for name in PAIRS
            if far
        ),
        *(Curve("bell", (n,), circuits_to=n) for n in many),
        Curve("collisions", circuits, circuits_to=20, fit_from=8),
        Curve("collisions", law, circuits_to=0, fit_from=8, batch_size=500),
    )


LAW = (4, 6, 8, 10, 12, 14, 16, 18, 20)
EXPERIMENT = Experiment(
    name="principal_component",
    about="Copies needed for a property of the principal component of an unknown state.",
    task="principal_component",
    curves=curves((3, 4, 6, 8, 16, 20), (), (4, 6), LAW),
    quick=curves((3, 4, 6), (), (4,), (8, 12, 16)),
    full=curves((3, 4, 5, 6, 8, 10, 12, 16, 20), (16, 20), (4, 6, 8), LAW),
    trials=500,
    batch_size=25,
    seconds=21,
)


def draw(data: AccuracyData) -> Figure:
    """Draws copies against n, and accuracy against copies."""
    from quantum_advantage import plots

    figure = plots.new_figure(7.2, 3.2, 2, width_ratios=(1.2, 1))
    copies, accuracy = figure.axes
    _draw_copies(copies, data)
    _draw_accuracy(accuracy, data)
    plots.letter_panels(figure)
    return figure


def _draw_copies(ax: Axes, data: AccuracyData) -> None:
    import numpy as np

    from quantum_advantage import plots
    from quantum_advantage.bounds.haar_states import copies_for_principal_component

    points = plots.of_protocol(data.points, "collisions", target=0.7)
    plots.plot_points(ax, points, label="collisions beside both flags: 70 %")
    most = max([p.spec.qubits for p in data.points])
    n = np.arange(2, most + 2)
    bound = [copies_for_principal_component(0.7, qubits=int(k)) for k in n]
    plots.shade_below(ax, n, bound, 0.5, "proven bound without memory, if Haar-random")
    for name, label in zip(PAIRS, ("exact likelihood", "sign of the ratio"), strict=True):
        for target, line in ((0.95, ":"), (0.7, "-")):
            points = [p for p in plots.of_protocol(data.points, name, target=target) if p.copies]
            text = f"two copies, {label}: {plots.percent(target)}"
            plots.plot_points(ax, points, line=line, label=text)
    plots.legend_marks(ax, data.points)
    ax.set(yscale="log", xlabel="number of qubits $n$", ylabel="copies", ylim=(1, 1e7))
    ax.set(xlim=(1.5, most + 1))
    ax.set_xticks(range(2, most + 1, 2))
    ax.set_title("The flag of the principal component")
    ax.legend(loc="upper left", labelspacing=0.25, borderaxespad=0.2)


def _draw_accuracy(ax: Axes, data: AccuracyData) -> None:
    from quantum_advantage import plots

    labelled: set[str] = set()
    for curve in data.curves:
        name, n = curve.key.protocol.partition(":")[0], curve.key.qubits
        if name in PAIRS and n in (3, 8):
            plots.plot_accuracy(ax, curve, label=plots.label_once(labelled, name))
        elif name == "collisions" and n in (8, 12, 16, 20) and curve.key.source == "law":
            plots.plot_accuracy(ax, curve, label=plots.label_once(labelled, name))
            plots.name_end(ax, curve, f"$n$ = {n}", (0, -12), at=0)
    for level in (0.7, 0.95):
        plots.draw_level(ax, level)
    ax.set(xscale="log", xlabel="copies", ylabel="share of right answers", ylim=(0.44, 1.19))
    ax.set_yticks([0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
    if sizes := [n for name in PAIRS for n in plots.sizes_of(data.curves, name, (3, 8))]:
        ax.text(1.7, 0.965, f"$n$ = {plots.listed(sizes)}", color=plots.style_of("bell").colour)
    ax.set_title("Accuracy against copies")
    ax.legend(loc="upper left", labelspacing=0.25, borderaxespad=0.2)


if __name__ == "__main__":
    sys.exit(run_script(EXPERIMENT, draw))
