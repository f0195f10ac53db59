import numpy as np
import pytest
from scipy import stats
from scipy.optimize import minimize_scalar

from quantum_advantage.bounds.companion import (
    odd_chance,
    orthogonal_share,
    photons_to_find_companion,
)
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.sensing.single_photons import (
    collision_moments,
    null_photons,
    photons_by_collisions,
    photons_by_histogram,
    photons_by_nulling,
)


@pytest.mark.parametrize(("qubits", "photons"), [(2, 6), (4, 10), (6, 30)])
def test_collision_moments_are_those_of_random_states(qubits, photons):
    rng = np.random.default_rng(qubits)
    laws = rng.dirichlet(np.ones(2**qubits), 20_000)
    counts = rng.multinomial(photons, laws)
    pairs = (counts * (counts - 1) // 2).sum(axis=1)
    mean, variance = collision_moments(photons, qubits)
    assert abs(pairs.mean() - mean) < 4.5 * np.sqrt(variance / pairs.size)
    squares = (pairs - mean) ** 2
    assert abs(squares.mean() - variance) < 4.5 * squares.std() / np.sqrt(pairs.size)


def test_companion_takes_its_share_of_the_collisions():
    """Orthonormal pairs of random vectors; the fraction p of the equal pairs disappears."""
    rng = np.random.default_rng(2)
    d, share, size = 8, 0.3, 40_000
    parts = rng.standard_normal((2, 2, size, d))
    first, second = parts[0] + 1j * parts[1]
    second -= (
        (first.conj() * second).sum(1, keepdims=True)
        * first
        / (abs(first) ** 2).sum(1, keepdims=True)
    )
    laws = [abs(v) ** 2 / (abs(v) ** 2).sum(1, keepdims=True) for v in (first, second)]
    chances = (((1 - share) * laws[0] + share * laws[1]) ** 2).sum(axis=1)
    expected = 2 * (1 - odd_chance(share, 0)) / (d + 1)
    assert abs(chances.mean() - expected) < 4.5 * chances.std() / np.sqrt(size)


@pytest.mark.parametrize("share", [0.01, 0.1])
@pytest.mark.parametrize("qubits", [2, 8, 14, 20])
def test_known_single_photon_ways_stay_above_the_bound(qubits, share):
    chance = odd_chance(share, 0.5)
    bound = photons_to_find_companion(0.95, qubits=qubits, share=share, overlap=0.5)
    for way in (photons_by_collisions, photons_by_histogram, photons_by_nulling):
        assert way(chance, qubits) > bound


def test_collisions_grow_as_the_root_of_the_modes_in_the_end():
    chance = odd_chance(0.1, 0.5)
    ratio = photons_by_collisions(chance, 28) / photons_by_collisions(chance, 24)
    assert ratio == pytest.approx(4, rel=0.04)


def count_laws(mean, share, most):
    """The laws of one count: of a single star, and of one with a companion."""
    k = np.arange(most)
    alone, star, other = (
        stats.geom.pmf(k + 1, 1 / (1 + m)) for m in (mean, mean * (1 - share), mean * share)
    )
    return alone, np.convolve(star, other)[:most]


@pytest.mark.parametrize("mean", [0.3, 2.0, 4.0])
def test_information_of_a_count_is_that_of_the_formula(mean):
    """Exact laws of the counts; the formula is their first order in the companion's share."""
    share = 1e-3
    alone, both = count_laws(mean, share, 200)
    chance = share * (1 - share)
    formula = (chance * mean) ** 2 / (1 + mean)
    assert ((both - alone) ** 2 / alone).sum() == pytest.approx(formula, rel=2 * share * mean)
    pairs = np.arange(200) * (np.arange(200) - 1) / 2
    mean_pairs = alone @ pairs
    score = ((both - alone) @ pairs) ** 2 / (alone @ (pairs - mean_pairs) ** 2)
    assert score < formula


@pytest.mark.parametrize(("qubits", "share", "games"), [(12, 0.02, 1000), (16, 0.0075, 150)])
def test_histogram_of_so_many_photons_finds_95_percent(qubits, share, games):
    """Random orthogonal vectors, exponential weights at many modes; equal pairs find far fewer.

    The weights of a star are uniform on the simplex, so that all counts of its photons are equally
    likely: they are the gaps between bars that are placed at random among the photons.
    """
    rng = np.random.default_rng(qubits)
    modes, photons = 2**qubits, round(photons_by_histogram(odd_chance(share, 0), qubits))
    alone, both = count_laws(photons / modes, share, 600)
    ratio = np.log(both) - np.log(alone)

    def counts_of(star):
        places = star + modes - 1
        is_bar = np.zeros(places, dtype=bool)
        is_bar[rng.choice(places, modes - 1, replace=False, shuffle=False)] = True
        return np.diff(np.flatnonzero(is_bar), prepend=-1, append=places) - 1

    def scores(light):
        dim = rng.binomial(photons, light)
        counts = counts_of(photons - dim) + (counts_of(dim) if light else 0)
        return ratio[counts].sum(), -(counts * (counts - 1)).sum()

    single = np.array([scores(0) for _ in range(games)])
    double = np.array([scores(share) for _ in range(games)])
    power = (double > np.quantile(single, 0.95, axis=0)).mean(axis=0)
    # The error of the power, that of the quantile's own height included.
    spread = np.sqrt(2 * 0.05 * 0.95 / games)
    assert abs(power[0] - 0.95) < 4.5 * spread
    assert power[1] < 0.95 - 10 * spread


def test_histogram_at_few_and_at_many_modes():
    """Few modes take several bases; at many the photons grow as the root of the modes."""
    share = 0.1
    least = (2 * stats.norm.ppf(0.95) / odd_chance(share, 0)) ** 2
    assert photons_by_histogram(odd_chance(share, 0), 2) == pytest.approx(2 * least)
    far = photons_by_histogram(odd_chance(share, 0), 30)
    assert far == pytest.approx(np.sqrt(least * 2**30), rel=0.01)


@pytest.mark.parametrize("qubits", [4, 11, 14, 16, 20])
def test_leak_of_the_null_is_the_best_of_all(qubits):
    chance = odd_chance(0.01, 0.5)
    share = orthogonal_share(chance)
    best = minimize_scalar(
        lambda log: null_photons(np.exp(log), share, qubits),
        bounds=(np.log(1e-5), np.log(1 - 2.0**-qubits)),
        method="bounded",
    )
    found = photons_by_nulling(chance, qubits)
    assert found == pytest.approx(best.fun, rel=0.02)
    # Normal approximation: the best leak lies within the search, above 10 shares from n = 11 on.
    needed = (2 * stats.norm.ppf(0.95) / share) ** 2
    leak = 1 / (1 + np.sqrt(needed / 2**qubits))
    assert leak < 0.9
    if qubits >= 11:
        assert leak > 9 * share
        d = 2.0**qubits
        assert found == pytest.approx(d / leak - d + needed * leak / (1 - leak), rel=0.02)


def test_histogram_beats_collisions_and_in_large_systems_the_null():
    chance = odd_chance(0.01, 0.5)
    for qubits, best in ((8, "null"), (14, "null"), (18, "histogram"), (24, "histogram")):
        histogram = photons_by_histogram(chance, qubits)
        assert histogram < photons_by_collisions(chance, qubits)
        assert (histogram < photons_by_nulling(chance, qubits)) == (best == "histogram")


@pytest.mark.parametrize("chance", [0.0, -0.1, 0.3, np.nan])
def test_chances_that_no_companion_has_are_refused(chance):
    for photons in (photons_by_collisions, photons_by_histogram, photons_by_nulling):
        with pytest.raises(UsageError, match="chance must lie in"):
            photons(chance, 4)


@pytest.mark.parametrize(("leak", "share"), [(0.0, 0.1), (0.99, 0.1), (0.1, 0.0), (0.1, 1.0)])
def test_leaks_and_shares_that_cannot_be_are_refused(leak, share):
    with pytest.raises(UsageError, match="leak must lie in"):
        null_photons(leak, share, 1)
