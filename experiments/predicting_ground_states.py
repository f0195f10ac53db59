"""Ground states that were never measured: predicted from records of related ones.

The question of Huang et al., Science 377, eabk3333 (2022). A model learns from a few copies of each
of N ground states of random Heisenberg models, and predicts correlators, energies and entropies of
new ones, of which it has the couplings alone. Beside it: the published models, the mean of the
training systems, and copies of the new state itself.

With ``--data DIR`` the models are compared on the public data of that paper instead.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from quantum_advantage.experiment.declaration import Curve, ErrorData, Experiment, Fixed
from quantum_advantage.experiment.runner import run_script

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from quantum_advantage.inference.generalising.comparing import Compared
    from quantum_advantage.study.errors import EstimatePoint

NAME = "predicting_ground_states"
OURS = "local_kernel"
PUBLISHED = ("nearby_lasso", "gaussian_kernel")
BASELINES = ("nearest_system", "training_mean")
DIRECT = ("random_bases", "random_bases_hits", "three_bases")
NEIGHBOURS = "correlator:distance=1"
ASKED = (*(f"correlator:distance={d}" for d in (1, 2, 3, 4)), "energy", "entropy")
SHOWN, LARGER = 8, 12
COPIES = 500


def learned(name: str, systems: int, qubits: Iterable[int], copies: Iterable[int]) -> Curve:
    """Returns a curve of a method that learns from so many systems."""
    return Curve(f"{name}:systems={systems}", tuple(qubits), Fixed(tuple(copies)))


EXPERIMENT = Experiment(
    name=NAME,
    about="Properties of ground states that were never measured, from records of related ones.",
    task="ground_states",
    curves=(
        learned(OURS, 4, (SHOWN,), (COPIES,)),
        learned(OURS, 12, (SHOWN,), (100, COPIES)),
        learned(OURS, 12, (LARGER,), (COPIES,)),
        learned(OURS, 36, (SHOWN,), (COPIES,)),
        *(learned(name, 12, (SHOWN,), (COPIES,)) for name in (*PUBLISHED, *BASELINES)),
        learned(PUBLISHED[0], 36, (SHOWN,), (COPIES,)),
        learned(BASELINES[1], 12, (LARGER,), (COPIES,)),
        *(Curve(name, (SHOWN,), Fixed((100, COPIES, 2000))) for name in DIRECT),
    ),
    quick=(
        learned(OURS, 6, (SHOWN,), (100,)),
        learned(BASELINES[1], 6, (SHOWN,), (100,)),
        Curve(DIRECT[1], (SHOWN,), Fixed((100,))),
    ),
    trials=80,
    batch_size=4,
    seconds=39,
)


def draw(data: ErrorData) -> Figure:
    """Draws errors against training systems, copies and sites, and of all quantities."""
    from quantum_advantage import plots

    figure = plots.new_figure(7.2, 5.6, 2, rows=2)
    by_systems, by_copies, by_quantity, by_size = figure.axes
    neighbours = [p for p in data.points if p.quantity == NEIGHBOURS]
    size = SHOWN if any(p.spec.qubits == SHOWN for p in neighbours) else neighbours[0].spec.qubits
    here = [p for p in neighbours if p.spec.qubits == size]
    most = _usual_systems(neighbours)
    copies = COPIES if any(p.copies == COPIES for p in here) else here[0].copies
    _draw_by_systems(by_systems, [p for p in here if p.copies == copies], copies)
    _draw_by_copies(by_copies, [p for p in here if _systems(p) in (0, most)], most)
    every = [p for p in data.points if p.spec.qubits == size and p.copies == copies]
    _draw_by_quantity(by_quantity, [p for p in every if _systems(p) in (0, most)])
    of_size = [p for p in neighbours if p.copies == copies and _systems(p) in (0, most)]
    _draw_by_size(by_size, of_size)
    for ax, x in ((by_systems, "training systems $N$"), (by_copies, "copies of each system $T$")):
        ax.set(xscale="log", yscale="log", xlabel=x, ylabel="rms error of neighbours' correlator")
        played = {_systems(p) for p in here if _systems(p)} if ax is by_systems else set()
        ticks = sorted(played or {p.copies for p in here})
        ax.set_xticks(ticks, [str(tick) for tick in ticks])
        ax.set_xticks([], minor=True)
    by_systems.set_title(f"$n$ = {size} sites, $T$ = {copies} copies of each")
    by_copies.set_title(f"$n$ = {size} sites, $N$ = {most}")
    by_quantity.set_title(f"$n$ = {size}, $N$ = {most}, $T$ = {copies}")
    by_size.set_title(f"$N$ = {most}, $T$ = {copies}")
    handles: dict[str, object] = {}
    for ax in figure.axes:
        for handle, label in zip(*ax.get_legend_handles_labels(), strict=True):
            handles.setdefault(label, handle)
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=4)
    plots.letter_panels(figure)
    return figure


def _systems(point: EstimatePoint) -> int:
    """Returns the number of training systems; 0 of protocols that have none."""
    from quantum_advantage.core.naming import parse

    return int(parse(point.spec.protocol)[1].get("systems", 0))


def _usual_systems(points: list[EstimatePoint]) -> int:
    """Returns the number of training systems that most points have."""
    counts = [_systems(p) for p in points if _systems(p)]
    return max(set(counts), key=lambda count: (counts.count(count), count)) if counts else 0


def _by_name(points: Iterable[EstimatePoint]) -> dict[str, list[EstimatePoint]]:
    order = (OURS, *PUBLISHED, *BASELINES, *DIRECT)
    found: dict[str, list[EstimatePoint]] = {name: [] for name in order}
    for point in points:
        found.setdefault(point.spec.protocol.partition(":")[0], []).append(point)
    return {name: points for name, points in found.items() if points}


def _draw_by_systems(ax: Axes, points: list[EstimatePoint], copies: int) -> None:
    from quantum_advantage import plots

    for name, ones in _by_name(points).items():
        if name in DIRECT:
            style = plots.style_of(name)
            # Across the axes, with its marker at the right edge.
            look = {"marker": style.marker, "markersize": 3.6, "markevery": [1], "clip_on": False}
            across = ax.get_yaxis_transform()
            level = [ones[0].rmse] * 2
            ax.plot([0, 1], level, "--", c=style.colour, lw=0.9, transform=across, **look)
        else:
            ones.sort(key=_systems)
            plots.plot_errors(ax, ones, [_systems(p) for p in ones])


def _draw_by_copies(ax: Axes, points: list[EstimatePoint], most: int) -> None:
    from quantum_advantage import plots

    for name, ones in _by_name(points).items():
        ones.sort(key=lambda p: p.copies)
        line = "--" if name in DIRECT else "-"
        plots.plot_errors(ax, ones, [p.copies for p in ones], line=line)


def _draw_by_quantity(ax: Axes, points: list[EstimatePoint]) -> None:
    from quantum_advantage import plots

    names = list(_by_name(points))
    for place, (_, ones) in enumerate(_by_name(points).items()):
        ones.sort(key=lambda p: ASKED.index(p.quantity))
        shift = 0.7 * ((place + 0.5) / len(names) - 0.5)
        x = [ASKED.index(p.quantity) + shift for p in ones]
        plots.plot_errors(ax, ones, x, line=" ")
    ax.set(yscale="log", ylabel="rms error", xlabel="correlators at distances 1 to 4, and others")
    ax.set_xticks(range(len(ASKED)), ["1", "2", "3", "4", "energy", "entropy"])


def _draw_by_size(ax: Axes, points: list[EstimatePoint]) -> None:
    from quantum_advantage import plots

    for name, ones in _by_name(points).items():
        ones.sort(key=lambda p: p.spec.qubits)
        plots.plot_errors(ax, ones, line="--" if name in DIRECT else "-")
    ax.set(yscale="log", ylabel="rms error of neighbours' correlator", xlabel="sites $n$")
    ax.set_xticks(sorted({p.spec.qubits for p in points}))


# The public data.


def compare_public(arguments: list[str]) -> int:
    """Compares all methods on the public data, prints a table and draws it."""
    from pathlib import Path

    from quantum_advantage.core.arguments import OneLineParser, at_least
    from quantum_advantage.core.endings import prepare_process, program_of, run_to_its_end

    prepare_process()
    parser = OneLineParser(prog=program_of(f"{NAME}.py"), description=EXPERIMENT.about)
    add = parser.add_argument
    add("--data", metavar="DIR", help="folder of heisenberg_4x5_id1_couplings.txt and so on")
    add("--copies", type=at_least(1), default=COPIES, metavar="T", help="default 500")
    add("--splits", type=at_least(1), default=5, metavar="S", help="random halves, default 5")
    add("--out", type=Path, default=Path("out"), metavar="DIR")
    args = parser.parse_args(arguments)
    return run_to_its_end(
        parser.prog, lambda: _compare(args.data, args.copies, args.splits, args.out)
    )


def _compare(folder: str, copies: int, splits: int, out: object) -> int:
    from pathlib import Path

    import numpy as np

    from quantum_advantage import plots
    from quantum_advantage.core.files import write_file
    from quantum_advantage.formats.heisenberg_folder import heisenberg_sizes, read_heisenberg
    from quantum_advantage.inference.generalising.comparing import (
        Compared,
        compare_methods,
        neighbour_correlators,
    )
    from quantum_advantage.inference.generalising.frames import Grid
    from quantum_advantage.inference.generalising.targets import pair_correlators

    lines = ["rows,columns,systems,copies,method,split,error"]
    results: dict[tuple[int, int], list[Compared]] = {}
    for rows, columns in heisenberg_sizes(folder):
        systems, grid = read_heisenberg(folder, rows, columns), Grid(rows, columns)
        records = [record[:copies] for record in systems.records]
        exact = neighbour_correlators(grid, systems.correlators)
        found = compare_methods(grid, systems.couplings, records, exact, splits=splits)
        for name, by_hits in (("random_bases", False), ("random_bases_hits", True)):
            off = pair_correlators(records, grid.bonds, by_hits=by_hits)[..., 0] - exact
            found.append(Compared(name, (float(np.sqrt((off**2).mean())),)))
        # The law of copies in three bases, which all hit: the variance is (1 - c²)/T.
        spread = float(np.sqrt(((1 - exact**2) / copies).mean()))
        found.append(Compared("three_bases", (spread,)))
        results[rows, columns] = found
        for one in found:
            print(f"{rows} x {columns}, {one}", flush=True)
            lines += [
                f"{rows},{columns},{len(records)},{copies},{one.method},{split},{error:.6f}"
                for split, error in enumerate(one.errors)
            ]
    place = Path(str(out))
    (place / "data").mkdir(parents=True, exist_ok=True)
    write_file(place / "data" / f"{NAME}_public.csv", "\n".join(lines) + "\n")
    plots.render(lambda: draw_public(results, copies), place / f"{NAME}_public")
    return 0


def draw_public(results: dict[tuple[int, int], list[Compared]], copies: int) -> Figure:
    """Draws the errors of all methods at every size."""
    import numpy as np

    from quantum_advantage import plots

    figure = plots.new_figure(3.5, 3.4)
    (ax,) = figure.axes
    sizes = list(results)
    for k, method in enumerate(one.method for one in results[sizes[0]]):
        style = plots.style_of(method)
        errors = [results[size][k].errors for size in sizes]
        x = [rows * columns for rows, columns in sizes]
        line = "--" if method in DIRECT else "-"
        look = {"color": style.colour, "marker": style.marker, "markersize": 3.6}
        ax.plot(x, [np.mean(e) for e in errors], line, linewidth=0.9, label=style.label, **look)
        for at, ones in zip(x, errors, strict=True):
            ax.plot([at, at], [min(ones), max(ones)], color=style.colour, linewidth=0.7)
    ax.set(yscale="log", xlabel="sites $n$", ylabel="rms error of neighbours' correlator")
    ax.set_xticks([rows * columns for rows, columns in sizes])
    ax.set_title(f"Public data, half to learn, $T$ = {copies}")
    figure.legend(loc="outside lower center", ncols=2)
    return figure


if __name__ == "__main__":
    if any(argument.partition("=")[0] == "--data" for argument in sys.argv[1:]):
        sys.exit(compare_public(sys.argv[1:]))
    sys.exit(run_script(EXPERIMENT, draw))
