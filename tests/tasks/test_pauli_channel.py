"""Pauli channels: circuits, laws and density matrices; protocols against the bound."""

from dataclasses import replace
from itertools import product

import cirq
import numpy as np
import pytest
from hidden_strings import every_string, hide
from scipy import stats
from task_plays import deviations, seeds

from quantum_advantage.backends.opening import open_backend
from quantum_advantage.bounds import pauli_channels
from quantum_advantage.circuits.request import resolver_values
from quantum_advantage.circuits.run import run
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.hidden_pauli.likelihoods import choose, known_mean
from quantum_advantage.measurements.bell import SYSTEM
from quantum_advantage.systems.pauli_channels import HiddenPauliChannel
from quantum_advantage.tasks.base import FromLaw
from quantum_advantage.tasks.observables.games import Games, ObservablesTask, draw_games
from quantum_advantage.tasks.observables.protocols import InRounds
from quantum_advantage.tasks.observables.task import Observables
from quantum_advantage.tasks.pauli_channel.exact import pairs_accuracy
from quantum_advantage.tasks.pauli_channel.forecast import (
    averaged_pairs_accuracy,
    channel_damping,
    pairs_uses,
)
from quantum_advantage.tasks.pauli_channel.inputs import ANCILLAS
from quantum_advantage.tasks.pauli_channel.task import PauliChannel
from quantum_advantage.tasks.shared.calibration import exact_damping
from quantum_advantage.tasks.shared.requests import copy_qubits

TASK = PauliChannel("pauli_channel")
ALPHA = 0.9
# A full name of every protocol, its options given.
FULL = {
    **{name: name for name in TASK.protocols},
    "ancillas": "ancillas:qubits=1,times=3",
    "concatenated": "concatenated:qubits=1",
    "local_pauli": "local_pauli:times=2",
    "mutually_unbiased": "mutually_unbiased:times=3",
    "adaptive_unbiased": "adaptive_unbiased:looks=3",
}
CONTROLS = ["no_signal", "identity_channel"]
WITHOUT = ["local_pauli:times=2", "random_clifford", "mutually_unbiased:times=3"]
WITHOUT += ["mutually_unbiased_cycled", "adaptive_unbiased:looks=3", "adaptive_unbiased:looks=4"]


def accuracy(protocol, n, uses, trials, circuits=True, root=1, backend="qsim"):
    source = open_backend(backend).make(root) if circuits else FromLaw()
    return TASK.play(protocol, n, np.array(uses), trials, 0, seeds(root), source).correct / trials


def request_of(protocol, channel, uses, seed=1):
    chosen = TASK.read(protocol, channel.qubits)
    letters = np.ones((channel.systems, 1, channel.qubits), dtype=np.uint8)
    games = Games(channel, letters, np.zeros(channel.systems, int), np.zeros((channel.systems, 1)))
    measurement = TASK.measurement(chosen, games)
    return TASK.request(measurement, channel, uses, np.random.default_rng(seed))


def record_of(measurement, games, uses, sampler, rng):
    """The record of uses as the task runs them, round by round where there are several."""

    def measure(measuring, count):
        return run([TASK.request(measuring, games.preparation, count, rng)], sampler)[0]

    record = measure(measurement, uses)
    if isinstance(measurement, InRounds):
        record = measurement.finished(record, games.trials, uses, measure)
    return record


CONCATENATED = ["concatenated:qubits=0", "concatenated:qubits=1"]


@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize("protocol", [*FULL.values(), "ancillas:qubits=1,times=1", *CONCATENATED])
def test_circuits_follow_the_law(protocol, n):
    uses, trials = [1, 2, 5, 12], 3000
    law = accuracy(protocol, n, uses, 20_000, circuits=False)
    found = accuracy(protocol, n, uses, trials)
    assert (np.abs(found - law) < 4.5 * np.sqrt(0.25 / trials + 0.25 / 20_000)).all()


@pytest.mark.parametrize("n", [2, 3])
def test_all_bell_pairs_and_no_ancillas_are_the_ends_of_one_family(n):
    uses, trials = [1, 2, 4, 9], 2000
    for ends in (
        ("bell_pairs", f"ancillas:qubits={n},times=1"),
        ("mutually_unbiased:times=3", "ancillas:qubits=0,times=3"),
    ):
        first, second = (accuracy(name, n, uses, trials) for name in ends)
        np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("n", [1, 4, 20])
