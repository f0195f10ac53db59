"""Answers, budgets and names are the same where the last places of all functions are others."""

from __future__ import annotations

import numpy as np
import pytest
from greedy_learner import greedy_right

from quantum_advantage.backends.opening import open_backend
from quantum_advantage.inference.hidden_pauli.likelihoods import choose
from quantum_advantage.inference.learning.clustering import cluster
from quantum_advantage.inference.learning.kernel_pca import feature_coordinates, moment_features
from quantum_advantage.tasks.base import FromLaw, whole_copies
from quantum_advantage.tasks.principal_component import PrincipalComponent
from quantum_advantage.tasks.purity import Purity
from quantum_advantage.tasks.registry import load_task
from quantum_advantage.tasks.shared.prefixes import shots_played
from quantum_advantage.tasks.shared.seeds import Seeds
from quantum_advantage.tasks.time_reversal import TimeReversal

HAAR = (Purity("purity"), PrincipalComponent("principal_component"), TimeReversal("time_reversal"))
BY_LAW = [
    (task, name)
    for task in HAAR
    for name, entry in task.protocols.items()
    if entry.exact is not None
]
ON_CIRCUITS = [(task, name) for task in HAAR for name in task.protocols]
GAMES = load_task("observables:alpha=0.9,game=two")
TARGETS = (0.7, 0.9)


def seeds():
    return Seeds(*np.random.SeedSequence(5).spawn(4))


def always(find, unsteady, times=3):
    """Finds the same every time, steady and unsteady."""
    first = find()
    for seed in range(times):
        unsteady(seed)
        assert find() == first
    return first


@pytest.mark.parametrize(("task", "name"), BY_LAW, ids=str)
def test_answers_from_the_law(task, name, unsteady):
    full, prefixes = task.resolve(name, 5, 0.7), np.arange(1, 40)
    always(
        lambda: task.play(full, 5, prefixes, 400, 0, seeds(), FromLaw()).correct.tolist(), unsteady
    )


@pytest.mark.parametrize(("task", "name"), ON_CIRCUITS, ids=str)
def test_answers_from_circuits(task, name, unsteady):
    full, prefixes = task.resolve(name, 3, 0.7), np.array([1, 2, 3, 5, 8])

    def play():
        sampler = open_backend("qsim").make(1)
        return task.play(full, 3, prefixes, 20, 0, seeds(), sampler).correct.tolist()

    always(play, unsteady, 2)


def test_equal_evidence_is_tossed_for():
    """Two flags of each kind and no outcome twice: the sums are 0 only up to rounding."""
    task = PrincipalComponent("principal_component")
    collisions = task.protocols["collisions"].measurement({}, 6)
    outcomes = np.array([[0, 1, 1, 0]]), np.array([[3, 4, 5, 6]])
    score = collisions.scores(outcomes, np.array([4]))
    answers = [int(choose(score[:, None], np.random.default_rng(k))[0, 0]) for k in range(40)]
    assert 8 < sum(answers) < 32


@pytest.mark.parametrize(
    "name",
    [
        "bell",
        "local_pauli",
        "random_clifford",
        "mutually_unbiased",
        "mutually_unbiased_cycled",
        "product_two_copy",
    ],
)
def test_answers_of_games(name, unsteady):
    full, prefixes = GAMES.resolve(name, 4, 0.7), np.arange(1, 60)
    always(
        lambda: GAMES.play(full, 4, prefixes, 400, 0, seeds(), FromLaw()).correct.tolist(), unsteady
    )


def test_an_adaptive_learner_chooses_the_same(unsteady):
    always(lambda: greedy_right(2, 6, 200, 0.9, 1).tolist(), unsteady)


def test_budgets_and_names(unsteady):
    """What the id of a result is made of."""

    def named():
        found = []
        for task in HAAR:
            for name in task.protocols:
                for n in range(task.protocols[name].limits.least_qubits, 31, 3):
                    for target in TARGETS:
                        budget = task.first_budget(name, n, target)
                        # Beyond a billion copies nothing is played.
                        found.append((task.resolve(name, n, target), min(budget, 10**9)))
        for name in ("bell", "local_pauli", "mutually_unbiased"):
            for n in (2, 5, 9):
                full = GAMES.resolve(name, n, 0.7)
                found.append((full, GAMES.first_budget(full, n, 0.7)))
        return found

    always(named, unsteady)


def test_a_budget_is_whole_up_to_rounding():
    for whole in (3.0, 20.0, 1234567.0):
        assert whole_copies(whole) == whole_copies(whole * (1 + 1e-15)) == whole
        assert whole_copies(whole * (1 - 1e-15)) == whole
    assert whole_copies(3.001) == 4


def test_shots_of_a_rung_are_exact():
    """Products of a whole number and a constant, rounded: no machine rounds them otherwise."""
    assert shots_played(100, 1) == sorted(set(shots_played(100, 1)))
    assert shots_played(176, 2)[-1] == 88


@pytest.mark.parametrize(
    "points",
    [
        [-1.0, 0.0, 1.0],
        [0.3] * 6,
        [0.1, 0.1, 0.2, 0.2, 0.3, 0.3],
        [-2.0, -1.0, -1.0, 1.0, 1.0, 2.0],
        [5.0, 1.0, 3.0, 3.0 + 1e-16, 7.0],
    ],
)
def test_groups_of_points(points, moved):
    """Also where two divisions are equally good, and whichever way the line runs."""
    values = np.array(points)

    def parted(labels):
        return {frozenset(np.flatnonzero(labels == kind).tolist()) for kind in (0, 1)}

    first = parted(cluster(values))
    for seed in range(10):
        shaken = moved(values, np.random.default_rng(seed))
        assert parted(cluster(shaken)) == parted(cluster(-shaken)) == first


@pytest.mark.parametrize("shots", [1, 4])
def test_groups_of_records(shots, unsteady):
    """Few shots, so that many records have equal moments; and records that are all the same."""
    rng = np.random.default_rng(0)
    bits = rng.integers(0, 2, (12, shots, 3), dtype=np.uint8)

    def groups():
        sets = (bits, np.ones_like(bits), np.repeat(bits[:2], 6, axis=0))
        return [cluster(feature_coordinates(moment_features(one))).tolist() for one in sets]

    first = groups()
    for seed in range(3):
        unsteady(seed)
        for one, other in zip(groups(), first, strict=True):
            assert one == other or one == [1 - label for label in other]
