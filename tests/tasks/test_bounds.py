import numpy as np
import pytest

from quantum_advantage.bounds import haar_states, hidden_pauli, pauli_channels, time_reversal
from quantum_advantage.tasks.registry import load_deciding

OBSERVABLES = "observables:alpha=0.9,game=two"
BOUNDS = {
    OBSERVABLES: lambda t, n: hidden_pauli.largest_conventional_accuracy(t, qubits=n),
    "observables:alpha=0.5,game=one": lambda t, n: hidden_pauli.largest_conventional_accuracy(
        t, qubits=n, alpha=0.5, game="one"
    ),
    "processes:alpha=0.9,game=two": lambda t, n: hidden_pauli.largest_conventional_accuracy(
        t, qubits=n
    ),
    "purity": lambda t, n: haar_states.largest_purity_accuracy(t, qubits=n),
    "principal_component": lambda t, n: haar_states.largest_principal_accuracy(t, qubits=n),
    "time_reversal": lambda t, n: time_reversal.largest_reversal_accuracy(t, qubits=n),
}


@pytest.mark.parametrize("task", BOUNDS)
@pytest.mark.parametrize("qubits", [4, 20])
def test_each_task_has_the_bound_of_its_theorem(task, qubits):
    learners = load_deciding(task).bound_of("bell", qubits)
    for copies in (1, 10, 1000):
        assert learners.largest_accuracy(copies) == BOUNDS[task](copies, qubits)


@pytest.mark.parametrize("task", BOUNDS)
def test_copies_for_an_accuracy_are_the_inverse(task):
    learners = load_deciding(task).bound_of("bell", 12)
    for accuracy in (0.55, 0.7, 0.9):
        copies = learners.copies_for(accuracy)
        np.testing.assert_allclose(learners.largest_accuracy(copies), accuracy, atol=1e-6)


def test_channels_have_their_bound():
    learners = load_deciding("pauli_channel").bound_of("bell_pairs", 12)
    for uses in (1, 10, 1000):
        expected = pauli_channels.largest_accuracy(uses, qubits=12)
        assert learners.largest_accuracy(uses) == expected
    assert "derived there" in learners.proof
    assert any("honesty" in line for line in learners.not_covered)


@pytest.mark.parametrize("task", BOUNDS)
def test_assumptions_and_limits_are_told(task):
    learners = load_deciding(task).bound_of("bell", 4)
    assert "derived there" in learners.proof
    assert len(learners.assumptions) >= 3
    assert any("honesty" in line for line in learners.not_covered)


@pytest.mark.parametrize(
    ("task", "fixed_input", "condition"),
    [
        (OBSERVABLES, False, ""),
        ("processes", False, ""),
        ("purity", False, "if the states are Haar-random"),
        ("principal_component", False, "if the states are Haar-random"),
        ("time_reversal", True, "if the evolutions are Haar-random"),
    ],
)
def test_whom_a_bound_is_about_belongs_to_the_task(task, fixed_input, condition):
    bound = load_deciding(task).bound_of("bell", 4)
    assert bound.learners.startswith("no learner without a quantum memory")
    assert bound.learners.endswith("one fixed real input and no ancilla") == fixed_input
    assert ("however adaptive" in bound.learners) != fixed_input
    assert bound.condition == condition


@pytest.mark.parametrize(
    ("task", "covered"),
    [
        (OBSERVABLES, False),
        ("purity", True),
        ("principal_component", True),
        ("time_reversal", True),
    ],
)
def test_learners_who_know_the_circuits_are_not_covered_where_states_only_look_random(
    task, covered
):
    lines = load_deciding(task).bound_of("bell", 4).not_covered
    assert any("come from circuits" in line for line in lines) == covered


@pytest.mark.parametrize(
    ("task", "protocol", "message"),
    [
        (OBSERVABLES, "known_question", "the question is told beforehand"),
        (OBSERVABLES, "different_hidden", "does not hide one string"),
        (OBSERVABLES, "local_observables", "does not hide one string"),
        (OBSERVABLES, "no_signal", "does not hide one string"),
        (OBSERVABLES, "bell_grouped", "share a product state, and are not independent"),
        ("time_reversal:depth=5", "bell", "not Haar-random"),
        ("time_reversal:ensemble=public", "bell", "not Haar-random"),
        (OBSERVABLES, "bel", "unknown protocol 'bel'"),
        ("observable", "bell", "unknown task 'observable'"),
    ],
)
def test_games_without_a_proven_bound_are_refused(task, protocol, message):
    with pytest.raises(ValueError, match=message):
        load_deciding(task).bound_of(protocol, 4)
