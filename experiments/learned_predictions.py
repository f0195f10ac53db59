"""Learned predictions: models trained on small noiseless systems read large noisy ones.

The supervised learning of Huang et al., Science 376, 1182 (2022). Two models learn from labelled
games of one to seven simulated qubits, without noise, what Bell measurements say; unchanged they
then read the records of a noisy (virtual) processor up to twenty.
"""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING

from quantum_advantage.experiment.declaration import AccuracyData, Curve, Experiment, Search
from quantum_advantage.experiment.runner import run_script

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from quantum_advantage.study.accuracy import AccuracyCurve, Point

PLACE = "qvm:weber"
EXACT, MODELS = "bell", ("learned_symbols", "learned_recurrent")
SHUFFLED, PRODUCT = "learned_shuffled", "learned_product"
SIZES = (4, 8, 14, 20)
LARGEST, LARGEST_TRAINED = SIZES[-1], 7
MOST_COPIES = 400  # of what can learn nothing


def curve(protocol: str, qubits: tuple[int, ...], max_copies: int = 2**60) -> Curve:
    """Returns a curve on the processor; curves of several seeds have no common exponent."""
    fit_from = 1000 if protocol.startswith("learned") else 1
    return Curve(protocol, qubits, Search(max_copies=max_copies), backend=PLACE, fit_from=fit_from)


def curves(recurrent: tuple[int, ...]) -> tuple[Curve, ...]:
    """Returns the curves of one training of each model, and the controls at n = 20."""
    return (
        curve(EXACT, SIZES),
        curve("learned_symbols:seed=0", SIZES),
        curve("learned_recurrent:seed=0", recurrent),
        curve(SHUFFLED, (LARGEST,), MOST_COPIES),
        curve(PRODUCT, (LARGEST,), MOST_COPIES),
    )


EXPERIMENT = Experiment(
    name="learned_predictions",
    about="Copies needed by models trained on small noiseless systems, on a noisy processor.",
    task="observables:alpha=0.9,game=two",
    curves=curves((LARGEST,)),
    quick=(curve(EXACT, (4, 20)), curve("learned_symbols:seed=0", (4, 20))),
    full=(
        *curves(SIZES[1:]),
        *(curve(f"learned_symbols:seed={seed}", (LARGEST,)) for seed in (1, 2)),
        *(curve(f"learned_recurrent:seed={seed}", (LARGEST,)) for seed in (1, 2, 3, 4)),
        curve(PRODUCT, (2, 4, 6), 20_000),
        curve(PRODUCT, (12,), MOST_COPIES),
    ),
    seconds=32,
)


def draw(data: AccuracyData) -> Figure:
    """Draws copies against n, their ratio, the learned table, and accuracy against copies."""
    from quantum_advantage import plots

    figure = plots.new_figure(7.2, 5.6, 2, rows=2)
    copies, ratio, table, accuracy = figure.axes
    _draw_copies(copies, data)
    _draw_ratio(ratio, data)
    _draw_table(table, data)
    _draw_accuracy(accuracy, data)
    plots.letter_panels(figure)
    return figure


def _models(data: AccuracyData) -> dict[str, list[Point]]:
    """Returns the points of every trained model, by its full name."""
    found: dict[str, list[Point]] = {}
    for point in sorted(data.points, key=lambda p: p.spec.qubits):
        if point.spec.protocol.partition(":")[0] in MODELS:
            found.setdefault(point.spec.protocol, []).append(point)
    return found


def _alpha(data: AccuracyData) -> float:
    from quantum_advantage.tasks.observables.games import read_task

    return read_task(data.points[0].spec.task).alpha


def _shade_training(ax: Axes) -> None:
    from matplotlib.transforms import blended_transform_factory

    from quantum_advantage.plots import palette

    ax.axvspan(0.5, LARGEST_TRAINED + 0.5, color=palette.TRAINED, alpha=0.12, linewidth=0)
    place = blended_transform_factory(ax.transData, ax.transAxes)
    text = "trained here,\nwithout noise"
    ax.text(0.8, 0.985, text, transform=place, va="top", fontsize=7, color=palette.TRAINED_TEXT)
    ax.set(xlim=(0.5, LARGEST + 1), xticks=range(2, LARGEST + 1, 2))
    ax.set_xlabel("number of qubits $n$")


