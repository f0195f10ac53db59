import math

import numpy as np
import pytest
from scipy import stats
from task_plays import measured

from quantum_advantage.backends.opening import open_backend
from quantum_advantage.bounds.hidden_pauli import copies_required, largest_conventional_accuracy
from quantum_advantage.bounds.stabiliser_bases import copies_required_in_stabiliser_bases
from quantum_advantage.core.statistics import crossings
from quantum_advantage.tasks.observables.adaptive_unbiased import AdaptiveUnbiased
from quantum_advantage.tasks.observables.evidence import decide
from quantum_advantage.tasks.observables.exact import unbiased_cost
from quantum_advantage.tasks.observables.exact_adaptive import (
    adaptive_cost,
    best_known_cost,
    best_looks,
    exact_adaptive_unbiased,
)
from quantum_advantage.tasks.observables.forecast import bell_copies
from quantum_advantage.tasks.observables.games import ObservablesTask, draw_games
from quantum_advantage.tasks.observables.task import Observables

ALPHA = 0.9


def games_of(n, trials, seed, game="two", alpha=ALPHA):
    rng = np.random.default_rng(seed)
    return draw_games(ObservablesTask(alpha, game), "hidden", n, trials, rng, rng)


def evidence_of_circuits(games, prefixes, looks, seed, backend="qsim"):
    rng = np.random.default_rng(seed)
    measurement, copies = AdaptiveUnbiased(looks), int(prefixes[-1])
    record = measured(measurement, games, copies, open_backend(backend).make(seed), rng)
    assert record.shots == copies * games.trials
    return measurement.evidence(record, games.candidates, prefixes)


def kinds(evidence):
    """All that both strings show at the last prefix, as one number a game."""
    hits, pluses = evidence.hits[:, :, -1], evidence.pluses[:, :, -1]
    columns = np.concatenate([hits, pluses], axis=1)
    return (columns * 12 ** np.arange(columns.shape[1])).sum(axis=1)


@pytest.mark.parametrize(
    ("n", "looks", "copies", "game"),
    [
        (1, 3, 7, "two"),
        (2, 3, 8, "two"),
        (2, 4, 13, "two"),
        (3, 3, 14, "two"),
        (3, 4, 20, "one"),
        (4, 4, 30, "two"),
    ],
)
def test_circuits_show_what_the_exact_distribution_says(n, looks, copies, game):
    trials = 4000
    prefixes = np.array([copies])
    counts = []
    for seed in (1, 2):
        games = games_of(n, trials, seed, game)
        rng = np.random.default_rng(seed)
        # The sign and truth decide what the signs mean.
        evidence = (
            exact_adaptive_unbiased(games, prefixes, rng, looks)
            if seed == 1
            else evidence_of_circuits(games, prefixes, looks, 3)
        )
        hidden = 2 * games.truth + (games.means.sum(axis=1) > 0)
        counts.append(kinds(evidence) * 4 + hidden)
    values, which = np.unique(np.concatenate(counts), return_inverse=True)
    table = np.array([np.bincount(part, minlength=values.size) for part in np.split(which, 2)])
    rare = table.sum(axis=0) < 10
    table = np.column_stack([table[:, ~rare], table[:, rare].sum(axis=1)])
    assert table.shape[1] > 8
    assert stats.chi2_contingency(table[:, table.sum(axis=0) > 0]).pvalue > 1e-4


def test_a_record_begins_with_the_records_of_fewer_copies():
    games = games_of(3, 500, 5)
    short, long = np.array([7]), np.array([7, 16])
    some = [evidence_of_circuits(games, p, 3, 6) for p in (short, long)]
    # The same distribution, not the same rows: the sampler has other shots.
    hits = [evidence.hits[:, :, 0] for evidence in some]
    assert abs(hits[0].mean() - hits[1].mean()) < 4 * math.sqrt(2 * hits[0].var() / hits[0].size)


@pytest.mark.parametrize("looks", [3, 4])
@pytest.mark.parametrize("copies", [1, 2, 3, 4, 5, 8])
def test_every_number_of_copies_is_measured(copies, looks):
    games = games_of(2, 20, 1)
    evidence = evidence_of_circuits(games, np.array([copies]), looks, 2)
    assert evidence.hits.max() <= copies


@pytest.mark.parametrize("looks", [3, 4])
def test_few_and_many_qubits_agree_at_the_border(looks):
    # 12 qubits basis by basis, against the distribution that 13 qubits and more use.
    from quantum_advantage.tasks.observables import exact_adaptive

    games = games_of(12, 300, 3)
    prefixes = np.array([900, 2501])
    rng = np.random.default_rng(4)
    near = exact_adaptive_unbiased(games, prefixes, rng, looks)
    hits, pluses = exact_adaptive._counts_of_many_qubits(games, prefixes, rng, looks)
    for one, other in ((near.hits, hits), (near.pluses, pluses)):
        for p in range(prefixes.size):
            columns = [part[:, c, p] for part in (one, other) for c in (0, 1)]
            spread = math.sqrt(2 * columns[0].var() / games.trials)
            for c in (0, 1):
                assert abs(columns[c].mean() - columns[2 + c].mean()) < 4 * spread


