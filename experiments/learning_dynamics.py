"""Learning dynamics: unknown evolutions, told apart by their symmetry without any label.

Half of a set of unknown evolutions are time-reversal symmetric. From measured bits alone every
evolution becomes a point on a line. With a quantum memory the two kinds form two groups at any
size, on lines and on grids; from as many single uses they look ever more alike.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from quantum_advantage.experiment.estimating import (
    Estimation,
    EstimationData,
    Series,
    run_estimation,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from quantum_advantage.study.estimates import EstimateRow

USES = 100
NOISY_USES = 1000
LINE, GRID = "dynamics", "dynamics:geometry=grid"
CONVENTIONAL = ("complement_collisions", "y_marginals")
READOUT = (0.03, 0.1, 0.2, 0.3)
DEPOLARIZE = (0.03, 0.1, 0.2, 0.3)
# Density matrices of both halves of the pairs.
DEPOLARIZED_QUBITS = 3
# Google's virtual processors, each with the native gate that suits it.
CHIPS = (
    ("qvm:weber", "dynamics:native=syc", "*", "#b8860b"),
    ("qvm:willow_pink", "dynamics", "x", "#5c0a08"),
)


def series(
    bell: tuple[int, ...],
    single: tuple[int, ...],
    noisy: tuple[int, ...],
    chips: tuple[int, ...] = (),
) -> tuple[Series, ...]:
    """Returns what is estimated at one size.

    Args:
        bell: Numbers of qubits of the Bell measurement.
        single: Those of single uses.
        noisy: Those with readout errors, on a line; depolarising gates too if there are several.
        chips: Those on virtual processors.
    """
    clean = tuple(
        Series(protocol, qubits, (USES,), task=task)
        for task in (LINE, GRID)
        for protocol, qubits in (("bell", bell), *((c, single) for c in CONVENTIONAL))
    )
    places = [(f"qsim:readout={error}", noisy) for error in READOUT]
    if len(noisy) > 1:
        places += [(f"qsim:depolarize={error}", (DEPOLARIZED_QUBITS,)) for error in DEPOLARIZE]
    devices = tuple(
        Series("bell_on_chain", chips, (USES,), backend=chip, task=task)
        for chip, task, *_ in CHIPS
        if chips
    )
    noise = tuple(
        Series(protocol, qubits, (NOISY_USES,), backend=place, task=LINE)
        for protocol in ("bell", "bell_shots")
        for place, qubits in places
    )
    return clean + noise + devices


ESTIMATION = Estimation(
    name="learning_dynamics",
    about="Groups of unknown evolutions, found from measured bits without labels.",
    task=LINE,
    series=series((4, 6, 8), (4, 6, 8, 10), (6,)),
    quick=series((4, 6), (4, 6, 8), (6,)),
    full=series((4, 6, 8, 10, 12), (4, 6, 8, 10, 12, 14), (4, 8, 10), (3, 4)),
    systems=400,
    batch=20,
)


def draw(data: EstimationData) -> Figure:
    """Draws the points of one set of evolutions of each size, and the accuracy of the groups."""
    from quantum_advantage import plots

    figure = plots.new_figure(7.2, 4.6, 3, width_ratios=(1, 1, 1.05), rows=2)
    bell_line, single_line, accuracy, bell_grid, single_grid, noise = figure.axes
    rows = [r for r in data.rows if r.quantity == "coordinate" and r.copies == USES]
    for task, place, left, right in (
        (LINE, "line", bell_line, single_line),
        (GRID, "grid", bell_grid, single_grid),
    ):
        own = [r for r in rows if r.task == task and r.batch < 2 and r.backend == "qsim"]
        _draw_points(left, [r for r in own if r.protocol == "bell"], f"Bell measurements, {place}")
        singles = [r for r in own if r.protocol == "y_marginals"]
        _draw_points(right, singles, f"Single uses, {place}")
    _draw_accuracy(accuracy, data)
    _draw_noise(noise, data)
    return figure


def _draw_points(ax: Axes, rows: list[EstimateRow], title: str) -> None:
    """Draws one point for each evolution; every size and set has a scale of its own."""
    import numpy as np

    sizes = sorted({row.qubits for row in rows})
    for height, n in enumerate(sizes):
        for batch in (0, 1):
            own = [row for row in rows if row.qubits == n and row.batch == batch]
            scale = max((abs(row.value) for row in own), default=1.0) or 1.0
            for kind, colour, shift in ((1, "#d1432b", 0.13), (0, "#12355b", -0.13)):
                x = [row.value / scale for row in own if row.truth == kind]
                y = height + shift + np.linspace(-0.09, 0.09, max(len(x), 1))[: len(x)]
                face = colour if batch == 0 else "none"
                ax.plot(x, y, "o", color=colour, mfc=face, ms=2.6, mew=0.6, alpha=0.85)
    for colour, label in (("#d1432b", "symmetric"), ("#12355b", "general")):
        ax.plot([], [], "o", color=colour, markersize=3.2, label=label)
    ax.set(title=title, xlabel="first coordinate", xlim=(-1.15, 1.15))
    ax.set(ylim=(-0.6, max(len(sizes), 1) - 0.05))
    ax.set_yticks(range(len(sizes)), [f"$n$ = {n}" for n in sizes])
    ax.set_xticks([])
    if title.startswith("Bell") and title.endswith("line"):
        ax.legend(loc="upper center", ncols=2, columnspacing=0.8, handletextpad=0.1)


def _accuracies(data: EstimationData, task: str, protocol: str, backend: str, uses: int) -> list:
    """Returns (n, accuracy, low, high) for every size."""
    points = [
        p
        for p in data.points
        if (p.task, p.protocol, p.backend, p.copies) == (task, protocol, backend, uses)
    ]
    return [
        (
            p.qubits,
            p.value,
            p.value if p.low is None else p.low,
            p.value if p.high is None else p.high,
        )
        for p in sorted(points, key=lambda p: p.qubits)
    ]


def _plot(ax: Axes, found: list, protocol: str, line: str, label: str | None, shift: float) -> None:
    from quantum_advantage import plots

    style = plots.style_of(protocol)
    face = style.colour if line == "-" else "white"
    at = [n + shift for n, *_ in found]
    ax.plot(
        at,
        [accuracy for _, accuracy, *_ in found],
        line,
        marker=style.marker,
        color=style.colour,
        markerfacecolor=face,
        markersize=3.6,
        linewidth=0.9,
        label=label,
    )
    for x, (_, _, low, high) in zip(at, found, strict=True):
        ax.plot([x, x], [low, high], color=style.colour, linewidth=0.7)


def _draw_accuracy(ax: Axes, data: EstimationData) -> None:
    """Draws the share of evolutions in the right group against n."""
    from quantum_advantage import plots

    chance = _chance(max(r.systems for r in data.rows))
    for task, line, shift in ((LINE, "-", -0.08), (GRID, ":", 0.08)):
        for protocol in ("bell", *CONVENTIONAL):
            found = _accuracies(data, task, protocol, "qsim", USES)
            label = plots.style_of(protocol).label if task == LINE else None
            _plot(ax, found, protocol, line, label, shift)
    for chip, task, marker, colour in CHIPS:
        found = _accuracies(data, task, "bell_on_chain", chip, USES)
        name = chip.removeprefix("qvm:").removesuffix("_pink").capitalize()
        x = [n for n, *_ in found]
        ax.plot(
            x, [y for _, y, *_ in found], marker, color=colour, ms=4.5, label=f"on virtual {name}"
        )
    ax.axhline(chance, color="#999999", linewidth=0.7, linestyle="--", zorder=0)
    ax.text(2.7, chance - 0.008, "chance", color="#777777", va="top", fontsize=6.5)
    ax.set(xlabel="number of qubits $n$", ylabel="share in the right group")
    ax.set(title=f"{USES} uses of each evolution", ylim=(0.1, 1.04))
    ax.set_xticks(range(4, 15, 2))
    ax.legend(loc="lower left", labelspacing=0.2)


def _chance(systems: int) -> float:
    """Returns the mean accuracy of two equal groups that know nothing."""
    import numpy as np

    from quantum_advantage.inference.learning.clustering import chance_accuracy

    halves = np.arange(systems) % 2
    return chance_accuracy(halves, halves)


def _draw_noise(ax: Axes, data: EstimationData) -> None:
    """Draws the accuracy of the groups against readout errors and depolarising gates."""
    from quantum_advantage import plots

    sizes = sorted({p.qubits for p in data.points if "readout" in p.backend})
    shown = [(n, "readout", READOUT) for n in sizes]
    shown.append((DEPOLARIZED_QUBITS, "depolarize", DEPOLARIZE))
    for (n, kind, errors), marker in zip(shown, ("o", "s", "^", "d"), strict=False):
        for protocol, line in (("bell", "-"), ("bell_shots", ":")):
            found = [
                (error, *rest)
                for error in errors
                for m, *rest in _accuracies(
                    data, LINE, protocol, f"qsim:{kind}={error}", NOISY_USES
                )
                if m == n
            ]
            colour = "#d1432b" if kind == "readout" else "#e08a1e"
            face = colour if line == "-" else "white"
            names = {"readout": "readout", "depolarize": "two-qubit gates"}
            label = f"{names[kind]}, $n$ = {n}" if line == "-" else None
            x = [100 * error for error, *_ in found]
            y = [accuracy for _, accuracy, *_ in found]
            ax.plot(x, y, line, marker=marker, color=colour, mfc=face, ms=3.6, lw=0.9, label=label)
            for at, (_, _, low, high) in zip(x, found, strict=True):
                ax.plot([at, at], [low, high], color=colour, linewidth=0.7)
    kernel = plots.style_of("bell_shots").label
    ax.plot([], [], ":", color="#555555", marker="o", mfc="white", ms=3.6, lw=0.9, label=kernel)
    ax.set(xlabel="error (%)", ylabel="share in the right group", ylim=(0.25, 1.03))
    ax.set(title=f"Bell with noise, {NOISY_USES} uses", xlim=(0, 32))
    ax.legend(loc="lower left", labelspacing=0.2)


if __name__ == "__main__":
    sys.exit(run_estimation(ESTIMATION, draw))
