import numpy as np
import pytest

from quantum_advantage.inference.learning.labelled_records import Labelled
from quantum_advantage.inference.learning.recurrent import (
    draw_recurrent,
    fit_recurrent,
    from_vector,
    loss_and_gradient,
    to_vector,
)


def random_labelled(questions, shots, qubits, seed, kinds=4):
    rng = np.random.default_rng(seed)
    symbols = rng.integers(0, 4 * kinds, (questions, shots, qubits)).astype(np.uint8)
    return Labelled(symbols, rng.random(questions) < 0.5)


def test_gradient_is_that_of_differences():
    rng = np.random.default_rng(0)
    model, data = draw_recurrent(4, 5, rng), random_labelled(6, 3, 7, 1)
    numbers = to_vector(model) + 0.3 * rng.standard_normal(to_vector(model).size)
    model = from_vector(numbers, model)
    gradient = to_vector(loss_and_gradient(model, data, 0.01)[1])
    step = 1e-6
    differences = np.empty_like(gradient)
    for i in range(numbers.size):
        ahead, back = numbers.copy(), numbers.copy()
        ahead[i] += step
        back[i] -= step
        losses = [loss_and_gradient(from_vector(v, model), data, 0.01)[0] for v in (ahead, back)]
        differences[i] = (losses[0] - losses[1]) / (2 * step)
    np.testing.assert_allclose(gradient, differences, atol=1e-8)
    assert np.linalg.norm(gradient) > 0.01


def test_cell_is_that_of_its_source():
    """One sequence by hand, in the equations of the module's docstring."""
    model = draw_recurrent(4, 3, np.random.default_rng(2))
    data = random_labelled(1, 1, 5, 3)
    h = np.zeros(3)
    for symbol in data.symbols[0, 0]:
        letter, outcome = divmod(int(symbol), 4)
        x = model.letters[letter] + model.outcomes[outcome] + model.bias
        uz, ur, uk = np.split(model.recurrent, 3, axis=1)
        z, r = 1 / (1 + np.exp(-(x[:3] + h @ uz))), 1 / (1 + np.exp(-(x[3:6] + h @ ur)))
        h = (1 - z) * h + z * np.tanh(x[6:] + (r * h) @ uk)
    (odds,) = model.log_odds(data.symbols, np.array([1]))[0]
    assert odds == pytest.approx(h @ model.head + model.offset[0], abs=1e-5)


def test_reading_is_the_training_model_in_single_precision(monkeypatch):
    monkeypatch.setattr("quantum_advantage.inference.learning.recurrent._AT_ONCE", 7)
    model, data = draw_recurrent(4, 6, np.random.default_rng(4)), random_labelled(9, 4, 20, 5)
    odds = model.log_odds(data.symbols, np.array([1, 4]))
    assert odds.shape == (9, 2)
    loss = np.logaddexp(0, np.where(data.hidden, -odds[:, 1], odds[:, 1])).mean()
    assert loss_and_gradient(model, data, 0.0)[0] == pytest.approx(loss, abs=1e-5)
    alone = model.log_odds(data.symbols[3:4, :1], np.array([1]))
    assert alone[0, 0] == pytest.approx(odds[3, 0], abs=1e-5)


def test_numbers_go_to_a_vector_and_back():
    model = draw_recurrent(12, 4, np.random.default_rng(6))
    again = from_vector(to_vector(model), model)
    for name in vars(model):
        np.testing.assert_array_equal(getattr(again, name), getattr(model, name))


def parity_sets(sizes, questions, seed):
    """A sign that every qubit with letter Z and outcome 1 turns; shots without noise."""
    rng, sets = np.random.default_rng(seed), []
    for n in range(1, sizes + 1):
        letters = rng.integers(0, 2, (questions, 1, n)) * 3
        outcomes = rng.integers(0, 2, (questions, 1, n))
        odd = ((letters == 3) & (outcomes == 1)).sum(axis=2)[:, 0] % 2 == 1
        sets.append(Labelled((4 * letters + outcomes).astype(np.uint8), odd))
    return sets


def test_training_finds_a_sign_that_two_qubits_carry():
    model = fit_recurrent(parity_sets(2, 300, 7), 4, 0, width=8, steps=300, last_steps=600)
    fresh = parity_sets(2, 500, 8)[-1]
    right = (model.log_odds(fresh.symbols, np.array([1]))[:, 0] > 0) == fresh.hidden
    assert right.mean() > 0.9


def test_training_is_decided_by_its_seed():
    sets = parity_sets(2, 50, 9)
    first, again, other = (
        to_vector(fit_recurrent(sets, 4, seed, width=4, steps=5, last_steps=5))
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
