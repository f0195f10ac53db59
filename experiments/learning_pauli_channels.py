"""Learning about Pauli channels: uses against qubits, ancillas, errors of answers, and noise.

With a Bell pair for every qubit two uses of a channel say which of two strings, revealed
afterwards, has an eigenvalue (Chen et al., arXiv 2309.13461, study the problem). Without ancillas
the uses grow as 2ⁿ, with k fresh ancillas in every use as 2ⁿ⁻ᵏ. On noisy processors Bell pairs pay
a base per qubit; an experiment with error mitigation reports 1.33 ± 0.05 (arXiv 2408.03376).
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from quantum_advantage.experiment.declaration import AccuracyData, Curve, Experiment
from quantum_advantage.experiment.runner import run_script

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TASK = "pauli_channel:alpha=0.9,game=two"
ALPHA = 0.9
WITHOUT = ("adaptive_unbiased", "mutually_unbiased", "random_clifford", "local_pauli")
LABELS = {
    "adaptive_unbiased": "stabiliser inputs, adaptive",
    "mutually_unbiased": "stabiliser inputs, three uses each",
    "random_clifford": "stabiliser inputs, random",
    "local_pauli": "product inputs, random",
    "known_question": "question known beforehand",
}
# The number of qubits of the panel about ancillas.
QUBITS = 8
PROCESSORS = {"qvm:weber": "Weber", "qvm:willow_pink": "Willow"}
# Overhead per qubit that an experiment with error mitigation reports: arXiv 2408.03376.
PUBLISHED = 1.33


def curves(
    pairs: tuple[int, ...],
    without: tuple[int, ...],
    circuits_to: int,
    ancillas: tuple[int, ...],
    processors: dict[str, tuple[int, ...]],
) -> tuple[Curve, ...]:
    """Returns the curves of one size.

    Args:
        pairs: Numbers of qubits of Bell pairs.
        without: Numbers of qubits of the protocols without ancillas.
        circuits_to: The largest of them that run as circuits.
        ancillas: Numbers k of ancillas.
        processors: Numbers of qubits of Bell pairs on each virtual processor.
    """
    return (
        Curve("bell_pairs", pairs, circuits_to=100),
        *(Curve(name, without, circuits_to=circuits_to) for name in WITHOUT),
        Curve("known_question", pairs[::2], circuits_to=100),
        *(Curve(f"ancillas:qubits={k}", (QUBITS,), circuits_to=QUBITS) for k in ancillas),
        *(
            Curve("bell_pairs", sizes, circuits_to=100, backend=backend)
            for backend, sizes in processors.items()
        ),
    )


EXPERIMENT = Experiment(
    name="learning_pauli_channels",
    about="Uses of a Pauli channel needed with and without ancillas.",
    task=TASK,
    curves=curves(
        (2, 4, 8, 12, 16, 20),
        (2, 4, 6, 8, 20),
        4,
        (1, 2, 4, 6, 8),
        {"qvm:weber": (4, 8, 12), "qvm:willow_pink": (4, 12)},
    ),
    quick=curves((2, 4), (2, 4), 4, (4, 6, 8), {}),
    full=curves(
        (2, 4, 6, 8, 10, 12, 14, 16, 18, 20),
        (2, 3, 4, 5, 6, 8, 10, 20),
        8,
        tuple(range(QUBITS + 1)),
        {"qvm:weber": (4, 8, 12, 16, 20), "qvm:willow_pink": (4, 12, 20, 28, 36)},
    ),
    seconds=32,
)


def draw(data: AccuracyData) -> Figure:
    """Draws uses against n, against ancillas, and under noise, and wrong answers against uses."""
    from quantum_advantage import plots

    figure = plots.new_figure(7.2, 6.2, 2, rows=2)
    growth, ancillas, errors, noise = figure.axes
    _draw_growth(growth, data)
    _draw_ancillas(ancillas, data)
    _draw_errors(errors, data)
    _draw_noise(noise, data)
    plots.letter_panels(figure)
    return figure


def _draw_growth(ax: Axes, data: AccuracyData) -> None:
    import numpy as np

    from quantum_advantage import plots
    from quantum_advantage.bounds.pauli_channels import stabiliser_uses_required, uses_required

    n = np.arange(1, 22)
    bound = [uses_required(0.7, qubits=int(k), alpha=ALPHA) for k in n]
    plots.shade_below(ax, n, bound, 0.5, "proven bound without ancillas")
    within = [stabiliser_uses_required(0.7, qubits=int(k), alpha=ALPHA) for k in n]
    label = "proven, stabiliser inputs alone"
    ax.plot(n, within, "-.", color=plots.palette.BOUND, linewidth=0.7, label=label)
    ideal = [p for p in data.points if not p.spec.backend.startswith("qvm:")]
    for name in reversed(WITHOUT):
        plots.plot_points(ax, plots.of_protocol(ideal, name, target=0.7), label=LABELS[name])
    plots.plot_points(ax, plots.of_protocol(ideal, "bell_pairs", target=0.7), size=5.4)
    known = plots.of_protocol(ideal, "known_question", target=0.7)
    plots.plot_points(ax, known, label=LABELS["known_question"], size=2.6)
    plots.legend_marks(ax, ideal)
    ax.set(yscale="log", xlabel="number of qubits $n$", xlim=(1, 21), ylim=(0.7, 1e10))
    ax.set(title="Uses for 70 % right answers", ylabel="uses of the channel")
    ax.set_xticks(range(2, 21, 2))
    ax.legend(loc="upper left", labelspacing=0.25, borderaxespad=0.2)


def _draw_ancillas(ax: Axes, data: AccuracyData) -> None:
    import numpy as np

    from quantum_advantage import plots
    from quantum_advantage.bounds.pauli_channels import stabiliser_uses_required, uses_required
    from quantum_advantage.core.naming import parse
    from quantum_advantage.tasks.observables.exact import unbiased_cost

    points = plots.of_protocol(data.points, "ancillas", target=0.7)
    points.sort(key=lambda p: int(parse(p.spec.protocol)[1]["qubits"]))
    k = np.arange(QUBITS + 1)
    setting = [{"qubits": QUBITS, "ancillas": int(m), "alpha": ALPHA} for m in k]
    plots.shade_below(ax, k, [uses_required(0.7, **s) for s in setting], 0.1, "proven bound")
    within = [stabiliser_uses_required(0.7, **s) for s in setting]
    label = "proven, stabiliser inputs alone"
    ax.plot(k, within, "-.", color=plots.palette.BOUND, linewidth=0.7, label=label)
    cost = unbiased_cost(0.7, ALPHA, "two")
    law = cost * (2.0 ** (QUBITS - k) + 1)
    label = rf"${cost:.2f}\,(2^{{n-k}}+1)$, law of large $n-k$"
    ax.plot(k, law, color=plots.palette.PROPORTIONAL, linewidth=1, label=label, zorder=0)
    if points:
        at = [int(parse(p.spec.protocol)[1]["qubits"]) for p in points]
        plots.plot_points(ax, points, at, label="$k$ Bell pairs, unbiased bases", line=" ")
    ax.set(yscale="log", xlabel="fresh ancillas in every use $k$", ylabel="uses of the channel")
    ax.set(title=f"Every ancilla halves the uses, $n$ = {QUBITS}", ylim=(0.4, 1500))
    ax.text(0.2, 0.7, "uses are not concatenated", color=plots.palette.BOUND)
    ax.legend(loc="upper right", labelspacing=0.25, borderaxespad=0.2)


def _draw_errors(ax: Axes, data: AccuracyData) -> None:
    import numpy as np

    from quantum_advantage import plots
    from quantum_advantage.bounds.pauli_channels import largest_accuracy
    from quantum_advantage.core.naming import parse
    from quantum_advantage.tasks.pauli_channel.exact import pairs_accuracy

    shown = {"bell_pairs": "Bell pairs", "adaptive_unbiased": "no ancillas, adaptive"}
    for curve in data.curves:
        name, options = parse(curve.key.protocol)
        k = int(options.get("qubits", 0))
        if curve.key.qubits != QUBITS or curve.key.backend.startswith("qvm:"):
            continue
        if name not in shown and not (name == "ancillas" and k in (2, 4, 6)):
            continue
        style = plots.style_of(name)
        low, high = np.quantile(curve.resampled, [0.025, 0.975], axis=0)
        ax.fill_between(curve.copies, 1 - high, 1 - low, color=style.colour, alpha=0.2, lw=0)
        label = shown.get(name) or f"$k$ = {k}"
        ax.plot(curve.copies, 1 - curve.accuracy, color=style.colour, marker=style.marker, ms=3)
        # Above the start of a curve, where there is room; the first two start in one point.
        start = curve.copies[0], 1 - curve.accuracy[0]
        place = (2, 17) if name == "bell_pairs" else (14, 6) if k == 6 else (0, 7)
        ax.annotate(label, start, place, textcoords="offset points", fontsize=7)
    uses = np.geomspace(1, 1500, 100)
    for k in (0, 2, 4, 6):
        best = [1 - largest_accuracy(t, qubits=QUBITS, ancillas=k, alpha=ALPHA) for t in uses]
        label = "proven bounds, $k$ = 6, 4, 2, 0" if not k else None
        plots.draw_bound(ax, uses, best, label, width=0.7)
    exact = np.arange(1, 9)
    right = [float(pairs_accuracy(int(t), ALPHA)) for t in exact]
    plots.draw_law(ax, exact, 1 - np.array(right), plots.palette.WARM)
    plots.draw_level(ax, 0.3)
    ax.set(xscale="log", yscale="log", xlim=(0.9, 1500), ylim=(0.03, 0.9))
    ax.set(xlabel="uses of the channel", ylabel="share of wrong answers")
    ax.set(title=f"Wrong answers against uses, $n$ = {QUBITS}")
    ax.set_yticks([0.05, 0.1, 0.2, 0.3, 0.5], ["0.05", "0.1", "0.2", "0.3", "0.5"], minor=False)
    ax.set_yticks([], minor=True)
    ax.legend(loc="upper right", labelspacing=0.25, borderaxespad=0.2)


def _draw_noise(ax: Axes, data: AccuracyData) -> None:
    import numpy as np

    from quantum_advantage import plots
    from quantum_advantage.backends.opening import open_backend
    from quantum_advantage.bounds.pauli_channels import uses_required
    from quantum_advantage.tasks.pauli_channel.forecast import channel_damping, pairs_uses

    most = 38
    n = np.arange(1, most + 1)
    bound = [uses_required(0.7, qubits=int(k), alpha=ALPHA) for k in n]
    plots.shade_below(ax, n, bound, 0.5, "proven bound without ancillas")
    style = plots.style_of("bell_pairs")
    for backend, processor in PROCESSORS.items():
        on_backend = [p for p in data.points if p.spec.backend == backend]
        points = plots.of_protocol(on_backend, "bell_pairs", target=0.7)
        if not points:
            continue
        sampler = open_backend(backend).make(0)
        sizes = [p.spec.qubits for p in points]
        law = [pairs_uses(0.7, channel_damping(sampler, k), ALPHA) for k in sizes]
        plots.draw_law(ax, sizes, law, plots.palette.WARM)
        reached = [(p.spec.qubits, p.copies) for p in points if p.copies is not None]
        base = 2 ** np.polyfit(*zip(*((k, np.log2(c)) for k, c in reached), strict=True), 1)[0]
        plots.plot_points(ax, points, label="_", line=" ")
        text = f"{processor}: {base:.2f} a qubit"
        options = {"textcoords": "offset points", "color": plots.palette.PROCESSOR}
        # Beside the last point, or below it where there is no room.
        beside = {"ha": "left"} if sizes[-1] < 25 else {"ha": "right"}
        place = (6, -3) if sizes[-1] < 25 else (0, -14)
        ax.annotate(text, (sizes[-1], law[-1]), place, **options, **beside)
    label = "Bell pairs on a virtual processor"
    ax.plot([], [], color=style.colour, marker=style.marker, linestyle="none", label=label)
    ax.plot([], [], color=plots.palette.WARM, linewidth=0.5, label="formula, from its calibration")
    line = 2 * PUBLISHED ** (n - 1.0)
    label = f"{PUBLISHED} a qubit, arXiv 2408.03376"
    ax.plot(n, line, ":", color=plots.palette.REFERENCE, linewidth=0.9, label=label)
    ax.set(yscale="log", xlim=(1, most), ylim=(0.7, 1e10), xlabel="number of qubits $n$")
    ax.set(title="Under noise: uses for 70 %", ylabel="uses of the channel")
    ax.legend(loc="upper left", labelspacing=0.25, borderaxespad=0.2)


if __name__ == "__main__":
    sys.exit(run_script(EXPERIMENT, draw))