def test_bell_pairs_have_the_exact_accuracy(n):
    trials, uses = 6000, [1, 2, 3, 6]
    exact = [pairs_accuracy(t, ALPHA) for t in uses]
    assert exact[:2] == pytest.approx([0.5, 0.5 + ALPHA**2 / 4])
    assert (deviations(accuracy("bell_pairs", n, uses, trials), trials, exact) < 4).all()


@pytest.mark.parametrize("n", [1, 4, 20])
def test_two_concatenated_uses_on_bell_pairs_are_as_good_as_two_apart(n):
    trials = 6000
    # One measurement of two uses.
    found = accuracy(f"concatenated:qubits={n}", n, [1], trials)
    assert (deviations(found, trials, [0.5 + ALPHA**2 / 4]) < 4).all()


@pytest.mark.parametrize("n", [1, 4, 20])
def test_one_use_on_bell_pairs_is_right_with_the_known_sign(n):
    trials = 6000
    found = accuracy("known_sign_pairs", n, [1, 2], trials)
    # Of one use: right with (1 + α)/2 where the other sign is -, a coin where it is +.
    a = (1 + ALPHA) / 2
    one = a * 0.5 + 0.25
    # Of two uses: the string with more +; both have binomial counts, with a and with 1/2.
    law, fair = stats.binom.pmf(np.arange(3), 2, a), stats.binom.pmf(np.arange(3), 2, 0.5)
    two = sum(law[i] * fair[j] * ((i > j) + 0.5 * (i == j)) for i in range(3) for j in range(3))
    assert one == pytest.approx(0.5 + ALPHA / 4)
    assert (deviations(found, trials, [one, two]) < 4).all()


def test_cycled_bases_reach_the_target_with_the_known_sign_at_two_thirds_of_a_cycle():
    n, trials = 10, 20_000
    uses = np.round(np.array([0.62, 0.667, 0.72]) * (2**n + 1)).astype(int)
    found = accuracy("known_sign_unbiased", n, uses, trials, circuits=False)
    x, right = uses / (2**n + 1), (1 + ALPHA) / 2
    exact = x * (1 - x) * (right + 0.5) + (1 - x) ** 2 / 2 + x**2 * (right / 2 + 0.25)
    assert exact[1] == pytest.approx(0.7, abs=1e-3)
    assert (np.abs(found - exact) < 4.5 * np.sqrt(0.25 / trials) + 2 / 2**n).all()
    bound = TASK.bound_of("known_sign_unbiased", n)
    assert bound.copies_for(0.7) < uses[0]
    assert bound.copies_for(0.7) == pauli_channels.known_sign_uses_required(0.7, qubits=n)
    with pytest.raises(UsageError, match="no bound is proven for known_sign_pairs in the game one"):
        PauliChannel("pauli_channel:game=one").bound_of("known_sign_pairs", n)


def test_concatenated_uses_without_ancillas_cost_more_than_uses_apart():
    """The sign is squared away, and with it a part of the signal; a basis needs one look only."""
    n, trials = 8, 20_000
    measurements = np.array([0.6, 0.8]) * (2**n + 1)
    pairs = np.round(measurements).astype(int)
    found = accuracy("concatenated:qubits=0", n, pairs, trials, circuits=False)
    apart = accuracy("mutually_unbiased:times=3", n, 2 * pairs, trials, circuits=False)
    assert (apart > found + 4 * np.sqrt(0.5 / trials)).all()
    # Derived here: with the share x of all bases a sign of P is seen with probability x, one of Q
    # likewise, for large n independently.
    x, right = pairs / (2**n + 1), (1 + ALPHA**2) / 2
    exact = x * (1 - x) * (right + 0.5) + (1 - x) ** 2 / 2 + x**2 * (right / 2 + 0.25)
    # The places of two bases are not quite independent: 1/(2^n + 1) of all.
    assert (np.abs(found - exact) < 4.5 * np.sqrt(0.25 / trials) + 2 / 2**n).all()


def test_many_uses_have_nearly_the_normal_accuracy():
    below, beyond = (pairs_accuracy(uses, [0.02, 0.04]) for uses in (4096, 4097))
    np.testing.assert_allclose(below, beyond, atol=3e-4)


