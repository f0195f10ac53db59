"""Estimating a purity: the error from two copies, and from single copies in four ways.

The state is 0.9 ψ + 0.1 I/d with a random ψ, a fresh one for every record. Two copies and one Bell
measurement give its purity with an error that does not depend on the number of qubits.
"""

from __future__ import annotations

import sys
from operator import attrgetter
from typing import TYPE_CHECKING

from quantum_advantage.experiment.declaration import Curve, ErrorData, Experiment, Fixed
from quantum_advantage.experiment.runner import run_script

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PROTOCOLS = ("bell", "mutually_unbiased", "local_pauli", "randomized_measurements")
COPIES = 2048
QUBITS = 4


def curves(qubits: tuple[int, ...], copies: tuple[int, ...]) -> tuple[Curve, ...]:
    """Returns what is estimated: several sizes at one number of copies, and one size at several."""
    return tuple(
        Curve(protocol, points[0], Fixed(points[1]))
        for protocol in PROTOCOLS
        for points in ((qubits, (COPIES,)), ((QUBITS,), copies))
    )


EXPERIMENT = Experiment(
    name="estimating_purity",
    about="Error of the estimated purity of 0.9 psi + 0.1 I/d, from two copies and from one.",
    task="whole_purity:mixing=0.1",
    curves=curves((2, 4, 6), (512, 2048)),
    quick=curves((2, 4), (512,)),
    full=curves((2, 3, 4, 5, 6, 8), (128, 512, 2048, 8192)),
    trials=120,
    batch_size=6,
    seconds=18,
)


def nearest(wanted: int, there: list[int]) -> int:
    """Returns the number itself if it is there, or the largest that is."""
    return wanted if wanted in there else max(there)


def draw(data: ErrorData) -> Figure:
    """Draws the root-mean-square error against copies and against n."""
    from quantum_advantage import plots

    figure = plots.new_figure(5.4, 2.9, 2)
    by_copies, by_size = figure.axes
    # Those of the committed figure, or the largest that are there.
    qubits = nearest(QUBITS, [p.spec.qubits for p in data.points])
    copies = nearest(COPIES, [p.copies for p in data.points])
    for protocol in PROTOCOLS:
        points = [p for p in data.points if p.spec.protocol.partition(":")[0] == protocol]
        for ax, shown, place in (
            (by_copies, [p for p in points if p.spec.qubits == qubits], attrgetter("copies")),
            (by_size, [p for p in points if p.copies == copies], attrgetter("spec.qubits")),
        ):
            shown.sort(key=place)
            label = "unbiased bases, all of them" if protocol == "mutually_unbiased" else None
            plots.plot_errors(ax, shown, list(map(place, shown)), label=label)
            if protocol == "bell" and shown:
                at = list(map(place, shown))
                plots.draw_law(ax, at, plots.bell_errors(shown), plots.style_of("bell").colour)
    by_copies.set(xscale="log", yscale="log", xlabel="copies", ylabel="error of the purity (rms)")
    by_copies.set_title(f"$n$ = {qubits}")
    by_size.set(yscale="log", xlabel="number of qubits $n$", title=f"{copies} copies")
    by_size.set_ylim(top=by_size.get_ylim()[1] * 12)
    by_size.legend(loc="upper left", labelspacing=0.25)
    plots.letter_panels(figure)
    return figure


if __name__ == "__main__":
    sys.exit(run_script(EXPERIMENT, draw))
