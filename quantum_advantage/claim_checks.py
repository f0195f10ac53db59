"""The checks behind the table of claims: from counts on disk, or from small fresh runs.

Each check returns what was measured and whether its criterion is met. Fresh runs take circuits
unless their name says law, have a fixed seed, and seconds each.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.acquire import measure_bell
from quantum_advantage.backends.gate_counts import gate_counts
from quantum_advantage.backends.names import read_backend
from quantum_advantage.backends.opening import local_damping, open_backend
from quantum_advantage.bounds import copies_required
from quantum_advantage.certificates import certify
from quantum_advantage.inference.overlaps import majority_sign
from quantum_advantage.inference.spectrum import all_squares, largest_error, square_index
from quantum_advantage.intervals import (
    binomial_interval,
    bootstrap_accuracy,
    fit_log_linear,
    interval,
)
from quantum_advantage.measurements.bell import MEMORY, SYSTEM
from quantum_advantage.pauli import PauliStrings
from quantum_advantage.sampling import resolver_values, run
from quantum_advantage.study.batches import estimate_batch, play_batch
from quantum_advantage.study.played import Played, read_counts
from quantum_advantage.study.search import copies_needed
from quantum_advantage.study.spec import Spec
from quantum_advantage.study.summary import (
    ENVELOPE,
    AccuracyCurve,
    CurveKey,
    Exponent,
    Point,
    accuracy_curves,
    exponents,
    point_of,
)
from quantum_advantage.systems.evolutions import draw_evolutions
from quantum_advantage.tasks.observables.evidence import decide
from quantum_advantage.tasks.observables.games import Games, ObservablesTask, draw_games
from quantum_advantage.tasks.observables.laws import unbiased_cost
from quantum_advantage.tasks.observables.protocols import Bell, KnownQuestion
from quantum_advantage.tasks.uses import bell_uses_on_chain, request_bell_uses

OBSERVABLES = "observables:alpha=0.9,game=two"
ALPHA = 0.9
TARGET = 0.7
SEED = 2022


@dataclass(frozen=True)
class Setting:
    """Where the data is, and how much is played anew.

    Attributes:
        data: The folder with the counts of the experiments.
        quick: Whether fresh runs are small.
    """

    data: Path
    quick: bool

    def size(self, quick: int, full: int) -> int:
        """Returns a size of a fresh run."""
        return quick if self.quick else full


@dataclass(frozen=True)
class Found:
    """What a check measured.

    Attributes:
        value: The measured value with its interval, as text.
        met: Whether the criterion is met.
    """

    value: str
    met: bool


@functools.lru_cache(maxsize=16)
def _curves(path: Path, changed: float) -> tuple[str, tuple[AccuracyCurve, ...]]:
    counts = read_counts(path)
    return counts.experiment, tuple(accuracy_curves(counts))


def curves_of(setting: Setting, experiment: str, task: str) -> tuple[AccuracyCurve, ...]:
    """Returns the accuracy curves of an experiment and task.

    Raises:
        OSError: If the counts are not there.
    """
    path = setting.data / f"{experiment}.csv"
    return tuple(c for c in _curves(path, path.stat().st_mtime)[1] if c.key.task == task)


def points_of(
    setting: Setting, experiment: str, task: str = OBSERVABLES, target: float = TARGET
) -> list[Point]:
    """Returns the sample complexities of an experiment."""
    return [point_of(experiment, c, target) for c in curves_of(setting, experiment, task)]


def slope_of(
    curves: Iterable[AccuracyCurve],
    protocol: str,
    qubits: Sequence[int],
    target: float = TARGET,
) -> Exponent:
    """Returns how the copies of a protocol, or of the best conventional one, grow.

    Raises:
        ValueError: If there are fewer than three sizes.
    """
    chosen = [c for c in curves if c.key.qubits in qubits]
    found = exponents(chosen, lambda key: [target])
    for exponent in found:
        if exponent.protocol == protocol and not exponent.place:
            return exponent
    raise ValueError(f"the data holds fewer than three sizes of {protocol}")


def _slope_text(e: Exponent) -> str:
    sizes = f"n = {e.qubits[0]}..{e.qubits[-1]}"
    return f"{e.fit.slope:+.3f} ({e.fit.low:+.3f} to {e.fit.high:+.3f}), {sizes}"


def slope_within(
    experiment: str,
    protocol: str,
    qubits: Sequence[int],
    middle: float,
    width: float,
    task: str = OBSERVABLES,
) -> Callable[[Setting], Found]:
    """Returns the check that log2(copies) grows by so much a qubit."""

    def check(setting: Setting) -> Found:
        e = slope_of(curves_of(setting, experiment, task), protocol, qubits)
        return Found(_slope_text(e), abs(e.fit.slope - middle) <= width)

    return check


def beside_the_bound(setting: Setting) -> Found:
    """Checks that every conventional point lies above its bound, and Bell below it from n = 4."""
    points = points_of(setting, "predicting_observables")
    above = [p.copies / p.bound for p in points if p.bound is not None and p.copies is not None]
    bell = [
        copies_required(TARGET, qubits=p.qubits, alpha=ALPHA) / p.copies
        for p in points
        if p.protocol == "bell" and p.qubits >= 4 and p.copies
    ]
    text = f"conventional at least {min(above):.2f} bounds, Bell at most 1/{min(bell):.3g} of it"
    return Found(text, min(above) > 1 and min(bell) > 1)


def principal_above_bound(setting: Setting) -> Found:
    """Checks that every conventional point of the principal component lies above its bound."""
    points = points_of(setting, "principal_component", "principal_component")
    above = [p.copies / p.bound for p in points if p.bound and p.copies]
    return Found(f"at least {min(above):.2f} bounds, {len(above)} points", min(above) > 1)


def law_slope(
    task: str, protocol: str, qubits: Sequence[int], middle: float, width: float, power: float = 0
) -> Callable[[Setting], Found]:
    """Returns the check of a slope that is drawn from the exact law; copies times n^power."""

    def check(setting: Setting) -> Found:
        trials = setting.size(4000, 20_000)
        points = [
            copies_needed(
                protocol, n, backend="law", task=task, trials=trials, games=trials // 20, seed=SEED
            )
            for n in qubits
        ]
        scale = np.array([float(n) ** power for n in qubits])
        values = np.array([p.copies or math.inf for p in points]) * scale
        spread = np.array([[p.copies_low or 0, p.copies_high or math.inf] for p in points])
        # A normal approximation in the logarithm, from the 95 % intervals.
        widths = np.diff(np.log(spread), axis=1)[:, 0] / (2 * 1.96)
        noise = np.random.default_rng(SEED).standard_normal((1000, len(points)))
        fit = fit_log_linear(qubits, values, values * np.exp(widths * noise))
        text = f"{fit.slope:+.3f} ({fit.low:+.3f} to {fit.high:+.3f}), "
        return Found(text + f"n = {qubits[0]}..{qubits[-1]}", abs(fit.slope - middle) <= width)

    return check


def one_bell_shot(qubits: int) -> Callable[[Setting], Found]:
    """Returns the check that one Bell shot is right in 1/2 + α²/4 of the games, by circuits."""

    def check(setting: Setting) -> Found:
        games = setting.size(4000, 40_000)
        spec = Spec(OBSERVABLES, "bell", qubits, "qsim", 2, games, SEED)
        right = play_batch("verify", spec, 0)[0].correct
        low, high = binomial_interval(right, games)
        expected = 0.5 + ALPHA**2 / 4
        width = 4 * math.sqrt(expected * (1 - expected) / games)
        text = f"{right / games:.4f} ({low:.4f} to {high:.4f}), exact {expected:.4f}"
        return Found(text, abs(right / games - expected) <= width)

    return check


def zero_rates(setting: Setting) -> Found:
    """Checks how often two uses on Bell pairs leave all bits 0, at n = 3."""
    n, evolutions = 3, setting.size(2000, 10_000)
    rng = np.random.default_rng(SEED)
    symmetric = np.arange(evolutions) % 2 == 0
    unknown = draw_evolutions(symmetric, n, rng)
    (record,) = run([request_bell_uses(unknown, 1)], open_backend("qsim").make(SEED))
    zero = (record.bits[SYSTEM] == 0).all(axis=1) & (record.bits[MEMORY] == 0).all(axis=1)
    real, general = zero[symmetric].mean(), zero[~symmetric]
    expected = 2 / (2**n * (2**n + 1))
    low, high = binomial_interval(int(general.sum()), general.size)
    near = abs(general.mean() - expected) <= 3 * math.sqrt(expected / general.size)
    text = f"real {real:.4f}; general {general.mean():.4f} ({low:.4f} to {high:.4f}), "
    return Found(f"{text}Haar {expected:.4f}", bool(real == 1 and near))


def all_squares_at_once(setting: Setting) -> Found:
    """Checks the largest error of all 4ⁿ squares from one Bell record, over random states."""
    n, shots, runs = setting.size(4, 6), 4000, 20
    limit = largest_error(4**n, shots)
    rng = np.random.default_rng(SEED)
    letters = np.array(np.unravel_index(np.arange(4**n), (4,) * n), dtype=np.uint8).T
    strings = PauliStrings.from_letters(letters)
    place = square_index(strings)
    inside, largest = 0, 0.0
    qubits = cirq.LineQubit.range(n)
    dense = [cirq.DensePauliString(row) for row in letters]
    for _ in range(runs):
        unitary = cirq.testing.random_unitary(2**n, random_state=int(rng.integers(2**31)))
        exact = np.array([_expectation(p, unitary[:, 0]) for p in dense]) ** 2
        circuit = cirq.Circuit(cirq.MatrixGate(unitary).on(*qubits))
        sampler = cirq.Simulator(seed=int(rng.integers(2**31)))
        error = float(
            np.abs(all_squares(measure_bell(circuit, sampler, shots))[place] - exact).max()
        )
        largest = max(largest, error)
        inside += error <= limit
    text = f"{inside} of {runs} runs, largest error {largest:.3f}, limit {limit:.3f}, n = {n}"
    return Found(text, inside >= 0.95 * runs)


def _expectation(string: cirq.DensePauliString, state: npt.NDArray[np.complex128]) -> float:
    """Returns ⟨ψ|P|ψ⟩ from the amplitudes: a permutation of them with phases."""
    n = len(string)
    amplitudes = state.reshape((2,) * n)
    moved = amplitudes
    for axis, letter in enumerate(string.pauli_mask):
        shape = [1] * n
        shape[axis] = 2
        if letter in (1, 2):
            moved = np.flip(moved, axis)
        phases = {0: (1, 1), 1: (1, 1), 2: (-1j, 1j), 3: (1, -1)}[int(letter)]
        moved = moved * np.array(phases).reshape(shape)
    return float(np.vdot(amplitudes, moved).real)


def product_control(setting: Setting) -> Found:
    """Checks that two copies without entanglement grow like single copies."""
    sizes = (2, 4, 6, 8, 10)
    product = slope_of(curves_of(setting, "controls", OBSERVABLES), "product_two_copy", sizes)
    single = slope_of(curves_of(setting, "predicting_observables", OBSERVABLES), ENVELOPE, sizes)
    text = f"{product.fit.slope:.3f} against {single.fit.slope:.3f}"
    return Found(text, product.fit.slope >= 0.9 * single.fit.slope)


def gates_at_forty_qubits(setting: Setting) -> Found:
    """Finds the depth at which the public two-copy circuits of 40 qubits pass 1300 gates."""
    for depth in range(14, 20):
        unknown = draw_evolutions([False], 20, SEED, "public", "line", depth)
        circuit = bell_uses_on_chain(unknown)
        resolved = cirq.resolve_parameters(circuit.circuit, resolver_values(circuit, 0))
        counts = gate_counts(resolved, "syc")
        if counts.total > 1300:
            text = f"{counts.qubits} qubits, {counts.total} gates at depth {depth}"
            return Found(text, counts.qubits == 40)
    return Found(f"only {counts.total} gates at depth {depth}", False)


def weber_advantage(single: str, least: float) -> Callable[[Setting], Found]:
    """Returns the check of the copies' ratio at n = 20 on the virtual Weber, own placement.

    Args:
        single: ``bound`` for the proven bound, ``best`` for the best conventional protocol known.
        least: The least ratio; the lower end of its interval must reach it.
    """

    def check(setting: Setting) -> Found:
        (p,) = (
            p
            for p in points_of(setting, "device_noise")
            if (p.protocol, p.qubits, p.backend) == ("bell", 20, "qvm:weber")
        )
        if single == "bound":
            copies = copies_required(TARGET, qubits=20, alpha=ALPHA)
        else:
            copies = unbiased_cost(TARGET, ALPHA, "two") * (2**20 + 1)
        if p.copies is None or p.copies_low is None or p.copies_high is None:
            return Found("the target was missed", False)
        ratio, low, high = copies / p.copies, copies / p.copies_high, copies / p.copies_low
        text = f"{ratio:.3g} ({low:.3g} to {high:.3g}), Bell {p.copies:.1f} copies"
        return Found(text, low >= least)

    return check


def groups_found(
    task: str, protocol: str, sizes: Sequence[int], uses: int, limit: float, *, above: bool
) -> Callable[[Setting], Found]:
    """Returns the check of how many evolutions fall into the right of two unnamed groups."""

    def check(setting: Setting) -> Found:
        texts, met = [], True
        for n in sizes:
            spec = Spec(task, protocol, n, "qsim", uses, 20, SEED)
            right = [
                sum(
                    r.value == r.truth
                    for r in estimate_batch("verify", spec, b)
                    if r.quantity == "group"
                )
                for b in range(setting.size(6, 20))
            ]
            column = np.array(right)[:, None]
            low, high = interval(bootstrap_accuracy(column, np.full_like(column, 20), SEED)[:, 0])
            share = float(column.mean() / 20)
            texts.append(f"n = {n}: {share:.3f} ({low:.3f} to {high:.3f})")
            met = met and (share >= limit if above else share <= limit)
        return Found(", ".join(texts), met)

    return check


def copies_of_control(protocol: str, most: float) -> Callable[[Setting], Found]:
    """Returns the check that a control needs at most so many copies at every size."""

    def check(setting: Setting) -> Found:
        points = [p for p in points_of(setting, "controls") if p.protocol == protocol]
        copies = [p.copies or math.inf for p in points]
        text = f"{min(copies):.2f} to {max(copies):.2f} copies, n = "
        text += f"{points[0].qubits}..{points[-1].qubits}"
        return Found(text, max(copies) <= most)

    return check


def signs_found(setting: Setting) -> Found:
    """Checks that a majority over 15 copies in the basis of the string finds its sign."""
    n, copies, trials = 6, 15, setting.size(1000, 5000)
    rng = np.random.default_rng(SEED)
    games = draw_games(ObservablesTask(ALPHA, "one"), "hidden", n, 2 * trials, rng, rng)
    hidden = games.truth == 1
    chosen = KnownQuestion(games.candidates)
    request = chosen.request(games.preparation, copies, rng)
    (record,) = run([request], open_backend("qsim").make(SEED))
    evidence = chosen.evidence(record, games.candidates, np.array([copies]))
    pluses = evidence.pluses[hidden, 0, 0]
    bits = np.arange(copies) >= pluses[:, None]
    found = np.array([majority_sign(row.astype(np.uint8)) for row in bits])
    wrong = int((found != np.sign(games.means[hidden, 0])).sum())
    low, high = binomial_interval(wrong, found.size)
    return Found(f"{wrong / found.size:.4f} ({low:.4f} to {high:.4f})", wrong <= 0.01 * found.size)


def memory_scaling(setting: Setting) -> Found:
    """Checks that rounds are proportional to 2^(n-k) for a memory of k qubits."""
    ratios = {}
    for p in points_of(setting, "memory_tradeoff"):
        if p.protocol.startswith("memory:") and p.copies:
            k = int(p.protocol.rpartition("=")[2])
            ratios[k] = p.copies / 2 / 2 ** (p.qubits - k)
    middle = math.exp(float(np.mean(np.log(list(ratios.values())))))
    worst = max(abs(r / middle - 1) for r in ratios.values())
    text = f"{middle:.3f} · 2^(n-k) rounds within {worst:.0%}, k = {min(ratios)}..{max(ratios)}"
    return Found(text, worst <= 0.2 and len(ratios) >= 3)


def noise_bases(setting: Setting) -> Found:
    """Checks the growth of the copies under readout errors against the geometric mean of f."""
    texts, met = [], True
    curves = [
        c for c in curves_of(setting, "device_noise", OBSERVABLES) if c.key.protocol == "bell"
    ]
    for e in exponents(curves, lambda key: [TARGET]):
        if not e.place.startswith("qsim:") or e.protocol != "bell":
            continue
        damping = local_damping(read_backend(e.place), 1)
        if damping is None:
            continue
        # Copies go as the square of the signal, whose mean logarithm a qubit is that of f over 4.
        expected = float(np.prod(damping[0]) ** -0.5)
        base = 2**e.fit.slope
        texts.append(
            f"{e.place.partition(':')[2]}: {base:.3f} ({2**e.fit.low:.3f} to {2**e.fit.high:.3f}), "
            f"expected {expected:.3f}"
        )
        met = met and abs(base / expected - 1) <= 0.05
    return Found("; ".join(texts) or "no noisy sizes", met and bool(texts))


# Negative controls: the test "more often right than any conventional learner", which must fail.


def _certified(right: int, games: int, copies: int, qubits: int) -> Found:
    key = CurveKey(OBSERVABLES, "bell", qubits, "qsim", "circuit", games, SEED)
    c = certify(Played("verify", key, copies, copies, copies, (right,), games, ""))
    low, high = binomial_interval(right, games)
    tail = f"p = {c.p_value:.2g}" if c.p_value else "p below 1e-300"
    return Found(f"{c.accuracy:.3f} ({low:.3f} to {high:.3f}) right, {tail}", c.certified)


def played_certificate(protocol: str, backend: str = "qsim") -> Callable[[Setting], Found]:
    """Returns the test whether so many right answers would be certified; 10 shots, n = 8."""

    def check(setting: Setting) -> Found:
        games = setting.size(1000, 5000)
        spec = Spec(OBSERVABLES, protocol, 8, backend, 20, games, SEED)
        return _certified(play_batch("verify", spec, 0)[-1].correct, games, 20, 8)

    return check


def _bell_answers(games: Games, seed: int) -> npt.NDArray[np.int64]:
    rng = np.random.default_rng(seed)
    (record,) = run([Bell().request(games.preparation, 10, rng)], open_backend("qsim").make(seed))
    evidence = Bell().evidence(record, games.candidates, np.array([10]))
    return decide(evidence, ALPHA, rng)[:, 0]


def random_labels(setting: Setting) -> Found:
    """Tests the answers of Bell measurements against labels in random order."""
    rng, games = np.random.default_rng(SEED), setting.size(1000, 5000)
    drawn = draw_games(ObservablesTask(ALPHA), "hidden", 8, games, rng, rng)
    right = int((_bell_answers(drawn, SEED) == rng.permutation(drawn.truth)).sum())
    return _certified(right, games, 20, 8)


def hidden_identity(setting: Setting) -> Found:
    """Tests P = I: (I ± αI)/2ⁿ is, normalised, I/2ⁿ whether something is hidden or not."""
    rng, games = np.random.default_rng(SEED), setting.size(1000, 5000)
    drawn = draw_games(ObservablesTask(ALPHA, "one"), "none", 8, games, rng, rng)
    drawn = replace(drawn, candidates=np.zeros_like(drawn.candidates))
    right = int((_bell_answers(drawn, SEED) == drawn.truth).sum())
    return _certified(right, games, 20, 8)
