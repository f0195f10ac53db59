"""Plans as text and picture: a table, the cost on a processor with and without memory, a figure."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quantum_advantage.backends.names import write_pairs
from quantum_advantage.core.naming import parse
from quantum_advantage.core.plain import to_plain
from quantum_advantage.plan.expected import PLAYED, device_of, expected_damping
from quantum_advantage.plan.plan import Plan
from quantum_advantage.plots import new_figure, render, style_of
from quantum_advantage.plots.palette import LEVEL
from quantum_advantage.study.spec import BATCHES
from quantum_advantage.tasks.registry import load_deciding

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def plan_lines(plans: Sequence[Plan]) -> Iterable[str]:
    """Yields plans as a table for people, the conventional side beside it.

    Factors are those at the accuracy that stands beside them.

    Args:
        plans: Plans of one task, protocol and backend, at least one.

    Example:
        >>> from quantum_advantage.plan.plan import plan
        >>> first, *_ = plan_lines([plan("observables", "qsim", 4, whole=False)])
        >>> first
        'observables:alpha=0.9,game=two, bell on qsim: 1000 games at 99 %; in brackets what 95 % of
        such runs find'
    """
    first = plans[0]
    yield (
        f"{first.task}, {first.protocol} on {_place(first)}: {first.games} games at "
        f"{100 * first.confidence:.10g} %; in brackets what 95 % of such runs find"
    )
    name = first.backend
    if name.base == "engine":
        yield f"nothing was asked of it: {device_of(name)} stands in, with its calibration"
    if any(p.played for p in plans):
        yield f"accuracies from {PLAYED} games, played beforehand on circuits with that noise"
    yield ""
    yield (
        f"{'n':>4s}{'copies':>8s}{'accuracy':>10s}{'':20s}{'factor there':>14s}{'':24s}"
        f"{'certified':>11s}{'games for':>11s}{'copies without memory':>26s}"
    )
    yield f"{'':80s}{'with chance':>11s}{'95 %':>11s}{'at least':>13s}{'best known':>13s}"
    for p in plans:
        best = "-" if p.conventional is None else f"{p.conventional:.4g}"
        needed = "-" if p.least_games is None else str(p.least_games)
        spread = f"({p.accuracy_low:.4f} to {p.accuracy_high:.4f})"
        factors = f"({p.factor_low:.3g} to {p.factor_high:.3g})"
        yield (
            f"{p.qubits:4d}{p.copies:8d}{p.accuracy:10.4f}{spread:>20s}{p.factor:14.3g}"
            f"{factors:>24s}{p.power:11.2%}{needed:>11s}{p.bound:13.4g}{best:>13s}"
        )
    for p in plans:
        yield from _cost_lines(p)


# The scripts whose games are those of the tasks.
_SCRIPTS = {
    "hidden_sign": "signs",
    "observables": "predicting_observables",
    "processes": "learning_processes",
    "purity": "testing_purity",
    "principal_component": "principal_component",
    "time_reversal": "time_reversal",
}


def command_lines(p: Plan, seed: int | None, registration: Path | None) -> Iterable[str]:
    """Yields the commands that play and certify a plan, where a script's first rung holds it.

    Args:
        p: The plan.
        seed: The seed that was registered, if any was.
        registration: The registration, likewise.
    """
    if p.protocol != "bell" or _script_of(p) is None:
        return
    if (first := _first_rung(p)) < p.copies:
        yield (
            f"no script plays it at n = {p.qubits}: the first rung of its ladder has {first} "
            f"copies in a game, and the plan {p.copies}"
        )
        return
    if registration is None:
        yield "to register it, before there is data: this command with --register FILE --seed S"
    yield f"to play it at n = {p.qubits}, and to certify it:"
    for line in commands_of(p, seed, registration):
        yield f"    {line}"


def _script_of(p: Plan) -> str | None:
    """Returns the script that plays the task; None for a task of another package."""
    return _SCRIPTS.get(parse(p.task)[0])


def _first_rung(p: Plan) -> int:
    """Returns the first budget of the script, which has the same knowledge of the noise."""
    damping = expected_damping(p.backend, p.qubits)
    return load_deciding(p.task).first_budget(p.protocol, p.qubits, 0.7, damping)


def commands_of(p: Plan, seed: int | None, registration: Path | None) -> Iterable[str]:
    """Yields these commands alone: none if no script plays the plan.

    Args:
        p: The plan.
        seed: The seed that was registered; ``S`` stands for it if none was.
        registration: The registration; ``FILE`` likewise.
    """
    script = _script_of(p)
    if p.protocol != "bell" or script is None or _first_rung(p) < p.copies:
        return
    root = "S" if seed is None else seed
    file = "FILE" if registration is None else registration
    name = str(p.backend)
    place = name if p.backend.base != "engine" else name.replace(":", ":PROJECT/", 1)
    yield (
        f"quantum-advantage run {script} --task {p.task} --protocols {p.protocol} "
        f"--qubits {p.qubits} --backend {place} --max-copies {p.copies} "
        f"--games {p.games // BATCHES} --trials {p.games} --seed {root}"
    )
    yield (
        f"quantum-advantage certify out/data/{script}.csv --registration {file} --qubits {p.qubits}"
    )


def plan_values(p: Plan) -> dict[str, Any]:
    """Returns a plan as plain values for JSON, the backend by its name.

    Example:
        >>> from quantum_advantage.plan.plan import plan
        >>> values = plan_values(plan("observables", "qsim", 4, whole=False))
        >>> values["backend"], values["games"], values["cost"]
        ('qsim', 1000, None)
    """
    return to_plain(p) | {"backend": str(p.backend)}


def _cost_lines(p: Plan) -> Iterable[str]:
    """Yields what a plan costs on a processor, and what the same would cost without memory."""
    if p.cost is None:
        return
    yield (
        f"n = {p.qubits} on the processor: {p.cost.jobs:.0f} jobs, "
        f"{p.cost.parameter_sets:.6g} parameter sets, {p.cost.repetitions:.6g} repetitions, "
        f"{_duration(p.cost.hours)} by Google's own estimate, without the preflight"
    )
    if p.conventional is not None:
        # Without memory a parameter set serves one copy, with memory one shot.
        hours = p.cost.hours * p.conventional / p.shots
        yield (
            f"    without memory, one copy for each shot at the same rate and free of noise: "
            f"{_duration(hours)}"
        )
    pairs = p.backend.pairs
    if pairs:
        yield f"    on {_place(p)},pairs={write_pairs(pairs)}"


def _duration(hours: float) -> str:
    for unit, length in (("years", 24 * 365.25), ("days", 24.0), ("hours", 1.0)):
        if hours >= 2 * length:
            return f"{hours / length:.3g} {unit}"
    return f"{60 * hours:.3g} minutes"


def _place(p: Plan) -> str:
    """Returns the backend's name without its pairs."""
    return str(replace(p.backend, pairs=()))


