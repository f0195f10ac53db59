import cirq
import numpy as np
import pytest
from hidden_strings import every_string, evidence_of, hide, measure

from quantum_advantage.backends.simulators.factorised import FactorisedSampler
from quantum_advantage.circuits.run import run
from quantum_advantage.core.usage import UsageError
from quantum_advantage.measurements.bell import MEMORY, SYSTEM
from quantum_advantage.systems.preparation import OneOfEach
from quantum_advantage.tasks.observables.games import Games, ObservablesTask, draw_games
from quantum_advantage.tasks.observables.limited_memory import LimitedMemory
from quantum_advantage.tasks.observables.protocols import (
    Bell,
    KnownQuestion,
    LocalPauli,
    MutuallyUnbiased,
    ProductTwoCopy,
    RandomClifford,
)
from quantum_advantage.tasks.observables.task import Observables, family_of

TASK = Observables("observables")
PROTOCOLS = TASK.protocols

SINGLE = {
    "local_pauli": LocalPauli(),
    "local_pauli, twice": LocalPauli(2),
    "random_clifford": RandomClifford(),
    "unbiased, once": MutuallyUnbiased(),
    "unbiased, thrice": MutuallyUnbiased(3),
    "product_two_copy": ProductTwoCopy(),
}
QUBITS = (2, 3)


def every_protocol(n):
    memories = {f"memory of {k}": LimitedMemory(k) for k in range(n + 1)}
    return {"bell": Bell(), **SINGLE, **memories}


CASES = [
    pytest.param(n, protocol, id=f"{name}-{n}")
    for n in QUBITS
    for name, protocol in every_protocol(n).items()
]


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("n", "protocol"), CASES)
def test_without_mixing_every_sign_of_every_hidden_string_is_the_true_one(n, protocol, sign):
    """At signal 1 a sign of one copy is s, and a sign of two copies s squared."""
    letters = every_string(n)
    evidence = evidence_of(protocol, hide(letters, sign, 1.0), letters[:, None], 60 * 2**n)
    hits, pluses = evidence.hits[:, 0, 0], evidence.pluses[:, 0, 0]
    assert (hits > 0).all()
    expected = np.where(evidence.squared[:, 0] | (sign > 0), hits, 0)
    np.testing.assert_array_equal(pluses, expected)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("n", QUBITS)
def test_with_the_question_known_every_copy_gives_the_true_sign(n, sign):
    letters = every_string(n)
    evidence = evidence_of(
        KnownQuestion(letters[:, None]), hide(letters, sign, 1.0), letters[:, None], 20
    )
    assert (evidence.hits == 20).all()
    assert (evidence.pluses == (20 if sign > 0 else 0)).all()


@pytest.mark.parametrize("alpha", [0.9, 0.4])
@pytest.mark.parametrize(("n", "protocol"), CASES)
def test_signs_have_the_mean_of_the_hidden_string(n, protocol, alpha):
    letters = every_string(n)
    evidence = evidence_of(protocol, hide(letters, -1, alpha), letters[:, None], 300)
    for squared, mean in ((False, -alpha), (True, alpha**2)):
        chosen = evidence.squared[:, 0] == squared
        hits, pluses = evidence.hits[chosen].sum(), evidence.pluses[chosen].sum()
        if chosen.any():
            assert hits > 300
            assert abs(2 * pluses / hits - 1 - mean) < 5 * np.sqrt((1 - mean**2) / hits)


@pytest.mark.parametrize(("n", "protocol"), CASES)
def test_signs_of_a_string_that_is_not_hidden_are_fair(n, protocol):
    letters = every_string(n)
    asked = np.roll(letters, 1 + np.random.default_rng(n).integers(len(letters) - 1), axis=0)
    evidence = evidence_of(protocol, hide(letters, 1, 1.0), asked[:, None], 300)
    hits, pluses = evidence.hits.sum(), evidence.pluses.sum()
    assert hits > 300
    assert abs(pluses / hits - 0.5) < 5 * np.sqrt(0.25 / hits)


def test_signs_of_copies_that_hide_different_strings_are_fair():
    letters = every_string(2)
    pair = OneOfEach("a", hide(letters, 1, 1.0), hide(np.roll(letters, 3, axis=0), 1, 1.0, 5))
    evidence = evidence_of(Bell(), pair, letters[:, None], 2000)
    hits, pluses = evidence.hits.sum(), evidence.pluses.sum()
    assert abs(pluses / hits - 0.5) < 5 * np.sqrt(0.25 / hits)


