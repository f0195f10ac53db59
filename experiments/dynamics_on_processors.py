"""Learning dynamics on noisy processors of up to forty qubits: lines and grids.

Half of a set of forty unknown evolutions are time-reversal symmetric; nobody says which. Every
evolution is used 100 times on a virtual processor, and its record becomes a point on a line. With
Bell measurements the two kinds fall into two groups up to n = 20 in spite of the noise; from as
many single uses they do not. With 1000 single uses they do, as circuits of fixed depth leak.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import TYPE_CHECKING

from quantum_advantage.experiment.declaration import Curve, ErrorData, Experiment, Fixed
from quantum_advantage.experiment.runner import run_script

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from quantum_advantage.backends.devices.chain_forecast import ChainForecast
    from quantum_advantage.study.errors import ShareKey

    Shares = Mapping[ShareKey, tuple[int, int]]

USES, MANY_USES = 100, 1000
# Numbers of uses beside these, from which the share is read that each number leaves.
FEW_BELL, MANY_SINGLE = (10, 20, 40), (300, 3000, 10000)
LINE, GRID = "grouping:ensemble=public", "grouping:ensemble=public,geometry=grid"
DEEP = "grouping:depth=8,ensemble=public"
# Depths at which noise is looked at, at so many qubits.
DEPTHS, DEPTHS_AT = (8, 12, 16), (8,)
PLACE = "noise=twirled,place=circuit"
WEBER, WILLOW = f"qvm:weber,{PLACE}", f"qvm:willow_pink,{PLACE}"
SET = 40
# Larger grids have sets of half as many evolutions.
LARGEST_GRID_SET = 9
# From this share on the symmetry counts as found.
FOUND = 0.95
# Where shares are drawn against the number of uses.
USES_AT = (8, 20)
BELL, SINGLE = ("moments", "weight"), ("moments", "complements", "collisions", "edge")
Sizes = tuple[int, ...]


def curves(
    chain: Sizes,
    willow: Sizes,
    grid: Sizes,
    small_grid: Sizes,
    single: Sizes,
    many: Sizes,
    depths: tuple[int, ...] = (),
    uses: Sizes = (),
) -> tuple[Curve, ...]:
    """Returns what is estimated at one size.

    Args:
        chain: Numbers of qubits of Bell measurements on a chain, on Weber and without noise.
        willow: Those on Willow.
        grid: Those on a grid, on Willow.
        small_grid: Those on a grid, on Weber.
        single: Those of single uses, with and without noise.
        many: Those of 1000 single uses, without noise.
        depths: Depths of Bell measurements at n = 8.
        uses: Those of other numbers of uses: Bell measurements on Weber, single uses without noise.
    """

    def small(sizes: Sizes) -> Sizes:
        return tuple(n for n in sizes if n <= LARGEST_GRID_SET)

    def large(sizes: Sizes) -> Sizes:
        return tuple(n for n in sizes if n > LARGEST_GRID_SET)

    at = Fixed((USES,))
    bell = (
        Curve("bell_on_chain", chain, at, backend=WEBER, task=LINE),
        Curve("bell_on_chain", willow, at, backend=WILLOW, task=LINE),
        Curve("bell_on_chain", chain, at, backend="qsim", task=LINE),
        Curve("bell_on_grid", small_grid, at, backend=WEBER, task=GRID),
        Curve("bell_on_grid", small(grid), at, backend=WILLOW, task=GRID),
        # Ten evolutions of either kind: each takes a minute.
        Curve("bell_on_grid", large(grid), at, backend=WILLOW, task=GRID, batch_size=SET // 2),
    )
    one = (
        *(Curve("single_uses", single, at, backend=b, task=LINE) for b in (WEBER, WILLOW, "qsim")),
        *(Curve("single_uses", single, at, backend="qsim", task=t) for t in (DEEP,)),
        *(
            Curve("single_uses", many, Fixed((MANY_USES,)), backend="qsim", task=t)
            for t in (LINE, DEEP)
        ),
        Curve("single_uses", grid, at, backend="qsim", task=GRID),
    )
    deeper = (
        Curve("bell_on_chain", DEPTHS_AT, at, backend=chip, task=_at_depth(depth))
        for depth in depths
        for chip in (WEBER, WILLOW)
    )
    others = (
        Curve("bell_on_chain", uses, Fixed(FEW_BELL), backend=WEBER, task=LINE),
        Curve("single_uses", uses, Fixed(MANY_SINGLE), backend="qsim", task=LINE),
    )
    return tuple(curve for curve in (*bell, *one, *deeper, *others) if curve.qubits)


def _at_depth(depth: int) -> str:
    return f"grouping:depth={depth},ensemble=public" if depth != 5 else LINE


EXPERIMENT = Experiment(
    name="dynamics_on_processors",
    about="Groups of unknown evolutions on noisy processors, on lines and grids.",
    task=LINE,
    curves=curves((4, 6), (4,), (4,), (4,), (4, 8, 12), (12,)),
    quick=curves((4,), (), (), (), (4, 8), (8,)),
    full=curves(
        (4, 8, 12, 16, 20),
        (4, 8, 12, 16, 20),
        (4, 6, 8, 9, 12),
        (4, 6, 8, 9),
        (4, 8, 12, 16, 20),
        (4, 8, 12, 16, 20),
        DEPTHS,
        USES_AT,
    ),
    trials=SET,
    batch_size=SET,
    seconds=40,
)


def draw(data: ErrorData) -> Figure:
    """Draws the points of every evolution, the shares in the right group, and what noise does."""
    from quantum_advantage import plots
    from quantum_advantage.study.errors import pooled_shares
    from quantum_advantage.tasks.grouping import OF_EVOLUTIONS

    figure = plots.new_figure(7.4, 7.2, 3, rows=3)
    points, single, line, grid, uses, readings, zeros, bits, depths = figure.axes
    shares = pooled_shares(r for r in data.rows if r.quantity not in OF_EVOLUTIONS)
    _draw_points(points, data, "bell_on_chain", WEBER, "Bell, Weber")
    _draw_points(single, data, "single_uses", WEBER, "Single uses, Weber")
    _draw_line(line, shares)
    _draw_grid(grid, shares)
    _draw_uses(uses, shares)
    _draw_readings(readings, shares)
    _draw_zeros(zeros, data)
    _draw_bits(bits, data)
    _draw_depths(depths, data, shares)
    plots.letter_panels(figure)
    return figure


def _draw_points(ax: Axes, data: ErrorData, protocol: str, backend: str, title: str) -> None:
    """Draws the first principal coordinate of every evolution; every size has its own scale."""
    import numpy as np

    from quantum_advantage import plots

    warm, cool = plots.palette.WARM, plots.palette.COOL
    rows = [
        r
        for r in data.rows
        if (r.quantity, r.copies, r.spec.task) == ("coordinate", USES, LINE)
        and (r.spec.protocol, r.spec.backend) == (protocol, backend)
    ]
    sizes = sorted({row.spec.qubits for row in rows})
    for height, n in enumerate(sizes):
        group = [row for row in rows if row.spec.qubits == n and row.batch == 0]
        scale = max((abs(row.value) for row in group), default=1.0) or 1.0
        # The sign of a coordinate means nothing: symmetric evolutions are drawn on the left.
        side = -1 if sum(r.value * (2 * r.truth - 1) for r in group) > 0 else 1
        for kind, colour, shift in ((1, warm, 0.13), (0, cool, -0.13)):
            x = [side * row.value / scale for row in group if row.truth == kind]
            y = height + shift + np.linspace(-0.1, 0.1, max(len(x), 1))[: len(x)]
            ax.plot(x, y, "o", color=colour, ms=2.6, mew=0.4, alpha=0.85)
    for colour, label in ((warm, "symmetric"), (cool, "general")):
        plots.legend_entry(ax, "o", label, colour, markersize=3.2)
    ax.set(title=title, xlabel="first coordinate", xlim=(-1.15, 1.15))
    ax.set(ylim=(-0.6, max(len(sizes), 1) - 0.05), xticks=[])
    ax.set_yticks(range(len(sizes)), [f"$n$ = {n}" for n in sizes])
    ax.legend(loc="upper center", ncols=2, columnspacing=0.8, handletextpad=0.1)


def _best(
    shares: Shares, task: str, protocol: str, backend: str, uses: int, readings: Sequence[str]
) -> list[tuple[int, float, float, float]]:
    """Returns (n, share, low, high) of the best of some readings, for every size.

    The interval is that of as many independent evolutions as there are.
    """
    from quantum_advantage.core.statistics import binomial_interval

    found: dict[int, list[tuple[int, int]]] = {}
    for key, counts in shares.items():
        point = key.point
        place = point.task, point.protocol, point.backend, key.copies
        if place == (task, protocol, backend, uses) and key.quantity in readings:
            found.setdefault(point.qubits, []).append(counts)
    best = [(n, *max(counts)) for n, counts in sorted(found.items())]
    return [(n, right / size, *binomial_interval(right, size)) for n, right, size in best]


def _plot(
    ax: Axes,
    shares: list[tuple[int, float, float, float]],
    style: str,
    colour: str,
    label: str,
    shift: float = 0.0,
) -> None:
    from quantum_advantage import plots

    if not shares:
        return
    at = [n + shift for n, *_ in shares]
    face = "white" if ":" in style else colour
    ax.plot(at, [s for _, s, *_ in shares], style, color=colour, mfc=face, ms=3.6, lw=0.9)
    plots.legend_entry(ax, style, label, colour, mfc=face, ms=3.6, lw=0.9)
    for x, (_, _, low, high) in zip(at, shares, strict=True):
        plots.draw_interval(ax, x, low, high, colour)


def _finish(ax: Axes, title: str) -> None:
    import numpy as np

    from quantum_advantage import plots
    from quantum_advantage.inference.learning.clustering import chance_accuracy

    halves = np.arange(SET) % 2
    chance = chance_accuracy(halves, halves)
    plots.draw_level(ax, chance, "--", 0.7)
    text = {"color": plots.palette.LEVEL_TEXT, "va": "top", "fontsize": 6.5}
    ax.text(0.02, chance - 0.008, "chance", transform=ax.get_yaxis_transform(), **text)
    ax.set(xlabel="number of qubits $n$", ylabel="share in the right group", title=title)
    ax.set(ylim=(0.06, 1.04))
    if ax.get_legend_handles_labels()[0]:
        ax.legend(loc="lower left", labelspacing=0.2)


def _draw_line(ax: Axes, shares: Shares) -> None:
    """Draws what Bell measurements and the best single uses find on a line."""
    from quantum_advantage import plots

    p, single = plots.palette, plots.style_of("y_marginals").colour
    for backend, colour, name, shift in (
        (WEBER, p.WEBER, "Bell, Weber", -0.15),
        (WILLOW, p.WILLOW, "Bell, Willow", 0.15),
    ):
        bell = _best(shares, LINE, "bell_on_chain", backend, USES, BELL)
        _plot(ax, bell, "o-", colour, name, shift)
    best = _best(shares, LINE, "single_uses", "qsim", USES, SINGLE)
    _plot(ax, best, "s-", single, "best single, noiseless")
    noisy = _best(shares, LINE, "single_uses", WEBER, USES, SINGLE)
    _plot(ax, noisy, "x-", p.WEBER, "best single, Weber", 0.3)
    deep = _best(shares, DEEP, "single_uses", "qsim", USES, SINGLE)
    _plot(ax, deep, "s:", single, "the same, depth 8", -0.3)
    many = _best(shares, LINE, "single_uses", "qsim", MANY_USES, SINGLE)
    _plot(ax, many, "^-", p.LEVEL_TEXT, f"{MANY_USES} single, noiseless")
    _finish(ax, f"Line, depth 5, {USES} uses")
    ax.set_xticks(range(4, 21, 4))


def _draw_uses(ax: Axes, shares: Shares) -> None:
    """Draws shares against the number of uses, and the share that counts as found."""
    from quantum_advantage import plots

    p, single = plots.palette, plots.style_of("y_marginals").colour
    drawn = (
        ("bell_on_chain", WEBER, (*FEW_BELL, USES), BELL, p.WEBER, "o", "Bell, Weber"),
        (
            "single_uses",
            "qsim",
            (USES, MANY_USES, *MANY_SINGLE),
            SINGLE,
            single,
            "s",
            "best single",
        ),
    )
    for protocol, backend, numbers, readings, colour, marker, name in drawn:
        for n, line in zip(USES_AT, (":", "-"), strict=True):
            found = [
                (uses, *rest)
                for uses in sorted(numbers)
                for size, *rest in _best(shares, LINE, protocol, backend, uses, readings)
                if size == n
            ]
            _plot(ax, found, f"{marker}{line}", colour, f"{name}, $n$ = {n}")
    plots.draw_level(ax, FOUND, "-", 0.7)
    ax.set(xscale="log", xlim=(7, 1.6e4))
    _finish(ax, "Uses, line, depth 5")
    ax.set_xlabel("uses of each evolution")


def _draw_readings(ax: Axes, shares: Shares) -> None:
    """Draws the readings of the same records, with and without the shots that show an error."""
    from quantum_advantage import plots

    p = plots.palette
    for reading, colour, style, name in (
        ("weight", p.WARM, "o-", "mean bit"),
        ("even_weight", p.WARM, "o:", "mean bit, even singlets"),
        ("moments", p.COOL, "s-", "kernel PCA"),
        ("even_moments", p.COOL, "s:", "kernel PCA, even singlets"),
        ("zeros", p.LEVEL_TEXT, "x-", "all outcomes 0"),
    ):
        bell = _best(shares, LINE, "bell_on_chain", WEBER, USES, (reading,))
        _plot(ax, bell, style, colour, name)
    _finish(ax, "Readings, Weber")
    ax.set_xticks(range(4, 21, 4))


def _of_evolutions(
    data: ErrorData, quantity: str, kind: int, backend: str, task: str = LINE
) -> dict[int, list[float]]:
    """Returns a number of every evolution of one kind, by n."""
    found: dict[int, list[float]] = {}
    for row in data.rows:
        point = row.spec.backend, row.spec.task, row.spec.protocol, row.copies
        if (row.quantity, row.truth, *point) == (
            *(quantity, kind, backend, task),
            *("bell_on_chain", USES),
        ):
            found.setdefault(row.spec.qubits, []).append(row.value)
    return dict(sorted(found.items()))


@cache
def _forecast(backend: str, task: str, n: int) -> ChainForecast:
    """Returns what the calibration foresees of symmetric evolutions."""
    from quantum_advantage.backends.devices.chain_forecast import chain_forecast
    from quantum_advantage.backends.devices.virtual import virtual_device
    from quantum_advantage.backends.names import read_backend
    from quantum_advantage.tasks.registry import load_task

    device = virtual_device(read_backend(backend).processor)
    return chain_forecast(device, load_task(task).circuit("bell_on_chain", n))


CHIPS = ((WEBER, "WEBER", "Weber", "o", -0.3), (WILLOW, "WILLOW", "Willow", "^", 0.3))


def _draw_zeros(ax: Axes, data: ErrorData) -> None:
    """Draws how many outcomes of symmetric evolutions are all 0, beside the formula."""
    import numpy as np

    from quantum_advantage import plots

    for backend, colour_name, name, marker, _ in CHIPS:
        colour = getattr(plots.palette, colour_name)
        shares = _of_evolutions(data, "zeros_of", 1, backend)
        means = [np.mean(values) for values in shares.values()]
        foreseen = [_forecast(backend, LINE, n).clean for n in shares]
        shown = [(n, m) for n, m in zip(shares, means, strict=True) if m > 0]
        ax.plot([n for n, _ in shown], [m for _, m in shown], marker, color=colour, ms=3.6)
        ax.plot(list(shares), foreseen, "--", color=colour, lw=0.9)
        plots.legend_entry(ax, marker, name, colour, markersize=3.6)
    plots.legend_entry(ax, "--", "gates and readout", plots.palette.LEVEL_TEXT, lw=0.9)
    ax.set(xlabel="number of qubits $n$", ylabel="share of shots", yscale="log")
    ax.set(title="All bits 0, symmetric")
    ax.set_xticks(range(4, 21, 4))
    ax.legend(loc="lower left", labelspacing=0.2)


def _draw_bits(ax: Axes, data: ErrorData) -> None:
    """Draws the mean bit of every evolution, and that of symmetric ones by the formula."""
    from quantum_advantage import plots

    p = plots.palette
    for backend, colour_name, name, marker, shift in CHIPS:
        for kind, colour in ((1, p.WARM), (0, p.COOL)):
            found = _of_evolutions(data, "weight_of", kind, backend)
            pairs = [(n + shift, value) for n, values in found.items() for value in values]
            x, y = [x for x, _ in pairs], [y for _, y in pairs]
            ax.plot(x, y, marker, color=colour, ms=2.0, mew=0.3, alpha=0.6)
        sizes = list(_of_evolutions(data, "weight_of", 1, backend))
        foreseen = [_forecast(backend, LINE, n).mean_bit for n in sizes]
        ax.plot(sizes, foreseen, "--", color=getattr(p, colour_name), lw=0.9)
        plots.legend_entry(ax, marker, name, p.LEVEL_TEXT, markersize=3.2)
    plots.legend_entry(ax, "--", "errors in light cones", p.LEVEL_TEXT, lw=0.9)
    ax.set(xlabel="number of qubits $n$", ylabel="mean bit of an evolution")
    ax.set(ylim=(0, 0.75), title="Symmetric and general")
    ax.set_xticks(range(4, 21, 4))
    ax.legend(loc="upper left", labelspacing=0.2, ncols=2)


def _draw_depths(ax: Axes, data: ErrorData, shares: Shares) -> None:
    """Draws where noise hides the symmetry: shares and mean bits against the depth, at n = 8."""
    import numpy as np

    from quantum_advantage import plots

    p = plots.palette
    depths = (5, *DEPTHS)
    for backend, colour_name, name, marker, _ in CHIPS:
        colour = getattr(p, colour_name)
        right, bits, foreseen = [], [], []
        for depth in depths:
            task = _at_depth(depth)
            at = [
                (depth, *rest)
                for n, *rest in _best(shares, task, "bell_on_chain", backend, USES, BELL)
                if n == DEPTHS_AT[0]
            ]
            of_bits = _of_evolutions(data, "weight_of", 1, backend, task).get(DEPTHS_AT[0])
            if not at or not of_bits:
                continue
            right += at
            bits.append((depth, 1 - 2 * float(np.mean(of_bits))))
            forecast = _forecast(backend, task, DEPTHS_AT[0])
            foreseen.append((depth, 1 - 2 * forecast.mean_bit))
        _plot(ax, right, f"{marker}-", colour, f"right, {name}")
        for line, values in ((f"{marker}:", bits), ("--", foreseen)):
            x, y = [x for x, _ in values], [y for _, y in values]
            ax.plot(x, y, line, color=colour, mfc="white", ms=3, lw=0.8)
    plots.legend_entry(ax, "o:", "mean sign", p.LEVEL_TEXT, mfc="white", ms=3, lw=0.8)
    plots.legend_entry(ax, "--", "the same, light cones", p.LEVEL_TEXT, lw=0.8)
    ax.set(xlabel="depth", ylabel="share, mean sign", ylim=(-0.02, 1.6))
    ax.set(title=f"Depth, $n$ = {DEPTHS_AT[0]}")
    ax.set_xticks(depths)
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1])
    ax.legend(loc="upper left", labelspacing=0.2)


def _draw_grid(ax: Axes, shares: Shares) -> None:
    """Draws what is found on a grid."""
    from quantum_advantage import plots

    p, single = plots.palette, plots.style_of("y_marginals").colour
    for backend, colour, name, shift in (
        (WEBER, p.WEBER, "Bell, Weber", -0.08),
        (WILLOW, p.WILLOW, "Bell, Willow", 0.08),
    ):
        _plot(
            ax, _best(shares, GRID, "bell_on_grid", backend, USES, BELL), "o-", colour, name, shift
        )
    best = _best(shares, GRID, "single_uses", "qsim", USES, SINGLE)
    _plot(ax, best, "s-", single, "best single, noiseless")
    _finish(ax, f"Grid, depth 5, {USES} uses")
    ax.set_xticks(range(4, 13, 2))


if __name__ == "__main__":
    sys.exit(run_script(EXPERIMENT, draw))
