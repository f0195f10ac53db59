"""On Google's processors: what is left of the advantage under the noise of real calibrations.

Bell measurements of hidden-Pauli states on the virtual Rainbow, Weber and Willow processors, whose
noise is Google's own model of real calibrations, and where in the plane of gate and readout errors
the advantage in copies ends.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from quantum_advantage.experiment.declaration import AccuracyData, Curve, Experiment
from quantum_advantage.experiment.runner import run_script

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from quantum_advantage.study.accuracy import Point

# The chain of pairs on Weber that was used in public: quantumlib/ReCirq, recirq/qml_lfe.
PUBLIC_PAIRS = (
    "1.5-0.5+1.6-0.6+2.6-3.6+2.7-1.7+3.7-3.8+4.7-4.8+5.7-5.8+5.6-4.6+6.6-6.7+6.5-5.5+7.5-8.5+"
    "7.4-8.4+7.3-7.2+6.3-6.4+6.2-6.1+5.2-5.1+4.2-4.1+4.3-5.3+3.3-3.2+3.4-4.4"
)
NAMES = {"rainbow": "Rainbow", "weber": "Weber", "willow_pink": "Willow"}
# Where their names stand, in points from the last point.
BESIDE_COPIES = {
    "Rainbow": (9, -2),
    "Weber": (-8, -15),
    "Willow": (-12, 7),
    "public chain": (-58, 0),
}
BESIDE_RATIOS = {"Rainbow": (12, -8), "public chain": (8, -10)}
# Few copies are enough on them; they are drawn apart from the others.
FEW_COPIES = ("rainbow", "willow_pink")
SIZES = {"rainbow": (4, 6, 8), "weber": (4, 8, 12, 16, 20, 24), "willow_pink": (4, 12, 20, 34, 49)}


def curves(sizes: dict[str, tuple[int, ...]], public: bool) -> tuple[Curve, ...]:
    """Returns the curves of one size."""
    chosen = [
        Curve(protocol, qubits, circuits_to=100, backend=f"qvm:{processor}")
        for processor, qubits in sizes.items()
        for protocol in ("bell", "bell_calibrated")
    ]
    if public:
        backend = f"qvm:weber,pairs={PUBLIC_PAIRS}"
        chosen.append(Curve("bell", (20,), circuits_to=100, backend=backend))
    return tuple(chosen)


# Noise without a processor, to measure how the cost grows with the damping.
LOCAL = tuple(
    Curve("bell", (6, 10, 14, 18), circuits_to=10, backend=f"auto:readout={readout}")
    for readout in (0.08, 0.12)
)


def same_chip(qubits: tuple[int, ...]) -> Curve:
    """Returns a conventional protocol on the same noisy qubits, in turn with the others."""
    return Curve("local_pauli", qubits, circuits_to=100, backend="qvm:weber")


EXPERIMENT = Experiment(
    name="device_noise",
    about="Copies for Bell measurements under the noise of Google's processors.",
    task="observables:alpha=0.9,game=two",
    curves=(
        *curves({"rainbow": (4, 8), "weber": (4, 12, 20), "willow_pink": (4, 20)}, False),
        same_chip((4, 6)),
    ),
    quick=(*curves({"weber": (4, 20)}, False), same_chip((4,))),
    full=(
        *curves(SIZES, True),
        same_chip((4, 6, 8)),
        *LOCAL,
    ),
    seconds=25,
)


def draw(data: AccuracyData) -> Figure:
    """Draws copies against n, the advantage in copies, and the errors at which it ends."""
    from quantum_advantage import plots

    figure = plots.new_figure(7.2, 5.4, 2, rows=2)
    dear, cheap, advantage, crossover = figure.axes
    few = tuple(f"qvm:{name}" for name in FEW_COPIES)
    _draw_copies(dear, [p for p in data.points if not p.spec.backend.startswith(few)], 26)
    _draw_copies(cheap, [p for p in data.points if p.spec.backend.startswith(few)], 50)
    cheap.set_title("Copies for 70 %: Rainbow and Willow")
    _draw_advantage(advantage, data)
    _draw_crossover(crossover, data)
    figure.legend(*dear.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    plots.letter_panels(figure)
    return figure


def _alpha(points: Sequence[Point]) -> float:
    from quantum_advantage.tasks.observables.games import read_task

    return read_task(points[0].spec.task).alpha if points else 0.9


def _forecasts(points: Sequence[Point]) -> dict[str, dict[int, float]]:
    """Returns for each virtual processor the copies that its calibration predicts."""
    from quantum_advantage.backends.opening import open_backend
    from quantum_advantage.tasks.observables.forecast import bell_copies
    from quantum_advantage.tasks.shared.calibration import exact_damping

    copies: dict[str, dict[int, float]] = {}
    for point in points:
        if point.spec.backend.startswith("qvm:") and point.spec.protocol == "bell":
            sampler = open_backend(point.spec.backend).make(0)
            factors = exact_damping(sampler, point.spec.qubits)
            copies.setdefault(point.spec.backend, {})[point.spec.qubits] = bell_copies(
                point.target, factors, _alpha(points)
            )
    return copies


def _conventional(n: npt.ArrayLike, alpha: float) -> np.ndarray:
    """Returns the copies of the best conventional protocol known: 1.17 (2ⁿ + 1) at α = 0.9."""
    import numpy as np

    from quantum_advantage.tasks.observables.exact_adaptive import best_known_cost

    return best_known_cost(0.7, alpha, "two") * (2.0 ** np.asarray(n) + 1)


def _draw_copies(ax: Axes, points: Sequence[Point], most: int) -> None:
    import numpy as np

    from quantum_advantage import plots
    from quantum_advantage.bounds.hidden_pauli import copies_required

    n = np.arange(2, most + 1)
    alpha = _alpha(points)
    bound = [copies_required(0.7, qubits=int(k), alpha=alpha) for k in n]
    plots.shade_below(ax, n, bound, 0.5, "proven bound without memory")
    style = plots.style_of("adaptive_unbiased")
    ax.plot(
        n, _conventional(n, alpha), color=style.colour, linewidth=0.8, label="best known, one copy"
    )
    forecasts = _forecasts(points)
    labelled: set[str] = set()
    for backend in dict.fromkeys(p.spec.backend for p in points):
        on_backend = [p for p in points if p.spec.backend == backend]
        for protocol, side in (("bell", -1), ("bell_calibrated", 1), ("local_pauli", 0)):
            found = plots.of_protocol(on_backend, protocol, target=0.7)
            if not found or "readout" in backend:
                continue
            label = plots.label_once(labelled, protocol)
            if protocol == "local_pauli":
                label = "random Pauli bases, one copy, on Weber"
            # Both readings of one record need nearly as many copies, and stand side by side.
            at = [p.spec.qubits + 0.01 * most * side for p in found]
            plots.plot_points(ax, found, at, line=" ", label=label, size=4)
        if backend in forecasts:
            sizes = sorted(forecasts[backend])
            law = [forecasts[backend][k] for k in sizes]
            plots.draw_law(ax, sizes, law, plots.palette.WARM)
            _name_processor(ax, backend, sizes[-1], law[-1], BESIDE_COPIES)
    ax.set(yscale="log", ylim=(1, 1e8), xlim=(1, 1.1 * most), xlabel="number of qubits $n$")
    ax.set(title="Copies for 70 %: Weber", ylabel="copies")


def _name_processor(
    ax: Axes, backend: str, n: int, value: float, beside: dict[str, tuple[int, int]]
) -> None:
    """Writes a processor's name beside its last point."""
    from quantum_advantage.plots import palette

    name, _, pairs = backend.partition(":")[2].partition(",")
    text = "public chain" if pairs == f"pairs={PUBLIC_PAIRS}" else NAMES.get(name, name)
    options = {"textcoords": "offset points", "fontsize": 7, "color": palette.PROCESSOR}
    ax.annotate(text, (n, value), beside.get(text, (6, -3)), **options)