def plan_name(p: Plan) -> str:
    """Returns the stem of a plan's figure.

    Example:
        >>> from quantum_advantage.plan.plan import plan
        >>> plan_name(plan("observables", "qsim:readout=0.05", 4, whole=False))
        'observables_bell_qsim_readout_0_05'
    """
    place = re.sub("[:=,.]", "_", _place(p))
    pairs = p.backend.pairs
    if pairs:
        place += f"_{zlib.crc32(write_pairs(pairs).encode()):08x}"
    return f"{parse(p.task)[0]}_{parse(p.protocol)[0]}_{place}"


def draw_plans(plans: Sequence[Plan], stem: Path) -> None:
    """Writes the picture of :func:`draw_factors`.

    Args:
        plans: Plans of growing n, at least one.
        stem: The path of the figure without its ending; PNG, SVG and PDF are written.

    Raises:
        OSError: If a file cannot be written.
    """
    render(lambda: _figure(plans), stem)


def _figure(plans: Sequence[Plan]) -> Figure:
    figure = new_figure(4.4, 3.0)
    draw_factors(figure.axes[0], plans)
    return figure


def draw_factors(ax: Axes, plans: Sequence[Plan]) -> None:
    """Draws the expected certified factor against n, with its interval.

    Args:
        ax: Where to draw.
        plans: Plans of growing n.
    """
    shown = [p for p in plans if p.factor > 0]
    first, n = plans[0], [p.qubits for p in shown]
    style = style_of(first.protocol)
    low = [max(p.factor_low, 1.0) for p in shown]
    ax.fill_between(n, low, [p.factor_high for p in shown], color=style.colour, alpha=0.2, lw=0)
    ax.plot(n, [p.factor for p in shown], marker=style.marker, color=style.colour)
    ax.axhline(1, color=LEVEL, linewidth=0.6)
    ax.locator_params(axis="x", integer=True)
    ax.set(yscale="log", xlabel="number of qubits $n$", ylabel="certified factor in copies")
    ax.set_title(f"{_place(first)}: {first.games} games, factor at the planned accuracy")