def accuracy_of(n, copies, trials, looks, seed):
    prefixes = np.unique(np.asarray(copies))
    games = games_of(n, trials, seed)
    rng = np.random.default_rng(seed + 1)
    answers = decide(exact_adaptive_unbiased(games, prefixes, rng, looks), ALPHA, rng)
    return prefixes, (answers == games.truth[:, None]).mean(axis=0)


@pytest.mark.parametrize(("target", "looks", "cost"), [(0.7, 3, 1.1712), (0.9, 4, 3.6596)])
def test_cost_at_many_qubits(target, looks, cost):
    assert adaptive_cost(target, ALPHA, "two")[looks] == pytest.approx(cost, abs=2e-4)
    assert best_looks(target, ALPHA, "two") == looks
    trials = 40_000
    grid = np.rint(cost * (2.0**20 + 1) * np.array([0.97, 1.03])).astype(np.int64)
    copies, accuracy = accuracy_of(20, grid, trials, looks, 8)
    slope = np.diff(accuracy)[0] / np.diff(copies)[0]
    error = math.sqrt(target * (1 - target) / trials) / slope / (2**20 + 1)
    reached = float(crossings(copies, accuracy, target)) / (2**20 + 1)
    assert reached == pytest.approx(cost, abs=4 * error)


@pytest.mark.parametrize("alpha", [0.5, 0.8, 0.9, 0.95])
@pytest.mark.parametrize("target", [0.6, 0.7, 0.9])
@pytest.mark.parametrize("game", ["two", "one"])
def test_the_best_known_protocol_is_above_both_bounds(alpha, target, game):
    best = best_known_cost(target, alpha, game)
    assert best <= unbiased_cost(target, alpha, game)
    n = 30
    assert best > copies_required(target, qubits=n, alpha=alpha, game=game) / (2**n + 1)
    stabiliser = copies_required_in_stabiliser_bases(target, qubits=n, alpha=alpha)
    if game == "two" and stabiliser is not None:
        assert best > stabiliser / (2**n + 1)


def test_it_is_never_above_the_bound_at_two_and_three_qubits():
    trials = 10_000
    for n, most in ((2, 12), (3, 24)):
        copies, accuracy = accuracy_of(n, range(1, most + 1), trials, 3, 2)
        largest = [largest_conventional_accuracy(int(t), qubits=n) for t in copies]
        assert ((accuracy - largest) * 2 * math.sqrt(trials)).max() <= 4
        assert accuracy[-1] > 0.7


@pytest.mark.parametrize("alpha", [0.05, 0.1, 0.2])
def test_single_copies_win_for_weak_signals(alpha):
    # Two copies cost alpha^-4, single ones 2^n alpha^-2.
    border = 2 * math.log2(1 / alpha)
    bell = bell_copies(0.7, np.ones((1, 4)), alpha)
    single = best_known_cost(0.7, alpha, "two")
    assert single * (2 ** (border - 1) + 1) < bell < single * (2 ** (border + 1) + 1)


@pytest.mark.slow
@pytest.mark.parametrize("n", [4, 5, 6])
@pytest.mark.parametrize(
    ("looks", "target", "cost", "width"), [(3, 0.7, 1.18, 0.02), (4, 0.9, 3.65, 0.06)]
)
def test_cost_of_circuits_at_few_qubits(n, looks, target, cost, width):
    trials, bases = 100_000, 2**n + 1
    copies = np.rint(cost * bases * np.array([0.8, 0.9, 1, 1.1, 1.2])).astype(np.int64)
    games = games_of(n, trials, 5)
    right = np.zeros(copies.size)
    for start in range(0, trials, 10_000):
        part = games.select(slice(start, start + 10_000))
        evidence = evidence_of_circuits(part, copies, looks, start)
        answers = decide(evidence, ALPHA, np.random.default_rng(start))
        right += (answers == part.truth[:, None]).sum(axis=0)
    accuracy = right / trials
    slope = (accuracy[-1] - accuracy[0]) / (copies[-1] - copies[0]) * bases
    error = math.sqrt(target * (1 - target) / trials) / slope
    assert float(crossings(copies, accuracy, target)) / bases == pytest.approx(
        cost, abs=width + 3 * error
    )


def test_the_name_says_the_number_of_looks():
    task = Observables("observables:alpha=0.9,game=two")
    assert task.read("adaptive_unbiased", 5, 0.7).name == "adaptive_unbiased:looks=3"
    assert task.read("adaptive_unbiased", 5, 0.9).name == "adaptive_unbiased:looks=4"
    with pytest.raises(ValueError, match="looks"):
        task.read("adaptive_unbiased:looks=5", 5, 0.7)
