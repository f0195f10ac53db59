"""The checks behind the table of claims that play games anew.

They run circuits unless their name says law, have a fixed seed, and take seconds each. The negative
controls test whether answers differ from those of a fair coin, which they must not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.backends.devices.gate_counts import gate_counts
from quantum_advantage.backends.opening import open_backend
from quantum_advantage.bounds.hidden_pauli import copies_required, largest_conventional_accuracy
from quantum_advantage.certify.certificate import certify
from quantum_advantage.certify.methods import Fixed
from quantum_advantage.certify.played import Played
from quantum_advantage.circuits.request import resolver_values
from quantum_advantage.circuits.run import run
from quantum_advantage.claims.checking import (
    ALPHA,
    OBSERVABLES,
    SEED,
    TARGET,
    Found,
    Setting,
    share_text,
    slope_near,
)
from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.core.statistics import (
    bootstrap_accuracy,
    crossings,
    fit_log_linear,
    interval,
)
from quantum_advantage.inference.bell.overlaps import majority_sign
from quantum_advantage.inference.bell.spectrum import all_squares, largest_error, square_index
from quantum_advantage.measurements.bell import MEMORY, SYSTEM
from quantum_advantage.measurements.measure_pairs import measure_bell
from quantum_advantage.study.batches import play_batch
from quantum_advantage.study.search import copies_needed
from quantum_advantage.study.spec import CurveSpec, Spec
from quantum_advantage.systems.evolutions import draw_evolutions
from quantum_advantage.tasks.observables.evidence import decide
from quantum_advantage.tasks.observables.exact_adaptive import exact_adaptive_unbiased
from quantum_advantage.tasks.observables.games import Games, ObservablesTask, draw_games
from quantum_advantage.tasks.observables.protocols import Bell, KnownQuestion
from quantum_advantage.tasks.shared.evolution_requests import bell_uses_on_chain, request_bell_uses


def law_slope(
    task: str, protocol: str, qubits: Sequence[int], middle: float, width: float, power: float = 0
) -> Callable[[Setting], Found]:
    """Returns the check of a slope that is drawn from the exact law.

    Args:
        task: The task's full name.
        protocol: The protocol's full name.
        qubits: The numbers n of qubits, increasing.
        middle: The slope of log₂(copies · n^power) that is expected, for each qubit.
        width: How far off it may lie.
        power: The power of n that the copies are multiplied with.
    """

    def check(setting: Setting) -> Found:
        trials = setting.size(4000, 20_000)
        points = [
            copies_needed(
                protocol, n, backend="law", task=task, trials=trials, games=trials // 20, seed=SEED
            )
            for n in qubits
        ]
        missed = [p.spec.qubits for p in points if p.copies is None]
        if missed:
            return Found(f"the target was missed at n = {missed[0]}", False)
        scale = np.array([float(n) ** power for n in qubits])
        values = np.array([p.copies or math.inf for p in points]) * scale
        spread = np.array([[p.copies_low or 0, p.copies_high or math.inf] for p in points])
        # A normal approximation in the logarithm, from the 95 % intervals.
        widths = np.diff(np.log(spread), axis=1)[:, 0] / (2 * 1.96)
        noise = np.random.default_rng(SEED).standard_normal((1000, len(points)))
        fit = fit_log_linear(qubits, values, values * np.exp(widths * noise))
        return slope_near(fit, qubits, middle, width)

    return check


def one_bell_shot(qubits: int) -> Callable[[Setting], Found]:
    """Returns the check that one Bell shot is right in 1/2 + α²/4 of the games, by circuits.

    Args:
        qubits: The number n of qubits.

    Example:
        >>> from pathlib import Path
        >>> one_bell_shot(4)(Setting(Path("no data"), quick=True)).met
        True
    """

    def check(setting: Setting) -> Found:
        games = setting.size(4000, 40_000)
        spec = Spec(OBSERVABLES, "bell", qubits, "qsim", 2, games, SEED)
        right = play_batch("verify", spec, 0)[0].correct
        expected = 0.5 + ALPHA**2 / 4
        width = 4 * math.sqrt(expected * (1 - expected) / games)
        text = f"{share_text(right, games)}, exact {expected:.4f}"
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
    near = abs(general.mean() - expected) <= 3 * math.sqrt(expected / general.size)
    text = f"real {real:.4f}; general {share_text(int(general.sum()), general.size)}, Haar "
    return Found(f"{text}{expected:.4f}", bool(real == 1 and near))


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


def adaptive_below_bound(setting: Setting) -> Found:
    """Checks adaptive unbiased bases against the bound, from the exact law."""
    texts, met = [], True
    for n, most, looks in ((2, 12, 3), (3, 20, 3), (6, 130, 3), (6, 390, 4)):
        trials = setting.size(1000, 10_000)
        copies = np.unique(np.rint(np.geomspace(1, most, 30)).astype(np.int64))
        accuracy = _adaptive_accuracy(n, looks, copies, trials)
        largest = [largest_conventional_accuracy(t, qubits=n, alpha=ALPHA) for t in copies.tolist()]
        excess = float(((accuracy - largest) * 2 * math.sqrt(trials)).max())
        target = TARGET if looks == 3 else 0.9
        needed = float(crossings(copies, accuracy, target))
        least = copies_required(target, qubits=n, alpha=ALPHA)
        texts.append(f"n = {n}: {needed:.1f} copies for {target:.0%}, bound {least:.1f}")
        # A learner that never gets there would tell nothing of the bound.
        met = met and excess <= 4 and least <= needed < math.inf
    return Found("; ".join(texts), met)


def _adaptive_accuracy(
    n: int, looks: int, copies: npt.NDArray[np.int64], trials: int
) -> npt.NDArray[np.float64]:
    rng = np.random.default_rng(SEED)
    games = draw_games(ObservablesTask(ALPHA), "hidden", n, trials, rng, rng)
    answers = decide(exact_adaptive_unbiased(games, copies, rng, looks), ALPHA, rng)
    return np.asarray((answers == games.truth[:, None]).mean(axis=0))


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


def groups_found(
    task: str, protocol: str, sizes: Sequence[int], uses: int, limit: float, *, above: bool
) -> Callable[[Setting], Found]:
    """Returns the check of how many evolutions fall into the right of two unnamed groups.

    Args:
        task: The task's full name.
        protocol: The protocol's full name.
        sizes: The numbers n of qubits.
        uses: Uses of each evolution.
        limit: The share in the right group.
        above: Whether the share must reach the limit; else it must not pass it.
    """

    def check(setting: Setting) -> Found:
        texts, met = [], True
        for n in sizes:
            spec = Spec(task, protocol, n, "qsim", uses, 20, SEED)
            shares = [
                [r.value for r in play_batch("verify", spec, b) if r.quantity == "accuracy"]
                for b in range(setting.size(6, 20))
            ]
            column = np.array(shares)
            low, high = interval(bootstrap_accuracy(column, np.ones_like(column), SEED)[:, 0])
            share = float(column.mean())
            texts.append(f"n = {n}: {share:.3f} ({low:.3f} to {high:.3f})")
            met = met and (share >= limit if above else share <= limit)
        return Found(", ".join(texts), met)

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
    return Found(share_text(wrong, found.size), wrong <= 0.01 * found.size)


def _certified(right: int, games: int, copies: int, qubits: int, task: str = OBSERVABLES) -> Found:
    key = CurveSpec(task, "bell", qubits, "qsim", games, SEED)
    c = certify(Played("verify", key, copies, copies, (right,), games, "", (copies,)), Fixed())
    tail = f"p = {c.p_value:.2g}" if c.p_value else "p below 1e-300"
    return Found(f"{share_text(right, games, 3)} right, {tail}", c.certified)


def _unlike_a_coin(
    right: int, games: int, copies: int, qubits: int, task: str = OBSERVABLES
) -> Found:
    """Tests whether answers are certified, or already 4 standard errors away from a coin's."""
    found = _certified(right, games, copies, qubits, task)
    far = abs(right / games - 0.5) > 4 * 0.5 / math.sqrt(games)
    return Found(found.value, found.met or far)


