"""The learned table, on records that are drawn from the exact law of Bell outcomes."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime

from quantum_advantage.inference.learning.labelled_records import Labelled, shuffled
from quantum_advantage.inference.learning.symbol_table import (
    SymbolTable,
    cost_of_table,
    fit_symbol_table,
    loss_and_gradient,
)
from quantum_advantage.measurements.bell import bell_signs

ALPHA = 0.9


def law_sets(largest, questions, shots, seed, mean=ALPHA**2):
    """Labelled records from the exact law: all outcomes fair, but for the last letter's sign."""
    rng, signs = np.random.default_rng(seed), bell_signs()
    sets = []
    for n in range(1, largest + 1):
        letters = rng.integers(0, 4, (questions, n))
        letters[:, -1] = rng.integers(1, 4, questions)
        hidden = rng.random(questions) < 0.5
        outcomes = rng.integers(0, 4, (questions, shots, n))
        plus = rng.random((questions, shots)) < np.where(hidden, 1 + mean, 1.0)[:, None] / 2
        product = signs[letters[:, None], outcomes].prod(axis=2)
        # The sign of a letter is turned over where it is wrong, by an outcome that does so.
        turned = np.where(letters[:, -1] == 1, 2, 1)
        wrong = (product > 0) != plus
        outcomes[:, :, -1] ^= np.where(wrong, turned[:, None], 0)
        assert ((signs[letters[:, None], outcomes].prod(axis=2) > 0) == plus).all()
        sets.append(Labelled((4 * letters[:, None] + outcomes).astype(np.uint8), hidden))
    return sets


SETS = law_sets(6, 500, 8, 0)


def test_gradient_is_that_of_differences():
    rng = np.random.default_rng(1)
    parameters = rng.standard_normal(18)
    few = [Labelled(one.symbols[:9, :3], one.hidden[:9]) for one in SETS[:4]]
    _, gradient = loss_and_gradient(parameters, few, 0.3)
    differences = approx_fprime(parameters, lambda p: loss_and_gradient(p, few, 0.3)[0], 1e-7)
    np.testing.assert_allclose(gradient, differences, atol=2e-5)
    assert (np.abs(gradient) > 1e-3).sum() > 10


@pytest.mark.parametrize("seed", range(4))
def test_table_of_signs_is_learned_with_that_of_y(seed):
    table = fit_symbol_table(SETS, 4, seed)
    np.testing.assert_allclose(table.weights, bell_signs(), atol=0.2)
    assert table.slope > 0


def test_sizes_together_need_no_pull_towards_one():
    table = fit_symbol_table(SETS, 4, 1, pull=0.0)
    assert (np.sign(table.weights) == bell_signs()).all()
    assert np.abs(np.log(np.abs(table.weights).mean())) < 0.1


def test_shuffled_labels_teach_nothing():
    """Tables of 20 shuffles: the overlap of all letters with the signs is fair around 0."""
    rng = np.random.default_rng(5)
    overlaps = [
        (fit_symbol_table(shuffled(SETS[:3], rng), 4, rng).weights * bell_signs()).mean(axis=1)
        for _ in range(20)
    ]
    means = np.prod(overlaps, axis=1)
    assert abs(means.mean()) < 4 * max(means.std() / 20**0.5, 0.01)
    assert np.median(np.abs(means)) < 0.2


def test_log_odds_are_products_averaged_over_shots():
    rng = np.random.default_rng(2)
    table = SymbolTable(rng.standard_normal((4, 4)), 1.5, -0.5)
    symbols = rng.integers(0, 16, (3, 10, 5)).astype(np.uint8)
    products = table.weights.ravel()[symbols].prod(axis=2)
    expected = [1.5 * products[:, :t].mean(axis=1) - 0.5 for t in (2, 10)]
    np.testing.assert_allclose(table.log_odds(symbols, np.array([2, 10])).T, expected)


def test_cost_of_the_exact_table_is_one_at_any_scale():
    np.testing.assert_allclose(cost_of_table(bell_signs(), bell_signs()), 1)
    np.testing.assert_allclose(cost_of_table(-3 * bell_signs(), bell_signs()), 1)
    worse = bell_signs() * [1, 1, 1, 0]
    np.testing.assert_allclose(cost_of_table(worse, bell_signs()), 4 / 3)


def test_cost_of_a_worse_table_is_that_of_weak_signals():
    """Strings of X alone: shots for equal accuracy, times the cost of each letter."""
    n, games, shots = 4, 20_000, 60
    worse = bell_signs() * [1.0, 0.4, 1.0, 0.6]
    (cost,) = np.unique(cost_of_table(worse, bell_signs())[1:2])
    rng = np.random.default_rng(3)
    mean = 0.1
    x = 4 + rng.integers(0, 4, (2 * games, shots, n))
    product = bell_signs().ravel()[x].prod(axis=2)
    hidden = np.arange(2 * games) % 2 == 0
    plus = rng.random(product.shape) < np.where(hidden, 1 + mean, 1.0)[:, None] / 2
    x[:, :, -1] ^= np.where((product > 0) != plus, 2, 0)
    accuracies = {}
    for name, weights in (("exact", bell_signs()), ("worse", worse)):
        scores = SymbolTable(weights, 1, 0).log_odds(x.astype(np.uint8), np.arange(1, shots + 1))
        lead = scores[::2] - scores[1::2] + 1e-9 * rng.standard_normal((games, shots))
        accuracies[name] = (lead > 0).mean(axis=0)
    # Accuracy of 60 shots of the worse table is that of 60/costⁿ of the exact one.
    equal = round(shots / cost**n)
    assert 1.2 < cost**n < 3
    error = (0.25 / games) ** 0.5
    assert abs(accuracies["worse"][-1] - accuracies["exact"][equal - 1]) < 5 * error
