"""The signs of all Pauli strings from Bell measurements and a mimicking state, against shots.

King, Gosset, Kothari and Babbush, arXiv 2404.19211: the squares tr(P ρ)² of all strings, a known
state that mimics them, and Bell measurements of both. Above, the share of the large strings with
the right sign; below, the largest error over all strings; outcomes from the exact distribution.
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
# What ρ is, in words, and its marker and line.
KINDS = {
    "haar": ("random pure states", "o-"),
    "ghz": ("GHZ state", "*:"),
    "ising": ("Ising chain, ground state", "s--"),
    "thermal": ("Ising chain, T = 1", "D-."),
    "gibbs": ("random Gibbs states", "^:"),
    "hidden": ("two hidden strings", "x-"),
}
WORDS = {MIMICKING: "mimicking state", RANDOM: "random state instead"}
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
    seconds=22,
)


def draw(data: ErrorData) -> Figure:
    """Draws the share of right signs and the largest error, for each kind of state."""
    from quantum_advantage import plots

    figure = plots.new_figure(7.2, 5.0, 2, rows=2)
    right, largest = figure.axes[:2], figure.axes[2:]
    n = max(p.spec.qubits for p in data.points)
    for quantity, both in (("right", right), ("largest", largest)):
        values = [p.value for p in data.points if p.quantity == quantity and p.spec.qubits == n]
        for ax, protocol in zip(both, WORDS, strict=True):
            _draw_quantity(ax, data, quantity, protocol, n)
            if quantity == "largest":
                # The same axes for both, so that they compare.
                ax.set(yscale="log", ylim=(0.8 * min(values), 1.25 * max(values)))
    for ax, words in zip(right, WORDS.values(), strict=True):
        plots.draw_level(ax, 0.9)
        ax.set(ylim=(0.5, 1.03), title=rf"$|\mathrm{{tr}}(P\rho)| \geq 0.34$, {words}")
        ax.set_ylabel("share of signs that are right")
    for ax, words in zip(largest, WORDS.values(), strict=True):
        ax.set(ylabel=r"largest error of $\mathrm{tr}(P\rho)$", title=f"All $4^n$ strings, {words}")
    for ax in figure.axes:
        ax.set(xscale="log", xlabel=rf"copies of $\rho$, three a shot ($n$ = {n})")
    there = {_kind_of(p.spec.task) for p in data.points}
    for kind in (kind for kind in KINDS if kind in there):
        words, line = KINDS[kind]
        plots.legend_entry(right[0], line, words, ms=4, lw=0.9)
    figure.legend(*right[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    plots.letter_panels(figure)
    return figure


def _draw_quantity(ax: Axes, data: ErrorData, quantity: str, protocol: str, n: int) -> None:
    """Draws the means over the states of each kind."""
    from quantum_advantage import plots

    colour = plots.style_of(protocol).colour
    for kind, (_, line) in KINDS.items():
        points = [
            p
            for p in data.points
            if (p.spec.protocol, p.spec.qubits, p.quantity) == (protocol, n, quantity)
            and _kind_of(p.spec.task) == kind
        ]
        points.sort(key=lambda p: p.copies)
        if points:
            copies, values = [p.copies for p in points], [p.value for p in points]
            ax.plot(copies, values, line, color=colour, ms=4, lw=0.9)


def _kind_of(task: str) -> str:
    """Returns what ρ is; the full name of the task leaves its default out."""
    return task.partition("state=")[2] or "haar"


if __name__ == "__main__":
    sys.exit(run_script(EXPERIMENT, draw))
