"""Naming the hidden string: against all strings one by one, and against what is proven."""

import numpy as np
import pytest
from hidden_strings import every_string, hide, measure

from quantum_advantage.core.pauli import PauliStrings, random_letters
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.hidden_pauli.naming import (
    information_sets,
    least_naming_chance,
    shots_to_name,
)
from quantum_advantage.inference.hidden_pauli.posterior import count_bell_signs
from quantum_advantage.measurements.bell import MEMORY, SYSTEM, bell_parity
from quantum_advantage.tasks.observables.protocols import Bell

ALPHA = 0.9


def outcomes_of(letters, shots, seed=1):
    record = measure(Bell(), hide(letters, 1, ALPHA, seed), shots, seed)
    return record.bits[SYSTEM], record.bits[MEMORY]


def minus_signs(string, system, memory):
    return int(bell_parity(string.x, string.z, system, memory).sum())


@pytest.mark.parametrize(("n", "shots"), [(1, 4), (2, 10), (3, 15), (4, 25)])
def test_the_lightest_string_is_found(n, shots):
    rng, systems, missed = np.random.default_rng(n), 60, 0
    system, memory = outcomes_of(random_letters(systems, n, rng), shots)
    counts = count_bell_signs(n, system, memory, systems, np.array([shots]))
    fewest = shots - counts.pluses[:, 0, 1:].max(axis=1)
    for k in range(systems):
        mine = slice(k * shots, (k + 1) * shots)
        named = information_sets(n, system[mine], memory[mine], rng)
        assert named.weight()[0] > 0
        missed += minus_signs(named, system[mine], memory[mine]) > fewest[k]
    assert missed <= 1


@pytest.mark.parametrize(("n", "shots"), [(8, 32), (20, 85)])
def test_the_hidden_string_is_named_as_often_as_is_proven(n, shots):
    rng, systems = np.random.default_rng(n), 100
    letters = random_letters(systems, n, rng)
    system, memory = (words.reshape(systems, shots, 1) for words in outcomes_of(letters, shots))
    hidden = PauliStrings.from_letters(letters).text()
    named = information_sets(n, system, memory, rng).text()
    right = np.mean([a == b for a, b in zip(named, hidden, strict=True)])
    chance = least_naming_chance(shots, qubits=n, alpha=ALPHA)
    assert right > chance - 3 * np.sqrt(chance * (1 - chance) / systems)


def test_the_proven_chance_is_below_the_exact_one():
    n, shots, systems = 2, 8, 4000
    letters = np.repeat(every_string(n), -(-systems // 15), axis=0)[:systems]
    system, memory = outcomes_of(letters, shots)
    counts = count_bell_signs(n, system, memory, systems, np.array([shots]))
    pluses = counts.pluses[:, 0, 1:]
    strings = PauliStrings.from_letters(letters)
    places = (strings.x[:, 0] + strings.z[:, 0] * np.uint64(2**n)).astype(int) - 1
    own = pluses[np.arange(systems), places]
    alone = ((pluses >= own[:, None]).sum(axis=1) == 1).mean()
    assert alone > least_naming_chance(shots, qubits=n, alpha=ALPHA)


def test_signs_of_other_strings_are_coins_given_those_of_the_hidden_one():
    system, memory = outcomes_of(every_string(2)[[6]], 20_000)
    strings = PauliStrings.from_letters(every_string(2))
    signs = np.array([bell_parity(strings[k].x, strings[k].z, system, memory) for k in range(15)])
    for k in set(range(15)) - {6}:
        table = np.histogram2d(signs[6], signs[k], bins=2)[0]
        share = table[:, 1] / table.sum(axis=1)
        assert (np.abs(share - 0.5) < 4 * 0.5 / np.sqrt(table.sum(axis=1))).all()


def test_shots_grow_in_proportion_to_the_qubits():
    shots = np.array([shots_to_name(0.9, qubits=n, alpha=ALPHA) for n in (20, 40, 80)])
    assert (np.diff(shots) / [20, 40] < 4.2).all()
    assert least_naming_chance(int(shots[0]), qubits=20, alpha=ALPHA) >= 0.9
    assert least_naming_chance(int(shots[0]) - 1, qubits=20, alpha=ALPHA) < 0.9


def test_too_many_qubits_and_no_shots_are_refused():
    nothing = np.zeros((0, 1), dtype=np.uint64)
    with pytest.raises(UsageError, match="qubits must lie between 1 and 31"):
        information_sets(32, nothing, nothing, np.random.default_rng(1))
    with pytest.raises(UsageError, match="at least one outcome"):
        information_sets(3, nothing, nothing, np.random.default_rng(1))


def test_systems_are_named_together_as_one_by_one():
    n, shots, systems = 5, 20, 40
    system, memory = (
        words.reshape(systems, shots, 1)
        for words in outcomes_of(random_letters(systems, n, np.random.default_rng(3)), shots)
    )
    one, other = np.random.default_rng(7), np.random.default_rng(7)
    alone = [information_sets(n, a, b, one) for a, b in zip(system, memory, strict=True)]
    together = information_sets(n, system, memory, other)
    assert together.text() == [string.text()[0] for string in alone]
