"""The sign of a hidden string: circuits, laws and density matrices; who sees it and who cannot."""

from functools import reduce

import cirq
import numpy as np
import pytest
from hidden_strings import every_string, hide
from scipy import stats
from task_plays import deviations, measured, seeds

from quantum_advantage.backends.opening import open_backend
from quantum_advantage.bounds import hidden_sign
from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.hidden_pauli.naming import least_naming_chance
from quantum_advantage.measurements.bell import MEMORY, SYSTEM
from quantum_advantage.tasks.base import FromLaw
from quantum_advantage.tasks.hidden_sign import HiddenSign, named_rounds
from quantum_advantage.tasks.observables.games import Games
from quantum_advantage.tasks.observables.named_string import NamedString

TASK = HiddenSign("hidden_sign")
ALPHA = 0.9
FIXED = ["bell", "mutually_unbiased_cycled", "random_clifford", "local_pauli"]


def accuracy(protocol, n, shots, trials, circuits=True, root=1):
    source = open_backend("qsim").make(root) if circuits else FromLaw()
    return TASK.play(protocol, n, np.array(shots), trials, 0, seeds(root), source).correct / trials


@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize("protocol", [*FIXED, "known_question"])
def test_circuits_follow_the_law(protocol, n):
    shots, trials = [1, 4, 12], 2000
    law = accuracy(protocol, n, shots, 20_000, circuits=False)
    assert (deviations(accuracy(protocol, n, shots, trials), trials, law) < 4.5).all()


@pytest.mark.parametrize("n", [1, 2, 4])
def test_circuits_follow_the_law_of_naming(n):
    pairs, trials = 4 * n, 1500
    shots, name = [pairs, pairs + 1, pairs + 3], f"named_string:pairs={pairs}"
    law = accuracy(name, n, shots, 4 * trials, circuits=False)
    found = accuracy(name, n, shots, trials)
    assert (np.abs(found - law) < 4.5 * np.sqrt(0.25 / trials + 0.25 / (4 * trials))).all()
    assert law[1] > 0.6


@pytest.mark.parametrize("n", [1, 2])
def test_the_bell_law_is_the_same_for_both_signs(n):
    """From density matrices: nothing of s is in the outcomes of ρ ⊗ ρ."""
    bell = np.array([[1, 0, 0, 1], [0, 1, 1, 0], [1, 0, 0, -1], [0, 1, -1, 0]]) / np.sqrt(2)
    # Pairs side by side: qubits in the order a₁ b₁ a₂ b₂ …
    order = [k for i in range(n) for k in (i, n + i)]
    basis = reduce(np.kron, [bell] * n)
    for letters in every_string(n)[:: 2**n - 1]:
        laws = []
        for sign in (1, -1):
            rho = hide(letters[None], sign, ALPHA).density_matrix(0)
            both = np.kron(rho, rho).reshape((2,) * (4 * n))
            both = both.transpose([*order, *(2 * n + k for k in order)]).reshape(4**n, -1)
            laws.append(np.einsum("oi,ij,oj->o", basis, both, basis).real)
        assert laws[0] == pytest.approx(laws[1])
        assert laws[0].max() - laws[0].min() == pytest.approx(2 * ALPHA**2 / 4**n)


def test_bell_measurements_alone_are_coins():
    found = accuracy("bell", 4, [10, 1000], 3000)
    assert (deviations(found, 3000, [0.5, 0.5]) < 4).all()


@pytest.mark.parametrize("n", [2, 6])
@pytest.mark.parametrize("target", [0.7, 0.9])
def test_naming_the_string_reaches_what_is_proven(n, target):
    pairs, looks = named_rounds(target, ALPHA, n)
    trials = 600
    name = TASK.resolve("named_string", n, target)
    assert name == f"named_string:pairs={pairs}"
    found = accuracy(name, n, [pairs, pairs + looks], trials)
    assert abs(found[0] - 0.5) < 4 * 0.5 / np.sqrt(trials)
    chance = least_naming_chance(pairs, qubits=n, alpha=ALPHA)
    proven = 0.5 + chance * (hidden_sign.majority(2 * looks, ALPHA) - 0.5)
    assert proven >= target
    assert found[1] > proven - 3.5 * np.sqrt(proven * (1 - proven) / trials)


def test_at_twenty_qubits_a_hundred_and_fifty_copies_do():
    pairs, looks = named_rounds(0.7, ALPHA, 20)
    assert 2 * (pairs + looks) < 150
    found = accuracy(f"named_string:pairs={pairs}", 20, [pairs + looks], 100)
    assert found[0] > 0.7 - 3 * np.sqrt(0.21 / 100)
    assert hidden_sign.largest_fixed_accuracy(2 * (pairs + looks), qubits=20) < 0.52


