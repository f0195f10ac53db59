"""Testing purity: is an unknown state pure or maximally mixed, with and without a quantum memory?

Two copies and one Bell measurement need a constant number of copies; every experiment that measures
one copy at a time needs at least order 2^(n/2) if the pure state is Haar-random. Local noise on the
copies turns the constant into an exponential of its own; the third panel shows where two copies
stop winning.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from quantum_advantage.experiment.declaration import AccuracyData, Curve, Experiment, Search
from quantum_advantage.experiment.runner import run_script

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CONVENTIONAL = ("collisions", "mutually_unbiased", "randomized_measurements", "local_pauli")
NOISE = (0.02, 0.06, 0.12, 0.2)
# On a noisy backend one false parity excludes a pure state, and more copies do not help.
MOST_COPIES = 1000


def curves(
    bell: tuple[int, ...], circuits: tuple[int, ...], slow: tuple[int, ...], law: tuple[int, ...]
) -> tuple[Curve, ...]:
    """Returns the curves of one size.

    Args:
        bell: Numbers of qubits of the Bell measurement, as circuits.
        circuits: Those of the collisions, as circuits.
        slow: Those of the randomised measurements, as circuits.
        law: Those beyond, from the exact law.
    """
    return (
        Curve("bell", bell, Search((0.7, 0.9), MOST_COPIES), circuits_to=20, fit_from=4),
        Curve("collisions", circuits, circuits_to=20, fit_from=8),
        Curve("collisions", law, circuits_to=0, fit_from=8, batch_size=500),
        Curve("mutually_unbiased", circuits[:3], circuits_to=20, fit_from=8),
        Curve("randomized_measurements", slow, circuits_to=20, fit_from=8),
        Curve("local_pauli", slow, circuits_to=20, fit_from=8),
        *(
            Curve(
                "bell",
                law[::2],
                circuits_to=0,
                task=f"purity:depolarize={strength}",
                batch_size=500,
            )
            for strength in NOISE
        ),
    )


LAW = (4, 8, 12, 16, 20, 24, 28)
EXPERIMENT = Experiment(
    name="testing_purity",
    about="Copies needed to tell a Haar-random pure state from the maximally mixed one.",
    task="purity",
    curves=curves((2, 4, 8, 12), (2, 4, 6), (2, 4), LAW),
    quick=curves((2, 4, 8), (2, 4), (2, 4), (8, 12, 16)),
    full=curves((2, 4, 6, 8, 10, 12, 14, 16, 18, 20), (2, 4, 6, 8), (2, 4, 6), LAW),
    trials=500,
    batch_size=25,
    seconds=58,
)


def draw(data: AccuracyData) -> Figure:
    """Draws copies against n, accuracy against Bell shots, and what local noise costs."""
    from quantum_advantage import plots

    figure = plots.new_figure(7.2, 3.4, 3, width_ratios=(1.25, 0.8, 0.95))
    copies, accuracy, noise = figure.axes
    _draw_copies(copies, data)
    _draw_accuracy(accuracy, data)
    _draw_noise(noise, data)
    plots.letter_panels(figure)
    return figure


def _draw_copies(ax: Axes, data: AccuracyData) -> None:
    import numpy as np

    from quantum_advantage import plots
    from quantum_advantage.bounds.haar_states import copies_to_test_purity

    shown = [p for p in data.points if "depolarize" not in p.spec.task]
    n = np.arange(1, 30)
    for name in reversed(CONVENTIONAL):
        points = plots.of_protocol(shown, name, target=0.7)
        label = "three unbiased bases in turn" if name == "mutually_unbiased" else None
        plots.plot_points(ax, points, label=label)
    bound = [copies_to_test_purity(0.7, qubits=int(k)) for k in n]
    plots.shade_below(ax, n, bound, 0.5, "proven bound without memory,\nif Haar-random")
    for target, line in ((0.9, ":"), (0.7, "-")):
        points = plots.of_protocol(shown, "bell", target=target)
        label = f"Bell, two copies: {plots.percent(target)}"
        plots.plot_points(ax, points, line=line, label=label)
    plots.legend_marks(ax, shown)
    ax.set(yscale="log", xlabel="number of qubits $n$", ylabel="copies", xlim=(1, 29))
    ax.set(title="Pure or maximally mixed? 70 % right", ylim=(1, 1e8))
    ax.set_xticks(range(4, 29, 4))
    ax.legend(loc="upper left", labelspacing=0.25, borderaxespad=0.2)


def _draw_accuracy(ax: Axes, data: AccuracyData) -> None:
    import numpy as np

    from quantum_advantage import plots

    for curve in data.curves:
        name, n = curve.key.protocol.partition(":")[0], curve.key.qubits
        if name == "bell" and curve.key.task == "purity" and curve.key.source == "circuit":
            if n not in (2, 4, 20):
                continue
            plots.plot_accuracy(ax, curve, label="_")
            shots = np.arange(1, 11)
            # Wrong only where I/d shows no odd parity; a pure state is never mistaken.
            exact = 1 - ((1 + 2.0**-n) / 2) ** shots / 2
            plots.draw_law(ax, 2 * shots, exact, plots.palette.WARM)
        elif name == "collisions" and n in (4, 8, 16, 24) and curve.key.source == "law":
            plots.plot_accuracy(ax, curve, label="_")
            text = f"$n$ = {n}" if n == 4 else str(n)
            plots.name_end(ax, curve, text, (0, -12), at=0, color=plots.style_of(name).colour)
    drawn = [c for c in data.curves if c.key.task == "purity" and c.key.source == "circuit"]
    if sizes := plots.sizes_of(drawn, "bell", (2, 4, 20)):
        text = f"Bell, $n$ = {', '.join(map(str, sizes))}"
        ax.text(40, 0.99, text, color=plots.palette.WARM, va="center")
    by_law = [c for c in data.curves if c.key.source == "law"]
    if plots.sizes_of(by_law, "collisions", (4, 8, 16, 24)):
        ax.text(60, 0.9, "collisions", color=plots.style_of("collisions").colour)
    plots.draw_level(ax, 0.7)
    ax.set(xscale="log", xlabel="copies", ylabel="share of right answers", ylim=(0.44, 1.02))
    ax.set_xlim(0.15, 3e4)
    ax.set_title("Accuracy against copies")


def _draw_noise(ax: Axes, data: AccuracyData) -> None:
    import numpy as np

    from quantum_advantage import plots
    from quantum_advantage.bounds.haar_states import copies_to_test_purity

    n = np.arange(1, 30)
    bound = [copies_to_test_purity(0.7, qubits=int(k)) for k in n]
    plots.shade_below(ax, n, bound, 0.5, None)
    ideal = [p for p in data.points if p.spec.task == "purity"]
    points = [
        p for p in plots.of_protocol(ideal, "collisions", target=0.7) if p.spec.source == "law"
    ]
    plots.plot_points(ax, points, label="noiseless collisions")
    looks = zip(NOISE, ("o", "s", "^", "D"), plots.palette.WARM_BY_NOISE, strict=True)
    for strength, marker, colour in looks:
        noisy = [p for p in data.points if p.spec.task == f"purity:depolarize={strength}"]
        points = plots.of_protocol(noisy, "bell", target=0.7)
        reached = [p for p in points if p.copies is not None]
        ax.plot(
            [p.spec.qubits for p in reached],
            [max(p.copies, p.copies_per_shot) for p in reached if p.copies is not None],
            marker=marker,
            color=colour,
            markerfacecolor="white",
            markersize=3.4,
            label=f"Bell, $\\lambda$ = {plots.percent(strength)}",
        )
    ax.set(yscale="log", xlabel="number of qubits $n$", xlim=(1, 29), ylim=(1, 1e9))
    ax.set_xticks(range(4, 29, 4))
    ax.set_title(r"Two copies, local noise $\lambda$")
    ax.legend(loc="upper left", labelspacing=0.25, borderaxespad=0.2)


if __name__ == "__main__":
    sys.exit(run_script(EXPERIMENT, draw))
