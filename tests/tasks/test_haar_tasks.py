"""Purity and principal component: circuits against laws, laws against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from task_plays import deviations

from quantum_advantage.backends.opening import open_backend
from quantum_advantage.bounds.haar_states import largest_principal_accuracy, largest_purity_accuracy
from quantum_advantage.core.usage import UsageError
from quantum_advantage.systems.random_states import random_states
from quantum_advantage.tasks.base import FromLaw
from quantum_advantage.tasks.principal_component import PrincipalComponent
from quantum_advantage.tasks.purity import Purity, noisy_purity
from quantum_advantage.tasks.shared.haar import IMPOSSIBLE, log_odds
from quantum_advantage.tasks.shared.seeds import Seeds

LAW_TRIALS = 20_000


def seeds(number=0):
    return Seeds(*np.random.SeedSequence(number).spawn(4))


def accuracy(task, protocol, n, shots, trials, circuits, number=0):
    protocol = task.resolve(protocol, n, 0.7)
    sampler = open_backend("qsim").make(number) if circuits else FromLaw()
    correct = task.play(protocol, n, np.asarray(shots), trials, 0, seeds(number), sampler).correct
    return correct / trials


def principal_accuracy(n, shots, exact_likelihood):
    """Returns the exact accuracy of the two-copy protocols, by convolution."""
    even = (1 + 2.0 ** (1 - n)) / 2
    if exact_likelihood:
        kernel, proof = [even / 4, 1 / 2, 1 / 4], (1 - even) / 4
    else:
        kernel, proof = [even / 4, 1 / 2, 1 / 4 + (1 - even) / 4], 0.0
    law = np.ones(1)
    for _ in range(shots):
        law = np.convolve(law, kernel)
    return 1 - (1 - proof) ** shots + law[shots + 1 :].sum() + law[shots] / 2


@pytest.mark.parametrize("options", [(0.0, 0.0), (0.3, 0.0), (0.0, 0.2), (0.1, 0.5)])
@pytest.mark.parametrize("n", [2, 3])
def test_noisy_purity_is_the_mean_over_states(n, options):
    mixing, depolarize = options
    rng = np.random.default_rng(4)
    systems = random_states(n, np.full(300, mixing), rng, rng, depolarize)
    matrices = [systems.density_matrix(i) for i in range(systems.systems)]
    purities = np.array([np.trace(rho @ rho).real for rho in matrices])
    error = purities.std() / math.sqrt(purities.size)
    # Brickwork states are Haar's up to a few thousandths.
    assert abs(purities.mean() - noisy_purity(n, mixing, depolarize)) < 4 * error + 2e-3


@pytest.mark.parametrize("options", [(3.0, 0.0), (-0.1, 0.0), (0.0, 1.1), (math.nan, 0.0)])
def test_noise_beyond_its_range_has_no_purity(options):
    with pytest.raises(UsageError, match=r"must lie in \[0, 1\]"):
        noisy_purity(2, *options)


def test_log_odds_are_those_of_coins_and_finite():
    minus, shots = np.array([[0, 1, 3]]), np.array([1, 2, 5])
    found = log_odds(minus, shots, (0.2, 0.5))
    exact = (shots - minus) * math.log(0.75 / 0.6) + minus * math.log(0.25 / 0.4)
    assert np.allclose(found, exact)
    impossible = log_odds(minus, shots, (0.0, 1.0))
    assert impossible[0, 0] == pytest.approx(math.log(2))
    assert -IMPOSSIBLE < impossible[0, 1] < -IMPOSSIBLE / 2


@pytest.mark.parametrize(
    ("n", "exact"), [(2, [0.6875, 0.8047, 0.8779]), (20, [0.75, 0.875, 0.9375])]
)
def test_bell_accuracy_after_one_two_and_three_shots(n, exact):
    found = accuracy(Purity("purity"), "bell", n, [1, 2, 3], LAW_TRIALS, circuits=False)
    assert (deviations(found, LAW_TRIALS, exact) < 4).all()


def test_bell_circuits_have_the_exact_accuracy():
    exact = 1 - ((1 + 2.0**-3) / 2) ** np.arange(1, 5) / 2
    found = accuracy(Purity("purity"), "bell", 3, [1, 2, 3, 4], 1500, circuits=True)
    assert (deviations(found, 1500, exact) < 4).all()


@pytest.mark.parametrize("task", ["purity:mixing=0.2", "purity:depolarize=0.1"])
def test_bell_circuits_follow_the_law_for_mixed_states(task):
    shots, trials = [1, 3, 8], 1500
    law = accuracy(Purity(task), "bell", 3, shots, LAW_TRIALS, circuits=False)
    found = accuracy(Purity(task), "bell", 3, shots, trials, circuits=True, number=1)
    assert (deviations(found, trials, law) < 4).all()


@pytest.mark.parametrize(
    ("task", "protocol"),
    [
        (Purity("purity"), "collisions"),
        (PrincipalComponent("principal_component"), "collisions"),
        (PrincipalComponent("principal_component"), "bell"),
        (PrincipalComponent("principal_component"), "bell_sign"),
    ],
)
def test_circuits_follow_the_law(task, protocol):
    shots, trials = [2, 5, 10, 20], 1500
    law = accuracy(task, protocol, 4, shots, LAW_TRIALS, circuits=False)
    found = accuracy(task, protocol, 4, shots, trials, circuits=True, number=1)
    assert (deviations(found, trials, law) < 4).all()


@pytest.mark.parametrize("likelihood", [False, True])
@pytest.mark.parametrize("n", [3, 5, 20])
def test_principal_component_has_the_exact_accuracy(n, likelihood):
    shots = [1, 3, 12, 20]
    exact = [principal_accuracy(n, t, likelihood) for t in shots]
    protocol = "bell" if likelihood else "bell_sign"
    task = PrincipalComponent("principal_component")
    found = accuracy(task, protocol, n, shots, LAW_TRIALS, circuits=False)
    assert (deviations(found, LAW_TRIALS, exact) < 4).all()


def test_pairs_for_95_percent_fall_to_a_constant():
    def pairs(n, likelihood, target):
        return next(t for t in range(1, 99) if principal_accuracy(n, t, likelihood) >= target)

    assert [pairs(n, False, 0.95) for n in (3, 4, 5, 11, 30)] == [37, 27, 23, 20, 20]
    assert [pairs(n, True, 0.95) for n in (3, 4, 5, 6, 30)] == [17, 14, 13, 12, 12]
    assert [pairs(n, False, 0.7) for n in (3, 4, 5, 30)] == [4, 3, 3, 3]


@pytest.mark.parametrize("n", [4, 10, 16])
def test_collisions_stay_below_the_bound(n):
    shots = np.unique(np.rint(2 ** (n / 2) * np.array([0.5, 1, 1.8, 2.5, 4])).astype(int))
    for task, bound in (
        (Purity("purity"), largest_purity_accuracy),
        (PrincipalComponent("principal_component"), largest_principal_accuracy),
    ):
        found = accuracy(task, "collisions", n, shots, 4000, circuits=False)
        most = np.array([bound(int(t), qubits=n) for t in shots])
        assert (found < most + 4 * np.sqrt(0.25 / 4000)).all()
        assert found[-1] > 0.7


@pytest.mark.parametrize(
    "protocol", ["mutually_unbiased", "randomized_measurements", "local_pauli"]
)
def test_protocols_in_several_bases_learn_and_obey_the_bound(protocol):
    shots, trials = [8, 64], 400
    found = accuracy(Purity("purity"), protocol, 2, shots, trials, circuits=True)
    most = [largest_purity_accuracy(t, qubits=2) for t in shots]
    assert found[1] > 0.8
    assert (found < np.array(most) + 4 * np.sqrt(0.25 / trials)).all()


def test_bounds_apply_to_single_copies_alone():
    task = Purity("purity")
    assert task.bound("bell", 8, 0.7) is None
    assert task.bound("collisions", 8, 0.7) == task.bound("local_pauli", 8, 0.7)
    assert 16 < task.bound("collisions", 8, 0.7) <= 17


def test_options_that_depend_on_the_size_are_filled_in():
    task = Purity("purity")
    assert task.resolve("randomized_measurements", 4, 0.7) == "randomized_measurements:times=8"
    assert task.resolve("mutually_unbiased", 4, 0.7) == "mutually_unbiased:bases=3"
    assert str(Purity("purity:mixing=0.1")) == "purity:mixing=0.1"
    assert str(Purity("purity:mixing=0.0")) == "purity"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Purity("purity:mixing=1.5"), r"mixing of .* must lie in \[0, 1\), not 1.5"),
        (lambda: Purity("purity:colour=1"), "unknown option 'colour'"),
        (lambda: Purity("purity").resolve("bel", 4, 0.7), "unknown protocol 'bel'; choose one of"),
        (
            lambda: Purity("purity").check("local_pauli", 4, circuits=False, noise=False),
            "knows no exact law of local_pauli",
        ),
        (
            lambda: Purity("purity").check("bell", 4, circuits=False, noise=True),
            "knows no noise of circuits",
        ),
        (
            lambda: Purity("purity").check("bell", 60, circuits=True, noise=False),
            "at most 26 for bell as circuits, not 60; backend law goes on",
        ),
        (
            lambda: PrincipalComponent("principal_component").resolve("bell", 1, 0.7),
            "qubits must be at least 2 for bell, not 1",
        ),
        (
            lambda: Purity("purity").resolve("mutually_unbiased:bases=-1", 4, 0.7),
            "bases of 'mutually_unbiased:bases=-1' must be at least 1",
        ),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
