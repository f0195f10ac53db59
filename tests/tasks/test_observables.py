from types import SimpleNamespace

import cirq
import numpy as np
import pytest
from task_plays import seeds, standard_error

from quantum_advantage.backends.opening import open_backend
from quantum_advantage.backends.simulators.factorised import FactorisedSampler
from quantum_advantage.backends.simulators.noise import bell_damping
from quantum_advantage.bounds.hidden_pauli import copies_required, largest_conventional_accuracy
from quantum_advantage.tasks.base import FromLaw
from quantum_advantage.tasks.observables import task as module
from quantum_advantage.tasks.observables.exact import bell_accuracy
from quantum_advantage.tasks.observables.protocols import Bell
from quantum_advantage.tasks.observables.task import Observables

PROTOCOLS = Observables("observables").protocols

GAMES = ("one", "two")
CONVENTIONAL = [name for name in PROTOCOLS if PROTOCOLS[name].bounded is True]
WITH_LAW = [name for name in PROTOCOLS if PROTOCOLS[name].exact is not None]
# A full name of every protocol, its options given.
FULL = {
    **{name: name for name in PROTOCOLS},
    "bell_calibrated": "bell_calibrated:shots=60",
    "local_pauli": "local_pauli:times=2",
    "mutually_unbiased": "mutually_unbiased:times=3",
    "adaptive_unbiased": "adaptive_unbiased:looks=3",
    "memory": "memory:qubits=1",
    "bell_grouped": "bell_grouped:times=3",
}
PREFIXES = np.array([1, 2, 4, 7, 12, 20])


def task(game="two", alpha=0.9):
    return Observables(f"observables:alpha={alpha},game={game}")


def on_circuits(text, n, trials, *, game="two", root=1, prefixes=PREFIXES, sampler=None):
    sampler = sampler or FactorisedSampler(seed=seeds(root).sampler)
    return task(game).play(text, n, prefixes, trials, 0, seeds(root), sampler).correct


def from_law(text, n, trials, *, game="two", root=1, prefixes=PREFIXES, noise=None):
    damping = None if noise is None else np.tile(bell_damping(*noise), (n, 1))
    return task(game).play(text, n, prefixes, trials, 0, seeds(root), FromLaw(damping)).correct


@pytest.mark.parametrize("game", GAMES)
@pytest.mark.parametrize("n", [2, 3, 4])
@pytest.mark.parametrize("name", CONVENTIONAL)
def test_no_conventional_protocol_beats_the_bound(name, n, game):
    trials, shots = 4000, np.arange(1, 21)
    accuracy = on_circuits(FULL[name], n, trials, game=game, prefixes=shots) / trials
    bound = [
        largest_conventional_accuracy(
            int(PROTOCOLS[name].copies_per_shot * count), qubits=n, alpha=0.9, game=game
        )
        for count in shots
    ]
    assert (accuracy - 4 * standard_error(accuracy, trials) <= bound).all()


@pytest.mark.parametrize("game", GAMES)
@pytest.mark.parametrize("n", [4, 6, 8])
def test_the_bell_protocol_beats_the_bound_of_all_conventional_ones(n, game):
    trials, shots = 4000, np.arange(1, 21)
    accuracy = on_circuits("bell", n, trials, game=game, prefixes=shots) / trials
    bound = [
        largest_conventional_accuracy(int(2 * count), qubits=n, alpha=0.9, game=game)
        for count in shots
    ]
    assert (accuracy - 4 * standard_error(accuracy, trials) > bound).any()


def test_the_protocols_of_the_controls_are_not_called_conventional():
    assert set(CONVENTIONAL) == {
        "local_pauli",
        "random_clifford",
        "mutually_unbiased",
        "mutually_unbiased_cycled",
        "adaptive_unbiased",
        "product_two_copy",
        "learned_product",
    }


@pytest.mark.parametrize("name", ["no_signal", "different_hidden"])
@pytest.mark.parametrize("game", GAMES)
def test_controls_without_a_signal_are_guesses(name, game):
    trials = 6000
    accuracy = on_circuits(name, 3, trials, game=game) / trials
    assert (np.abs(accuracy - 0.5) < 5 * np.sqrt(0.25 / trials)).all()


def test_the_bell_protocol_on_circuits_has_its_exact_accuracy():
    trials = 20_000
    accuracy = on_circuits("bell", 4, trials) / trials
    exact = np.array([bell_accuracy(int(shots), 0.81) for shots in PREFIXES])
    assert (np.abs(accuracy - exact) < 5 * standard_error(exact, trials)).all()


