"""Plans: what an experiment will cost and prove, before a single copy is spent.

The expected accuracy after T shots comes from the exact law of the protocol under the damping that
the backend's noise is expected to have. With it everything else follows: the number of right
answers in N games is binomial, so the certificate that they will earn has a law too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy import stats

from quantum_advantage.backends.names import BackendName, read_backend
from quantum_advantage.backends.opening import local_damping, open_backend
from quantum_advantage.certificates import CONFIDENCE, fewest_games, power
from quantum_advantage.intervals import lower_limit
from quantum_advantage.names import parse
from quantum_advantage.plots import new_figure, render, style_of
from quantum_advantage.processors import RunCost, run_cost, stand_in
from quantum_advantage.study.batches import batch_seeds
from quantum_advantage.study.spec import Spec
from quantum_advantage.tasks.conventional import conventional_learners
from quantum_advantage.tasks.observables.forecast import averaged_accuracy
from quantum_advantage.tasks.observables.games import read_task
from quantum_advantage.tasks.observables.laws import unbiased_cost
from quantum_advantage.tasks.registry import load_task

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = npt.NDArray[np.float64]

GAMES = 1000
# Games are played in so many batches at least, from which intervals are resampled.
BATCHES = 20
# Where an accuracy has no closed form it is drawn from the law so often, with a fixed seed.
DRAWN = 20_000
# More right answers than this prove hardly more, and cost copies.
ENOUGH = 0.995
_MOST_SHOTS = 1 << 14
_GRID = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 17, 20, 24, 28, 34, 40, 48, 57, 67, 80)
SWEEP = (2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 18, 20, 22, 24, 28, 32, 36, 40, 45, 49, 50)


@dataclass(frozen=True)
class Plan:
    """What an experiment is expected to cost and to prove.

    Attributes:
        task: The task's full name.
        protocol: The quantum-enhanced protocol.
        qubits: The number n of qubits of one copy.
        backend: Where it runs.
        confidence: Of the certificate.
        shots: Shots in a game.
        copies: Copies in a game.
        games: The number of games, in whole batches.
        accuracy: The expected accuracy.
        accuracy_low: The lower end of the central 95 % of what such a run measures.
        accuracy_high: The upper end.
        largest_conventional: p_max of as many copies.
        factor: The certified factor where the accuracy is as expected; 0 if nothing is certified.
        factor_low: The factor at the lower end.
        factor_high: The factor at the upper end.
        power: The chance that these games are certified.
        least_games: The fewest games that are certified with a chance of 95 %; None if none are.
        bound: Copies in a game that any conventional experiment takes at least for this accuracy.
        conventional: Copies that the best conventional protocol known takes; None if not known.
        cost: What the games cost on a processor; None elsewhere.
    """

    task: str
    protocol: str
    qubits: int
    backend: str
    confidence: float
    shots: int
    copies: int
    games: int
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    largest_conventional: float
    factor: float
    factor_low: float
    factor_high: float
    power: float
    least_games: int | None
    bound: float
    conventional: float | None
    cost: RunCost | None


def expected_damping(name: BackendName, qubits: int) -> Floats | None:
    """Returns the factors, (qubits, 4), by which the noise of a backend damps the letters.

    A real processor is not asked: the virtual one that stands in for it answers.

    Raises:
        ValueError: If the backend does not hold so many pairs.
    """
    if not name.on_device:
        return local_damping(name, qubits)
    if name.base == "engine":
        name = BackendName("qvm", processor=stand_in(name.processor))
    return open_backend(str(name)).damping(qubits)


def expected_accuracies(
    task: str, protocol: str, qubits: int, shots: Sequence[int], damping: Floats | None
) -> Floats:
    """Returns the expected accuracy after each number of shots.

    Exact for Bell measurements in the game ``two``; drawn from the exact law elsewhere.

    Raises:
        ValueError: If the protocol has no law there, or none with noise.
    """
    if parse(task)[0] == "observables" and protocol == "bell" and read_task(task).game == "two":
        known = np.ones((qubits, 4)) if damping is None else damping
        alpha = read_task(task).alpha
        return np.array([averaged_accuracy(t, known, alpha) for t in shots])
    loaded = load_task(task)
    loaded.check(protocol, qubits, circuits=False, noise=damping is not None)
    spec = Spec(str(loaded), protocol, qubits, "law", 0, DRAWN, 0)
    right = loaded.play(
        protocol,
        qubits,
        np.array(shots, dtype=np.int64),
        DRAWN,
        batch_seeds(spec, 0),
        None,
        damping,
    )
    return np.asarray(right / DRAWN)


def plan(
    task: str,
    backend: str,
    qubits: int,
    *,
    confidence: float = CONFIDENCE,
    games: int = GAMES,
    protocol: str = "bell",
    priced: bool = True,
) -> Plan:
    """Chooses the shots in a game that make the expected certified factor largest.

    Args:
        task: The task's name.
        backend: The backend's name.
        qubits: The number n of qubits.
        confidence: Of the certificate, in (1/2, 1).
        games: The number of games, rounded up to whole batches, at least 20 of them.
        protocol: The quantum-enhanced protocol.
        priced: Whether to ask what it costs on a processor.

    Raises:
        ValueError: If something cannot be planned.
    """
    if not 0.5 < confidence < 1:
        raise ValueError(f"confidence must lie strictly between 0.5 and 1, not {confidence}")
    if games < BATCHES:
        raise ValueError(f"games must be at least {BATCHES}, not {games}")
    loaded, name = load_task(task), read_backend(backend).resolve(circuits=True)
    full = str(loaded)
    if name.on_device and loaded.couplings(protocol) != "pairs":
        raise ValueError(f"task {full} does not run on {name.base}: its states couple a chain")
    learners = conventional_learners(full, protocol, qubits)
    per_shot = loaded.copies_per_shot(protocol, qubits)
    if per_shot == 1:
        raise ValueError(f"{protocol} has no quantum memory, and no certificate to plan")
    damping = expected_damping(name, qubits)
    batch = -(-games // BATCHES)
    games, level = BATCHES * batch, 1 - confidence

    def factor(accuracy: float, shots: int) -> float:
        limit = lower_limit(math.floor(accuracy * games), games, level)
        copies = math.floor(learners.copies_for(limit)) if limit > 0.5 else 0
        return copies / (per_shot * shots) if copies >= per_shot * shots else 0.0

    shots, accuracy = _best_shots(full, protocol, qubits, damping, factor)
    low, high = (float(stats.binom.ppf(q, games, accuracy)) / games for q in (0.025, 0.975))
    copies = per_shot * shots
    largest = learners.largest_accuracy(copies)
    spec = Spec(full, protocol, qubits, str(name), copies, batch, 0)
    return Plan(
        task=full,
        protocol=protocol,
        qubits=qubits,
        backend=str(name),
        confidence=confidence,
        shots=shots,
        copies=copies,
        games=games,
        accuracy=accuracy,
        accuracy_low=low,
        accuracy_high=high,
        largest_conventional=largest,
        factor=factor(accuracy, shots),
        factor_low=factor(low, shots),
        factor_high=factor(high, shots),
        power=power(games, accuracy, largest, level),
        least_games=fewest_games(accuracy, largest, level),
        bound=learners.copies_for(min(accuracy, 1 - 1e-12)) if accuracy > 0.5 else 0.0,
        conventional=_best_conventional(full, qubits, accuracy),
        cost=run_cost(spec, BATCHES) if priced and name.on_device else None,
    )


def _best_shots(
    task: str,
    protocol: str,
    qubits: int,
    damping: Floats | None,
    factor: Callable[[float, int], float],
) -> tuple[int, float]:
    """Returns the shots at which the factor is largest, and the accuracy there."""
    best = (0.0, 0.0, 1)
    grid = list(_GRID)
    while True:
        accuracies = expected_accuracies(task, protocol, qubits, grid, damping)
        for shots, accuracy in zip(grid, accuracies.tolist(), strict=True):
            # Where nothing is certified the most right answers are the best that can be had.
            best = max(best, (factor(accuracy, shots), accuracy, shots))
        last, tried = float(accuracies[-1]), grid[-1]
        if last >= ENOUGH or tried >= _MOST_SHOTS or factor(last, tried) < best[0] / 2:
            return best[2], best[1]
        grid = [math.ceil(tried * step) for step in (1.2, 1.4, 1.7, 2.0)]


def _best_conventional(task: str, qubits: int, accuracy: float) -> float | None:
    """Returns the copies of the best conventional protocol known, where its law is closed."""
    if parse(task)[0] != "observables" or not 0.5 < accuracy < ENOUGH:
        return None
    read = read_task(task)
    try:
        return unbiased_cost(accuracy, read.alpha, read.game) * (2**qubits + 1)
    except ValueError:
        return None


def sweep(
    task: str,
    backend: str,
    *,
    confidence: float = CONFIDENCE,
    games: int = GAMES,
    protocol: str = "bell",
) -> list[Plan]:
    """Plans the same experiment for growing n, as far as the backend and the law go."""
    plans: list[Plan] = []
    for n in SWEEP:
        try:
            plans.append(
                plan(
                    task,
                    backend,
                    n,
                    confidence=confidence,
                    games=games,
                    protocol=protocol,
                    priced=False,
                )
            )
        except ValueError:
            # Below the least n of the task, or beyond the pairs of the processor or the law.
            if plans:
                break
    return plans


def plan_lines(plans: Sequence[Plan]) -> Iterable[str]:
    """Yields plans as a table for people, the conventional side beside it."""
    first = plans[0]
    yield (
        f"{first.task}, {first.protocol} on {first.backend}: {first.games} games at "
        f"{100 * first.confidence:.10g} %; in brackets what 95 % of such runs find"
    )
    yield ""
    yield (
        f"{'n':>4s}{'copies':>8s}{'accuracy':>10s}{'':20s}{'factor':>10s}{'':22s}{'certified':>11s}"
        f"{'games for':>11s}{'copies without memory':>26s}"
    )
    yield f"{'':74s}{'with chance':>11s}{'95 %':>11s}{'at least':>13s}{'best known':>13s}"
    for p in plans:
        best = "-" if p.conventional is None else f"{p.conventional:.4g}"
        needed = "-" if p.least_games is None else str(p.least_games)
        spread = f"({p.accuracy_low:.4f} to {p.accuracy_high:.4f})"
        factors = f"({p.factor_low:.3g} to {p.factor_high:.3g})"
        yield (
            f"{p.qubits:4d}{p.copies:8d}{p.accuracy:10.4f}{spread:>20s}{p.factor:10.3g}"
            f"{factors:>22s}{p.power:11.2%}{needed:>11s}{p.bound:13.4g}{best:>13s}"
        )
    for p in plans:
        if p.cost is not None:
            yield (
                f"n = {p.qubits} on the processor: {p.cost.jobs:.0f} jobs, "
                f"{p.cost.settings:.6g} settings, {p.cost.repetitions:.6g} repetitions, "
                f"{p.cost.hours:.2f} hours by Google's own estimate, without the preflight"
            )


def plan_name(p: Plan) -> str:
    """Returns the stem of a plan's figure."""
    place = p.backend.partition(",")[0].replace(":", "_").replace("=", "_")
    return f"{parse(p.task)[0]}_{parse(p.protocol)[0]}_{place}"


def draw_plans(plans: Sequence[Plan], stem: Path) -> None:
    """Draws the expected certified factor against n, with its interval.

    Args:
        plans: Plans of growing n.
        stem: The files without their endings.
    """
    render(lambda: _figure(plans), stem)


def _figure(plans: Sequence[Plan]) -> Figure:
    figure = new_figure(4.4, 3.0)
    (ax,) = figure.axes
    shown = [p for p in plans if p.factor > 0]
    first, n = plans[0], [p.qubits for p in shown]
    style = style_of(first.protocol)
    low = [max(p.factor_low, 1.0) for p in shown]
    ax.fill_between(n, low, [p.factor_high for p in shown], color=style.colour, alpha=0.2, lw=0)
    ax.plot(n, [p.factor for p in shown], marker=style.marker, color=style.colour)
    ax.axhline(1, color="#999999", linewidth=0.6)
    ax.set(yscale="log", xlabel="number of qubits $n$", ylabel="certified factor in copies")
    ax.set_title(f"{first.backend.partition(',')[0]}: expected of {first.games} games")
    return figure
