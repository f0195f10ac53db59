from dataclasses import replace

import cirq
import numpy as np
import pytest

from quantum_advantage.backends.backend import Backend
from quantum_advantage.backends.opening import open_backend
from quantum_advantage.core.usage import UsageError
from quantum_advantage.study.batches import batch_seeds, play_batch
from quantum_advantage.study.spec import Spec
from quantum_advantage.tasks.observables.task import Observables
from quantum_advantage.tasks.registry import load_task
from quantum_advantage.tasks.shared.prefixes import shots_played

PROTOCOLS = Observables("observables").protocols

SPEC = Spec("observables:alpha=0.9,game=two", "bell", 2, "qsim", 20, 5, 0)
SOURCES = ("nature", "copies", "learner", "sampler")
FULL_NAMES = [
    {
        "mutually_unbiased": "mutually_unbiased:times=3",
        "adaptive_unbiased": "adaptive_unbiased:looks=3",
        "memory": "memory:qubits=1",
    }.get(name, name)
    for name in PROTOCOLS
]
# Readings that are learned have no law.
PLAYED = [
    (name, backend)
    for name in FULL_NAMES
    for backend in ("qsim", "stim", "law")
    if backend != "law" or PROTOCOLS[name.partition(":")[0]].exact is not None
]


def words(spec, batch, source):
    return getattr(batch_seeds(spec, batch), source).generate_state(4).tolist()


def test_nature_is_the_same_for_all_protocols():
    natures = [words(replace(SPEC, protocol=name), 3, "nature") for name in FULL_NAMES]
    assert natures.count(natures[0]) == len(FULL_NAMES)


@pytest.mark.parametrize("change", [{"backend": "law"}, {"budget": 80}])
def test_nature_is_the_same_for_all_backends_and_budgets(change):
    assert words(replace(SPEC, **change), 0, "nature") == words(SPEC, 0, "nature")


@pytest.mark.parametrize(
    "change", [{"qubits": 3}, {"seed": 1}, {"task": "observables:alpha=0.8,game=two"}]
)
def test_nature_differs_between_sizes_seeds_and_tasks(change):
    assert words(replace(SPEC, **change), 0, "nature") != words(SPEC, 0, "nature")


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_differs_between_batches(source):
    assert len({tuple(words(SPEC, batch, source)) for batch in range(50)}) == 50


@pytest.mark.parametrize("source", ["copies", "learner", "sampler"])
@pytest.mark.parametrize(
    "change",
    [
        {"protocol": "mutually_unbiased:times=3"},
        {"qubits": 3},
        {"backend": "stim"},
        {"budget": 80},
        {"batch_size": 6},
        {"seed": 1},
    ],
)
def test_other_sources_differ_between_specs(source, change):
    assert words(replace(SPEC, **change), 0, source) != words(SPEC, 0, source)


def test_sources_of_one_batch_differ_from_each_other():
    assert len({tuple(words(SPEC, 0, source)) for source in SOURCES}) == len(SOURCES)


@pytest.mark.parametrize(("protocol", "backend"), PLAYED)
def test_batch_is_the_same_whenever_it_is_played(protocol, backend):
    spec = replace(SPEC, protocol=protocol, backend=backend)
    assert play_batch("trial", spec, 4) == play_batch("trial", spec, 4)


@pytest.mark.parametrize(("protocol", "backend"), PLAYED)
def test_batch_has_one_row_for_each_number_of_copies_in_order(protocol, backend):
    spec = replace(SPEC, protocol=protocol, backend=backend)
    per_shot = PROTOCOLS[protocol.partition(":")[0]].copies_per_shot
    rows = play_batch("trial", spec, 4)
    shots = shots_played(20, per_shot)
    assert [row.shots for row in rows] == shots
    assert [row.copies for row in rows] == [per_shot * t for t in shots]


@pytest.mark.parametrize(("protocol", "backend"), PLAYED)
def test_rows_carry_their_spec_and_no_more_right_answers_than_trials(protocol, backend):
    spec = replace(SPEC, protocol=protocol, backend=backend)
    for row in play_batch("trial", spec, 4):
        assert row.spec == spec
        assert (row.experiment, row.batch, row.spec.source) == ("trial", 4, spec.source)
        assert row.systems == row.trials == 5
        assert 0 <= row.correct <= row.trials


