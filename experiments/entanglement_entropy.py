"""Entanglement entropies: the Page curve of a random state, the area law of a shallow circuit's.

One record of Bell measurements gives the purities of all parts of a state with the same error. From
as many single copies in random Pauli bases small parts come out as well or better, large ones worse
or not at all: there the error grows exponentially with the size of the part. Fresh bases suit small
parts, bases that are repeated large ones; both records are read string by string, from the hits of
each: sharper than by all pairs of shots where strings have large means, elsewhere about as sharp.
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

PROTOCOLS = ("local_pauli_hits", "repeated_pauli_hits", "bell")
RANDOM, SHALLOW = "purities", "purities:depth=2"


def curves(qubits: int, copies: int, times: int) -> tuple[Curve, ...]:
    """Returns what is estimated at one size.

    Args:
        qubits: The number of qubits.
        copies: The copies of each record.
        times: How often each basis is repeated on shallow states, which differ more from basis to
            basis than random ones.
    """
    repeated = {RANDOM: "repeated_pauli_hits", SHALLOW: f"repeated_pauli_hits:times={times}"}
    return tuple(
        Curve(protocol, (qubits,), Fixed((copies,)), task=task)
        for task in (RANDOM, SHALLOW)
        for protocol in ("bell", repeated[task], "local_pauli_hits")
    )


EXPERIMENT = Experiment(
    name="entanglement_entropy",
    about="Entropies of all parts {1, ..., k} of a state, from two copies and from one.",
    task=RANDOM,
    curves=curves(8, 4096, 32),
    quick=curves(6, 1024, 8),
    full=curves(12, 16384, 256),
    trials=20,
    batch_size=1,
    seconds=12,
)


def draw(data: ErrorData) -> Figure:
    """Draws the entropies of one state of either kind, and the errors over all of them."""
    from quantum_advantage import plots

    figure = plots.new_figure(7.2, 3.4, 3)
    page, area, errors = figure.axes
    n = max(row.spec.qubits for row in data.rows)
    for ax, task in ((page, RANDOM), (area, SHALLOW)):
        rows = [r for r in data.rows if r.spec.task == task and r.spec.qubits == n]
        _draw_entropies(ax, [r for r in rows if r.batch == 0 and r.system == 0], n)
    _draw_means(page, area, n)
    _draw_errors(errors, data, n)
    plots.letter_panels(figure)
    return figure


def _cut(quantity: str) -> int:
    from quantum_advantage.core.naming import parse

    return int(parse(quantity)[1]["first"])


def _draw_entropies(ax: Axes, rows: list[EstimateRow], n: int) -> None:
    """Draws -log2 of the purities of one state with their 95 % intervals."""
    import numpy as np

    from quantum_advantage import plots
    from quantum_advantage.study.errors import DEVIATIONS

    floor, top = -0.8, n / 2 + 1.8

    def entropy(purity: float) -> float:
        return float(np.clip(-np.log2(max(purity, 2.0**-30)), floor, top))

    exact = {_cut(r.quantity): entropy(r.truth) for r in rows}
    values = [0.0, *(exact[k] for k in sorted(exact))]
    ax.plot([0, *sorted(exact)], values, color=plots.palette.EXACT, lw=0.9)
    for place, protocol in enumerate(PROTOCOLS):
        style = plots.style_of(protocol)
        for row in (r for r in rows if r.spec.protocol.partition(":")[0] == protocol):
            at = _cut(row.quantity) + 0.24 * (place - 1)
            ends = [entropy(row.value + side * DEVIATIONS * row.error) for side in (-1, 1)]
            # What leaves the axes says nothing, and is pale.
            pale = {"linewidth": 0.6, "alpha": 0.5} if top in ends else {"linewidth": 0.9}
            ax.plot([at, at], ends, color=style.colour, zorder=2, **pale)
            # An estimate beyond the axes is a triangle at their edge.
            value = entropy(row.value)
            marker = "^" if value == top else "v" if value == floor else style.marker
            look = {"color": style.colour, "markersize": 4, "zorder": 3, "clip_on": False}
            ax.plot(at, value, marker=marker, **look)
    ax.set(xlabel="first $k$ qubits", xlim=(0, n + 0.7), ylim=(floor, top))
    ax.set_xticks(range(0, n + 1, 2))


def _draw_means(page: Axes, area: Axes, n: int) -> None:
    """Draws what the entropies of random and of shallow states follow, and the legend."""
    import numpy as np

    from quantum_advantage import plots
    from quantum_advantage.inference.bell.subsystems import page_purity

    palette = plots.palette
    mean = [-np.log2(page_purity(k, n)) for k in range(n + 1)]
    page.plot(range(n + 1), mean, ":", color=palette.REFERENCE, linewidth=1.6)
    page.set(ylabel="second Rényi entropy (bits)", title=f"Random state, $n$ = {n}")
    # One gate acts across every cut, and creates at most two bits.
    area.plot([1, n - 1], [2, 2], "--", color=palette.REFERENCE, linewidth=0.9)
    area.set(title="State of two layers of gates")
    for protocol in reversed(PROTOCOLS):
        style = plots.style_of(protocol)
        look = {"marker": style.marker, "markersize": 3.4, "linewidth": 0.9}
        plots.legend_entry(area, "-", style.label, style.colour, **look)
    for line, width, label, colour in (
        ("-", 0.9, "exact, of this state", palette.EXACT),
        (":", 1.6, "mean of Haar-random states", palette.REFERENCE),
        ("--", 0.9, "most that one gate can create", palette.REFERENCE),
    ):
        plots.legend_entry(area, line, label, colour, linewidth=width)
    area.figure.legend(*area.get_legend_handles_labels(), loc="outside lower left", ncols=3)


def _draw_errors(ax: Axes, data: ErrorData, n: int) -> None:
    """Draws the root-mean-square error of the purity against the size of the part."""
    from quantum_advantage import plots

    for task, line, face in ((RANDOM, "-", None), (SHALLOW, ":", "white")):
        for protocol in PROTOCOLS:
            points = [
                p
                for p in data.points
                if p.spec.task == task
                and p.spec.qubits == n
                and p.spec.protocol.partition(":")[0] == protocol
            ]
            points.sort(key=lambda p: _cut(p.quantity))
            plots.plot_errors(ax, points, [_cut(p.quantity) for p in points], line=line, face=face)
            if protocol == "bell" and task == RANDOM:
                law = plots.bell_errors(points[:-1])
                colour = plots.style_of(protocol).colour
                plots.draw_law(ax, range(1, len(law) + 1), law, colour)
    ax.set(yscale="log", xlabel="first $k$ qubits", ylabel="error of the purity (rms)")
    copies = max((p.copies for p in data.points if p.spec.qubits == n), default=0)
    ax.set_title(f"{plots.thousands(copies)} copies for each record")
    ax.set_xticks(range(2, n + 1, 2))
    for label, line, face in (("random", "-", None), ("two layers", ":", "white")):
        plots.legend_entry(ax, line, label, marker="o", mfc=face, ms=3.4, lw=0.9)
    handles, labels = ax.get_legend_handles_labels()
    ax.legend(handles[-2:], labels[-2:], loc="upper left")


if __name__ == "__main__":
    sys.exit(run_script(EXPERIMENT, draw))
