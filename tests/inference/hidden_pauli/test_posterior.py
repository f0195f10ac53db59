"""The exact posterior, on counts made by hand."""

import numpy as np
import pytest

from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.hidden_pauli import posterior
from quantum_advantage.inference.hidden_pauli.posterior import SignCounts, log_posterior, of_strings

PREFIXES = np.array([1, 3])


def counts(hits, pluses):
    """Of one game and one prefix; the identity is put in front."""
    return SignCounts(
        *(np.concatenate([[9], column])[None, None] for column in map(np.array, (hits, pluses)))
    )


def test_posterior_is_bayes_rule_over_three_strings_and_both_signs():
    found = np.exp(log_posterior(counts([2, 1, 0], [2, 0, 0]), 0.5, squared=False))[0, 0]
    weights = np.array([[1.5**2, 0.5, 1], [0.5**2, 1.5, 1]])
    np.testing.assert_allclose(found[:, 1:], weights / weights.sum())
    assert (found[:, 0] == 0).all()


def test_posterior_of_bell_signs_says_nothing_of_the_sign():
    found = np.exp(log_posterior(counts([3, 3, 3], [3, 2, 0]), 0.9, squared=True))[0, 0]
    weights = np.array([1.81**3, 1.81**2 * 0.19, 0.19**3])
    np.testing.assert_allclose(found[0, 1:], weights / weights.sum() / 2)
    np.testing.assert_array_equal(found[0], found[1])


def test_entropy_of_nothing_seen_is_that_of_all_strings_but_the_identity():
    nothing = SignCounts(*(np.zeros((1, 1, 64), dtype=np.int64),) * 2)
    joint = log_posterior(nothing, 0.9, squared=False)
    assert posterior.entropy(of_strings(joint)) == pytest.approx(np.log2(63))
    assert posterior.entropy(joint.reshape(1, 1, -1)) == pytest.approx(np.log2(126))


def test_entropy_is_the_sum_by_hand():
    chances = np.array([0.0, 0.5, 0.25, 0.25])
    with np.errstate(divide="ignore"):
        assert posterior.entropy(np.log(chances)) == pytest.approx(1.5)


def test_the_most_likely_string_is_named_and_ties_are_broken_evenly(p_of_law):
    rng = np.random.default_rng(1)
    with np.errstate(divide="ignore"):
        logs = np.log(np.tile([0.0, 0.4, 0.2, 0.4], (4000, 1)))
    named = np.bincount(posterior.name_string(logs, rng), minlength=4)
    assert p_of_law(named, [0, 0.5, 0, 0.5]) > 1e-4


def test_the_answer_is_the_likelier_of_the_two_and_its_confidence_their_share():
    with np.errstate(divide="ignore"):
        logs = np.log(np.array([[[0.0, 0.6, 0.1, 0.3]]]))
    for places, expected, share in (([1, 2], 0, 6 / 7), ([2, 3], 1, 3 / 4), ([3, 1], 1, 2 / 3)):
        rng = np.random.default_rng(0)
        assert posterior.answer(logs, np.array([places]), rng).tolist() == [[expected]]
        assert posterior.confidence(logs, np.array([places])) == pytest.approx(share)


def test_signs_are_counted_at_every_prefix():
    """Two games of three shots at n = 1: Z with +1, -1, +1, and X with -1 thrice."""
    x = np.array([[0, 0]] * 3 + [[0, 1]] * 3, dtype=np.uint64)
    z = np.array([[0, 1]] * 3 + [[0, 0]] * 3, dtype=np.uint64)
    signs = np.array([[0, 0], [0, 1], [0, 0], [0, 1], [0, 1], [0, 1]], dtype=np.uint8)
    found = posterior.count_signs_of_groups(1, (x, z, signs), 2, PREFIXES)
    # Places: identity, X, Z, Y.
    assert found.hits.tolist() == [[[1, 0, 1, 0], [3, 0, 3, 0]], [[1, 1, 0, 0], [3, 3, 0, 0]]]
    assert found.pluses.tolist() == [[[1, 0, 1, 0], [3, 0, 2, 0]], [[1, 0, 0, 0], [3, 0, 0, 0]]]


def test_bell_signs_are_those_of_the_table():
    """Φ⁺, Ψ⁻ and Ψ⁺ at n = 1: X +-+, Z +--, Y --+."""
    system = np.array([[0], [1], [0]], dtype=np.uint64)
    memory = np.array([[0], [1], [1]], dtype=np.uint64)
    found = posterior.count_bell_signs(1, system, memory, 1, PREFIXES)
    assert found.hits.tolist() == [[[1] * 4, [3] * 4]]
    assert found.pluses.tolist() == [[[1, 1, 1, 0], [3, 2, 1, 1]]]


def test_shots_beyond_the_last_prefix_do_not_count():
    zero = np.zeros((6, 1), dtype=np.uint64)
    found = posterior.count_bell_signs(1, zero, zero, 2, np.array([2]))
    assert found.hits.tolist() == [[[2] * 4]] * 2
    assert found.pluses[:, 0, 1:].tolist() == [[2, 2, 0]] * 2


def test_too_many_strings_are_refused():
    zero = np.zeros((1, 1), dtype=np.uint64)
    with pytest.raises(ValueError, match="between 1 and 8, not 9"):
        posterior.count_bell_signs(9, zero, zero, 1, PREFIXES)


@pytest.mark.parametrize(
    ("shots", "games", "prefixes", "reason"),
    [
        (3, 2, [1], "3 shots must be equally many in all 2 games"),
        (2, 1, [5], "prefixes must increase from 1 to at most 2"),
        (2, 1, [2, 1], "prefixes must increase from 1 to at most 2"),
        (2, 1, [0, 1], "prefixes must increase from 1 to at most 2"),
    ],
)
def test_prefixes_that_do_not_fit_the_record_are_refused(shots, games, prefixes, reason):
    words = np.zeros((shots, 1), dtype=np.uint64)
    with pytest.raises(UsageError, match=reason):
        posterior.count_bell_signs(1, words, words, games, np.array(prefixes))
    strings = words, words, words.astype(np.uint8)
    with pytest.raises(UsageError, match=reason):
        posterior.count_signs_of_groups(1, strings, games, np.array(prefixes))


def test_outcomes_beyond_the_qubits_are_refused():
    words = np.full((2, 1), 5, dtype=np.uint64)
    with pytest.raises(UsageError, match="no bit beyond the qubits"):
        posterior.count_bell_signs(1, words, words, 1, np.array([1]))


@pytest.mark.parametrize("place", [-1, 4])
def test_strings_that_there_are_not_cannot_be_asked(place):
    logs, asked = np.log([[[0.1, 0.2, 0.6, 0.1]]]), np.array([[1, place]])
    with pytest.raises(UsageError, match="places must lie between 0 and 3"):
        posterior.answer(logs, asked, np.random.default_rng(0))
    with pytest.raises(UsageError, match="places must lie between 0 and 3"):
        posterior.confidence(logs, asked)
