"""An adversary at exactly the largest accuracy that the bound allows, through every choice.

All on counts: the games of a learner at the bound are coins of that chance.
"""

import math

import numpy as np
import pytest
from scipy import special

from quantum_advantage.bounds.hidden_pauli import largest_conventional_accuracy
from quantum_advantage.certify.certificate import certify
from quantum_advantage.certify.methods import (
    Afterwards,
    Anytime,
    Fixed,
    default_alternative,
    log_bet,
    log_mixture,
)
from quantum_advantage.certify.played import Played
from quantum_advantage.study.spec import CurveSpec

LEVEL = 0.01
BATCH = 50
RUNS, ALL_RUNS = 200, 2000
TASK = "observables:alpha=0.9,game=two"


def largest(copies, qubits=4):
    return largest_conventional_accuracy(copies, qubits=qubits)


def at_most(runs, level=LEVEL):
    return level + 3 * math.sqrt(level * (1 - level) / runs)


def won(rng, runs, batches, chance):
    """(runs, batches) right answers so far."""
    return np.cumsum(rng.binomial(BATCH, chance, (runs, batches)), axis=1)


def played(batches):
    return BATCH * np.arange(1, batches + 1)


def tails(right, games, chance):
    """Pr[Bin(games, chance) ≥ right]."""
    inside = special.betainc(np.maximum(right, 1), games - right + 1, chance)
    return np.where(right == 0, 1.0, inside)


def afterwards(right, chance, prefixes=1, curves=1):
    """Which runs are granted at any look, nothing registered."""
    price = Afterwards(prefixes, curves).price
    looks = log_mixture(right, played(right.shape[1]), chance)
    return looks.max(axis=1) >= math.log(price / LEVEL)


def anytime(right, chance, alternative):
    """Which runs are granted at any look, p₁ given."""
    looks = log_bet(right, played(right.shape[1]), chance, alternative)
    return looks.max(axis=1) >= -math.log(LEVEL)


def fixed(right, chance):
    """Which runs are granted at the end."""
    return tails(right[:, -1], BATCH * right.shape[1], chance) <= LEVEL


# Each returns the shares that are granted: as if nothing had been chosen; paid for; registered.


def twenty_prefixes(runs, rng):
    """One curve of 1000 games, answered after 20 numbers of copies."""
    chances = [largest(2 * k) for k in range(1, 21)]
    right = [won(rng, runs, 20, p) for p in chances]
    each = list(zip(right, chances, strict=True))
    naive = np.any([fixed(r, p) for r, p in each], axis=0)
    paid = np.any([afterwards(r, p, prefixes=20) for r, p in each], axis=0)
    return naive, paid, fixed(*each[7])


def extension(runs, rng):
    """From 1000 games to 16 000, as long as it is not granted."""
    p = largest(4)
    right = won(rng, runs, 320, p)
    looks = [20 * 2**k for k in range(5)]
    naive = np.any([fixed(right[:, :look], p) for look in looks], axis=0)
    registered = fixed(right[:, :20], p)
    return naive, afterwards(right, p), registered


def extension_registered_anytime(runs, rng):
    """The same with a look after every batch, p₁ registered."""
    p = largest(4)
    right = won(rng, runs, 320, p)
    naive = np.any(tails(right, played(320), p) <= LEVEL, axis=1)
    return naive, afterwards(right, p), anytime(right, p, default_alternative(p))


def in_turn(runs, rng, chances, prefixes=1, batches=20):
    """Curves that are played one after the other until one is granted; one was registered."""
    each = [(won(rng, runs, batches, p), p) for p in chances]
    naive = np.any([fixed(r, p) for r, p in each], axis=0)
    paid = np.any(
        [afterwards(r, p, prefixes, curves) for curves, (r, p) in enumerate(each, start=1)],
        axis=0,
    )
    return naive, paid, fixed(*each[0])


def eight_numbers_of_copies(runs, rng):
    """Eight curves of other budgets and seeds."""
    return in_turn(runs, rng, [largest(2 * k) for k in range(1, 9)])


def several_qubits(runs, rng):
    """Twelve numbers of qubits in one file."""
    return in_turn(runs, rng, [largest(4, n) for n in range(3, 15)])


def several_files(runs, rng):
    """Fifteen files of one folder, with one curve each."""
    return in_turn(runs, rng, [largest(4, 6)] * 15)


def alternative_chosen_afterwards(runs, rng):
    """The p₁ of the largest bet at any look."""
    p = largest(4)
    right = won(rng, runs, 80, p)
    grid = np.linspace(p, 1, 60)[1:-1]
    naive = np.any([anytime(right, p, p1) for p1 in grid], axis=0)
    return naive, afterwards(right, p), anytime(right, p, default_alternative(p))


def everything(runs, rng):
    """Six curves in turn, of four prefixes each, each extended to 4000 games."""
    granted, naive = np.zeros((2, runs), dtype=bool)
    for curves, n in enumerate(range(3, 9), start=1):
        for copies in (2, 4, 6, 8):
            p = largest(copies, n)
            right = won(rng, runs, 80, p)
            granted |= afterwards(right, p, 4, curves)
            naive |= np.any(tails(right, played(80), p) <= LEVEL, axis=1)
            if (n, copies) == (3, 2):
                registered = fixed(right[:, :20], p)
    return naive, granted, registered