@pytest.mark.parametrize(
    ("given", "target", "full"),
    [
        ("mutually_unbiased", 0.7, "mutually_unbiased:times=3"),
        ("mutually_unbiased:times=0", 0.7, "mutually_unbiased:times=3"),
        ("mutually_unbiased", 0.8, "mutually_unbiased:times=4"),
        ("mutually_unbiased:times=5", 0.7, "mutually_unbiased:times=5"),
        ("adaptive_unbiased", 0.7, "adaptive_unbiased:looks=3"),
        ("adaptive_unbiased", 0.9, "adaptive_unbiased:looks=4"),
        ("mutually_unbiased_cycled", 0.7, "mutually_unbiased_cycled"),
        ("bell", 0.7, "bell"),
        ("local_pauli:times=2", 0.7, "local_pauli:times=2"),
        ("memory:qubits=2", 0.7, "memory:qubits=2"),
    ],
)
def test_a_protocol_has_a_full_name_that_may_depend_on_the_target(given, target, full):
    assert task().resolve(given, 4, target) == full
    assert task().resolve(full, 4, target) == full


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ball", "unknown protocol 'ball'; choose one of bell"),
        ("bell:times=2", "unknown option 'times'"),
        ("local_pauli:times=0", "must be at least 1"),
        ("local_pauli:times=1.5", "must be a whole number"),
        ("mutually_unbiased:times=-1", "must be at least 1"),
        ("adaptive_unbiased:looks=2", "must lie between 3 and 4"),
        ("memory:qubits=-1", "must lie between 0 and 4"),
        ("memory:qubits=5", "must lie between 0 and 4"),
        ("bell:", "must read key=value"),
    ],
)
def test_a_protocol_that_cannot_be_read_is_refused_in_one_line(text, message):
    calls = [
        lambda: task().resolve(text, 4, 0.7),
        lambda: task().bound(text, 4, 0.7),
        lambda: task().copies_per_shot(text, 4),
        lambda: task().check(text, 4, circuits=False, noise=False),
        lambda: task().first_budget(text, 4, 0.7),
        lambda: from_law(text, 4, 10),
    ]
    for call in calls:
        with pytest.raises(ValueError, match=message) as caught:
            call()
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", PROTOCOLS)
@pytest.mark.parametrize("game", GAMES)
def test_the_bound_is_given_where_it_applies_and_nowhere_else(name, game):
    bound = task(game, 0.8).bound(FULL[name], 5, 0.7)
    if name in CONVENTIONAL:
        assert bound == copies_required(0.7, qubits=5, alpha=0.8, game=game)
    else:
        assert bound is None


@pytest.mark.parametrize("name", PROTOCOLS)
def test_copies_per_shot_are_those_of_the_circuit(name):
    circuit = task().circuit(FULL[name], 3)
    assert len(circuit.all_qubits()) == 3 * task().copies_per_shot(FULL[name], 3)


@pytest.mark.parametrize("name", PROTOCOLS)
def test_the_circuit_that_is_shown_is_one_circuit_that_ends_in_measurements(name):
    circuit = task().circuit(name, 3)
    assert isinstance(circuit, cirq.Circuit)
    assert circuit.are_all_measurements_terminal()
    measured = [op for op in circuit.all_operations() if cirq.is_measurement(op)]
    assert {q for op in measured for q in op.qubits} == circuit.all_qubits()


@pytest.mark.parametrize("name", PROTOCOLS)
def test_the_first_budget_is_always_the_same(name):
    budgets = {task().first_budget(FULL[name], 4, 0.7) for _ in range(2)}
    assert len(budgets) == 1
    assert min(budgets) >= 20


@pytest.mark.parametrize(
    ("text", "n", "copies"),
    [
        ("mutually_unbiased:times=3", 8, 320),
        ("mutually_unbiased:times=3", 10, 1278),
        ("random_clifford", 10, 1680),
        ("local_pauli", 10, 3200),
    ],
)
def test_the_first_budget_lies_a_little_above_the_copies_that_are_needed(text, n, copies):
    assert 1.2 < task().first_budget(text, n, 0.7) / copies < 2.2


@pytest.mark.parametrize("name", ["bell", "known_question", "no_signal"])
def test_the_first_budget_of_what_needs_few_copies_or_never_ends_is_twenty(name):
    assert task().first_budget(name, 4, 0.7) == 20