def _draw_copies(ax: Axes, data: AccuracyData) -> None:
    import numpy as np

    from quantum_advantage import plots
    from quantum_advantage.bounds.hidden_pauli import copies_required

    n = np.arange(1, LARGEST + 2)
    bound = [copies_required(0.7, qubits=int(k), alpha=_alpha(data)) for k in n]
    plots.shade_below(ax, n, bound, 0.5, "proven bound without memory")
    product = plots.of_protocol(data.points, PRODUCT, target=0.7)
    plots.plot_points(ax, product)
    exact = plots.of_protocol(data.points, EXACT, target=0.7)
    plots.plot_points(ax, exact, label="exact reading of Bell shots")
    labelled: set[str] = set()
    for name, points in _models(data).items():
        bare = name.partition(":")[0]
        label = plots.label_once(labelled, bare)
        at = [p.spec.qubits + (0.25 if bare == MODELS[1] else -0.25) for p in points]
        plots.plot_points(ax, points, at, line=" ", label=label, size=3.6)
    _shade_training(ax)
    ax.set(yscale="log", ylim=(1, 3e6), ylabel="copies for 70 % right answers")
    ax.set_title("Trained small, used large: virtual Weber")
    ax.legend(loc="upper left", bbox_to_anchor=(0.0, 0.87), labelspacing=0.25, borderaxespad=0.1)


def _ratios(data: AccuracyData) -> dict[str, list[tuple[int, float, float, float]]]:
    """Returns for every model (n, ratio, low, high): its copies over those of the exact reading.

    Where either missed the target there is none. The intervals take the two as independent;
    they met the same hidden strings.
    """
    from quantum_advantage.core.statistics import interval
    from quantum_advantage.study.accuracy import sample_complexity

    exact: dict[int, tuple[float, np.ndarray]] = {}
    models: dict[str, list[AccuracyCurve]] = {}
    for one in data.curves:
        if one.key.protocol == EXACT:
            exact[one.key.qubits] = sample_complexity(one, 0.7)
        elif one.key.protocol.partition(":")[0] in MODELS:
            models.setdefault(one.key.protocol, []).append(one)
    found: dict[str, list[tuple[int, float, float, float]]] = {}
    for name, ones in models.items():
        for one in sorted(ones, key=lambda c: c.key.qubits):
            if one.key.qubits not in exact:
                continue
            value, samples = sample_complexity(one, 0.7)
            middle, others = exact[one.key.qubits]
            if not math.isfinite(value / middle):
                continue
            low, high = interval(samples / others)
            found.setdefault(name, []).append((one.key.qubits, value / middle, low, high))
    return found


def _draw_ratio(ax: Axes, data: AccuracyData) -> None:
    import numpy as np

    from quantum_advantage import plots

    ax.axhline(1, color=plots.style_of(EXACT).colour, linewidth=0.8)
    found = _ratios(data)
    labelled: set[str] = set()
    beside: dict[tuple[str, int], int] = {}
    for name, rows in found.items():
        style = plots.style_of(name)
        bare = name.partition(":")[0]
        n, middle, low, high = np.array(rows).T
        # Trainings stand side by side, those of the table to the left.
        side = 1 if bare == MODELS[1] else -1
        shift = np.zeros(len(n))
        for i, k in enumerate(n):
            before = beside.get((bare, int(k)), 0)
            shift[i] = side * (0.25 + 0.3 * before)
            beside[bare, int(k)] = before + 1
        ax.errorbar(
            n + shift,
            middle,
            [np.maximum(middle - low, 0), np.maximum(high - middle, 0)],
            color=style.colour,
            marker=style.marker,
            markersize=3.4,
            linestyle="none",
            elinewidth=0.7,
            label=plots.label_once(labelled, bare, style.label),
        )
    _shade_training(ax)
    ax.set_xlim(right=LARGEST + 2)
    ax.set(ylim=(0.7, 1.9), ylabel="copies over those of the exact reading")
    ax.set_title("What it costs not to be told the signs")
    plots.add_legend(ax, loc="upper center", bbox_to_anchor=(0.58, 1.0), labelspacing=0.25)


