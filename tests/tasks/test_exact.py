import warnings
from itertools import product

import numpy as np
import pytest
from scipy import stats
from task_plays import measured, seeds

from quantum_advantage.backends.simulators.factorised import FactorisedSampler
from quantum_advantage.tasks.base import FromLaw
from quantum_advantage.tasks.observables import exact
from quantum_advantage.tasks.observables.evidence import decide
from quantum_advantage.tasks.observables.exact import bell_accuracy, best_times
from quantum_advantage.tasks.observables.games import ObservablesTask, draw_games
from quantum_advantage.tasks.observables.task import Observables, family_of

PROTOCOLS = Observables("observables").protocols

GAMES = ("one", "two")


def protocols(n):
    full = {
        "local_pauli": ["local_pauli:times=1", "local_pauli:times=2"],
        "mutually_unbiased": ["mutually_unbiased:times=1", "mutually_unbiased:times=3"],
        "adaptive_unbiased": ["adaptive_unbiased:looks=3", "adaptive_unbiased:looks=4"],
        "bell_grouped": ["bell_grouped:times=1", "bell_grouped:times=3"],
        "memory": [f"memory:qubits={k}" for k in sorted({0, 1, n})],
    }
    # A calibrated Bell measurement has tests of its own, under noise; learned readings have no law.
    names = [n for n in PROTOCOLS if n != "bell_calibrated" and PROTOCOLS[n].exact is not None]
    return [text for name in names for text in full.get(name, [name])]


CASES = [(n, text) for n in (2, 3) for text in protocols(n)]
LARGER = [(4, "random_clifford"), (4, "memory:qubits=2")]


TASK = Observables("observables")


def draw(text, n, trials, game="two", alpha=0.9, seed=0):
    generators = (np.random.default_rng([seed, k]) for k in range(2))
    family = family_of(TASK.described(text))
    return draw_games(ObservablesTask(alpha, game), family, n, trials, *generators)


def evidence_of_law(text, games, prefixes, seed=3):
    exact = TASK.read(text, games.qubits).exact()
    return exact(games, np.asarray(prefixes), np.random.default_rng(seed))


def evidence_of_circuits(text, games, prefixes, seed=4):
    protocol = TASK.measurement(TASK.read(text, games.qubits), games)
    rng, sampler = np.random.default_rng([seed, 0]), FactorisedSampler(seed=seed)
    record = measured(protocol, games, int(prefixes[-1]), sampler, rng)
    return protocol.evidence(record, games.candidates, np.asarray(prefixes))


def largest_z(first, second, trials):
    """The largest difference of two lists of right answers, in standard errors."""
    pooled = (first + second) / (2 * trials)
    error = np.sqrt(np.maximum(pooled * (1 - pooled), 1 / trials) * 2 / trials)
    return np.abs((first - second) / trials / error).max()


@pytest.mark.parametrize("game", GAMES)
@pytest.mark.parametrize(("n", "text"), CASES + LARGER)
def test_circuits_and_law_give_as_many_right_answers_at_every_prefix(n, text, game):
    trials, prefixes = 5000, np.array([1, 2, 3, 5, 8, 13, 21])
    task = Observables(f"observables:game={game}")
    by_circuits = task.play(
        text, n, prefixes, trials, 0, seeds(1), FactorisedSampler(seed=2)
    ).correct
    by_law = task.play(text, n, prefixes, trials, 0, seeds(4), FromLaw()).correct
    assert largest_z(by_circuits, by_law, trials) < 4


def described(games, evidence):
    """What a trial showed: sign, truth, kinds of signs, and the counts at every prefix."""
    system = getattr(games.preparation, "first", games.preparation)
    counts = np.concatenate([evidence.hits, evidence.pluses], axis=2).reshape(games.trials, -1)
    return np.column_stack([system.signs, games.truth, evidence.squared, counts])