@pytest.mark.parametrize("n", [6, 20, 50])
@pytest.mark.parametrize("text", ["random_clifford", "mutually_unbiased:times=3"])
def test_the_first_budget_lies_above_the_bound_at_every_size(text, n):
    bound = task().bound(text, n, 0.7)
    assert bound < task().first_budget(text, n, 0.7) < 10 * bound


def test_the_first_budget_of_random_pauli_bases_lies_above_the_bound_at_fifty_qubits():
    assert task().first_budget("local_pauli", 50, 0.7) > task().bound("local_pauli", 50, 0.7)


def test_the_first_budget_of_a_name_that_is_not_full_is_that_of_its_target():
    full = task().resolve("mutually_unbiased", 8, 0.9)
    assert full != task().resolve("mutually_unbiased", 8, 0.7)
    budgets = [task().first_budget(name, 8, 0.9) for name in ("mutually_unbiased", full)]
    assert budgets[0] == budgets[1]


def test_bases_must_be_said_to_be_measured_how_often():
    for sampler in (FromLaw(), FactorisedSampler(seed=1)):
        with pytest.raises(ValueError, match="must say its times, as times=K"):
            task().play("mutually_unbiased", 3, PREFIXES, 10, 0, seeds(1), sampler)


def test_a_system_without_qubits_is_refused():
    with pytest.raises(ValueError, match="qubits"):
        task().check("bell", 0, circuits=False, noise=False)


STABILISER = [
    "random_clifford",
    "mutually_unbiased:times=3",
    "mutually_unbiased_cycled",
    "memory:qubits=0",
]


@pytest.mark.parametrize("text", STABILISER)
def test_circuits_of_stabiliser_bases_end_at_twelve_qubits(text):
    task().check(text, 12, circuits=True, noise=True)
    task().check(text, 13, circuits=False, noise=False)
    with pytest.raises(ValueError, match="at most 12"):
        task().check(text, 13, circuits=True, noise=False)
    with pytest.raises(ValueError, match="at most 12"):
        on_circuits(text, 13, 10)


def test_qubits_in_the_memory_are_not_measured_in_stabiliser_bases():
    task().check("memory:qubits=8", 20, circuits=True, noise=False)
    with pytest.raises(ValueError, match="at most 19 for memory as circuits, not 20"):
        task().check("memory:qubits=7", 20, circuits=True, noise=False)


@pytest.mark.parametrize("text", ["bell", "local_pauli", "product_two_copy", "known_question"])
def test_product_circuits_have_no_largest_size(text):
    task().check(text, 100, circuits=True, noise=True)


@pytest.mark.parametrize("name", WITH_LAW)
def test_the_law_ends_at_fifty_qubits(name):
    task().check(FULL[name], 50, circuits=False, noise=False)
    with pytest.raises(ValueError, match="at most 50"):
        task().check(FULL[name], 51, circuits=False, noise=False)


@pytest.mark.parametrize("name", [name for name in WITH_LAW if not name.startswith("bell")])
def test_the_law_knows_noise_for_bell_measurements_alone(name):
    task().check("bell", 3, circuits=False, noise=True)
    with pytest.raises(ValueError, match="knows no noise"):
        task().check(FULL[name], 3, circuits=False, noise=True)
    with pytest.raises(ValueError, match="knows no noise"):
        from_law(FULL[name], 3, 10, noise=(0.1, 0.0))


def test_strings_of_weight_two_need_two_qubits():
    with pytest.raises(ValueError, match="at least 2 for local_observables, not 1"):
        task().check("local_observables", 1, circuits=True, noise=False)


@pytest.mark.parametrize("name", WITH_LAW)
@pytest.mark.parametrize("play", [on_circuits, from_law])
def test_the_seeds_decide_every_answer(name, play):
    first, again, other = (play(FULL[name], 3, 300, root=root).tolist() for root in (1, 1, 2))
    assert first == again
    assert first != other


def test_the_sampler_has_its_own_seed():
    bits = [
        on_circuits("bell", 3, 300, sampler=FactorisedSampler(seed=seed)).tolist()
        for seed in (1, 2)
    ]
    assert bits[0] != bits[1]


@pytest.mark.parametrize("play", [on_circuits, from_law])
def test_the_answers_are_whole_numbers_one_for_each_prefix(play):
    correct = play("bell", 3, 50)
    assert correct.dtype == np.int64
    assert correct.shape == PREFIXES.shape
    assert ((correct >= 0) & (correct <= 50)).all()


