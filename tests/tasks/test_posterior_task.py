"""The posterior over all strings from circuits: against density matrices, and its claims' truth."""

import functools
import itertools

import cirq
import numpy as np
import pytest

from quantum_advantage.backends.opening import open_backend
from quantum_advantage.bounds.hidden_pauli import largest_conventional_accuracy
from quantum_advantage.circuits.run import run
from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.inference.bell.spectrum import square_index
from quantum_advantage.inference.hidden_pauli.posterior import answer, log_posterior
from quantum_advantage.measurements.bell import bell_basis_change
from quantum_advantage.measurements.pauli_basis import pauli_basis_change, pauli_basis_dials
from quantum_advantage.measurements.stabiliser import random_basis_dials, stabiliser_basis_change
from quantum_advantage.measurements.unbiased_bases import unbiased_basis_dial
from quantum_advantage.tasks.observables.evidence import decide
from quantum_advantage.tasks.observables.games import ObservablesTask, draw_games
from quantum_advantage.tasks.observables.task import Observables
from quantum_advantage.tasks.posterior import (
    COUNTERS,
    Posterior,
    candidate_places,
    string_posterior,
)
from quantum_advantage.tasks.shared.seeds import Seeds

ALPHA = 0.9
OBSERVABLES = Observables("observables:alpha=0.9,game=two")
FULL = {
    "bell": "bell",
    "local_pauli": "local_pauli:times=1",
    "random_clifford": "random_clifford",
    "mutually_unbiased": "mutually_unbiased:times=3",
    "mutually_unbiased_cycled": "mutually_unbiased_cycled",
}
each_protocol = pytest.mark.parametrize("name", COUNTERS)


def all_letters(qubits):
    return np.array(list(itertools.product(range(4), repeat=qubits)), dtype=np.uint8)


def measured(name, qubits, trials, shots, seed=0):
    rng = np.random.default_rng(seed)
    games = draw_games(ObservablesTask(ALPHA), "hidden", qubits, trials, rng, rng)
    chosen = OBSERVABLES.read(FULL[name], qubits).measurement()
    request = chosen.request(games.preparation, shots, rng)
    (record,) = run([request], open_backend("qsim").make(seed))
    return games, chosen, record


def effects(name, qubits, record):
    """The vectors that the shots were projected on, from the circuits of the measurement."""
    a, b = cirq.LineQubit.range(qubits), cirq.LineQubit.range(qubits, 2 * qubits)
    order, dials = a, ()
    if name == "bell":
        change, order = bell_basis_change(a, b), [*a, *b]
    elif name == "local_pauli":
        change, dials = pauli_basis_change(a), pauli_basis_dials(qubits)
    else:
        change, dials = stabiliser_basis_change(a), random_basis_dials(qubits)
        if name != "random_clifford":
            dials = (unbiased_basis_dial(qubits),)
    for shot in range(record.shots):
        values = {
            symbol: value
            for dial in dials
            for symbol, value in zip(
                dial.symbols, dial.positions[int(record.settings[dial.name][shot])], strict=True
            )
        }
        unitary = cirq.resolve_parameters(cirq.Circuit(change), values).unitary(qubit_order=order)
        words = [int(record.bits[key][shot, 0]) for key in sorted(record.bits, reverse=True)]
        bits = [word >> j & 1 for word in words for j in range(qubits)]
        yield unitary.conj().T[:, int("".join(map(str, bits)), 2)]


@each_protocol
def test_posterior_is_that_of_density_matrices(name):
    """All strings and both signs at n = 2, by the probabilities of every single outcome."""
    n, shots = 2, 7
    games, _, record = measured(name, n, 1, shots)
    letters = all_letters(n)
    places = square_index(PauliStrings.from_letters(letters))
    weights = np.zeros((2, 4**n))
    for place, string in zip(places[1:], letters[1:], strict=True):
        for k, sign in enumerate((1, -1)):
            matrix = cirq.unitary(cirq.DensePauliString(string))
            state = (np.eye(2**n) + sign * ALPHA * matrix) / 2**n
            if name == "bell":
                state = np.kron(state, state)
            chances = [np.vdot(v, state @ v).real for v in effects(name, n, record)]
            weights[k, place] = np.prod(np.array(chances) * len(state))
    expected = weights / weights.sum()
    counts = COUNTERS[name](record, n, games.trials, np.array([shots]))
    found = np.exp(log_posterior(counts, ALPHA, squared=name == "bell"))[0, 0]
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    alone = string_posterior(FULL[name], record, games, ALPHA, np.array([shots]))[0, 0]
    np.testing.assert_allclose(np.exp(alone), expected.sum(axis=0), rtol=1e-6)