@pytest.mark.parametrize("game", GAMES)
@pytest.mark.parametrize(("n", "text"), CASES + LARGER)
def test_circuits_and_law_give_the_same_joint_distribution_of_counts(n, text, game, p_of_two):
    shown = []
    for seed, draw_evidence in enumerate([evidence_of_law, evidence_of_circuits]):
        games = draw(text, n, 8000, game, seed=seed)
        shown.append(described(games, draw_evidence(text, games, [4])))
    assert p_of_two(*shown) > 1e-4


def commuting(games):
    first, last = games.candidates[:, 0], games.candidates[:, -1]
    return ((first != 0) & (last != 0) & (first != last)).sum(axis=1) % 2 == 0


@pytest.mark.parametrize(("n", "text"), CASES + LARGER)
def test_circuits_and_law_measure_both_strings_together_as_often(n, text, p_of_two):
    """Counts without signs, which tell more about what is measured in the same shot."""
    shown = []
    for seed, draw_evidence in enumerate([evidence_of_law, evidence_of_circuits]):
        games = draw(text, n, 20_000, seed=seed)
        evidence = draw_evidence(text, games, [1, 4])
        hits = evidence.hits.reshape(games.trials, -1)
        # The law of unbiased bases is that of random strings, whatever the strings are.
        known = np.zeros(games.trials) if "unbiased" in text else commuting(games)
        shown.append(np.column_stack([known, evidence.squared.any(axis=1), hits]))
    assert p_of_two(*shown) > 1e-4


@pytest.mark.parametrize("text", ["local_pauli:times=3", "mutually_unbiased:times=3"])
def test_circuits_and_law_agree_on_counts_at_two_prefixes_together(text, p_of_two):
    """The first prefix ends inside a group of equal bases, the second after the next group."""
    shown = []
    for seed, draw_evidence in enumerate([evidence_of_law, evidence_of_circuits]):
        games = draw(text, 2, 12_000, seed=seed)
        shown.append(described(games, draw_evidence(text, games, [2, 5])))
    assert p_of_two(*shown) > 1e-4


@pytest.mark.parametrize("text", protocols(3))
def test_counts_grow_from_prefix_to_prefix(text):
    games = draw(text, 3, 300)
    evidence = evidence_of_law(text, games, [1, 2, 3, 7, 20, 100])
    hits, pluses = evidence.hits, evidence.pluses
    assert hits.shape == pluses.shape == (300, 2, 6)
    assert (np.diff(hits, axis=2) >= 0).all()
    assert (np.diff(pluses, axis=2) >= 0).all()
    assert (np.diff(hits - pluses, axis=2) >= 0).all()
    assert (pluses >= 0).all()


@pytest.mark.parametrize(
    ("shots", "accuracy"), [(1, 0.7025), (2, 0.8038), (3, 0.8631), (5, 0.9277), (10, 0.9825)]
)
def test_the_accuracy_of_the_bell_protocol_at_alpha_nine_tenths(shots, accuracy):
    assert bell_accuracy(shots, 0.81) == pytest.approx(accuracy, abs=5e-5)


@pytest.mark.parametrize("mean", [0.0, 0.3, 0.81, 1.0])
@pytest.mark.parametrize("shots", [1, 2, 3, 4])
def test_the_accuracy_of_the_bell_protocol_is_that_of_all_outcomes_enumerated(shots, mean):
    total = 0.0
    for outcome in product((1, -1), repeat=2 * shots):
        hidden, other = outcome[:shots], outcome[shots:]
        chance = np.prod([(1 + mean * sign) / 2 for sign in hidden]) / 2**shots
        total += chance * (0.5 + np.sign(sum(hidden) - sum(other)) / 2)
    assert bell_accuracy(shots, mean) == pytest.approx(total, abs=1e-12)