@pytest.mark.parametrize(
    ("protocol", "copies", "chance"),
    [
        (RandomClifford(), 1, lambda weight: np.full(weight.shape, 1 / 9)),
        (LocalPauli(), 1, lambda weight: 3.0**-weight),
        (ProductTwoCopy(), 2, lambda weight: 3.0**-weight),
        (LimitedMemory(0), 2, lambda weight: np.full(weight.shape, 1 / 9)),
    ],
    ids=["random_clifford", "local_pauli", "product_two_copy", "memory of 0"],
)
def test_a_string_is_measured_as_often_as_it_should_be(protocol, copies, chance):
    shots = 6000
    letters = every_string(3)
    evidence = evidence_of(protocol, hide(letters, 1, 0.9), letters[:, None], shots)
    expected = chance((letters != 0).sum(axis=1))
    sigma = np.sqrt(expected * (1 - expected) / shots)
    assert (np.abs(evidence.hits[:, 0, 0] / (copies * shots) - expected) < 5 * sigma).all()


def test_a_pass_through_the_unbiased_bases_hits_every_string_once():
    letters = every_string(3)
    for times in (1, 3):
        evidence = evidence_of(
            MutuallyUnbiased(times), hide(letters, 1, 0.9), letters[:, None], 9 * times
        )
        assert (evidence.hits == times).all()


def test_two_passes_through_the_unbiased_bases_hit_every_string_twice():
    letters = every_string(2)
    record = measure(MutuallyUnbiased(2), hide(letters, 1, 0.9), 20)
    evidence = MutuallyUnbiased(2).evidence(record, letters[:, None], np.array([10, 15, 20]))
    assert (evidence.hits[:, 0, 0] == 2).all()
    assert (evidence.hits[:, 0, 2] == 4).all()
    assert ((evidence.hits[:, 0, 1] >= 2) & (evidence.hits[:, 0, 1] <= 4)).all()


def test_every_pass_has_its_own_order_for_every_system():
    letters = every_string(3)
    record = measure(MutuallyUnbiased(1), hide(letters, 1, 0.9), 18)
    order = record.settings["basis"].reshape(len(letters), 2, 9)
    np.testing.assert_array_equal(np.sort(order, axis=2), np.broadcast_to(range(9), order.shape))
    assert len(np.unique(order.reshape(-1, 9), axis=0)) == 2 * len(letters)


def test_the_first_basis_of_a_pass_is_uniform(p_of_law):
    letters = np.tile(every_string(2), (200, 1))
    record = measure(MutuallyUnbiased(3), hide(letters, 1, 0.9), 4)
    first = record.settings["basis"].reshape(len(letters), 4)[:, 0]
    assert p_of_law(np.bincount(first, minlength=5), np.full(5, 0.2)) > 1e-4


@pytest.mark.parametrize("protocol", [LocalPauli(3), MutuallyUnbiased(3)], ids=["local", "mub"])
def test_a_basis_is_used_so_many_times_in_a_row_and_then_changed(protocol):
    letters = every_string(3)
    record = measure(protocol, hide(letters, 1, 0.9), 8)
    rows = np.stack(list(record.settings.values()), axis=1).reshape(len(letters), 8, -1)
    assert (rows[:, [0, 3, 6]] == rows[:, [1, 4, 7]]).all()
    assert (rows[:, [0, 3]] == rows[:, [2, 5]]).all()
    assert (rows[:, 0] != rows[:, 3]).any()


@pytest.mark.parametrize(("n", "protocol"), CASES)
def test_the_evidence_of_a_prefix_is_that_of_the_shorter_record(n, protocol):
    letters = every_string(n)
    record = measure(protocol, hide(letters, 1, 0.7), 24)
    prefixes = np.array([1, 5, 12, 24])
    evidence = protocol.evidence(record, letters[:, None], prefixes)
    alone = [protocol.evidence(record, letters[:, None], prefixes[[p]]) for p in range(4)]
    np.testing.assert_array_equal(evidence.hits, np.concatenate([e.hits for e in alone], axis=2))
    np.testing.assert_array_equal(
        evidence.pluses, np.concatenate([e.pluses for e in alone], axis=2)
    )
    assert (np.diff(evidence.hits, axis=2) >= 0).all()
    assert (evidence.pluses <= evidence.hits).all()


@pytest.mark.parametrize(("n", "protocol"), CASES)
def test_candidates_are_read_one_by_one(n, protocol):
    letters = every_string(n)
    pairs = np.stack([letters, letters[::-1]], axis=1)
    record = measure(protocol, hide(letters, 1, 0.7), 30)
    both = protocol.evidence(record, pairs, np.array([30]))
    for c in (0, 1):
        alone = protocol.evidence(record, pairs[:, c : c + 1], np.array([30]))
        np.testing.assert_array_equal(both.hits[:, c], alone.hits[:, 0])
        np.testing.assert_array_equal(both.pluses[:, c], alone.pluses[:, 0])
        np.testing.assert_array_equal(both.squared[:, c], alone.squared[:, 0])


OPTIONS = {
    "mutually_unbiased": {"times": 3},
    "adaptive_unbiased": {"looks": 3},
    "memory": {"qubits": 1},
    "local_pauli": {"times": 2},
}


def games_of(name, seed=0, n=3, trials=6):
    nature, copies = np.random.default_rng(seed), np.random.default_rng(1)
    return draw_games(ObservablesTask(), family_of(PROTOCOLS[name]), n, trials, nature, copies)


