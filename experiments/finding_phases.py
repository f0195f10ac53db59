"""Phases without labels: groups of unknown states from classical shadows, and what a kernel sees.

States of the toric code and product states, each behind a random shallow Clifford circuit, become
points on a line by the shadow kernel of their records. Two groups of points are the two classes
while all circuits are equally deep and shallow. So they are by one number of each state alone, its
one-qubit purity. Where depths are mixed the groups follow that purity, not the class: what the
kernel sees is how polarised single qubits are, and not a phase. Ground states of a chain part where
its bonds change places, which a linear function of one copy sees as well.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from quantum_advantage.experiment.declaration import Curve, ErrorData, Experiment, Fixed
from quantum_advantage.experiment.runner import run_script

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from quantum_advantage.study.errors import EstimatePoint
    from quantum_advantage.study.rows import EstimateRow

PROTOCOL = "local_pauli"
SHOTS = 500
DEEPEST = 5
# As circuits up to this n, beyond from the exact distribution.
CIRCUITS_TO = 18
# States in a set of the chain.
RATIOS = 40


def at_depth(depth: int) -> str:
    """Returns the task with all circuits of one depth."""
    return "phases" if depth == 1 else f"phases:depth={depth}"


DEPTHS = tuple(at_depth(depth) for depth in range(1, DEEPEST + 1))
DEEPER, MIXED, MORE_MIXED = (
    "phases:deeper=2,depth=3",
    "phases:depth=5,spread=5",
    "phases:depth=9,spread=9",
)
CASES = ((at_depth(3), "all 3"), (DEEPER, "3 and 5"), (MIXED, "0 to 5"), (MORE_MIXED, "0 to 9"))
BALANCED, UNBALANCED = "chain_phases", "chain_phases:low=0.25"


def curves(tasks: tuple[str, ...], qubits: tuple[int, ...]) -> tuple[Curve, ...]:
    """Returns the curves of states behind circuits."""
    return tuple(
        Curve(PROTOCOL, qubits, Fixed((SHOTS,)), circuits_to=CIRCUITS_TO, task=task)
        for task in tasks
    )


def chains(tasks: tuple[str, ...], qubits: tuple[int, ...]) -> tuple[Curve, ...]:
    """Returns the curves of chains, which are drawn from their exact distribution."""
    return tuple(
        Curve(PROTOCOL, qubits, Fixed((SHOTS,)), backend="law", task=task, batch_size=RATIOS)
        for task in tasks
    )


EXPERIMENT = Experiment(
    name="finding_phases",
    about="Groups of unknown states from classical shadows without labels, and controls.",
    task=at_depth(1),
    curves=(*curves((at_depth(1), at_depth(3), MIXED), (18,)), *chains((BALANCED,), (8,))),
    quick=(*curves((at_depth(1), MIXED), (18,)), *chains((BALANCED,), (8,))),
    full=(
        *curves((*DEPTHS, DEEPER, MIXED, MORE_MIXED), (50,)),
        *curves((at_depth(3), MIXED), (200,)),
        *chains((BALANCED, UNBALANCED), (12,)),
    ),
    trials=400,
    batch_size=20,
    seconds=38,
)

# Names and markers of the readings, by what they are.
KERNELS = {
    "kernel_1": (r"kernel, $\tau$ = 1", "v"),
    "kernel_10": (r"kernel, $\tau$ = 10", "o"),
    "kernel_100": (r"kernel, $\tau$ = 100", "^"),
}
CONTROLS = {
    "own_value": ("own value", "s"),
    "one_qubit_10": (r"one-qubit, $\tau$ = 10", "D"),
    "one_qubit_100": (r"one-qubit, $\tau$ = 100", "d"),
    "linear": ("linear", "P"),
    "labelled_purity": ("purity, labelled", "*"),
}
READINGS = {**KERNELS, **CONTROLS}


def draw(data: ErrorData) -> Figure:
    """Draws points, accuracies against depth and of mixed depths, and the chain."""
    from quantum_advantage import plots

    figure = plots.new_figure(7.2, 5.2, 3, rows=2)
    seen, by_kernel, by_control, mixed, mixed_largest, chain = figure.axes
    phases = [p for p in data.points if p.spec.task.startswith("phases")]
    sizes = sorted({p.spec.qubits for p in phases}) or [0]
    _draw_points(seen, data, sizes[-1])
    depths = {task: depth for depth, task in enumerate(DEPTHS, start=1)}
    for ax, names, title in (
        (by_kernel, KERNELS, "The kernel"),
        (by_control, ("kernel_10", *CONTROLS), "Controls"),
    ):
        _draw_shares(ax, [p for p in phases if p.spec.qubits == sizes[0]], names, depths)
        ax.set(xlabel="layers of the circuit", title=f"{title}, $n$ = {sizes[0]}")
        ax.set(xlim=(0.6, DEEPEST + 0.4))
        ax.set_xticks(range(1, DEEPEST + 1))
    for ax, qubits in ((mixed, sizes[0]), (mixed_largest, sizes[-1])):
        points = [p for p in phases if p.spec.qubits == qubits]
        cases = [case for case in CASES if any(p.spec.task == case[0] for p in points)]
        places = {task: place for place, (task, _) in enumerate(cases)}
        _draw_shares(ax, points, READINGS, places, line="none")
        ax.set(title=f"Mixed depths, $n$ = {qubits}", xlim=(-0.5, len(CASES) - 0.5))
        ax.set(xlabel="layers")
        ax.set_xticks(range(len(cases)), [name for _, name in cases])
    by_kernel.legend(loc="lower left", labelspacing=0.15, handlelength=1.4)
    by_control.text(0.04, 0.52, "symbols as in e", transform=by_control.transAxes)
    # Beside the points, where there are few.
    mixed_largest.set_xlim(-0.5, len(CASES) + 0.5)
    mixed_largest.legend(
        loc="center right", bbox_to_anchor=(1.0, 0.58), labelspacing=0.2, handlelength=0.5
    )
    _draw_chain(chain, data)
    plots.letter_panels(figure)
    return figure


def _draw_points(ax: Axes, data: ErrorData, qubits: int) -> None:
    """Draws the coordinate of every state of two sets of mixed depths against its exact purity."""
    from quantum_advantage import plots

    of_size = [r for r in data.rows if r.spec.qubits == qubits and r.copies == SHOTS]
    tasks = {r.spec.task for r in of_size}
    task = next((t for t in (MORE_MIXED, MIXED, *DEPTHS) if t in tasks), "")
    rows = [r for r in of_size if r.spec.task == task]
    purities = {(r.batch, r.system): r.truth for r in rows if r.quantity == "purity"}
    points = [r for r in rows if r.quantity == "coordinate"]
    colours = {1: plots.palette.WARM, 0: plots.palette.COOL}
    for batch in sorted({r.batch for r in points}):
        own = [r for r in points if r.batch == batch]
        scale = max(abs(r.value) for r in own) or 1.0
        for kind, marker in ((0, "s"), (1, "o")):
            some = [r for r in own if r.truth == kind]
            x = [2 * purities[r.batch, r.system] - 1 for r in some]
            y = [r.value / scale for r in some]
            face = colours[kind] if batch == 0 else "none"
            style = {"color": colours[kind], "mfc": face, "ms": 3.0, "mew": 0.6, "alpha": 0.85}
            ax.plot(x, y, marker, **style)
    for kind, marker, label in ((1, "o", "toric code"), (0, "s", "product state")):
        plots.legend_entry(ax, marker, label, colours[kind], markersize=3.2)
    drawn = {MORE_MIXED: "0 to 9", MIXED: "0 to 5"}.get(task, "equal")
    ax.set(title=rf"Layers {drawn}, $\tau$ = 10, $n$ = {qubits}")
    ax.set(xlabel="share of polarised qubits, exact", ylabel="first coordinate", ylim=(-1.15, 1.15))
    ax.legend(loc="upper right")


def _draw_shares(
    ax: Axes,
    points: list[EstimatePoint],
    names: tuple[str, ...] | dict,
    places: dict[str, int],
    line: str = "-",
) -> None:
    """Draws the shares in the right group by several readings, at the place of each task."""
    from quantum_advantage import plots

    for number, name in enumerate(names):
        (label, marker), colour = READINGS[name], plots.palette.SHADOW_READINGS[name]
        shift = 0.07 * (number - (len(names) - 1) / 2)
        named = [p for p in points if p.quantity == name and p.spec.task in places]
        ordered = sorted(named, key=lambda p: places[p.spec.task])
        found = [(places[p.spec.task] + shift, p) for p in ordered]
        _plot(ax, found, line, marker, colour, label)
    _chance(ax)
    ax.set(ylabel="share in the right group", ylim=(0.42, 1.04))


def _plot(ax: Axes, found: list, line: str, marker: str, colour: str, label: str) -> None:
    from quantum_advantage import plots

    x, y = [at for at, _ in found], [p.value for _, p in found]
    # Hollow where outcomes come from the exact distribution.
    hollow = all(p.spec.backend == "law" for _, p in found)
    look = {"marker": marker, "color": colour, "ms": 3.4, "lw": 0.9, "mew": 0.7}
    ax.plot(x, y, ls=line, label=label, mfc="white" if hollow else colour, **look)
    for at, p in found:
        if p.low is not None and p.high is not None:
            plots.draw_interval(ax, at, p.low, p.high, colour)


def _chance(ax: Axes) -> None:
    """Draws the mean accuracy of two equal groups of a set that know nothing."""
    import numpy as np

    from quantum_advantage import plots
    from quantum_advantage.inference.learning.clustering import chance_accuracy

    halves = np.arange(EXPERIMENT.batch_size) % 2
    plots.draw_level(ax, chance_accuracy(halves, halves), "--", 0.7)


def _draw_chain(ax: Axes, data: ErrorData) -> None:
    """Draws coordinates along the ratio of couplings, and where the groups part."""
    from quantum_advantage import plots

    looks = ((BALANCED, plots.palette.WARM, "o", 1.0), (UNBALANCED, plots.palette.COOL, "s", -1.0))
    chains = [r for r in data.rows if r.spec.task in (BALANCED, UNBALANCED)]
    qubits = max((r.spec.qubits for r in chains), default=0)
    ax.axvline(1.0, color=plots.palette.EXACT, lw=0.8)
    for task, colour, marker, height in looks:
        rows: list[EstimateRow] = [
            r for r in chains if r.spec.task == task and r.spec.qubits == qubits
        ]
        points = [r for r in rows if r.quantity == "coordinate" and r.batch == 0]
        if not points:
            continue
        scale = max(abs(r.value) for r in points) or 1.0
        x, y = [r.truth for r in points], [r.value / scale for r in points]
        ax.plot(x, y, marker, color=colour, ms=2.6, mew=0.5, alpha=0.85)
        for name, sign in (("transition", "|"), ("linear_transition", "x")):
            for p in data.points:
                if (p.spec.task, p.spec.qubits, p.quantity) == (task, qubits, name):
                    low, high = (p.value if end is None else end for end in (p.low, p.high))
                    level = height * (1.22 if name == "transition" else 1.4)
                    ax.plot([low, high], [level, level], color=colour, lw=0.9)
                    ax.plot([p.value], [level], sign, color=colour, ms=5)
        ranges = {BALANCED: "0.5 to 2", UNBALANCED: "0.25 to 2"}
        plots.legend_entry(ax, marker, ranges[task], colour, markersize=3.2)
    plots.legend_entry(ax, "|", "groups part, kernel", plots.palette.NEUTRAL, markersize=5)
    plots.legend_entry(ax, "x", "groups part, linear", plots.palette.NEUTRAL, markersize=4)
    ticks = (0.25, 0.5, 1, 2)
    ax.set(xscale="log", xlim=(0.23, 2.2), xlabel="ratio $r$ of the couplings", ylim=(-1.6, 1.6))
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.minorticks_off()
    ax.set(ylabel="first coordinate", title=f"Alternating chain, $n$ = {qubits}")
    ax.legend(loc="upper left", labelspacing=0.15, handlelength=0.8)


if __name__ == "__main__":
    sys.exit(run_script(EXPERIMENT, draw))
