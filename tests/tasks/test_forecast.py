"""What a noisy Bell measurement will need, against brute force and against games played."""

from itertools import pairwise, product

import numpy as np
import pytest
from scipy import stats

from quantum_advantage.backends.opening import open_backend
from quantum_advantage.backends.simulators.noise import bell_damping
from quantum_advantage.bounds.hidden_pauli import copies_required
from quantum_advantage.core.usage import UsageError
from quantum_advantage.tasks.observables.exact import (
    bell_accuracy,
    best_times,
    unbiased_cost,
)
from quantum_advantage.tasks.observables.forecast import (
    averaged_accuracies,
    averaged_accuracy,
    bell_copies,
    signal_distribution,
)
from quantum_advantage.tasks.observables.task import Observables
from quantum_advantage.tasks.shared.calibration import exact_damping
from quantum_advantage.tasks.shared.seeds import Seeds

# No two pairs and no two letters alike; one sign is lost altogether.
UNEQUAL = np.array(
    [
        [1.0, 0.93, 0.71, 0.88],
        [1.0, 0.52, 0.31, 0.64],
        [1.0, 0.97, 0.9, 0.2],
        [1.0, 0.8, 0.0, 0.85],
    ]
)


def noiseless(qubits):
    return np.ones((qubits, 4))


def uniform(qubits, depolarize, readout):
    return np.tile(bell_damping(depolarize, readout), (qubits, 1))


def means_of_all_strings(damping, alpha):
    """The mean sign of every string but the identity, one by one."""
    strings = list(product(range(4), repeat=len(damping)))[1:]
    return np.array(
        [
            alpha**2 * np.prod([damping[i, letter] for i, letter in enumerate(string)])
            for string in strings
        ]
    )


def accuracy_by_sums(shots, mean):
    """Pr[S_P > S_Q] + Pr[S_P = S_Q]/2, by a double sum over both numbers of +1 signs."""
    hidden = stats.binom.pmf(np.arange(shots + 1), shots, (1 + mean) / 2)
    other = stats.binom.pmf(np.arange(shots + 1), shots, 0.5)
    wins = np.tril(np.ones((shots + 1, shots + 1)), -1) + np.eye(shots + 1) / 2
    return hidden @ wins @ other


# The law of the signal.


@pytest.mark.parametrize("qubits", [1, 2, 3, 4])
@pytest.mark.parametrize("alpha", [0.5, 0.9])
def test_law_of_the_signal_has_the_moments_of_all_strings(qubits, alpha):
    damping = UNEQUAL[:qubits]
    values, weights = signal_distribution(damping, alpha)
    assert weights.sum() == pytest.approx(1, abs=1e-12)
    assert (weights > 0).all()
    assert values.max() <= alpha**2
    every = means_of_all_strings(damping, alpha)
    # A term of -ln m lies between two bins 1/256 apart: the mean of m moves by at most some 1e-5.
    assert values @ weights == pytest.approx(every.mean(), rel=2e-5)
    assert values**2 @ weights == pytest.approx((every**2).mean(), rel=1e-4)


@pytest.mark.parametrize("qubits", [1, 2, 3, 4])
def test_law_of_the_signal_holds_as_much_below_every_value_as_all_strings(qubits):
    values, weights = signal_distribution(UNEQUAL[:qubits], 0.9)
    every = np.sort(means_of_all_strings(UNEQUAL[:qubits], 0.9))
    # Between two neighbours that are further apart than bins reach, eight of which are joined.
    gaps = [
        (low, high)
        for low, high in pairwise(every)
        if high > max(low, 1e-12) * np.exp((qubits + 8) / 128)
    ]
    assert gaps
    for low, high in gaps:
        middle = np.sqrt(max(low, 1e-12) * high)
        share = weights[values < middle].sum()
        assert share == pytest.approx((every < middle).mean(), abs=1e-9)


@pytest.mark.parametrize("qubits", [1, 2, 10, 60])
def test_without_noise_every_string_has_the_whole_signal(qubits):
    values, weights = signal_distribution(noiseless(qubits), 0.9)
    assert weights.tolist() == [pytest.approx(1)]
    assert values.tolist() == [pytest.approx(0.81)]


def test_the_identity_is_never_hidden():
    # On one pair the identity alone would keep the whole signal.
    values, weights = signal_distribution(np.array([[1.0, 0.5, 0.5, 0.5]]), 1.0)
    assert values.max() == pytest.approx(0.5, rel=1 / 256)
    assert values @ weights == pytest.approx(0.5, rel=1e-5)


@pytest.mark.parametrize("factor", [0.0, -0.2, 1e-30])
def test_a_lost_sign_carries_nothing(factor):
    values, weights = signal_distribution(np.array([[1.0, factor, 1.0, 1.0]]), 0.9)
    assert weights[values < 1e-12].sum() == pytest.approx(1 / 3)
    assert weights[values > 0.8].sum() == pytest.approx(2 / 3)


def test_an_estimate_above_one_counts_as_one():
    damping = np.array([[1.0, 1.03, 0.9, 0.8]])
    expected = signal_distribution(np.minimum(damping, 1.0), 0.9)
    np.testing.assert_array_equal(signal_distribution(damping, 0.9), expected)