def measurement_of(name, games):
    """Returns how a protocol measures, its options given."""
    options = ",".join(f"{key}={value}" for key, value in OPTIONS.get(name, {}).items())
    full = f"{name}:{options}" if options else name
    return TASK.measurement(TASK.read(full, games.qubits), games)


def request_of(name, games, shots=10):
    return measurement_of(name, games).request(games.preparation, shots, np.random.default_rng(2))


def with_other_question(name):
    """The same hidden systems, but other strings are asked for."""
    games, others = games_of(name), games_of(name, seed=9)
    assert (games.candidates != others.candidates).any(axis=(1, 2)).all()
    return Games(games.preparation, others.candidates, games.truth, games.means)


def same_request(first, second):
    return (
        first.circuit == second.circuit
        and first.dials == second.dials
        and first.shots == second.shots
        and first.learner == second.learner
        and all(map(np.array_equal, first.table, second.table))
    )


@pytest.mark.parametrize("name", [name for name in PROTOCOLS if name != "known_question"])
def test_what_is_measured_does_not_depend_on_the_question(name):
    assert same_request(
        request_of(name, games_of(name)), request_of(name, with_other_question(name))
    )


def test_the_question_is_known_to_known_question_alone():
    known = [name for name in PROTOCOLS if PROTOCOLS[name].control == "question_known"]
    assert known == ["known_question"]
    with pytest.raises(UsageError, match="must know its candidates"):
        KnownQuestion().request(games_of("bell").preparation, 1, np.random.default_rng(0))
    name = "known_question"
    first, second = request_of(name, games_of(name)), request_of(name, with_other_question(name))
    assert not same_request(first, second)


def test_with_the_question_known_every_copy_is_measured_in_the_letters_of_the_first_candidate():
    games = games_of("known_question")
    (record,) = run([request_of("known_question", games)], FactorisedSampler(seed=1))
    for i in range(3):
        asked = np.repeat(games.candidates[:, 0, i], 10)
        measured = record.settings[f"basis{i}"] + 1
        np.testing.assert_array_equal(measured[asked > 0], asked[asked > 0])


@pytest.mark.parametrize("name", PROTOCOLS)
def test_the_record_holds_the_settings_of_the_learner_and_none_of_nature(name):
    games = games_of(name)
    request = request_of(name, games)
    (record,) = run([request], FactorisedSampler(seed=1))
    nature = {dial.name for label in "ab" for dial in games.preparation.dials(label)}
    known = {dial.name for dial in request.dials}
    assert set(record.settings) == known - nature
    assert set(record.bits) == (
        {SYSTEM} if PROTOCOLS[name].copies_per_shot == 1 else {SYSTEM, MEMORY}
    )


@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_shot_uses_as_many_copies_as_the_protocol_says(name):
    games = games_of(name)
    request = request_of(name, games)
    copies = PROTOCOLS[name].copies_per_shot
    assert measurement_of(name, games).copies_per_shot == copies
    assert len(request.circuit.all_qubits()) == 3 * copies
    assert request.circuit.are_all_measurements_terminal()
    # The first round of adaptive bases: seven of ten copies come first or second in their basis.
    shots = 6 * (7 if name == "adaptive_unbiased" else 10)
    assert request.shots == shots
    assert {column.shape for column in request.table} == {(shots,)}


@pytest.mark.parametrize("name", [n for n in PROTOCOLS if PROTOCOLS[n].bounded is True])
def test_a_conventional_shot_does_not_entangle_the_copies(name):
    circuit = request_of(name, games_of(name)).circuit
    for operation in circuit.all_operations():
        if len(operation.qubits) == 2 and not cirq.is_measurement(operation):
            assert (operation.qubits[0].x - operation.qubits[1].x) % 2 == 0


def test_more_unbiased_bases_than_are_built_are_refused():
    letters = np.ones((1, 13), dtype=np.uint8)
    for protocol in (MutuallyUnbiased(1), RandomClifford()):
        with pytest.raises(ValueError, match="12 qubits, not 13"):
            protocol.request(hide(letters, 1, 0.9), 1, np.random.default_rng(0))


@pytest.mark.parametrize("protocol", [Bell(), LocalPauli(), ProductTwoCopy()], ids=repr)
def test_strings_longer_than_a_word_are_read(protocol):
    """Strings of one letter behind the 64th qubit."""
    letters = np.zeros((6, 70), dtype=np.uint8)
    letters[np.arange(6), 64 + np.arange(6)] = [1, 2, 3, 1, 2, 3]
    evidence = evidence_of(protocol, hide(letters, -1, 1.0), letters[:, None], 40)
    assert (evidence.hits > 0).all()
    expected = np.where(evidence.squared[:, 0], evidence.hits[:, 0, 0], 0)
    np.testing.assert_array_equal(evidence.pluses[:, 0, 0], expected)