ROUTES = [
    twenty_prefixes,
    extension,
    extension_registered_anytime,
    eight_numbers_of_copies,
    several_qubits,
    several_files,
    alternative_chosen_afterwards,
    everything,
]


def rates(route, runs, seed):
    return [granted.mean() for granted in route(runs, np.random.default_rng(seed))]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.__name__)
def test_an_adversary_is_rarely_certified_whatever_it_chooses(route):
    _, paid, registered = rates(route, RUNS, 1)
    assert paid <= at_most(RUNS)
    assert registered <= at_most(RUNS)


@pytest.mark.slow
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.__name__)
def test_an_adversary_is_rarely_certified_whatever_it_chooses_2000(route):
    naive, paid, registered = rates(route, ALL_RUNS, 2)
    print(f"{route.__name__}: {naive:.2%} unpaid, {paid:.2%} paid, {registered:.2%} registered")
    assert paid <= at_most(ALL_RUNS)
    assert registered <= at_most(ALL_RUNS)


@pytest.mark.parametrize("route", [twenty_prefixes, extension, eight_numbers_of_copies])
def test_the_same_choices_unpaid_would_not_be_free(route):
    naive, _, _ = rates(route, 3 * RUNS, 3)
    assert naive > at_most(3 * RUNS)


# Power


def one_shot_runs(runs, seed=4):
    """Noiseless Bell measurements at n = 10: 200 games of one shot, batches of 10."""
    right = np.random.default_rng(seed).binomial(10, 0.5 + 0.81 / 4, (runs, 20))
    p0 = largest(2, 10)
    methods = Fixed(), Anytime(default_alternative(p0)), Afterwards(1, 1)
    return [np.mean([m.p_value(row, 10, p0) <= 1e-3 for row in right]) for m in methods]


def test_registered_one_shot_games_are_certified_as_before():
    fixed_share, anytime_share, paid_share = one_shot_runs(400)
    assert fixed_share >= 0.98
    assert anytime_share >= 0.98 - 3 * math.sqrt(0.012 / 400)
    # What the choices of a single curve cost.
    assert paid_share >= 0.9


@pytest.mark.slow
def test_registered_one_shot_games_are_certified_as_before_2000():
    shares = one_shot_runs(2000)
    print("fixed, anytime, unregistered:", [f"{share:.2%}" for share in shares])
    assert min(shares[:2]) >= 0.98


# The vectorised tests above weigh as certificates do.


def test_counts_are_weighed_as_certificates_weigh_them():
    rng = np.random.default_rng(5)
    p = largest(4)
    for _ in range(30):
        right = rng.binomial(BATCH, 0.56, 12)
        key = CurveSpec(TASK, "bell", 4, "law", BATCH, 0)
        data = Played("trial", key, 8, 4, tuple(right.tolist()), BATCH, "0" * 64, (2, 4, 6, 8))
        total = np.cumsum(right)[None]
        for method, granted in (
            (Fixed(), fixed(total, p)),
            (Anytime(0.7), anytime(total, p, 0.7)),
            (Afterwards(4, 3), afterwards(total, p, 4, 3)),
        ):
            assert certify(data, method).certified == bool(granted[0])


def test_mixture_is_the_integral_of_bets():
    p = np.linspace(0.5, 1, 20_002)[1:-1]
    for right, games, chance in ((65, 100, 0.55), (40, 100, 0.6), (30, 30, 0.5), (9, 10, 0.3)):
        bets = np.exp([log_bet(right, games, chance, p1) for p1 in p if p1 > chance])
        exact = max(2 * chance - 1, 0) + bets.sum() / p.size
        assert np.exp(log_mixture(right, games, chance)) == pytest.approx(exact, rel=2e-3)


@pytest.mark.parametrize("chance", [0.5, 0.6, 0.9])
def test_mixture_has_mean_one_at_the_largest_chance_and_less_below(chance):
    right = np.arange(31)
    for true, expected in ((chance, 1.0), (chance - 0.1, None)):
        weights = special.comb(30, right) * true**right * (1 - true) ** (30 - right)
        mean = weights @ np.exp(log_mixture(right, 30, chance))
        assert mean == pytest.approx(1) if expected else mean < 1


def test_chances_that_the_mixture_excludes_form_an_interval():
    chances = np.linspace(0.01, 0.99, 197)
    for right, games in ((70, 100), (10, 10), (999, 1000), (1, 3), (0, 5)):
        found = np.array([float(log_mixture(right, games, q)) for q in chances])
        below = chances < right / games
        assert (np.diff(found[below]) < 0).all()
        assert (found[~below] <= 1e-12).all()


def test_prices_of_all_curves_that_could_ever_be_added_sum_to_the_level():
    assert sum(1 / Afterwards(1, curves).price for curves in range(1, 10_000)) == pytest.approx(
        1, abs=2e-4
    )
    assert Afterwards(8, 3).price == 8 * 3 * 4
