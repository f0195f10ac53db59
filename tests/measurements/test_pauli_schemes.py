import itertools
import math

import numpy as np
import pytest

from quantum_advantage.core.pauli import PauliStrings, random_letters
from quantum_advantage.measurements import pauli_schemes
from quantum_advantage.measurements.pauli_schemes import (
    covering_bases,
    derandomised_bases,
)

ETA = 0.9


def hits_of(strings, bases):
    """Which settings hit which strings, (settings, strings)."""
    letters = strings.letters()
    return ((letters == 0) | (letters == bases[:, None] + 1)).all(axis=2)


def mean_bound(letters, hits, partial, settings_left, eta=ETA):
    """The conditional mean of the confidence bound, straight from the formula of the paper.

    ``partial`` holds the letters of the setting in the making.
    """
    nu, total = 1 - math.exp(-eta / 2), 0.0
    for string, found in zip(letters, hits, strict=True):
        fixed = string[: len(partial)]
        possible = all(
            letter in (0, basis + 1) for letter, basis in zip(fixed, partial, strict=True)
        )
        chance = possible * 3.0 ** -np.count_nonzero(string[len(partial) :])
        whole = 3.0 ** -np.count_nonzero(string)
        total += math.exp(-eta / 2 * found) * (1 - nu * chance) * (1 - nu * whole) ** settings_left
    return total


def by_the_formula(strings, settings, eta=ETA):
    letters = strings.letters()
    hits, bases, bounds = np.zeros(len(letters)), [], []
    for k in range(settings):
        partial = []
        for _ in range(strings.qubits):
            means = [
                mean_bound(letters, hits, [*partial, basis], settings - k - 1, eta)
                for basis in range(3)
            ]
            partial.append(min(range(3), key=lambda b: round(means[b], 12)))
            bounds.append(min(means))
        bases.append(partial)
        hits += hits_of(strings, np.array([partial]))[0]
    return np.array(bases), bounds


@pytest.fixture(scope="module")
def strings():
    rng = np.random.default_rng(1)
    letters = [random_letters(6, 5, rng, weight) for weight in (1, 2, 3, 5)]
    return PauliStrings.from_letters(np.concatenate(letters))


def test_derandomised_bases_are_those_of_the_formula(strings):
    found = derandomised_bases(strings, 12)
    expected, bounds = by_the_formula(strings, 12)
    assert (found == expected).all()
    at_random = mean_bound(strings.letters(), np.zeros(len(strings)), [], 11)
    assert (np.diff([at_random, *bounds]) < 1e-9).all()
    final = np.exp(-ETA / 2 * hits_of(strings, found).sum(axis=0)).sum()
    assert final == pytest.approx(bounds[-1])
    assert final < 0.8 * at_random


def test_derandomised_bases_hit_more_often_than_random_ones():
    rng = np.random.default_rng(2)
    many = PauliStrings.from_letters(random_letters(200, 12, rng, 3))
    chosen = hits_of(many, derandomised_bases(many, 100)).sum(axis=0)
    drawn = hits_of(many, rng.integers(0, 3, (100, 12))).sum(axis=0)
    assert chosen.min() > drawn.min()
    assert chosen.mean() > 1.5 * drawn.mean()


def test_larger_eta_prefers_strings_with_few_hits(strings):
    flat, steep = (
        hits_of(strings, derandomised_bases(strings, 60, eta)).sum(axis=0) for eta in (0.01, 3)
    )
    assert steep.min() >= flat.min()
    assert steep.std() < flat.std()


@pytest.mark.parametrize("hits", [1, 4])
def test_covering_bases_measure_every_string(hits):
    pairs = [
        [a if k == i else b if k == j else 0 for k in range(8)]
        for i, j in itertools.combinations(range(8), 2)
        for a, b in itertools.product((1, 2, 3), repeat=2)
    ]
    strings = PauliStrings.from_letters(np.array(pairs))
    bases = covering_bases(strings, hits)
    assert hits_of(strings, bases).sum(axis=0).min() >= hits
    assert len(bases) <= hits * (9 * math.log(len(pairs)) + 1)
    assert len(bases) < 25 * hits


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda s: derandomised_bases(s, 0), "settings must be at least 1, not 0"),
        (lambda s: derandomised_bases(s, 1.5), "settings must be a whole number, not 1.5"),
        (lambda s: derandomised_bases(s[:0], 5), "strings must be at least one"),
        (lambda s: derandomised_bases(s, 5, 0), "eta must be positive, not 0"),
        (lambda s: covering_bases(s, 0), "hits must be at least 1, not 0"),
        (lambda s: covering_bases(s, float("nan")), "hits must be a whole number, not nan"),
        (lambda s: covering_bases(s[:0]), "strings must be at least one"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(strings, call, message):
    with pytest.raises(ValueError, match=message):
        call(strings)


def test_ten_hits_of_each_string_need_fewer_bases_than_ten_coverings():
    strings = PauliStrings.from_letters(random_letters(200, 20, np.random.default_rng(0), 3))
    once, often = (covering_bases(strings, hits) for hits in (1, 10))
    assert (hits_of(strings, often).sum(axis=0) >= 10).all()
    assert len(once) == 20
    assert len(often) <= 140


def test_equal_sums_choose_the_first_basis_whatever_their_rounding():
    """A tenth added up in two orders differs in its last bit."""
    letters = np.array([[1, 0], [1, 0], [1, 0], [3, 0], [3, 0], [3, 0]], dtype=np.uint8)
    importance = np.array([0.1, 0.2, 0.3, 0.3, 0.2, 0.1])
    for order in itertools.permutations(range(3)):
        moved = np.concatenate([importance[list(order)], importance[3:]])
        chosen, _ = pauli_schemes._Letters(PauliStrings.from_letters(letters)).choose(moved)
        assert chosen[0] == 0