@pytest.mark.parametrize("protocol", WITHOUT)
def test_without_ancillas_the_law_is_that_of_states(protocol):
    """Bit for bit: the same draws decide the same games."""
    uses, trials = np.array([1, 3, 8, 30]), 3000
    states = Observables("observables").play(protocol, 3, uses, trials, 0, seeds(4), FromLaw())
    channel = TASK.play(protocol, 3, uses, trials, 0, seeds(4), FromLaw())
    np.testing.assert_array_equal(channel.correct, states.correct)


def law_of_shot(request, shot, channel):
    """The law of all measured bits from the density matrix: input, channel, measurement."""
    n = channel.qubits
    system, _ = copy_qubits(n)
    others = sorted(request.circuit.all_qubits() - set(system))
    uses = 2 if any(dial.name.startswith("letter_a2_") for dial in request.dials) else 1
    acting = uses * len(channel.circuit(system, "a"))
    # The input takes as many moments as the change of basis; the last moment reads out.
    before = (len(request.circuit) - acting - 1) // 2
    values = resolver_values(request, shot)
    order = [*system, *others]
    prepare, measure = (
        cirq.resolve_parameters(part, values).unitary(order, order)
        for part in (request.circuit[:before], request.circuit[before + acting : -1])
    )
    shape = (2**n, 2 ** len(others)) * 2
    state = np.outer(prepare[:, 0], prepare[:, 0].conj()).reshape(shape)
    for _ in range(uses):
        state = channel.applied(0, state)
    after = state.reshape(2 ** len(order), -1)
    return np.einsum("ij,jk,ik->i", measure, after, measure.conj()).real.reshape((2,) * len(order))


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("protocol", [name for name in FULL.values() if name not in CONTROLS])
def test_outcomes_have_the_law_of_the_density_matrix(protocol, n):
    """One setting of the learner, many uses of the channel, by chi-square."""
    letters, uses = every_string(n)[-2:-1], 4000
    channel = HiddenPauliChannel(hide(letters, -1, ALPHA, seed=n))
    request = request_of(protocol, channel, uses, seed=n)
    # Every use in the setting of the first: only nature's dials differ.
    table = tuple(
        np.full_like(column, column[0]) if dial.name in request.learner else column
        for dial, column in zip(request.dials, request.table, strict=True)
    )
    # An adaptive protocol has its first round here.
    request, uses = replace(request, table=table), request.shots
    (record,) = run([request], open_backend("qsim").make(n))
    law = law_of_shot(request, 0, channel)
    extra = law.ndim - n
    axes = [*range(n)[::-1], *(n + i for i in range(extra)[::-1])]
    exact = law.transpose(axes).reshape(2**n, 2**extra)
    outcomes = record.bits[SYSTEM][:, 0].astype(int) * 2**extra
    if extra:
        outcomes = outcomes + record.bits[ANCILLAS][:, 0].astype(int)
    counts = np.bincount(outcomes, minlength=exact.size)
    np.testing.assert_allclose(exact.sum(), 1)
    possible = uses * exact.ravel() > 1e-6
    assert not counts[~possible].any()
    if possible.sum() > 1:
        assert stats.chisquare(counts[possible], uses * exact.ravel()[possible]).pvalue > 1e-4


@pytest.mark.parametrize("n", [1, 2])
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    "protocol", ["bell_pairs", "ancillas:qubits=1,times=2", *WITHOUT[:3], WITHOUT[-2]]
)
def test_signs_of_every_string_have_its_eigenvalue_for_their_mean(protocol, n, sign):
    every = every_string(n)
    for hidden in every[:: 2 * n]:
        channel = HiddenPauliChannel(hide(np.tile(hidden, (len(every), 1)), sign, ALPHA))
        means = np.where((every == hidden).all(axis=1), sign * ALPHA, 0.0)
        games = Games(channel, every[:, None], np.zeros(len(every), int), means[:, None])
        measurement, rng = TASK.read(protocol, n).measurement(), np.random.default_rng(5)
        uses, rounds = 900, isinstance(measurement, InRounds)
        record = record_of(measurement, games, uses, open_backend("qsim").make(3), rng)
        found = measurement.evidence(record, games.candidates, np.array([uses]))
        hits, pluses = found.hits[:, 0, 0], found.pluses[:, 0, 0]
        assert (hits > 0).all()
        assert not found.squared.any()
        error = np.sqrt(np.maximum(1 - means**2, 1e-9) / hits)
        if not rounds:
            # Adaptive looks stop where signs disagree, so that counted signs have another mean.
            assert (np.abs(2 * pluses / hits - 1 - means) < 4.5 * error).all()
        else:
            assert (np.sign(2 * pluses - hits)[means != 0] == sign).all()


