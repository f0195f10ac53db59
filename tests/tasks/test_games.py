import cirq
import numpy as np
import pytest

from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.core.usage import UsageError
from quantum_advantage.systems.hidden_pauli import HiddenPauli
from quantum_advantage.systems.preparation import OneOfEach
from quantum_advantage.tasks.observables.games import ObservablesTask, draw_games, read_task

TRIALS = 24_000


def draw(game="two", family="hidden", qubits=2, trials=TRIALS, seed=1, copies=2, alpha=0.9):
    return draw_games(
        ObservablesTask(alpha, game),
        family,
        qubits,
        trials,
        np.random.default_rng(seed),
        np.random.default_rng(copies),
    )


def string_numbers(letters):
    return letters.astype(np.int64) @ 4 ** np.arange(letters.shape[1])


def counts(*columns):
    return np.unique(np.stack(columns, axis=1), axis=0, return_counts=True)


def hidden_and_other(games):
    rows = np.arange(games.trials)
    return games.candidates[rows, games.truth], games.candidates[rows, 1 - games.truth]


@pytest.mark.parametrize("family", ["hidden", "local", "different", "none"])
@pytest.mark.parametrize("qubits", [2, 3])
def test_the_hidden_string_is_asked_for_and_is_never_the_identity(family, qubits):
    games = draw(family=family, qubits=qubits)
    hidden, other = hidden_and_other(games)
    preparation = games.preparation
    system = preparation.first if isinstance(preparation, OneOfEach) else preparation
    np.testing.assert_array_equal(hidden, system.letters)
    assert hidden.any(axis=1).all()
    assert other.any(axis=1).all()
    assert (hidden != other).any(axis=1).all()


def test_strings_signs_and_truth_are_uniform_and_independent_with_two_candidates(p_of_law):
    """One qubit: 3 hidden strings, 2 other ones, 2 orders, 2 signs are 24 equal chances."""
    games = draw(qubits=1)
    hidden, other = hidden_and_other(games)
    kinds, seen = counts(
        hidden[:, 0], other[:, 0], games.truth, games.preparation.signs.astype(np.int64)
    )
    assert len(kinds) == 24
    assert p_of_law(seen, np.full(24, 1 / 24)) > 1e-4


def test_strings_signs_and_truth_are_uniform_and_independent_with_one_candidate(p_of_law):
    games = draw("one", qubits=2)
    kinds, seen = counts(
        string_numbers(games.candidates[:, 0]),
        games.truth,
        games.preparation.signs.astype(np.int64),
    )
    assert len(kinds) == 60
    assert p_of_law(seen, np.full(60, 1 / 60)) > 1e-4


def test_both_strings_are_uniform_over_all_pairs_of_different_strings(p_of_law):
    games = draw(qubits=2)
    kinds, seen = counts(*map(string_numbers, hidden_and_other(games)))
    assert len(kinds) == 15 * 14
    assert p_of_law(seen, np.full(210, 1 / 210)) > 1e-4


@pytest.mark.parametrize("game", ["one", "two"])
def test_local_strings_are_uniform_over_those_of_weight_two(game, p_of_law):
    games = draw(game, "local", qubits=3)
    assert ((games.candidates != 0).sum(axis=2) == 2).all()
    for c in range(games.candidates.shape[1]):
        kinds, seen = counts(string_numbers(games.candidates[:, c]))
        assert len(kinds) == 27
        assert p_of_law(seen, np.full(27, 1 / 27)) > 1e-4


@pytest.mark.parametrize("game", ["one", "two"])
@pytest.mark.parametrize("family", ["hidden", "local", "none"])
def test_means_are_those_of_the_density_matrix(game, family):
    games = draw(game, family, trials=40, alpha=0.7)
    for trial in range(games.trials):
        rho = games.preparation.density_matrix(trial)
        for c, letters in enumerate(games.candidates[trial]):
            (string,) = PauliStrings.from_letters(letters[None]).to_cirq_dense()
            mean = np.trace(rho @ cirq.unitary(string)).real
            assert games.means[trial, c] == pytest.approx(mean, abs=1e-12)


def test_the_hidden_candidate_has_the_larger_mean():
    games = draw(alpha=0.6)
    np.testing.assert_array_equal(np.argmax(np.abs(games.means), axis=1), games.truth)
    assert np.unique(games.means).tolist() == [-0.6, 0.0, 0.6]