@each_protocol
def test_signs_of_all_strings_are_those_that_the_protocol_reads(name):
    n, trials, shots, prefixes = 3, 5, 20, np.array([1, 7, 20])
    _, chosen, record = measured(name, n, trials, shots)
    letters = all_letters(n)
    evidence = chosen.evidence(record, np.tile(letters, (trials, 1, 1)), prefixes)
    counts = COUNTERS[name](record, n, trials, prefixes)
    places = square_index(PauliStrings.from_letters(letters))
    np.testing.assert_array_equal(np.moveaxis(counts.hits[..., places], 2, 1), evidence.hits)
    np.testing.assert_array_equal(np.moveaxis(counts.pluses[..., places], 2, 1), evidence.pluses)


@pytest.mark.parametrize("n", [2, 5])
@each_protocol
def test_the_whole_posterior_answers_as_two_likelihoods_do(name, n):
    """The theorem: all other strings are irrelevant, game by game and at every prefix."""
    prefixes = np.array([1, 3, 8, 20, 40])
    games, chosen, record = measured(name, n, 200, 40)
    logs = string_posterior(FULL[name], record, games, ALPHA, prefixes)
    whole = answer(logs, candidate_places(games), np.random.default_rng(1))
    evidence = chosen.evidence(record, games.candidates, prefixes)
    np.testing.assert_array_equal(whole, decide(evidence, ALPHA, np.random.default_rng(1)))


@functools.cache
def claims(name, n, shots, sets=30):
    seeds = Seeds(*np.random.SeedSequence(shots).spawn(4))
    sampler = open_backend("qsim").make(shots)
    task = Posterior("posterior")
    return task.estimate(task.read(FULL[name], n), shots, sets, seeds, sampler)


@pytest.mark.parametrize(
    ("name", "n", "shots"),
    [
        ("bell", 4, 6),
        ("local_pauli", 2, 15),
        ("random_clifford", 3, 20),
        ("mutually_unbiased", 4, 40),
    ],
)
def test_what_the_posterior_claims_is_true_in_the_mean(name, n, shots):
    found = claims(name, n, shots)
    off = (found.values - found.truths).mean(axis=0)
    stated = np.sqrt((found.errors**2).sum(axis=0)) / len(found.errors)
    assert (np.abs(off) < 4 * stated).all()
    assert (stated < 0.1).all()


def test_unlimited_computing_does_not_beat_the_bound():
    for shots in (10, 20, 40):
        found = claims("mutually_unbiased", 4, shots)
        largest = largest_conventional_accuracy(shots, qubits=4)
        share = found.truths[:, 2].mean()
        assert share < largest
        assert share > 0.5 + 4 * 0.5 / 3000**0.5


def test_bell_data_names_the_string_where_single_copies_know_nothing():
    bell, single = claims("bell", 4, 20), claims("mutually_unbiased", 4, 40)
    assert bell.truths[:, 1].mean() > 0.85
    assert single.truths[:, 1].mean() < 0.1
    assert bell.values[:, 0].mean() < 0.6
    assert single.values[:, 0].mean() > 6


def test_names_quantities_and_refusals():
    task = Posterior("posterior:alpha=0.50")
    assert str(task) == "posterior:alpha=0.5"
    assert task.resolve("mutually_unbiased", 4) == "mutually_unbiased:times=8"
    assert task.copies_per_shot("bell", 4) == 2
    assert task.circuit("bell", 2) == OBSERVABLES.circuit("bell", 2)
    assert "Posterior of all" in task.explain("random_clifford", 2)
    with pytest.raises(ValueError, match="choose one of bell, local_pauli"):
        task.resolve("known_question", 4)
    with pytest.raises(ValueError, match="at most 8 for bell as circuits"):
        task.check("bell", 9, 10, circuits=True, noise=False)
    with pytest.raises(ValueError, match="at least 2 for bell"):
        task.check("bell", 2, 1, circuits=True, noise=False)
    with pytest.raises(ValueError, match="no exact law"):
        task.check("bell", 2, 10, circuits=False, noise=False)
    with pytest.raises(ValueError, match="alpha must lie"):
        Posterior("posterior:alpha=1")