@pytest.mark.parametrize(
    ("protocol", "k"),
    [*((name, 0) for name in WITHOUT), *((f"ancillas:qubits={k},times=2", k) for k in range(4))],
)
def test_no_protocol_beats_the_bound(protocol, k):
    uses, trials = np.arange(1, 21), 6000
    found = accuracy(protocol, 3, uses, trials, circuits=False)
    bound = [pauli_channels.largest_accuracy(int(t), qubits=3, ancillas=k) for t in uses]
    assert (found <= np.array(bound) + 4 * 0.5 / trials**0.5).all()
    required = pauli_channels.uses_required(0.7, qubits=3, ancillas=k)
    assert TASK.bound_of(protocol, 3).copies_for(0.7) == required
    # The envelope of conventional protocols has none with ancillas.
    assert TASK.bound(protocol, 3, 0.7) == (required if k == 0 else None)


def test_bell_pairs_break_the_bound_without_ancillas():
    bound = TASK.bound_of("bell_pairs", 8)
    assert bound.unit == "uses"
    assert bound.copies_for(0.7) == pauli_channels.uses_required(0.7, qubits=8)
    assert bound.largest_accuracy(2) < 0.52 < accuracy("bell_pairs", 8, [2], 2000)[0]
    assert TASK.bound("bell_pairs", 8, 0.7) is None
    assert "no ancillas" in bound.learners
    assert any("one after the other" in line for line in bound.not_covered)
    with_some = TASK.bound_of("ancillas:qubits=2", 8)
    assert "2 ancillas" in with_some.learners
    assert with_some.copies_for(0.7) == pauli_channels.uses_required(0.7, qubits=8, ancillas=2)


@pytest.mark.parametrize("control", CONTROLS)
def test_nothing_is_learned_of_channels_that_hide_nothing(control):
    found = accuracy(control, 4, [2, 20], 3000)
    assert (deviations(found, 3000, [0.5, 0.5]) < 4).all()


@pytest.mark.parametrize("control", [*CONTROLS, "known_question"])
def test_no_bound_is_about_the_controls(control):
    with pytest.raises(UsageError, match=f"no bound is proven for the games of {control}"):
        TASK.bound_of(control, 4)


def test_the_game_of_one_string_has_its_law_too():
    one = PauliChannel("pauli_channel:game=one")
    uses, trials = np.array([2, 6, 15]), 4000
    for protocol in ("bell_pairs", "ancillas:qubits=1,times=2", "random_clifford"):
        law = one.play(protocol, 2, uses, 20_000, 0, seeds(1), FromLaw()).correct / 20_000
        sampler = open_backend("qsim").make(2)
        found = one.play(protocol, 2, uses, trials, 0, seeds(2), sampler).correct / trials
        assert (deviations(found, trials, law) < 4.5).all()
    assert str(one) == "pauli_channel:alpha=0.9,game=one"
    bound = one.bound_of("bell_pairs", 6)
    assert bound.copies_for(0.7) == pauli_channels.uses_required(0.7, qubits=6, game="one")


def test_a_use_is_drawn_once_and_hidden_from_the_learner():
    channel = HiddenPauliChannel(hide(every_string(3)[:2], 1, ALPHA))
    for protocol in FULL.values():
        request = request_of(protocol, channel, 400)
        nature = {dial.name for dial in request.dials} - request.learner
        labels = ["a1_", "a2_"] if protocol.startswith("concatenated") else ["a"]
        assert nature == {f"letter_{label}{i}" for label in labels for i in range(3)}
        for dial, column in zip(request.dials, request.table, strict=True):
            if dial.name in nature:
                assert len(np.unique(column)) == 4
        (record,) = run([request], open_backend("qsim").make(6))
        assert set(record.settings) == request.learner


@pytest.mark.parametrize("protocol", FULL.values())
def test_every_protocol_is_shown_and_takes_its_uses_a_shot(protocol):
    n = 3
    circuit = TASK.circuit(protocol, n)
    assert TASK.copies_per_shot(protocol, n) == 1 + protocol.startswith("concatenated")
    ancillas = len(circuit.all_qubits()) - n
    assert ancillas == {"bell": n, "ancillas": 1, "concatenated": 1}.get(
        protocol.split("_")[0].split(":")[0], ancillas
    )
    about = TASK.described(protocol).about
    assert max(map(len, about.splitlines())) <= 100


