"""The signs of all Pauli strings from Bell measurements and a mimicking state, against shots.

King, Gosset, Kothari and Babbush, arXiv 2404.19211: the squares tr(P ρ)² of all strings, a known
state that mimics them, and Bell measurements of both. Left, the share of the large strings with the
right sign; right, the largest error over all strings; outcomes from the exact distribution.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from quantum_advantage.experiment.declaration import Curve, ErrorData, Experiment, Fixed
from quantum_advantage.experiment.runner import run_script

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MIMICKING, RANDOM = "mimicking_state", "random_reference"
# What ρ is, in words, and how its line is drawn.
KINDS = {
    "haar": ("random pure states", "-"),
    "ghz": ("GHZ state", (0, (1, 4))),
    "ising": ("Ising chain, ground state", "--"),
    "thermal": ("Ising chain, T = 1", "-."),
    "gibbs": ("random Gibbs states", ":"),
    "hidden": ("two hidden strings", (0, (4, 1, 1, 1, 1, 1))),
}
SHOTS = (30, 100, 300, 1000, 3000)
PER_SHOT = 3


def curves(kinds: tuple[str, ...], qubits: tuple[int, ...], shots: tuple[int, ...]) -> tuple:
    """Returns what is estimated at one size.

    Args:
        kinds: What ρ is.
        qubits: Numbers of qubits.
        shots: Numbers of shots of each record.
    """
    budgets = Fixed(tuple(PER_SHOT * count for count in shots))
    return tuple(
        Curve(protocol, qubits, budgets, task=f"mimicking:state={kind}")
        for kind in kinds
        for protocol in (MIMICKING, RANDOM)
    )


EXPERIMENT = Experiment(
    name="mimicking_states",
    about="Signs of all Pauli strings from Bell measurements and a state that mimics.",
    task="mimicking:state=haar",
    curves=curves(("haar", "ising"), (4, 5), SHOTS[:4]),
    quick=curves(("haar", "ising"), (4,), SHOTS[1:3]),
    full=curves(tuple(KINDS), (4, 5, 6), SHOTS),
    trials=20,
    batch_size=1,
    seconds=14,
)


def draw(data: ErrorData) -> Figure:
    """Draws the share of right signs and the largest error, for each kind of state."""
    from quantum_advantage import plots

    figure = plots.new_figure(7.2, 3.4, 2)
    right, largest = figure.axes
    _draw_quantity(right, data, "right")
    _draw_quantity(largest, data, "largest")
    right.axhline(0.9, color=plots.palette.LEVEL, linewidth=0.6, zorder=0)
    right.set(ylim=(0.3, 1.03), ylabel="share of signs that are right")
    right.set(title=r"Strings with $|\mathrm{tr}(P\rho)| \geq 0.34$")
    right.legend(loc="lower right", labelspacing=0.25, borderaxespad=0.2, fontsize=6)
    largest.set(yscale="log", ylabel=r"largest error of $\mathrm{tr}(P\rho)$")
    largest.set(title="All $4^n$ strings")
    for ax in figure.axes:
        ax.set(xscale="log", xlabel=r"copies of $\rho$ (three a shot)")
    return figure


def _draw_quantity(ax: Axes, data: ErrorData, quantity: str) -> None:
    """Draws the means over the states at the largest n, and all other n in pale lines."""
    from quantum_advantage import plots

    most = max(p.spec.qubits for p in data.points)
    labelled: set[str] = set()
    for protocol in (RANDOM, MIMICKING):
        colour = plots.style_of(protocol).colour
        for kind, (words, line) in KINDS.items():
            for n in sorted({p.spec.qubits for p in data.points}):
                points = [
                    p
                    for p in data.points
                    if (p.spec.protocol, p.spec.qubits, p.quantity) == (protocol, n, quantity)
                    and _kind_of(p.spec.task) == kind
                ]
                points.sort(key=lambda p: p.copies)
                if not points:
                    continue
                label = f"{words}, $n$ = {n}" if protocol == MIMICKING and n == most else None
                if protocol == RANDOM and n == most:
                    label = plots.label_once(labelled, protocol, plots.style_of(protocol).label)
                ax.plot(
                    [p.copies for p in points],
                    [p.value for p in points],
                    linestyle=line,
                    color=colour,
                    alpha=1.0 if n == most else 0.3,
                    linewidth=1.0 if n == most else 0.7,
                    label=label,
                )


def _kind_of(task: str) -> str:
    """Returns what ρ is; the full name of the task leaves its default out."""
    return task.partition("state=")[2] or "haar"


if __name__ == "__main__":
    sys.exit(run_script(EXPERIMENT, draw))