# The accuracy.


@pytest.mark.parametrize("shots", [1, 3, 10, 40, 300])
@pytest.mark.parametrize("qubits", [1, 2, 4])
def test_averaged_accuracy_is_the_average_over_all_strings(shots, qubits):
    damping = UNEQUAL[:qubits]
    every = [accuracy_by_sums(shots, mean) for mean in means_of_all_strings(damping, 0.9)]
    assert averaged_accuracy(shots, damping, 0.9) == pytest.approx(np.mean(every), abs=2e-5)


def test_accuracies_of_several_numbers_of_shots_are_those_of_each():
    numbers = [1, 7, 40, 5000]
    each = [averaged_accuracy(shots, UNEQUAL[:3], 0.9) for shots in numbers]
    assert averaged_accuracies(numbers, UNEQUAL[:3], 0.9).tolist() == each


def test_accuracy_of_many_means_at_once_is_that_of_each():
    means = np.array([[0.0, 0.1, 0.5], [0.81, 0.99, 1.0]])
    for shots in (1, 7, 200, 5000):
        found = bell_accuracy(shots, means)
        assert found.shape == means.shape
        alone = [[float(bell_accuracy(shots, m)) for m in row] for row in means]
        np.testing.assert_allclose(found, alone, rtol=1e-12)


@pytest.mark.parametrize("mean", [0.0, 0.005, 0.03, 0.2])
def test_accuracy_does_not_jump_where_it_is_taken_as_normal(mean):
    exact, normal = float(bell_accuracy(4096, mean)), float(bell_accuracy(4097, mean))
    # One more shot changes it by less than 1e-4; the normal law by less than 1e-3/sqrt(4096).
    assert normal == pytest.approx(exact, abs=1e-4)
    assert normal == pytest.approx(accuracy_by_sums(4097, mean), abs=2e-5)


def test_bell_games_on_a_virtual_processor_are_as_accurate_as_foretold():
    qubits, trials = 4, 6000
    backend = open_backend("qvm:rainbow")
    damping = exact_damping(backend.make(0), qubits)
    prefixes = np.array([1, 2, 4, 8])
    seeds = Seeds(*np.random.SeedSequence(17).spawn(4))
    right = (
        Observables("observables:alpha=0.9,game=two")
        .play("bell", qubits, prefixes, trials, 0, seeds, backend.make(5))
        .correct
    )
    foretold = np.array([averaged_accuracy(int(t), damping, 0.9) for t in prefixes])
    error = np.sqrt(foretold * (1 - foretold) / trials)
    assert (np.abs(right / trials - foretold) < 4 * error).all()
    # The noise shows: as many standard errors would not hide it.
    clean = np.array([averaged_accuracy(int(t), noiseless(qubits), 0.9) for t in prefixes])
    assert (clean - foretold > 8 * error)[1:].all()


# The copies.


def test_without_noise_two_copies_are_a_little_more_than_enough():
    # One shot is right with 1/2 + α²/4 = 0.7025: the line from 0 shots reaches 0.7 before it.
    assert bell_copies(0.7, noiseless(8), 0.9) == pytest.approx(2 * 0.2 / 0.2025, rel=1e-9)
    assert bell_copies(0.7, noiseless(8), 0.9) == pytest.approx(1.9753, abs=1e-4)


@pytest.mark.parametrize("target", [0.6, 0.7, 0.9])
@pytest.mark.parametrize("damping", [noiseless(3), UNEQUAL[:3], uniform(10, 0.05, 0.05)])
def test_copies_are_those_at_which_the_averaged_accuracy_crosses_the_target(target, damping):
    copies = bell_copies(target, damping, 0.9)
    below = int(copies / 2)
    share = copies / 2 - below
    ends = [
        averaged_accuracy(shots, damping, 0.9) if shots else 0.5 for shots in (below, below + 1)
    ]
    assert ends[0] < target <= ends[1] + 1e-12
    assert (1 - share) * ends[0] + share * ends[1] == pytest.approx(target, abs=1e-9)


def test_copies_grow_with_every_factor_that_falls():
    damping = np.tile([1.0, 0.9, 0.8, 0.9], (5, 1))
    before = bell_copies(0.7, damping, 0.9)
    assert before > bell_copies(0.7, noiseless(5), 0.9)
    for pair in (0, 3):
        for letter in (1, 2, 3):
            worse = damping.copy()
            worse[pair, letter] -= 0.1
            assert bell_copies(0.7, worse, 0.9) > before


def test_copies_grow_with_readout_and_gate_errors():
    for errors in ([(0.0, e) for e in (0, 0.02, 0.05, 0.1)], [(p, 0.01) for p in (0, 0.02, 0.1)]):
        copies = [bell_copies(0.7, uniform(12, *error), 0.9) for error in errors]
        assert copies == sorted(copies)
        assert copies[-1] > 1.5 * copies[0]