def _right_answers(protocol: str, backend: str, qubits: int, games: int) -> int:
    """Plays games of ten two-copy shots and returns how many were won."""
    spec = Spec(OBSERVABLES, protocol, qubits, backend, 20, games, SEED)
    return play_batch("verify", spec, 0)[-1].correct


def played_certificate(setting: Setting) -> Found:
    """Tests whether Bell answers are certified; 10 shots, n = 8.

    Example:
        >>> from pathlib import Path
        >>> played_certificate(Setting(Path("no data"), quick=True)).met
        True
    """
    games = setting.size(1000, 5000)
    return _certified(_right_answers("bell", "qsim", 8, games), games, 20, 8)


def played_control(
    protocol: str, backend: str = "qsim", qubits: int = 8
) -> Callable[[Setting], Found]:
    """Returns the test whether answers are unlike a coin's; 10 shots of two copies.

    Args:
        protocol: The control's full name.
        backend: The backend.
        qubits: The number n of qubits.

    Example:
        Copies that hide two different strings show neither:

        >>> from pathlib import Path
        >>> played_control("different_hidden", qubits=4)(Setting(Path("no data"), quick=True)).met
        False
    """

    def check(setting: Setting) -> Found:
        games = setting.size(1000, 5000)
        right = _right_answers(protocol, backend, qubits, games)
        return _unlike_a_coin(right, games, 20, qubits)

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
    return _unlike_a_coin(right, games, 20, 8)


def hidden_identity(setting: Setting) -> Found:
    """Tests P = I: (I ± αI)/2ⁿ is, normalised, I/2ⁿ whether something is hidden or not."""
    rng, games = np.random.default_rng(SEED), setting.size(1000, 5000)
    drawn = draw_games(ObservablesTask(ALPHA, "one"), "none", 8, games, rng, rng)
    drawn = replace(drawn, candidates=np.zeros_like(drawn.candidates))
    right = int((_bell_answers(drawn, SEED) == drawn.truth).sum())
    return _unlike_a_coin(right, games, 20, 8, "observables:alpha=0.9,game=one")
