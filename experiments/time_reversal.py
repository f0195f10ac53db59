"""Time-reversal symmetry: uses of an unknown evolution to tell a real unitary from a general one.

Two uses side by side on Bell pairs and a Bell measurement need a constant number of uses at any
size. Single uses need order 2^(n/2) with the best conventional protocol known, collisions of
complementary outcomes in the Y basis, and order 2^n with the means of single bits.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from quantum_advantage.experiment.declaration import AccuracyData, Curve, Experiment, Search
from quantum_advantage.experiment.runner import run_script

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CONVENTIONAL = ("y_marginals", "z_collisions", "complement_collisions")
TARGETS = (0.7, 0.95)


def curves(
    bell: tuple[int, ...],
    collisions: tuple[int, ...],
    marginals: tuple[int, ...],
    law: tuple[int, ...],
    both: tuple[float, ...] = TARGETS[:1],
) -> tuple[Curve, ...]:
    """Returns the curves of one size.

    Args:
        bell: Numbers of qubits of the Bell measurement, as circuits.
        collisions: Those of the collisions, as circuits.
        marginals: Those of the single bits, as circuits.
        law: Those beyond, from the exact law; to 14 for the single bits, to 12 at 95 %.
        both: The accuracies of the single uses.
    """
    eights = tuple(n for n in law if n % 8 == 0)
    return (
        Curve("bell", bell, Search(TARGETS), circuits_to=13, fit_from=4),
        Curve("complement_collisions", collisions, circuits_to=20, fit_from=8),
        Curve(
            "complement_collisions", law, Search(both), circuits_to=0, fit_from=8, batch_size=500
        ),
        Curve("z_collisions", collisions[:3], circuits_to=20, fit_from=8),
        Curve("z_collisions", eights, Search(both), circuits_to=0, fit_from=8, batch_size=500),
        Curve("y_marginals", marginals, circuits_to=20, fit_from=8),
        Curve(
            "y_marginals",
            tuple(n for n in law if n <= 12),
            Search(both),
            circuits_to=0,
            fit_from=8,
            batch_size=500,
        ),
        Curve(
            "y_marginals",
            tuple(n for n in law if n == 14),
            circuits_to=0,
            fit_from=8,
            batch_size=500,
        ),
    )


EXPERIMENT = Experiment(
    name="time_reversal",
    about="Uses needed to tell time-reversal symmetric evolutions from general ones.",
    task="time_reversal",
    curves=curves((2, 4, 6, 8), (4, 6, 8), (4, 6), (8, 10, 16)),
    quick=curves((2, 4, 6), (4,), (4,), (8, 9, 10, 11, 12)),
    full=curves(
        (2, 4, 6, 8, 10),
        (4, 6, 8, 10, 12),
        (6, 8),
        (8, 10, 12, 14, 16, 20, 24, 28),
        TARGETS,
    ),
    trials=500,
    batch_size=25,
    seconds=20,
)


def draw(data: AccuracyData) -> Figure:
    """Draws uses against n for both accuracies."""
    from quantum_advantage import plots

    figure = plots.new_figure(7.2, 3.3, 2)
    for ax, target in zip(figure.axes, TARGETS, strict=True):
        _draw_uses(ax, data, target)
    figure.axes[0].legend(loc="upper left", labelspacing=0.25, borderaxespad=0.2)
    plots.letter_panels(figure)
    return figure


def _draw_uses(ax: Axes, data: AccuracyData, target: float) -> None:
    import numpy as np

    from quantum_advantage import plots
    from quantum_advantage.bounds.time_reversal import adaptive_reference, uses_to_find_reversal

    n = np.arange(2, 31)
    for name in CONVENTIONAL:
        points = plots.of_protocol(data.points, name, target=target)
        if target != TARGETS[0]:
            # Circuits are played for the smaller accuracy alone.
            points = [p for p in points if p.spec.source == "law"]
        plots.plot_points(ax, points)
    bound = [uses_to_find_reversal(target, qubits=int(k)) for k in n]
    label = "proven bound without memory, for fixed\nreal inputs, if Haar-random"
    plots.shade_below(ax, n, bound, 0.5, label)
    reference = [adaptive_reference(qubits=int(k)) for k in n]
    label = r"$2^{2n/7}$ (any inputs), without constants"
    plots.draw_bound(ax, n, reference, label, ":")
    points = plots.of_protocol(data.points, "bell", target=target)
    plots.plot_points(ax, points, label="Bell measurement, two uses")
    plots.legend_marks(ax, [p for p in data.points if p.target == target])
    ax.set(yscale="log", xlabel="number of qubits $n$", ylabel="uses of the evolution")
    ax.set(title=f"{plots.percent(target)} right", xlim=(1, 29), ylim=(0.6, 1e7))
    ax.set_xticks(range(4, 29, 4))


if __name__ == "__main__":
    sys.exit(run_script(EXPERIMENT, draw))