def _draw_advantage(ax: Axes, data: AccuracyData) -> None:
    from quantum_advantage import plots
    from quantum_advantage.bounds.hidden_pauli import copies_required

    alpha = _alpha(data.points)
    for kind, line in (("bound", "--"), ("best known", "-")):
        for backend in dict.fromkeys(p.spec.backend for p in data.points):
            if not backend.startswith(("qvm:", "engine:")):
                continue
            on_backend = [
                p for p in data.points if p.spec.backend == backend and p.copies is not None
            ]
            points = plots.of_protocol(on_backend, "bell_calibrated", target=0.7)
            points = points or plots.of_protocol(on_backend, "bell", target=0.7)
            if not points:
                continue
            n = [p.spec.qubits for p in points]
            ratio = [
                (
                    copies_required(0.7, qubits=p.spec.qubits, alpha=alpha)
                    if kind == "bound"
                    else float(_conventional(p.spec.qubits, alpha))
                )
                / (p.copies or 1)
                for p in points
            ]
            style = plots.style_of(points[0].spec.protocol)
            # One chain has a single size, and no line to be seen.
            marker = style.marker if kind != "bound" or len(n) == 1 else None
            look = {"marker": marker, "color": style.colour, "markersize": 4, "linewidth": 0.8}
            face = "white" if kind == "bound" else style.colour
            ax.plot(n, ratio, line, markerfacecolor=face, **look)
            if kind != "bound":
                _name_processor(ax, backend, n[-1], ratio[-1], BESIDE_RATIOS)
    for line, label in (("p-", "best known / Bell"), ("--", "proven bound / Bell")):
        plots.legend_entry(ax, line, label, plots.style_of("bell_calibrated").colour, ms=4, lw=0.8)
    plots.draw_level(ax, 1)
    ax.set(yscale="log", xlim=(1, 60), xlabel="number of qubits $n$", ylabel="ratio of copies")
    ax.set_title("Advantage in copies")
    ax.set_ylim(top=100 * ax.get_ylim()[1])
    ax.legend(loc="upper left", labelspacing=0.25, borderaxespad=0.1)