def test_order_of_the_pairs_does_not_matter():
    assert bell_copies(0.7, UNEQUAL, 0.9) == pytest.approx(bell_copies(0.7, UNEQUAL[::-1], 0.9))


def test_without_any_signal_no_number_of_copies_is_enough():
    # Of the three strings one alone is left, whose perfect sign gives (1 + 2/2)/3 = 2/3 at most.
    damping = np.array([[1.0, 1.0, 0.0, 0.0]])
    assert bell_copies(0.7, damping, 0.9) == float("inf")
    assert bell_copies(0.66, damping, 0.9) < 100


@pytest.mark.parametrize(("depolarize", "readout"), [(0.0, 0.03), (0.02, 0.03), (0.04, 0.04)])
def test_each_pair_multiplies_the_copies_by_what_its_factors_say(depolarize, readout):
    few, many = (bell_copies(0.7, uniform(n, depolarize, readout), 0.9) for n in (10, 30))
    base = (many / few) ** (1 / 20)
    expected = bell_damping(depolarize, readout)[1:].prod() ** -0.5
    assert expected > 1.05
    assert base == pytest.approx(expected, rel=0.05)


def test_the_advantage_at_twenty_qubits_ends_where_it_is_said_to_end():
    # Two gates of 3 % are one CNOT of some 6 %: 1 - (1 - 16·0.03/15)² = 16·0.059/15.
    cnot = 15 / 16 * (1 - (1 - 16 * 0.03 / 15) ** 2)
    assert cnot == pytest.approx(0.059, abs=0.0005)
    bound = copies_required(0.7, qubits=20, alpha=0.9)

    def reaches(share_of_bound, damping):
        return averaged_accuracy(round(share_of_bound * bound / 2), damping, 0.9) >= 0.7

    # Accuracy grows with the shots, so the copies needed lie within a factor 1.5 of the bound.
    at_the_end = uniform(20, cnot, 0.12)
    assert reaches(1.5, at_the_end)
    assert not reaches(1 / 1.5, at_the_end)
    # And that is a place on the map, not everywhere: less noise wins clearly, more loses clearly.
    assert reaches(1 / 30, uniform(20, cnot / 2, 0.06))
    assert not reaches(30, uniform(20, 2 * cnot, 0.2))


# The conventional protocol it is compared with.


def test_unbiased_bases_cost_one_and_a_quarter_of_their_number():
    assert unbiased_cost(0.7, 0.9, "two") == pytest.approx(1.25, abs=0.01)


@pytest.mark.parametrize("game", ["one", "two"])
@pytest.mark.parametrize(("target", "alpha"), [(0.6, 0.9), (0.7, 0.9), (0.7, 0.5), (0.8, 0.8)])
def test_unbiased_cost_is_reached_in_a_simulation_of_the_random_subset(game, target, alpha):
    cost, times = unbiased_cost(target, alpha, game), best_times(target, alpha, game)
    assert 0 < cost / times <= 1
    # The chance that a basis is in the subset, and then so many signs of its string.
    rng, trials = np.random.default_rng(23), 60_000
    inside = rng.random((2, trials)) < cost / times
    sign = rng.choice([-1, 1], trials)
    if game == "one":
        hidden = rng.random(trials) < 0.5
        means = np.where(hidden, sign * alpha, 0.0)[None]
    else:
        means = np.stack([sign * alpha, np.zeros(trials)])
    pluses = rng.binomial(times, (1 + means) / 2)
    # Log likelihood ratio of 'hidden with an unknown sign' against 'not hidden'.
    score = np.logaddexp(
        pluses * np.log(1 + alpha) + (times - pluses) * np.log(1 - alpha),
        pluses * np.log(1 - alpha) + (times - pluses) * np.log(1 + alpha),
    ) - np.log(2)
    score = np.where(inside[: len(score)], score, 0.0)
    lead = score[0] - (score[1] if game == "two" else 0.0)
    chosen = np.where(np.abs(lead) < 1e-9, rng.random(trials) < 0.5, lead > 0)
    right = chosen if game == "two" else chosen == hidden
    # The share of bases is found on a grid of 1/2000, which raises the accuracy a little.
    error = np.sqrt(target * (1 - target) / trials)
    assert abs(right.mean() - target) < 4 * error + 1 / 2000


@pytest.mark.parametrize(
    ("damping", "alpha", "reason"),
    [
        (np.ones((2, 3)), 0.9, "damping must have shape"),
        (np.ones(4), 0.9, "damping must have shape"),
        (noiseless(2), 1.5, "alpha must lie in"),
        (noiseless(2), 0.0, "alpha must lie in"),
        (noiseless(2), np.nan, "alpha must lie in"),
    ],
)
def test_impossible_noise_and_signals_are_refused(damping, alpha, reason):
    with pytest.raises(UsageError, match=reason):
        averaged_accuracy(1, damping, alpha)


@pytest.mark.parametrize("target", [0.4, 0.5, 1.0, np.nan])
def test_targets_that_no_copies_reach_are_refused(target):
    with pytest.raises(UsageError, match=r"strictly between 0\.5 and 1"):
        bell_copies(target, noiseless(2), 0.9)