def test_copies_that_hide_two_strings_show_no_sign():
    pairs = named_rounds(0.7, ALPHA, 4)[0]
    found = accuracy(f"different_hidden:pairs={pairs}", 4, [pairs + 3], 800)
    # A random string is named, and its basis holds the revealed one by chance, 2⁻⁴ of the time.
    assert found[0] < 0.5 + 2**-4 * ALPHA + 3 * 0.5 / np.sqrt(800)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_named_pairs_have_the_law_of_the_density_matrix(n):
    """Both copies of later pairs, in the basis of the letters, by chi-square."""
    letters = every_string(n)[-1:]
    state, shots, pairs = hide(letters, -1, ALPHA), 2000, 60
    games = Games(state, letters[:, None], np.array([0]), np.array([[-ALPHA]]))
    protocol = NamedString(pairs)
    record = measured(
        protocol, games, pairs + shots, open_backend("qsim").make(n), np.random.default_rng(n)
    )
    dials = [f"basis{i}" for i in range(n)]
    later = np.array([record.settings[name][pairs:] for name in dials])
    # The string with the letters Z alone is named, and measured in its own basis.
    assert (later == 2).all()
    rho = state.density_matrix(0)
    chances = np.diag(rho).real.reshape((2,) * n).transpose(range(n)[::-1]).ravel()
    both = np.outer(chances, chances).ravel()
    outcomes = record.bits[SYSTEM][pairs:, 0] * np.uint64(2**n) + record.bits[MEMORY][pairs:, 0]
    counts = np.bincount(outcomes.astype(int), minlength=4**n)
    common = shots * both >= 5
    cells = [np.append(c[common], c[~common].sum()) for c in (counts, shots * both)]
    if cells[1][-1] < 1e-9:
        cells = [c[:-1] for c in cells]
    assert stats.chisquare(*cells).pvalue > 1e-4
    seen = protocol.evidence(record, games.candidates, np.array([pairs, pairs + shots]))
    assert seen.hits.tolist() == [[[0, 2 * shots]]]
    mean = 2 * seen.pluses[0, 0, 1] / (2 * shots) - 1
    assert abs(mean + ALPHA) < 4 * np.sqrt((1 - ALPHA**2) / (2 * shots))


def test_a_string_that_was_not_named_is_read_where_the_basis_holds_it():
    z, x = PauliStrings.from_text("ZZ").letters(), PauliStrings.from_text("XI").letters()
    inside = PauliStrings.from_text("ZI").letters()
    games = Games(hide(z, 1, ALPHA), z[:, None], np.array([1]), np.array([[ALPHA]]))
    protocol, rng = NamedString(40), np.random.default_rng(1)
    record = measured(protocol, games, 45, cirq.Simulator(seed=3), rng)
    hits = [
        protocol.evidence(record, s[:, None], np.array([45])).hits.item() for s in (z, inside, x)
    ]
    assert hits == [10, 10, 0]


@pytest.mark.parametrize("protocol", FIXED)
def test_nothing_that_is_fixed_beats_the_bounds(protocol):
    n, trials = 3, 4000
    per_shot = TASK.copies_per_shot(protocol, n)
    shots = np.arange(1, 12)
    found = accuracy(protocol, n, shots, trials, circuits=False)
    for share, copies in zip(found, per_shot * shots, strict=True):
        if per_shot == 1:
            # All of these are stabiliser measurements: theorem 3.
            low = 0.5 + 1e-9
            needed = hidden_sign.fixed_stabiliser_copies(
                max(low, share - 4 * 0.5 / np.sqrt(trials)), qubits=n
            )
            assert copies >= needed
        assert share < hidden_sign.largest_fixed_accuracy(copies, qubits=n) + 0.03


def test_unbiased_bases_once_each_reach_the_bound_for_stabiliser_measurements():
    n, trials = 10, 40_000
    copies = round(hidden_sign.fixed_stabiliser_copies(0.7, qubits=n))
    found = accuracy("mutually_unbiased_cycled", n, [copies], trials, circuits=False)
    assert (deviations(found, trials, [0.7]) < 4).all()


def test_what_is_certified_is_about_learners_that_fix_everything():
    bound = TASK.bound_of("named_string", 20)
    assert bound.learners.startswith("no learner that measures one or two copies at a time")
    assert bound.copies_for(0.7) == hidden_sign.fixed_copies_required(0.7, qubits=20)
    assert TASK.bound("named_string", 20, 0.7) is None
    assert TASK.bound("mutually_unbiased_cycled", 20, 0.7) == bound.copies_for(0.7)
    for control in ("known_question", "different_hidden:pairs=3"):
        with pytest.raises(UsageError, match="no bound is proven"):
            TASK.bound_of(control, 20)


def test_a_protocol_needs_a_target_or_its_pairs():
    with pytest.raises(UsageError, match="must say its pairs"):
        TASK.play("named_string", 3, np.array([5]), 10, 0, seeds(1), cirq.Simulator(seed=3))
    with pytest.raises(UsageError, match="qubits must be at most 31"):
        TASK.check("named_string:pairs=5", 32, circuits=True, noise=False)