@pytest.mark.parametrize(
    ("protocol", "qubits", "message"),
    [
        ("ancillas:qubits=5", 4, "must lie between 0 and 4"),
        ("mutually_unbiased:times=3", 13, "at most 12"),
        ("ancillas:qubits=3,times=3", 16, "at most 15"),
        ("bell", 4, "bell_pairs"),
    ],
)
def test_what_cannot_be_played_is_refused_in_one_line(protocol, qubits, message):
    with pytest.raises(UsageError, match=message) as refusal:
        TASK.check(protocol, qubits, circuits=True, noise=False)
    assert "\n" not in str(refusal.value)


def test_forty_qubits_with_sixteen_ancillas_run_as_circuits():
    assert (accuracy("ancillas:qubits=16,times=1", 20, [30], 100)[0]) > 0.5
    TASK.check("bell_pairs", 50, circuits=True, noise=False)


@pytest.mark.parametrize(
    "backend",
    [
        "qsim:depolarize=0.05,readout=0.03",
        pytest.param("qvm:willow_pink", marks=pytest.mark.slow),  # the processor takes seconds
    ],
)
def test_noisy_pairs_have_the_accuracy_of_the_forecast(backend):
    n, uses, trials = 4, [2, 5, 12, 30], 3000
    damping = channel_damping(open_backend(backend).make(1), n)
    exact = [averaged_pairs_accuracy(t, damping, ALPHA) for t in uses]
    found = accuracy("bell_pairs", n, uses, trials, backend=backend)
    assert (deviations(found, trials, exact) < 4).all()


def test_damping_of_local_noise_has_its_closed_form():
    """A Bell pair and a Bell measurement: two noisy gates, where copies of states have one."""
    sampler = open_backend("qsim:depolarize=0.03,readout=0.02").make(1)
    gate, bit = 1 - 16 * 0.03 / 15, 1 - 2 * 0.02
    expected = [1, gate**2 * bit, gate**2 * bit**2, gate**2 * bit]
    np.testing.assert_allclose(channel_damping(sampler, 2), [expected] * 2, atol=1e-6)
    np.testing.assert_allclose(exact_damping(sampler, 1)[0, 1], gate * bit, atol=1e-6)


def test_forecasts_grow_with_the_noise_and_can_fail():
    clean = pairs_uses(0.7, np.ones((6, 4)), ALPHA)
    assert clean == pytest.approx(1 + 0.2 / 0.2025)
    noisy = [pairs_uses(0.7, np.array([[1, f, f, f]] * 6), ALPHA) for f in (0.95, 0.9, 0.8)]
    assert [clean, *noisy] == sorted([clean, *noisy])
    assert pairs_uses(0.7, np.array([[1.0, 0, 0, 0]] * 6), ALPHA) == np.inf


def test_two_uses_are_as_good_as_two_copies():
    for t, m in product((1, 2), (0.5, 0.9)):
        two = 0.5 if t == 1 else 0.5 + m**2 / 4
        assert pairs_accuracy(t, m) == pytest.approx(two)


def known_sign_accuracy(protocol, n, uses, trials=40_000):
    """The accuracy of a learner who is told the sign of the eigenvalue, by the exact law."""
    rng = np.random.default_rng(n)
    games = draw_games(ObservablesTask(ALPHA), "hidden", n, trials, rng, rng)
    evidence = TASK.read(protocol, n).exact()(games, np.array(uses), rng)
    signs = np.sign(games.means.sum(axis=1))[:, None, None]
    scores = known_mean(evidence.hits, evidence.pluses, signs * ALPHA)
    return (choose(scores, rng) == games.truth[:, None]).mean(axis=0)


def test_a_known_sign_makes_one_use_enough_and_obeys_its_own_bound():
    trials = 40_000
    assert deviations(known_sign_accuracy("bell_pairs", 6, [1]), trials, [0.5 + ALPHA / 4]) < 4
    n = 6
    uses = np.arange(1, 50)
    found = known_sign_accuracy("mutually_unbiased_cycled", n, uses)
    # Unbiased bases, once each, reach 70 % at two thirds of 2ⁿ + 1.
    needed = uses[np.argmax(found >= 0.7)] / (2**n + 1)
    assert needed == pytest.approx(0.667, abs=0.03)
    largest = [pauli_channels.largest_known_sign_accuracy(int(t), qubits=n) for t in uses]
    assert (found <= np.array(largest) + 4 * 0.5 / trials**0.5).all()