@pytest.mark.parametrize("name", WITH_LAW)
def test_chunks_of_trials_leave_the_accuracy_as_it_is(name, monkeypatch):
    """130 trials at once, so that the last chunk is not full."""
    trials = 2000
    whole = from_law(FULL[name], 3, trials, root=5) / trials
    monkeypatch.setattr(module, "SHOTS_PER_REQUEST", 130 * int(PREFIXES[-1]))
    chunked = on_circuits(FULL[name], 3, trials) / trials
    middle = (whole + chunked) / 2
    assert (np.abs(whole - chunked) < 4.5 * np.sqrt(2) * standard_error(middle, trials)).all()


@pytest.mark.parametrize("limit", [1, 100, 250])
def test_every_trial_is_played_in_some_chunk(limit, monkeypatch):
    """After forty Bell shots at a signal of almost one no answer is wrong."""
    monkeypatch.setattr(module, "SHOTS_PER_REQUEST", limit)
    correct = (
        task(alpha=0.999999)
        .play("bell", 3, np.array([40]), 53, 0, seeds(1), FactorisedSampler(seed=1))
        .correct
    )
    assert correct.tolist() == [53]


@pytest.mark.parametrize("text", ["known_question", "local_pauli:times=2", "memory:qubits=1"])
def test_almost_without_mixing_many_shots_leave_no_doubt(text):
    task_ = task(alpha=0.999999)
    correct = task_.play(
        text, 2, np.array([400]), 100, 0, seeds(1), FactorisedSampler(seed=1)
    ).correct
    assert correct.tolist() == [100]


@pytest.mark.parametrize("noise", [(0.1, 0.0), (0.0, 0.06), (0.08, 0.04)])
@pytest.mark.parametrize("base", ["qsim", "stim"])
@pytest.mark.parametrize("game", GAMES)
def test_the_noisy_law_of_the_bell_protocol_is_that_of_noisy_circuits(game, base, noise):
    trials, (depolarize, readout) = 4000, noise
    sampler = open_backend(f"{base}:depolarize={depolarize},readout={readout}").make(3)
    circuits = on_circuits("bell", 4, trials, game=game, sampler=sampler) / trials
    law = from_law("bell", 4, trials, game=game, root=2, noise=noise) / trials
    middle = (circuits + law) / 2
    assert (np.abs(circuits - law) < 4 * np.sqrt(2) * standard_error(middle, trials)).all()
    noiseless = from_law("bell", 4, trials, game=game, root=2) / trials
    assert (noiseless - law).max() > 10 * standard_error(0.5, trials)


def games_met(monkeypatch, name, sampler, game):
    """The games that a protocol plays, as it is given them."""
    met = []

    def remember(*arguments):
        met.append(draw_games(*arguments))
        return met[-1]

    draw_games = module.draw_games
    with monkeypatch.context() as patch:
        patch.setattr(module, "draw_games", remember)
        task(game).play(FULL[name], 3, PREFIXES, 40, 0, seeds(7), sampler)
    (games,) = met
    system = games.preparation
    return SimpleNamespace(
        letters=system.letters, signs=system.signs, truth=games.truth, asked=games.candidates
    )


@pytest.mark.parametrize("game", GAMES)
@pytest.mark.parametrize("sampler", [FromLaw(), FactorisedSampler(seed=1)], ids=["law", "circuits"])
@pytest.mark.parametrize(
    "name", [n for n in WITH_LAW if PROTOCOLS[n].control in (None, "question_known")]
)
def test_all_protocols_meet_the_same_hidden_systems_and_questions(monkeypatch, name, sampler, game):
    expected = games_met(monkeypatch, "bell", FromLaw(), game)
    found = games_met(monkeypatch, name, sampler, game)
    for field, value in vars(expected).items():
        np.testing.assert_array_equal(getattr(found, field), value)


def test_the_question_is_revealed_after_the_measurement(monkeypatch):
    events = []

    class Watched(FactorisedSampler):
        def sample_table(self, request):
            events.append("measured")
            return super().sample_table(request)

    original = Bell.evidence
    monkeypatch.setattr(
        Bell,
        "evidence",
        lambda self, *given: events.append("revealed") or original(self, *given),
    )
    on_circuits("bell", 2, 10, sampler=Watched(seed=1))
    assert events == ["measured", "revealed"]


def test_a_plain_simulator_of_cirq_plays_the_same_game():
    trials, prefixes = 60, np.array([1, 3])
    plain = on_circuits("bell", 2, trials, prefixes=prefixes, sampler=cirq.Simulator(seed=1))
    exact = np.array([bell_accuracy(int(shots), 0.81) for shots in prefixes])
    assert (np.abs(plain / trials - exact) < 4 * standard_error(exact, trials)).all()
