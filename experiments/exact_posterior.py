"""The exact posterior over all hidden strings: what data says to a learner that computes anything.

From single copies the posterior over all 4^n - 1 strings stays wide until there are exponentially
many of them, whatever is computed; from Bell measurements it closes in on the hidden string after
order n copies.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from quantum_advantage.experiment.declaration import Curve, ErrorData, Experiment, Fixed
from quantum_advantage.experiment.runner import run_script

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PROTOCOLS = ("local_pauli", "mutually_unbiased:times=3", "bell")
TOGETHER = (2, 4, 8, 12, 16, 24, 32, 48, 64)
TITLES = {
    "entropy": "Bits not known of the string",
    "named": "Names it outright",
    "answered": "Picks it of two strings",
}


def curves(sizes: tuple[int, ...], octaves: int) -> tuple[Curve, ...]:
    """Returns what is computed at one size: 2ⁿ⁻¹ and more single copies, order n joint ones."""
    return tuple(
        Curve(
            protocol,
            (n,),
            Fixed(
                TOGETHER if protocol == "bell" else tuple(2 ** (n - 1 + k) for k in range(octaves))
            ),
        )
        for n in sizes
        for protocol in reversed(PROTOCOLS)
    )


EXPERIMENT = Experiment(
    name="exact_posterior",
    about="What the exact posterior over all hidden strings knows, from two copies and from one.",
    task="posterior:alpha=0.9",
    curves=curves((3, 5), 6),
    quick=curves((2, 3), 3),
    full=curves((3, 5), 8),
    trials=20,
    batch_size=1,
    seconds=16,
)


def draw(data: ErrorData) -> Figure:
    """Draws what the posterior claims, and how often it is true, against copies."""
    from quantum_advantage import plots

    figure = plots.new_figure(7.2, 3.3, 3)
    entropy, named, answered = figure.axes
    sizes = sorted({p.spec.qubits for p in data.points})
    for ax, quantity in zip(figure.axes, TITLES, strict=True):
        shown = sizes[-1:] if quantity == "answered" else [sizes[0], sizes[-1]]
        for n in dict.fromkeys(shown):
            _draw_size(ax, data, quantity, n, large=n == sizes[-1])
        ax.set(xscale="log", xlabel="copies", title=TITLES[quantity])
    entropy.set(ylabel="entropy of the posterior (bits)", ylim=(-0.2, None))
    named.set(ylabel="share right", ylim=(-0.02, 1.02))
    answered.set(ylabel="share right", ylim=(0.49, 1.02))
    answered.set_title(f"{TITLES['answered']}, $n$ = {sizes[-1]}")
    plots.draw_level(answered, 0.7)
    _draw_bound(answered, data, sizes[-1])
    for n, size, face in ((sizes[0], 3.0, "white"), (sizes[-1], 4.0, None)):
        style = {"marker": "o", "markersize": size, "markerfacecolor": face}
        plots.legend_entry(answered, "-", f"$n$ = {n}", **style)
    # In columns: the protocols, the bound, the sizes.
    handles = {
        label: handle
        for ax in (entropy, answered)
        for handle, label in zip(*ax.get_legend_handles_labels(), strict=True)
    }
    figure.legend(handles.values(), handles.keys(), loc="outside lower left", ncols=3)
    plots.letter_panels(figure)
    return figure


def _draw_size(ax: Axes, data: ErrorData, quantity: str, n: int, *, large: bool) -> None:
    """Draws all protocols at one size: lines are what is claimed, markers what is true."""
    from quantum_advantage import plots

    for protocol in PROTOCOLS:
        style = plots.style_of(protocol)
        wanted = (protocol, n, quantity)
        points = [p for p in data.points if (p.spec.protocol, p.spec.qubits, p.quantity) == wanted]
        points.sort(key=lambda p: p.copies)
        copies = [p.copies for p in points]
        claimed, true = [p.value for p in points], [p.truth for p in points]
        ax.plot(copies, claimed, color=style.colour, linewidth=1.1 if large else 0.6)
        ax.plot(
            copies,
            true,
            style.marker,
            color=style.colour,
            markersize=4.0 if large else 3.0,
            markerfacecolor=style.colour if large else "white",
            label=style.label if large else None,
        )


def _draw_bound(ax: Axes, data: ErrorData, n: int) -> None:
    import numpy as np

    from quantum_advantage import plots
    from quantum_advantage.bounds.hidden_pauli import largest_conventional_accuracy
    from quantum_advantage.core.naming import parse

    alpha = float(parse(data.points[0].spec.task)[1]["alpha"])
    copies = np.geomspace(2, 2 ** (n + 1), 80)
    most = [largest_conventional_accuracy(t, qubits=n, alpha=alpha) for t in copies]
    plots.draw_bound(ax, copies, most, "proven bound without memory", width=0.8)


if __name__ == "__main__":
    sys.exit(run_script(EXPERIMENT, draw))