@pytest.mark.parametrize(("shots", "mean"), [(20, 0.5), (300, 0.04)])
def test_the_accuracy_of_the_bell_protocol_is_a_double_sum_of_binomials(shots, mean):
    numbers = np.arange(shots + 1)
    hidden = stats.binom.pmf(numbers, shots, (1 + mean) / 2)
    other = stats.binom.pmf(numbers, shots, 0.5)
    wins = (1 + np.sign(numbers[:, None] - numbers)) / 2
    assert bell_accuracy(shots, mean) == pytest.approx(hidden @ wins @ other, abs=1e-10)


@pytest.mark.parametrize("alpha", [0.1, 0.5, 0.9])
def test_one_bell_shot_is_right_with_a_half_and_a_quarter_of_alpha_squared(alpha):
    assert bell_accuracy(1, alpha**2) == pytest.approx(0.5 + alpha**2 / 4, abs=1e-12)


@pytest.mark.parametrize("n", [1, 2, 10, 50])
def test_the_law_of_the_bell_protocol_has_its_exact_accuracy_at_every_size(n):
    trials, prefixes = 20_000, np.array([1, 2, 3, 5, 10])
    correct = (
        Observables("observables").play("bell", n, prefixes, trials, 0, seeds(n), FromLaw()).correct
    )
    exact = np.array([bell_accuracy(int(shots), 0.81) for shots in prefixes])
    assert (np.abs(correct / trials - exact) < 4 * np.sqrt(exact * (1 - exact) / trials)).all()


def test_unbiased_bases_are_best_measured_three_times_at_seventy_percent():
    assert best_times(0.7, 0.9, "two") == 3


@pytest.fixture
def no_costs():
    """Costs that were found with an unsteady logarithm are not remembered."""
    exact._unbiased_costs.cache_clear()
    yield exact._unbiased_costs
    exact._unbiased_costs.cache_clear()


@pytest.mark.parametrize("alpha", [0.35, 0.5, 0.65, 0.8, 0.95])
def test_a_tie_of_two_and_three_signs_is_not_left_to_rounding(alpha, unsteady, no_costs):
    for seed in range(8):
        unsteady(seed)
        no_costs.cache_clear()
        costs = no_costs(0.52, alpha, "one", 40)
        assert costs[2] == pytest.approx(costs[3], rel=1e-12)
        assert best_times(0.52, alpha, "one") == 2


def test_a_target_beyond_the_largest_multiplicity_is_refused():
    with pytest.raises(ValueError, match="repeated more than 2 times"):
        best_times(0.99, 0.5, "two", most=2)


def accuracy_of(text, n, shots, trials, game, alpha, seed=6):
    games = draw(text, n, trials, game, alpha, seed)
    evidence = evidence_of_law(text, games, [shots], seed)
    answers = decide(evidence, alpha, np.random.default_rng([seed, 5]))
    return float((answers[:, 0] == games.truth).mean())


@pytest.mark.parametrize(
    ("game", "target", "alpha", "times"),
    [
        ("two", 0.6, 0.9, 2),
        ("two", 0.7, 0.9, 2),
        ("two", 0.7, 0.9, 3),
        ("two", 0.7, 0.9, 8),
        ("two", 0.85, 0.9, 4),
        ("two", 0.65, 0.5, 9),
        ("one", 0.6, 0.9, 2),
        ("one", 0.7, 0.9, 3),
        ("one", 0.7, 0.9, 8),
        ("one", 0.65, 0.5, 15),
    ],
)
def test_the_subset_of_bases_that_is_said_to_be_needed_reaches_the_target(
    game, target, alpha, times
):
    n, trials = 10, 40_000
    share = exact._subset_needed(target, alpha, game, times)
    assert share is not None
    shots = times * round(share * (2**n + 1))
    accuracy = accuracy_of(f"mutually_unbiased:times={times}", n, shots, trials, game, alpha)
    assert abs(accuracy - target) < 4 * np.sqrt(0.25 / trials) + 0.002


