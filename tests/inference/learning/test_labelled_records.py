import numpy as np
import pytest

from quantum_advantage.inference.learning.labelled_records import (
    Labelled,
    cross_entropy,
    means_at,
    shuffled,
    symbols_of,
)


def test_symbols_name_the_letter_and_the_outcome_of_every_qubit():
    rng = np.random.default_rng(1)
    letters = rng.integers(0, 4, (5, 2, 3), dtype=np.uint8)
    outcomes = rng.integers(0, 12, (5, 7, 3), dtype=np.uint8)
    symbols = symbols_of(letters, outcomes, 12).reshape(5, 2, 7, 3)
    for record, candidate, shot in [(0, 0, 0), (4, 1, 6), (2, 1, 3)]:
        np.testing.assert_array_equal(
            symbols[record, candidate, shot] // 12, letters[record, candidate]
        )
        np.testing.assert_array_equal(symbols[record, candidate, shot] % 12, outcomes[record, shot])


def test_means_are_those_of_the_first_shots():
    values = np.random.default_rng(2).standard_normal((4, 20))
    prefixes = np.array([1, 2, 7, 19])
    expected = np.stack([values[:, :t].mean(axis=1) for t in prefixes], axis=1)
    np.testing.assert_allclose(means_at(values, prefixes), expected)


def test_cross_entropy_is_the_logarithm_of_the_chance_of_the_labels():
    odds = np.array([-2.0, 0.0, 3.0, 0.5])
    hidden = np.array([True, False, True, False])
    chance = 1 / (1 + np.exp(-odds))
    loss, slope = cross_entropy(odds, hidden)
    assert loss == pytest.approx(-np.log(np.where(hidden, chance, 1 - chance)).sum())
    step = 1e-6
    for i in range(4):
        moved = odds + step * (np.arange(4) == i)
        back = odds - step * (np.arange(4) == i)
        difference = (cross_entropy(moved, hidden)[0] - cross_entropy(back, hidden)[0]) / 2 / step
        assert slope[i] == pytest.approx(difference, abs=1e-8)


def test_huge_odds_do_not_overflow():
    loss, slope = cross_entropy(np.array([-1e4, 1e4]), np.array([True, True]))
    assert loss == pytest.approx(1e4)
    np.testing.assert_allclose(slope, [-1, 0])


def test_shuffling_keeps_records_and_the_number_of_labels():
    hidden = np.arange(200) % 2 == 0
    one = Labelled(np.zeros((200, 1, 1), dtype=np.uint8), hidden)
    (other,) = shuffled([one], np.random.default_rng(3))
    assert other.symbols is one.symbols
    assert other.hidden.sum() == 100
    assert 60 < (other.hidden == hidden).sum() < 140