def test_batches_differ_from_each_other():
    many = [[row.correct for row in play_batch("trial", SPEC, batch)] for batch in range(10)]
    assert len({tuple(correct) for correct in many}) > 1


def test_right_answers_are_as_frequent_as_the_formula_says():
    # One noiseless Bell shot answers rightly with probability 1/2 + alpha^2/4.
    games = 4000
    first = play_batch("trial", replace(SPEC, batch_size=games, budget=2), 0)[0]
    expected = 0.5 + 0.9**2 / 4
    error = np.sqrt(expected * (1 - expected) / games)
    assert abs(first.correct / games - expected) < 5 * error


def test_noise_in_the_name_of_the_law_is_played():
    # Flips of probability 1/2 leave nothing to read, so that accuracy stays at one half.
    games = 4000
    silent = replace(SPEC, backend="law:readout=0.5", batch_size=games)
    last = play_batch("trial", silent, 0)[-1]
    assert abs(last.correct / games - 0.5) < 5 * 0.5 / np.sqrt(games)


def test_outside_backend_is_made_once_for_a_batch_with_a_seed_of_its_own():
    seeds = []

    def make(seed):
        seeds.append(seed)
        return open_backend("qsim").make(seed)

    spec = replace(SPEC, backend="mine")
    for batch in (0, 1, 0):
        play_batch("trial", spec, batch, Backend("mine", make))
    assert len(seeds) == 3
    assert seeds[0] == seeds[2] != seeds[1]


def test_seed_for_a_backend_is_one_that_cirq_accepts():
    def make(seed):
        return cirq.Simulator(seed=seed)

    spec = replace(SPEC, backend="mine", batch_size=2)
    rows = play_batch("trial", spec, 0, Backend("mine", make))
    assert rows[-1].copies == 20


def test_unknown_protocol_is_refused_by_name():
    with pytest.raises(ValueError, match="'nope'"):
        play_batch("trial", replace(SPEC, protocol="nope"), 0)


# What runs is what the rows say.

ESTIMATED = Spec("purities:mixing=0.2", "bell", 2, "mine", 20, 2, 0)
PLAYERS = {
    "play": (play_batch, replace(SPEC, backend="mine")),
    "estimate": (play_batch, ESTIMATED),
}
players = pytest.mark.parametrize(("play", "spec"), PLAYERS.values(), ids=PLAYERS)


def mine(make=None):
    return Backend("mine", make or (lambda seed: cirq.Simulator(seed=seed)))


@players
def test_a_backend_plays_under_its_own_name_alone(play, spec):
    assert play("trial", spec, 0, mine())
    for name in ("qsim", "qsim:readout=0.1", "qvm:weber", "other", "mine:p=1"):
        with pytest.raises(UsageError, match=f"'mine' cannot play a batch of backend '{name}'"):
            play("trial", replace(spec, backend=name), 0, mine())


def test_a_processor_with_other_pairs_has_another_name():
    other = "qvm:rainbow,pairs=5.0-5.1"
    with pytest.raises(UsageError, match="cannot play a batch of backend"):
        play_batch("trial", replace(SPEC, qubits=1, backend=other), 0, open_backend("qvm:rainbow"))


@players
@pytest.mark.parametrize("made", [None, cirq.Simulator, "qsim", cirq.Circuit()])
def test_a_backend_that_makes_no_sampler_plays_nothing(play, spec, made):
    with pytest.raises(UsageError, match=r"must return a cirq.Sampler, but returned"):
        play("trial", spec, 0, mine(lambda seed: made))


@pytest.mark.parametrize(
    ("task", "protocol"),
    [
        *((name, "bell") for name in ("observables", "purity", "principal_component")),
        *((name, "bell") for name in ("time_reversal", "processes")),
        ("pauli_channel", "bell_pairs"),
    ],
)
@pytest.mark.parametrize("source", [None, "law", "qsim", cirq.Simulator, 0])
def test_no_task_takes_anything_but_the_law_for_the_law(task, protocol, source):
    loaded = load_task(task)
    protocol = loaded.resolve(protocol, 2, 0.7)
    with pytest.raises(UsageError, match=r"^sampler must be "):
        loaded.play(protocol, 2, np.array([1]), 2, 0, batch_seeds(SPEC, 0), source)