def _draw_table(ax: Axes, data: AccuracyData) -> None:
    """Draws the learned table of every seed beside the exact signs."""
    import numpy as np

    from quantum_advantage import plots
    from quantum_advantage.core.naming import parse
    from quantum_advantage.measurements.bell import bell_signs
    from quantum_advantage.tasks.observables.learned import trained_table

    exact = bell_signs()
    at = np.arange(4)[:, None] * 4.6 + np.arange(4)
    for level in (-1, 0, 1):
        ax.axhline(level, color=plots.palette.FAINT_LEVEL, linewidth=0.6, zorder=0)
    label: str | None = "exact sign"
    for row, signs in zip(at, exact, strict=True):
        ax.step(
            np.append(row, row[-1] + 1) - 0.5,
            np.append(signs, signs[-1]),
            where="post",
            color=plots.style_of(EXACT).colour,
            linewidth=0.9,
            label=label,
        )
        label = "_"
    style = plots.style_of(MODELS[0])
    names = [name for name in _models(data) if name.startswith(MODELS[0])]
    label = f"learned, {len(names)} trainings" if len(names) > 1 else "learned"
    for i, name in enumerate(names):
        (model,) = trained_table(int(parse(name)[1].get("seed", 0)))
        shift = 0.13 * (i - (len(names) - 1) / 2)
        ax.plot(
            (at + shift).ravel(),
            model.weights.ravel(),
            " ",
            marker=style.marker,
            markersize=3.4,
            color=style.colour,
            markeredgecolor=plots.palette.TRAINED_TEXT,
            markeredgewidth=0.4,
            label=label,
        )
        label = "_"
    outcomes = [f"{a}{b}" for a in (0, 1) for b in (0, 1)]
    ax.set_xticks(at.ravel(), outcomes * 4, fontsize=6.5)
    for row, letter in zip(at, "IXYZ", strict=True):
        ax.text(row.mean(), -1.42, letter, ha="center", va="center", fontsize=9)
    ax.set(xlabel="outcome $ab$ of the pair, for each letter asked", ylim=(-1.65, 1.95))
    ax.set(yticks=(-1, 0, 1), ylabel="number $w$ of the symbol")
    ax.set_title("The table of signs, learned from right and wrong")
    ax.legend(loc="upper left", ncols=2, borderaxespad=0.1)


def _draw_accuracy(ax: Axes, data: AccuracyData) -> None:
    import numpy as np

    from quantum_advantage import plots
    from quantum_advantage.bounds.hidden_pauli import largest_conventional_accuracy

    labelled: set[str] = set()
    for name in (EXACT, *MODELS, SHUFFLED, PRODUCT):
        for one in data.curves:
            bare = one.key.protocol.partition(":")[0]
            # All trainings of a model look alike here; the first is enough.
            again = bare in MODELS and not one.key.protocol.endswith("seed=0")
            if one.key.qubits != LARGEST or bare != name or again:
                continue
            label = "exact reading of Bell shots" if bare == EXACT else None
            label = plots.label_once(labelled, bare, label)
            plots.plot_accuracy(ax, one, label=label)
    copies = np.geomspace(2, 1000, 50)
    most = [largest_conventional_accuracy(t, qubits=LARGEST, alpha=_alpha(data)) for t in copies]
    plots.draw_bound(ax, copies, most, "proven bound without memory")
    plots.draw_level(ax, 0.7, ":")
    ax.set(xscale="log", xlim=(2, 1000), ylim=(0.45, 1.12), xlabel="copies")
    ax.set(yticks=np.arange(0.5, 1.01, 0.1), ylabel="share of right answers")
    ax.set_title(f"$n$ = {LARGEST}, with controls")
    ax.legend(loc="upper left", labelspacing=0.2, borderaxespad=0.1)


if __name__ == "__main__":
    sys.exit(run_script(EXPERIMENT, draw))
