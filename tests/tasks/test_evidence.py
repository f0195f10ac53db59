from itertools import product

import numpy as np
import pytest

from quantum_advantage.core.usage import UsageError
from quantum_advantage.tasks.observables.evidence import Evidence, count_prefixes, decide, stack

ALPHA = 0.8


def counted_one_by_one(hits, signs, prefixes):
    trials = hits.shape[0]
    found = np.zeros((trials, len(prefixes)), dtype=int)
    plus = np.zeros((trials, len(prefixes)), dtype=int)
    for trial in range(trials):
        for p, prefix in enumerate(prefixes):
            for shot in range(prefix):
                if hits[trial, shot]:
                    found[trial, p] += 1
                    plus[trial, p] += signs[trial, shot] == 0
    return found, plus


@pytest.mark.parametrize(
    "prefixes", [[1], [30], [1, 2, 3], [4, 9, 25], [1, 30], list(range(1, 31))]
)
def test_prefixes_are_counted_as_a_loop_would(prefixes):
    rng = np.random.default_rng(len(prefixes))
    hits, signs = rng.random((6, 30)) < 0.4, rng.integers(0, 2, (6, 30), dtype=np.uint8)
    found = count_prefixes(hits, signs, np.array(prefixes))
    np.testing.assert_array_equal(found, counted_one_by_one(hits, signs, prefixes))


def test_signs_without_a_hit_do_not_count():
    signs = np.zeros((2, 5), dtype=np.uint8)
    hits, pluses = count_prefixes(np.zeros((2, 5), dtype=bool), signs, np.array([5]))
    assert hits.tolist() == pluses.tolist() == [[0], [0]]


def test_counts_of_more_than_255_shots_do_not_wrap():
    hits, signs = np.ones((1, 70_000), dtype=bool), np.zeros((1, 70_000), dtype=np.uint8)
    found, plus = count_prefixes(hits, signs, np.array([300, 70_000]))
    assert found.tolist() == plus.tolist() == [[300, 70_000]]


def test_stacked_evidence_keeps_the_order_of_candidates():
    pairs = [(np.full((2, 3), c), np.full((2, 3), 10 + c)) for c in range(2)]
    evidence = stack(pairs, np.zeros((2, 2), dtype=bool))
    assert evidence.hits.shape == (2, 2, 3)
    assert evidence.hits[:, 1].tolist() == [[1] * 3] * 2
    assert evidence.pluses[:, 0].tolist() == [[10] * 3] * 2


def ratio(hits, pluses, squared):
    """The likelihood of the counts if the string is hidden, over that if it is not."""
    minuses = hits - pluses
    if squared:
        return (1 + ALPHA**2) ** pluses * (1 - ALPHA**2) ** minuses
    positive = (1 + ALPHA) ** pluses * (1 - ALPHA) ** minuses
    negative = (1 - ALPHA) ** pluses * (1 + ALPHA) ** minuses
    return (positive + negative) / 2


def seen(most=5):
    """All counts of up to so many hits."""
    return [(hits, pluses) for hits in range(most + 1) for pluses in range(hits + 1)]


@pytest.mark.parametrize("squared", list(product((False, True), repeat=2)))
def test_the_candidate_with_the_larger_likelihood_is_chosen(squared):
    cases = list(product(seen(), repeat=2))
    counts = np.array(cases)  # (cases, candidates, (hits, pluses))
    evidence = Evidence(
        counts[:, :, :1], counts[:, :, 1:], np.broadcast_to(squared, (len(cases), 2))
    )
    answers = decide(evidence, ALPHA, np.random.default_rng(0))[:, 0]
    ratios = np.array([[ratio(*case[c], squared[c]) for c in range(2)] for case in cases])
    clear = np.abs(np.log(ratios[:, 1] / ratios[:, 0])) > 1e-6
    assert clear.sum() > 300
    np.testing.assert_array_equal(answers[clear], np.argmax(ratios[clear], axis=1))


@pytest.mark.parametrize("squared", [False, True])
def test_one_candidate_is_called_hidden_if_that_is_likelier_than_none(squared):
    counts = np.array(seen(8))
    evidence = Evidence(
        counts[:, None, :1], counts[:, None, 1:], np.full((len(counts), 1), squared)
    )
    answers = decide(evidence, ALPHA, np.random.default_rng(0))[:, 0]
    ratios = np.array([ratio(*row, squared) for row in counts.tolist()])
    clear = np.abs(np.log(ratios)) > 1e-6
    assert clear.sum() > 30
    np.testing.assert_array_equal(answers[clear], ratios[clear] > 1)


TIES = {
    "nothing seen": ([0, 0], [0, 0], [False, False]),
    "the same counts": ([7, 7], [3, 3], [False, False]),
    "opposite signs of an unknown sign": ([5, 5], [4, 1], [False, False]),
    "the same two-copy counts": ([9, 9], [5, 5], [True, True]),
    "one candidate, nothing seen": ([0], [0], [False]),
}


@pytest.mark.parametrize(("hits", "pluses", "squared"), TIES.values(), ids=TIES)
def test_ties_are_broken_by_a_fair_coin(hits, pluses, squared):
    trials = 10_000
    shape = (trials, len(hits), 2)
    evidence = Evidence(
        np.broadcast_to(np.array(hits)[:, None], shape),
        np.broadcast_to(np.array(pluses)[:, None], shape),
        np.broadcast_to(squared, shape[:2]),
    )
    answers = decide(evidence, ALPHA, np.random.default_rng(5))
    assert set(np.unique(answers)) == {0, 1}
    assert np.abs(answers.mean(axis=0) - 0.5).max() < 5 * np.sqrt(0.25 / trials)


def test_opposite_signs_of_a_two_copy_sign_are_no_tie():
    evidence = Evidence(
        np.full((100, 2, 1), 5), np.tile([[4], [1]], (100, 1, 1)), np.ones((100, 2), dtype=bool)
    )
    assert not decide(evidence, ALPHA, np.random.default_rng(0)).any()


def test_every_prefix_is_decided_on_its_own():
    hits = np.array([[[0, 4, 4], [1, 1, 9]]])
    evidence = Evidence(hits, hits, np.ones((1, 2), dtype=bool))
    assert decide(evidence, ALPHA, np.random.default_rng(0)).tolist() == [[1, 0, 1]]


@pytest.mark.parametrize("prefixes", [[4], [2, 1], [0, 1], [1, 1]])
def test_prefixes_that_do_not_fit_the_record_are_refused(prefixes):
    hits, signs = np.ones((1, 3), dtype=bool), np.zeros((1, 3), dtype=np.uint8)
    with pytest.raises(UsageError, match="prefixes must increase from 1 to at most 3"):
        count_prefixes(hits, signs, np.array(prefixes))
