"""Learning dynamics: unknown evolutions, told apart by their symmetry without any label.

Half of a set of unknown evolutions are time-reversal symmetric. From measured bits alone every
evolution becomes a point on a line. With a quantum memory the two kinds form two groups at any
size, on lines and on grids; from as many single uses they look ever more alike.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from quantum_advantage.experiment.declaration import Curve, ErrorData, Experiment, Fixed
from quantum_advantage.experiment.runner import run_script

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from quantum_advantage.study.rows import EstimateRow

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
    ("qvm:weber", "dynamics:native=syc"),
    ("qvm:willow_pink", "dynamics"),
)


def curves(
    bell: tuple[int, ...],
    single: tuple[int, ...],
    noisy: tuple[int, ...],
    chips: tuple[int, ...] = (),
) -> tuple[Curve, ...]:
    """Returns what is estimated at one size.

    Args:
        bell: Numbers of qubits of the Bell measurement.
        single: Those of single uses.
        noisy: Those with readout errors, on a line; depolarising gates too if there are several.
        chips: Those on virtual processors.
    """
    clean = tuple(
        Curve(protocol, qubits, Fixed((USES,)), task=task)
        for task in (LINE, GRID)
        for protocol, qubits in (("bell", bell), *((c, single) for c in CONVENTIONAL))
    )
    places = [(f"qsim:readout={error}", noisy) for error in READOUT]
    if len(noisy) > 1:
        places += [(f"qsim:depolarize={error}", (DEPOLARIZED_QUBITS,)) for error in DEPOLARIZE]
    devices = tuple(
        Curve("bell_on_chain", chips, Fixed((USES,)), backend=chip, task=task)
        for chip, task in CHIPS
        if chips
    )
    noise = tuple(
        Curve(protocol, qubits, Fixed((NOISY_USES,)), backend=place, task=LINE)
        for protocol in ("bell", "bell_shots")
        for place, qubits in places
    )
    return clean + noise + devices


EXPERIMENT = Experiment(
    name="learning_dynamics",
    about="Groups of unknown evolutions, found from measured bits without labels.",
    task=LINE,
    curves=curves((4, 6, 8), (4, 6, 8, 10), (6,)),
    quick=curves((4, 6), (4, 6, 8), (6,)),
    full=curves((4, 6, 8, 10, 12), (4, 6, 8, 10, 12, 14), (4, 8, 10), (3, 4)),
    trials=400,
    batch_size=20,
    seconds=17,
)


def draw(data: ErrorData) -> Figure:
    """Draws the points of one set of evolutions of each size, and the accuracy of the groups."""
    from quantum_advantage import plots

    figure = plots.new_figure(7.2, 4.6, 3, width_ratios=(1, 1, 1.05), rows=2)
    bell_line, single_line, accuracy, bell_grid, single_grid, noise = figure.axes
    rows = [r for r in data.rows if r.quantity == "coordinate" and r.copies == USES]
    for task, place, left, right in (
        (LINE, "line", bell_line, single_line),
        (GRID, "grid", bell_grid, single_grid),
    ):
        used = [r for r in rows if r.spec.task == task and r.batch < 2 and r.spec.backend == "qsim"]
        pairs = [r for r in used if r.spec.protocol == "bell"]
        _draw_points(left, pairs, f"Bell measurements, {place}")
        singles = [r for r in used if r.spec.protocol == "y_marginals"]
        _draw_points(right, singles, f"Single uses, {place}")
    _draw_accuracy(accuracy, data)
    _draw_noise(noise, data)
    plots.letter_panels(figure)
    return figure


def _draw_points(ax: Axes, rows: list[EstimateRow], title: str) -> None:
    """Draws one point for each evolution; every size and set has a scale of its own."""
    import numpy as np

    from quantum_advantage import plots

    warm, cool = plots.palette.WARM, plots.palette.COOL
    sizes = sorted({row.spec.qubits for row in rows})
    for height, n in enumerate(sizes):
        for batch in (0, 1):
            group = [row for row in rows if row.spec.qubits == n and row.batch == batch]
            scale = max((abs(row.value) for row in group), default=1.0) or 1.0
            for kind, marker, colour, shift in ((1, "o", warm, 0.13), (0, "^", cool, -0.13)):
                x = [row.value / scale for row in group if row.truth == kind]
                y = height + shift + np.linspace(-0.09, 0.09, max(len(x), 1))[: len(x)]
                face = colour if batch == 0 else "none"
                ax.plot(x, y, marker, color=colour, mfc=face, ms=2.6, mew=0.6, alpha=0.85)
    for marker, colour, label in (("o", warm, "symmetric"), ("^", cool, "general")):
        plots.legend_entry(ax, marker, label, colour, markersize=3.2)
    ax.set(title=title, xlabel="first coordinate", xlim=(-1.15, 1.15))
    ax.set(ylim=(-0.6, max(len(sizes), 1) - 0.05))
    ax.set_yticks(range(len(sizes)), [f"$n$ = {n}" for n in sizes])
    ax.set_xticks([])
    if title.startswith("Bell") and title.endswith("line"):
        ax.legend(loc="upper center", ncols=2, columnspacing=0.8, handletextpad=0.1)


def _accuracies(data: ErrorData, task: str, protocol: str, backend: str, uses: int) -> list:
    """Returns (n, accuracy, low, high) for every size."""
    points = [
        p
        for p in data.points
        if (p.spec.task, p.spec.protocol, p.spec.backend, p.copies)
        == (task, protocol, backend, uses)
    ]
    return [
        (
            p.spec.qubits,
            p.value,
            p.value if p.low is None else p.low,
            p.value if p.high is None else p.high,
        )
        for p in sorted(points, key=lambda p: p.spec.qubits)
    ]


def _plot(
    ax: Axes, shares: list, protocol: str, line: str, label: str | None, shift: float
) -> None:
    from quantum_advantage import plots

    style = plots.style_of(protocol)
    face = style.colour if line == "-" else "white"
    at = [n + shift for n, *_ in shares]
    ax.plot(
        at,
        [accuracy for _, accuracy, *_ in shares],
        line,
        marker=style.marker,
        color=style.colour,
        markerfacecolor=face,
        markersize=3.6,
        linewidth=0.9,
        label=label,
    )
    for x, (_, _, low, high) in zip(at, shares, strict=True):
        plots.draw_interval(ax, x, low, high, style.colour)


def _draw_accuracy(ax: Axes, data: ErrorData) -> None:
    """Draws the share of evolutions in the right group against n."""
    from quantum_advantage import plots

    chance = _chance(max(r.spec.batch_size for r in data.rows))
    for task, line, shift in ((LINE, "-", -0.08), (GRID, ":", 0.08)):
        for protocol in ("bell", *CONVENTIONAL):
            shares = _accuracies(data, task, protocol, "qsim", USES)
            label = plots.style_of(protocol).label if task == LINE else None
            _plot(ax, shares, protocol, line, label, shift)
    marks = (("*", plots.palette.WEBER), ("x", plots.palette.WILLOW))
    for (chip, task), (marker, colour) in zip(CHIPS, marks, strict=True):
        shares = _accuracies(data, task, "bell_on_chain", chip, USES)
        name = chip.removeprefix("qvm:").removesuffix("_pink").capitalize()
        x = [n for n, *_ in shares]
        y = [share for _, share, *_ in shares]
        ax.plot(x, y, marker, color=colour, ms=4.5, label=f"on virtual {name}")
    plots.draw_level(ax, chance, "--", 0.7)
    text = {"color": plots.palette.LEVEL_TEXT, "va": "top", "fontsize": 6.5}
    ax.text(2.7, chance - 0.008, "chance", **text)
    ax.set(xlabel="number of qubits $n$", ylabel="share in the right group")
    ax.set(title=f"{USES} uses of each evolution", ylim=(0.1, 1.04))
    ax.set_xticks(range(4, 15, 2))
    ax.legend(loc="lower left", labelspacing=0.2, handlelength=1.4, borderaxespad=0.1)


def _chance(systems: int) -> float:
    """Returns the mean accuracy of two equal groups that know nothing."""
    import numpy as np

    from quantum_advantage.inference.learning.clustering import chance_accuracy

    halves = np.arange(systems) % 2
    return chance_accuracy(halves, halves)


def _draw_noise(ax: Axes, data: ErrorData) -> None:
    """Draws the accuracy of the groups against readout errors and depolarising gates."""
    from quantum_advantage import plots

    sizes = sorted({p.spec.qubits for p in data.points if "readout" in p.spec.backend})
    shown = [(n, "readout", READOUT) for n in sizes]
    shown.append((DEPOLARIZED_QUBITS, "depolarize", DEPOLARIZE))
    for (n, kind, errors), marker in zip(shown, ("o", "s", "^", "d"), strict=False):
        for protocol, line in (("bell", "-"), ("bell_shots", ":")):
            shares = [
                (error, *rest)
                for error in errors
                for m, *rest in _accuracies(
                    data, LINE, protocol, f"qsim:{kind}={error}", NOISY_USES
                )
                if m == n
            ]
            colour = plots.palette.READOUT if kind == "readout" else plots.palette.GATES
            face = colour if line == "-" else "white"
            names = {"readout": "readout", "depolarize": "two-qubit gates"}
            label = f"{names[kind]}, $n$ = {n}" if line == "-" else None
            x = [100 * error for error, *_ in shares]
            y = [accuracy for _, accuracy, *_ in shares]
            ax.plot(x, y, line, marker=marker, color=colour, mfc=face, ms=3.6, lw=0.9, label=label)
            for at, (_, _, low, high) in zip(x, shares, strict=True):
                plots.draw_interval(ax, at, low, high, colour)
    kernel = plots.style_of("bell_shots").label
    plots.legend_entry(ax, ":", kernel, marker="o", mfc="white", ms=3.6, lw=0.9)
    ax.set(xlabel="error (%)", ylabel="share in the right group", ylim=(0.25, 1.03))
    ax.set(title=f"Bell with noise, {NOISY_USES} uses", xlim=(0, 32))
    ax.legend(loc="lower left", labelspacing=0.2, handlelength=1.4, borderaxespad=0.1)


if __name__ == "__main__":
    sys.exit(run_script(EXPERIMENT, draw))