def _draw_crossover(ax: Axes, data: AccuracyData) -> None:
    """Draws the errors at which Bell measurements need as many copies as the bound proves."""
    import numpy as np

    from quantum_advantage import plots
    from quantum_advantage.bounds.hidden_pauli import copies_required

    alpha = _alpha(data.points)
    gates = np.linspace(0, 0.16, 9)
    looks = zip((8, 20, 49), (":", "--", "-"), plots.palette.WARM_BY_SIZE, strict=True)
    for n, line, colour in looks:
        copies = copies_required(0.7, qubits=n, alpha=alpha)
        curve = np.array([_readout_limit(n, p, copies, alpha) for p in gates])
        ax.plot(100 * curve, 100 * gates, line, color=colour, linewidth=1.1, label=f"$n$ = {n}")
    for name, (readout, gate) in _errors_of_processors().items():
        ax.plot(100 * readout, 100 * gate, "*", color=plots.palette.COOL, markersize=6)
        place = 100 * readout, 100 * gate
        ax.annotate(name, place, (6, -2.5), textcoords="offset points", fontsize=7)
    ax.set(xlim=(0, 20), ylim=(0, 16), xlabel="readout error (%)", ylabel="error of the CNOT (%)")
    ax.set_title("Where the proven advantage ends")
    ax.legend(loc="upper right", labelspacing=0.25, borderaxespad=0.1)


def _readout_limit(n: int, gate: float, copies: float, alpha: float) -> float:
    """Returns the readout error at which Bell measurements need so many copies, or nan."""
    import numpy as np

    from quantum_advantage.backends.simulators.noise import bell_damping
    from quantum_advantage.tasks.observables.forecast import averaged_accuracy

    def reaches(readout: float) -> bool:
        factors = np.tile(bell_damping(gate, readout), (n, 1))
        return averaged_accuracy(max(1, round(copies / 2)), factors, alpha) >= 0.7

    low, high = 0.0, 0.4
    if not reaches(low):
        return float("nan")
    for _ in range(11):
        middle = (low + high) / 2
        low, high = (middle, high) if reaches(middle) else (low, middle)
    return low


def _errors_of_processors() -> dict[str, tuple[float, float]]:
    """Returns the mean readout error and the CNOT's error of each processor's twenty best pairs."""
    import numpy as np

    from quantum_advantage.backends.devices.placement import best_pairs, most_pairs
    from quantum_advantage.backends.devices.virtual import virtual_device

    errors = {}
    for processor, name in NAMES.items():
        device = virtual_device(processor)
        pairs = best_pairs(device, min(20, most_pairs(device.couplers)))
        factors = device.damping(pairs)
        assert factors is not None
        # f_X f_Z / f_Y is the factor of the gates, f_Y² / (f_X f_Z) that of both readouts.
        gate = factors[:, 1] * factors[:, 3] / factors[:, 2]
        bits = factors[:, 2] / gate
        errors[name] = float(np.mean(1 - np.sqrt(bits)) / 2), float(np.mean(1 - gate) * 15 / 16)
    return errors


if __name__ == "__main__":
    sys.exit(run_script(EXPERIMENT, draw))