def test_with_one_candidate_the_truth_says_whether_it_is_hidden():
    games = draw("one", alpha=0.6)
    np.testing.assert_array_equal(games.means[:, 0] != 0, games.truth == 1)
    np.testing.assert_array_equal(games.preparation.signals, 0.6 * games.truth)


@pytest.mark.parametrize("game", ["one", "two"])
def test_the_family_none_hides_nothing(game):
    games = draw(game, "none")
    assert not games.means.any()
    assert not games.preparation.signals.any()


@pytest.mark.parametrize("qubits", [1, 3])
def test_the_family_different_hides_another_string_in_the_second_copy(qubits):
    games = draw(family="different", qubits=qubits)
    preparation = games.preparation
    assert isinstance(preparation, OneOfEach)
    assert isinstance(preparation.other, HiddenPauli)
    assert preparation.label == "a"
    assert (preparation.first.letters != preparation.other.letters).any(axis=1).all()
    np.testing.assert_array_equal(preparation.first.signals, preparation.other.signals)


def test_the_other_string_of_the_family_different_may_be_the_other_candidate():
    """It is uniform over all strings but the hidden one, so that it gives nothing away."""
    games = draw(family="different", qubits=1)
    _, other = hidden_and_other(games)
    same = (games.preparation.other.letters == other).all(axis=1)
    assert abs(same.mean() - 0.5) < 5 * np.sqrt(0.25 / TRIALS)


def test_nature_alone_decides_systems_and_questions():
    first, again, other = draw(copies=2), draw(copies=3), draw(seed=9)
    for games, alike in ((again, True), (other, False)):
        assert np.array_equal(games.candidates, first.candidates) is alike
        assert np.array_equal(games.truth, first.truth) is alike
        assert np.array_equal(games.means, first.means) is alike


def test_the_hidden_bits_of_the_copies_have_their_own_randomness():
    games, again = draw(trials=5, copies=2), draw(trials=5, copies=3)
    bits = [np.stack(g.preparation.draw(200, "a")) for g in (games, again)]
    assert (bits[0] != bits[1]).any()


def test_sizes_are_those_that_were_asked_for():
    games = draw("two", qubits=5, trials=7)
    assert (games.qubits, games.trials, games.candidates.shape) == (5, 7, (7, 2, 5))
    assert (games.preparation.qubits, games.preparation.systems) == (5, 7)


def test_strings_of_weight_two_need_two_qubits():
    with pytest.raises(ValueError, match="at least 2"):
        draw(family="local", qubits=1)


@pytest.mark.parametrize(
    ("text", "task", "name"),
    [
        ("observables", ObservablesTask(0.9, "two"), "observables:alpha=0.9,game=two"),
        (
            "observables:game=one,alpha=0.50",
            ObservablesTask(0.5, "one"),
            "observables:alpha=0.5,game=one",
        ),
        (
            "processes:game=one",
            ObservablesTask(0.9, "one", "processes"),
            "processes:alpha=0.9,game=one",
        ),
    ],
)
def test_a_task_is_read_and_has_one_full_name(text, task, name):
    assert read_task(text) == task
    assert str(task) == name


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("observables:alpha=0", "alpha must lie strictly between 0 and 1"),
        ("observables:alpha=1", "alpha must lie strictly between 0 and 1"),
        ("observables:alpha=1.5", "alpha must lie strictly between 0 and 1"),
        ("observables:alpha=-0.5", "alpha must lie strictly between 0 and 1"),
        ("observables:alpha=nan", "must be a number"),
        ("observables:alpha=large", "must be a number"),
        ("observables:game=three", "game must be one of two, one"),
        ("observables:beta=1", "unknown option 'beta'"),
        ("channels", "must be observables or processes"),
    ],
)
def test_a_task_that_cannot_be_played_is_refused_in_one_line(text, message):
    with pytest.raises(ValueError, match=message) as caught:
        read_task(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"family": "hiden"}, "family must be one of hidden, local, different, none, not 'hiden'"),
        ({"game": "three"}, "game must be one of two, one, not 'three'"),
        ({"alpha": 2.0}, "alpha must lie strictly between 0 and 1"),
    ],
)
def test_games_that_there_are_not_are_refused(changed, reason):
    with pytest.raises(UsageError, match=reason):
        draw(trials=3, **changed)