@pytest.mark.parametrize("target", [0.7, 0.8])
def test_no_other_multiplicity_is_as_good_with_as_many_copies(target):
    n, alpha = 10, 0.9
    best = best_times(target, alpha, "two")
    copies = round(best * exact._subset_needed(target, alpha, "two", best) * (2**n + 1))
    accuracy = {
        times: accuracy_of(f"mutually_unbiased:times={times}", n, copies, 40_000, "two", alpha)
        for times in range(1, 8)
    }
    assert max(accuracy, key=accuracy.get) == best


@pytest.mark.parametrize("game", GAMES)
@pytest.mark.parametrize(("times", "target"), [(1, 0.51), (3, 0.9)])
def test_a_target_that_all_bases_together_miss_is_out_of_reach(game, times, target):
    """A single sign of an unknown sign says nothing; three of them do not say enough."""
    assert exact._subset_needed(target, 0.9, game, times) is None
    text = f"mutually_unbiased:times={times}"
    assert accuracy_of(text, 10, times * 1025, 40_000, game, 0.9) < target


@pytest.mark.parametrize("game", GAMES)
@pytest.mark.parametrize("text", protocols(25))
def test_the_law_of_fifty_qubits_is_drawn_without_a_warning(text, game):
    trials, prefixes = 200, np.array([1, 2**10, 2**30, 2**52 + 1])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        evidence = evidence_of_law(text, draw(text, 50, trials, game), prefixes)
        answers = (
            Observables(f"observables:game={game}")
            .play(text, 50, prefixes, trials, 0, seeds(1), FromLaw())
            .correct
        )
    for counts in (evidence.hits, evidence.pluses, answers):
        assert counts.dtype == np.int64
        assert (counts >= 0).all()
    assert (evidence.pluses <= evidence.hits).all()
    assert (answers <= trials).all()


@pytest.mark.parametrize("text", ["random_clifford", "mutually_unbiased:times=1"])
def test_the_law_of_fifty_qubits_hits_as_often_as_it_should(text):
    games = draw(text, 50, 4000)
    evidence = evidence_of_law(text, games, [2**50 + 1])
    mean = evidence.hits.mean(axis=0)[:, 0]
    assert np.abs(mean - 1).max() < 5 * np.sqrt(1 / games.trials)


def test_rare_hits_are_poisson_numbers(p_of_law):
    """Below one in 10⁹ the law draws Poisson numbers, which no multinomial must contradict."""
    chances, groups = np.full((20_000, 3), [3e-10, 1e-10, 5e-10]), np.array([10**9, 3 * 10**9])
    counts = exact._occurrences(chances, groups, np.random.default_rng(2))
    for event, chance in enumerate(chances[0]):
        for fresh, size in ((counts[:, event, 0], groups[0]), (counts[:, event, 1], groups[1])):
            law = stats.poisson.pmf(np.arange(20), chance * size)
            assert p_of_law(np.bincount(fresh, minlength=20), law) > 1e-4


REFERENCE = {
    "local_pauli": 3200,
    "random_clifford": 1680,
    "mutually_unbiased_cycled": 1937,
    "mutually_unbiased:times=3": 1278,
}


@pytest.mark.parametrize(("text", "copies"), REFERENCE.items())
def test_seventy_percent_are_reached_at_the_known_number_of_copies(text, copies):
    trials = 20_000
    prefixes = np.rint(copies * np.linspace(0.88, 1.12, 25)).astype(np.int64)
    correct = (
        Observables("observables").play(text, 10, prefixes, trials, 0, seeds(8), FromLaw()).correct
    )
    accuracy = correct / trials
    at_copies = accuracy[prefixes.size // 2]
    assert abs(at_copies - 0.7) < 4 * np.sqrt(0.7 * 0.3 / trials) + 0.005
    slope, height = np.polyfit(prefixes, accuracy, 1)
    assert abs((0.7 - height) / slope / copies - 1) < 0.06
